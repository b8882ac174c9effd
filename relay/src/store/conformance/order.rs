//! Deliveries that are kept in order: one after another, and nobody else waits for them.

use super::*;
use crate::store::{DeliveryFilter, DeliveryId, Settled};
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

super::cases![
    one_comes_after_another,
    whatever_becomes_of_the_earlier_one_the_next_one_follows,
    orders_are_of_one_webhook_and_one_text,
    those_that_are_passed_over_do_not_count,
    what_is_under_way_keeps_the_next_one_waiting,
    a_long_order_goes_on_to_its_end,
    odd_orders_are_apart,
    a_replayed_one_comes_before_later_ones,
    several_replayed_ones_come_in_their_order,
    many_keep_the_order,
];

/// An event that these webhooks are sent in the order of a text.
pub(super) fn ordered(number: u128, webhooks: &[&str], order: &str) -> NewEvent {
    let to = |webhook: &&str| NewDelivery { order: Some(order.to_owned()), ..NewDelivery::to(*webhook) };
    NewEvent { deliveries: webhooks.iter().map(to).collect(), ..event(number, &[]) }
}

async fn claim(store: &dyn Store, now: UnixMs) -> Vec<Claimed> {
    store.claim(99, 99, &[], now + MINUTE, now).await.unwrap()
}

async fn settle(store: &dyn Store, claimed: &Claimed, becomes: Becomes, now: UnixMs) {
    let settled = store.settle(vec![settlement(claimed, becomes)], now).await;
    assert_eq!(settled, Ok(vec![Settled::Yes]));
}

async fn one_comes_after_another(store: Arc<dyn Store>) {
    take(&*store, vec![ordered(1, &["a"], "s"), ordered(2, &["a"], "s")], T0).await;
    take(&*store, vec![ordered(3, &["a"], "s"), event(4, &["a"])], T0 + 1).await;
    let claimed = claim(&*store, T0 + 2).await;
    assert_eq!(numbers(&claimed), [1, 4]);
    assert_eq!(store.due(T0 + 2).await, Ok(None), "what has to wait is not due");
    settle(&*store, &claimed[0], Becomes::Waiting(T0 + 500), T0 + 2).await;
    assert_eq!(claim(&*store, T0 + 499).await, [], "it is still the first");
    assert_eq!(store.due(T0 + 2).await, Ok(Some(T0 + 500)));
    for number in 1..=3 {
        let claimed = claim(&*store, T0 + 500).await;
        assert_eq!(numbers(&claimed), [number]);
        assert_eq!(claim(&*store, T0 + 501).await, []);
        settle(&*store, &claimed[0], Becomes::Delivered, T0 + 501).await;
    }
    assert_eq!(store.due(T0 + 501).await, Ok(None));
    assert_eq!(store.counts().await, Ok(counts(4, [3, 1, 0, 0])));
}

async fn whatever_becomes_of_the_earlier_one_the_next_one_follows(store: Arc<dyn Store>) {
    take(&*store, (1..=4).map(|number| ordered(number, &["a"], "s")).collect(), T0).await;
    let ends =
        [Becomes::Dead("410".to_owned()), Becomes::Skipped("switched off".to_owned()), Becomes::Delivered];
    for (number, becomes) in (1..).zip(ends) {
        let claimed = claim(&*store, T0).await;
        assert_eq!(numbers(&claimed), [number]);
        settle(&*store, &claimed[0], becomes, T0).await;
        assert_eq!(store.due(T0).await, Ok(Some(T0)));
    }
    assert_eq!(numbers(&claim(&*store, T0).await), [4]);
}

async fn orders_are_of_one_webhook_and_one_text(store: Arc<dyn Store>) {
    let events = vec![
        ordered(1, &["a", "b"], "s"),
        ordered(2, &["a", "b", "c"], "s"),
        ordered(3, &["a"], "t"),
        ordered(4, &["a"], ""),
        ordered(5, &["a"], ""),
    ];
    take(&*store, events, T0).await;
    let claimed = claim(&*store, T0).await;
    let of: Vec<(u128, &str)> =
        numbers(&claimed).into_iter().zip(claimed.iter().map(|it| it.webhook.as_str())).collect();
    assert_eq!(of, [(1, "a"), (1, "b"), (2, "c"), (3, "a"), (4, "a")]);
    settle(&*store, &claimed[1], Becomes::Delivered, T0).await;
    let claimed = claim(&*store, T0).await;
    assert_eq!((numbers(&claimed), claimed[0].webhook.as_str()), (vec![2], "b"));
}

