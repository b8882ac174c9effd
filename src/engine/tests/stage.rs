//! What is on the stage.

use super::*;

fn texts(scene: &Scene) -> Vec<String> {
    scene
        .effects
        .iter()
        .filter_map(|effect| if let Effect::Patch { changes, .. } = effect { Some(changes) } else { None })
        .flatten()
        .filter_map(|change| change.text.clone())
        .collect()
}

#[test]
fn visibility_follows_time_in_both_directions() {
    let mut scene = Scene::new("", r#"{"id":"a",AREA,"from":2,"to":8},{"id":"b",AREA,"from":8}"#);
    assert_eq!(scene.shown(), [0]);
    scene.at(7.99);
    assert!(scene.shown().is_empty() && scene.hidden().is_empty());
    scene.at(8.0);
    assert_eq!((scene.shown(), scene.hidden()), (vec![1], vec![0]), "`to` is exclusive, `from` inclusive");
    scene.at(3.0);
    assert_eq!((scene.shown(), scene.hidden()), (vec![0], vec![1]));
}

#[test]
fn show_and_hide_work_within_the_time_range() {
    let elements =
        r#"{"id":"a",AREA,"onClick":[{"do":"show","element":"b"}]},{"id":"b",AREA,"from":8,"visible":false}"#;
    let mut scene = Scene::new("", elements);
    scene.click("a");
    assert!(scene.shown().is_empty(), "not its time yet");
    scene.at(9.0);
    assert_eq!(scene.shown(), [1]);
}

#[test]
fn what_has_focus_stays_beyond_its_time() {
    let mut scene = Scene::new("", r#"{"id":"a",AREA,"to":8}"#);
    scene.input(Input::Focus(Some(0)));
    scene.at(9.0);
    assert!(scene.hidden().is_empty());
    scene.input(Input::Focus(None));
    assert_eq!(scene.hidden(), [0]);
}

#[test]
fn an_overlay_waits_for_its_values() {
    let mut scene = Scene::new("", r#"{"id":"o",HTML,"source":"<p>Code: ${code}</p>"}"#);
    assert!(scene.shown().is_empty());
    scene.input(Input::SetVariable { name: "code".into(), value: "A1".into() });
    assert_eq!(texts(&scene), ["A1"]);
    assert_eq!(scene.shown(), [0]);
    let patch = scene.effects.iter().position(|effect| matches!(effect, Effect::Patch { .. }));
    let show = scene.effects.iter().position(|effect| matches!(effect, Effect::Show(_)));
    assert!(patch < show, "filled in before it is shown");
    scene.input(Input::SetVariable { name: "code".into(), value: crate::json::Json::Null });
    assert_eq!(scene.hidden(), [0]);
}

#[test]
fn or_shows_nothing_in_their_place() {
    let scene = Scene::new(
        "",
        r#"{"id":"o",HTML,"source":"<p>${code}</p>","whenMissing":"empty"},
        {"id":"d",HTML,"source":"DiscountCode: ${discountCode! -}"}"#,
    );
    assert_eq!(scene.shown(), [0, 1]);
    assert_eq!(texts(&scene), ["", "-"]);
}

#[test]
fn only_what_changed_is_patched() {
    let mut scene = Scene::new("", r#"{"id":"o",HTML,"source":"<p>${a!}</p><p>${b!}</p>"}"#);
    scene.input(Input::SetVariable { name: "b".into(), value: "new".into() });
    let changes = scene
        .effects
        .iter()
        .find_map(|effect| if let Effect::Patch { changes, .. } = effect { Some(changes) } else { None });
    assert_eq!(changes, Some(&vec![Change { slot: 1, text: Some("new".into()) }]));
    scene.input(Input::SetVariable { name: "b".into(), value: "new".into() });
    assert!(scene.effects.is_empty(), "the same value again changes nothing");
}

#[test]
fn an_overlay_that_waits_for_data_may_fetch_it() {
    let webhook = r#"{"id":"w","url":"/w"}"#;
    let element =
        r#"{"id":"o",HTML,"source":"${code}","from":6,"onAppear":[{"do":"executeWebhook","webhook":"w"}]}"#;
    let mut scene = Scene::new(webhook, element);
    scene.at(6.0);
    assert!(scene.shown().is_empty());
    assert_eq!(scene.sent(), [(1, 1)]);
    scene.answer(1, 1, 200, r#"{"code":"A1"}"#);
    assert_eq!(scene.shown(), [0]);
}

#[test]
fn the_developer_hears_once_of_values_in_other_letters() {
    let mut scene = Scene::new("", r#"{"id":"o",HTML,"source":"${user.username}"}"#);
    let user = parse(br#"{"userName":"john.doe"}"#, 8).unwrap();
    scene.input(Input::SetVariable { name: "user".into(), value: user });
    let warning = scene
        .effects
        .iter()
        .find_map(|effect| if let Effect::Warn(warning) = effect { Some(warning.clone()) } else { None });
    assert!(warning.unwrap().contains("did you mean `user.userName`?"));
    scene.input(Input::SetVariable { name: "x".into(), value: "y".into() });
    assert!(!scene.effects.iter().any(|effect| matches!(effect, Effect::Warn(_))));
}

#[test]
fn a_failing_template_keeps_its_last_good_state() {
    let mut scene = Scene::new("", r#"{"id":"o",HTML,"source":"${n * 2}"}"#);
    scene.input(Input::SetVariable { name: "n".into(), value: crate::json::Json::Integer(21) });
    assert_eq!(texts(&scene), ["42"]);
    let object = parse(b"{\"a\":1}", 8).unwrap();
    scene.input(Input::SetVariable { name: "n".into(), value: object });
    assert_eq!(scene.events("error")[0]["code"], "template");
    assert!(scene.hidden().is_empty() && texts(&scene).is_empty());
}

#[test]
fn an_update_keeps_variables_and_interactions() {
    let mut scene = Scene::new("", r#"{"id":"a",AREA}"#);
    scene.click("a");
    scene.input(Input::SetVariable { name: "viewerName".into(), value: "Ann".into() });
    let document = parse(br#"{"cuehook":1,"variables":{"viewerName":"guest","new":1}}"#, 8).unwrap();
    let project = Rc::new(read(&document).unwrap());
    scene.input(Input::Update { project, targets: Vec::new() });
    assert_eq!(scene.hidden(), [0]);
    assert!(scene.has(&Effect::Build));
    assert_eq!(scene.engine.variables().get("viewerName").unwrap().as_str(), Some("Ann"));
    assert!(scene.engine.variables().get("new").is_some());
    assert!(scene.engine.interactions().contains("\"element\":\"a\""));
}
