//! Deliveries that have ended, and are made due again by hand.

use super::deliveries::all;
use super::*;
use crate::store::{DeliveryFilter, DeliveryId, DeliveryState, Fence, REPLAYED_AT_ONCE, Settled};

super::cases![
    what_has_ended_is_due_again,
    counts_stay_exact_with_replays,
    what_waits_stays_as_it_is,
    a_replay_goes_on_where_it_has_ended,
    a_replay_is_bounded,
    filters_hold_for_replays,
    attempts_go_on_after_a_replay,
    a_claim_from_before_the_end_does_not_count,
    a_replay_is_in_the_log,
    a_replayed_delivery_keeps_its_event,
];

/// Takes events, and ends their deliveries.
async fn ended(store: &dyn Store, events: Vec<NewEvent>, becomes: Becomes) -> Vec<Claimed> {
    take(store, events, T0).await;
    let claimed = store.claim(usize::MAX, usize::MAX, &[], T0 + MINUTE, T0).await.unwrap();
    let settled: Vec<_> = claimed.iter().map(|it| settlement(it, becomes.clone())).collect();
    assert_eq!(store.settle(settled, T0).await, Ok(vec![Settled::Yes; claimed.len()]));
    claimed
}

async fn what_has_ended_is_due_again(store: Arc<dyn Store>) {
    let before = ended(&*store, vec![event(1, &["a"])], Becomes::Dead("500".to_owned())).await;
    assert_eq!(before[0].replayed_after, None);
    assert_eq!(store.replay(&all(), audit("again"), T0 + DAY).await, Ok((1, None)));
    assert_eq!(store.due(T0 + DAY).await, Ok(Some(T0 + DAY)));
    let found = store.deliveries(&all()).await.unwrap();
    assert_eq!((found[0].state, &*found[0].reason), (DeliveryState::Pending, ""));
    assert_eq!((found[0].due_at, found[0].ended_at, found[0].taken_at), (Some(T0 + DAY), None, T0));
    let claimed = store.claim(9, 9, &[], T0 + 2 * DAY, T0 + DAY).await.unwrap();
    let fence = claimed[0].fence;
    let expected = Claimed { fence, attempts: 1, replayed_after: Some(1), ..before[0].clone() };
    assert_eq!(claimed, [expected]);
    assert_ne!(fence, before[0].fence);
    let delivered = vec![settlement(&claimed[0], Becomes::Delivered)];
    assert_eq!(store.settle(delivered, T0 + DAY).await, Ok(vec![Settled::Yes]));
    let whole = store.delivery(claimed[0].id).await.unwrap().unwrap();
    assert_eq!((whole.delivery.state, whole.log.len()), (DeliveryState::Delivered, 2));
}

async fn counts_stay_exact_with_replays(store: Arc<dyn Store>) {
    ended(&*store, vec![event(1, &["a"]), event(2, &["a"])], Becomes::Delivered).await;
    ended(&*store, vec![event(3, &["b"])], Becomes::Dead("410".to_owned())).await;
    ended(&*store, vec![event(4, &["c"])], Becomes::Skipped("off".to_owned())).await;
    assert_eq!(store.counts().await, Ok(counts(4, [2, 0, 1, 1])));
    for (webhook, expected) in [("b", [2, 1, 1, 0]), ("c", [2, 2, 0, 0]), ("a", [0, 4, 0, 0])] {
        let filter = DeliveryFilter { webhook: Some(webhook.to_owned()), ..all() };
        store.replay(&filter, audit("again"), T0).await.unwrap();
        assert_eq!(store.counts().await, Ok(counts(4, expected)));
    }
    let claimed = store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap();
    let settled: Vec<_> = claimed.iter().map(|it| settlement(it, Becomes::Delivered)).collect();
    assert_eq!(store.settle(settled, T0).await, Ok(vec![Settled::Yes; 4]));
    assert_eq!(store.counts().await, Ok(counts(4, [4, 0, 0, 0])));
}

