//! Files that are cut off or overwritten at their tails: they open, or it is said what is wrong. Nothing panics.
//!
//! What was overwritten within the file itself is not always noticed: SQLite has checksums in its log alone. A crash leaves it whole.

use super::*;
use std::collections::HashMap;

/// Tries; each is another place, kind and file.
const TRIES: u64 = 300;

fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// What a store that is in the midst of its work has on disk: file and log, as a crash leaves them.
async fn image() -> HashMap<&'static str, Vec<u8>> {
    let place = Place::new();
    let store = place.open().unwrap();
    for number in 0..60 {
        store.accept(vec![event(number, &format!("{{\"n\":{number}}}").repeat(40))], T0).await.unwrap();
        store.call_begin(call(number), T0).await.unwrap();
    }
    // Half of it is in the file, half in the log.
    let other = Connection::open(place.database()).unwrap();
    other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    for number in 60..120 {
        store.accept(vec![event(number, &format!("{{\"n\":{number}}}").repeat(40))], T0).await.unwrap();
    }
    let claimed = store.claim(20, 20, &[], T0 + DAY, T0).await.unwrap();
    let settled = claimed.iter().map(|it| Settlement {
        id: it.id,
        fence: it.fence,
        attempt: None,
        becomes: Becomes::Delivered,
    });
    store.settle(settled.collect(), T0).await.unwrap();
    let files = [("relay.db", place.database()), ("relay.db-wal", place.file("relay.db-wal"))];
    let image = files.map(|(name, path)| (name, std::fs::read(path).unwrap())).into();
    drop(other);
    store.close().await;
    image
}

/// Everything that can be asked; what it says, or how it has failed.
async fn use_it(store: &SqliteStore) -> Vec<StoreError> {
    let mut faults = Vec::new();
    let mut note = |result: Result<()>| faults.extend(result.err());
    note(store.counts().await.map(drop));
    note(store.events(&every()).await.map(drop));
    note(store.webhooks().await.map(drop));
    note(store.call(id(3), T0).await.map(drop));
    note(store.due(T0).await.map(drop));
    note(store.claim(50, 50, &[], T0 + DAY, T0).await.map(drop));
    note(store.accept(vec![event(5, "{}"), event(500, "{}")], T0).await.map(drop));
    note(store.call_begin(call(501), T0).await.map(drop));
    note(store.retain(Retention::default(), T0 + 60 * DAY).await.map(drop));
    note(store.health().await.map(drop));
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_tail_opens_or_is_said() {
    let image = image().await;
    let (mut seed, mut opened, mut said) = (7, 0, 0);
    for turn in 0..TRIES {
        let place = Place::new();
        let name = if turn % 2 == 0 { "relay.db" } else { "relay.db-wal" };
        for (name, bytes) in &image {
            std::fs::write(place.file(name), bytes).unwrap();
        }
        let mut bytes = image[name].clone();
        // Mostly the tail, at times anywhere.
        let reach = if turn % 5 == 0 { bytes.len() as u64 } else { 20_000.min(bytes.len() as u64) };
        let from = bytes.len() - 1 - (random(&mut seed) % reach) as usize;
        match turn % 3 {
            0 => bytes.truncate(from),
            1 => bytes[from..].iter_mut().for_each(|byte| *byte = random(&mut seed) as u8),
            _ => bytes[from..].fill(0),
        }
        std::fs::write(place.file(name), bytes).unwrap();
        match place.open() {
            Ok(store) => {
                opened += 1;
                for fault in use_it(&store).await {
                    let is_said = matches!(fault, StoreError::Damaged(_) | StoreError::Unavailable(_));
                    assert!(is_said, "turn {turn}: {fault}");
                }
                store.close().await;
            }
            Err(error) => {
                said += 1;
                let is_said = matches!(error, StoreError::Damaged(_) | StoreError::Unavailable(_));
                assert!(is_said, "turn {turn}: {error}");
            }
        }
    }
    assert!(opened > TRIES / 10 && said > TRIES / 10, "{opened} opened, of {said} it was said");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_cut_off_leaves_whole_transactions() {
    let image = image().await;
    let log = &image["relay.db-wal"];
    let mut last = u64::MAX;
    for part in (0..=20).rev() {
        let place = Place::new();
        std::fs::write(place.database(), &image["relay.db"]).unwrap();
        std::fs::write(place.file("relay.db-wal"), &log[..log.len() * part / 20]).unwrap();
        let store = place.open().unwrap();
        let counts = store.counts().await.unwrap();
        assert_eq!(counts.accepted, counts.pending + counts.delivered);
        let events = store.events(&every()).await.unwrap();
        assert_eq!(events.len() as u64, counts.events);
        for (event, number) in events.iter().rev().zip(0..) {
            assert_eq!((event.id, &event.body), (id(number), &format!("{{\"n\":{number}}}").repeat(40)));
        }
        assert!(counts.events <= last && counts.events >= 60);
        last = counts.events;
        store.close().await;
    }
    assert_eq!(last, 60);
}
