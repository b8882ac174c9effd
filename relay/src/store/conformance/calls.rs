//! Calls: begun once, with one outcome.

use super::*;
use crate::store::{Begun, Call, CallState};

super::cases![
    a_call_is_new_once,
    a_lease_runs_out_to_the_millisecond,
    a_call_can_be_begun_again_never,
    whoever_has_begun_it_and_not_heard_so_begins_it_again,
    a_name_of_another_request_or_of_an_outcome_is_none,
    the_first_outcome_counts,
    a_late_outcome_counts,
    an_outcome_needs_a_call,
    another_request_under_the_id_is_other,
    other_stays_other_whatever_the_state,
    every_failure_comes_back,
    answers_come_back_whole,
    odd_calls_come_back,
    leases_at_the_borders,
    events_and_calls_have_ids_of_their_own,
];

async fn a_call_is_new_once(store: Arc<dyn Store>) {
    assert_eq!(store.call(id(1), T0).await, Ok(None));
    let lease_until = T0 + MINUTE;
    assert_eq!(store.call_begin(call(1, lease_until), T0).await, Ok(Begun::New));
    // The second one's lease is not the one that counts.
    let again = store.call_begin(call(1, lease_until + 9), T0 + 1).await;
    assert_eq!(again, Ok(Begun::InProgress { lease_until }));
    let known = Call {
        webhook: "lead".to_owned(),
        project: "spring".to_owned(),
        origin: "https://shop.example".to_owned(),
        begun_at: T0,
        state: CallState::InProgress { lease_until },
    };
    assert_eq!(store.call(id(1), T0 + 2).await, Ok(Some(known.clone())));
    assert_eq!(store.call(id(2), T0 + 2).await, Ok(None));
    assert_eq!(store.call_finish(id(1), answer("{}"), T0 + 3).await, Ok(true));
    assert_eq!(store.call_begin(call(1, T0 + DAY), T0 + 4).await, Ok(Begun::Finished(answer("{}"))));
    let finished = Call { state: CallState::Finished(answer("{}")), ..known };
    // Also long after the lease.
    assert_eq!(store.call(id(1), T0 + DAY).await, Ok(Some(finished)));
    assert_eq!(store.call_begin(call(1, T0 + DAY), T0 + DAY).await, Ok(Begun::Finished(answer("{}"))));
}

async fn a_lease_runs_out_to_the_millisecond(store: Arc<dyn Store>) {
    let lease_until = T0 + MINUTE;
    assert_eq!(store.call_begin(call(1, lease_until), T0).await, Ok(Begun::New));
    let begun = |now| store.call_begin(call(1, now + MINUTE), now);
    let state = async |now| store.call(id(1), now).await.unwrap().unwrap().state;
    assert_eq!(begun(lease_until - 1).await, Ok(Begun::InProgress { lease_until }));
    assert_eq!(state(lease_until - 1).await, CallState::InProgress { lease_until });
    assert_eq!(begun(lease_until).await, Ok(Begun::Unknown));
    assert_eq!(state(lease_until).await, CallState::Unknown);
    assert_eq!(begun(lease_until + DAY).await, Ok(Begun::Unknown));
    assert_eq!(state(lease_until + DAY).await, CallState::Unknown);
}

async fn a_call_can_be_begun_again_never(store: Arc<dyn Store>) {
    assert_eq!(store.call_begin(call(1, T0 + 1), T0).await, Ok(Begun::New));
    for later in 1..5 {
        // Who asks does not take over the lease.
        let again = store.call_begin(call(1, T0 + DAY), T0 + later).await;
        assert_eq!(again, Ok(Begun::Unknown));
    }
    assert_eq!(store.call(id(1), T0 + 1).await.unwrap().unwrap().begun_at, T0);
}

