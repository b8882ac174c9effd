//! Requests: what is sent, when again, and how it ends.

use super::*;
use crate::error::ErrorCode;

const WAITING: &str = r#"{"id":"w","url":"/w","waitForResponse":true,"timeoutMs":8000,"retries":2}"#;
const CLICK: &str =
    r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w","params":{"sku":"A-${viewerName}"}}]}"#;

#[test]
fn a_click_is_recorded_sent_and_answered() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    assert!(scene.has(&Effect::Pause));
    let request = scene.requests()[0].clone();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["params"]["sku"], "A-guest");
    assert_eq!(body["interactions"][0]["element"], "a");
    assert_eq!(body["trigger"], serde_json::json!({"element": "a", "event": "click"}));
    let header = |name: &str| request.headers.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!(body["id"], header("webhook-id"));
    assert_eq!(header("webhook-id"), header("idempotency-key"));
    scene.answer(1, 1, 200, r#"{"code":"X"}"#);
    assert!(scene.plays());
    assert_eq!(scene.events("variablechange")[0]["name"], "code");
    assert_eq!(scene.events("settled")[0]["outcome"], "ok");
    assert_eq!(scene.engine.variables().get("code").unwrap().as_str(), Some("X"));
}

#[test]
fn what_may_pass_is_tried_again_with_the_same_bytes() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    let first = scene.requests()[0].clone();
    scene.answer(1, 1, 503, "");
    assert!(scene.sent().is_empty(), "not at once");
    assert!(scene.events("settled").is_empty());
    scene.input(Input::Timer(Timer::Retry(1)));
    let second = scene.requests()[0].clone();
    assert_eq!((second.attempt, &second.body), (2, &first.body));
    assert_eq!(second.headers[1], first.headers[1], "the same webhook-id");
    scene.input(Input::AttemptEnded { request: 1, attempt: 2, outcome: Err(TransportFailure::Network) });
    scene.input(Input::Timer(Timer::Retry(1)));
    assert_eq!(scene.sent(), [(1, 3)]);
    scene.answer(1, 3, 503, "");
    let settled = &scene.events("settled")[0];
    assert_eq!((&settled["outcome"], &settled["attempts"]), (&"http-status".into(), &3.into()));
    assert_eq!(scene.events("error")[0]["status"], 503);
}

#[test]
fn no_attempt_begins_that_the_budget_does_not_cover() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    scene.answer(1, 1, 503, r#"{"retry_after_ms":9000}"#);
    assert_eq!(scene.events("settled")[0]["outcome"], "http-status");
}

#[test]
fn the_budget_ends_a_request_whatever_it_is_doing() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    assert!(scene.has(&Effect::StartTimer { timer: Timer::Deadline(1), after_ms: 8000.0 }));
    scene.input(Input::Timer(Timer::Deadline(1)));
    assert!(scene.has(&Effect::Abort(1)));
    assert_eq!(scene.events("settled")[0]["outcome"], "timeout");
    scene.answer(1, 1, 200, r#"{"late":1}"#);
    assert!(scene.effects.is_empty(), "a late answer changes nothing");

    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    scene.answer(1, 1, 503, "");
    scene.input(Input::Timer(Timer::Deadline(1)));
    assert!(!scene.has(&Effect::Abort(1)), "nothing is under way between attempts");
    assert!(scene.has(&Effect::StopTimer(Timer::Retry(1))));
    assert_eq!(scene.events("settled")[0]["outcome"], "timeout");
}

#[test]
fn an_errors_body_is_no_data() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    scene.answer(1, 1, 404, r#"{"code":"no"}"#);
    assert!(scene.engine.variables().get("code").is_none());
    assert!(scene.events("response").is_empty());
}

#[test]
fn the_viewer_is_told_and_may_try_again() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    let first = scene.requests()[0].clone();
    scene.answer(1, 1, 500, "");
    let (kind, buttons) = scene.notices()[0].clone();
    assert_eq!((kind, buttons), (NoticeKind::Failed, vec![NoticeButton::Retry, NoticeButton::Dismiss]));
    scene.input(Input::Notice { key: 1, button: NoticeButton::Retry });
    let again = scene.requests()[0].clone();
    assert_eq!((again.request, again.attempt, &again.body), (2, 1, &first.body));
    assert!(scene.notices().is_empty());
    scene.answer(2, 1, 200, r#"{"code":"X"}"#);
    assert_eq!(scene.events("settled")[0]["outcome"], "ok");
}

