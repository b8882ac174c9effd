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
fn with_its_source_a_chain_ends_and_the_answer_stays() {
    let ends: [fn(&mut Scene); 2] = [
        |scene| scene.input(Input::Media(MediaEvent::SourceChanged)),
        |scene| scene.moment.media.detached = true,
    ];
    for (end, reason) in ends.into_iter().zip(["source-changed", "removed"]) {
        let mut scene = scene("wait");
        scene.click("a");
        end(&mut scene);
        scene.answer(1, 1, 200, r#"{"code":"X"}"#);
        assert!(callbacks(&scene).is_empty() && !scene.plays(), "{reason}");
        assert_eq!(scene.engine.variables().get("code").unwrap().as_str(), Some("X"));
        assert_eq!(scene.events("resume")[0]["reason"], reason);
        assert_eq!(scene.events("settled")[0]["outcome"], "ok");
    }
}

#[test]
fn nor_does_on_error_run_for_a_source_that_is_gone() {
    for webhook in ["wait", "go"] {
        let mut scene = scene(webhook);
        scene.click("a");
        scene.input(Input::Media(MediaEvent::SourceChanged));
        scene.answer(1, 1, 500, "");
        assert!(callbacks(&scene).is_empty(), "{webhook}");
        assert_eq!(scene.events("error")[0]["code"], "http-status");
        assert!(scene.notices().is_empty(), "the author would have told the viewer");
    }
}

#[test]
fn a_failed_call_that_is_tried_again_belongs_to_its_source() {
    let area = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"wait"},{"do":"callback","name":"after"}]}"#;
    for another_source in [false, true] {
        let mut scene = Scene::new(HOOKS, area);
        scene.click("a");
        scene.answer(1, 1, 500, "");
        if another_source {
            scene.input(Input::Media(MediaEvent::SourceChanged));
        }
        scene.input(Input::Notice { key: 1, button: NoticeButton::Retry });
        scene.answer(2, 1, 200, "{}");
        assert_eq!(callbacks(&scene).is_empty(), another_source);
    }
}

#[test]
fn the_first_source_is_no_other_source() {
    let mut scene = scene("wait");
    scene.moment.media.duration = None;
    scene.moment.media.time = 0.0;
    let project = Rc::clone(&scene.engine.project);
    let (setup, moment) = (scene.engine.setup.clone(), scene.moment);
    scene.engine = Engine::new(project, setup);
    scene.moment = moment;
    scene.input(Input::Start);
    scene.click("a");
    scene.input(Input::Media(MediaEvent::SourceChanged));
    scene.answer(1, 1, 200, "{}");
    assert_eq!(callbacks(&scene), ["after"], "the click was on a video that had not loaded yet");
}

#[test]
fn what_leads_nowhere_is_not_opened() {
    let actions = r#"[{"do":"openUrl","url":"${nothing}","newTab":false},{"do":"openUrl","url":"  ${empty}"},
        {"do":"openUrl","url":"${user}"},{"do":"openUrl","url":"${list}","newTab":false},{"do":"openUrl","url":"${yes}"},
        {"do":"openUrl","url":" ${number} "},{"do":"openUrl","url":"${number}"}]"#;
    let mut scene = Scene::new("", &format!(r#"{{"id":"a",AREA,"onClick":{actions}}}"#));
    for (name, value) in
        [("empty", r#""  ""#), ("user", r#"{"a":1}"#), ("list", "[1]"), ("yes", "true"), ("number", "17")]
    {
        let value = parse(value.as_bytes(), 8).unwrap();
        scene.input(Input::SetVariable { name: name.into(), value });
    }
    scene.click("a");
    let opened: Vec<&Effect> =
        scene.effects.iter().filter(|effect| matches!(effect, Effect::OpenUrl { .. })).collect();
    let page = Effect::OpenUrl { url: "17".into(), new_tab: true };
    assert_eq!(opened, [&page, &page]);
    let errors = scene.events("error");
    let texts: Vec<&str> = errors.iter().map(|error| error["message"].as_str().unwrap()).collect();
    assert!(errors.iter().all(|error| error["code"] == "template"));
    for (text, part) in texts.iter().zip([
        "`${nothing}` has no value",
        "`  ${empty}` has no value",
        "`${user}` is an object",
        "`${list}` is a list",
        "`${yes}` is",
    ]) {
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(texts.len(), 5);
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
