//! The machine by itself.

use super::*;
use crate::effect::Delivery;
use crate::endpoint::{Endpoint, Minted};
use crate::input::WriteOutcome;
use cuehook_protocol::{Format, Response};

fn setup() -> Setup {
    Setup {
        seed: [1, 2, 3, 4],
        session: "01934c0b-0000-7000-8000-000000000001".into(),
        started_ms: 1.7e12,
        is_resumed: false,
        allow_origins: None,
        origin: "https://shop.example".into(),
        keepalive: true,
        fetch_later: false,
        locks: true,
    }
}

fn lead(id: &str) -> Minted {
    Minted {
        kind: "lead.captured".into(),
        id: id.into(),
        at_ms: 1.7e12,
        video: r#"{"id":"v"}"#.into(),
        view: r#"{"id":"w"}"#.into(),
        viewer: None,
        more: String::new(),
        kept_view: None,
    }
}

fn endpoint() -> Endpoint {
    Endpoint {
        webhook: "crm".into(),
        url: "https://crm.example/hook".into(),
        headers: vec![],
        simple: false,
        batch: false,
        format: Format::Cuehook,
        events: vec!["*".into()],
        page: None,
    }
}

#[test]
fn an_event_is_stored_then_sent_then_removed() {
    let mut outbox = Outbox::new(setup());
    let mut step = |input| {
        let mut effects = Vec::new();
        outbox.handle(Moment { wall_ms: 1.7e12, clock_ms: 0.0 }, input, &mut effects);
        effects
    };
    let effects = step(Input::Opened(Storage::Durable));
    assert!(matches!(effects[..], [Effect::Lock { steal: false }]), "{effects:?}");
    let effects = step(Input::Locked);
    let [Effect::StartTimer { timer: Timer::Lease, .. }, Effect::Read { ticket, prefix: "endpoint/", .. }] =
        effects[..]
    else {
        panic!("{effects:?}");
    };
    let effects = step(Input::Rows { ticket, rows: vec![] });
    let [Effect::Read { ticket, prefix: "event/", .. }] = effects[..] else { panic!("{effects:?}") };
    let effects = step(Input::Rows { ticket, rows: vec![] });
    assert!(matches!(effects[..], [Effect::StopTimer(Timer::Lease), Effect::Unlock]), "{effects:?}");

    let endpoints = vec![endpoint()].into();
    let effects = step(Input::Record { event: lead("e1"), endpoints, ticket: Some(7) });
    let [Effect::Lock { .. }, Effect::Write { ticket, ref puts, strict: true, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    let row = puts.iter().find(|(key, _)| key.starts_with("event/0/e1/")).unwrap().clone();
    let effects = step(Input::Written { ticket, outcome: WriteOutcome::Done });
    assert!(matches!(effects[..], [Effect::Settle { ticket: 7, result: Ok(()) }]), "{effects:?}");
    let effects = step(Input::Locked);
    let [_, Effect::Read { ticket, prefix: "event/0/", .. }] = effects[..] else { panic!("{effects:?}") };
    let effects = step(Input::Rows { ticket, rows: vec![row.clone()] });
    let [Effect::Send(Delivery { number, ref body, ref headers, .. })] = effects[..] else {
        panic!("{effects:?}");
    };
    assert!(body.starts_with(r#"{"type":"lead.captured""#) && body.contains(r#""seq":1"#), "{body}");
    assert!(headers.contains(&("webhook-id".into(), "e1".into())));
    let outcome = Ok(Response { status: 204, ..Response::default() });
    let effects = step(Input::Ended { delivery: number, outcome });
    let [Effect::Report(_), Effect::Write { ticket, ref deletes, .. }] = effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!(*deletes, [row.0]);
    let effects = step(Input::Written { ticket, outcome: WriteOutcome::Done });
    assert!(matches!(effects[..], [Effect::StopTimer(Timer::Lease), Effect::Unlock]), "{effects:?}");
}
