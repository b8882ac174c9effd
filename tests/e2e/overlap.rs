//! A second trigger while a request is running: `whileRunning`.

use crate::page::Page;
use crate::support::{run, shop};
use serde_json::{Value, json};

async fn running(page: &Page, while_running: &str) {
    let webhook = json!({ "whileRunning": while_running, "timeoutMs": 20000 });
    page.stage(&shop(&page.hook("hold=1"), webhook)).await;
    page.run(
        "seen.plays = 0; document.querySelector('video').addEventListener('play', () => (seen.plays += 1))",
    )
    .await;
}

async fn outcomes(page: &Page) -> Vec<Value> {
    page.events("settled").await.iter().map(|settled| settled["outcome"].clone()).collect()
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn drop_ignores_the_second_click() {
    run(async |page| {
        running(page, "drop").await;
        page.double_click(".cuehook-area").await;
        page.until_posted(1).await;
        page.release(1).await;
        page.event("settled").await;
        page.until_playing().await;
        assert_eq!(outcomes(page).await, ["ok"]);
        assert_eq!(page.posts().await.len(), 1);
        assert_eq!(page.events("activate").await.len(), 2, "the viewer did click twice");
        let interactions = "return document.querySelector('cue-hook').handle.interactions.length";
        assert_eq!(page.run(interactions).await, 2);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn replace_aborts_the_first_request() {
    run(async |page| {
        running(page, "replace").await;
        page.click(".cuehook-area").await;
        page.until_posted(1).await;
        page.click(".cuehook-area").await;
        page.until_posted(2).await;
        // The server may still hold the first one.
        page.release(2).await;
        page.nth_event("settled", 2).await;
        page.until_playing().await;
        assert_eq!(outcomes(page).await, ["aborted", "ok"]);
        let posts = page.posts().await;
        assert_eq!(posts.len(), 2);
        assert_ne!(posts[0]["headers"]["webhook-id"], posts[1]["headers"]["webhook-id"]);
        assert_eq!(page.run("return seen.plays").await, 1, "the film does not flicker in between");
        assert!(!page.is_visible(".cuehook-notice").await);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn replace_survives_a_double_click() {
    run(async |page| {
        running(page, "replace").await;
        page.double_click(".cuehook-area").await;
        page.release(2).await;
        page.nth_event("settled", 2).await;
        page.until_playing().await;
        assert_eq!(outcomes(page).await, ["aborted", "ok"]);
        assert_eq!(page.run("return seen.plays").await, 1);
        assert!(page.text("[data-cuehook-element=code]").await.contains("LAKE-"));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn queue_sends_one_after_the_other() {
    run(async |page| {
        running(page, "queue").await;
        page.double_click(".cuehook-area").await;
        page.until_posted(1).await;
        page.assert_standing().await;
        assert_eq!(page.posts().await.len(), 1, "the second one waits its turn");
        page.release(1).await;
        page.event("settled").await;
        page.until_posted(2).await;
        page.assert_standing().await;
        page.release(1).await;
        page.nth_event("settled", 2).await;
        page.until_playing().await;
        assert_eq!(outcomes(page).await, ["ok", "ok"]);
        let posts = page.posts().await;
        assert_eq!(posts.len(), 2);
        assert_ne!(posts[0]["headers"]["webhook-id"], posts[1]["headers"]["webhook-id"]);
        assert_eq!(page.run("return seen.plays").await, 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_call_of_the_page_hears_that_it_was_dropped() {
    run(async |page| {
        running(page, "drop").await;
        let script = "const cue = document.querySelector('cue-hook');
            const tell = (call) => call.then((answer) => answer.discountCode, (error) => error.code);
            globalThis.answers = [];
            for (const call of [cue.execute('discount', { sku: 'lantern' }), cue.execute('discount'), cue.execute('no')])
                tell(call).then((answer) => answers.push(answer));";
        page.expect_problem("there is no webhook `no`");
        page.run(script).await;
        page.until("return answers.length === 2").await;
        page.release(1).await;
        let answers = page.until("return answers.length === 3 && answers").await;
        assert!(answers[2].as_str().unwrap().starts_with("LAKE-"), "{answers}");
        let mut rejected = [answers[0].as_str().unwrap(), answers[1].as_str().unwrap()];
        rejected.sort_unstable();
        assert_eq!(rejected, ["aborted", "config-invalid"]);
        page.until_playing().await;
        assert_eq!(page.posts().await.len(), 1);
    });
}