async fn what_waits_stays_as_it_is(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"]), event(2, &["a"])], T0).await;
    let claimed = store.claim(1, 1, &[], T0 + MINUTE, T0).await.unwrap();
    let before = store.deliveries(&all()).await;
    assert_eq!(store.replay(&all(), audit("again"), T0 + 5).await, Ok((0, None)));
    let pending = DeliveryFilter { state: Some(DeliveryState::Pending), ..all() };
    assert_eq!(store.replay(&pending, audit("again"), T0 + 5).await, Ok((0, None)));
    assert_eq!(store.deliveries(&all()).await, before);
    let delivered = vec![settlement(&claimed[0], Becomes::Delivered)];
    assert_eq!(store.settle(delivered, T0).await, Ok(vec![Settled::Yes]));
}

async fn a_replay_goes_on_where_it_has_ended(store: Arc<dyn Store>) {
    let before =
        ended(&*store, (0..10).map(|number| event(number, &["a"])).collect(), Becomes::Delivered).await;
    let mut filter = DeliveryFilter { limit: 4, ..all() };
    let mut replayed = Vec::new();
    for round in 0.. {
        let (count, next) = store.replay(&filter, audit("again"), T0 + round).await.unwrap();
        replayed.push((count, next));
        if next.is_none() {
            break;
        }
        filter.before = next;
    }
    let at = |index: usize| Some(before[index].id);
    assert_eq!(replayed, [(4, at(6)), (4, at(2)), (2, None)], "the newest first");
    assert_eq!(store.counts().await, Ok(counts(10, [0, 10, 0, 0])));
    assert_eq!(store.replay(&DeliveryFilter::default(), audit("again"), T0).await, Ok((0, None)));
}

async fn a_replay_is_bounded(store: Arc<dyn Store>) {
    let count = REPLAYED_AT_ONCE as u64 + 20;
    ended(&*store, (0..count.into()).map(|number| event(number, &["a"])).collect(), Becomes::Delivered).await;
    let (first, next) = store.replay(&all(), audit("again"), T0).await.unwrap();
    assert_eq!(first, REPLAYED_AT_ONCE as u64);
    let rest = DeliveryFilter { before: next, ..all() };
    assert_eq!(store.replay(&rest, audit("again"), T0).await, Ok((20, None)));
    assert_eq!(store.counts().await, Ok(counts(count, [0, count, 0, 0])));
}

async fn filters_hold_for_replays(store: Arc<dyn Store>) {
    ended(&*store, vec![event(1, &["a", "b"]), event(2, &["a"])], Becomes::Delivered).await;
    ended(&*store, vec![event(3, &["a", "b"])], Becomes::Dead("410".to_owned())).await;
    let lead = NewEvent { kind: "lead.captured".to_owned(), project: "other".to_owned(), ..event(4, &["a"]) };
    ended(&*store, vec![lead], Becomes::Dead("410".to_owned())).await;
    let text = |text: &str| Some(text.to_owned());
    let dead = Some(DeliveryState::Dead);
    let filters = [
        (DeliveryFilter { state: dead, webhook: text("b"), ..all() }, vec![3]),
        (DeliveryFilter { kind: text("lead.captured"), ..all() }, vec![4]),
        (DeliveryFilter { event: Some(id(1)), webhook: text("a"), ..all() }, vec![1]),
        (DeliveryFilter { project: text("spring"), state: dead, ..all() }, vec![3]),
        (DeliveryFilter { from: Some(T0 + 1), ..all() }, vec![]),
        (DeliveryFilter { to: Some(T0 + 1), ..all() }, vec![1, 2]),
    ];
    for (filter, expected) in filters {
        let (count, _) = store.replay(&filter, audit("again"), T0 + 5).await.unwrap();
        let claimed = store.claim(9, 9, &[], T0 + DAY, T0 + 5).await.unwrap();
        assert_eq!((count, numbers(&claimed)), (expected.len() as u64, expected), "{filter:?}");
    }
}

