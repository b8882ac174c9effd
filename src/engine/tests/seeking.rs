//! What a viewer's seek does to triggers, and to the chain of a request that holds the video.

use super::*;

const WAIT: &str = r#"{"id":"w","url":"/w","waitForResponse":true,"retries":0}"#;

/// An area that is there from second 3 to second 8. Its click waits for a response; then these actions follow.
fn area(actions: &str) -> String {
    format!(
        r#"{{"id":"a",AREA,"from":3,"to":8,"onClick":[{{"do":"executeWebhook","webhook":"w",
            "onError":[{{"do":"pause"}},{{"do":"callback","name":"failed"}}]}},{actions}]}}"#
    )
}

/// The viewer seeks and arrives.
fn seek(scene: &mut Scene, time: f64) {
    scene.moment.media = Media { time, seeking: true, ..scene.moment.media };
    scene.input(Input::Media(MediaEvent::Seeking));
    arrive(scene);
}

fn arrive(scene: &mut Scene) {
    scene.moment.media.seeking = false;
    scene.input(Input::Media(MediaEvent::Time));
}

fn names(scene: &Scene) -> Vec<String> {
    scene.events("callback").iter().map(|detail| detail["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_quarter_of_a_second_after_a_seek_it_is_decided() {
    let mut scene = Scene::new(WAIT, &area(r#"{"do":"callback","name":"after"}"#));
    scene.click("a");
    seek(&mut scene, 20.0);
    assert!(scene.has(&Effect::StartTimer { timer: Timer::Seek, after_ms: 250.0 }));
    assert!(scene.events("resume").is_empty() && !scene.plays());
    scene.input(Input::Timer(Timer::Seek));
    assert_eq!(scene.events("resume")[0]["reason"], "seeked");
    assert!(scene.plays(), "it plays on from there");
    assert!(!scene.has(&Effect::Abort(1)), "the request goes on");
    scene.answer(1, 1, 200, r#"{"code":"X"}"#);
    assert_eq!(names(&scene), ["after"]);
    assert!(scene.events("resume").is_empty(), "given back only once");
}

#[test]
fn what_follows_leaves_a_viewer_who_moved_on_alone() {
    let actions = r#"{"do":"pause"},{"do":"play"},{"do":"seek","to":4},{"do":"rate","rate":2},{"do":"mute"},
        {"do":"openUrl","url":"/next","newTab":false},{"do":"openUrl","url":"/tab"},
        {"do":"executeWebhook","webhook":"w"},{"do":"pause"},{"do":"callback","name":"last"}"#;
    let mut scene = Scene::new(WAIT, &area(actions));
    scene.click("a");
    seek(&mut scene, 20.0);
    scene.input(Input::Timer(Timer::Seek));
    scene.answer(1, 1, 200, "{}");
    let tab = Effect::OpenUrl { url: "/tab".into(), new_tab: true };
    assert!(scene.has(&tab) && scene.has(&Effect::Mute(true)));
    assert_eq!(scene.sent(), [(2, 1)], "the next webhook is called");
    let moves = |effect: &Effect| {
        matches!(
            effect,
            Effect::Play(_)
                | Effect::Pause
                | Effect::Seek(_)
                | Effect::Rate(_)
                | Effect::OpenUrl { new_tab: false, .. }
        )
    };
    assert!(!scene.effects.iter().any(moves), "{:?}", scene.effects);
    scene.answer(2, 1, 200, "{}");
    assert_eq!(names(&scene), ["last"]);
    assert!(!scene.effects.iter().any(moves), "{:?}", scene.effects);
}

#[test]
fn nor_does_on_error_stop_the_video() {
    let mut scene = Scene::new(WAIT, &area(r#"{"do":"callback","name":"after"}"#));
    scene.click("a");
    seek(&mut scene, 20.0);
    scene.input(Input::Timer(Timer::Seek));
    scene.answer(1, 1, 500, "");
    assert_eq!(names(&scene), ["failed"]);
    assert!(!scene.has(&Effect::Pause));
}

#[test]
fn what_follows_is_free_where_the_viewer_stayed() {
    let mut scene = Scene::new(WAIT, &area(r#"{"do":"seek","to":4}"#));
    scene.click("a");
    seek(&mut scene, 7.0);
    scene.input(Input::Timer(Timer::Seek));
    assert!(scene.events("resume").is_empty());
    scene.answer(1, 1, 200, "{}");
    assert!(scene.has(&Effect::Seek(4.0)) && scene.plays());
}

#[test]
fn a_response_before_that_decides_at_once() {
    let mut scene = Scene::new(WAIT, &area(r#"{"do":"seek","to":4}"#));
    scene.click("a");
    seek(&mut scene, 20.0);
    scene.answer(1, 1, 200, "{}");
    assert!(scene.plays() && !scene.has(&Effect::Seek(4.0)));
    assert_eq!(scene.events("resume")[0]["reason"], "seeked");
}

#[test]
fn calls_of_the_page_have_no_range() {
    let mut scene = Scene::new(WAIT, &area(r#"{"do":"play"}"#));
    scene.input(Input::Execute { ticket: 1, webhook: "w".into(), params: Json::Null });
    seek(&mut scene, 20.0);
    scene.input(Input::Timer(Timer::Seek));
    assert!(!scene.plays());
    scene.answer(1, 1, 200, "{}");
    assert!(scene.plays());
}

const SEEN: &str = r#"{"id":"seen",AREA,"from":10,"to":12,"onAppear":[{"do":"callback","name":"in"}],
    "onDisappear":[{"do":"callback","name":"out"}]}"#;

#[test]
fn triggers_wait_for_where_a_seek_ends() {
    let mut scene = Scene::new("", SEEN);
    // A drag across it, which ends inside.
    for time in [11.0, 20.0, 10.5] {
        scene.moment.media = Media { time, seeking: true, ..scene.moment.media };
        // A frame comes before the event.
        scene.input(Input::Media(MediaEvent::Time));
        assert_eq!(scene.shown().len() + scene.hidden().len(), 1, "what is seen follows at once");
        assert!(names(&scene).is_empty());
        seek(&mut scene, time);
        assert!(names(&scene).is_empty());
    }
    scene.input(Input::Timer(Timer::Seek));
    assert_eq!(names(&scene), ["in"]);
    for time in [20.0, 11.0] {
        seek(&mut scene, time);
    }
    scene.input(Input::Timer(Timer::Seek));
    assert!(names(&scene).is_empty(), "away and back again");
    seek(&mut scene, 20.0);
    scene.input(Input::Timer(Timer::Seek));
    assert_eq!(names(&scene), ["out"]);
}

#[test]
fn scrubbing_over_what_waits_when_it_appears_calls_nobody() {
    let waits = r#"{"id":"seen",AREA,"from":10,"to":12,"onAppear":[{"do":"executeWebhook","webhook":"w"}]}"#;
    let mut scene = Scene::new(WAIT, waits);
    for _ in 0..20 {
        for time in [11.0, 5.0] {
            seek(&mut scene, time);
            assert!(scene.sent().is_empty() && !scene.has(&Effect::Pause));
        }
    }
    scene.input(Input::Timer(Timer::Seek));
    assert!(scene.sent().is_empty());
    seek(&mut scene, 11.0);
    scene.input(Input::Timer(Timer::Seek));
    assert_eq!(scene.sent(), [(1, 1)]);
    assert!(scene.has(&Effect::Pause));
    seek(&mut scene, 5.0);
    scene.input(Input::Timer(Timer::Seek));
    assert!(scene.plays(), "not left paused for good");
}

#[test]
fn a_seek_of_the_project_fires_them_at_once() {
    let go = r#"{"id":"go",AREA,"onClick":[{"do":"seek","to":11}]}"#;
    let mut scene = Scene::new("", &[go, SEEN].join(","));
    scene.click("go");
    scene.moment.media = Media { time: 11.0, seeking: true, ..scene.moment.media };
    scene.input(Input::Media(MediaEvent::Seeking));
    assert_eq!(names(&scene), ["in"]);
}

#[test]
fn playing_into_a_range_fires_at_once() {
    let mut scene = Scene::new("", SEEN);
    scene.at(10.0);
    assert_eq!(names(&scene), ["in"]);
    scene.at(12.0);
    assert_eq!(names(&scene), ["out"]);
}

#[test]
fn nor_does_the_on_error_of_params_that_fail_later() {
    let later = r#"{"do":"executeWebhook","webhook":"w","params":{"a":"${'a' - 1}"},
        "onError":[{"do":"rate","rate":2},{"do":"callback","name":"later"}]}"#;
    for (time, rates) in [(7.0, 1), (20.0, 0)] {
        let mut scene = Scene::new(WAIT, &area(later));
        scene.click("a");
        seek(&mut scene, time);
        scene.input(Input::Timer(Timer::Seek));
        scene.answer(1, 1, 200, "{}");
        assert_eq!(names(&scene), ["later"], "{time}");
        let rate = |effect: &&Effect| matches!(effect, Effect::Rate(_));
        assert_eq!(scene.effects.iter().filter(rate).count(), rates, "{time}");
    }
}

/// A player that reports its pause too early may stand still up to a second later: nobody has sought then.
#[test]
fn what_is_a_second_away_has_been_moved() {
    for (away, reason) in [(0.9, None), (1.1, Some("seeked"))] {
        let mut scene = Scene::new(WAIT, &area(r#"{"do":"mute"}"#));
        scene.moment.media.time = 7.5;
        scene.click("a");
        scene.input(Input::Media(MediaEvent::Pause));
        scene.moment.media.time = 7.5 + away;
        scene.answer(1, 1, 200, "{}");
        let told = scene.events("resume").first().map(|detail| detail["reason"].as_str().unwrap().to_owned());
        assert_eq!(told.as_deref(), reason, "{away}");
        assert!(scene.plays(), "it plays on from there");
    }
}
