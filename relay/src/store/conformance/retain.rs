//! What is kept, and for how long.

use super::*;
use crate::store::{Begun, Settled};

super::cases![
    ids_are_remembered_for_eight_days,
    an_id_that_was_forgotten_is_new,
    calls_are_kept_for_a_day,
    a_call_in_progress_is_kept,
    events_are_kept_for_thirty_days,
    what_waits_is_kept,
    what_is_held_is_kept,
    much_is_removed_in_pieces,
    counts_are_of_all_time,
    odd_retentions,
];

async fn ids_are_remembered_for_eight_days(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let last = T0 + 8 * DAY - 1;
    retain(&*store, Retention::default(), last).await;
    assert_eq!(store.accept(vec![event(1, &[])], last).await, Ok(vec![Accepted::Duplicate]));
    // Being seen again does not prolong it.
    retain(&*store, Retention::default(), last + 1).await;
    assert_eq!(store.accept(vec![event(1, &[])], last + 1).await, Ok(vec![Accepted::New]));
}

async fn an_id_that_was_forgotten_is_new(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let later = T0 + 9 * DAY;
    retain(&*store, Retention::default(), later).await;
    take(&*store, vec![event(1, &["a"])], later).await;
    assert_eq!(store.accept(vec![event(1, &[])], later).await, Ok(vec![Accepted::Duplicate]));
    assert_eq!(store.counts().await, Ok(counts(2, [0, 2, 0, 0])));
    let found = store.events(&EventFilter { id: Some(id(1)), ..every() }).await.unwrap();
    assert_eq!(found.iter().map(|event| event.taken_at).collect::<Vec<_>>(), [later, T0]);
}

async fn calls_are_kept_for_a_day(store: Arc<dyn Store>) {
    for number in 1..=2 {
        assert_eq!(store.call_begin(call(number, T0 + MINUTE), T0).await, Ok(Begun::New));
    }
    assert_eq!(store.call_finish(id(1), answer("{}"), T0 + MINUTE).await, Ok(true));
    retain(&*store, Retention::default(), T0 + DAY - 1).await;
    let begun = store.call_begin(call(1, T0), T0 + DAY - 1).await;
    assert_eq!(begun, Ok(Begun::Finished(answer("{}"))));
    assert_eq!(store.call_begin(call(2, T0), T0 + DAY - 1).await, Ok(Begun::Unknown));
    retain(&*store, Retention::default(), T0 + DAY).await;
    assert_eq!(store.call(id(1), T0 + DAY).await, Ok(None));
    assert_eq!(store.call(id(2), T0 + DAY).await, Ok(None));
    assert_eq!(store.call_finish(id(2), answer("{}"), T0 + DAY).await, Ok(false));
    assert_eq!(store.call_begin(call(2, T0 + 2 * DAY), T0 + DAY).await, Ok(Begun::New));
}

async fn a_call_in_progress_is_kept(store: Arc<dyn Store>) {
    let lease_until = T0 + 2 * DAY;
    assert_eq!(store.call_begin(call(1, lease_until), T0).await, Ok(Begun::New));
    retain(&*store, Retention::default(), lease_until - 1).await;
    let begun = store.call_begin(call(1, lease_until), lease_until - 1).await;
    assert_eq!(begun, Ok(Begun::InProgress { lease_until }));
    retain(&*store, Retention::default(), lease_until).await;
    assert_eq!(store.call(id(1), lease_until).await, Ok(None));
}

/// Settles everything that is due.
async fn deliver(store: &dyn Store, now: UnixMs) {
    let claimed = store.claim(usize::MAX, usize::MAX, &[], now + MINUTE, now).await.unwrap();
    let settled: Vec<_> = claimed.iter().map(|it| settlement(it, Becomes::Delivered)).collect();
    let count = settled.len();
    assert_eq!(store.settle(settled, now).await, Ok(vec![Settled::Yes; count]));
}

async fn events_are_kept_for_thirty_days(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a", "b"]), event(2, &[])], T0).await;
    deliver(&*store, T0).await;
    retain(&*store, Retention::default(), T0 + 30 * DAY - 1).await;
    assert_eq!(store.events(&every()).await.unwrap().len(), 2);
    take(&*store, vec![event(3, &[])], T0 + 30 * DAY).await;
    // An engine may keep them for a day longer.
    retain(&*store, Retention::default(), T0 + 32 * DAY).await;
    let kept = store.events(&every()).await.unwrap();
    assert_eq!(kept.iter().map(|event| event.id).collect::<Vec<_>>(), [id(3)]);
}

