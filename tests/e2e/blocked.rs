//! A browser that lets no film with sound play before the viewer acts.

use crate::page::{ENTER, Page};
use crate::support::{Autoplay, run_with, shop};
use serde_json::json;

const CONTINUE: &str = "cuehook-button cuehook-continue";

/// The film plays without sound, the page calls the webhook, and sound comes while the answer is awaited. So the
/// browser refuses when the film is to go on.
async fn blocked(page: &Page) {
    page.stage_with_sound(&shop(&page.hook("hold=1"), json!({}))).await;
    page.run("document.querySelector('cue-hook').execute('discount')").await;
    page.event("pause").await;
    page.run("document.querySelector('video').muted = false").await;
    page.release(1).await;
    assert_eq!(page.event("settled").await["outcome"], "ok");
    assert_eq!(page.event("resume").await["reason"], "blocked");
    assert_eq!(page.event("error").await["code"], "play-blocked");
    page.until("return document.querySelector('.cuehook-continue')?.checkVisibility()").await;
    assert_eq!(page.text(".cuehook-blocked .cuehook-text").await, "The video is waiting for you.");
    assert_eq!(page.text(".cuehook-continue").await, "Continue");
    assert!(page.text("[data-cuehook-element=code]").await.contains("LAKE-"), "the answer is there");
    page.assert_standing().await;
}

async fn goes_on(page: &Page) {
    page.until_playing().await;
    page.until("return !document.querySelector('.cuehook-notice')").await;
    assert_eq!(page.run("return document.querySelector('video').muted").await, false);
    assert_eq!(page.events("error").await.len(), 1);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_click_on_continue_goes_on() {
    run_with(Autoplay::Restricted, async |page| {
        blocked(page).await;
        page.click(".cuehook-continue").await;
        goes_on(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn continue_works_by_keyboard() {
    run_with(Autoplay::Restricted, async |page| {
        blocked(page).await;
        page.run("document.querySelector('#before').focus()").await;
        page.tab_to(CONTINUE).await;
        page.press(ENTER).await;
        goes_on(page).await;
        assert_ne!(page.focused().await, "body", "focus is not lost");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_viewer_who_plays_otherwise_needs_no_button() {
    run_with(Autoplay::Restricted, async |page| {
        blocked(page).await;
        page.run("document.querySelector('#before').onclick = () => document.querySelector('video').play()")
            .await;
        page.click("#before").await;
        goes_on(page).await;
    });
}
