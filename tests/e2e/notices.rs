//! What Cuehook itself says to the viewer, and that all of it works by keyboard.

use crate::page::{ENTER, ESCAPE, Page, SPACE, pause};
use crate::support::{run, shop};
use serde_json::json;

const CANCEL: &str = "cuehook-button cuehook-cancel";
const CLOSE: &str = "cuehook-button cuehook-dismiss";
const RETRY: &str = "cuehook-button cuehook-retry";

/// The area is pressed by keyboard, so it has focus, and its answer takes long.
async fn long_wait(page: &Page, query: &str) {
    page.stage(&shop(&page.hook(query), json!({ "timeoutMs": 60000 }))).await;
    page.run("document.querySelector('#before').focus()").await;
    page.tab_to("get-code").await;
    page.press(ENTER).await;
    page.event("pause").await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_short_wait_says_nothing() {
    run(async |page| {
        page.stage(&shop(&page.hook("delay=100"), json!({}))).await;
        let watch = "seen.notices = 0; new MutationObserver(() => (seen.notices += 1))
            .observe(document.querySelector('.cuehook-notices'), { childList: true })";
        page.run(watch).await;
        for attempt in 1..=5 {
            page.run("seen.notices = 0").await;
            page.click(".cuehook-area").await;
            let settled = page.nth_event("settled", attempt).await;
            page.until_playing().await;
            // A busy machine may take so long that there is something to say.
            if settled["durationMs"].as_f64().unwrap() < 1000.0 {
                break;
            }
            assert!(attempt < 5, "there was no short wait");
        }
        assert_eq!(page.run("return seen.notices").await, 0);
        page.until("return document.querySelector('.cuehook-status').textContent.includes('DiscountCode: ')")
            .await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_long_wait_is_told_and_can_be_given_up_by_keyboard() {
    run(async |page| {
        long_wait(page, "hold=1").await;
        page.until("return document.querySelector('.cuehook-waiting')").await;
        assert_eq!(page.text(".cuehook-waiting .cuehook-text").await, "Waiting for the answer…");
        assert!(page.is_visible(".cuehook-waiting .cuehook-spinner").await);
        let said = "return document.querySelector('.cuehook-status').textContent.includes('Waiting')";
        page.until(said).await;
        assert_eq!(page.focused().await, "get-code", "a busy area keeps focus");
        page.until("return document.querySelector('.cuehook-cancel')").await;
        assert_eq!(page.focused().await, "get-code", "a new button takes no focus away");
        page.tab_to(CANCEL).await;
        page.press(SPACE).await;
        assert_eq!(page.event("settled").await["outcome"], "aborted");
        page.until_playing().await;
        page.until("return !document.querySelector('.cuehook-notice')").await;
        assert_eq!(page.events("resume").await.len(), 1);
        assert_eq!(page.focused().await, "get-code", "focus goes back to where the request came from");
        assert_eq!(page.posts().await.len(), 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn giving_up_works_by_mouse() {
    run(async |page| {
        page.stage(&shop(&page.hook("hold=1"), json!({ "timeoutMs": 60000 }))).await;
        page.click(".cuehook-area").await;
        page.until("return document.querySelector('.cuehook-cancel')").await;
        page.click(".cuehook-cancel").await;
        assert_eq!(page.event("settled").await["outcome"], "aborted");
        page.until_playing().await;
        assert!(!page.is_visible(".cuehook-notice").await);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn trying_again_works_by_keyboard() {
    run(async |page| {
        page.expect_problem("status of 500");
        long_wait(page, "status=500&fail-first=1").await;
        assert_eq!(page.event("settled").await["outcome"], "http-status");
        page.until_playing().await;
        assert_eq!(page.focused().await, "get-code");
        page.tab_to(RETRY).await;
        page.press(ENTER).await;
        assert_eq!(page.nth_event("settled", 2).await["outcome"], "ok");
        page.until_playing().await;
        page.until("return !document.querySelector('.cuehook-notice')").await;
        assert_eq!(page.focused().await, "get-code");
        assert_eq!(page.posts().await.len(), 2);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn focus_is_not_lost_when_the_notice_under_it_goes() {
    run(async |page| {
        page.expect_problem("status of 500");
        page.stage(&shop(&page.hook("hold=1&status=500"), json!({ "timeoutMs": 60000 }))).await;
        page.click(".cuehook-area").await;
        page.until("return document.querySelector('.cuehook-cancel')").await;
        page.tab_to(CANCEL).await;
        page.release(1).await;
        assert_eq!(page.event("settled").await["outcome"], "http-status");
        page.until("return document.querySelector('.cuehook-retry')").await;
        assert_eq!(page.focused().await, "get-code", "the notice that had focus has gone");
        page.until_playing().await;
    });
}

/// The area has gone with its time, so focus goes to the film.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn focus_goes_to_the_film_when_the_area_has_gone() {
    run(async |page| {
        page.expect_problem("status of 500");
        let mut project = shop(&page.hook("status=500&fail-first=1"), json!({}));
        project["elements"][0]["to"] = json!(20);
        page.stage(&project).await;
        page.click(".cuehook-area").await;
        page.event("settled").await;
        page.until("return document.querySelector('.cuehook-retry')").await;
        page.tab_to(RETRY).await;
        page.run("document.querySelector('video').currentTime = 25").await;
        page.until("return document.querySelector('.cuehook-area').hidden").await;
        page.press(ENTER).await;
        assert_eq!(page.nth_event("settled", 2).await["outcome"], "ok");
        assert_eq!(page.focused().await, "video");
        page.until_playing().await;
    });
}

/// Presses the area by keyboard and waits for the notice of its failure.
async fn fails(page: &Page, count: usize) {
    page.tab_to("get-code").await;
    page.press(ENTER).await;
    page.nth_event("settled", count).await;
    page.until("return document.querySelector('.cuehook-dismiss')").await;
    // What follows is no double click.
    pause(600).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_notice_that_is_closed_gives_focus_back_and_steals_none() {
    run(async |page| {
        page.expect_problem("status of 500");
        page.stage(&shop(&page.hook("status=500"), json!({}))).await;
        page.run("document.querySelector('#before').focus()").await;
        let gone = "return !document.querySelector('.cuehook-notice')";
        fails(page, 1).await;
        page.click(".cuehook-dismiss").await;
        page.until(gone).await;
        assert_eq!(page.focused().await, "get-code", "by mouse");
        fails(page, 2).await;
        page.tab_to(CLOSE).await;
        page.press(ENTER).await;
        page.until(gone).await;
        assert_eq!(page.focused().await, "get-code", "by Enter");
        fails(page, 3).await;
        page.tab_to(CLOSE).await;
        page.press(ESCAPE).await;
        page.until(gone).await;
        assert_eq!(page.focused().await, "get-code", "by Escape");
        fails(page, 4).await;
        page.press(ESCAPE).await;
        page.until(gone).await;
        assert_eq!(page.focused().await, "get-code", "by Escape on the area");
        fails(page, 5).await;
        page.run(
            "document.querySelector('#after').focus(); document.querySelector('.cuehook-dismiss').click()",
        )
        .await;
        page.until(gone).await;
        assert_eq!(page.focused().await, "after", "focus was elsewhere");
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn escape_gives_up_only_where_that_is_offered() {
    run(async |page| {
        long_wait(page, "delay=15000").await;
        page.until("return document.querySelector('.cuehook-cancel')").await;
        page.press(ESCAPE).await;
        pause(200).await;
        assert_eq!(page.events("settled").await.len(), 0, "focus is on the area");
        page.tab_to(CANCEL).await;
        page.press(ESCAPE).await;
        assert_eq!(page.event("settled").await["outcome"], "aborted");
        page.until_playing().await;
        assert_eq!(page.focused().await, "get-code");
    });
}

/// As on iPhones, where only a video can be in fullscreen.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn escape_closes_a_notice_before_it_leaves_the_window() {
    run(async |page| {
        page.expect_problem("status of 500");
        page.open("/tests/stage.html").await;
        page.run("delete Element.prototype.requestFullscreen").await;
        page.lay(&shop(&page.hook("status=500"), json!({}))).await;
        page.click(".cuehook-fullscreen").await;
        page.until("return document.querySelector('cue-hook[full-window]')").await;
        fails(page, 1).await;
        page.press(ESCAPE).await;
        page.until("return !document.querySelector('.cuehook-notice')").await;
        assert_eq!(page.run("return Boolean(document.querySelector('cue-hook[full-window]'))").await, true);
        page.press(ESCAPE).await;
        page.until("return !document.querySelector('cue-hook[full-window]')").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_author_chooses_the_words() {
    run(async |page| {
        page.expect_problem("status of 500");
        let mut project = shop(&page.hook("hold=1&status=500"), json!({ "timeoutMs": 60000 }));
        project["words"] = json!({
            "waiting": "Bitte warten", "cancel": "Abbrechen", "failed": "Fehlgeschlagen", "retry": "Nochmal"
        });
        page.stage(&project).await;
        page.click(".cuehook-area").await;
        page.until("return document.querySelector('.cuehook-cancel')").await;
        assert_eq!(page.text(".cuehook-waiting").await, "Bitte wartenAbbrechen");
        page.release(1).await;
        page.event("settled").await;
        page.until("return document.querySelector('.cuehook-failed')").await;
        assert_eq!(page.text(".cuehook-failed").await, "FehlgeschlagenNochmalClose");
        page.until_playing().await;
    });
}