#[test]
fn waiting_is_shown_after_a_while_and_can_be_given_up() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    assert!(scene.notices().is_empty());
    scene.input(Input::Timer(Timer::Waiting(1)));
    assert_eq!(scene.notices(), [(NoticeKind::Waiting, vec![])]);
    scene.input(Input::Timer(Timer::Cancel(1)));
    assert_eq!(scene.notices(), [(NoticeKind::Waiting, vec![NoticeButton::Cancel])]);
    scene.input(Input::Notice { key: 1, button: NoticeButton::Cancel });
    assert_eq!(scene.events("settled")[0]["outcome"], "aborted");
    assert!(scene.notices().is_empty(), "who gave up need not be told");
    assert!(scene.plays());
}

fn twice(while_running: &str) -> Scene {
    let webhook = WAITING.replace("\"retries\":2", &format!("\"whileRunning\":\"{while_running}\""));
    let mut scene = Scene::new(&webhook, CLICK);
    scene.click("a");
    scene.click("a");
    scene
}

#[test]
fn a_second_trigger_is_dropped() {
    let mut scene = twice("drop");
    assert!(scene.sent().is_empty());
    scene.answer(1, 1, 200, "{}");
    assert!(scene.sent().is_empty());
}

#[test]
fn a_second_trigger_replaces_without_a_flicker() {
    let scene = twice("replace");
    assert!(scene.has(&Effect::Abort(1)));
    assert_eq!(scene.sent(), [(2, 1)]);
    assert_eq!(scene.events("settled")[0]["outcome"], "aborted");
    assert_eq!(scene.events("resume")[0]["reason"], "held");
    assert!(!scene.plays());
}

#[test]
fn a_second_trigger_waits_its_turn() {
    let mut scene = twice("queue");
    assert!(scene.sent().is_empty());
    scene.answer(1, 1, 200, "{}");
    assert_eq!(scene.sent(), [(2, 1)]);
    assert!(!scene.plays(), "the next one holds the video");
    let body: Value = serde_json::from_slice(&scene.requests()[0].body).unwrap();
    assert_eq!(body["interactions"].as_array().unwrap().len(), 2, "sealed when it begins");
    scene.answer(2, 1, 200, "{}");
    assert!(scene.plays());
}

#[test]
fn a_forbidden_origin_is_not_asked_and_does_not_pause() {
    let mut scene = Scene::new(r#"{"id":"w","url":"https://other.example/","waitForResponse":true}"#, CLICK);
    scene.click("a");
    assert!(scene.sent().is_empty() && !scene.has(&Effect::Pause));
    assert_eq!(scene.events("settled")[0]["outcome"], "origin-denied");
    assert_eq!(scene.notices(), [(NoticeKind::Failed, vec![NoticeButton::Dismiss])]);
}

#[test]
fn the_page_sees_a_request_before_it_leaves() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.decides = false;
    scene.click("a");
    let (activate, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal: activate, allowed: true, headers: Vec::new() });
    let (request, event) = scene.proposals[0].clone();
    assert_eq!(event.name, EventName::Request);
    let headers = vec![("authorization".to_owned(), "Bearer t".to_owned())];
    scene.input(Input::Decided { proposal: request, allowed: true, headers: headers.clone() });
    assert!(scene.requests()[0].headers.contains(&headers[0]));

    scene.click("a");
    let (activate, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal: activate, allowed: false, headers: Vec::new() });
    assert!(scene.effects.is_empty(), "a prevented click is no click");
    assert_eq!(parse(scene.engine.interactions().as_bytes(), 8).unwrap().as_array().unwrap().len(), 1);
}

#[test]
fn the_page_may_keep_an_answer_to_itself() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.click("a");
    scene.decides = false;
    scene.answer(1, 1, 200, r#"{"code":"X"}"#);
    let (response, event) = scene.proposals[0].clone();
    assert_eq!(event.name, EventName::Response);
    scene.input(Input::Decided { proposal: response, allowed: false, headers: Vec::new() });
    assert!(scene.engine.variables().get("code").is_none());
    assert_eq!(scene.events("settled")[0]["outcome"], "ok");
}

