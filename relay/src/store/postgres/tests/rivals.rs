//! Two relays on one database.

use super::*;
use crate::store::{Begun, Change, DeliveryId, DocumentKind, WebhookHealth};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_two_relays_never_overlap() {
    let (one, database) = fresh().await;
    let other = open(&database.url()).await;
    let stores = [Arc::new(one), Arc::new(other)];
    let taken: Vec<NewEvent> = (0..600).map(|number| event(number, &["a", "b", "c"])).collect();
    stores[0].accept(taken, NOW).await.unwrap();
    let tasks: Vec<_> = (0..6)
        .map(|task| {
            let store = Arc::clone(&stores[task % 2]);
            tokio::spawn(async move {
                let mut held = Vec::new();
                // None is settled: what is claimed once must not be claimed again.
                while held.len() < 1800 {
                    let claimed = store.claim(40, 20, &[], NOW + 30_000, NOW + 1).await.unwrap();
                    if claimed.is_empty() && store.due(NOW + 1).await.unwrap().is_none() {
                        break;
                    }
                    held.extend(claimed);
                }
                (task % 2, held)
            })
        })
        .collect();
    let mut holders: HashMap<_, usize> = HashMap::new();
    let mut shares = [0, 0];
    for task in tasks {
        let (store, held) = task.await.unwrap();
        shares[store] += held.len();
        for claimed in held {
            *holders.entry(claimed.id).or_default() += 1;
        }
    }
    assert_eq!(holders.len(), 1800);
    assert!(holders.values().all(|count| *count == 1));
    assert!(shares.iter().all(|share| *share > 0), "both have got some: {shares:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_too_slow_has_lost() {
    let (slow, database) = fresh().await;
    let quick = open(&database.url()).await;
    slow.accept(vec![event(1, &["a"]), event(2, &["a"])], NOW).await.unwrap();
    let before = slow.claim(2, 2, &[], NOW + 100, NOW).await.unwrap();
    // The lease of one is prolonged in time, that of the other is not.
    let renewed = slow.renew(&[(before[0].id, before[0].fence)], NOW + 500, NOW + 50).await.unwrap();
    assert_eq!(renewed, [before[0].id]);
    let after = quick.claim(2, 2, &[], NOW + 900, NOW + 100).await.unwrap();
    assert_eq!(after.iter().map(|it| it.id).collect::<Vec<_>>(), [before[1].id]);
    let held: Vec<_> = before.iter().map(|it| (it.id, it.fence)).collect();
    assert_eq!(slow.renew(&held, NOW + 900, NOW + 101).await.unwrap(), [before[0].id]);
    let ends = before.iter().map(|it| settled(it, Becomes::Delivered)).collect();
    assert_eq!(slow.settle(ends, NOW + 102).await.unwrap(), [Settled::Yes, Settled::Lost]);
    let end = vec![settled(&after[0], Becomes::Delivered)];
    assert_eq!(quick.settle(end, NOW + 103).await.unwrap(), [Settled::Yes]);
    let counts = assert_counts_are_true(&quick, &database).await;
    assert_eq!((counts.delivered, counts.pending), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_both_begin_is_new_to_one() {
    let (one, database) = fresh().await;
    let other = open(&database.url()).await;
    let stores = [Arc::new(one), Arc::new(other)];
    for round in 0..20 {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let store = Arc::clone(&stores[task % 2]);
                tokio::spawn(async move { store.call_begin(call(round), NOW).await.unwrap() })
            })
            .collect();
        let mut new = 0;
        for task in tasks {
            match task.await.unwrap() {
                Begun::New => new += 1,
                begun => assert_eq!(begun, Begun::InProgress { lease_until: NOW + 60_000 }),
            }
        }
        assert_eq!(new, 1, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_share_ids_in_any_order_do_not_lock_each_other_out() {
    let (one, database) = fresh().await;
    let other = open(&database.url()).await;
    let stores = [Arc::new(one), Arc::new(other)];
    let tasks: Vec<_> = (0..8_u128)
        .map(|task| {
            let store = Arc::clone(&stores[task as usize % 2]);
            tokio::spawn(async move {
                let mut new = 0;
                for round in 0..10 {
                    let mut batch: Vec<NewEvent> =
                        (0..30).map(|number| event(round * 30 + number, &["a"])).collect();
                    if task % 3 == 0 {
                        batch.reverse();
                    }
                    batch.rotate_left(task as usize);
                    let taken = store.accept(batch, NOW).await.unwrap();
                    new += taken.iter().filter(|it| **it == Accepted::New).count();
                }
                new
            })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        new += task.await.unwrap();
    }
    assert_eq!(new, 300, "each is new to one");
    let counts = assert_counts_are_true(&stores[0], &database).await;
    assert_eq!((counts.events, counts.accepted), (300, 300));
    let client = beside(&database).await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(number(&client, deadlocks).await, 0);
}

fn in_session(number: u128, session: u128) -> NewEvent {
    let order = Some(format!("session {session}"));
    let deliveries =
        ["a", "b"].map(|webhook| NewDelivery { order: order.clone(), ..NewDelivery::to(webhook) });
    NewEvent { deliveries: deliveries.into(), ..event(number, &[]) }
}

/// Two relays take events and deliver them: of a session one is under way at a time, an earlier one first, and none is forgotten.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sessions_are_kept_in_order_by_all_relays() {
    const SESSIONS: u128 = 7;
    const EVENTS: u128 = 420;
    let (one, database) = fresh().await;
    let other = open(&database.url()).await;
    let stores = [Arc::new(one), Arc::new(other)];
    let takers = (0..4_u128).map(|taker| {
        let store = Arc::clone(&stores[taker as usize % 2]);
        tokio::spawn(async move {
            let numbers: Vec<u128> = (0..EVENTS).filter(|number| number % 4 == taker).collect();
            for batch in numbers.chunks(5) {
                let events = batch.iter().map(|number| in_session(*number, number % SESSIONS)).collect();
                let taken = store.accept(events, NOW).await.unwrap();
                assert_eq!(taken, vec![Accepted::New; batch.len()]);
            }
        })
    });
    let under_way: Arc<Mutex<HashSet<(String, u128)>>> = Arc::default();
    let last: Arc<Mutex<BTreeMap<(String, u128), DeliveryId>>> = Arc::default();
    let senders = (0..6).map(|sender| {
        let store = Arc::clone(&stores[sender % 2]);
        let (under_way, last) = (Arc::clone(&under_way), Arc::clone(&last));
        tokio::spawn(async move {
            loop {
                let claimed = store.claim(9, 9, &[], NOW + 600_000, NOW).await.unwrap();
                let counts = store.counts().await.unwrap();
                if claimed.is_empty() && counts.events == EVENTS as u64 && counts.pending == 0 {
                    return;
                }
                for it in &claimed {
                    let key = (it.webhook.clone(), it.event.as_u128() % SESSIONS);
                    assert!(under_way.lock().unwrap().insert(key.clone()), "two of one session at once");
                    let before = last.lock().unwrap().insert(key, it.id);
                    assert!(before.is_none_or(|before| before < it.id), "a later one came first");
                }
                tokio::task::yield_now().await;
                for it in &claimed {
                    under_way.lock().unwrap().remove(&(it.webhook.clone(), it.event.as_u128() % SESSIONS));
                }
                let ends: Vec<Settlement> =
                    claimed.iter().map(|it| settled(it, Becomes::Delivered)).collect();
                let outcomes = store.settle(ends, NOW).await.unwrap();
                assert_eq!(outcomes, vec![Settled::Yes; claimed.len()]);
            }
        })
    });
    let tasks: Vec<_> = takers.chain(senders).collect();
    for task in tasks {
        tokio::time::timeout(std::time::Duration::from_secs(120), task).await.expect("one is stuck").unwrap();
    }
    let counts = assert_counts_are_true(&stores[0], &database).await;
    assert_eq!((counts.delivered, counts.pending), (2 * EVENTS as u64, 0));
    let client = beside(&database).await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(number(&client, deadlocks).await, 0);
}

/// Taking, settling and replaying within the same sessions at once: whatever comes between, in each session one can go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_session_is_stuck_whatever_comes_between() {
    let (one, database) = fresh().await;
    let other = open(&database.url()).await;
    let stores = [Arc::new(one), Arc::new(other)];
    let tasks: Vec<_> = (0..8_u128)
        .map(|task| {
            let store = Arc::clone(&stores[task as usize % 2]);
            tokio::spawn(async move {
                for round in 0..40_u128 {
                    match task {
                        0..=2 => drop(
                            store
                                .accept(vec![in_session(task * 1000 + round, round % 2)], NOW)
                                .await
                                .unwrap(),
                        ),
                        3..=5 => {
                            let claimed = store.claim(4, 4, &[], NOW + 600_000, NOW).await.unwrap();
                            let becomes =
                                [Becomes::Delivered, Becomes::Dead("500".to_owned()), Becomes::Waiting(NOW)];
                            let ends = claimed.iter().zip(becomes.into_iter().cycle().skip(round as usize));
                            let ends = ends.map(|(it, becomes)| settled(it, becomes)).collect();
                            store.settle(ends, NOW).await.unwrap();
                        }
                        _ => {
                            let filter = DeliveryFilter { limit: 2, ..DeliveryFilter::default() };
                            store.replay(&filter, audit(), NOW).await.unwrap();
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_queues_are_true(&database).await;
    while stores[0].due(NOW).await.unwrap().is_some() {
        let claimed = stores[0].claim(99, 99, &[], NOW + 600_000, NOW).await.unwrap();
        let ends = claimed.iter().map(|it| settled(it, Becomes::Delivered)).collect();
        stores[0].settle(ends, NOW).await.unwrap();
    }
    let counts = assert_counts_are_true(&stores[0], &database).await;
    assert_eq!((counts.accepted, counts.pending), (240, 0));
    let client = beside(&database).await;
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(number(&client, deadlocks).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_relays_that_tell_of_a_webhook_one_does() {
    let (one, database) = fresh().await;
    let other = open(&database.url()).await;
    let stores = [Arc::new(one), Arc::new(other)];
    for round in 0..20_u128 {
        let tasks: Vec<_> = (0..4_u128)
            .map(|task| {
                let store = Arc::clone(&stores[task as usize % 2]);
                tokio::spawn(async move {
                    let was = WebhookHealth::of(format!("webhook {round}"));
                    let becomes = WebhookHealth { warned: 50, fault: task.to_string(), ..was.clone() };
                    let told = vec![event(round * 10 + task, &["a"])];
                    let first = store.put_health(was.clone(), becomes.clone(), told, NOW).await.unwrap();
                    // The same by hand, of a document.
                    let change = Change::Document {
                        kind: DocumentKind::Project,
                        id: was.webhook,
                        was: None,
                        becomes: Some(task.to_string()),
                        events: Vec::new(),
                    };
                    (first, store.change(change, audit(), NOW).await.unwrap())
                })
            })
            .collect();
        let mut made = (0, 0);
        for task in tasks {
            let (told, changed) = task.await.unwrap();
            made = (made.0 + u32::from(told), made.1 + u32::from(changed));
        }
        assert_eq!(made, (1, 1), "round {round}");
    }
    let counts = assert_counts_are_true(&stores[0], &database).await;
    assert_eq!((counts.events, counts.accepted), (20, 20));
    assert_eq!(stores[1].webhook_health().await.unwrap().len(), 20);
    assert_eq!(stores[1].audit(None, 99).await.unwrap().len(), 20);
}
