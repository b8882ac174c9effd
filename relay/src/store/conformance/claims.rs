//! Deliveries: claimed by one at a time, settled once, always counted.

use super::*;
use crate::store::{DeliveryId, Fence, Settled};

super::cases![
    a_claim_is_whole,
    nobody_gets_it_twice_before_until,
    it_is_due_again_at_until,
    limits_hold,
    each_holds_per_webhook,
    each_counts_what_is_due_alone,
    webhooks_can_be_left_out,
    those_due_for_longest_come_first,
    a_renewed_claim_is_kept,
    who_was_too_slow_cannot_renew,
    who_was_too_slow_cannot_settle,
    whoever_is_slow_may_settle_while_nobody_else_has_it,
    it_is_settled_once,
    a_waiting_delivery_is_tried_again_not_before,
    what_is_not_claimed_cannot_be_settled,
    due_tells_of_the_next_that_nobody_holds,
    counts_are_exact_after_every_step,
    attempts_are_counted,
    odd_reasons_are_taken,
    waiting_until_the_borders,
];

async fn a_claim_is_whole(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0 + 3).await;
    let claimed = store.claim(10, 10, &[], T0 + MINUTE, T0 + 5).await.unwrap();
    let Claimed { id: delivery, fence, .. } = claimed[0];
    let NewEvent { id, kind, project, body, .. } = event(1, &[]);
    let (webhook, taken_at) = ("a".to_owned(), T0 + 3);
    let whole = Claimed {
        id: delivery,
        fence,
        event: id,
        kind,
        project,
        body,
        webhook,
        attempts: 0,
        replayed_after: None,
        taken_at,
    };
    assert_eq!(claimed, [whole]);
}

async fn nobody_gets_it_twice_before_until(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a", "b"]), event(2, &["a"])], T0).await;
    let first = store.claim(2, 9, &[], T0 + MINUTE, T0).await.unwrap();
    let second = store.claim(9, 9, &[], T0 + 2 * MINUTE, T0).await.unwrap();
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(first.iter().all(|it| it.id != second[0].id));
    assert_eq!(store.claim(9, 9, &[], T0 + MINUTE, T0 + MINUTE - 1).await, Ok(Vec::new()));
}

async fn it_is_due_again_at_until(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let mut fences = Vec::new();
    for round in 0..4 {
        let now = T0 + round * MINUTE;
        let claimed = store.claim(9, 9, &[], now + MINUTE, now).await.unwrap();
        assert_eq!(numbers(&claimed), [1]);
        assert_eq!(claimed[0].attempts, 0, "who has said nothing has attempted nothing");
        fences.push(claimed[0].fence);
        assert_eq!(store.claim(9, 9, &[], now + MINUTE, now + MINUTE - 1).await, Ok(Vec::new()));
    }
    fences.dedup();
    assert_eq!(fences.len(), 4, "every claim has a fence of its own");
}

async fn limits_hold(store: Arc<dyn Store>) {
    take(&*store, (0..10).map(|number| event(number, &["a", "b"])).collect(), T0).await;
    for limit in [0, 1, 3, 7] {
        assert_eq!(store.claim(limit, 99, &[], T0 + MINUTE, T0).await.unwrap().len(), limit);
    }
    assert_eq!(store.claim(99, 0, &[], T0 + MINUTE, T0).await, Ok(Vec::new()));
    assert_eq!(store.claim(usize::MAX, usize::MAX, &[], T0 + MINUTE, T0).await.unwrap().len(), 9);
}

async fn each_holds_per_webhook(store: Arc<dyn Store>) {
    let mut events: Vec<NewEvent> = (0..20).map(|number| event(number, &["busy"])).collect();
    events.extend([event(20, &["quiet", "busy"]), event(21, &["calm"])]);
    take(&*store, events, T0).await;
    let claimed = store.claim(99, 2, &[], T0 + MINUTE, T0).await.unwrap();
    assert_eq!(numbers(&claimed), [0, 1, 20, 21]);
    // It is of one claim. How many are under way in all is for whoever claims to know.
    let claimed = store.claim(99, 2, &[], T0 + MINUTE, T0).await.unwrap();
    assert_eq!(numbers(&claimed), [2, 3]);
}

async fn each_counts_what_is_due_alone(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"]), event(2, &["a"])], T0).await;
    let claimed = store.claim(2, 2, &[], T0 + MINUTE, T0).await.unwrap();
    let later: Vec<_> = claimed.iter().map(|it| settlement(it, Becomes::Waiting(T0 + DAY))).collect();
    assert_eq!(store.settle(later, T0).await, Ok(vec![Settled::Yes; 2]));
    take(&*store, vec![event(3, &["a"])], T0 + 1).await;
    assert_eq!(numbers(&store.claim(1, 1, &[], T0 + MINUTE, T0 + 1).await.unwrap()), [3]);
}

