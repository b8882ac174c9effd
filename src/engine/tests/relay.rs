//! Webhooks with a relay: the contract cases of `tests/relay`, and what surrounds them.

use super::surviving::record_of;
use super::*;
use crate::engine::kept::Kept;
use crate::engine::relay::relay_budget;
use crate::protocol::is_uuid;
use serde_json::json;

const RELAY: &str = "https://relay.example/r";
const OPEN: &str = r#"{"id":"a","relay":"discount"}"#;
const CLICK: &str = r#"{"id":"e",AREA,"onClick":[{"do":"executeWebhook","webhook":"a"},{"do":"callback","name":"after","value":1}]}"#;

fn on_relay(setup: &mut Setup) {
    setup.relay = Some(Target { url: RELAY.into(), origin: "https://relay.example".into() });
    setup.allow_origins = None;
}

/// A page with the relay, whose settings have come.
fn scene(webhooks: &str) -> Scene {
    let mut scene = Scene::with(webhooks, CLICK, on_relay);
    scene.input(Input::Settings(Json::Null));
    scene
}

fn settings(text: &str) -> Input {
    Input::Settings(parse(text.as_bytes(), 8).unwrap())
}

impl Scene {
    fn wait(&self) -> Option<(Timer, f64)> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::StartTimer { timer: timer @ Timer::Retry(_), after_ms } => Some((*timer, *after_ms)),
            _ => None,
        })
    }

    fn warnings(&self) -> Vec<&str> {
        let warned = self.effects.iter().filter_map(|effect| match effect {
            Effect::Warn(text) => Some(&**text),
            _ => None,
        });
        warned.collect()
    }

    /// What the relay answers to the attempt that was sent.
    fn relay(&mut self, status: u16, outcome: &str, body: &str) {
        let (request, attempt) = *self.sent().first().expect("an attempt");
        let outcome = Some(outcome.to_owned());
        let response = Response { status, outcome, body: body.into(), ..Response::default() };
        self.input(Input::AttemptEnded { request, attempt, outcome: Ok(response) });
    }

    fn body(&self) -> Value {
        serde_json::from_slice(&self.requests()[0].body).unwrap()
    }
}

#[test]
fn contract_cases() {
    let text = include_str!("../../../tests/relay/calls.json");
    let cases: Vec<Value> = serde_json::from_str(text).unwrap();
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        assert_eq!(cases.iter().filter(|other| other["name"] == name).count(), 1, "{name}");
        run(case, name);
    }
}

#[test]
fn the_relay_has_a_little_less_time_than_the_viewer() {
    for (left, told) in [
        (8_000.0, 7_200),
        (2_000.0, 1_800),
        (10_000.0, 9_000),
        (60_000.0, 59_000),
        (15.5, 13),
        (1.0, 1),
        (-3.0, 1),
    ] {
        assert_eq!(relay_budget(left), told, "{left}");
    }
}

