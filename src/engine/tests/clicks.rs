//! Double clicks: one click runs its list once, and nothing that a click sets off is taken for one.

use super::*;
use crate::json::Object;

const QUICK: &str = r#"{"id":"w","url":"/w","waitForResponse":true,"retries":0}"#;
const TELL: &str = r#"{"id":"tell","url":"/tell","retries":0,"whileRunning":"queue"}"#;
const AREA: &str = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w"}]}"#;

/// Clicks the first element so many milliseconds later. Returns whether it counted.
fn click(scene: &mut Scene, after_ms: f64) -> bool {
    scene.moment.clock_ms += after_ms;
    scene.input(Input::Click(0));
    !scene.events("activate").is_empty()
}

fn count(scene: &Scene) -> usize {
    parse(scene.engine.interactions().as_bytes(), 8).unwrap().as_array().unwrap().len()
}

fn answer(scene: &mut Scene, request: RequestId) {
    scene.answer(request, 1, 200, "{}");
}

fn params(sku: &str) -> Object {
    let mut params = Object::new();
    params.set("sku", sku.into());
    params
}

#[test]
fn the_second_click_counts_for_nothing() {
    let mut scene = Scene::new(QUICK, AREA);
    assert!(click(&mut scene, 0.0));
    answer(&mut scene, 1);
    scene.moment.clock_ms += 499.0;
    scene.input(Input::Click(0));
    assert!(scene.effects.is_empty(), "{:?}", scene.effects);
    assert_eq!(count(&scene), 1);
    assert!(click(&mut scene, 1.0), "500 ms after the one that counted");
    assert_eq!((scene.sent(), count(&scene)), (vec![(2, 1)], 2));
}

#[test]
fn a_click_that_does_not_count_begins_nothing_anew() {
    let mut scene = Scene::new(QUICK, AREA);
    let counted: Vec<bool> = [0.0, 200.0, 200.0, 200.0].map(|after| click(&mut scene, after)).into();
    assert_eq!(counted, [true, false, false, true]);
}

#[test]
fn a_click_that_the_page_vetoed_is_none() {
    let mut scene = Scene::new(QUICK, AREA);
    scene.decides = false;
    scene.input(Input::Click(0));
    let (proposal, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal, allowed: false, headers: Vec::new() });
    scene.decides = true;
    assert!(click(&mut scene, 100.0));
    assert_eq!(scene.sent(), [(1, 1)]);
}

#[test]
fn what_calls_no_webhook_takes_any_click() {
    let area = r#"{"id":"a",AREA,"onClick":[{"do":"setVariable","name":"n","value":"${n!0}"}]}"#;
    let mut scene = Scene::new(QUICK, area);
    assert!(click(&mut scene, 0.0) && click(&mut scene, 10.0));
    let webhook_in_another_list =
        area.replace("\"onClick\"", r#""onAppear":[{"do":"executeWebhook","webhook":"w"}],"onClick""#);
    let mut scene = Scene::new(QUICK, &webhook_in_another_list);
    assert!(click(&mut scene, 0.0) && click(&mut scene, 10.0));
    assert_eq!(count(&scene), 2);
}

#[test]
fn one_click_runs_its_whole_list_however_quick_the_answers_are() {
    let area = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w","params":{"step":1}},
        {"do":"executeWebhook","webhook":"w","params":{"step":2}},{"do":"callback","name":"done"}]}"#;
    let mut scene = Scene::new(QUICK, area);
    click(&mut scene, 0.0);
    answer(&mut scene, 1);
    assert_eq!(scene.sent(), [(2, 1)]);
    let body: Value = serde_json::from_slice(&scene.requests()[0].body).unwrap();
    assert_eq!(body["params"]["step"], 2);
    answer(&mut scene, 2);
    assert_eq!(scene.events("callback")[0]["name"], "done");
}

