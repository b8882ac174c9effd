//! Requests that survive a reload.

use super::*;
use crate::engine::kept::{Kept, MAX_RECORD};

const WEBHOOKS: &str = r#"{"id":"w","url":"/w","waitForResponse":true,"survive":true,"retries":1},
    {"id":"other","url":"/other"}"#;
const CALL: &str = r#"{"do":"executeWebhook","webhook":"w"}"#;

impl Scene {
    /// The request that the last input had written down: its number, its UUID and its record.
    fn kept(&self) -> Vec<(RequestId, String, String)> {
        let kept = self.effects.iter().filter_map(|effect| match effect {
            Effect::Keep { request, id, record } => Some((*request, id.clone(), record.clone())),
            _ => None,
        });
        kept.collect()
    }

    /// The requests that need not be kept any more.
    fn forgotten(&self) -> Vec<String> {
        let settled = self.effects.iter().filter_map(|effect| match effect {
            Effect::Settle(id) => Some(id.clone()),
            _ => None,
        });
        settled.collect()
    }

    fn restore(&mut self, record: &str) {
        self.input(Input::Restore(Kept::read(record).expect("a record")));
    }

    fn pauses(&self) -> bool {
        self.has(&Effect::Pause)
    }
}

fn clickable(actions: &str) -> String {
    format!(r#"{{"id":"a",AREA,"onClick":[{actions}]}},{{"id":"t",HTML,"visible":false,"source":"x"}}"#)
}

/// The record of a request that a click on an element makes in a scene that ends then, and its body.
pub(super) fn record_of(
    webhooks: &str,
    elements: &str,
    element: &str,
    change: impl FnOnce(&mut Setup),
) -> (String, Vec<u8>) {
    let mut scene = Scene::with(webhooks, elements, change);
    scene.input(Input::Settings(Json::Null));
    scene.click(element);
    let (request, _, record) = scene.kept().remove(0);
    scene.input(Input::Kept(request));
    (record, scene.requests()[0].body.to_vec())
}

#[test]
fn it_is_written_down_before_it_is_sent() {
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    scene.click("a");
    assert!(scene.sent().is_empty());
    assert!(scene.pauses(), "the viewer waits already");
    let (request, id, record) = scene.kept().remove(0);
    let record: Value = serde_json::from_str(&record).unwrap();
    assert_eq!(
        (&record["id"], &record["video"], &record["version"]),
        (&id.as_str().into(), &"v".into(), &1.into())
    );
    scene.moment.clock_ms += 1_900.0;
    scene.input(Input::Kept(request));
    assert_eq!(scene.sent(), [(1, 1)]);
    assert_eq!(record["body"].as_str().unwrap().as_bytes(), &scene.requests()[0].body[..]);
    let deadline = Effect::StartTimer { timer: Timer::Deadline(1), after_ms: 8_000.0 };
    assert!(scene.has(&deadline), "the time budget begins with the first attempt");
    scene.input(Input::Kept(request));
    assert!(scene.sent().is_empty());
    scene.answer(1, 1, 503, "");
    assert!(scene.kept().is_empty() && scene.forgotten().is_empty());
    scene.input(Input::Timer(Timer::Retry(1)));
    assert_eq!(scene.sent(), [(1, 2)]);
    scene.answer(1, 2, 204, "");
    assert_eq!(scene.forgotten(), [id]);
}

#[test]
fn others_are_not() {
    let mut scene = Scene::new(&WEBHOOKS.replace("true,\"retries", "false,\"retries"), &clickable(CALL));
    scene.click("a");
    assert_eq!((scene.sent(), scene.kept()), (vec![(1, 1)], vec![]));
    scene.answer(1, 1, 204, "");
    assert!(scene.forgotten().is_empty());
}

#[test]
fn a_large_one_is_sent_without() {
    let long = "x".repeat(MAX_RECORD);
    let call = format!(r#"{{"do":"executeWebhook","webhook":"w","params":{{"long":"{long}"}}}}"#);
    let mut scene = Scene::new(WEBHOOKS, &clickable(&call));
    scene.click("a");
    assert_eq!((scene.sent(), scene.kept()), (vec![(1, 1)], vec![]));
    assert!(
        scene.effects.iter().any(|effect| matches!(effect, Effect::Warn(text) if text.contains("too large")))
    );
    scene.answer(1, 1, 204, "");
    assert!(scene.forgotten().is_empty());
}

#[test]
fn given_up_while_it_is_written_down_it_is_forgotten_and_not_sent() {
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    scene.click("a");
    let (request, id, _) = scene.kept().remove(0);
    scene.input(Input::Notice { key: 1, button: NoticeButton::Cancel });
    assert_eq!(scene.forgotten(), [id]);
    scene.input(Input::Kept(request));
    assert!(scene.sent().is_empty());
}

#[test]
fn the_page_that_ends_it_wants_it_to_end() {
    for end in [
        Input::Destroy,
        Input::Update {
            project: Rc::new(read(&parse(br#"{"cuehook":1}"#, 8).unwrap()).unwrap()),
            targets: vec![],
        },
    ] {
        let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
        scene.click("a");
        let (request, id, _) = scene.kept().remove(0);
        scene.input(Input::Kept(request));
        scene.input(end);
        assert_eq!(scene.forgotten(), [id]);
    }
}

#[test]
fn what_the_viewer_tries_again_is_written_down_again() {
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    scene.click("a");
    let (request, id, record) = scene.kept().remove(0);
    scene.input(Input::Kept(request));
    scene.answer(1, 1, 404, "");
    assert_eq!(scene.forgotten(), [id.as_str()]);
    scene.input(Input::Notice { key: 1, button: NoticeButton::Retry });
    assert_eq!(scene.kept(), [(2, id, record)]);
}

#[test]
fn it_is_asked_for_again_with_the_same_bytes_under_the_same_id() {
    let (record, body) = record_of(WEBHOOKS, &clickable(CALL), "a", |_| {});
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    scene.moment.wall_ms += 60_000.0;
    scene.restore(&record);
    assert_eq!((scene.sent(), scene.kept()), (vec![(1, 1)], vec![]));
    let request = scene.requests()[0].clone();
    assert_eq!(*request.body, body);
    let id = serde_json::from_slice::<Value>(&body).unwrap()["id"].as_str().unwrap().to_owned();
    let field =
        |name: &str| request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    assert_eq!(
        (field("webhook-id"), field("webhook-timestamp")),
        (Some(id.clone()), Some("1700000060".into()))
    );
    assert!(!scene.pauses(), "nobody waits for it");
    assert!(!scene.has(&Effect::StartTimer { timer: Timer::Waiting(1), after_ms: 1_200.0 }));
    let twice = record.clone();
    scene.restore(&twice);
    assert!(scene.sent().is_empty(), "it is under way already");
    scene.answer(1, 1, 503, "");
    scene.input(Input::Timer(Timer::Retry(1)));
    assert_eq!(*scene.requests()[0].body, body);
    scene.answer(1, 2, 200, r#"{"code":"A1"}"#);
    assert_eq!(scene.engine.variables().get("code"), Some(&"A1".into()));
    assert_eq!(scene.forgotten(), [id]);
}

#[test]
fn the_page_adds_its_headers_anew() {
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    scene.decides = false;
    scene.click("a");
    let decided = |scene: &mut Scene, headers: Vec<(String, String)>| {
        let proposal = scene.proposals[0].0;
        scene.input(Input::Decided { proposal, allowed: true, headers });
    };
    decided(&mut scene, Vec::new());
    decided(&mut scene, vec![("authorization".into(), "secret-token".into())]);
    let (_, _, record) = scene.kept().remove(0);
    assert!(!record.contains("secret-token"));
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    scene.decides = false;
    scene.restore(&record);
    assert_eq!(scene.events("request").len(), 1);
    decided(&mut scene, vec![("authorization".into(), "another".into())]);
    let header = ("authorization".to_owned(), "another".to_owned());
    assert!(scene.requests()[0].headers.contains(&header));
}

#[test]
fn the_page_may_prevent_it() {
    let (record, _) = record_of(WEBHOOKS, &clickable(CALL), "a", |_| {});
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    scene.decides = false;
    scene.restore(&record);
    let proposal = scene.proposals[0].0;
    scene.input(Input::Decided { proposal, allowed: false, headers: Vec::new() });
    assert_eq!(scene.forgotten().len(), 1);
    assert!(scene.sent().is_empty());
}

#[test]
fn what_follows_runs_but_leaves_playback_alone() {
    for actions in [
        format!(r#"{CALL},{{"do":"seek","to":9}},{{"do":"pause"}},{{"do":"show","element":"t"}}"#),
        format!(
            r#"{{"do":"if","when":"true","then":[{CALL},{{"do":"pause"}}]}},{{"do":"show","element":"t"}}"#
        ),
        format!(
            r#"{{"do":"if","when":"false","else":[{{"do":"if","when":"true","then":[{CALL}]}},{{"do":"show","element":"t"}}]}}"#
        ),
    ] {
        let elements = clickable(&actions);
        let (record, _) = record_of(WEBHOOKS, &elements, "a", |_| {});
        let mut scene = Scene::new(WEBHOOKS, &elements);
        scene.restore(&record);
        assert!(scene.shown().is_empty(), "{actions}");
        scene.answer(1, 1, 204, "");
        assert_eq!(scene.shown(), [1], "{actions}");
        let moves = |effect: &Effect| matches!(effect, Effect::Pause | Effect::Seek(_) | Effect::Play(_));
        assert!(!scene.effects.iter().any(moves), "{actions}");
    }
}

#[test]
fn so_does_on_error_and_what_it_calls() {
    let call = CALL
        .replace('}', r#","onError":[{"do":"executeWebhook","webhook":"w"},{"do":"show","element":"t"}]}"#);
    let elements = clickable(&format!(r#"{call},{{"do":"callback","name":"c","value":1}}"#));
    let (record, _) = record_of(WEBHOOKS, &elements, "a", |_| {});
    let mut scene = Scene::new(WEBHOOKS, &elements);
    scene.restore(&record);
    scene.answer(1, 1, 404, "");
    let (request, _, record) = scene.kept().remove(0);
    assert!(!scene.pauses());
    scene.input(Input::Kept(request));
    scene.answer(request, 1, 204, "");
    assert_eq!(scene.shown(), [1]);
    // The second one is lost in the middle, too: after it only the rest of `onError` runs.
    let mut scene = Scene::new(WEBHOOKS, &elements);
    scene.restore(&record);
    scene.answer(1, 1, 204, "");
    assert_eq!((scene.shown(), scene.events("callback").len()), (vec![1], 0));
}

#[test]
fn named_actions_and_params_are_found_again() {
    let elements = format!(
        r#"{{"id":"a",HTML,"source":"<button data-action='go'>Go</button>",
            "actions":{{"no":[],"go":[{CALL},{{"do":"setVariable","name":"said","value":"${{params.word}}"}}]}}}}"#
    );
    let mut params = Object::new();
    params.set("word", "hello".into());
    let mut scene = Scene::new(WEBHOOKS, &elements);
    let command = Command::Actions("go".into());
    scene.input(Input::Press { control: 1, element: 0, command, label: "Go".into(), params, records: None });
    let (_, _, record) = scene.kept().remove(0);
    let mut scene = Scene::new(WEBHOOKS, &elements);
    scene.restore(&record);
    scene.answer(1, 1, 204, "");
    assert_eq!(scene.engine.variables().get("said"), Some(&"hello".into()));
}

#[test]
fn what_was_typed_has_reached_its_aim_then() {
    let form = format!(
        r#"{{"id":"a","kind":"form","label":"F","box":{{"left":0,"top":0,"width":9,"height":9}},
            "fields":[{{"name":"email","label":"E"}}],"onSubmit":[{CALL}]}}"#
    );
    let mut scene = Scene::new(WEBHOOKS, &form);
    scene.input(Input::Submit { element: 0, values: Object::new(), trapped: false });
    let (_, _, record) = scene.kept().remove(0);
    let mut scene = Scene::new(WEBHOOKS, &form);
    scene.restore(&record);
    assert!(!scene.has(&Effect::Forget(0)));
    scene.answer(1, 1, 204, "");
    assert!(scene.has(&Effect::Forget(0)));
}

#[test]
fn where_the_document_has_changed_only_the_answer_is_used() {
    let (record, _) = record_of(
        WEBHOOKS,
        &clickable(&format!(r#"{{"do":"mute"}},{CALL},{{"do":"show","element":"t"}}"#)),
        "a",
        |_| {},
    );
    for changed in [
        // Another action in its place, none, another webhook, another element.
        clickable(r#"{"do":"mute"},{"do":"unmute"},{"do":"show","element":"t"}"#),
        clickable(r#"{"do":"mute"}"#),
        clickable(r#"{"do":"mute"},{"do":"executeWebhook","webhook":"other"},{"do":"show","element":"t"}"#),
        clickable(&format!(r#"{{"do":"mute"}},{CALL},{{"do":"show","element":"t"}}"#))
            .replace("\"a\"", "\"b\""),
    ] {
        let mut scene = Scene::new(WEBHOOKS, &changed);
        scene.restore(&record);
        scene.answer(1, 1, 200, r#"{"code":"A1"}"#);
        assert_eq!(scene.engine.variables().get("code"), Some(&"A1".into()), "{changed}");
        assert!(scene.shown().is_empty(), "{changed}");
    }
}

#[test]
fn another_address_is_not_asked_and_the_page_is_told() {
    let (record, _) = record_of(WEBHOOKS, &clickable(CALL), "a", |_| {});
    let elsewhere = record.replace("https://page.example/2", "https://page.example/3");
    let unknown = record.replace(r#""webhook":"w","#, r#""webhook":"gone","#);
    for record in [elsewhere, unknown] {
        let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
        scene.restore(&record);
        assert!(scene.sent().is_empty());
        assert_eq!(scene.events("error")[0]["code"], "aborted");
        assert!(scene.notices().is_empty());
        assert_eq!(scene.forgotten().len(), 1);
    }
}

#[test]
fn one_that_fails_again_is_offered_for_another_try() {
    let (record, body) = record_of(WEBHOOKS, &clickable(CALL), "a", |_| {});
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    scene.restore(&record);
    scene.answer(1, 1, 404, "");
    assert_eq!(scene.notices(), [(NoticeKind::Failed, vec![NoticeButton::Retry, NoticeButton::Dismiss])]);
    scene.input(Input::Notice { key: 1, button: NoticeButton::Retry });
    let (request, ..) = scene.kept().remove(0);
    assert!(!scene.pauses());
    scene.input(Input::Kept(request));
    assert_eq!(*scene.requests()[0].body, body);
}

#[test]
fn it_waits_its_turn_behind_a_request_of_now() {
    let (record, _) = record_of(WEBHOOKS, &clickable(CALL), "a", |_| {});
    let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
    // Another time makes another id.
    scene.moment.wall_ms += 60_000.0;
    scene.click("a");
    scene.input(Input::Kept(1));
    scene.restore(&record);
    assert!(scene.sent().is_empty());
    scene.answer(1, 1, 204, "");
    assert_eq!(scene.sent(), [(2, 1)]);
}

#[test]
fn calls_of_the_page_survive_without_what_waited() {
    let mut scene = Scene::new(WEBHOOKS, "");
    scene.input(Input::Execute { ticket: 7, webhook: "w".into(), params: Json::Null });
    let (_, _, record) = scene.kept().remove(0);
    let mut scene = Scene::new(WEBHOOKS, "");
    scene.restore(&record);
    scene.answer(1, 1, 404, "");
    assert!(scene.notices().is_empty(), "the page is told, which has asked");
    assert!(!scene.effects.iter().any(|effect| matches!(effect, Effect::Reply { .. })));
}

#[test]
fn records_may_be_anything() {
    let (record, _) = record_of(
        WEBHOOKS,
        &clickable(&format!(r#"{{"do":"if","when":"true","then":[{CALL}]}}"#)),
        "a",
        |_| {},
    );
    for text in [
        "".into(),
        "{}".into(),
        "null".into(),
        record.replace("\"version\":1", "\"version\":2"),
        record.replace("\"id\":\"0", "\"id\":\"X"),
        record[..record.len() - 1].into(),
        format!("{record}{}", " ".repeat(MAX_RECORD)),
    ] {
        assert!(Kept::read(&text).is_none(), "{text}");
    }
    let parsed: Value = serde_json::from_str(&record).unwrap();
    for (name, old) in parsed.as_object().unwrap() {
        if name == "id" || name == "version" {
            continue;
        }
        let old = old.to_string();
        for new in ["null", "[[1e9]]", "{}", "-1", "\"x\"", "[0,0,2,0]", "[0,0,0,7]", "[1e300]", "[0]"] {
            let text = record.replace(&format!("\"{name}\":{old}"), &format!("\"{name}\":{new}"));
            assert!(text != record || old == new || !record.contains(&old), "{name}");
            let mut scene = Scene::new(WEBHOOKS, &clickable(CALL));
            scene.restore(&text);
            for attempt in 1..=2 {
                scene.answer(1, attempt, 204, "");
            }
        }
    }
}

#[test]
fn it_belongs_to_its_video() {
    let (record, _) = record_of(WEBHOOKS, &clickable(CALL), "a", |_| {});
    let project = |video: &str| {
        let text = format!(r#"{{"cuehook":1{video}}}"#);
        read(&parse(text.as_bytes(), 64).unwrap()).unwrap()
    };
    let kept = Kept::read(&record).unwrap();
    assert!(kept.belongs_to(&project(r#","video":{"id":"v"}"#)));
    assert!(!kept.belongs_to(&project(r#","video":{"id":"w"}"#)));
    assert!(!kept.belongs_to(&project("")));
}
