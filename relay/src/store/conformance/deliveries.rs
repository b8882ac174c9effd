//! Deliveries as they are listed, and each with its attempts.

use super::*;
use crate::store::{DeliveryFilter, DeliveryId, DeliveryState, EXCERPT, LOGGED, Settled, StoredDelivery};

super::cases![
    deliveries_say_how_they_stand,
    what_is_under_way_is_due_when_its_claim_ends,
    each_filter_holds_and_all_together,
    deliveries_are_found_on_the_day_they_were_taken,
    deliveries_come_in_pages,
    odd_names_are_found_exactly,
    a_delivery_is_whole,
    a_response_is_bounded,
    the_log_of_a_delivery_is_bounded,
    what_is_not_kept_is_not_found,
];

pub(super) fn all() -> DeliveryFilter {
    DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() }
}

async fn deliveries_say_how_they_stand(store: Arc<dyn Store>) {
    take(&*store, (1..=5).map(|number| event(number, &["a"])).collect(), T0 + 3).await;
    let claimed = store.claim(4, 9, &[], T0 + MINUTE, T0 + 5).await.unwrap();
    let becomes = [
        Becomes::Delivered,
        Becomes::Dead("410".to_owned()),
        Becomes::Waiting(T0 + DAY),
        Becomes::Skipped("off".to_owned()),
    ];
    let settled: Vec<_> = claimed.iter().zip(becomes).map(|(it, becomes)| settlement(it, becomes)).collect();
    assert_eq!(store.settle(settled, T0 + 9).await, Ok(vec![Settled::Yes; 4]));
    let found = store.deliveries(&all()).await.unwrap();
    assert!(found.windows(2).all(|pair| pair[0].id > pair[1].id), "the newest first");
    let NewEvent { kind, project, .. } = event(1, &[]);
    let stored = |number, state, reason: &str, attempts, due_at, ended_at| StoredDelivery {
        id: found[5 - number as usize].id,
        event: id(number),
        kind: kind.clone(),
        project: project.clone(),
        webhook: "a".to_owned(),
        state,
        reason: reason.to_owned(),
        attempts,
        taken_at: T0 + 3,
        due_at,
        ended_at,
    };
    let expected = [
        stored(5, DeliveryState::Pending, "", 0, Some(T0 + 3), None),
        stored(4, DeliveryState::Skipped, "off", 1, None, Some(T0 + 9)),
        stored(3, DeliveryState::Pending, "", 1, Some(T0 + DAY), None),
        stored(2, DeliveryState::Dead, "410", 1, None, Some(T0 + 9)),
        stored(1, DeliveryState::Delivered, "", 1, None, Some(T0 + 9)),
    ];
    assert_eq!(found, expected);
    assert_eq!(claimed.iter().map(|it| it.id).collect::<Vec<_>>(), [4, 3, 2, 1].map(|index| found[index].id));
}

async fn what_is_under_way_is_due_when_its_claim_ends(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a", "b"])], T0).await;
    let claimed = store.claim(1, 1, &[], T0 + MINUTE, T0).await.unwrap();
    let due = async || {
        let found = store.deliveries(&all()).await.unwrap();
        let whole = store.delivery(claimed[0].id).await.unwrap().unwrap();
        assert!(found.contains(&whole.delivery));
        found.into_iter().map(|it| it.due_at).collect::<Vec<_>>()
    };
    assert_eq!(due().await, [Some(T0), Some(T0 + MINUTE)]);
    let held = [(claimed[0].id, claimed[0].fence)];
    assert_eq!(store.renew(&held, T0 + DAY, T0).await, Ok(vec![claimed[0].id]));
    assert_eq!(due().await, [Some(T0), Some(T0 + DAY)]);
    let waiting = vec![settlement(&claimed[0], Becomes::Waiting(T0 + 7))];
    assert_eq!(store.settle(waiting, T0).await, Ok(vec![Settled::Yes]));
    assert_eq!(due().await, [Some(T0), Some(T0 + 7)]);
}

