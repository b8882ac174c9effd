//! Calls: the way of one, and what is wrong with others.

use super::*;
use crate::store::{Call as StoredCall, CallState};

#[test]
fn a_call_is_written_down_made_answered_and_stored() {
    let mut driver = Driver::new(Limits::default());
    let [Effect::Begin { ticket: Ticket(7), call }] = &*driver.call(7, request()) else { panic!("no begin") };
    assert_eq!((call.id, &*call.webhook, &*call.project), (id(1), "shop", "p"));
    assert_eq!(call.origin, "https://page.example");
    // The viewer's eight seconds, and fifteen to store what came of it.
    assert_eq!(call.lease_until, START.wall_ms + 8_000 + 15_000);
    driver.pass(30);
    let effects = driver.begun(7, Begun::New);
    let attempt = Effect::Attempt {
        ticket: Ticket(7),
        attempt: 1,
        webhook: "shop".into(),
        id: id(1),
        request_id: id(1),
        body: "{}".into(),
        timeout_ms: 7_970,
    };
    assert_eq!(effects, [attempt]);
    // Whoever waited has gone; whatever is told once more changes nothing.
    assert_eq!(driver.tell(Input::Left(Ticket(7))), []);
    assert_eq!(driver.begun(7, Begun::New), []);
    assert_eq!(driver.attempted(7, 2, response(200, "{}")), []);
    assert_eq!(driver.tell(Input::Rang(Ticket(7))), []);
    let effects = driver.attempted(7, 1, response(200, "{\"a\":1}"));
    let CallOutcome::Answer(Answer { status: 200, body, .. }) = answered(&effects) else {
        panic!("no answer")
    };
    assert_eq!(body, b"{\"a\":1}");
    assert_eq!(driver.attempted(7, 1, response(200, "{}")), []);
    assert_eq!(driver.core.figures(), Figures { under_way: 1, calls: 1, buckets: 2 });
    assert_eq!(driver.finished(7, Ok(true)), []);
    assert_eq!(driver.finished(7, Ok(true)), []);
    assert_eq!(driver.core.figures(), Figures { under_way: 0, calls: 0, buckets: 2 });
}

#[test]
fn what_may_pass_is_tried_again_within_the_budget() {
    // Budget, what the first attempt ends with after two seconds, whether there is another one.
    let network = || Attempted::Failed(CallFailure::Network);
    let busy = |retry_after: &str| {
        let retry_after = Some(retry_after.to_owned());
        Attempted::Response(Response { status: 503, retry_after, ..Response::default() })
    };
    for (webhook, budget_ms, outcome, is_repeated) in [
        ("shop", None, network(), true),
        ("shop", None, response(502, ""), true),
        ("shop", None, busy("1"), true),
        ("shop", None, busy("5"), true),
        ("shop", None, busy("6"), false),
        ("shop", Some(2_000), network(), false),
        ("shop", Some(2_500), network(), true),
        ("once", None, network(), false),
        ("shop", None, response(500, ""), false),
        ("shop", None, response(404, "{}"), false),
        ("shop", None, response(302, ""), false),
        ("shop", None, response(200, "<p>"), false),
        ("shop", None, Attempted::Failed(CallFailure::Timeout), false),
        ("shop", None, Attempted::Failed(CallFailure::Forbidden), false),
        ("shop", None, Attempted::Failed(CallFailure::TooLarge), false),
    ] {
        let mut driver = Driver::new(Limits::default());
        driver.attempting(1, CallRequest { webhook: webhook.into(), budget_ms, ..request() });
        driver.pass(2_000);
        let effects = driver.attempted(1, 1, outcome.clone());
        let [Effect::Timer { after_ms, .. }] = *effects else {
            assert!(!is_repeated, "{outcome:?}: {effects:?}");
            answered(&effects);
            continue;
        };
        assert!(is_repeated, "{outcome:?}");
        // A late outcome of the first attempt, and a timer that rings too early.
        assert_eq!(driver.attempted(1, 1, response(200, "{}")), []);
        if after_ms > 1 {
            driver.pass(after_ms - 1);
            assert_eq!(
                driver.tell(Input::Rang(Ticket(1))),
                [Effect::Timer { ticket: Ticket(1), after_ms: 1 }]
            );
            driver.pass(1);
        } else {
            driver.pass(after_ms);
        }
        let effects = driver.tell(Input::Rang(Ticket(1)));
        let [Effect::Attempt { attempt: 2, timeout_ms, .. }] = *effects else { panic!("{effects:?}") };
        assert_eq!(timeout_ms, budget_ms.unwrap_or(8_000) - 2_000 - after_ms);
        assert_eq!(driver.attempted(1, 1, response(200, "{}")), []);
        // There are no more than the webhook says.
        let effects = driver.attempted(1, 2, response(503, ""));
        assert!(matches!(answered(&effects), CallOutcome::Answer(Answer { status: 503, .. })));
    }
}

