//! How requests end: what is stopped, what is taken back, and what the viewer still sees.

use super::*;

const WAIT: &str = r#"{"id":"w","url":"/w","waitForResponse":true,"retries":1}"#;

/// An area of this id that calls `w`.
fn area(id: &str) -> String {
    format!(r#"{{"id":"{id}",AREA,"onClick":[{{"do":"executeWebhook","webhook":"w"}}]}}"#)
}

fn keys(scene: &Scene) -> Vec<u32> {
    scene.engine.notices.iter().map(|notice| notice.key).collect()
}

fn stopped(scene: &Scene) -> Vec<Timer> {
    let timer = |effect: &Effect| if let Effect::StopTimer(timer) = effect { Some(*timer) } else { None };
    scene.effects.iter().filter_map(timer).collect()
}

fn busy(scene: &Scene) -> Vec<(usize, bool)> {
    let mut all = Vec::new();
    for effect in &scene.effects {
        if let Effect::Busy { element, busy } = effect {
            all.push((*element, *busy));
        }
    }
    all
}

#[test]
fn the_success_of_another_element_takes_back_no_offer() {
    let other = r#"{"id":"v","url":"/v","retries":0}"#;
    let third = r#"{"id":"c",AREA,"onClick":[{"do":"executeWebhook","webhook":"v"}]}"#;
    let elements = [&area("a"), &area("b"), third].map(|text: &str| text.to_owned()).join(",");
    let mut scene = Scene::new(&format!("{},{other}", WAIT.replace(":1", ":0")), &elements);
    scene.click("a");
    scene.answer(1, 1, 500, "");
    scene.click("c");
    scene.answer(2, 1, 500, "");
    assert_eq!(keys(&scene), [1, 2]);
    scene.click("b");
    scene.answer(3, 1, 200, "{}");
    assert_eq!(keys(&scene), [1, 2], "the same webhook, another element");
    scene.click("a");
    scene.answer(4, 1, 200, "{}");
    assert_eq!(keys(&scene), [2], "the same of both");
}

#[test]
fn only_the_notice_that_was_closed_goes() {
    let webhooks = r#"{"id":"w","url":"/w","retries":0},{"id":"v","url":"/v","retries":0}"#;
    let elements = format!("{},{}", area("a"), area("b").replace("\"w\"", "\"v\""));
    let mut scene = Scene::new(webhooks, &elements);
    for (id, request) in [("a", 1), ("b", 2)] {
        scene.click(id);
        scene.answer(request, 1, 500, "");
    }
    scene.input(Input::Notice { key: 1, button: NoticeButton::Dismiss });
    assert_eq!(keys(&scene), [2]);
    scene.input(Input::Notice { key: 9, button: NoticeButton::Dismiss });
    scene.input(Input::Notice { key: 9, button: NoticeButton::Retry });
    assert_eq!((keys(&scene), scene.sent()), (vec![2], vec![]));
}

#[test]
fn only_what_is_under_way_is_stopped() {
    let mut scene = Scene::new(WAIT, &area("a"));
    let waiting = [Timer::Waiting(1), Timer::Cancel(1)];
    scene.click("a");
    scene.answer(1, 1, 200, "{}");
    assert_eq!(stopped(&scene), [&[Timer::Deadline(1)][..], &waiting].concat());
    assert!(!scene.has(&Effect::Abort(1)), "it has ended by itself");

    let mut scene = Scene::new(WAIT, &area("a"));
    scene.decides = false;
    scene.click("a");
    let (click, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal: click, allowed: true, headers: Vec::new() });
    let (request, _) = scene.proposals[0];
    scene.input(Input::Decided { proposal: request, allowed: false, headers: Vec::new() });
    assert_eq!(stopped(&scene), waiting, "no attempt has begun");
    assert!(!scene.has(&Effect::Abort(1)));

    let mut scene = Scene::new(&WAIT.replace("\"waitForResponse\":true,", ""), &area("a"));
    scene.click("a");
    scene.answer(1, 1, 503, "");
    scene.input(Input::Timer(Timer::Deadline(1)));
    assert_eq!(stopped(&scene), [Timer::Deadline(1), Timer::Retry(1)], "nobody waits for it");
}