#[test]
fn on_error_may_call_the_same_webhook_at_once() {
    let area = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w",
        "onError":[{"do":"executeWebhook","webhook":"w"},{"do":"callback","name":"again"}]}]}"#;
    let mut scene = Scene::new(QUICK, area);
    click(&mut scene, 0.0);
    scene.answer(1, 1, 500, "");
    assert_eq!(scene.sent(), [(2, 1)]);
    answer(&mut scene, 2);
    assert_eq!(scene.events("callback")[0]["name"], "again");
}

#[test]
fn a_double_click_posts_no_webhook_of_a_list_twice() {
    let area = r#"{"id":"a",AREA,"onClick":[{"do":"callback","name":"first"},
        {"do":"executeWebhook","webhook":"tell"},{"do":"executeWebhook","webhook":"w"}]}"#;
    let mut scene = Scene::new(&[QUICK, TELL].join(","), area);
    click(&mut scene, 0.0);
    assert_eq!(scene.sent(), [(1, 1), (2, 1)]);
    assert!(!click(&mut scene, 300.0));
    answer(&mut scene, 1);
    assert_eq!(scene.sent(), [], "nothing was queued");
}

#[test]
fn calls_of_the_page_are_no_clicks() {
    let mut scene = Scene::new(TELL, "");
    for ticket in 0..2 {
        scene.input(Input::Execute { ticket, webhook: "tell".into(), params: Json::Null });
    }
    answer(&mut scene, 1);
    assert_eq!(scene.sent(), [(2, 1)]);
}

#[test]
fn buttons_of_templates_differ_by_node_and_by_what_they_say() {
    let list = r#"{"id":"list",HTML,"source":"<button data-execute-webhook='tell'>Tell</button><button data-action='go'>Go</button>",
        "actions":{"go":[{"do":"executeWebhook","webhook":"tell"}],"rest":[{"do":"callback","name":"rest"}]}}"#;
    let mut scene = Scene::new(TELL, list);
    let mut press = |control, command: Command, sku: &str| {
        scene.moment.clock_ms += 100.0;
        let params = params(sku);
        scene.input(Input::Press {
            control,
            element: 0,
            command,
            label: "Tell".into(),
            params,
            records: None,
        });
        !scene.events("activate").is_empty()
    };
    let tell = || Command::Webhook("tell".into());
    let list = |name: &str| Command::Actions(name.into());
    assert!(press(1, tell(), "tent"));
    assert!(!press(1, tell(), "tent"));
    assert!(press(2, tell(), "tent"), "another node");
    assert!(press(2, tell(), "cup"), "another thing");
    assert!(!press(2, tell(), "cup"));
    assert!(press(3, list("go"), "cup"));
    assert!(!press(3, list("go"), "cup"));
    assert!(press(4, list("rest"), "cup") && press(4, list("rest"), "cup"), "it calls no webhook");
}

#[test]
fn a_click_in_between_hides_no_double_click() {
    let mut scene = Scene::new(&[QUICK, TELL].join(","), AREA);
    assert!(click(&mut scene, 0.0));
    // A listener clicks a button of the page for the viewer.
    let (webhook, label) = ("tell".to_owned(), "Tell".to_owned());
    let params = Object::new();
    scene.input(Input::PageClick { control: 1, webhook, element: None, label, params, link: None });
    assert!(!click(&mut scene, 200.0));
}

#[test]
fn elements_of_the_page_differ_by_node() {
    let mut scene = Scene::new(TELL, "");
    let mut click = |control, after_ms| {
        scene.moment.clock_ms += after_ms;
        let (webhook, label) = ("tell".to_owned(), "Tell".to_owned());
        let params = Object::new();
        scene.input(Input::PageClick { control, webhook, element: None, label, params, link: None });
        count(&scene)
    };
    assert_eq!(click(1, 0.0), 1);
    assert_eq!(click(2, 250.0), 2, "two buttons without parameters");
    assert_eq!(click(2, 250.0), 2);
    assert_eq!(click(2, 250.0), 3);
}