#[test]
fn nobody_is_called_when_nobody_waits_any_more() {
    let mut driver = Driver::new(Limits::default());
    driver.call(1, CallRequest { budget_ms: Some(100), ..request() });
    driver.pass(100);
    let timeout = CallOutcome::Failed(CallFailure::Timeout);
    assert_eq!(answered(&driver.begun(1, Begun::New)), timeout);
    driver.attempting(2, CallRequest { id: id(2), ..request() });
    let effects = driver.attempted(2, 1, response(503, ""));
    assert!(matches!(*effects, [Effect::Timer { .. }]));
    driver.pass(8_000);
    assert_eq!(answered(&driver.tell(Input::Rang(Ticket(2)))), timeout);
}

#[test]
fn the_shortest_patience_counts() {
    for (budget_ms, limit_ms, expected) in [
        (None, 60_000, 8_000),
        (Some(3_000), 60_000, 3_000),
        (Some(30_000), 60_000, 8_000),
        (Some(30_000), 5_000, 5_000),
        (Some(1), 60_000, 1),
    ] {
        let mut driver = Driver::new(Limits { budget_ms: limit_ms, ..Limits::default() });
        driver.call(1, CallRequest { budget_ms, ..request() });
        let effects = driver.begun(1, Begun::New);
        assert!(
            matches!(*effects, [Effect::Attempt { timeout_ms, .. }] if timeout_ms == expected),
            "{effects:?}"
        );
    }
}

#[test]
fn what_is_wrong_with_a_call_is_said() {
    let closed = CallRequest { webhook: "closed".into(), ..request() };
    for (wrong, outcome, part) in [
        (
            CallRequest { webhook: "gone".into(), ..request() },
            RelayOutcome::UnknownWebhook,
            "no webhook `gone`",
        ),
        (closed, RelayOutcome::UnknownWebhook, "not for the project"),
        (
            CallRequest { webhook: "a\nb".into(), ..request() },
            RelayOutcome::UnknownWebhook,
            "ids are letters",
        ),
        (CallRequest { id: Uuid::nil(), ..request() }, RelayOutcome::BadRequest, "use a new UUID"),
        (CallRequest { budget_ms: Some(0), ..request() }, RelayOutcome::BadRequest, "cuehook-budget-ms is 0"),
    ] {
        let mut driver = Driver::new(Limits::default());
        let mut effects = driver.call(1, wrong);
        let mut buckets = 0;
        if outcome == RelayOutcome::UnknownWebhook {
            // It may have been made before the webhook was removed. Who asks for that is counted, whatever comes of it.
            assert_eq!(effects, [Effect::Find { ticket: Ticket(1), id: id(1) }]);
            effects = driver.tell(Input::Found { ticket: Ticket(1), result: Ok(None) });
            buckets = 2;
        }
        assert_eq!(refused(&effects), outcome);
        assert!(format!("{effects:?}").contains(part), "{effects:?}");
        assert_eq!(driver.core.figures(), Figures { under_way: 0, calls: 0, buckets });
    }
}

#[test]
fn a_call_that_is_repeated_after_its_webhook_was_removed_has_its_outcome() {
    let call = |webhook: &str, project: &str, state: CallState| StoredCall {
        webhook: webhook.into(),
        project: project.into(),
        origin: "https://page.example".into(),
        begun_at: 0,
        state,
    };
    let outcome = CallOutcome::Answer(Answer { status: 201, ..Answer::default() });
    let finished = CallState::Finished(outcome.clone());
    for (found, expected) in [
        (Ok(Some(call("gone", "p", finished.clone()))), Ok(outcome)),
        (Ok(Some(call("gone", "p", CallState::Unknown))), Err(RelayOutcome::OutcomeUnknown)),
        (
            Ok(Some(call("gone", "p", CallState::InProgress { lease_until: 0 }))),
            Err(RelayOutcome::InProgress),
        ),
        (Ok(Some(call("shop", "p", finished.clone()))), Err(RelayOutcome::IdReused)),
        (Ok(Some(call("gone", "q", finished))), Err(RelayOutcome::UnknownWebhook)),
        (Ok(None), Err(RelayOutcome::UnknownWebhook)),
        (Err(away()), Err(RelayOutcome::Unavailable)),
    ] {
        let mut driver = Driver::new(Limits::default());
        driver.call(1, CallRequest { webhook: "gone".into(), ..request() });
        let effects = driver.tell(Input::Found { ticket: Ticket(1), result: found });
        match expected {
            Ok(outcome) => {
                assert_eq!(effects, [Effect::Reply { ticket: Ticket(1), reply: call_reply(outcome) }]);
            }
            Err(expected) => assert_eq!(refused(&effects), expected),
        }
    }
    // This relay makes it: it was removed meanwhile.
    let mut driver = Driver::new(Limits::default());
    driver.attempting(1, request());
    driver.tell(Input::Webhooks(Vec::new().into()));
    assert_eq!(refused(&driver.call(2, request())), RelayOutcome::InProgress);
    let other = Player { project: "q".into(), ..player() };
    assert_eq!(refused(&driver.call(3, CallRequest { player: other, ..request() })), RelayOutcome::IdReused);
    assert_eq!(
        refused(&driver.call(4, CallRequest { webhook: "once".into(), ..request() })),
        RelayOutcome::IdReused
    );
}

