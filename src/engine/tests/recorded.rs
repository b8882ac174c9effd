//! What is told to whoever makes events of what happens.

use super::*;

const AREA: &str = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w"}]}"#;
const SUBSCRIBED: &str = r#"{"id":"w","url":"/w","name":"W","retries":1,"events":["view.*"]}"#;

impl Scene {
    /// What the last input told.
    fn recorded(&self) -> Vec<Value> {
        let told = self.effects.iter().filter_map(|effect| match effect {
            Effect::Record(text) => Some(serde_json::from_str(text).unwrap()),
            _ => None,
        });
        told.collect()
    }
}

#[test]
fn nothing_is_told_where_nobody_subscribes() {
    for webhook in [
        r#"{"id":"w","url":"/w"}"#,
        r#"{"id":"w","url":"/w","events":[]}"#,
        r#"{"id":"w","url":"/w","events":["*"],"enabled":false}"#,
        r#"{"id":"w","url":"/w","survive":true}"#,
    ] {
        let mut scene = Scene::new(webhook, AREA);
        scene.click("a");
        assert_eq!(scene.recorded(), [] as [Value; 0], "{webhook}");
        scene.answer(1, 1, 204, "");
        assert_eq!(scene.recorded(), [] as [Value; 0], "{webhook}");
    }
}

#[test]
fn a_click_is_told_as_the_log_has_it() {
    let mut scene = Scene::new(SUBSCRIBED, AREA);
    scene.click("a");
    let logged: Value = serde_json::from_str(&scene.engine.interactions()).unwrap();
    assert_eq!(scene.recorded(), [serde_json::json!({ "interaction": logged[0] })]);
    assert_eq!(logged[0]["type"], "click");
}

#[test]
fn a_submission_is_told_with_what_was_typed() {
    let form = r#"{"id":"f","kind":"form","label":"F","records":"lead",
        "box":{"left":0,"top":0,"width":9,"height":9},"fields":[{"name":"email","label":"E"}]}"#;
    let mut scene = Scene::new(SUBSCRIBED, form);
    scene.moment.clock_ms += 5_000.0;
    let mut values = Object::new();
    values.set("email", Json::from("ada@example.org"));
    scene.input(Input::Submit { element: 0, values, trapped: false });
    let told = scene.recorded();
    assert_eq!(told[0]["interaction"]["value"]["email"], "ada@example.org");
    assert_eq!(
        (&told[0]["interaction"]["seq"], &told[0]["interaction"]["records"]),
        (&1.into(), &"lead".into())
    );
    let logged: Value = serde_json::from_str(&scene.engine.interactions()).unwrap();
    assert_eq!(logged[0].get("value"), None, "{logged}");
}