#[test]
fn a_call_of_the_page_is_answered_to_the_page() {
    let mut scene = Scene::new(WAITING, CLICK);
    let execute = |ticket, webhook: &str| Input::Execute {
        ticket,
        webhook: webhook.into(),
        params: crate::json::Json::Null,
    };
    scene.input(execute(7, "w"));
    scene.answer(1, 1, 200, r#"{"code":"X"}"#);
    assert!(scene.has(&Effect::Reply { ticket: 7, result: Ok(r#"{"code":"X"}"#.into()) }));
    scene.input(execute(8, "nope"));
    let unknown = scene.effects.iter().any(|effect| {
        matches!(effect, Effect::Reply { ticket: 8, result: Err((ErrorCode::ConfigInvalid, message)) }
            if message == "there is no webhook `nope`; the project has: w")
    });
    assert!(unknown, "{:?}", scene.effects);
    scene.input(execute(9, "w"));
    scene.answer(2, 1, 500, "");
    assert!(scene.notices().is_empty(), "the page asked, so the page tells");
}

#[test]
fn a_click_on_the_page_counts_too() {
    let mut scene = Scene::new(WAITING, CLICK);
    scene.input(Input::PageClick {
        control: 1,
        link: None,
        webhook: "w".into(),
        element: Some("buy".into()),
        label: "Buy".into(),
        params: crate::json::Object::new(),
    });
    let body: Value = serde_json::from_slice(&scene.requests()[0].body).unwrap();
    assert_eq!(
        (&body["interactions"][0]["element"], &body["interactions"][0]["label"]),
        (&"buy".into(), &"Buy".into())
    );
}

#[test]
fn a_viewer_who_gives_up_ends_one_request() {
    let webhooks = format!(r#"{WAITING},{}"#, WAITING.replace("\"w\"", "\"other\""));
    let mut scene = Scene::new(&webhooks, CLICK);
    scene.click("a");
    let execute = Input::Execute { ticket: 7, webhook: "other".into(), params: Json::Null };
    scene.input(execute);
    for request in [1, 2] {
        scene.input(Input::Timer(Timer::Waiting(request)));
        let told = scene.effects.iter().any(|effect| matches!(effect, Effect::Announce(_)));
        assert_eq!(told, request == 1, "said once");
        scene.input(Input::Timer(Timer::Cancel(request)));
    }
    assert_eq!(scene.notices().len(), 1, "one notice for both");
    scene.input(Input::Notice { key: 1, button: NoticeButton::Cancel });
    let settled = scene.events("settled");
    assert_eq!((settled.len(), &settled[0]["webhook"]), (1, &"w".into()));
    assert!(!scene.plays(), "the other one holds the video");
    assert_eq!(scene.notices(), [(NoticeKind::Waiting, vec![NoticeButton::Cancel])], "now it is its turn");
    scene.input(Input::Notice { key: 2, button: NoticeButton::Cancel });
    let given_up =
        |effect: &Effect| matches!(effect, Effect::Reply { ticket: 7, result: Err((ErrorCode::Aborted, _)) });
    assert!(scene.effects.iter().any(given_up) && scene.plays());
}

#[test]
fn what_is_nested_in_an_answer_is_read_as_it_is_needed() {
    let overlay = r#"{"id":"o",HTML,"source":"<p>${user.name} ${rows[1].n} ${rows[1].n * 2} ${user}</p>"}"#;
    let mut scene = Scene::new(WAITING, &format!("{CLICK},{overlay}"));
    let answer = r#"{ "user": { "name": "J\u00f6" }, "rows": [ {"n": 1.50}, {"n": 2} ], "code": 1 }"#;
    scene.click("a");
    scene.answer(1, 1, 200, answer);
    let shown = format!("{:?}", scene.effects);
    for text in ["\"Jö\"", "\"2\"", "\"4\"", r#""{\"name\":\"Jö\"}""#] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    assert_eq!(scene.events("response")[0]["data"], serde_json::from_str::<Value>(answer).unwrap());
    let changed = |scene: &Scene| -> Vec<Value> {
        scene.events("variablechange").iter().map(|detail| detail["name"].clone()).collect()
    };
    assert_eq!(changed(&scene), ["user", "rows", "code"]);

    scene.click("a");
    let body: Value = serde_json::from_slice(&scene.requests()[0].body).unwrap();
    assert_eq!(body["context"]["rows"], serde_json::json!([{ "n": 1.5 }, { "n": 2 }]));
    scene.answer(2, 1, 200, answer);
    assert!(changed(&scene).is_empty(), "the same text is the same value");

    scene.click("a");
    scene.answer(3, 1, 200, &answer.replace("1.50", "1.75"));
    assert_eq!(changed(&scene), ["rows"]);
    let before = &scene.events("variablechange")[0]["previous"];
    assert_eq!(*before, serde_json::json!([{ "n": 1.5 }, { "n": 2 }]));
}
