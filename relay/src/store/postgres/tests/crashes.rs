//! The server is killed in the middle of load: what was acknowledged is there, and nothing is there by half.

use super::*;
use crate::store::{CallFailure, CallOutcome, CallState, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What was acknowledged to one task.
#[derive(Default)]
struct Acknowledged {
    events: Vec<u128>,
    /// Asked for, and not acknowledged: they may have happened or not, but as a whole.
    unsure: Vec<u128>,
    calls: Vec<u128>,
    finished: Vec<u128>,
    settled: Vec<(i64, Settled)>,
    replays: i64,
}

const BATCH: u128 = 10;

/// Each for two webhooks, of which one is sent them in the order of a few sessions.
fn batch(first: u128) -> Vec<NewEvent> {
    let deliveries = |number: u128| {
        let order = Some(format!("session {}", number % 40));
        vec![NewDelivery::to("a"), NewDelivery { order, ..NewDelivery::to("b") }]
    };
    (first..first + BATCH)
        .map(|number| NewEvent { deliveries: deliveries(number), ..event(number, &[]) })
        .collect()
}

fn outcome() -> CallOutcome {
    CallOutcome::Failed(CallFailure::Timeout)
}

/// Takes, calls and settles until it is told to end.
async fn load(store: Arc<PostgresStore>, task: u128, end: Arc<AtomicBool>) -> Acknowledged {
    let mut said = Acknowledged::default();
    let mut next = task * 1_000_000;
    let unavailable = |error: StoreError| {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    };
    while !end.load(Ordering::SeqCst) {
        next += BATCH;
        match store.accept(batch(next), NOW).await {
            Ok(taken) => {
                assert_eq!(taken, [Accepted::New; BATCH as usize]);
                said.events.push(next);
            }
            Err(error) => {
                unavailable(error);
                said.unsure.push(next);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        match store.call_begin(call(next), NOW).await {
            Ok(_) => said.calls.push(next),
            Err(error) => unavailable(error),
        }
        match store.call_finish(Uuid::from_u128(next), outcome(), NOW).await {
            Ok(true) => said.finished.push(next),
            Ok(false) => {}
            Err(error) => unavailable(error),
        }
        let claimed = store.claim(8, 8, &[], NOW + 600_000, NOW).await.unwrap_or_default();
        let ends: Vec<Settlement> = claimed.iter().map(|it| settled(it, Becomes::Delivered)).collect();
        if let Ok(outcomes) = store.settle(ends, NOW).await {
            said.settled.extend(claimed.iter().map(|it| it.id.0).zip(outcomes));
        }
        // Some are sent again, also such that wait in a session.
        let filter = DeliveryFilter { limit: 2, ..DeliveryFilter::default() };
        said.replays += i64::from(store.replay(&filter, audit(), NOW).await.is_ok());
    }
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_acknowledged_survives_and_nothing_is_half_done() {
    let server = Server::new();
    let database = server.database();
    let store = Arc::new(open(&database.url()).await);
    let end = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> =
        (1..=6).map(|task| tokio::spawn(load(Arc::clone(&store), task, Arc::clone(&end)))).collect();
    let rounds = std::env::var("CUEHOOK_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_u64);
    for round in 0..rounds {
        tokio::time::sleep(Duration::from_millis(150 + 97 * (round % 5))).await;
        tokio::task::block_in_place(|| server.kill());
        tokio::task::block_in_place(|| server.start_again());
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    end.store(true, Ordering::SeqCst);
    let mut said = Acknowledged::default();
    for task in tasks {
        let more = task.await.unwrap();
        said.events.extend(more.events);
        said.unsure.extend(more.unsure);
        said.calls.extend(more.calls);
        said.finished.extend(more.finished);
        said.settled.extend(more.settled);
        said.replays += more.replays;
    }
    assert!(!said.events.is_empty() && !said.finished.is_empty() && !said.settled.is_empty());
    let client = beside(&database).await;
    let kept = async |table: &str| -> HashSet<u128> {
        let sql = format!("SELECT id FROM cuehook.{table}");
        let rows = client.query(&sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get::<_, Uuid>(0).as_u128()).collect()
    };
    let (events, ids, calls) = (kept("events").await, kept("ids").await, kept("calls").await);
    assert_eq!(events, ids);
    for first in &said.events {
        assert!((*first..first + BATCH).all(|id| events.contains(&id)), "{first} was acknowledged");
    }
    let mut happened = 0;
    for first in &said.unsure {
        let count = (*first..first + BATCH).filter(|id| events.contains(id)).count();
        assert!([0, BATCH as usize].contains(&count), "a batch is taken as a whole: {count}");
        happened += count;
    }
    assert!(said.calls.iter().all(|id| calls.contains(id)));
    for id in said.finished.iter().step_by(7) {
        let call = store.call(Uuid::from_u128(*id), NOW).await.unwrap();
        assert_eq!(call.map(|call| call.state), Some(CallState::Finished(outcome())));
    }
    assert_queues_are_true(&database).await;
    let settled: Vec<i64> = said.settled.iter().map(|(id, _)| *id).collect();
    assert!(said.settled.iter().all(|(_, outcome)| *outcome == Settled::Yes), "nobody else had them");
    // A delivery may have been settled several times, since some were replayed.
    let sql = "SELECT delivery, count(*) FROM cuehook.attempts WHERE delivery = ANY ($1) GROUP BY delivery";
    let rows = client.query(sql, &[&settled]).await.unwrap();
    let logged: HashMap<i64, i64> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for id in &settled {
        let count = settled.iter().filter(|other| *other == id).count() as i64;
        assert!(logged.get(id).is_some_and(|logged| *logged >= count), "{id} was settled {count} times");
    }
    assert!(said.replays > 0 && number(&client, "SELECT count(*) FROM cuehook.audit").await >= said.replays);
    let counts = assert_counts_are_true(&store, &database).await;
    assert_eq!(counts.events, (said.events.len() * BATCH as usize + happened) as u64);
    assert_eq!(counts.accepted, counts.events * 2);
}