async fn what_waits_is_kept(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a", "b"]), event(2, &["a"]), event(3, &["a"])], T0).await;
    let claimed = store.claim(3, 9, &[], T0 + MINUTE, T0).await.unwrap();
    assert_eq!(numbers(&claimed), [1, 1, 2]);
    let settled = vec![
        settlement(&claimed[0], Becomes::Delivered),
        settlement(&claimed[1], Becomes::Waiting(T0 + 99 * DAY)),
        settlement(&claimed[2], Becomes::Dead("gone".to_owned())),
    ];
    assert_eq!(store.settle(settled, T0).await, Ok(vec![Settled::Yes; 3]));
    retain(&*store, Retention::default(), T0 + 50 * DAY).await;
    let kept = store.events(&every()).await.unwrap();
    assert_eq!(kept.iter().map(|event| event.id).collect::<Vec<_>>(), [id(3), id(1)]);
    assert_eq!(store.counts().await, Ok(counts(3, [1, 2, 0, 1])));
    let late = T0 + 99 * DAY;
    let claimed = store.claim(9, 9, &[], late + MINUTE, late).await.unwrap();
    assert_eq!(numbers(&claimed), [3, 1]);
    assert_eq!(claimed[1].body, event(1, &[]).body);
    let settled = claimed.iter().map(|it| settlement(it, Becomes::Delivered)).collect();
    assert_eq!(store.settle(settled, late).await, Ok(vec![Settled::Yes; 2]));
    retain(&*store, Retention::default(), late).await;
    assert_eq!(store.events(&every()).await, Ok(Vec::new()));
    assert_eq!(store.counts().await, Ok(counts(3, [3, 0, 0, 1])));
}

async fn what_is_held_is_kept(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let claimed = store.claim(9, 9, &[], T0 + 99 * DAY, T0).await.unwrap();
    retain(&*store, Retention::default(), T0 + 50 * DAY).await;
    let settled = vec![settlement(&claimed[0], Becomes::Delivered)];
    assert_eq!(store.settle(settled, T0 + 50 * DAY).await, Ok(vec![Settled::Yes]));
    assert_eq!(store.counts().await, Ok(counts(1, [1, 0, 0, 0])));
}

async fn much_is_removed_in_pieces(store: Arc<dyn Store>) {
    for batch in 0..3 {
        let numbers = batch * 1000..(batch + 1) * 1000;
        take(&*store, numbers.map(|number| event(number, &["a"])).collect(), T0).await;
    }
    deliver(&*store, T0).await;
    take(&*store, vec![event(9000, &["a"])], T0).await;
    let mut removed = 0;
    while let count @ 1.. = store.retain(Retention::default(), T0 + 60 * DAY).await.unwrap() {
        removed += count;
    }
    assert!(removed > 0);
    let kept = store.events(&every()).await.unwrap();
    assert_eq!(kept.iter().map(|event| event.id).collect::<Vec<_>>(), [id(9000)]);
    assert_eq!(store.counts().await, Ok(counts(3001, [3000, 1, 0, 0])));
}

async fn counts_are_of_all_time(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a", "b"])], T0).await;
    deliver(&*store, T0).await;
    retain(&*store, Retention::default(), T0 + 90 * DAY).await;
    assert_eq!(store.events(&every()).await, Ok(Vec::new()));
    assert_eq!(store.counts().await, Ok(counts(1, [2, 0, 0, 0])));
    take(&*store, vec![event(1, &["a"])], T0 + 90 * DAY).await;
    assert_eq!(store.counts().await, Ok(counts(2, [2, 1, 0, 0])));
}

async fn odd_retentions(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &[])], T0).await;
    store.call_begin(call(1, T0 + MINUTE), T0).await.unwrap();
    store.call_finish(id(1), answer("{}"), T0).await.unwrap();
    let always = Retention { calls_ms: i64::MAX, events_ms: i64::MAX, ids_ms: i64::MAX };
    for now in [0, T0, T0 + 9999 * DAY] {
        assert_eq!(store.retain(always, now).await, Ok(0));
    }
    assert_eq!(store.accept(vec![event(1, &[])], T0).await, Ok(vec![Accepted::Duplicate]));
    // A clock that was put back removes nothing.
    assert_eq!(store.retain(Retention::default(), T0 - 99 * DAY).await, Ok(0));
    assert_eq!(store.events(&every()).await.unwrap().len(), 1);
    assert!(store.call(id(1), T0).await.unwrap().is_some());
    let never = Retention { calls_ms: 0, events_ms: i64::MAX, ids_ms: 0 };
    retain(&*store, never, T0).await;
    assert_eq!(store.call(id(1), T0).await, Ok(None));
    assert_eq!(store.accept(vec![event(1, &[])], T0).await, Ok(vec![Accepted::New]));
}
