//! Events, and who sends too many.

use super::*;

fn offer(driver: &mut Driver, kinds: &[&str], sender: Sender) -> Vec<Effect> {
    let event = |(place, kind): (usize, &&str)| EventRequest {
        id: id(10 + place as u128),
        kind: (*kind).to_owned(),
        at: 7,
        body: "{}".into(),
    };
    let events = kinds.iter().enumerate().map(event).collect();
    driver.tell(Input::Events { ticket: Ticket(1), events, sender, bytes: 10 })
}

#[test]
fn events_are_taken_when_they_are_stored() {
    let mut driver = Driver::new(Limits::default());
    let effects = offer(&mut driver, &["lead.captured", "x", "cart.added"], Sender::Player(player()));
    let [Effect::Accept { events, .. }] = &*effects else { panic!("{effects:?}") };
    let [lead, cart] = &**events else { panic!("{events:?}") };
    assert_eq!((&*lead.kind, &*lead.project, &*lead.source), ("lead.captured", "p", "https://page.example"));
    // `closed` wants leads, too, but of another project.
    assert!(lead.deliveries.iter().map(|it| it.webhook.as_str()).eq(["shop", "once"]));
    assert_eq!((&*cart.kind, cart.deliveries.len()), ("cart.added", 0));
    // The store has not spoken of the last one.
    let effects = driver.tell(Input::Accepted { ticket: Ticket(1), result: Ok(vec![Accepted::Duplicate]) });
    let [Effect::Reply { reply: Reply::Events { results, reasons }, .. }] = &*effects else {
        panic!("{effects:?}")
    };
    assert_eq!(*results, [(id(10), "dup"), (id(12), "retry"), (id(11), "drop")]);
    assert!(matches!(&**reasons, [(dropped, why)] if *dropped == id(11) && why.contains("cart.added")));
    assert_eq!(driver.tell(Input::Accepted { ticket: Ticket(1), result: Ok(vec![Accepted::New]) }), []);
    offer(&mut driver, &["lead.captured"], Sender::Player(player()));
    let effects = driver.tell(Input::Accepted { ticket: Ticket(1), result: Err(away()) });
    assert_eq!(refused(&effects), RelayOutcome::Unavailable);
}

#[test]
fn players_and_servers_may_send_different_events() {
    let long = format!("a.{}", "b".repeat(100));
    for (kind, by_player, by_server) in [
        ("lead.captured", true, true),
        ("webhook.executed", true, true),
        ("cart.added", true, true),
        ("lead.capturd", false, true),
        ("Lead.captured", false, true),
        ("view.opened", false, true),
        ("video.created", false, true),
        ("video.shared", true, true),
        ("edition.scheduled", false, true),
        ("edition.unscheduled", false, true),
        ("endpoint.disabled", false, false),
        ("endpoint.anything", false, false),
        ("delivery.exhausted", false, false),
        ("lead", false, false),
        ("lead.*", false, false),
        ("*", false, false),
        ("", false, false),
        ("a b.c", false, false),
        (&long, false, false),
    ] {
        for (sender, is_allowed) in [
            (Sender::Player(player()), by_player),
            (Sender::Server { key: "backend".into(), project: String::new() }, by_server),
        ] {
            let effects = offer(&mut Driver::new(Limits::default()), &[kind], sender.clone());
            let is_taken = matches!(*effects, [Effect::Accept { .. }]);
            assert_eq!(is_taken, is_allowed, "{kind} {sender:?}: {effects:?}");
            if !is_taken {
                let Effect::Reply { reply: Reply::Events { results, reasons }, .. } = &effects[0] else {
                    panic!("{effects:?}")
                };
                assert_eq!((&**results, reasons.len()), (&[(id(10), "drop")][..], 1));
            }
        }
    }
}

#[test]
fn requests_with_events_are_bounded() {
    let limits = Limits { events_per_request: 2, event_bytes: 1, ..Limits::default() };
    let mut driver = Driver::new(limits);
    let kinds = ["cart.added"; 3];
    let server = Sender::Server { key: "backend".into(), project: String::new() };
    assert_eq!(refused(&offer(&mut driver, &kinds, server.clone())), RelayOutcome::TooLarge);
    let effects = format!("{:?}", offer(&mut driver, &kinds[..2], server.clone()));
    assert!(effects.contains("\"drop\"") && effects.contains("2 bytes long; at most 1"), "{effects}");
    let reply = Reply::Events { results: Vec::new(), reasons: Vec::new() };
    assert_eq!(offer(&mut driver, &[], server), [Effect::Reply { ticket: Ticket(1), reply }]);
}

#[test]
fn who_sends_too_much_is_told_how_long_to_wait() {
    let few = Rate { requests: 1, requests_at_once: 2, bytes: 10, bytes_at_once: 20 };
    let mut driver = Driver::new(Limits { address: few, key: few, ..Limits::default() });
    for number in 11..=12 {
        assert!(matches!(
            *driver.call(number, CallRequest { id: id(number.into()), ..request() }),
            [Effect::Begin { .. }]
        ));
    }
    let effects = driver.call(13, CallRequest { id: id(3), ..request() });
    assert_eq!(refused(&effects), RelayOutcome::RateLimited);
    assert!(format!("{effects:?}").contains("retry_after_ms: Some(1000)"), "{effects:?}");
    assert_eq!(refused(&driver.ask(14, player())), RelayOutcome::RateLimited);
    assert_eq!(
        refused(&offer(&mut driver, &["cart.added"], Sender::Player(player()))),
        RelayOutcome::RateLimited
    );
    // Servers are counted apart; here by bytes.
    let server = Sender::Server { key: "backend".into(), project: String::new() };
    for _ in 0..2 {
        let effects = offer(&mut driver, &["x"], server.clone());
        assert!(matches!(*effects, [Effect::Reply { reply: Reply::Events { .. }, .. }]));
    }
    let effects = offer(&mut driver, &["x"], server);
    assert_eq!(refused(&effects), RelayOutcome::RateLimited);
    assert!(format!("{effects:?}").contains("this API key"), "{effects:?}");
    driver.pass(1_000);
    assert!(matches!(*driver.ask(15, player()), [Effect::Find { .. }]));
}