/// Deliveries of three webhooks, kinds and projects, in all states, taken at five times on two days.
async fn varied(store: &dyn Store) -> Vec<StoredDelivery> {
    for number in 0..60 {
        let index = number as usize;
        let event = NewEvent {
            kind: ["view.ended", "lead.captured", "call.done"][index % 3].to_owned(),
            project: ["spring", "", "autumn"][index / 2 % 3].to_owned(),
            ..event(number, [&["a", "b"][..], &["b"], &["c", "a", "b"], &[]][index % 4])
        };
        take(store, vec![event], T0 + (number as i64 % 5) * DAY / 4).await;
    }
    let claimed = store.claim(70, 99, &[], T0 + 9 * DAY, T0 + 9 * DAY).await.unwrap();
    let becomes = [
        Becomes::Delivered,
        Becomes::Delivered,
        Becomes::Dead("410".to_owned()),
        Becomes::Waiting(T0 + 9 * DAY),
        Becomes::Skipped("off".to_owned()),
    ];
    let settled =
        claimed.iter().zip(becomes.into_iter().cycle()).map(|(it, becomes)| settlement(it, becomes));
    store.settle(settled.collect(), T0 + 2 * DAY).await.unwrap();
    store.deliveries(&all()).await.unwrap()
}

fn is_asked(filter: &DeliveryFilter, it: &StoredDelivery) -> bool {
    filter.webhook.as_ref().is_none_or(|webhook| *webhook == it.webhook)
        && filter.event.is_none_or(|event| event == it.event)
        && filter.kind.as_ref().is_none_or(|kind| *kind == it.kind)
        && filter.project.as_ref().is_none_or(|project| *project == it.project)
        && filter.state.is_none_or(|state| state == it.state)
        && filter.from.is_none_or(|from| from <= it.taken_at)
        && filter.to.is_none_or(|to| it.taken_at < to)
        && filter.before.is_none_or(|before| it.id < before)
}

async fn each_filter_holds_and_all_together(store: Arc<dyn Store>) {
    let every = varied(&*store).await;
    assert_eq!(every.len(), 90);
    let text = |text: &str| Some(text.to_owned());
    let states =
        [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Skipped, DeliveryState::Dead];
    let mut filters = vec![all()];
    for (place, alternatives) in [3_usize, 3, 3, 5, 2, 3, 3].into_iter().enumerate() {
        let mut more = Vec::new();
        for filter in &filters {
            for choice in 1..alternatives {
                let mut filter = filter.clone();
                match place {
                    0 => filter.webhook = text(["a", "unknown"][choice - 1]),
                    1 => filter.kind = text(["view.ended", "lead.captured"][choice - 1]),
                    2 => filter.project = text(["spring", ""][choice - 1]),
                    3 => filter.state = Some(states[choice - 1]),
                    4 => filter.event = Some(every[41].event),
                    5 => filter.from = Some(T0 + choice as i64 * DAY / 4),
                    _ => {
                        (filter.to, filter.before) =
                            (Some(T0 + DAY / choice as i64), Some(every[choice * 7].id))
                    }
                }
                more.push(filter);
            }
        }
        // Few are enough to have each beside each.
        filters.extend(more.into_iter().step_by(if place > 3 { 3 } else { 1 }));
    }
    let mut most = 0;
    for filter in filters {
        for limit in [10_000, 3] {
            let filter = DeliveryFilter { limit, ..filter.clone() };
            let expected: Vec<_> =
                every.iter().filter(|it| is_asked(&filter, it)).take(limit).cloned().collect();
            most = most.max(expected.len());
            assert_eq!(store.deliveries(&filter).await, Ok(expected), "{filter:?}");
        }
    }
    assert_eq!(most, 90);
}

