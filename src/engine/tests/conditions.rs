//! Conditions, the action `if`, and values of actions.

use super::*;

fn callbacks(scene: &Scene) -> Vec<(String, Value)> {
    let both = |detail: &Value| (detail["name"].as_str().unwrap().to_owned(), detail["value"].clone());
    scene.events("callback").iter().map(both).collect()
}

fn names(scene: &Scene) -> Vec<String> {
    callbacks(scene).into_iter().map(|(name, _)| name).collect()
}

fn set(scene: &mut Scene, name: &str, value: impl Into<Value>) {
    let value = parse(value.into().to_string().as_bytes(), 8).unwrap();
    scene.input(Input::SetVariable { name: name.into(), value });
}

/// A condition from second 2 to second 10.
fn condition(when: &str) -> Scene {
    Scene::new(
        "",
        &format!(
            r#"{{"id":"c","kind":"condition","when":"{when}","from":2,"to":10,
                "onTrue":[{{"do":"callback","name":"true"}}],"onFalse":[{{"do":"callback","name":"false"}}]}}"#
        ),
    )
}

#[test]
fn a_condition_fires_when_its_truth_changes() {
    let mut scene = condition("user.userName == 'john.doe'");
    assert!(names(&scene).is_empty(), "false at the start is nothing new");
    let user = |name: &str| serde_json::json!({ "userName": name });
    set(&mut scene, "user", user("jane"));
    assert!(names(&scene).is_empty());
    set(&mut scene, "user", user("john.doe"));
    assert_eq!(names(&scene), ["true"]);
    set(&mut scene, "other", 1);
    assert!(names(&scene).is_empty(), "it stays true");
    set(&mut scene, "user", user("jane"));
    assert_eq!(names(&scene), ["false"]);
}

#[test]
fn leaving_the_time_range_forgets_the_truth() {
    let mut scene = condition("viewerName");
    assert_eq!((scene.shown(), scene.hidden()), (Vec::new(), Vec::new()), "it is never seen");
    scene.at(10.0);
    assert!(names(&scene).is_empty());
    set(&mut scene, "viewerName", "");
    scene.at(5.0);
    assert!(names(&scene).is_empty());
    set(&mut scene, "viewerName", "Ada");
    assert_eq!(names(&scene), ["true"]);
    scene.at(1.0);
    scene.at(2.0);
    assert_eq!(names(&scene), ["true"], "it is true again when its time comes again");
}

#[test]
fn a_condition_that_is_true_from_the_start_fires() {
    let mut scene = condition("viewerName == 'guest'");
    assert_eq!(names(&scene), ["true"]);
    scene.at(6.0);
    assert!(names(&scene).is_empty());
}

#[test]
fn an_error_is_reported_once_for_each_change() {
    let mut scene = condition("viewerName / 2 > 1");
    let errors = |scene: &Scene| scene.events("error").len();
    assert_eq!(errors(&scene), 1);
    assert_eq!(scene.events("error")[0]["element"], "c");
    scene.at(6.0);
    assert_eq!(errors(&scene), 0);
    set(&mut scene, "viewerName", "Ada");
    assert_eq!((errors(&scene), names(&scene).len()), (1, 0));
    set(&mut scene, "viewerName", 4);
    assert_eq!((errors(&scene), names(&scene)), (0, vec!["true".to_owned()]));
}

#[test]
fn a_hidden_condition_does_nothing() {
    let mut scene = Scene::new(
        "",
        r#"{"id":"c","kind":"condition","when":"ready","visible":false,"onTrue":[{"do":"callback","name":"true"}]},
           {"id":"a",AREA,"onClick":[{"do":"show","element":"c"}]}"#,
    );
    set(&mut scene, "ready", true);
    assert!(names(&scene).is_empty());
    scene.click("a");
    assert_eq!(names(&scene), ["true"]);
}

#[test]
fn conditions_that_set_each_other_off_are_stopped() {
    let turn = |id: &str, when: u32, then: u32| {
        format!(
            r#"{{"id":"{id}","kind":"condition","when":"x == {when}","onTrue":[{{"do":"setVariable","name":"x","value":{then}}}]}}"#
        )
    };
    let mut scene = Scene::new("", &[turn("a", 1, 2), turn("b", 2, 1)].join(","));
    set(&mut scene, "x", 1);
    let errors = scene.events("error");
    assert!(
        errors.iter().any(|error| error["message"].as_str().unwrap().contains("without end")),
        "{errors:?}"
    );
}

#[test]
fn a_condition_waits_for_where_a_seek_ends() {
    let mut scene = condition("viewerName");
    scene.at(1.0);
    scene.moment.media.seeking = true;
    scene.input(Input::Media(MediaEvent::Seeking));
    scene.at(5.0);
    assert!(names(&scene).is_empty());
    scene.moment.media.seeking = false;
    scene.at(5.0);
    scene.input(Input::Timer(Timer::Seek));
    assert_eq!(names(&scene), ["true"]);
}

