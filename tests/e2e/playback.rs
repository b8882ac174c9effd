//! The film belongs to the viewer: whatever happens while an answer is awaited, it ends as the viewer left it.

use crate::page::{Page, SPACE, pause};
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
fn a_viewer_who_moves_away_goes_on_from_there() {
    run(async |page| {
        let mut project = shop(&page.hook("hold=1"), json!({ "timeoutMs": 20000 }));
        project["elements"][0]["to"] = json!(12);
        page.stage(&project).await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        page.run(&format!("{VIDEO}.currentTime = 20")).await;
        assert_eq!(page.event("resume").await["reason"], "seeked");
        page.until_playing().await;
        assert!(page.time().await >= 20.0);
        assert!(page.events("settled").await.is_empty(), "the request goes on");
        released(page, "seeked").await;
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_viewer_who_moves_within_reach_of_what_was_clicked_waits_on() {
    run(async |page| {
        waiting(page).await;
        page.run(&format!("{VIDEO}.currentTime = 20")).await;
        page.until(&format!("return !{VIDEO}.seeking")).await;
        pause(500).await;
        page.assert_standing().await;
        assert!(page.events("resume").await.is_empty());
        released(page, "resumed").await;
        page.until_playing().await;
        assert!(page.time().await >= 20.0, "from where the viewer is");
    });
}

/// Back and forth over an element that calls a webhook when it appears, and waits for its response.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn scrubbing_over_what_appears_calls_nobody() {
    run(async |page| {
        let mut project = shop(&page.hook("hold=1"), json!({ "timeoutMs": 20000 }));
        project["elements"].as_array_mut().unwrap().push(json!({
            "id": "seen", "kind": "area", "label": "Seen", "from": 10, "to": 14,
            "box": { "left": 2, "top": 2, "width": 20, "height": 20 },
            "onAppear": [{ "do": "executeWebhook", "webhook": "discount" }]
        }));
        page.stage(&project).await;
        let scrub = format!(
            "const video = {VIDEO};
             const go = async (time) => {{
                 const there = new Promise((done) => video.addEventListener('seeked', done, {{ once: true }}));
                 video.currentTime = time;
                 // The next one follows at once: a busy machine would make a pause of any wait.
                 await there;
             }};
             return (async () => {{
                 for (let turn = 0; turn < 10; turn += 1) {{ await go(12); await go(2); }}
             }})()"
        );
        page.run(&scrub).await;
        pause(600).await;
        assert_eq!(page.posts().await.len(), 0);
        page.until_playing().await;
        page.run(&format!("{VIDEO}.currentTime = 11")).await;
        page.event("pause").await;
        page.until_posted(1).await;
        page.run(&format!("{VIDEO}.currentTime = 2")).await;
        page.until_playing().await;
        released(page, "seeked").await;
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_film_that_is_taken_away_is_not_played() {
    run(async |page| {
        page.open("/tests/bare.html").await;
        let project = shop(&page.hook("hold=1"), json!({ "timeoutMs": 20000 }));
        page.run(&format!(
            "Cuehook.attach({VIDEO}, {project}).then((handle) => (globalThis.handle = handle))"
        ))
        .await;
        page.until("return globalThis.handle").await;
        page.play().await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        page.run(&format!(
            "globalThis.gone = {VIDEO};
             gone.addEventListener('play', () => seen.problems.push('played'));
             for (const name of ['settled', 'resume'])
                 gone.addEventListener(`cuehook:${{name}}`, ({{ detail }}) => (seen[name] = detail));
             gone.remove()"
        ))
        .await;
        page.release(1).await;
        page.until("return seen.settled").await;
        assert_eq!(
            page.run("return [seen.settled.outcome, seen.resume.reason]").await,
            json!(["ok", "removed"])
        );
        pause(300).await;
        assert_eq!(page.run("return gone.paused").await, true);
        assert!(page.run("return handle.variables.get('discountCode')").await.is_string());
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