#[test]
fn an_element_is_busy_until_its_last_request_has_ended() {
    let webhook = WAIT.replace("\"retries\"", "\"whileRunning\":\"queue\",\"retries\"");
    let mut scene = Scene::new(&webhook, &format!("{},{}", area("a"), area("b")));
    scene.click("a");
    assert_eq!(busy(&scene), [(0, true)]);
    scene.click("b");
    scene.click("a");
    scene.answer(1, 1, 200, "{}");
    assert_eq!(busy(&scene), [], "its second one waits");
    scene.answer(2, 1, 200, "{}");
    assert_eq!(busy(&scene), [(1, false)]);
    scene.answer(3, 1, 200, "{}");
    assert_eq!(busy(&scene), [(0, false)]);
}

#[test]
fn a_browser_that_refuses_to_play_is_asked_again_by_the_viewer() {
    let mut scene = Scene::new(WAIT, &area("a"));
    let words = scene.engine.project.words.clone();
    let play = |scene: &Scene| {
        let play = |effect: &Effect| if let Effect::Play(play) = effect { Some(*play) } else { None };
        scene.effects.iter().find_map(play)
    };
    scene.click("a");
    scene.input(Input::Media(MediaEvent::Pause));
    scene.answer(1, 1, 200, "{}");
    let refused = play(&scene).unwrap();
    scene.moment.media.paused = true;
    scene.input(Input::PlaySettled { play: refused, outcome: PlayOutcome::Blocked });
    assert_eq!(scene.notices(), [(NoticeKind::Blocked, vec![NoticeButton::Continue])]);
    assert_eq!(scene.events("error")[0]["code"], "play-blocked");
    assert!(scene.has(&Effect::Announce(Saying::Text(words.get(Word::Blocked).into()))));
    let notice = scene.engine.notices[0].clone();
    assert_eq!((&*notice.text, &*notice.buttons[0].1), (words.get(Word::Blocked), words.get(Word::Resume)));
    scene.input(Input::Notice { key: notice.key, button: NoticeButton::Continue });
    let again = play(&scene).unwrap();
    scene.input(Input::PlaySettled { play: again, outcome: PlayOutcome::Playing });
    assert!(scene.notices().is_empty());
    assert!(scene.events("resume").is_empty(), "the request let go of the video before");
}

#[test]
fn notices_are_handed_over_only_when_they_change() {
    let mut scene = Scene::new(WAIT, &area("a"));
    let handed = |scene: &Scene| scene.effects.iter().any(|effect| matches!(effect, Effect::Notices(_)));
    scene.click("a");
    assert!(!handed(&scene));
    scene.input(Input::Timer(Timer::Waiting(1)));
    assert!(handed(&scene));
    scene.at(5.5);
    assert!(!handed(&scene));
    scene.answer(1, 1, 200, "{}");
    assert!(handed(&scene));
}

#[test]
fn the_result_of_a_call_of_the_page_without_data_is_null() {
    let mut scene = Scene::new(WAIT, "");
    scene.input(Input::Execute { ticket: 4, webhook: "w".into(), params: Json::Null });
    scene.answer(1, 1, 204, "");
    assert!(scene.has(&Effect::Reply { ticket: 4, result: Ok("null".into()) }));
    assert_eq!(scene.events("response")[0]["data"], Value::Null);
    assert!(scene.events("variablechange").is_empty());
}

#[test]
fn a_timer_that_rings_at_another_time_sends_nothing() {
    let webhooks = format!("{WAIT},{}", WAIT.replace("\"w\"", "\"v\""));
    let mut scene = Scene::new(&webhooks, &format!("{},{}", area("a"), area("b").replace("\"w\"", "\"v\"")));
    scene.click("a");
    scene.input(Input::Timer(Timer::Retry(1)));
    assert!(scene.sent().is_empty(), "its attempt is under way");
    scene.click("b");
    scene.answer(2, 1, 503, "");
    scene.input(Input::Timer(Timer::Retry(1)));
    assert!(scene.sent().is_empty(), "another one is to be tried again");
    scene.input(Input::Timer(Timer::Retry(2)));
    assert_eq!(scene.sent(), [(2, 2)]);
    scene.answer(1, 1, 200, "{}");
    scene.input(Input::Timer(Timer::Deadline(1)));
    scene.input(Input::Timer(Timer::Waiting(1)));
    assert!(scene.effects.is_empty(), "it is over");
}