async fn webhooks_can_be_left_out(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a", "b"]), event(2, &["c"]), event(3, &["a"])], T0).await;
    let without = ["a".to_owned(), "unknown".to_owned(), String::new()];
    let claimed = store.claim(9, 9, &without, T0 + MINUTE, T0).await.unwrap();
    let of: Vec<(u128, &str)> =
        numbers(&claimed).into_iter().zip(claimed.iter().map(|it| it.webhook.as_str())).collect();
    assert_eq!(of, [(1, "b"), (2, "c")]);
    // Nor those whose claim has run out.
    take(&*store, vec![event(4, &["b"])], T0).await;
    let without = ["a".to_owned(), "b".to_owned()];
    let claimed = store.claim(9, 9, &without, T0 + DAY, T0 + MINUTE).await.unwrap();
    assert_eq!(numbers(&claimed), [2]);
    assert_eq!(numbers(&store.claim(9, 9, &[], T0 + DAY, T0 + MINUTE).await.unwrap()), [1, 3, 4, 1]);
}

async fn those_due_for_longest_come_first(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0 + 30).await;
    take(&*store, vec![event(2, &["a"]), event(3, &["b"])], T0 + 10).await;
    take(&*store, vec![event(4, &["c"])], T0 + 20).await;
    let now = T0 + MINUTE;
    let claimed = store.claim(9, 9, &[], T0 + DAY, now).await.unwrap();
    assert_eq!(numbers(&claimed), [2, 3, 4, 1]);
    // Due in another order.
    let due = [T0 + 4, T0 + 9, T0 + 4, T0 + 7];
    let waiting = claimed.iter().zip(due).map(|(it, due)| settlement(it, Becomes::Waiting(due)));
    assert_eq!(store.settle(waiting.collect(), now).await, Ok(vec![Settled::Yes; 4]));
    assert_eq!(numbers(&store.claim(1, 9, &[], T0 + DAY, now).await.unwrap()), [2]);
    assert_eq!(numbers(&store.claim(9, 9, &[], T0 + DAY, now).await.unwrap()), [4, 1, 3]);
}

async fn a_renewed_claim_is_kept(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"]), event(2, &["a"])], T0).await;
    let claimed = store.claim(9, 9, &[], T0 + 10, T0).await.unwrap();
    let held = [(claimed[0].id, claimed[0].fence)];
    assert_eq!(store.renew(&held, T0 + 20, T0 + 5).await, Ok(vec![claimed[0].id]));
    assert_eq!(numbers(&store.claim(9, 9, &[], T0 + 99, T0 + 10).await.unwrap()), [2]);
    assert_eq!(store.claim(9, 9, &[], T0 + 99, T0 + 19).await, Ok(Vec::new()));
    // The fence stays.
    assert_eq!(store.renew(&held, T0 + 30, T0 + 19).await, Ok(vec![claimed[0].id]));
    assert_eq!(
        store.settle(vec![settlement(&claimed[0], Becomes::Delivered)], T0).await,
        Ok(vec![Settled::Yes])
    );
    assert_eq!(store.renew(&held, T0 + 40, T0 + 19).await, Ok(Vec::new()), "it is settled");
}

async fn who_was_too_slow_cannot_renew(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"]), event(2, &["b"])], T0).await;
    let old = store.claim(9, 9, &[], T0 + 10, T0).await.unwrap();
    let new = store.claim(1, 9, &[], T0 + 20, T0 + 10).await.unwrap();
    let held: Vec<(DeliveryId, Fence)> = old.iter().map(|it| (it.id, it.fence)).collect();
    // Nobody has taken the other one in the meantime.
    assert_eq!(store.renew(&held, T0 + DAY, T0 + 11).await, Ok(vec![old[1].id]));
    assert_eq!(numbers(&new), [1]);
    assert_eq!(
        numbers(&store.claim(9, 9, &[], T0 + 30, T0 + 20).await.unwrap()),
        [1],
        "nor has it prolonged it"
    );
    let unknown = [(DeliveryId(i64::MAX), Fence(1)), (DeliveryId(-1), Fence(-1))];
    assert_eq!(store.renew(&unknown, T0 + DAY, T0 + 11).await, Ok(Vec::new()));
}