#[test]
fn a_request_is_told_when_it_has_settled() {
    let mut scene = Scene::new(SUBSCRIBED, AREA);
    scene.click("a");
    let id = serde_json::from_slice::<Value>(&scene.requests()[0].body).unwrap()["id"].clone();
    scene.answer(1, 1, 503, "");
    assert_eq!(scene.recorded(), [] as [Value; 0], "it is not over");
    scene.moment.clock_ms += 700.0;
    scene.input(Input::Timer(Timer::Retry(1)));
    scene.answer(1, 2, 200, r#"{"a":1}"#);
    let expected = serde_json::json!({
        "webhook": {"id": "w", "name": "W"},
        "request": {"id": id, "attempts": 2, "durationMs": 700, "status": 200},
    });
    assert_eq!(scene.recorded(), [expected]);

    scene.click("a");
    scene.answer(2, 1, 404, "");
    let told = scene.recorded();
    assert_eq!((&told[0]["request"]["status"], &told[0]["request"]["attempts"]), (&404.into(), &1.into()));
    assert_eq!(told[0]["error"]["code"], "http-status");

    scene.click("a");
    scene.input(Input::Timer(Timer::Deadline(3)));
    let told = scene.recorded();
    assert_eq!((&told[0]["request"]["status"], &told[0]["error"]["code"]), (&Value::Null, &"timeout".into()));
}

#[test]
fn a_request_that_was_not_made_is_not_told() {
    let mut scene = Scene::new(SUBSCRIBED, AREA);
    scene.decides = false;
    scene.click("a");
    let activate = scene.proposals[0].0;
    scene.input(Input::Decided { proposal: activate, allowed: true, headers: Vec::new() });
    let request = scene.proposals[0].0;
    scene.input(Input::Decided { proposal: request, allowed: false, headers: Vec::new() });
    assert_eq!(scene.events("settled").len(), 1);
    assert_eq!(scene.recorded(), [] as [Value; 0]);
    let denied = SUBSCRIBED.replace("/w", "https://other.example/w");
    let mut scene = Scene::new(&denied, AREA);
    scene.click("a");
    assert_eq!(scene.events("settled").len(), 1);
    assert_eq!(scene.recorded().len(), 1, "the click alone");
}

#[test]
fn what_the_viewer_gives_up_has_failed_and_what_the_page_ends_has_not() {
    let mut scene = Scene::new(SUBSCRIBED, AREA);
    scene.click("a");
    scene.input(Input::Notice { key: 1, button: NoticeButton::Cancel });
    assert_eq!(scene.recorded()[0]["error"]["code"], "aborted");
    scene.click("a");
    scene.input(Input::Destroy);
    assert_eq!(scene.events("settled").len(), 1);
    assert_eq!(scene.recorded(), [] as [Value; 0]);
}

#[test]
fn another_project_may_subscribe_to_more_or_to_nothing() {
    let project = |webhook: &str| {
        let text = format!(r#"{{"cuehook":1,"webhooks":[{webhook}],"elements":[]}}"#);
        Rc::new(read(&parse(text.as_bytes(), 64).unwrap()).unwrap())
    };
    let mut scene = Scene::new(r#"{"id":"w","url":"/w"}"#, "");
    let click = || Input::PageClick {
        control: 1,
        webhook: "none".into(),
        element: None,
        label: String::new(),
        params: Object::new(),
        link: None,
    };
    let told = |scene: &mut Scene| {
        scene.moment.clock_ms += 1_000.0;
        scene.input(click());
        scene.recorded().len()
    };
    assert_eq!(told(&mut scene), 0);
    scene.input(Input::Update { project: project(SUBSCRIBED), targets: vec![None] });
    assert_eq!(told(&mut scene), 1);
    scene.input(Input::Update { project: project(r#"{"id":"w","url":"/w"}"#), targets: vec![None] });
    assert_eq!(told(&mut scene), 0);
}

#[test]
fn whoever_asks_is_told_whatever_the_project_says() {
    let text = r#"{"cuehook":1,"elements":[]}"#;
    let project = Rc::new(read(&parse(text.as_bytes(), 64).unwrap()).unwrap());
    let setup = Setup { records: true, ..Setup::default() };
    assert!(Engine::new(Rc::clone(&project), setup).records);
    assert!(!Engine::new(project, Setup::default()).records);
}

#[test]
fn a_session_that_was_there_goes_on() {
    let text = r#"{"cuehook":1,"webhooks":[{"id":"w","url":"/w"}]}"#;
    let project = Rc::new(read(&parse(text.as_bytes(), 64).unwrap()).unwrap());
    let session = ("0192-of-the-tab".to_owned(), "2026-11-20T20:06:00.000Z".to_owned());
    let target = Target { url: "https://page.example/w".into(), origin: "https://page.example".into() };
    let setup = Setup { session: Some(session), targets: vec![Some(target)], ..Setup::default() };
    let mut engine = Engine::new(project, setup);
    let mut effects = Vec::new();
    let execute = Input::Execute { ticket: 1, webhook: "w".into(), params: Json::Null };
    engine.handle(Moment::default(), execute, &mut effects);
    let body = effects.iter().find_map(|effect| match effect {
        Effect::Propose { body: Some(body), .. } => Some(serde_json::from_slice::<Value>(body).unwrap()),
        _ => None,
    });
    assert_eq!(
        body.unwrap()["session"],
        serde_json::json!({"id": "0192-of-the-tab", "startedAt": "2026-11-20T20:06:00.000Z", "page": ""})
    );
}
