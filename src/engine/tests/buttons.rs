//! Buttons inside templates.

use super::*;
use crate::json::Object;

const BUY: &str = r#"{"id":"buy","url":"/buy","waitForResponse":true,"retries":0}"#;
const LIST: &str = r#"{"id":"list",HTML,
    "source":"<button data-execute-webhook='buy'>Buy</button><button data-action='close'>Close</button>",
    "actions":{"close":[
        {"do":"callback","name":"closing","value":1},
        {"do":"executeWebhook","webhook":"buy","params":{"sku":"own","from":"${viewerName}"}},
        {"do":"hide","element":"list"}]}}"#;

fn params(pairs: &[(&str, &str)]) -> Object {
    let mut params = Object::new();
    for (name, value) in pairs {
        params.set(name, (*value).into());
    }
    params
}

fn press(scene: &mut Scene, command: Command, pairs: &[(&str, &str)]) {
    let label = "Buy this".to_owned();
    scene.input(Input::Press {
        control: 1,
        element: 0,
        command,
        label,
        params: params(pairs),
        records: None,
    });
}

fn buy() -> Command {
    Command::Webhook("buy".into())
}

/// The bodies of the requests that the last input sent.
fn bodies(scene: &Scene) -> Vec<Value> {
    scene.requests().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
}

#[test]
fn a_webhook_gets_the_params_of_the_button() {
    let mut scene = Scene::new(BUY, LIST);
    press(&mut scene, buy(), &[("sku", "tent"), ("n", "2")]);
    let activate = &scene.events("activate")[0];
    assert_eq!((&activate["element"], &activate["label"]), (&"list".into(), &"Buy this".into()));
    assert_eq!((&activate["webhook"], &activate["params"]["sku"]), (&"buy".into(), &"tent".into()));
    assert_eq!(activate.get("action"), None);
    let body = &bodies(&scene)[0];
    assert_eq!(body["params"], serde_json::json!({ "sku": "tent", "n": "2" }));
    assert!(scene.has(&Effect::Pause));
    assert!(scene.has(&Effect::Busy { element: 0, busy: true }));
    let interactions: Value = serde_json::from_str(&scene.engine.interactions()).unwrap();
    assert_eq!(interactions[0]["label"], "Buy this");
}

#[test]
fn a_list_of_actions_passes_them_on_and_its_own_win() {
    let mut scene = Scene::new(BUY, LIST);
    press(&mut scene, Command::Actions("close".into()), &[("sku", "tent"), ("n", "2")]);
    let activate = &scene.events("activate")[0];
    assert_eq!((&activate["action"], &activate["params"]["n"]), (&"close".into(), &"2".into()));
    assert_eq!(activate.get("webhook"), None);
    assert_eq!(scene.events("callback")[0]["name"], "closing");
    let body = &bodies(&scene)[0];
    assert_eq!(body["params"], serde_json::json!({ "sku": "own", "n": "2", "from": "guest" }));
    assert!(scene.hidden().is_empty(), "what follows waits for the answer");
    scene.answer(1, 1, 200, "{}");
    assert_eq!(scene.hidden(), [0]);
}

#[test]
fn the_page_can_prevent_it() {
    let mut scene = Scene::new(BUY, LIST);
    scene.decides = false;
    press(&mut scene, buy(), &[]);
    let (proposal, event) = scene.proposals[0].clone();
    assert_eq!(event.name, EventName::Activate);
    scene.input(Input::Decided { proposal, allowed: false, headers: Vec::new() });
    assert!(scene.effects.is_empty(), "{:?}", scene.effects);
    assert_eq!(scene.engine.interactions(), "[]");
}

#[test]
fn while_one_is_running_others_are_dropped_or_queued() {
    let mut scene = Scene::new(&BUY.replace("true", "false"), LIST);
    press(&mut scene, buy(), &[("sku", "tent")]);
    press(&mut scene, buy(), &[("sku", "cup")]);
    assert_eq!(scene.sent(), []);
    let mut scene = Scene::new(&BUY.replace("\"retries\"", "\"whileRunning\":\"queue\",\"retries\""), LIST);
    press(&mut scene, buy(), &[("sku", "tent")]);
    press(&mut scene, buy(), &[("sku", "lantern")]);
    assert_eq!(scene.sent(), []);
    scene.answer(1, 1, 200, "{}");
    assert_eq!(bodies(&scene)[0]["params"]["sku"], "lantern");
}

#[test]
fn what_is_not_there_is_not_pressed() {
    let mut scene = Scene::new(BUY, LIST);
    scene.input(Input::Press {
        control: 1,
        element: 1,
        command: buy(),
        label: String::new(),
        params: Object::new(),
        records: None,
    });
    assert!(scene.effects.is_empty(), "{:?}", scene.effects);
    press(&mut scene, Command::Actions("unknown".into()), &[]);
    assert_eq!((scene.sent(), scene.events("error").len()), (Vec::new(), 0));
    press(&mut scene, Command::Webhook("unknown".into()), &[]);
    assert_eq!(scene.events("error")[0]["code"], "config-invalid");
    let told =
        |effect: &Effect| matches!(effect, Effect::Warn(text) if text.contains("no webhook `unknown`"));
    assert!(
        scene.effects.iter().any(told),
        "nobody awaits a click, so the console says it: {:?}",
        scene.effects
    );
}
