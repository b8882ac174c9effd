//! Many at once.

use super::*;
use crate::store::{Begun, Settled};
use std::collections::HashSet;

super::cases![
    of_many_that_take_one_event_one_does,
    of_many_that_take_overlapping_batches_one_does,
    of_many_that_begin_a_call_one_does,
    of_many_outcomes_one_counts,
    of_many_that_claim_one_gets_it,
    readers_see_whole_batches,
];

const TASKS: usize = 24;

/// What they return, one after another.
async fn at_once<T: Send + 'static, F>(
    store: &Arc<dyn Store>,
    task: impl Fn(Arc<dyn Store>, usize) -> F,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..TASKS).map(|number| tokio::spawn(task(Arc::clone(store), number))).collect();
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

async fn of_many_that_take_one_event_one_does(store: Arc<dyn Store>) {
    for round in 0..5 {
        let results = at_once(&store, move |store, _| async move {
            store.accept(vec![event(round, &["a"])], T0).await.unwrap()[0]
        });
        let new = results.await.into_iter().filter(|result| *result == Accepted::New).count();
        assert_eq!(new, 1);
    }
    assert_eq!(store.counts().await, Ok(counts(5, [0, 5, 0, 0])));
}

async fn of_many_that_take_overlapping_batches_one_does(store: Arc<dyn Store>) {
    // Each in another order, so that locks that are taken row by row meet head on.
    let results = at_once(&store, |store, number| async move {
        let mut batch: Vec<NewEvent> = (0..30).map(|number| event(number, &["a"])).collect();
        batch.rotate_left(number);
        if number % 2 == 1 {
            batch.reverse();
        }
        let ids: Vec<Uuid> = batch.iter().map(|event| event.id).collect();
        let results = store.accept(batch, T0).await.unwrap();
        ids.into_iter()
            .zip(results)
            .filter(|(_, result)| *result == Accepted::New)
            .map(|(id, _)| id)
            .collect()
    });
    let new: Vec<Vec<Uuid>> = results.await;
    let mut new = new.concat();
    new.sort();
    assert_eq!(new, (0..30).map(id).collect::<Vec<_>>());
    assert_eq!(store.counts().await, Ok(counts(30, [0, 30, 0, 0])));
}

async fn of_many_that_begin_a_call_one_does(store: Arc<dyn Store>) {
    let results = at_once(&store, |store, number| async move {
        let lease_until = T0 + MINUTE + number as i64;
        (lease_until, store.call_begin(call(1, lease_until), T0).await.unwrap())
    });
    let results = results.await;
    let new: Vec<i64> =
        results.iter().filter(|(_, begun)| *begun == Begun::New).map(|(lease, _)| *lease).collect();
    let [lease_until] = new[..] else { panic!("{} are new", new.len()) };
    let expected = Begun::InProgress { lease_until };
    assert_eq!(results.iter().filter(|(_, begun)| *begun == expected).count(), TASKS - 1);
}

async fn of_many_outcomes_one_counts(store: Arc<dyn Store>) {
    store.call_begin(call(1, T0 + MINUTE), T0).await.unwrap();
    let results = at_once(&store, |store, number| async move {
        let outcome = answer(&number.to_string());
        (outcome.clone(), store.call_finish(id(1), outcome, T0).await.unwrap())
    });
    let counted: Vec<CallOutcome> =
        results.await.into_iter().filter(|(_, first)| *first).map(|(it, _)| it).collect();
    assert_eq!(counted.len(), 1);
    let begun = store.call_begin(call(1, T0 + MINUTE), T0).await;
    assert_eq!(begun, Ok(Begun::Finished(counted[0].clone())));
}

async fn of_many_that_claim_one_gets_it(store: Arc<dyn Store>) {
    take(&*store, (0..200).map(|number| event(number, &["a", "b"])).collect(), T0).await;
    let results = at_once(&store, |store, _| async move {
        let mut got = Vec::new();
        loop {
            let claimed = store.claim(7, 4, &[], T0 + MINUTE, T0).await.unwrap();
            if claimed.is_empty() {
                // Others may have held what they then passed by; there is nothing that nobody holds.
                if store.due(T0).await.unwrap().is_none() {
                    return got;
                }
                continue;
            }
            let settled: Vec<_> = claimed.iter().map(|it| settlement(it, Becomes::Delivered)).collect();
            let count = settled.len();
            assert_eq!(store.settle(settled, T0).await, Ok(vec![Settled::Yes; count]));
            got.extend(claimed.into_iter().map(|it| (it.event, it.webhook)));
        }
    });
    let got = results.await.concat();
    assert_eq!(got.len(), 400);
    assert_eq!(got.into_iter().collect::<HashSet<_>>().len(), 400, "each once");
    assert_eq!(store.counts().await, Ok(counts(200, [400, 0, 0, 0])));
}

async fn readers_see_whole_batches(store: Arc<dyn Store>) {
    let results = at_once(&store, |store, number| async move {
        for round in 0..4 {
            if number % 2 == 0 {
                let from = (number * 4 + round) as u128 * 10;
                take(&*store, (from..from + 10).map(|number| event(number, &["a"])).collect(), T0).await;
            } else {
                let counts = store.counts().await.unwrap();
                assert_eq!((counts.events % 10, counts.events), (0, counts.accepted));
                assert_eq!(counts.accepted, counts.delivered + counts.pending + counts.skipped + counts.dead);
                assert_eq!(store.events(&every()).await.unwrap().len() % 10, 0);
            }
        }
    });
    assert_eq!(results.await.len(), TASKS);
    let all = TASKS as u64 / 2 * 4 * 10;
    assert_eq!(store.counts().await, Ok(counts(all, [0, all, 0, 0])));
}