async fn whoever_has_begun_it_and_not_heard_so_begins_it_again(store: Arc<dyn Store>) {
    let first = call(1, T0 + MINUTE);
    let stranger = call(1, T0 + DAY);
    assert_eq!(store.call_begin(first.clone(), T0).await, Ok(Begun::New));
    assert_eq!(store.call_begin(first.clone(), T0 + 1).await, Ok(Begun::New));
    let in_progress = |lease_until| Ok(Begun::InProgress { lease_until });
    assert_eq!(store.call_begin(stranger.clone(), T0 + 2).await, in_progress(T0 + MINUTE));
    // Its lease is the longer one; when it was begun stays.
    let later = NewCall { lease_until: T0 + 3 * MINUTE, ..first.clone() };
    assert_eq!(store.call_begin(later.clone(), T0 + 3).await, Ok(Begun::New));
    assert_eq!(store.call_begin(first.clone(), T0 + 3).await, Ok(Begun::New));
    assert_eq!(store.call_begin(stranger.clone(), T0 + 2 * MINUTE).await, in_progress(T0 + 3 * MINUTE));
    assert_eq!(store.call(id(1), T0 + 4).await.unwrap().unwrap().begun_at, T0);
    // Also when the lease has run out: it is the only one that may call.
    assert_eq!(store.call_begin(stranger.clone(), T0 + 3 * MINUTE).await, Ok(Begun::Unknown));
    let last = NewCall { lease_until: T0 + DAY, ..first };
    assert_eq!(store.call_begin(last.clone(), T0 + 4 * MINUTE).await, Ok(Begun::New));
    assert_eq!(store.call_begin(stranger, T0 + 5 * MINUTE).await, in_progress(T0 + DAY));
    assert_eq!(store.call_finish(id(1), answer("{}"), T0 + 6 * MINUTE).await, Ok(true));
    // An outcome stays.
    for again in [last, later] {
        assert_eq!(store.call_begin(again, T0 + 7 * MINUTE).await, Ok(Begun::Finished(answer("{}"))));
    }
}

async fn a_name_of_another_request_or_of_an_outcome_is_none(store: Arc<dyn Store>) {
    let first = call(1, T0 + MINUTE);
    assert_eq!(store.call_begin(first.clone(), T0).await, Ok(Begun::New));
    for other in others() {
        let other = NewCall { holder: first.holder, ..other };
        assert_eq!(store.call_begin(other.clone(), T0 + 1).await, Ok(Begun::Other), "{other:?}");
    }
    // The same name of another id is nothing to this one.
    let second = NewCall { id: id(2), ..first };
    assert_eq!(store.call_begin(second, T0 + 1).await, Ok(Begun::New));
    let begun = store.call_begin(call(1, T0 + DAY), T0 + 2).await;
    assert_eq!(begun, Ok(Begun::InProgress { lease_until: T0 + MINUTE }));
}

async fn the_first_outcome_counts(store: Arc<dyn Store>) {
    store.call_begin(call(1, T0 + MINUTE), T0).await.unwrap();
    let failed = CallOutcome::Failed(CallFailure::Timeout);
    assert_eq!(store.call_finish(id(1), failed.clone(), T0 + 1).await, Ok(true));
    assert_eq!(store.call_finish(id(1), answer("{}"), T0 + 2).await, Ok(false));
    assert_eq!(store.call_finish(id(1), failed.clone(), T0 + 3).await, Ok(false));
    assert_eq!(store.call_begin(call(1, T0 + MINUTE), T0 + 4).await, Ok(Begun::Finished(failed)));
}

async fn a_late_outcome_counts(store: Arc<dyn Store>) {
    store.call_begin(call(1, T0 + 1), T0).await.unwrap();
    assert_eq!(store.call_begin(call(1, T0 + 9), T0 + 2).await, Ok(Begun::Unknown));
    assert_eq!(store.call_finish(id(1), answer("{\"late\":1}"), T0 + MINUTE).await, Ok(true));
    assert_eq!(store.call_finish(id(1), answer("{}"), T0 + MINUTE).await, Ok(false));
    let begun = store.call_begin(call(1, T0 + DAY), T0 + DAY).await;
    assert_eq!(begun, Ok(Begun::Finished(answer("{\"late\":1}"))));
}

async fn an_outcome_needs_a_call(store: Arc<dyn Store>) {
    assert_eq!(store.call_finish(id(1), answer("{}"), T0).await, Ok(false));
    assert_eq!(store.call(id(1), T0).await, Ok(None));
    assert_eq!(store.call_begin(call(1, T0 + MINUTE), T0).await, Ok(Begun::New));
}

/// The same id, and something else each.
fn others() -> [NewCall; 6] {
    let call = call(1, T0 + DAY);
    let mut last = call.fingerprint;
    last[31] ^= 1;
    [
        NewCall { fingerprint: [8; 32], ..call.clone() },
        NewCall { fingerprint: last, ..call.clone() },
        NewCall { webhook: "Lead".to_owned(), ..call.clone() },
        NewCall { project: "spring ".to_owned(), ..call.clone() },
        NewCall { project: String::new(), ..call.clone() },
        NewCall { origin: "http://shop.example".to_owned(), ..call },
    ]
}

