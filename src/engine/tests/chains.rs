//! Chains of actions.

use super::*;

const HOOKS: &str =
    r#"{"id":"wait","url":"/1","waitForResponse":true,"retries":0},{"id":"go","url":"/2","retries":0}"#;

fn callbacks(scene: &Scene) -> Vec<String> {
    scene.events("callback").iter().map(|detail| detail["name"].as_str().unwrap().to_owned()).collect()
}

fn scene(webhook: &str) -> Scene {
    let actions = format!(
        r#"[{{"do":"callback","name":"before","value":1}},
            {{"do":"executeWebhook","webhook":"{webhook}","onError":[{{"do":"callback","name":"failed","value":1}}]}},
            {{"do":"callback","name":"after","value":1}}]"#
    );
    Scene::new(HOOKS, &format!(r#"{{"id":"a",AREA,"onClick":{actions}}}"#))
}

#[test]
fn a_webhook_that_waits_holds_back_what_follows() {
    let mut scene = scene("wait");
    scene.click("a");
    assert_eq!(callbacks(&scene), ["before"]);
    scene.answer(1, 1, 200, "{}");
    assert_eq!(callbacks(&scene), ["after"]);
}

#[test]
fn when_it_fails_on_error_runs_instead() {
    let mut scene = scene("wait");
    scene.click("a");
    scene.answer(1, 1, 500, "");
    assert_eq!(callbacks(&scene), ["failed"]);
    assert!(scene.notices().is_empty(), "the author tells the viewer");
}

#[test]
fn a_webhook_that_does_not_wait_holds_back_nothing() {
    let mut scene = scene("go");
    scene.click("a");
    assert_eq!(callbacks(&scene), ["before", "after"]);
    assert!(!scene.has(&Effect::Pause));
    scene.answer(1, 1, 500, "");
    assert_eq!(callbacks(&scene), ["failed"]);
}

#[test]
fn another_source_voids_the_lease_but_loses_no_answer() {
    let mut scene = scene("wait");
    scene.click("a");
    scene.input(Input::Media(MediaEvent::SourceChanged));
    scene.answer(1, 1, 200, "{}");
    assert_eq!(callbacks(&scene), ["after"]);
    assert!(!scene.has(&Effect::Play));
    assert_eq!(scene.events("resume")[0]["reason"], "source-changed");
}

#[test]
fn every_action_does_what_it_says() {
    let actions = r#"[{"do":"mute"},{"do":"unmute"},{"do":"rate","rate":0.5},{"do":"seek","to":"00:00:12.5"},
        {"do":"setVariable","name":"score","value":"${score!40}"},{"do":"setVariable","name":"sum","value":"${score + 2}"},
        {"do":"openUrl","url":"https://shop.example/${viewerName}"},{"do":"openUrl","url":"${evil}","newTab":false},
        {"do":"pause"}]"#;
    let mut scene = Scene::new("", &format!(r#"{{"id":"a",AREA,"onClick":{actions}}}"#));
    scene.input(Input::SetVariable { name: "evil".into(), value: "javascript:alert(1)".into() });
    scene.input(Input::SetVariable { name: "score".into(), value: crate::json::Json::Integer(40) });
    scene.click("a");
    for effect in [
        Effect::Mute(true),
        Effect::Mute(false),
        Effect::Rate(0.5),
        Effect::Seek(12.5),
        Effect::OpenUrl { url: "https://shop.example/guest".into(), new_tab: true },
        Effect::Pause,
    ] {
        assert!(scene.has(&effect), "{effect:?} in {:?}", scene.effects);
    }
    assert_eq!(
        scene.engine.variables().get("sum"),
        Some(&crate::json::Json::Integer(42)),
        "a number stays one"
    );
    assert_eq!(scene.events("error")[0]["code"], "template", "a forbidden scheme is not opened");
    assert_eq!(scene.effects.iter().filter(|effect| matches!(effect, Effect::OpenUrl { .. })).count(), 1);
}

#[test]
fn triggers_that_feed_each_other_are_stopped() {
    let elements = r#"{"id":"a",AREA,"onDisappear":[{"do":"show","element":"a"}],"onAppear":[{"do":"hide","element":"a"}]}"#;
    let scene = Scene::new("", elements);
    assert_eq!(scene.events("error")[0]["code"], "config-invalid");
}
