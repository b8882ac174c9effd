//! Elements that pause the video, cues, moving areas, and what viewers set for themselves.

use super::*;
use crate::engine::Cue;
use crate::project::Frame;

/// An area from second 6 to second 9 that pauses the video.
const STOP: &str = r#"{"id":"stop",AREA,"from":6,"to":9,"pauseOnAppear":true}"#;

fn reasons(scene: &Scene) -> Vec<(String, String)> {
    let both = |detail: &Value| {
        (
            detail["element"].as_str().unwrap_or_default().to_owned(),
            detail["reason"].as_str().unwrap().to_owned(),
        )
    };
    scene.events("resume").iter().map(both).collect()
}

/// The video has paused, and the viewer plays it.
fn viewer_plays(scene: &mut Scene) {
    scene.input(Input::Media(MediaEvent::Pause));
    scene.moment.media.paused = false;
    scene.input(Input::Media(MediaEvent::Play));
}

/// The promise of `play()` is kept.
fn played(scene: &mut Scene) {
    let play = scene
        .effects
        .iter()
        .find_map(|effect| if let Effect::Play(play) = effect { Some(*play) } else { None });
    scene.input(Input::PlaySettled { play: play.unwrap(), outcome: PlayOutcome::Playing });
}

#[test]
fn an_element_that_appears_pauses_until_it_is_clicked() {
    let mut scene = Scene::new("", STOP);
    assert!(!scene.has(&Effect::Pause));
    scene.at(6.0);
    assert!(scene.has(&Effect::Pause));
    assert_eq!(scene.notices(), [(NoticeKind::Paused, vec![NoticeButton::Continue])]);
    scene.at(6.0);
    assert!(!scene.has(&Effect::Pause));
    scene.click("stop");
    assert!(scene.plays() && scene.notices().is_empty());
    played(&mut scene);
    assert_eq!(reasons(&scene), [("stop".into(), "resumed".into())]);
    // It was answered, so it never pauses again.
    scene.at(2.0);
    scene.at(6.5);
    assert_eq!(scene.shown(), [0]);
    assert!(!scene.has(&Effect::Pause));
}

#[test]
fn the_viewer_may_go_on_without_it() {
    let mut scene = Scene::new("", STOP);
    scene.at(6.0);
    let key = scene.engine.notices[0].key;
    scene.input(Input::Notice { key, button: NoticeButton::Continue });
    assert!(scene.plays() && scene.notices().is_empty());
    assert!(scene.hidden().is_empty(), "it stays, to be clicked");
    scene.at(2.0);
    scene.at(6.5);
    assert!(!scene.has(&Effect::Pause));
}

#[test]
fn a_viewer_who_plays_is_not_paused_again_while_it_is_there() {
    let mut scene = Scene::new("", STOP);
    scene.at(6.0);
    viewer_plays(&mut scene);
    assert!(scene.notices().is_empty());
    scene.at(7.0);
    assert!(!scene.has(&Effect::Pause));
    scene.at(9.0);
    assert_eq!(reasons(&scene), [("stop".into(), "viewer-played".into())]);
    // It was not answered: the next time it asks again.
    scene.at(6.0);
    assert!(scene.has(&Effect::Pause));
}

