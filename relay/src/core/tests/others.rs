//! Questions, the end, and what is bounded.

use super::*;

#[test]
fn nobody_is_told_that_there_are_no_webhooks_before_they_are_known() {
    let mut driver = Driver { core: Core::new(Limits::default(), [1, 2, 3, 4]), now: START };
    assert_eq!(refused(&driver.call(1, request())), RelayOutcome::Unavailable);
    let event = EventRequest { id: id(1), kind: "lead.captured".into(), at: 0, body: "{}".into() };
    let offered = |ticket| Input::Events {
        ticket: Ticket(ticket),
        events: vec![event.clone()],
        sender: Sender::Player(player()),
        bytes: 2,
    };
    assert_eq!(refused(&driver.tell(offered(2))), RelayOutcome::Unavailable);
    assert!(matches!(*driver.ask(3, player()), [Effect::Find { .. }]));
    driver.tell(Input::Webhooks(vec![webhook("shop", 1)].into()));
    assert!(matches!(*driver.call(4, request()), [Effect::Begin { .. }]));
    assert!(matches!(*driver.tell(offered(5)), [Effect::Accept { .. }]));
}

#[test]
fn a_relay_that_is_to_end_completes_what_was_begun() {
    let mut driver = Driver::new(Limits::default());
    driver.attempting(1, request());
    assert_eq!(driver.tell(Input::Drain), []);
    assert_eq!(refused(&driver.call(2, CallRequest { id: id(2), ..request() })), RelayOutcome::Unavailable);
    assert_eq!(refused(&driver.ask(3, player())), RelayOutcome::Unavailable);
    let event = EventRequest { id: id(9), kind: "cart.added".into(), at: 0, body: "{}".into() };
    let sender = Sender::Server { key: "backend".into(), project: String::new() };
    let events = Input::Events { ticket: Ticket(4), events: vec![event], sender, bytes: 2 };
    assert_eq!(refused(&driver.tell(events)), RelayOutcome::Unavailable);
    let effects = driver.attempted(1, 1, response(503, ""));
    let [Effect::Timer { after_ms, .. }] = *effects else { panic!("{effects:?}") };
    driver.pass(after_ms);
    assert!(matches!(*driver.tell(Input::Rang(Ticket(1))), [Effect::Attempt { attempt: 2, .. }]));
    answered(&driver.attempted(1, 2, response(200, "{}")));
    assert_eq!(driver.tell(Input::Drain), [], "its outcome is not stored yet");
    assert_eq!(driver.finished(1, Ok(true)), [Effect::Drained]);
    assert_eq!(driver.tell(Input::Drain), []);
    assert_eq!(Driver::new(Limits::default()).tell(Input::Drain), [Effect::Drained]);
}

#[test]
fn what_is_under_way_is_bounded() {
    let mut driver = Driver::new(Limits { calls_at_once: 1, others_at_once: 1, ..Limits::default() });
    let other = || CallRequest { id: id(3), ..request() };
    driver.attempting(1, request());
    assert_eq!(refused(&driver.call(2, other())), RelayOutcome::Unavailable);
    // Webhooks that hang keep nobody from asking, and from sending events.
    let stranger = || Player { origin: "https://x.example".into(), ..player() };
    assert!(matches!(
        *driver.tell(Input::Ask { ticket: Ticket(3), id: id(4), player: stranger() }),
        [Effect::Find { .. }]
    ));
    let ask = Input::Ask { ticket: Ticket(4), id: id(5), player: stranger() };
    assert_eq!(refused(&driver.tell(ask.clone())), RelayOutcome::Unavailable);
    driver.tell(Input::Found { ticket: Ticket(3), result: Ok(None) });
    assert!(matches!(*driver.tell(ask), [Effect::Find { .. }]));
    // A call is under way until its outcome is stored.
    answered(&driver.attempted(1, 1, response(200, "{}")));
    assert_eq!(refused(&driver.call(5, other())), RelayOutcome::Unavailable);
    driver.finished(1, Ok(true));
    assert!(matches!(*driver.call(6, other()), [Effect::Begin { .. }]));
}

#[test]
fn a_question_that_was_asked_is_answered_for_its_own_player_alone() {
    use crate::store::{Call, CallState};
    let call = |state: CallState| Call {
        webhook: "shop".into(),
        project: "p".into(),
        origin: "https://page.example".into(),
        begun_at: 0,
        state,
    };
    let outcome = CallOutcome::Failed(CallFailure::Network);
    for (project, found, expected) in [
        ("p", Ok(Some(CallState::Finished(outcome.clone()))), Ok(outcome.clone())),
        ("p", Ok(Some(CallState::InProgress { lease_until: 0 })), Err(RelayOutcome::InProgress)),
        ("p", Ok(Some(CallState::Unknown)), Err(RelayOutcome::OutcomeUnknown)),
        ("p", Ok(None), Err(RelayOutcome::UnknownCall)),
        ("p", Err(away()), Err(RelayOutcome::Unavailable)),
        ("q", Ok(Some(CallState::Finished(outcome))), Err(RelayOutcome::UnknownCall)),
        ("q", Ok(Some(CallState::Unknown)), Err(RelayOutcome::UnknownCall)),
    ] {
        let mut driver = Driver::new(Limits::default());
        let effects = driver.ask(1, Player { project: project.into(), ..player() });
        assert_eq!(effects, [Effect::Find { ticket: Ticket(1), id: id(1) }]);
        let result = found.map(|state| state.map(call));
        let effects = driver.tell(Input::Found { ticket: Ticket(1), result });
        match expected {
            Ok(outcome) => {
                assert_eq!(effects, [Effect::Reply { ticket: Ticket(1), reply: call_reply(outcome) }]);
            }
            Err(expected) => assert_eq!(refused(&effects), expected),
        }
    }
}
