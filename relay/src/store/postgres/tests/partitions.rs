//! Days begin, end, and are dropped.

use super::*;
use crate::store::Retention;
use crate::store::postgres::days::DAY_MS;

/// The partitions that there are.
async fn partitions(client: &tokio_postgres::Client) -> Vec<String> {
    let sql = "SELECT relname::text FROM pg_class JOIN pg_namespace AS space ON space.oid = relnamespace
        WHERE nspname = 'cuehook' AND relispartition AND relkind = 'r' ORDER BY 1";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

fn of_days(days: &[i64]) -> Vec<String> {
    let mut names = Vec::new();
    for table in ["attempts", "deliveries", "events"] {
        names.extend(days.iter().map(|day| format!("{table}_{day}")));
    }
    names
}

async fn retain_all(store: &PostgresStore, now: UnixMs) -> u64 {
    let mut removed = 0;
    while let count @ 1.. = store.retain(Retention::default(), now).await.unwrap() {
        removed += count;
    }
    removed
}

async fn deliver_all(store: &PostgresStore, now: UnixMs) {
    let claimed = store.claim(1000, 1000, &[], now + 30_000, now).await.unwrap();
    let ends = claimed.iter().map(|it| settled(it, Becomes::Delivered)).collect();
    assert!(store.settle(ends, now).await.unwrap().iter().all(|it| *it == Settled::Yes));
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_made_ahead_and_dropped_when_they_are_old() {
    let (store, database) = fresh().await;
    let client = beside(&database).await;
    let today = NOW / DAY_MS;
    assert_eq!(partitions(&client).await, of_days(&[today, today + 1, today + 2]));
    let midnight = (today + 1) * DAY_MS;
    store.accept(vec![event(1, &["a"])], midnight - 1).await.unwrap();
    store.accept(vec![event(2, &["a"])], midnight).await.unwrap();
    deliver_all(&store, midnight).await;
    for (day, number) in [(today, 1), (today + 1, 2)] {
        let sql = format!(
            "SELECT ('x' || right(id::text, 1))::text, count(*) FROM cuehook.events_{day} GROUP BY 1"
        );
        let rows = client.query(&sql, &[]).await.unwrap();
        let found: Vec<(&str, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert_eq!(found, [(format!("x{number}").as_str(), 1)]);
    }
    // A day that nobody has made ahead, as after a relay has slept.
    let later = NOW + 10 * DAY_MS;
    store.accept(vec![event(3, &["a"])], later).await.unwrap();
    deliver_all(&store, later).await;
    retain_all(&store, midnight - 2 + 30 * DAY_MS).await;
    assert!(partitions(&client).await.contains(&format!("events_{today}")), "its last millisecond is kept");
    assert_eq!(retain_all(&store, midnight - 1 + 30 * DAY_MS).await, 1);
    let first = partitions(&client).await.into_iter().find(|name| name.starts_with("events_"));
    assert_eq!(first, Some(format!("events_{}", today + 1)));
    retain_all(&store, NOW + 60 * DAY_MS).await;
    // Those that were made ahead in the meantime are not over for thirty days.
    let left = [30, 31, 32, 60, 61, 62].map(|later| today + later);
    assert_eq!(partitions(&client).await, of_days(&left));
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.events, counts.delivered, counts.pending), (3, 3, 0), "of all time");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_keeps_its_day_and_nothing_else_of_it() {
    let (store, database) = fresh().await;
    let client = beside(&database).await;
    let day = NOW / DAY_MS;
    let taken = (1..=50).map(|number| event(number, &["a"])).collect();
    store.accept(taken, NOW).await.unwrap();
    let claimed = store.claim(50, 50, &[], NOW + 30_000, NOW).await.unwrap();
    let late = NOW + 90 * DAY_MS;
    let outcome = |number: usize| match number {
        20 => Becomes::Waiting(late),
        _ => Becomes::Delivered,
    };
    let settlements = claimed.iter().enumerate().map(|(number, it)| settled(it, outcome(number))).collect();
    store.settle(settlements, NOW).await.unwrap();
    assert_eq!(retain_all(&store, NOW + 40 * DAY_MS).await, 49 + 50, "events and ids");
    for (table, rows) in [("events", 1), ("deliveries", 0), ("attempts", 1)] {
        let sql = format!("SELECT count(*) FROM cuehook.{table}_{day}");
        assert_eq!(number(&client, &sql).await, rows, "{table}");
    }
    let again = store.claim(50, 50, &[], late + 30_000, late).await.unwrap();
    assert_eq!((again[0].event, again[0].attempts), (claimed[20].event, 1));
    store.settle(vec![settled(&again[0], Becomes::Delivered)], late).await.unwrap();
    assert_eq!(retain_all(&store, late).await, 1);
    assert!(!partitions(&client).await.contains(&format!("events_{day}")));
    assert_eq!(store.counts().await.unwrap().delivered, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_another_relay_has_dropped_is_made_again() {
    let (store, database) = fresh().await;
    let other = open(&database.url()).await;
    retain_all(&other, NOW + 99 * DAY_MS).await;
    let client = beside(&database).await;
    assert!(!partitions(&client).await.contains(&format!("events_{}", NOW / DAY_MS)));
    assert_eq!(store.accept(vec![event(1, &["a"])], NOW).await.unwrap(), [Accepted::New]);
    deliver_all(&store, NOW).await;
    assert_counts_are_true(&store, &database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_reads_for_hours_does_not_stop_anything() {
    let (store, database) = fresh().await;
    store.accept(vec![event(1, &[])], NOW).await.unwrap();
    let mut dump = beside(&database).await;
    let reading = dump.transaction().await.unwrap();
    reading.query("SELECT * FROM cuehook.events", &[]).await.unwrap();
    let later = NOW + 40 * DAY_MS;
    // The day cannot be dropped now; it is left for later, and others go on.
    store.retain(Retention::default(), later).await.unwrap();
    store.accept(vec![event(2, &[])], later).await.unwrap();
    let client = beside(&database).await;
    assert!(partitions(&client).await.contains(&format!("events_{}", NOW / DAY_MS)));
    reading.commit().await.unwrap();
    assert_eq!(retain_all(&store, later).await, 1);
}