async fn who_was_too_slow_cannot_settle(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let old = store.claim(9, 9, &[], T0 + 10, T0).await.unwrap();
    let new = store.claim(9, 9, &[], T0 + 20, T0 + 10).await.unwrap();
    for becomes in [
        Becomes::Delivered,
        Becomes::Waiting(T0),
        Becomes::Dead("no".to_owned()),
        Becomes::Skipped("no".to_owned()),
    ] {
        assert_eq!(store.settle(vec![settlement(&old[0], becomes)], T0).await, Ok(vec![Settled::Lost]));
        assert_eq!(store.counts().await, Ok(counts(1, [0, 1, 0, 0])));
    }
    assert_eq!(store.claim(9, 9, &[], T0 + 30, T0 + 19).await, Ok(Vec::new()), "nothing has changed");
    assert_eq!(store.settle(vec![settlement(&new[0], Becomes::Delivered)], T0).await, Ok(vec![Settled::Yes]));
    assert_eq!(store.counts().await, Ok(counts(1, [1, 0, 0, 0])));
}

async fn whoever_is_slow_may_settle_while_nobody_else_has_it(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let claimed = store.claim(9, 9, &[], T0 + 10, T0).await.unwrap();
    let delivered = vec![settlement(&claimed[0], Becomes::Delivered)];
    assert_eq!(store.settle(delivered, T0 + DAY).await, Ok(vec![Settled::Yes]));
    assert_eq!(store.claim(9, 9, &[], T0 + 2 * DAY, T0 + DAY).await, Ok(Vec::new()));
}

async fn it_is_settled_once(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"]), event(2, &["a"])], T0).await;
    let claimed = store.claim(9, 9, &[], T0 + MINUTE, T0).await.unwrap();
    let [first, second] = [&claimed[0], &claimed[1]];
    let batch = vec![
        settlement(first, Becomes::Delivered),
        settlement(second, Becomes::Waiting(T0 + 5)),
        settlement(first, Becomes::Dead("twice in a batch".to_owned())),
        settlement(second, Becomes::Delivered),
    ];
    let expected = vec![Settled::Yes, Settled::Yes, Settled::Lost, Settled::Lost];
    assert_eq!(store.settle(batch, T0).await, Ok(expected));
    assert_eq!(store.counts().await, Ok(counts(2, [1, 1, 0, 0])));
    let again = vec![settlement(first, Becomes::Delivered), settlement(second, Becomes::Delivered)];
    assert_eq!(store.settle(again, T0).await, Ok(vec![Settled::Lost; 2]));
    assert_eq!(store.counts().await, Ok(counts(2, [1, 1, 0, 0])));
}

async fn a_waiting_delivery_is_tried_again_not_before(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let claimed = store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap();
    let waiting = vec![settlement(&claimed[0], Becomes::Waiting(T0 + MINUTE))];
    assert_eq!(store.settle(waiting, T0).await, Ok(vec![Settled::Yes]));
    assert_eq!(store.due(T0).await, Ok(Some(T0 + MINUTE)));
    assert_eq!(store.claim(9, 9, &[], T0 + DAY, T0 + MINUTE - 1).await, Ok(Vec::new()));
    let again = store.claim(9, 9, &[], T0 + DAY, T0 + MINUTE).await.unwrap();
    assert_eq!((again[0].id, again[0].attempts), (claimed[0].id, 1));
    assert_ne!(again[0].fence, claimed[0].fence);
}

async fn what_is_not_claimed_cannot_be_settled(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let claimed = store.claim(9, 9, &[], T0 + 10, T0).await.unwrap();
    let waiting = vec![settlement(&claimed[0], Becomes::Waiting(T0))];
    assert_eq!(store.settle(waiting, T0).await, Ok(vec![Settled::Yes]));
    for fence in [0, 1, -1, claimed[0].fence.0, claimed[0].fence.0.wrapping_add(1), i64::MAX, i64::MIN] {
        let guess = Settlement { fence: Fence(fence), ..settlement(&claimed[0], Becomes::Delivered) };
        let unknown = Settlement { id: DeliveryId(claimed[0].id.0.wrapping_add(99)), ..guess.clone() };
        assert_eq!(store.settle(vec![guess, unknown], T0).await, Ok(vec![Settled::Lost; 2]), "{fence}");
    }
    assert_eq!(store.counts().await, Ok(counts(1, [0, 1, 0, 0])));
}

async fn due_tells_of_the_next_that_nobody_holds(store: Arc<dyn Store>) {
    assert_eq!(store.due(T0).await, Ok(None));
    take(&*store, vec![event(1, &["a"])], T0 + 7).await;
    take(&*store, vec![event(2, &["a"])], T0 + 9).await;
    assert_eq!(store.due(T0).await, Ok(Some(T0 + 7)), "also before it is due");
    let first = store.claim(1, 1, &[], T0 + 20, T0 + 10).await.unwrap();
    assert_eq!(store.due(T0 + 10).await, Ok(Some(T0 + 9)));
    let second = store.claim(1, 1, &[], T0 + 30, T0 + 10).await.unwrap();
    assert_eq!(store.due(T0 + 10).await, Ok(None), "others hold them");
    assert_eq!(store.due(T0 + 20).await, Ok(Some(T0 + 20)), "a claim has run out");
    let settled =
        vec![settlement(&second[0], Becomes::Waiting(T0 + 5)), settlement(&first[0], Becomes::Delivered)];
    assert_eq!(store.settle(settled, T0 + 20).await, Ok(vec![Settled::Yes; 2]));
    assert_eq!(store.due(T0 + 20).await, Ok(Some(T0 + 5)));
}

