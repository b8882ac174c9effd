//! The film belongs to the viewer: whatever happens while an answer is awaited, it ends as the viewer left it.

use crate::page::{Page, SPACE};
use crate::support::{run, shop};
use serde_json::json;

const VIDEO: &str = "document.querySelector('video')";

/// A film that stands because an answer is awaited.
async fn waiting(page: &Page) {
    page.stage(&shop(&page.hook("hold=1"), json!({}))).await;
    page.click(".cuehook-area").await;
    page.event("pause").await;
    page.assert_standing().await;
}

/// The answer comes, and the film is let go for this reason.
async fn released(page: &Page, reason: &str) {
    page.release(1).await;
    assert_eq!(page.event("settled").await["outcome"], "ok");
    assert_eq!(page.event("resume").await["reason"], reason);
    assert_eq!(page.events("resume").await.len(), 1);
    assert!(
        page.text("[data-cuehook-element=code]").await.contains("LAKE-"),
        "the answer is shown all the same"
    );
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_script_that_plays_has_the_last_word() {
    run(async |page| {
        waiting(page).await;
        page.play().await;
        let count_pauses =
            format!("seen.pauses = 0; {VIDEO}.addEventListener('pause', () => (seen.pauses += 1))");
        page.run(&count_pauses).await;
        released(page, "viewer-played").await;
        page.until_playing().await;
        assert_eq!(page.run("return seen.pauses").await, 0, "it was not paused again");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_viewer_who_presses_space_on_the_video_has_the_last_word() {
    run(async |page| {
        waiting(page).await;
        page.run(&format!("{VIDEO}.focus()")).await;
        page.press(SPACE).await;
        page.until_playing().await;
        released(page, "viewer-played").await;
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_viewer_who_plays_and_pauses_finds_it_paused() {
    run(async |page| {
        waiting(page).await;
        page.play().await;
        page.run(&format!("{VIDEO}.pause()")).await;
        released(page, "viewer-played").await;
        page.assert_standing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_viewer_who_moves_stays_there() {
    run(async |page| {
        waiting(page).await;
        page.run(&format!("{VIDEO}.currentTime = 20")).await;
        released(page, "seeked").await;
        page.assert_standing().await;
        assert_eq!(page.time().await, 20.0);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_film_that_was_paused_stays_paused() {
    run(async |page| {
        page.stage(&shop(&page.hook(""), json!({}))).await;
        page.run(&format!("{VIDEO}.pause()")).await;
        page.click(".cuehook-area").await;
        released(page, "was-paused").await;
        page.assert_standing().await;
        assert_eq!(page.events("pause").await.len(), 0);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_webhook_that_does_not_wait_does_not_pause() {
    run(async |page| {
        page.stage(&shop(&page.hook("hold=1"), json!({ "waitForResponse": false }))).await;
        page.run(&format!("{VIDEO}.addEventListener('pause', () => (seen.paused = true))")).await;
        page.click(".cuehook-area").await;
        page.until_posted(1).await;
        page.until_playing().await;
        page.release(1).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
        assert_ne!(page.run("return seen.paused").await, true);
        assert_eq!(page.events("resume").await.len(), 0);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_last_answer_lets_go() {
    run(async |page| {
        let mut project = shop(&page.hook(""), json!({}));
        let slow =
            json!({ "id": "slow", "url": page.hook("hold=1"), "waitForResponse": true, "timeoutMs": 20000 });
        project["webhooks"].as_array_mut().unwrap().push(slow);
        project["elements"].as_array_mut().unwrap().push(json!({
            "id": "other", "kind": "area", "label": "Slow",
            "box": { "left": 2, "top": 30, "width": 20, "height": 30 },
            "onClick": [{ "do": "executeWebhook", "webhook": "slow" }]
        }));
        page.stage(&project).await;
        page.click("[data-cuehook-element=other]").await;
        page.click("[data-cuehook-element=get-code]").await;
        assert_eq!(page.event("settled").await["webhook"], "discount");
        assert_eq!(page.event("resume").await["reason"], "held");
        page.assert_standing().await;
        page.release(1).await;
        assert_eq!(page.nth_event("settled", 2).await["webhook"], "slow");
        assert_eq!(page.nth_event("resume", 2).await["reason"], "resumed");
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_film_is_left_alone_and_no_answer_is_lost() {
    run(async |page| {
        waiting(page).await;
        page.run(&format!("{VIDEO}.src = '/film/lake.webm?other'")).await;
        page.until(&format!("return {VIDEO}.readyState >= 2")).await;
        released(page, "source-changed").await;
        page.assert_standing().await;
        page.play().await;
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_film_that_ends_meanwhile_stays_at_its_end() {
    run(async |page| {
        waiting(page).await;
        page.run(&format!("{VIDEO}.currentTime = 31.9; {VIDEO}.play()")).await;
        page.until(&format!("return {VIDEO}.ended")).await;
        page.release(1).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        let reason = page.event("resume").await["reason"].clone();
        assert!(["ended", "seeked", "viewer-played"].contains(&reason.as_str().unwrap()), "{reason}");
        assert_eq!(page.run(&format!("return {VIDEO}.ended")).await, true);
    });
}
