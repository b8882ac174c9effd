//! What happens at bad moments and with bad input.

use super::*;

const ASK: &str = r#"{ "id": "ask", "url": "/ask", "waitForResponse": true, "retries": 0 }"#;
const AREA: &str = r#"{ "id": "area", AREA, "onClick": [ { "do": "executeWebhook", "webhook": "ask" } ] }"#;

fn fail(scene: &mut Scene, request: RequestId) {
    scene.input(Input::AttemptEnded { request, attempt: 1, outcome: Err(TransportFailure::Network) });
}

/// The keys of the notices of failed calls.
fn failed(scene: &Scene) -> Vec<u32> {
    let failed = |notice: &&Notice| notice.kind == NoticeKind::Failed;
    scene.engine.notices.iter().filter(failed).map(|notice| notice.key).collect()
}

#[test]
fn a_header_that_browsers_refuse_is_named() {
    for (name, value, sent) in [
        ("authorization", "Bearer a-b.c", true),
        ("x-name", "Zoë", true),
        ("x-name", "Łukasz", false),
        ("x-name", "a\r\nwebhook-id: forged", false),
        ("x name", "a", false),
        ("", "a", false),
    ] {
        let mut scene = Scene::new(ASK, AREA);
        scene.decides = false;
        scene.click("area");
        let (click, _) = scene.proposals[0];
        scene.input(Input::Decided { proposal: click, allowed: true, headers: Vec::new() });
        let (request, _) = scene.proposals[0];
        let headers = vec![(name.to_owned(), value.to_owned())];
        scene.input(Input::Decided { proposal: request, allowed: true, headers });
        assert_eq!(scene.sent().len(), usize::from(sent), "{name}: {value}");
        if !sent {
            assert_eq!(scene.events("settled")[0]["outcome"], "config-invalid", "{name}: {value}");
        }
    }
}

#[test]
fn a_success_takes_back_the_offer_to_try_again() {
    let mut scene = Scene::new(ASK, AREA);
    scene.click("area");
    fail(&mut scene, 1);
    assert_eq!(failed(&scene), [1]);
    // The viewer does not press “try again” but clicks once more.
    scene.click("area");
    scene.answer(2, 1, 200, "{}");
    assert!(failed(&scene).is_empty());
}

#[test]
fn an_offer_to_try_again_outlives_a_press_at_a_bad_moment() {
    let mut scene = Scene::new(ASK, AREA);
    scene.click("area");
    fail(&mut scene, 1);
    scene.click("area");
    scene.input(Input::Notice { key: 1, button: NoticeButton::Retry });
    assert!(scene.sent().is_empty(), "another call of the webhook is running");
    assert_eq!(failed(&scene), [1]);
    fail(&mut scene, 2);
    scene.input(Input::Notice { key: 2, button: NoticeButton::Retry });
    assert_eq!((scene.sent(), failed(&scene)), (vec![(3, 1)], vec![]));
}

#[test]
fn warnings_are_bounded() {
    let html = r#"{ "id": "link", HTML, "source": "<a href=\"${url!/}\">more</a>" }"#;
    let mut scene = Scene::new("", html);
    let mut warnings = 0;
    for number in 0..2_000 {
        let value = Json::from(format!("javascript:{number}").as_str());
        scene.input(Input::SetVariable { name: "url".into(), value });
        warnings += scene.effects.iter().filter(|effect| matches!(effect, Effect::Warn(_))).count();
    }
    assert!((100..=1_000).contains(&warnings), "{warnings} warnings of what answers may say");
}

#[test]
fn params_that_fail_hold_nothing_back_if_nobody_waits() {
    let webhook = r#"{ "id": "tell", "url": "/tell" }"#;
    let area = r#"{ "id": "area", AREA, "onClick": [
        { "do": "executeWebhook", "webhook": "tell", "params": { "a": "${'a' - 1}" } },
        { "do": "callback", "name": "told" } ] }"#;
    let mut scene = Scene::new(webhook, area);
    scene.click("area");
    assert_eq!((scene.events("error").len(), scene.events("callback").len()), (1, 1));
}

#[test]
fn a_click_on_what_was_replaced_meanwhile_does_nothing() {
    let mut scene = Scene::new(ASK, AREA);
    scene.decides = false;
    scene.click("area");
    let (click, _) = scene.proposals[0];
    // A listener replaces the project.
    let (project, targets) = (Rc::clone(&scene.engine.project), scene.engine.setup.targets.clone());
    scene.input(Input::Update { project, targets });
    scene.input(Input::Decided { proposal: click, allowed: true, headers: Vec::new() });
    assert!(scene.proposals.is_empty() && scene.engine.requests.is_empty());
}

#[test]
fn what_the_page_decides_late_is_told_apart() {
    let areas = [AREA, &AREA.replace("\"area\"", "\"other\"")].join(",");
    let mut scene = Scene::new(ASK, &areas);
    scene.decides = false;
    scene.click("area");
    let (first, _) = scene.proposals[0];
    scene.click("other");
    let (second, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal: second, allowed: true, headers: Vec::new() });
    assert_eq!(scene.events("request").len(), 1);
    let (request, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal: first, allowed: false, headers: Vec::new() });
    assert!(scene.events("request").is_empty());
    scene.input(Input::Decided { proposal: request, allowed: true, headers: Vec::new() });
    let body: Value = serde_json::from_slice(&scene.requests()[0].body).unwrap();
    assert_eq!(body["trigger"]["element"], "other");
    scene.input(Input::Decided { proposal: first, allowed: true, headers: Vec::new() });
    assert!(scene.effects.is_empty(), "it was decided before");
}
