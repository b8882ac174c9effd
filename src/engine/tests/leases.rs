//! The lease where events come late, as the page hears of it.

use super::*;

const WAIT: &str = r#"{"id":"w","url":"/w","waitForResponse":true,"retries":0}"#;
const CLICK: &str = r#"{"id":"a",AREA,"onClick":[{"do":"executeWebhook","webhook":"w"}]}"#;

#[test]
fn who_played_and_paused_before_that_was_heard_has_the_last_word() {
    let mut scene = Scene::new(WAIT, CLICK);
    scene.click("a");
    scene.input(Input::Media(MediaEvent::Pause));
    // Both have happened when the first of the two events arrives.
    scene.input(Input::Media(MediaEvent::Play));
    scene.input(Input::Media(MediaEvent::Pause));
    scene.answer(1, 1, 200, "{}");
    assert_eq!(scene.events("resume")[0]["reason"], "viewer-played");
    assert!(!scene.plays());
}

#[test]
fn what_was_reported_before_our_pause_took_effect_is_older_than_it() {
    let mut scene = Scene::new(WAIT, CLICK);
    scene.click("a");
    // The viewer played before the click; our own pause has not been reported yet.
    scene.input(Input::Media(MediaEvent::Play));
    scene.input(Input::Media(MediaEvent::Pause));
    scene.answer(1, 1, 200, "{}");
    assert!(scene.plays());
}
