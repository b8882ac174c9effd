//! A process that is killed at some moment has kept what it has acknowledged.

use super::*;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Tells the other process where the database is.
const DATABASE: &str = "CUEHOOK_RELAY_TEST_KILL";

/// So many are killed.
const ROUNDS: u64 = 8;

/// Not a test: the process that is killed. It takes events, and says which of them it has.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it is started by the other one"]
async fn takes_events_until_it_is_killed() {
    let Some(database) = std::env::var_os(DATABASE) else { return };
    let store = Arc::new(SqliteStore::open(Path::new(&database), T0).unwrap());
    let from = u128::from(store.counts().await.unwrap().events) * 1000;
    let tasks = (0..4_u128).map(|task| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0.. {
                let number = 1_000_000 + from + number * 4 + task;
                store.accept(vec![event(number, "{}")], T0).await.unwrap();
                println!("\ntaken {number}.");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives() {
    let place = Place::new();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let name = "store::sqlite::tests::kill::takes_events_until_it_is_killed";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--ignored", "--nocapture"])
            .env(DATABASE, place.database())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines =
            BufReader::new(child.stdout.take().unwrap()).lines().map_while(std::result::Result::ok);
        let number = |line: String| line.strip_prefix("taken ")?.strip_suffix('.')?.parse::<u128>().ok();
        acknowledged.extend(lines.by_ref().filter_map(number).take(5 + (round * 37 % 90) as usize));
        child.kill().unwrap();
        // What it has said in the meantime counts, too.
        acknowledged.extend(lines.filter_map(number));
        child.wait().unwrap();
        let store = place.open().unwrap();
        let events = store.events(&every()).await.unwrap();
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.events, counts.pending), (events.len() as u64, events.len() as u64));
        let kept: std::collections::HashSet<Uuid> = events.into_iter().map(|event| event.id).collect();
        let lost: Vec<u128> =
            acknowledged.iter().copied().filter(|number| !kept.contains(&id(*number))).collect();
        assert_eq!(lost, [0; 0], "round {round}");
        store.close().await;
    }
    assert!(acknowledged.len() as u64 >= 5 * ROUNDS);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_ends_in_between_leaves_nothing_half_done() {
    let place = Place::new();
    let store = place.open().unwrap();
    store.accept(vec![event(1, "{}")], T0).await.unwrap();
    let ended = store.write(0, |desk: &mut Desk<'_>| -> Result<()> {
        events::accept(desk, &[event(2, "{}")], T0)?;
        panic!("a fault of ours, as an example");
    });
    assert!(matches!(ended.await, Err(StoreError::Unavailable(_))));
    assert!(matches!(store.accept(vec![event(3, "{}")], T0).await, Err(StoreError::Unavailable(_))));
    store.close().await;
    let store = place.open().unwrap();
    let events = store.events(&every()).await.unwrap();
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), [id(1)]);
    store.close().await;
}