async fn those_that_are_passed_over_do_not_count(store: Arc<dyn Store>) {
    let mut events: Vec<NewEvent> = (0..20).map(|number| ordered(number, &["a"], "s")).collect();
    events.extend((20..23).map(|number| event(number, &["a"])));
    take(&*store, events, T0).await;
    assert_eq!(numbers(&store.claim(3, 3, &[], T0 + MINUTE, T0).await.unwrap()), [0, 20, 21]);
    assert_eq!(numbers(&store.claim(3, 3, &[], T0 + MINUTE, T0).await.unwrap()), [22]);
}

async fn what_is_under_way_keeps_the_next_one_waiting(store: Arc<dyn Store>) {
    take(&*store, vec![ordered(1, &["a"], "s"), ordered(2, &["a"], "s")], T0).await;
    let first = claim(&*store, T0).await;
    assert_eq!(store.renew(&[(first[0].id, first[0].fence)], T0 + DAY, T0).await, Ok(vec![first[0].id]));
    assert_eq!(claim(&*store, T0 + DAY - 1).await, []);
    // Its claim has run out: it comes again, and not the next one.
    assert_eq!(store.due(T0 + DAY).await, Ok(Some(T0 + DAY)));
    let again = claim(&*store, T0 + DAY).await;
    assert_eq!((numbers(&again), again[0].id), (vec![1], first[0].id));
    let lost = store.settle(vec![settlement(&first[0], Becomes::Delivered)], T0 + DAY).await;
    assert_eq!(lost, Ok(vec![Settled::Lost]));
    assert_eq!(claim(&*store, T0 + DAY).await, []);
    settle(&*store, &again[0], Becomes::Delivered, T0 + DAY).await;
    assert_eq!(numbers(&claim(&*store, T0 + DAY).await), [2]);
}

async fn a_long_order_goes_on_to_its_end(store: Arc<dyn Store>) {
    let long: Vec<NewEvent> = (0..1500).map(|number| ordered(number, &["a"], "s")).collect();
    take(&*store, long, T0).await;
    take(&*store, vec![event(2000, &["a"])], T0 + 1).await;
    for number in 0..40 {
        let claimed = claim(&*store, T0 + 1).await;
        let expected: &[u128] = if number == 0 { &[0, 2000] } else { &[number] };
        assert_eq!(numbers(&claimed), expected);
        for claimed in &claimed {
            settle(&*store, claimed, Becomes::Delivered, T0 + 1).await;
        }
    }
    assert_eq!(store.counts().await, Ok(counts(1501, [41, 1460, 0, 0])));
}

async fn odd_orders_are_apart(store: Arc<dyn Store>) {
    let texts = odd_texts();
    for round in 0..2 {
        let number = |index: usize| (round * 100 + index) as u128;
        let events = texts.iter().enumerate().map(|(index, text)| ordered(number(index), &["a"], text));
        take(&*store, events.collect(), T0 + round as i64).await;
    }
    let count = texts.len() as u128;
    let claimed = claim(&*store, T0 + 1).await;
    assert_eq!(numbers(&claimed), (0..count).collect::<Vec<_>>());
    let settled: Vec<_> = claimed.iter().map(|it| settlement(it, Becomes::Delivered)).collect();
    assert_eq!(store.settle(settled, T0 + 1).await, Ok(vec![Settled::Yes; texts.len()]));
    assert_eq!(numbers(&claim(&*store, T0 + 1).await), (100..100 + count).collect::<Vec<_>>());
}

fn of_event(number: u128) -> DeliveryFilter {
    DeliveryFilter { event: Some(id(number)), limit: 9, ..DeliveryFilter::default() }
}