#[test]
fn hiding_it_lets_go() {
    let mut scene =
        Scene::new("", &format!(r#"{STOP},{{"id":"a",AREA,"onClick":[{{"do":"hide","element":"stop"}}]}}"#));
    scene.at(6.0);
    scene.click("a");
    assert!(scene.plays());
    played(&mut scene);
    assert_eq!(reasons(&scene), [("stop".into(), "resumed".into())]);
}

#[test]
fn what_shows_nothing_pauses_nothing() {
    let html = r#"{"id":"stop",HTML,"source":"${code}","from":6,"to":9,"pauseOnAppear":true}"#;
    let mut scene = Scene::new("", html);
    scene.at(6.0);
    assert!(!scene.has(&Effect::Pause));
    scene.input(Input::SetVariable { name: "code".into(), value: "X".into() });
    assert!(scene.has(&Effect::Pause));
}

#[test]
fn dragging_along_pauses_only_where_it_ends() {
    let mut scene = Scene::new("", STOP);
    scene.moment.media.seeking = true;
    scene.input(Input::Media(MediaEvent::Seeking));
    scene.at(6.5);
    assert_eq!((scene.shown(), scene.has(&Effect::Pause)), (vec![0], false));
    scene.moment.media.seeking = false;
    scene.at(6.5);
    scene.input(Input::Timer(Timer::Seek));
    assert!(scene.has(&Effect::Pause));
}

#[test]
fn seeking_away_plays_on_from_there() {
    let mut scene = Scene::new("", STOP);
    scene.at(6.0);
    scene.input(Input::Media(MediaEvent::Pause));
    scene.moment.media.seeking = true;
    scene.input(Input::Media(MediaEvent::Seeking));
    scene.at(20.0);
    scene.moment.media.seeking = false;
    scene.at(20.0);
    scene.input(Input::Timer(Timer::Seek));
    assert!(scene.plays());
    assert_eq!(reasons(&scene), [("stop".into(), "seeked".into())]);
}

#[test]
fn an_update_of_the_project_hands_the_video_on() {
    let mut scene = Scene::new("", STOP);
    scene.at(6.0);
    let project = Rc::clone(&scene.engine.project);
    scene.input(Input::Update { project, targets: Vec::new() });
    assert!(!scene.plays() && !scene.has(&Effect::Pause));
    assert_eq!(reasons(&scene), [(String::new(), "held".into())]);
    let other = r#"{"cuehook":1,"elements":[]}"#;
    let project = Rc::new(read(&parse(other.as_bytes(), 8).unwrap()).unwrap());
    scene.input(Input::Update { project, targets: Vec::new() });
    assert!(scene.plays() && scene.notices().is_empty());
}

#[test]
fn a_dialog_that_is_closed_is_hidden() {
    let html =
        r#"{"id":"stop",HTML,"source":"<h2>Hi</h2>","from":6,"to":9,"pauseOnAppear":true,"modal":true}"#;
    let mut scene = Scene::new("", html);
    scene.at(6.0);
    assert!(scene.has(&Effect::Pause) && scene.notices().is_empty(), "it has its own way out");
    scene.input(Input::Dismiss(0));
    assert_eq!(scene.hidden(), [0]);
    assert!(scene.plays());
    scene.input(Input::Dismiss(7));
    assert!(scene.effects.is_empty());
}

#[test]
fn viewers_may_have_everything_pause_that_they_can_use() {
    let elements = r#"{"id":"a",AREA,"from":6,"to":7},{"id":"text",HTML,"source":"x","from":8,"to":9},
        {"id":"link",HTML,"source":"<a href=\"/\">x</a>","from":10,"to":11}"#;
    let mut scene = Scene::new("", elements);
    scene.input(Input::PauseAlways(true));
    let mut paused = Vec::new();
    for time in [6.0, 8.0, 10.0] {
        scene.at(time);
        paused.push(scene.has(&Effect::Pause));
        if scene.has(&Effect::Pause) {
            viewer_plays(&mut scene);
        }
    }
    assert_eq!(paused, [true, false, true]);
    scene.input(Input::PauseAlways(false));
    scene.at(6.0);
    assert!(!scene.has(&Effect::Pause));
}

#[test]
fn what_is_opened_from_the_list_is_there_and_waits() {
    let elements = format!(
        r#"{STOP},{{"id":"hidden",AREA,"visible":false}},
           {{"id":"q","kind":"question","text":"Which, ${{viewerName}}?","from":12,"box":{{"left":0,"top":0,"width":9,"height":9}},
             "choices":[{{"id":"a","label":"A"}}]}},{{"id":"text",HTML,"source":"only text"}}"#
    );
    let mut scene = Scene::new("", &elements);
    assert_eq!(scene.engine.interactions_to_open(), [(0, "L".to_owned()), (2, "Which, guest?".to_owned())]);
    scene.click("stop");
    scene.input(Input::Open(2));
    assert!(scene.has(&Effect::Seek(12.0)));
    scene.at(12.0);
    assert!(scene.has(&Effect::Pause));
    // Also what was answered before, and is there already.
    viewer_plays(&mut scene);
    scene.at(6.5);
    assert!(!scene.has(&Effect::Pause));
    scene.input(Input::Open(0));
    assert!(
        scene.has(&Effect::Pause) && !scene.effects.iter().any(|effect| matches!(effect, Effect::Seek(_)))
    );
    scene.input(Input::Open(usize::MAX));
    assert!(scene.effects.is_empty());
}

fn cue(id: &str, start: f64, end: f64) -> Cue {
    Cue { id: id.into(), start, end }
}

#[test]
fn a_cue_says_when_an_element_is_there() {
    let mut scene = Scene::new("", r#"{"id":"a",AREA,"cue":"intro"}"#);
    assert!(scene.shown().is_empty(), "nobody knows when");
    scene.input(Input::Cues { cues: vec![cue("other", 0.0, 9.0)], is_complete: false });
    assert!(scene.effects.is_empty());
    scene
        .input(Input::Cues { cues: vec![cue("other", 0.0, 9.0), cue("intro", 4.0, 6.0)], is_complete: true });
    assert_eq!(scene.shown(), [0]);
    scene.at(6.0);
    assert_eq!(scene.hidden(), [0]);
    // Another source has other cues.
    scene.input(Input::Cues { cues: vec![cue("intro", 5.0, 7.0)], is_complete: true });
    assert_eq!(scene.shown(), [0]);
}

#[test]
fn a_cue_that_is_not_there_is_named() {
    let mut scene = Scene::new("", r#"{"id":"a",AREA,"cue":"intro"}"#);
    for (cues, expected) in [
        (vec![cue("Intro", 0.0, 9.0)], "element `a`: there is no cue `intro`; did you mean `Intro`?"),
        (vec![cue("x", 0.0, 9.0)], "element `a`: there is no cue `intro`; the tracks have `x`"),
        (
            vec![],
            "element `a`: there is no cue `intro`; the video has no `<track>` of kind `metadata` or `chapters` whose cues have ids",
        ),
    ] {
        scene.input(Input::Cues { cues, is_complete: true });
        let errors = scene.events("error");
        assert_eq!((errors.len(), errors[0]["code"].as_str()), (1, Some("config-invalid")));
        assert_eq!(errors[0]["message"], expected);
    }
}

#[test]
fn an_area_follows_its_path() {
    let area = r#"{"id":"a","kind":"area","label":"L","from":4,"to":9,
        "path":[{"at":4,"box":{"left":0,"top":0,"width":10,"height":10}},{"at":8,"box":{"left":40,"top":20,"width":10,"height":10}}]}"#;
    let mut scene = Scene::new("", area);
    let places = |scene: &Scene| -> Vec<Frame> {
        let place =
            |effect: &Effect| if let Effect::Place { frame, .. } = effect { Some(*frame) } else { None };
        scene.effects.iter().filter_map(place).collect()
    };
    assert_eq!(places(&scene), [Frame { left: 10.0, top: 5.0, width: 10.0, height: 10.0 }]);
    let show = scene.effects.iter().position(|effect| *effect == Effect::Show(0)).unwrap();
    let put = scene.effects.iter().position(|effect| matches!(effect, Effect::Place { .. })).unwrap();
    assert!(put < show, "it appears where it is");
    scene.at(6.0);
    assert_eq!(places(&scene)[0].left, 20.0);
    scene.at(6.0);
    assert!(places(&scene).is_empty());
    scene.at(8.0);
    assert_eq!(places(&scene)[0].left, 40.0);
    scene.at(8.5);
    assert!(places(&scene).is_empty());
    // After an update its nodes are new.
    let project = Rc::clone(&scene.engine.project);
    scene.input(Input::Update { project, targets: Vec::new() });
    assert_eq!(places(&scene).len(), 1);
}