async fn counts_are_exact_after_every_step(store: Arc<dyn Store>) {
    take(&*store, (0..6).map(|number| event(number, &["a"])).collect(), T0).await;
    assert_eq!(store.counts().await, Ok(counts(6, [0, 6, 0, 0])));
    let claimed = store.claim(9, 9, &[], T0 + MINUTE, T0).await.unwrap();
    assert_eq!(store.counts().await, Ok(counts(6, [0, 6, 0, 0])), "what is under way is pending");
    let steps = [
        (Becomes::Delivered, [1, 5, 0, 0]),
        (Becomes::Skipped("switched off".to_owned()), [1, 4, 1, 0]),
        (Becomes::Waiting(T0 + DAY), [1, 4, 1, 0]),
        (Becomes::Dead("410".to_owned()), [1, 3, 1, 1]),
        (Becomes::Delivered, [2, 2, 1, 1]),
    ];
    for (claimed, (becomes, expected)) in claimed.iter().zip(steps) {
        assert_eq!(store.settle(vec![settlement(claimed, becomes)], T0).await, Ok(vec![Settled::Yes]));
        assert_eq!(store.counts().await, Ok(counts(6, expected)));
    }
    store.accept(vec![event(0, &["a"]), event(6, &["a", "b"]), event(7, &[])], T0).await.unwrap();
    assert_eq!(store.counts().await, Ok(counts(8, [2, 4, 1, 1])));
}

async fn attempts_are_counted(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    for round in 0..5 {
        let claimed = store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap();
        assert_eq!(claimed[0].attempts, round);
        let waiting = vec![settlement(&claimed[0], Becomes::Waiting(T0))];
        assert_eq!(store.settle(waiting, T0).await, Ok(vec![Settled::Yes]));
    }
    let claimed = store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap();
    let none = Settlement { attempt: None, ..settlement(&claimed[0], Becomes::Waiting(T0)) };
    assert_eq!(store.settle(vec![none], T0).await, Ok(vec![Settled::Yes]));
    assert_eq!(store.claim(9, 9, &[], T0 + DAY, T0).await.unwrap()[0].attempts, 5, "none was made");
}

async fn odd_reasons_are_taken(store: Arc<dyn Store>) {
    let texts = odd_texts();
    let count = texts.len();
    take(&*store, (0..2 * count as u128).map(|number| event(number, &["a"])).collect(), T0).await;
    let claimed = store.claim(99, 99, &[], T0 + MINUTE, T0).await.unwrap();
    let mut settlements = Vec::new();
    for (pair, text) in claimed.chunks(2).zip(texts) {
        let attempt = Attempt {
            at: i64::MAX,
            took_ms: u32::MAX,
            status: Some(u16::MAX),
            fault: text.clone(),
            response: text.clone(),
        };
        settlements.push(Settlement {
            attempt: Some(attempt.clone()),
            ..settlement(&pair[0], Becomes::Dead(text.clone()))
        });
        let attempt = Attempt { at: i64::MIN, took_ms: 0, status: None, ..attempt };
        settlements
            .push(Settlement { attempt: Some(attempt), ..settlement(&pair[1], Becomes::Skipped(text)) });
    }
    assert_eq!(store.settle(settlements, T0).await, Ok(vec![Settled::Yes; 2 * count]));
    assert_eq!(store.counts().await, Ok(counts(2 * count as u64, [0, 0, count as u64, count as u64])));
}

async fn waiting_until_the_borders(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"]), event(2, &["b"])], T0).await;
    let claimed = store.claim(9, 9, &[], i64::MAX, T0).await.unwrap();
    assert_eq!(store.claim(9, 9, &[], i64::MAX, i64::MAX - 1).await, Ok(Vec::new()));
    let settled = claimed.iter().zip([i64::MAX, i64::MIN]);
    let settled = settled.map(|(it, due)| settlement(it, Becomes::Waiting(due))).collect();
    assert_eq!(store.settle(settled, T0).await, Ok(vec![Settled::Yes; 2]));
    assert_eq!(store.due(T0).await, Ok(Some(i64::MIN)));
    assert_eq!(numbers(&store.claim(9, 9, &[], T0 + 1, T0).await.unwrap()), [2]);
    assert_eq!(store.due(T0).await, Ok(Some(i64::MAX)));
    assert_eq!(numbers(&store.claim(9, 9, &[], i64::MAX, i64::MAX).await.unwrap()), [2, 1]);
}