async fn a_replayed_one_comes_before_later_ones(store: Arc<dyn Store>) {
    take(&*store, (1..=3).map(|number| ordered(number, &["a"], "s")).collect(), T0).await;
    settle(&*store, &claim(&*store, T0).await[0], Becomes::Dead("500".to_owned()), T0).await;
    let second = claim(&*store, T0).await;
    assert_eq!(numbers(&second), [2]);
    // The second one is under way; the first one is due again all the same.
    assert_eq!(store.replay(&of_event(1), audit("again"), T0 + 1).await, Ok((1, None)));
    assert_eq!(store.due(T0 + 1).await, Ok(Some(T0 + 1)));
    let first = store.claim(9, 9, &[], T0 + DAY, T0 + 1).await.unwrap();
    assert_eq!(numbers(&first), [1]);
    // The second one's claim has run out: it has to wait now.
    assert_eq!(store.due(T0 + 2 * MINUTE).await, Ok(None));
    assert_eq!(claim(&*store, T0 + 2 * MINUTE).await, []);
    // Who was sending it may say so, and the third one waits for the first one still.
    settle(&*store, &second[0], Becomes::Delivered, T0 + 2 * MINUTE).await;
    assert_eq!(claim(&*store, T0 + 2 * MINUTE).await, []);
    settle(&*store, &first[0], Becomes::Delivered, T0 + 2 * MINUTE).await;
    let third = claim(&*store, T0 + 2 * MINUTE).await;
    assert_eq!(numbers(&third), [3]);
    settle(&*store, &third[0], Becomes::Waiting(T0 + DAY), T0 + 2 * MINUTE).await;
    // Now nothing is under way, and the one that waits is passed over.
    assert_eq!(store.replay(&of_event(2), audit("again"), T0 + DAY).await, Ok((1, None)));
    let second = claim(&*store, T0 + DAY).await;
    assert_eq!(numbers(&second), [2]);
    settle(&*store, &second[0], Becomes::Delivered, T0 + DAY).await;
    assert_eq!(numbers(&claim(&*store, T0 + DAY).await), [3]);
}

async fn several_replayed_ones_come_in_their_order(store: Arc<dyn Store>) {
    take(&*store, (0..6).map(|number| ordered(number, &["a", "b"], "s")).collect(), T0).await;
    for _ in 0..4 {
        for claimed in claim(&*store, T0).await {
            settle(&*store, &claimed, Becomes::Delivered, T0).await;
        }
    }
    let filter = DeliveryFilter { webhook: Some("a".to_owned()), limit: 99, ..DeliveryFilter::default() };
    assert_eq!(store.replay(&filter, audit("again"), T0 + 9).await, Ok((4, None)));
    for number in 0..6 {
        let claimed = claim(&*store, T0 + 9).await;
        let of_a = claimed.iter().find(|it| it.webhook == "a").unwrap();
        assert_eq!(numbers(std::slice::from_ref(of_a)), [number]);
        for claimed in &claimed {
            settle(&*store, claimed, Becomes::Delivered, T0 + 9).await;
        }
    }
    assert_eq!(store.counts().await, Ok(counts(6, [12, 0, 0, 0])));
}

/// Some take events, some deliver, all at once: of an order one is under way at a time, an earlier one first, and none is forgotten.
async fn many_keep_the_order(store: Arc<dyn Store>) {
    const EACH: u128 = 24;
    let under_way: Arc<Mutex<HashSet<(String, u128)>>> = Arc::default();
    let last: Arc<Mutex<HashMap<(String, u128), DeliveryId>>> = Arc::default();
    let orders = ["s", "t", "u"];
    let takers = (0..4_u128).map(|taker| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for round in 0..EACH {
                let number = |order| (taker * EACH + round) * 3 + order;
                let mut batch: Vec<NewEvent> =
                    (0..3).map(|order| ordered(number(order), &["a", "b"], orders[order as usize])).collect();
                batch.rotate_left(taker as usize % 3);
                take(&*store, batch, T0).await;
            }
        })
    });
    let all = 4 * EACH as u64 * 3 * 2;
    let senders = (0..4).map(|_| {
        let (store, under_way, last) = (Arc::clone(&store), Arc::clone(&under_way), Arc::clone(&last));
        tokio::spawn(async move {
            while store.counts().await.unwrap().delivered < all {
                let claimed = store.claim(20, 9, &[], T0 + DAY, T0 + 1).await.unwrap();
                let key = |it: &Claimed| {
                    let number = it.event.as_u128() - id(0).as_u128();
                    (it.webhook.clone(), number % 3)
                };
                for it in &claimed {
                    assert!(under_way.lock().unwrap().insert(key(it)), "two of one order at once");
                    let before = last.lock().unwrap().insert(key(it), it.id);
                    assert!(before.is_none_or(|before| before < it.id), "a later one came first");
                }
                tokio::task::yield_now().await;
                for it in &claimed {
                    under_way.lock().unwrap().remove(&key(it));
                }
                let settled: Vec<_> = claimed.iter().map(|it| settlement(it, Becomes::Delivered)).collect();
                let count = settled.len();
                assert_eq!(store.settle(settled, T0 + 1).await, Ok(vec![Settled::Yes; count]));
            }
        })
    });
    let tasks: Vec<_> = takers.chain(senders).collect();
    for task in tasks {
        tokio::time::timeout(std::time::Duration::from_secs(60), task).await.expect("one is stuck").unwrap();
    }
    assert_eq!(store.counts().await, Ok(counts(all / 2, [all, 0, 0, 0])));
}