async fn deliveries_come_in_pages(store: Arc<dyn Store>) {
    let every = varied(&*store).await;
    let filters = [
        DeliveryFilter { limit: 7, ..all() },
        DeliveryFilter { limit: 4, webhook: Some("a".to_owned()), ..all() },
        DeliveryFilter { limit: 5, state: Some(DeliveryState::Dead), ..all() },
        DeliveryFilter { limit: 3, kind: Some("lead.captured".to_owned()), ..all() },
    ];
    for mut filter in filters {
        let expected: Vec<_> = every.iter().filter(|it| is_asked(&filter, it)).cloned().collect();
        let mut found = Vec::new();
        loop {
            let page = store.deliveries(&filter).await.unwrap();
            assert!(page.len() <= filter.limit);
            let Some(last) = page.last() else { break };
            filter.before = Some(last.id);
            found.extend(page);
        }
        assert_eq!(found, expected);
    }
    assert_eq!(store.deliveries(&DeliveryFilter::default()).await, Ok(Vec::new()), "a limit of none");
}

async fn odd_names_are_found_exactly(store: Arc<dyn Store>) {
    let texts = odd_texts();
    for (number, text) in texts.iter().enumerate() {
        let [kind, project] = [text.clone(), text.clone()];
        let deliveries = vec![NewDelivery::to(text)];
        take(&*store, vec![NewEvent { kind, project, deliveries, ..event(number as u128, &[]) }], T0).await;
    }
    for (number, text) in texts.iter().enumerate() {
        let filters = [
            DeliveryFilter { webhook: Some(text.clone()), ..all() },
            DeliveryFilter { kind: Some(text.clone()), ..all() },
            DeliveryFilter { project: Some(text.clone()), ..all() },
        ];
        for filter in filters {
            let found = store.deliveries(&filter).await.unwrap();
            assert_eq!(
                found.iter().map(|it| it.event).collect::<Vec<_>>(),
                [id(number as u128)],
                "{filter:?}"
            );
            assert_eq!((&found[0].webhook, &found[0].kind, &found[0].project), (text, text, text));
        }
    }
}

async fn a_delivery_is_whole(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a", "b"])], T0).await;
    let mut log = Vec::new();
    for (round, text) in odd_texts().into_iter().enumerate() {
        let claimed = store.claim(1, 1, &["b".to_owned()], T0 + DAY, T0).await.unwrap();
        let attempt = Attempt {
            at: T0 + round as i64,
            took_ms: 7,
            status: [None, Some(500)][round % 2],
            fault: text.clone(),
            response: excerpt_of(&text),
        };
        log.push(attempt.clone());
        let waiting = Settlement { attempt: Some(attempt), ..settlement(&claimed[0], Becomes::Waiting(T0)) };
        assert_eq!(store.settle(vec![waiting], T0).await, Ok(vec![Settled::Yes]));
        let whole = store.delivery(claimed[0].id).await.unwrap().unwrap();
        assert_eq!((whole.delivery.attempts as usize, &whole.log), (log.len(), &log));
    }
    let claimed = store.claim(1, 1, &["b".to_owned()], T0 + DAY, T0).await.unwrap();
    let none = Settlement { attempt: None, ..settlement(&claimed[0], Becomes::Skipped("off".to_owned())) };
    assert_eq!(store.settle(vec![none], T0).await, Ok(vec![Settled::Yes]));
    let whole = store.delivery(claimed[0].id).await.unwrap().unwrap();
    assert_eq!((&whole.log, &whole.body), (&log, &event(1, &[]).body));
    assert_eq!(store.deliveries(&all()).await.unwrap()[1], whole.delivery);
    let other = store.deliveries(&all()).await.unwrap()[0].clone();
    let other = store.delivery(other.id).await.unwrap().unwrap();
    assert_eq!((other.delivery.webhook.as_str(), other.log, other.body), ("b", Vec::new(), whole.body));
}

