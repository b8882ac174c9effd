//! Two relays on one database.

use super::*;
use crate::store::Begun;
use std::collections::HashMap;

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
