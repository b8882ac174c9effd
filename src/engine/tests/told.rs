//! What a receiver is told, and what becomes of what it says.

use super::*;
use serde_json::json;

/// Two webhooks of two origins; the second may be given more fields.
fn two(second: &str) -> Scene {
    let webhooks = format!(
        r#"{{"id":"shop","url":"/shop","whileRunning":"queue"}},
           {{"id":"crm","url":"https://other.example/crm","whileRunning":"queue"{second}}}"#
    );
    let elements = r#"
        {"id":"shop",AREA,"onClick":[{"do":"executeWebhook","webhook":"shop"}]},
        {"id":"crm",AREA,"onClick":[{"do":"executeWebhook","webhook":"crm"}]},
        {"id":"copy",AREA,"onClick":[{"do":"setVariable","name":"copied","value":"${code}"}]}"#;
    let mut scene = Scene::new(&webhooks, elements);
    scene.engine.setup.allow_origins = None;
    scene
}

/// The body of the request that a click sends; it is answered.
fn sent(scene: &mut Scene, id: &str, answer: &str) -> Value {
    scene.click(id);
    let request = scene.requests()[0].clone();
    scene.answer(request.request, 1, 200, answer);
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn what_one_origin_answered_is_not_for_another() {
    let mut scene = two("");
    scene.input(Input::SetVariable { name: "cart".into(), value: Json::Integer(3) });
    let guest = json!({ "viewerName": "guest", "cart": 3 });
    assert_eq!(sent(&mut scene, "shop", r#"{"code":"X","viewerName":"Ada"}"#)["context"], guest);
    // The shop has overwritten what the project wrote.
    assert_eq!(sent(&mut scene, "crm", r#"{"salary":1}"#)["context"], json!({ "cart": 3 }));
    let own = json!({ "viewerName": "Ada", "cart": 3, "code": "X" });
    assert_eq!(sent(&mut scene, "shop", "{}")["context"], own);
    // An action of the author's makes it the author's.
    scene.click("copy");
    let copied = json!({ "cart": 3, "salary": 1, "copied": "X" });
    assert_eq!(sent(&mut scene, "crm", "{}")["context"], copied);
    // And the page may make something its own.
    scene.input(Input::SetVariable { name: "viewerName".into(), value: Json::from("Ada") });
    assert_eq!(sent(&mut scene, "crm", "{}")["context"]["viewerName"], "Ada");
}

#[test]
fn the_author_may_tell_more_or_less() {
    for (second, told) in [
        (r#","includeContext":"own""#, json!({ "viewerName": "guest" })),
        (r#","includeContext":"none""#, json!({})),
        (r#","includeContext":"all""#, json!({ "viewerName": "guest", "code": "X", "more": 1 })),
        (r#","includeContext":["code","unknown"]"#, json!({ "code": "X" })),
        (r#","includeContext":[]"#, json!({})),
    ] {
        let mut scene = two(second);
        sent(&mut scene, "shop", r#"{"code":"X","more":1}"#);
        let body = sent(&mut scene, "crm", "{}");
        assert_eq!(body["context"], told, "{second}");
        assert_eq!(body["contextTruncated"], false, "what is not for it was not left out for want of room");
    }
}

#[test]
fn writers_outlive_the_project() {
    let mut scene = two("");
    sent(&mut scene, "shop", r#"{"code":"X"}"#);
    let project = Rc::clone(&scene.engine.project);
    let mut targets = scene.engine.setup.targets.clone();
    targets.reverse();
    scene.input(Input::Update { project, targets });
    // The webhooks have changed places: `crm` is now where the answer came from.
    assert_eq!(sent(&mut scene, "shop", "{}")["context"], json!({ "viewerName": "guest" }));
    assert_eq!(sent(&mut scene, "crm", "{}")["context"]["code"], "X");
}

#[test]
fn the_page_is_told_as_it_is_when_the_request_is_made() {
    for (second, before, after) in [
        ("", "https://page.example/film", "https://page.example/next"),
        (r#","page":"path""#, "https://page.example/film", "https://page.example/next"),
        (r#","page":"full""#, "https://page.example/film?token=1#x", "https://page.example/next?token=2"),
        (r#","page":"none""#, "", ""),
    ] {
        let mut scene = two(second);
        scene.input(Input::Page("https://page.example/film?token=1#x".into()));
        scene.click("crm");
        let first = scene.requests()[0].clone();
        // Waits for the first one, and is made when that has settled.
        scene.click("crm");
        scene.input(Input::Page("https://page.example/next?token=2".into()));
        scene.answer(1, 1, 200, "{}");
        let second = scene.requests()[0].clone();
        let page = |request: &Attempt| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            body["session"]["page"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!((&*page(&first), &*page(&second)), (before, after));
    }
}

#[test]
fn a_response_without_data_is_good_and_the_developer_is_told_once() {
    let mut scene = two("");
    let warned = |scene: &Scene| -> Vec<String> {
        let warning = |effect: &Effect| match effect {
            Effect::Warn(text) => Some(text.clone()),
            _ => None,
        };
        scene.effects.iter().filter_map(warning).collect()
    };
    let receive = |scene: &mut Scene, id: &str, status: u16, content_type: Option<&str>, body: &str| {
        scene.click(id);
        let request = scene.requests()[0].request;
        let content_type = content_type.map(str::to_owned);
        let response = Response { status, content_type, body: body.into(), ..Response::default() };
        scene.input(Input::AttemptEnded { request, attempt: 1, outcome: Ok(response) });
        scene.events("settled")[0]["outcome"].clone()
    };
    assert_eq!(receive(&mut scene, "shop", 204, None, ""), "ok");
    assert!(warned(&scene).is_empty(), "204 says so on purpose");
    assert_eq!(receive(&mut scene, "shop", 200, Some("text/plain"), "Webhook received"), "ok");
    assert_eq!(scene.events("response")[0]["data"], Value::Null);
    assert!(
        warned(&scene)[0].contains("`shop`") && warned(&scene)[0].contains("no data"),
        "{:?}",
        warned(&scene)
    );
    assert_eq!(receive(&mut scene, "shop", 200, None, ""), "ok");
    assert!(warned(&scene).is_empty(), "once for each webhook");
    assert_eq!(receive(&mut scene, "crm", 202, None, ""), "ok");
    assert_eq!(warned(&scene).len(), 1);
    assert_eq!(receive(&mut scene, "crm", 200, None, "OK"), "bad-json");
    assert_eq!(scene.engine.variables().len(), 1);
}

#[test]
fn numbers_keep_their_spelling_wherever_they_go() {
    let overlay = r#"{"id":"o",HTML,"source":"<p>${id}|${price}|${zero}|${price * 2}|${user.id}</p>"}"#;
    let element = format!(
        r#"{overlay},{{"id":"a",AREA,"onClick":[{{"do":"executeWebhook","webhook":"w","params":{{"id":"${{id!0}}"}}}}]}}"#
    );
    let mut scene = Scene::new(r#"{"id":"w","url":"/w"}"#, &element);
    let answer = r#"{"id":18446744073709551615,"price":1.10,"zero":-0,"user":{"id":18446744073709551615}}"#;
    scene.input(Input::Execute { ticket: 7, webhook: "w".into(), params: Json::Null });
    scene.answer(1, 1, 200, answer);
    assert!(scene.has(&Effect::Reply { ticket: 7, result: Ok(answer.into()) }), "{:?}", scene.effects);
    let shown = format!("{:?}", scene.effects);
    for text in ["\"18446744073709551615\"", "\"1.10\"", "\"-0\"", "\"2.2\""] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    let details: Vec<String> = scene
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Emit(event) | Effect::Propose { event, .. } => Some(event.detail_text()),
            _ => None,
        })
        .collect();
    for part in [
        r#""data":{"id":18446744073709551615,"price":1.10,"zero":-0,"#,
        r#""value":18446744073709551615"#,
        r#""value":1.10"#,
    ] {
        assert!(details.iter().any(|detail| detail.contains(part)), "{part}: {details:?}");
    }
    scene.click("a");
    let body = String::from_utf8(scene.requests()[0].body.to_vec()).unwrap();
    for part in
        [r#""params":{"id":18446744073709551615}"#, r#""id":18446744073709551615,"price":1.10,"zero":-0,"#]
    {
        assert!(body.contains(part), "{part}: {body}");
    }
}

#[test]
fn reserved_names_never_become_variables() {
    let mut scene = two("");
    sent(&mut scene, "shop", r#"{"forms":1,"questions":2,"params":3,"webhooks":4,"context":5,"fine":6}"#);
    scene.input(Input::SetVariable { name: "forms".into(), value: Json::Null });
    let names: Vec<&str> = scene.engine.variables().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["viewerName", "fine"]);
}
