//! Leaving the page: no request is lost by that, and nobody waits for long.

use super::*;

const TELL: &str = r#"{"id":"w","url":"/w","retries":1}"#;
const FOREIGN: &str = r#"{"id":"w","url":"https://other.example/","retries":1}"#;
const BUY: &str = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w"},
    {"do":"openUrl","url":"/thanks","newTab":false}]}"#;

fn scene(webhook: &str) -> Scene {
    let mut scene = Scene::new(webhook, BUY);
    scene.engine.setup.allow_origins = None;
    scene
}

/// A body that browsers would not carry.
fn large() -> Scene {
    let mut scene = scene(TELL);
    scene.input(Input::SetVariable { name: "text".into(), value: "x".repeat(60_000).as_str().into() });
    scene
}

fn opened(scene: &Scene) -> Vec<&str> {
    let url = |effect: &'_ Effect| match effect {
        Effect::OpenUrl { url, new_tab: false } => Some(url.clone()),
        _ => None,
    };
    scene
        .effects
        .iter()
        .filter_map(url)
        .map(|url| if url == "/thanks" { "/thanks" } else { "/next" })
        .collect()
}

fn follow(scene: &mut Scene) {
    scene.input(Input::PageClick {
        control: 1,
        webhook: "w".into(),
        element: None,
        label: "Next".into(),
        params: crate::json::Object::new(),
        link: Some("/next".into()),
    });
}

#[test]
fn with_nothing_under_way_it_is_left_at_once() {
    let area = r#"{"id":"a",AREA,"onClick":[{"do":"openUrl","url":"/thanks","newTab":false}]}"#;
    let mut scene = Scene::new("", area);
    scene.click("a");
    assert_eq!(opened(&scene), ["/thanks"]);
    assert!(!scene.effects.iter().any(|effect| matches!(effect, Effect::StartTimer { .. })));
}

#[test]
fn what_the_browser_carries_is_not_waited_for() {
    for webhook in [TELL, FOREIGN] {
        let mut scene = scene(webhook);
        scene.click("a");
        assert!(scene.requests()[0].keepalive, "{webhook}");
        assert_eq!(opened(&scene), ["/thanks"], "{webhook}");
        let place = |wanted: fn(&Effect) -> bool| scene.effects.iter().position(wanted);
        assert!(
            place(|effect| matches!(effect, Effect::Send(_)))
                < place(|effect| matches!(effect, Effect::OpenUrl { .. })),
            "sent first"
        );
    }
}

#[test]
fn what_it_does_not_carry_is_waited_for() {
    let mut scene = large();
    scene.click("a");
    assert!(!scene.requests()[0].keepalive && opened(&scene).is_empty());
    assert!(scene.has(&Effect::StartTimer { timer: Timer::Leave, after_ms: 2_000.0 }));
    scene.answer(1, 1, 200, "{}");
    assert_eq!(opened(&scene), ["/thanks"]);
    assert!(scene.has(&Effect::StopTimer(Timer::Leave)));
    let mut scene = large();
    scene.click("a");
    scene.answer(1, 1, 500, "");
    assert_eq!(opened(&scene), ["/thanks"], "an error is an answer, too");
}

#[test]
fn two_seconds_at_most() {
    let mut scene = large();
    scene.click("a");
    scene.answer(1, 1, 503, "");
    assert!(opened(&scene).is_empty(), "it is tried again");
    scene.input(Input::Timer(Timer::Leave));
    assert_eq!(opened(&scene), ["/thanks"]);
    scene.input(Input::Timer(Timer::Leave));
    assert!(opened(&scene).is_empty(), "once");
}

#[test]
fn a_second_attempt_is_not_sure_to_arrive() {
    let mut scene = scene(TELL);
    scene.decides = false;
    scene.click("a");
    let decide = |scene: &mut Scene| {
        let (proposal, _) = scene.proposals[0];
        scene.input(Input::Decided { proposal, allowed: true, headers: Vec::new() });
    };
    decide(&mut scene);
    assert!(opened(&scene).is_empty(), "listeners have not seen the request");
    decide(&mut scene);
    assert_eq!(opened(&scene), ["/thanks"]);

    let mut scene = Scene::new(TELL, r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w"}]}"#);
    scene.click("a");
    assert!(!scene.requests()[0].keepalive, "nobody leaves");
    scene.answer(1, 1, 503, "");
    follow(&mut scene);
    assert!(opened(&scene).is_empty());
    scene.input(Input::Timer(Timer::Retry(1)));
    assert!(!scene.requests()[0].keepalive, "it may have failed for want of room");
    scene.answer(1, 2, 200, "{}");
    assert_eq!(opened(&scene), ["/next"]);
}

#[test]
fn the_room_for_such_requests_is_shared() {
    let webhooks = r#"{"id":"w","url":"/w"},{"id":"x","url":"/x"}"#;
    let area = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w"},{"do":"executeWebhook","webhook":"x"},
        {"do":"openUrl","url":"/thanks","newTab":false}]}"#;
    let mut scene = Scene::new(webhooks, area);
    scene.input(Input::SetVariable { name: "text".into(), value: "x".repeat(30_000).as_str().into() });
    scene.click("a");
    let keepalive: Vec<bool> = scene.requests().iter().map(|request| request.keepalive).collect();
    assert_eq!(keepalive, [true, false]);
    assert!(opened(&scene).is_empty());
    scene.answer(2, 1, 200, "{}");
    assert_eq!(opened(&scene), ["/thanks"], "the first one is carried");
}

#[test]
fn a_browser_without_keepalive_is_waited_for() {
    let mut scene = scene(TELL);
    scene.engine.setup.keepalive = false;
    scene.click("a");
    assert!(!scene.requests()[0].keepalive && opened(&scene).is_empty());
}

#[test]
fn a_link_of_the_page_is_followed() {
    let mut scene = scene(TELL);
    follow(&mut scene);
    assert!(scene.requests()[0].keepalive);
    assert_eq!(opened(&scene), ["/next"]);

    let mut scene = large();
    follow(&mut scene);
    assert!(opened(&scene).is_empty());
    scene.click("a");
    assert_eq!(scene.sent(), [], "the webhook runs already");
    scene.answer(1, 1, 200, "{}");
    assert_eq!(opened(&scene), ["/thanks"], "of two the last counts");
}

#[test]
fn a_request_that_the_page_prevents_is_not_waited_for() {
    let mut scene = large();
    scene.decides = false;
    follow(&mut scene);
    let (proposal, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal, allowed: false, headers: Vec::new() });
    assert_eq!(opened(&scene), ["/next"]);
}

#[test]
fn what_replaces_no_page_waits_for_nothing() {
    for url in ["mailto:a@b.example", "TEL:123", "#part"] {
        let area = BUY.replace("/thanks", url);
        let mut scene = Scene::new(TELL, &area);
        scene.engine.setup.keepalive = false;
        scene.click("a");
        assert!(scene.has(&Effect::OpenUrl { url: url.into(), new_tab: false }), "{url}");
    }
}

#[test]
fn who_destroys_us_leaves_all_the_same() {
    let mut scene = large();
    follow(&mut scene);
    scene.input(Input::Destroy);
    assert_eq!(opened(&scene), ["/next"]);
    assert!(matches!(scene.effects.last(), Some(Effect::Teardown)));
}