async fn another_request_under_the_id_is_other(store: Arc<dyn Store>) {
    assert_eq!(store.call_begin(call(1, T0 + MINUTE), T0).await, Ok(Begun::New));
    for other in others() {
        assert_eq!(store.call_begin(other.clone(), T0).await, Ok(Begun::Other), "{other:?}");
    }
    let begun = store.call_begin(call(1, T0 + MINUTE), T0).await;
    assert_eq!(begun, Ok(Begun::InProgress { lease_until: T0 + MINUTE }));
}

async fn other_stays_other_whatever_the_state(store: Arc<dyn Store>) {
    store.call_begin(call(1, T0 + 1), T0).await.unwrap();
    let is_other = async |now| {
        for other in others() {
            assert_eq!(store.call_begin(other.clone(), now).await, Ok(Begun::Other), "{other:?}");
        }
    };
    is_other(T0 + 2).await;
    store.call_finish(id(1), answer("{}"), T0 + 3).await.unwrap();
    is_other(T0 + 4).await;
    assert_eq!(store.call_begin(call(1, T0), T0 + 5).await, Ok(Begun::Finished(answer("{}"))));
}

async fn every_failure_comes_back(store: Arc<dyn Store>) {
    use CallFailure::{BadJson, Forbidden, Network, Timeout, TooLarge};
    for (number, failure) in [Network, Forbidden, Timeout, TooLarge, BadJson].into_iter().enumerate() {
        let (number, outcome) = (number as u128, CallOutcome::Failed(failure));
        store.call_begin(call(number, T0 + MINUTE), T0).await.unwrap();
        assert_eq!(store.call_finish(id(number), outcome.clone(), T0).await, Ok(true));
        assert_eq!(store.call(id(number), T0).await.unwrap().unwrap().state, CallState::Finished(outcome));
    }
}

async fn answers_come_back_whole(store: Arc<dyn Store>) {
    let texts = odd_texts();
    let every = texts.iter().map(|text| (text.clone(), text.clone())).collect::<Vec<_>>();
    let bytes: Vec<u8> = (0..=u8::MAX).collect();
    let answers = [
        Answer::default(),
        Answer { status: u16::MAX, headers: every, body: bytes },
        Answer { status: 204, headers: vec![("a".to_owned(), "1".to_owned()); 2], body: Vec::new() },
        Answer { status: 500, headers: Vec::new(), body: vec![0xff; 1 << 20] },
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let (number, outcome) = (number as u128, CallOutcome::Answer(answer));
        store.call_begin(call(number, T0 + MINUTE), T0).await.unwrap();
        assert_eq!(store.call_finish(id(number), outcome.clone(), T0).await, Ok(true));
        let state = store.call(id(number), T0).await.unwrap().unwrap().state;
        assert!(state == CallState::Finished(outcome), "answer {number} has changed");
    }
}

async fn odd_calls_come_back(store: Arc<dyn Store>) {
    for (number, text) in odd_texts().into_iter().enumerate() {
        let number = number as u128;
        let (webhook, project, origin) = (text.clone(), text.clone(), text.clone());
        let odd = NewCall { webhook, project, origin, ..call(number, T0 + MINUTE) };
        assert_eq!(store.call_begin(odd.clone(), T0).await, Ok(Begun::New));
        let known = store.call(id(number), T0).await.unwrap().unwrap();
        assert_eq!([&known.webhook, &known.project, &known.origin], [&text; 3]);
        let again = store.call_begin(NewCall { holder: holder(), ..odd }, T0).await;
        assert_eq!(again, Ok(Begun::InProgress { lease_until: T0 + MINUTE }));
    }
}

async fn leases_at_the_borders(store: Arc<dyn Store>) {
    let leases = [i64::MIN, -1, 0, T0, T0 + 1, i64::MAX];
    for (number, lease_until) in leases.into_iter().enumerate() {
        let number = number as u128;
        assert_eq!(store.call_begin(call(number, lease_until), T0).await, Ok(Begun::New));
        let state = store.call(id(number), T0).await.unwrap().unwrap().state;
        let expected =
            if lease_until > T0 { CallState::InProgress { lease_until } } else { CallState::Unknown };
        assert_eq!(state, expected);
    }
}

async fn events_and_calls_have_ids_of_their_own(store: Arc<dyn Store>) {
    take(&*store, vec![event(1, &[])], T0).await;
    assert_eq!(store.call_begin(call(1, T0 + 1), T0).await, Ok(Begun::New));
    assert_eq!(store.call_begin(call(2, T0 + 1), T0).await, Ok(Begun::New));
    take(&*store, vec![event(2, &[])], T0).await;
}
