//! How many of something are kept, and what is said exactly once.

use super::*;
use crate::error::ErrorCode;

const CLICK: &str = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w"}]}"#;

/// A webhook `w` that waits, with one more field.
fn waiting(field: &str) -> String {
    format!(r#"{{"id":"w","url":"/w","waitForResponse":true,{field}}}"#)
}

fn announced(scene: &Scene) -> Vec<&str> {
    let mut texts = Vec::new();
    for effect in &scene.effects {
        if let Effect::Announce(Saying::Text(text)) = effect {
            texts.push(text.as_str());
        }
    }
    texts
}

#[test]
fn the_last_three_failures_are_offered_for_another_try() {
    let ids = ["a", "b", "c", "d"];
    let webhooks = ids.map(|id| format!(r#"{{"id":"{id}","url":"/{id}","retries":0}}"#)).join(",");
    let areas =
        ids.map(|id| CLICK.replace(r#""a""#, &format!("\"{id}\"")).replace(r#""w""#, &format!("\"{id}\"")));
    let mut scene = Scene::new(&webhooks, &areas.join(","));
    let mut keys = Vec::new();
    for (id, request) in ids.into_iter().zip(1..) {
        scene.click(id);
        scene.answer(request, 1, 500, "");
        keys.push(scene.engine.notices.iter().map(|notice| notice.key).collect::<Vec<_>>());
    }
    assert_eq!(keys, [vec![1], vec![1, 2], vec![1, 2, 3], vec![2, 3, 4]]);
}

#[test]
fn one_failure_of_each_webhook_is_offered_for_another_try() {
    let mut scene = Scene::new(&waiting(r#""retries":0"#), CLICK);
    for request in [1, 2] {
        scene.click("a");
        scene.answer(request, 1, 500, "");
    }
    assert_eq!(scene.engine.notices.iter().map(|notice| notice.key).collect::<Vec<_>>(), [2]);
}

#[test]
fn eight_wait_their_turn_and_the_ninth_is_dropped() {
    let mut scene = Scene::new(&waiting(r#""whileRunning":"queue""#), CLICK);
    let mut dropped = Vec::new();
    for click in 1..=10 {
        scene.click("a");
        if scene.effects.iter().any(|effect| matches!(effect, Effect::Warn(_))) {
            dropped.push(click);
        }
    }
    assert_eq!(dropped, [10], "one runs, eight wait");
    for request in 1..=9 {
        scene.answer(request, 1, 200, "{}");
        assert_eq!(scene.events("settled")[0]["requestId"], request);
        assert_eq!(scene.sent().len(), usize::from(request < 9), "after {request}");
    }
}

#[test]
fn what_the_pages_policy_refuses_is_a_code_of_its_own_and_not_tried_again() {
    let mut scene = Scene::new(&waiting(r#""retries":2"#), CLICK);
    scene.click("a");
    scene.input(Input::AttemptEnded { request: 1, attempt: 1, outcome: Err(TransportFailure::Csp) });
    assert_eq!(scene.events("settled")[0]["outcome"], "csp");
    let error = &scene.events("error")[0];
    assert_eq!(error["code"], "csp");
    assert!(error["message"].as_str().unwrap().contains("Content-Security-Policy"), "{error}");
}

#[test]
fn a_response_that_is_too_large_is_a_code_of_its_own_and_not_tried_again() {
    let mut scene = Scene::new(&waiting(r#""retries":2"#), CLICK);
    scene.click("a");
    let outcome = Err(TransportFailure::TooLarge { status: 200 });
    scene.input(Input::AttemptEnded { request: 1, attempt: 1, outcome });
    assert_eq!(scene.events("settled")[0]["outcome"], "too-large");
    assert_eq!(scene.events("error")[0]["status"], 200);
}

/// The reason that the page hears when our `play()` ends like this.
fn reason(outcome: PlayOutcome) -> Value {
    let mut scene = Scene::new(&waiting(r#""retries":0"#), CLICK);
    scene.click("a");
    scene.input(Input::Media(MediaEvent::Pause));
    scene.answer(1, 1, 200, "{}");
    let played = |effect: &Effect| if let Effect::Play(play) = effect { Some(*play) } else { None };
    let play = scene.effects.iter().find_map(played).unwrap();
    assert!(scene.events("resume").is_empty(), "not known yet");
    scene.input(Input::PlaySettled { play, outcome });
    scene.events("resume")[0]["reason"].clone()
}

#[test]
fn the_page_hears_how_the_play_of_a_release_ended() {
    assert_eq!(reason(PlayOutcome::Playing), "resumed");
    assert_eq!(reason(PlayOutcome::Interrupted), "interrupted");
    assert_eq!(reason(PlayOutcome::Blocked), "blocked");
    assert_eq!(reason(PlayOutcome::Failed), "failed");
}

#[test]
fn params_that_fail_run_on_error_instead_of_what_follows() {
    let area = r#"{ "id": "a", AREA, "onClick": [
        { "do": "executeWebhook", "webhook": "w", "params": { "a": "${'a' - 1}" },
          "onError": [{ "do": "callback", "name": "failed" }] },
        { "do": "callback", "name": "after" } ] }"#;
    let mut scene = Scene::new(&waiting(r#""retries":0"#), area);
    scene.click("a");
    assert!(scene.sent().is_empty());
    assert_eq!(scene.events("error")[0]["code"], ErrorCode::Template.as_str());
    let names: Vec<Value> = scene.events("callback").iter().map(|detail| detail["name"].clone()).collect();
    assert_eq!(names, ["failed"]);
    assert!(!scene.has(&Effect::Pause), "nothing is waited for");
}

#[test]
fn an_update_tells_what_is_not_shown_any_more() {
    let mut scene = Scene::new("", r#"{"id":"a",AREA},{"id":"later",AREA,"from":20}"#);
    assert_eq!(scene.events("show").len(), 1);
    let (project, targets) = (Rc::clone(&scene.engine.project), scene.engine.setup.targets.clone());
    scene.input(Input::Update { project, targets });
    let told: Vec<Value> = scene.events("hide").iter().map(|detail| detail["element"].clone()).collect();
    assert_eq!(told, ["a"], "what was shown, and nothing else");
    assert_eq!((scene.hidden(), scene.shown()), (vec![0], vec![0]));
}

#[test]
fn success_is_announced_to_a_viewer_who_waited() {
    let mut scene = Scene::new(&waiting(r#""retries":0"#), CLICK);
    let done = scene.engine.project.words.get(Word::Done).to_owned();
    scene.click("a");
    assert!(announced(&scene).is_empty());
    scene.answer(1, 1, 200, "{}");
    assert_eq!(announced(&scene), [done.as_str()]);

    // Who did not wait for it is left alone.
    let mut scene = Scene::new(r#"{"id":"w","url":"/w"}"#, CLICK);
    scene.click("a");
    scene.answer(1, 1, 200, "{}");
    assert!(announced(&scene).is_empty());

    // A call of the page is not the viewer's, unless the wait was shown.
    let call = || Input::Execute { ticket: 1, webhook: "w".into(), params: Json::Null };
    for shown in [false, true] {
        let mut scene = Scene::new(&waiting(r#""retries":0"#), CLICK);
        scene.input(call());
        if shown {
            scene.input(Input::Timer(Timer::Waiting(1)));
            assert_eq!(announced(&scene), [scene.engine.project.words.get(Word::Waiting)]);
        }
        scene.answer(1, 1, 200, "{}");
        assert_eq!(announced(&scene).len(), usize::from(shown));
    }
}

#[test]
fn failures_are_announced_in_the_words_of_their_kind() {
    for (outcome, words) in
        [(Err(TransportFailure::Network), "no connection"), (Ok(Response::default()), "did not work")]
    {
        let mut scene = Scene::new(&waiting(r#""retries":0"#), CLICK);
        scene.click("a");
        scene.input(Input::AttemptEnded { request: 1, attempt: 1, outcome });
        let announced = announced(&scene);
        assert!(announced.len() == 1 && announced[0].contains(words), "{announced:?}");
    }
}

#[test]
fn the_time_that_a_request_took_is_told() {
    let mut scene = Scene::new(&waiting(r#""retries":1"#), CLICK);
    scene.click("a");
    scene.moment.clock_ms += 150.0;
    scene.answer(1, 1, 503, "");
    scene.moment.clock_ms += 300.0;
    scene.input(Input::Timer(Timer::Retry(1)));
    scene.moment.clock_ms += 125.0;
    scene.answer(1, 2, 200, "{}");
    assert_eq!(scene.events("response")[0]["durationMs"], 575);
    let settled = &scene.events("settled")[0];
    assert_eq!((&settled["durationMs"], &settled["attempts"]), (&575.into(), &2.into()));
}