fn excerpt_of(text: &str) -> String {
    let mut excerpt = text.to_owned();
    while excerpt.len() > EXCERPT {
        excerpt.pop();
    }
    excerpt
}

async fn a_response_is_bounded(store: Arc<dyn Store>) {
    for (number, response) in
        ["é".repeat(9000), format!("a{}", "🎬".repeat(400)), "a".repeat(EXCERPT)].into_iter().enumerate()
    {
        take(&*store, vec![event(number as u128, &["a"])], T0).await;
        let claimed = store.claim(1, 1, &[], T0 + DAY, T0).await.unwrap();
        let attempt = attempt(T0).map(|attempt| Attempt { response: response.clone(), ..attempt });
        let settled = Settlement { attempt, ..settlement(&claimed[0], Becomes::Delivered) };
        assert_eq!(store.settle(vec![settled], T0).await, Ok(vec![Settled::Yes]));
        let whole = store.delivery(claimed[0].id).await.unwrap().unwrap();
        assert_eq!(whole.log[0].response, excerpt_of(&response));
    }
}

async fn the_log_of_a_delivery_is_bounded(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &["a"])], T0).await;
    let mut named = DeliveryId(0);
    for round in 0..LOGGED as i64 + 3 {
        let claimed = store.claim(1, 1, &[], T0 + DAY, T0).await.unwrap();
        named = claimed[0].id;
        let waiting = Settlement { attempt: attempt(round), ..settlement(&claimed[0], Becomes::Waiting(T0)) };
        assert_eq!(store.settle(vec![waiting], T0).await, Ok(vec![Settled::Yes]));
    }
    let whole = store.delivery(named).await.unwrap().unwrap();
    assert_eq!(whole.delivery.attempts as usize, LOGGED + 3);
    let expected: Vec<i64> = (3..LOGGED as i64 + 3).collect();
    assert_eq!(whole.log.iter().map(|attempt| attempt.at).collect::<Vec<_>>(), expected, "the last ones");
}

async fn what_is_not_kept_is_not_found(store: Arc<dyn Store>) {
    for id in [0, 1, -1, i64::MAX, i64::MIN] {
        assert_eq!(store.delivery(DeliveryId(id)).await, Ok(None), "{id}");
    }
    take(&*store, vec![event(1, &["a"])], T0).await;
    let claimed = store.claim(1, 1, &[], T0 + DAY, T0).await.unwrap();
    let delivered = vec![settlement(&claimed[0], Becomes::Delivered)];
    assert_eq!(store.settle(delivered, T0).await, Ok(vec![Settled::Yes]));
    retain(&*store, Retention::default(), T0 + 99 * DAY).await;
    assert_eq!(store.deliveries(&all()).await, Ok(Vec::new()));
    assert_eq!(store.delivery(claimed[0].id).await, Ok(None));
}

async fn deliveries_are_found_on_the_day_they_were_taken(store: Arc<dyn Store>) {
    // The last and the first moment of days: engines may keep each day apart.
    let midnight = (T0 / DAY + 1) * DAY;
    let times = [midnight - 1, midnight, midnight + DAY - 1, midnight + DAY];
    for (number, at) in times.into_iter().enumerate() {
        take(&*store, vec![event(number as u128, &["a"])], at).await;
    }
    for (place, from) in times.into_iter().enumerate() {
        for (end, to) in times.into_iter().enumerate() {
            let filter = DeliveryFilter { from: Some(from), to: Some(to), ..all() };
            let found = store.deliveries(&filter).await.unwrap();
            let found: Vec<UnixMs> = found.iter().rev().map(|it| it.taken_at).collect();
            assert_eq!(found, times[place.min(end)..end], "{from} {to}");
        }
        let since = store.deliveries(&DeliveryFilter { from: Some(from), ..all() }).await.unwrap();
        let until = store.deliveries(&DeliveryFilter { to: Some(from), ..all() }).await.unwrap();
        assert_eq!((since.len(), until.len()), (times.len() - place, place));
    }
}