const IF: &str = r#"{"id":"a",AREA,"onClick":[
    {"do":"if","when":"score >= 3","then":[{"do":"executeWebhook","webhook":"w"},{"do":"callback","name":"then"}],
     "else":[{"do":"callback","name":"else"},{"do":"if","when":"viewerName","then":[{"do":"callback","name":"deep"}]}]},
    {"do":"callback","name":"after"}]}"#;
const WAIT: &str = r#"{"id":"w","url":"/w","waitForResponse":true,"retries":0}"#;

#[test]
fn if_runs_one_of_two_lists_and_goes_on() {
    let mut scene = Scene::new(WAIT, IF);
    scene.click("a");
    assert_eq!(names(&scene), ["else", "deep", "after"]);
}

#[test]
fn a_webhook_inside_of_if_holds_back_all_that_follows() {
    let mut scene = Scene::new(WAIT, IF);
    set(&mut scene, "score", 3);
    scene.click("a");
    assert_eq!((names(&scene), scene.sent()), (Vec::new(), vec![(1, 1)]));
    scene.answer(1, 1, 200, "{}");
    assert_eq!(names(&scene), ["then", "after"]);
    scene.click("a");
    scene.answer(2, 1, 500, "");
    assert!(names(&scene).is_empty(), "what waits for a response that fails does not run");
}

#[test]
fn if_reports_what_has_no_result_and_goes_on() {
    let mut scene = Scene::new(WAIT, &IF.replace("score >= 3", "viewerName / 2"));
    scene.click("a");
    assert_eq!((names(&scene), scene.events("error").len()), (vec!["after".to_owned()], 1));
}

#[test]
fn a_click_on_what_may_call_a_webhook_is_guarded() {
    let mut scene = Scene::new(WAIT, IF);
    scene.click("a");
    scene.input(Input::Click(0));
    assert!(scene.events("activate").is_empty());
}

#[test]
fn what_a_button_says_is_known_to_its_actions() {
    let mut scene = Scene::new(
        "",
        r#"{"id":"list",HTML,"source":"<button data-action=\"add\" data-param-sku=\"x\">Add</button>",
            "actions":{"add":[{"do":"setVariable","name":"sku","value":"${params.sku}"},
                              {"do":"callback","name":"added","value":{"lines":["${params.sku}","${1 + 1}",null],"of":"the ${viewerName}"}}]}},
           {"id":"a",AREA,"onClick":[{"do":"callback","name":"none","value":"${params.sku!nothing}"}]}"#,
    );
    let mut params = Object::new();
    params.set("sku", "tent".into());
    let command = Command::Actions("add".into());
    scene.input(Input::Press { control: 1, element: 0, command, label: "Add".into(), params, records: None });
    assert_eq!(scene.engine.variables().get("sku"), Some(&"tent".into()));
    let value = serde_json::json!({ "lines": ["tent", 2, null], "of": "the guest" });
    assert_eq!(callbacks(&scene), [("added".to_owned(), value)]);
    assert_eq!(scene.engine.context.get("params"), Some(Object::new().into()), "nobody else sees it");
    scene.click("a");
    assert_eq!(callbacks(&scene), [("none".to_owned(), "nothing".into())]);
}

#[test]
fn what_a_button_says_outlives_the_wait_for_a_response() {
    let mut scene = Scene::new(
        WAIT,
        r#"{"id":"list",HTML,"source":"<button data-action=\"add\">Add</button>",
            "actions":{"add":[{"do":"executeWebhook","webhook":"w"},{"do":"callback","name":"got","value":"${params.sku}"}]}},
           {"id":"a",AREA,"onClick":[{"do":"callback","name":"between","value":1}]}"#,
    );
    let mut params = Object::new();
    params.set("sku", "tent".into());
    let command = Command::Actions("add".into());
    scene.input(Input::Press { control: 1, element: 0, command, label: "Add".into(), params, records: None });
    scene.click("a");
    scene.answer(1, 1, 200, "{}");
    assert_eq!(callbacks(&scene), [("got".to_owned(), "tent".into())]);
}

#[test]
fn clicks_that_count_say_what_they_are_and_where_they_lead() {
    let mut scene = Scene::new(
        "",
        r#"{"id":"a",AREA,"records":"cta","onClick":[{"do":"pause"},{"do":"openUrl","url":"https://shop.example/${viewerName}"}]},
           {"id":"text",HTML,"source":"<a href=\"https://b.example\" data-records=\"annotation\">b</a>"}"#,
    );
    scene.click("a");
    let url = "https://b.example/".to_owned();
    let records = crate::project::Record::Annotation;
    scene.input(Input::Link { element: 1, label: "b".into(), url, records });
    let log: Value = serde_json::from_str(&scene.engine.interactions()).unwrap();
    let both: Vec<_> =
        log.as_array().unwrap().iter().map(|entry| (&entry["records"], &entry["url"])).collect();
    assert_eq!(
        both,
        [
            (&"cta".into(), &"https://shop.example/guest".into()),
            (&"annotation".into(), &"https://b.example/".into())
        ]
    );
}
