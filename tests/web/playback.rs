//! Pausing and resuming a media element.

use crate::support::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::*;

async fn answered(next: &str) -> Scene {
    mock_fetch("answer", "{}");
    let scene = Scene::new(SHOP);
    let _ = scene.media.play();
    pause(10).await;
    scene.media.set_next(next);
    scene.area().click();
    assert!(scene.media.paused());
    scene.until("resume", 1).await;
    restore_fetch();
    scene
}

fn calls(scene: &Scene) -> String {
    scene.media.calls().join(" ").into()
}

#[wasm_bindgen_test]
async fn goes_on_when_the_answer_is_in() {
    let scene = answered("ok").await;
    assert!(!scene.media.paused());
    assert_eq!(calls(&scene), "play pause play");
    assert_eq!(scene.field("resume", "reason"), "\"resumed\"");
}

#[wasm_bindgen_test]
async fn takes_no_promise_for_a_yes() {
    let scene = answered("undefined").await;
    assert!(!scene.media.paused());
    assert_eq!(scene.field("resume", "reason"), "\"resumed\"");
}

#[wasm_bindgen_test]
async fn offers_to_continue_when_the_browser_refuses() {
    let scene = answered("NotAllowedError").await;
    assert_eq!(scene.field("resume", "reason"), "\"blocked\"");
    assert_eq!(scene.field("error", "code"), "\"play-blocked\"");
    let button = scene.page.find(".cuehook-notices .cuehook-continue");
    scene.media.set_next("ok");
    button.click();
    pause(20).await;
    assert!(!scene.media.paused());
    assert_eq!(scene.page.count(".cuehook-notice"), 0);
}

#[wasm_bindgen_test]
async fn ignores_an_interrupted_play() {
    let scene = answered("AbortError").await;
    assert_eq!(scene.field("resume", "reason"), "\"interrupted\"");
    assert_eq!(scene.page.count(".cuehook-notice"), 0);
}

#[wasm_bindgen_test]
async fn respects_a_viewer_who_plays_while_waiting() {
    mock_fetch("never", "");
    let scene = Scene::new(SHOP);
    let _ = scene.media.play();
    pause(10).await;
    scene.area().click();
    let _ = scene.media.play();
    scene.handle.destroy();
    restore_fetch();
    assert_eq!(scene.field("resume", "reason"), "\"viewer-played\"");
}

#[wasm_bindgen_test]
async fn says_that_it_waits() {
    mock_fetch("never", "");
    let scene = Scene::new(SHOP);
    scene.area().click();
    let area = scene.area();
    assert_eq!(area.get_attribute("aria-busy").as_deref(), Some("true"));
    assert_eq!(area.get_attribute("aria-disabled").as_deref(), Some("true"));
    assert!(!area.clone().unchecked_into::<web_sys::HtmlButtonElement>().disabled());
    pause(1500).await;
    assert_eq!(scene.page.count(".cuehook-waiting .cuehook-spinner"), 1);
    assert!(!scene.page.find("[role=status]").text_content().unwrap().is_empty());
    let notice = scene.page.find(".cuehook-waiting");
    pause(1800).await;
    let cancel = scene.page.find(".cuehook-cancel");
    assert!(notice.is_same_node(Some(&scene.page.find(".cuehook-waiting"))), "the notice is kept");
    cancel.click();
    restore_fetch();
    assert_eq!(scene.page.count(".cuehook-notice"), 0);
    assert_eq!(scene.field("settled", "outcome"), "\"aborted\"");
    assert!(scene.area().get_attribute("aria-busy").is_none());
}