#[test]
fn calls_of_webhooks_that_are_not_there_are_limited_as_others_are() {
    let mut driver = Driver::new(Limits { address: limits::Rate::of(1, 1_000), ..Limits::default() });
    let gone = |number: u128| CallRequest { id: id(number), webhook: "gone".into(), ..request() };
    for number in 1..=5 {
        assert!(matches!(*driver.call(number, gone(number.into())), [Effect::Find { .. }]));
    }
    assert_eq!(refused(&driver.call(6, gone(6))), RelayOutcome::RateLimited);
}

#[test]
fn what_the_store_says_is_passed_on() {
    let outcome = CallOutcome::Answer(Answer { status: 418, ..Answer::default() });
    for (begun, expected) in [
        (Ok(Begun::Finished(outcome.clone())), Ok(outcome)),
        (Ok(Begun::InProgress { lease_until: 0 }), Err(RelayOutcome::InProgress)),
        (Ok(Begun::Unknown), Err(RelayOutcome::OutcomeUnknown)),
        (Ok(Begun::Other), Err(RelayOutcome::IdReused)),
        (Err(away()), Err(RelayOutcome::Unavailable)),
        (Err(StoreError::Full), Err(RelayOutcome::Unavailable)),
        (Err(StoreError::Damaged("secret".into())), Err(RelayOutcome::Unavailable)),
        (Err(StoreError::Refused("secret".into())), Err(RelayOutcome::Unavailable)),
    ] {
        let mut driver = Driver::new(Limits::default());
        driver.call(1, request());
        let is_away = matches!(begun, Err(StoreError::Unavailable(_)));
        let mut effects = driver.tell(Input::Begun { ticket: Ticket(1), result: begun.clone() });
        if is_away {
            assert!(matches!(*effects, [Effect::Begin { .. }]), "it is asked once more");
            effects = driver.tell(Input::Begun { ticket: Ticket(1), result: begun });
        }
        assert!(!format!("{effects:?}").contains("secret"), "{effects:?}");
        match expected {
            Ok(outcome) => {
                assert_eq!(effects, [Effect::Reply { ticket: Ticket(1), reply: call_reply(outcome) }]);
            }
            Err(expected) => assert_eq!(refused(&effects), expected),
        }
        assert_eq!(driver.core.figures().under_way, 0);
    }
}

fn holder(effects: &[Effect]) -> Uuid {
    match effects {
        [Effect::Begin { call, .. }] => call.holder,
        other => panic!("no begin: {other:?}"),
    }
}

#[test]
fn whoever_may_have_begun_a_call_asks_again_under_the_same_name() {
    let mut driver = Driver::new(Limits::default());
    let fails = |driver: &mut Driver, ticket| {
        driver.tell(Input::Begun { ticket: Ticket(ticket), result: Err(away()) })
    };
    let first = holder(&driver.call(1, request()));
    driver.pass(900);
    let again = fails(&mut driver, 1);
    assert_eq!(holder(&again), first);
    let [Effect::Begin { call, .. }] = &*again else { panic!("{again:?}") };
    assert_eq!(
        call.lease_until,
        START.wall_ms + 8_000 + 15_000,
        "the viewer waits for no longer than before"
    );
    // Another one that asks meanwhile is somebody else.
    let other = holder(&driver.call(2, request()));
    assert_ne!(other, first);
    assert_eq!(refused(&fails(&mut driver, 1)), RelayOutcome::Unavailable);
    assert_eq!(refused(&driver.begun(2, Begun::InProgress { lease_until: 0 })), RelayOutcome::InProgress);
    // Who comes next asks under that name, once; and only if it is the same request.
    assert_ne!(holder(&driver.call(3, CallRequest { body: "{\"a\":1}".into(), ..request() })), first);
    assert_eq!(holder(&driver.call(4, request())), first);
    assert_ne!(holder(&driver.call(5, request())), first);
    assert!(matches!(*driver.begun(4, Begun::New), [Effect::Attempt { attempt: 1, .. }]));
    // What is heard late of the first ones changes nothing.
    assert_eq!(driver.begun(1, Begun::New), []);
    assert_eq!(refused(&driver.begun(5, Begun::New)), RelayOutcome::InProgress);
}