fn run(case: &Value, name: &str) {
    let mut webhook = json!({"id": "a", "relay": "discount"});
    for (field, value) in case["webhook"].as_object().into_iter().flatten() {
        webhook[field] = value.clone();
    }
    let budget = webhook["timeoutMs"].as_f64().unwrap_or(8_000.0);
    let webhook = webhook.to_string();
    let mut first_body = None;
    let mut scene = scene(&webhook);
    if case["restored"] == true {
        let (record, body) = record_of(&webhook, CLICK, "e", on_relay);
        first_body = Some(body);
        scene.input(Input::Restore(Kept::read(&record).unwrap()));
    } else {
        scene.click("e");
    }
    let begun = scene.moment.clock_ms;
    let mut waited = 0.0;
    let attempts = case["attempts"].as_array().unwrap();
    for (number, expected) in attempts.iter().enumerate() {
        let about = format!("{name}: attempt {number}");
        assert_eq!(scene.requests().len(), 1, "{about}");
        let attempt = scene.requests()[0].clone();
        if let Some(range) = expected["after"].as_array() {
            let (least, most) = (range[0].as_f64().unwrap(), range[1].as_f64().unwrap());
            assert!((least..=most).contains(&waited), "{about}: after {waited}");
        }
        let field = |name: &str| {
            attempt.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        let left = budget - (scene.moment.clock_ms - begun);
        let told: f64 = field("cuehook-budget-ms").unwrap().parse().unwrap();
        assert!(told < left && told > 0.85 * left, "{about}: {told} of {left}");
        let asks = expected["send"] == "GET";
        assert_eq!(attempt.asks, asks, "{about}");
        let token = if expected["token"] == "fresh" { Token::Fresh } else { Token::Known };
        assert_eq!(attempt.token, token, "{about}");
        if asks {
            let id = scene.engine.requests[0].sealed.as_ref().unwrap().id.clone();
            assert_eq!(attempt.url, format!("{RELAY}/v1/calls/{id}"), "{about}");
            assert!(attempt.body.is_empty() && field("webhook-id").is_none(), "{about}");
        } else {
            assert_eq!(attempt.url, format!("{RELAY}/v1/call/discount"), "{about}");
            let body = first_body.get_or_insert_with(|| attempt.body.to_vec());
            assert_eq!(*body, *attempt.body, "{about}");
            let id = serde_json::from_slice::<Value>(body).unwrap()["id"].clone();
            assert_eq!(field("webhook-id"), id.as_str(), "{about}");
            assert_eq!(field("idempotency-key"), id.as_str(), "{about}");
        }
        scene.moment.clock_ms += 10.0;
        let outcome = match (&expected["answer"], expected["answer"].as_str()) {
            (_, Some("silence")) => {
                scene.moment.clock_ms = begun + budget;
                scene.input(Input::Timer(Timer::Deadline(attempt.request)));
                continue;
            }
            (_, Some("csp")) => Err(TransportFailure::Csp),
            (_, Some(_)) => Err(TransportFailure::Network),
            (answer, None) => Ok(Response {
                status: u16::try_from(answer["status"].as_u64().unwrap()).unwrap(),
                outcome: answer["outcome"].as_str().map(Into::into),
                retry_after: answer["retryAfter"].as_str().map(Into::into),
                body: answer["body"].as_str().unwrap_or_default().into(),
                ..Response::default()
            }),
        };
        scene.input(Input::AttemptEnded { request: attempt.request, attempt: attempt.attempt, outcome });
        waited = 0.0;
        if let Some((timer, after_ms)) = scene.wait() {
            waited = after_ms;
            scene.moment.clock_ms += after_ms;
            scene.input(Input::Timer(timer));
        }
    }
    let settled = scene.events("settled");
    assert_eq!(settled.len(), 1, "{name}: {:?}", scene.effects);
    assert_eq!(settled[0]["outcome"], case["outcome"], "{name}");
    assert_eq!(settled[0]["attempts"], attempts.len(), "{name}");
    if let Some(response) = scene.events("response").first() {
        assert_eq!(response["data"], case["data"], "{name}");
    }
    if let Some(error) = scene.events("error").first() {
        let part = case["message"].as_str().unwrap_or_default();
        assert!(error["message"].as_str().unwrap().contains(part), "{name}: {error}");
    }
    if case["outcome"] != "ok" && case["restored"] != true {
        again(&mut scene, case, name, &first_body.unwrap());
    }
}

/// What another try of the viewer is.
fn again(scene: &mut Scene, case: &Value, name: &str, body: &[u8]) {
    let expected = case["again"].as_str().expect(name);
    let buttons = scene.notices().remove(0).1;
    assert_eq!(buttons.contains(&NoticeButton::Retry), expected != "none", "{name}");
    if expected == "none" {
        return;
    }
    scene.input(Input::Notice { key: 1, button: NoticeButton::Retry });
    let attempt = &scene.requests()[0];
    assert!(!attempt.asks, "{name}");
    assert_eq!(*attempt.body, body, "{name}: the webhook gets the same");
    let id = serde_json::from_slice::<Value>(body).unwrap()["id"].clone();
    let field = |name: &str| attempt.headers.iter().find(|(known, _)| known == name).unwrap().1.clone();
    assert_eq!(field("idempotency-key"), id, "{name}");
    assert_eq!(field("webhook-id") == id, expected == "same", "{name}");
    assert!(is_uuid(&field("webhook-id")), "{name}");
}

#[test]
fn another_call_of_a_request_survives_as_such() {
    let webhook = r#"{"id":"a","relay":"discount","survive":true}"#;
    let mut scene = scene(webhook);
    scene.click("e");
    let kept = |scene: &Scene| {
        let mut records = scene.effects.iter().rev();
        records.find_map(|effect| {
            if let Effect::Keep { request, record, .. } = effect {
                Some((*request, record.clone()))
            } else {
                None
            }
        })
    };
    let (request, record) = kept(&scene).unwrap();
    assert!(!record.contains("\"call\""), "{record}");
    scene.input(Input::Kept(request));
    let first = scene.requests()[0].clone();
    let failed = Response { status: 504, outcome: Some("webhook-timeout".into()), ..Response::default() };
    scene.input(Input::AttemptEnded { request: first.request, attempt: 1, outcome: Ok(failed) });
    scene.input(Input::Notice { key: 1, button: NoticeButton::Retry });
    let (request, record) = kept(&scene).unwrap();
    scene.input(Input::Kept(request));
    let second = scene.requests()[0].clone();
    let call = second.headers.iter().find(|(name, _)| name == "webhook-id").unwrap().1.clone();
    assert_ne!(call, serde_json::from_slice::<Value>(&first.body).unwrap()["id"]);
    // The page is loaded again: the relay is asked for the second call.
    let mut scene = self::scene(webhook);
    scene.input(Input::Restore(Kept::read(&record).unwrap()));
    assert_eq!(scene.requests()[0].url, format!("{RELAY}/v1/calls/{call}"));
}

#[test]
fn a_page_without_a_relay_says_so_when_it_is_loaded_and_when_it_is_needed() {
    let mut scene = Scene::new(OPEN, CLICK);
    let warned = scene.warnings().join("\n");
    assert!(warned.contains("webhook `a` has a relay, and this page names none"), "{warned}");
    assert_eq!(scene.engine.relay_webhooks(), "");
    scene.click("e");
    assert!(scene.sent().is_empty() && !scene.has(&Effect::Pause));
    let error = scene.events("error").remove(0);
    assert_eq!(error["code"], "config-invalid");
    assert!(error["message"].as_str().unwrap().contains("this page names none"));
    assert!(Scene::with(OPEN, CLICK, on_relay).warnings().is_empty());
}

#[test]
fn the_page_decides_where_its_relay_may_be() {
    let mut scene = Scene::with(OPEN, CLICK, |setup| {
        on_relay(setup);
        setup.allow_origins = Some(vec!["https://page.example".into()]);
    });
    scene.click("e");
    assert!(scene.sent().is_empty());
    let error = scene.events("error").remove(0);
    assert_eq!(error["code"], "origin-denied");
    assert!(error["message"].as_str().unwrap().contains("https://relay.example;"));
}

#[test]
fn webhooks_without_a_relay_are_shown_no_token() {
    let mut scene = scene(r#"{"id":"a","url":"/a"}"#);
    scene.click("e");
    let attempt = scene.requests()[0];
    assert_eq!((attempt.token, attempt.asks), (Token::None, false));
    assert!(attempt.headers.iter().all(|(name, _)| name != "cuehook-budget-ms"));
}

#[test]
fn listeners_add_no_header_to_what_a_relay_is_sent() {
    let mut scene = scene(OPEN);
    scene.decides = false;
    scene.click("e");
    let (activate, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal: activate, allowed: true, headers: Vec::new() });
    let (request, event) = scene.proposals.remove(0);
    assert!(!event.detail_text().contains("authorization"));
    let headers = vec![("authorization".to_owned(), "Bearer x".to_owned())];
    scene.input(Input::Decided { proposal: request, allowed: true, headers });
    assert!(scene.sent().is_empty());
    assert_eq!(scene.events("error")[0]["code"], "config-invalid");
}

#[test]
fn each_webhook_of_a_relay_is_a_receiver_of_its_own() {
    let webhooks = r#"{"id":"a","relay":"one"},{"id":"b","relay":"two"},{"id":"c","relay":"one"}"#;
    let mut scene = scene(webhooks);
    scene.click("e");
    scene.relay(200, "answer", "{\"secret\":1}");
    for (webhook, is_told) in [("b", false), ("c", true), ("a", true)] {
        scene.input(Input::Execute { ticket: 1, webhook: webhook.into(), params: Json::Null });
        let context = scene.body()["context"].clone();
        assert_eq!(context.get("secret").is_some(), is_told, "{webhook}: {context}");
        assert_eq!(context["viewerName"], "guest");
        scene.relay(204, "answer", "");
    }
}

#[test]
fn a_click_before_the_relay_has_spoken_waits_for_it() {
    let mut scene = Scene::with(OPEN, CLICK, on_relay);
    assert_eq!(scene.engine.relay_webhooks(), "discount");
    scene.click("e");
    assert!(scene.sent().is_empty() && !scene.has(&Effect::Pause));
    assert!(scene.events("callback").is_empty(), "what follows may have to wait");
    assert!(scene.has(&Effect::StartTimer { timer: Timer::Settings, after_ms: 2_000.0 }));
    scene.input(settings(
        r#"{"webhooks":{"discount":{"name":"Code","waitForResponse":true,"includeInteractions":"none"},"x":{}}}"#,
    ));
    assert!(scene.has(&Effect::Pause) && scene.has(&Effect::StopTimer(Timer::Settings)));
    assert_eq!(scene.sent(), [(1, 1)]);
    let body = scene.body();
    assert_eq!((&body["webhook"]["name"], &body["interactions"]), (&json!("Code"), &json!([])));
    assert!(scene.events("callback").is_empty());
    scene.relay(200, "answer", "{}");
    assert_eq!(scene.events("callback").len(), 1);
    assert!(scene.plays());
    assert_eq!(scene.engine.relay_webhooks(), "");
    scene.click("e");
    assert_eq!(scene.sent(), [(2, 1)], "from now on nothing waits");
}

#[test]
fn what_need_not_wait_goes_on_when_the_relay_has_spoken() {
    let mut scene = Scene::with(OPEN, CLICK, on_relay);
    scene.click("e");
    scene.input(settings(
        r#"{"webhooks":{"discount":{"waitForResponse":false,"includeInteractions":["e"]}}}"#,
    ));
    assert_eq!((scene.sent(), scene.events("callback").len()), (vec![(1, 1)], 1));
    assert!(!scene.has(&Effect::Pause));
    assert_eq!(scene.body()["interactions"].as_array().unwrap().len(), 1);
    scene.relay(200, "answer", "{}");
    assert!(scene.events("callback").is_empty(), "not twice");
}

#[test]
fn a_relay_that_says_nothing_is_not_waited_for_longer() {
    let mut scene = Scene::with(OPEN, CLICK, on_relay);
    scene.click("e");
    scene.moment.clock_ms += 2_000.0;
    scene.input(Input::Timer(Timer::Settings));
    assert_eq!((scene.sent(), scene.events("callback").len()), (vec![(1, 1)], 1));
    assert!(scene.warnings()[0].contains("the relay has not said within 2 seconds"));
    assert_eq!(scene.body()["interactions"].as_array().unwrap().len(), 1, "the document's default");
    scene.relay(204, "answer", "");
    // It counts from when it comes.
    scene.input(settings(r#"{"webhooks":{"discount":{"waitForResponse":true}}}"#));
    scene.click("e");
    assert!(scene.has(&Effect::Pause) && scene.warnings().is_empty());
}

#[test]
fn what_the_document_says_goes_before_what_the_relay_says() {
    let webhook =
        r#"{"id":"a","relay":"discount","name":"Mine","waitForResponse":false,"includeInteractions":"all"}"#;
    let said =
        r#"{"webhooks":{"discount":{"name":"Its","waitForResponse":true,"includeInteractions":"none"}}}"#;
    let mut scene = Scene::with(webhook, CLICK, on_relay);
    assert_eq!(scene.engine.relay_webhooks(), "", "nothing is open");
    scene.input(settings(said));
    scene.click("e");
    assert!(!scene.has(&Effect::Pause));
    let body = scene.body();
    assert_eq!(
        (&body["webhook"]["name"], body["interactions"].as_array().unwrap().len()),
        (&json!("Mine"), 1)
    );
    // One that says all but its name does not hold back what follows.
    let webhook = r#"{"id":"a","relay":"discount","waitForResponse":true,"includeInteractions":"all"}"#;
    let mut scene = Scene::with(webhook, CLICK, on_relay);
    scene.click("e");
    assert!(scene.has(&Effect::Pause) && scene.sent().is_empty());
    scene.input(settings(said));
    assert_eq!(scene.body()["webhook"]["name"], "Its");
    assert!(!scene.has(&Effect::Pause), "it stands still already");
}

#[test]
fn what_waits_for_the_relay_ends_as_others_do() {
    let mut scene = Scene::with(OPEN, CLICK, on_relay);
    scene.input(Input::Execute { ticket: 7, webhook: "a".into(), params: Json::Null });
    scene.click("e");
    assert!(scene.warnings()[0].contains("still running"), "one at a time");
    scene.input(Input::Destroy);
    assert!(scene.effects.iter().any(|effect| matches!(effect, Effect::Reply { ticket: 7, result: Err(_) })));
    // Of a queue one begins after the other.
    let queue = r#"{"id":"a","relay":"discount","whileRunning":"queue"}"#;
    let mut scene = Scene::with(queue, CLICK, on_relay);
    scene.click("e");
    scene.click("e");
    scene.input(settings("{}"));
    assert_eq!((scene.sent(), scene.events("callback").len()), (vec![(1, 1)], 2));
    scene.relay(204, "answer", "");
    assert_eq!(scene.sent(), [(2, 1)]);
    let replace = r#"{"id":"a","relay":"discount","whileRunning":"replace"}"#;
    let mut scene = Scene::with(replace, CLICK, on_relay);
    scene.click("e");
    scene.click("e");
    assert_eq!(scene.events("settled").len(), 1);
    scene.input(settings("[]"));
    assert_eq!(scene.sent(), [(2, 1)]);
}

#[test]
fn another_source_ends_what_follows_also_while_the_relay_is_awaited() {
    let mut scene = Scene::with(OPEN, CLICK, on_relay);
    scene.click("e");
    scene.input(Input::Media(MediaEvent::SourceChanged));
    scene.input(settings("{}"));
    assert_eq!((scene.sent(), scene.events("callback").len()), (vec![(1, 1)], 0));
}

#[test]
fn hostile_settings_say_nothing() {
    for text in [
        "null",
        "[]",
        "5",
        r#"{"webhooks":[]}"#,
        r#"{"webhooks":{"discount":[]}}"#,
        r#"{"webhooks":{"discount":{"name":5,"waitForResponse":"yes","includeInteractions":{}}}}"#,
    ] {
        let mut scene = Scene::with(OPEN, CLICK, on_relay);
        scene.click("e");
        scene.input(settings(text));
        let body = scene.body();
        assert_eq!(
            (&body["webhook"], body["interactions"].as_array().unwrap().len()),
            (&json!({"id": "a", "name": null}), 1),
            "{text}"
        );
    }
}

#[test]
fn a_request_of_an_earlier_load_waits_for_the_relay_and_runs_nothing_twice() {
    let webhook = r#"{"id":"a","relay":"discount","survive":true}"#;
    let (record, _) = record_of(webhook, CLICK, "e", on_relay);
    for (says, count) in [("false", 0), ("true", 1)] {
        let mut scene = Scene::with(webhook, CLICK, on_relay);
        scene.input(Input::Restore(Kept::read(&record).unwrap()));
        assert!(scene.sent().is_empty());
        scene.input(settings(&format!(r#"{{"webhooks":{{"discount":{{"waitForResponse":{says}}}}}}}"#)));
        assert!(scene.events("callback").is_empty() && !scene.has(&Effect::Pause));
        assert!(scene.requests()[0].asks);
        scene.relay(200, "answer", "{}");
        assert_eq!(scene.events("callback").len(), count, "{says}");
    }
}

#[test]
fn another_relay_is_not_asked_for_a_request_of_an_earlier_load() {
    let webhook = r#"{"id":"a","relay":"discount","survive":true}"#;
    let (record, _) = record_of(webhook, CLICK, "e", on_relay);
    let mut scene = Scene::with(webhook, CLICK, |setup| {
        on_relay(setup);
        setup.relay.as_mut().unwrap().url = "https://relay.example/other".into();
    });
    scene.input(Input::Restore(Kept::read(&record).unwrap()));
    assert!(scene.sent().is_empty());
    assert_eq!(scene.events("error")[0]["code"], "aborted");
}
