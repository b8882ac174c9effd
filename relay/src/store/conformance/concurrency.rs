//! Many at once.

use super::*;
use crate::store::{Begun, Change, DeliveryFilter, DocumentKind, Settled, WebhookHealth};
use std::collections::HashSet;

super::cases![
    of_many_that_take_one_event_one_does,
    of_many_that_take_overlapping_batches_one_does,
    of_many_that_begin_a_call_one_does,
    of_many_outcomes_one_counts,
    of_many_that_claim_one_gets_it,
    readers_see_whole_batches,
    of_many_that_change_a_document_each_builds_on_the_one_before,
    of_many_that_tell_of_a_webhook_one_does,
    of_many_that_add_a_webhook_one_does,
    of_many_that_replay_one_does,
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

async fn of_many_that_change_a_document_each_builds_on_the_one_before(store: Arc<dyn Store>) {
    let results = at_once(&store, |store, number| async move {
        let (mut made, mut tries) = (0, 0);
        while made < 3 {
            let was = store.document(DocumentKind::Project, "p").await.unwrap().map(|document| document.body);
            let next = was.as_ref().map_or(0, |body| body.parse::<usize>().unwrap()) + 1;
            let change = Change::Document {
                kind: DocumentKind::Project,
                id: "p".to_owned(),
                was,
                becomes: Some(next.to_string()),
                events: vec![event((number * 1000 + tries) as u128, &["a"])],
            };
            made += usize::from(store.change(change, audit("counted"), T0).await.unwrap());
            tries += 1;
        }
    });
    results.await;
    let all = TASKS as u64 * 3;
    let counted = store.document(DocumentKind::Project, "p").await.unwrap().unwrap();
    assert_eq!(counted.body, all.to_string());
    assert_eq!(store.counts().await, Ok(counts(all, [0, all, 0, 0])), "an event for each change");
    assert_eq!(store.audit(None, 999).await.unwrap().len() as u64, all);
}

async fn of_many_that_tell_of_a_webhook_one_does(store: Arc<dyn Store>) {
    let results = at_once(&store, |store, number| async move {
        let mut told = 0;
        let mut was = WebhookHealth::of("a");
        for step in 1..=3 {
            let becomes = WebhookHealth { warned: step, ..super::health::failing("a", T0) };
            let event = event(number as u128 * 10 + u128::from(step), &["b"]);
            told += usize::from(store.put_health(was, becomes.clone(), vec![event], T0).await.unwrap());
            was = becomes;
        }
        told
    });
    assert_eq!(results.await.into_iter().sum::<usize>(), 3, "each step once");
    assert_eq!(store.counts().await, Ok(counts(3, [0, 3, 0, 0])));
}

async fn of_many_that_add_a_webhook_one_does(store: Arc<dyn Store>) {
    let results = at_once(&store, |store, number| async move {
        let becomes = Some(webhook("a", &number.to_string(), b""));
        let change = Change::Webhook { was: None, becomes };
        store.change(change, audit("webhook.created"), T0).await.unwrap().then_some(number)
    });
    let made: Vec<usize> = results.await.into_iter().flatten().collect();
    let [number] = made[..] else { panic!("{made:?} were made") };
    let kept = store.webhooks().await.unwrap();
    assert_eq!((kept.len(), &kept[0].settings), (1, &number.to_string()));
    assert_eq!(store.audit(None, 99).await.unwrap().len(), 1);
}

async fn of_many_that_replay_one_does(store: Arc<dyn Store>) {
    take(&*store, (0..50).map(|number| event(number, &["a", "b"])).collect(), T0).await;
    let claimed = store.claim(999, 999, &[], T0 + MINUTE, T0).await.unwrap();
    let settled = claimed.iter().map(|it| settlement(it, Becomes::Delivered)).collect();
    assert_eq!(store.settle(settled, T0).await, Ok(vec![Settled::Yes; 100]));
    let results = at_once(&store, |store, _| async move {
        let filter = DeliveryFilter { limit: 60, ..DeliveryFilter::default() };
        let (first, next) = store.replay(&filter, audit("again"), T0).await.unwrap();
        let rest = DeliveryFilter { before: next, ..filter };
        first + store.replay(&rest, audit("again"), T0).await.unwrap().0
    });
    assert_eq!(results.await.into_iter().sum::<u64>(), 100, "each once");
    assert_eq!(store.counts().await, Ok(counts(50, [0, 100, 0, 0])));
    assert_eq!(store.claim(999, 999, &[], T0 + MINUTE, T0).await.unwrap().len(), 100);
}