#[test]
fn a_store_that_fails_slowly_is_not_asked_again() {
    let mut driver = Driver::new(Limits::default());
    for (number, budget_ms, after_ms) in [(1, None, 1_000), (2, Some(400), 400)] {
        driver.call(number, CallRequest { id: id(number.into()), budget_ms, ..request() });
        driver.pass(after_ms);
        let effects = driver.tell(Input::Begun { ticket: Ticket(number), result: Err(away()) });
        assert_eq!(refused(&effects), RelayOutcome::Unavailable);
    }
    // When the lease has run out, the name is forgotten.
    let mut driver = Driver::new(Limits::default());
    let first = holder(&driver.call(1, request()));
    let full = Input::Begun { ticket: Ticket(1), result: Err(StoreError::Full) };
    assert_eq!(refused(&driver.tell(full)), RelayOutcome::Unavailable);
    driver.pass(23_000);
    assert_ne!(holder(&driver.call(2, request())), first);
}

#[test]
fn two_tickets_never_call_for_one_id() {
    let mut driver = Driver::new(Limits::default());
    driver.call(1, request());
    driver.call(2, request());
    assert!(matches!(*driver.begun(2, Begun::New), [Effect::Attempt { .. }]));
    // Whatever a store says.
    assert_eq!(refused(&driver.begun(1, Begun::New)), RelayOutcome::InProgress);
    // Nobody need ask the store while the call is this relay's.
    assert_eq!(refused(&driver.call(3, request())), RelayOutcome::InProgress);
    assert_eq!(refused(&driver.ask(4, player())), RelayOutcome::InProgress);
    for other in [
        CallRequest { body: "{\"a\":1}".into(), ..request() },
        CallRequest { webhook: "once".into(), ..request() },
        CallRequest { request_id: id(9), ..request() },
        CallRequest { player: Player { project: "q".into(), ..player() }, ..request() },
        CallRequest { player: Player { origin: "https://x.example".into(), ..player() }, ..request() },
    ] {
        assert_eq!(refused(&driver.call(5, other)), RelayOutcome::IdReused);
    }
    let stranger = Player { origin: "https://x.example".into(), ..player() };
    assert_eq!(refused(&driver.ask(6, stranger.clone())), RelayOutcome::UnknownCall);
    let outcome = answered(&driver.attempted(2, 1, response(200, "{}")));
    // Until it is stored, it is known here.
    for effects in [driver.call(7, request()), driver.ask(7, player())] {
        assert_eq!(effects, [Effect::Reply { ticket: Ticket(7), reply: call_reply(outcome.clone()) }]);
    }
    assert_eq!(refused(&driver.ask(8, stranger)), RelayOutcome::UnknownCall);
    driver.finished(2, Ok(true));
    assert!(matches!(*driver.call(9, request()), [Effect::Begin { .. }]));
}

#[test]
fn an_outcome_is_stored_anew_for_ten_seconds() {
    let mut driver = Driver::new(Limits::default());
    driver.attempting(1, request());
    answered(&driver.attempted(1, 1, response(200, "{}")));
    let begun_ms = driver.now.clock_ms;
    let mut tries = 1;
    loop {
        let effects = driver.finished(1, Err(away()));
        let [Effect::Timer { after_ms, .. }] = *effects else {
            assert_eq!(effects, []);
            break;
        };
        assert!((50..=2_000).contains(&after_ms));
        // Told once more.
        assert_eq!(driver.finished(1, Err(away())), []);
        driver.pass(after_ms);
        assert!(matches!(*driver.tell(Input::Rang(Ticket(1))), [Effect::Finish { .. }]));
        assert_eq!(driver.tell(Input::Rang(Ticket(1))), []);
        tries += 1;
        assert!(tries < 100, "for ever");
    }
    let for_ms = driver.now.clock_ms - begun_ms;
    assert!((8_000..=10_000).contains(&for_ms) && tries > 6, "{for_ms} {tries}");
    assert_eq!(driver.core.figures().under_way, 0);
    assert_eq!(driver.finished(1, Ok(true)), []);
}