async fn attempts_go_on_after_a_replay(store: Arc<dyn Store>) {
    ended(&*store, vec![event(1, &["a"])], Becomes::Delivered).await;
    for round in 1..4 {
        store.replay(&all(), audit("again"), T0).await.unwrap();
        for wait in 0..2 {
            let claimed = store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap();
            let so_far = 2 * round - 1;
            assert_eq!((claimed[0].attempts, claimed[0].replayed_after), (so_far + wait, Some(so_far)));
            let becomes = if wait == 0 { Becomes::Waiting(T0) } else { Becomes::Dead("500".to_owned()) };
            assert_eq!(
                store.settle(vec![settlement(&claimed[0], becomes)], T0).await,
                Ok(vec![Settled::Yes])
            );
        }
    }
    let found = store.deliveries(&all()).await.unwrap();
    assert_eq!(store.delivery(found[0].id).await.unwrap().unwrap().log.len(), 7);
}

async fn a_claim_from_before_the_end_does_not_count(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let mut old: Vec<(DeliveryId, Fence)> = Vec::new();
    for round in 0..4 {
        let now = T0 + round * MINUTE;
        let claimed = store.claim(9, 9, &[], now + MINUTE, now).await.unwrap();
        old.push((claimed[0].id, claimed[0].fence));
        if round % 2 == 1 {
            let delivered = vec![settlement(&claimed[0], Becomes::Delivered)];
            assert_eq!(store.settle(delivered, now).await, Ok(vec![Settled::Yes]));
            store.replay(&all(), audit("again"), now).await.unwrap();
        }
    }
    let claimed = store.claim(9, 9, &[], T0 + DAY, T0 + 9 * MINUTE).await.unwrap();
    assert!(old.iter().all(|(_, fence)| *fence != claimed[0].fence), "a fence is never given twice");
    for (_, fence) in &old {
        let late = Settlement { fence: *fence, ..settlement(&claimed[0], Becomes::Delivered) };
        assert_eq!(store.settle(vec![late], T0 + 9 * MINUTE).await, Ok(vec![Settled::Lost]));
    }
    assert_eq!(store.renew(&old, T0 + 2 * DAY, T0 + 9 * MINUTE).await, Ok(Vec::new()));
    assert_eq!(store.counts().await, Ok(counts(1, [0, 1, 0, 0])));
}

async fn a_replay_is_in_the_log(store: Arc<dyn Store>) {
    ended(&*store, vec![event(1, &["a"])], Becomes::Delivered).await;
    store.replay(&all(), audit("delivery.replayed"), T0 + 7).await.unwrap();
    let lines = store.audit(None, 9).await.unwrap();
    assert_eq!((lines.len(), lines[0].at, &lines[0].audit), (1, T0 + 7, &audit("delivery.replayed")));
}

async fn a_replayed_delivery_keeps_its_event(store: Arc<dyn Store>) {
    ended(&*store, vec![event(1, &["a", "b"]), event(2, &["a"])], Becomes::Delivered).await;
    let of_a = DeliveryFilter { event: Some(id(1)), webhook: Some("a".to_owned()), ..all() };
    assert_eq!(store.replay(&of_a, audit("again"), T0 + 29 * DAY).await, Ok((1, None)));
    let late = T0 + 50 * DAY;
    retain(&*store, Retention::default(), late).await;
    let kept = store.events(&every()).await.unwrap();
    assert_eq!(kept.iter().map(|event| event.id).collect::<Vec<_>>(), [id(1)]);
    let claimed = store.claim(9, 9, &[], late + MINUTE, late).await.unwrap();
    assert_eq!((numbers(&claimed), &claimed[0].body), (vec![1], &event(1, &[]).body));
    assert_eq!(
        (claimed[0].attempts, store.delivery(claimed[0].id).await.unwrap().unwrap().log.len()),
        (1, 1)
    );
    let delivered = vec![settlement(&claimed[0], Becomes::Delivered)];
    assert_eq!(store.settle(delivered, late).await, Ok(vec![Settled::Yes]));
    retain(&*store, Retention::default(), late).await;
    assert_eq!(store.events(&every()).await, Ok(Vec::new()));
    assert_eq!(store.counts().await, Ok(counts(2, [3, 0, 0, 0])));
}
