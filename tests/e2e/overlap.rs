//! A second trigger while a request is running: `whileRunning`.

use crate::page::{Page, body, pause};
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

/// Two clicks that are no double click: half a second lies between them.
async fn click_twice(page: &Page) {
    page.click(".cuehook-area").await;
    pause(600).await;
    page.click(".cuehook-area").await;
}

async fn outcomes(page: &Page) -> Vec<Value> {
    page.events("settled").await.iter().map(|settled| settled["outcome"].clone()).collect()
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn drop_ignores_the_second_click() {
    run(async |page| {
        running(page, "drop").await;
        click_twice(page).await;
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
        click_twice(page).await;
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
fn a_double_click_is_one_click_whatever_runs() {
    for while_running in ["drop", "replace", "queue"] {
        run(async |page| {
            running(page, while_running).await;
            page.double_click(".cuehook-area").await;
            page.until_posted(1).await;
            page.release(1).await;
            page.event("settled").await;
            page.until_playing().await;
            assert_eq!(outcomes(page).await, ["ok"], "{while_running}");
            assert_eq!(page.events("activate").await.len(), 1);
            assert_eq!(page.run("return seen.plays").await, 1);
            assert!(page.text("[data-cuehook-element=code]").await.contains("LAKE-"));
        });
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn queue_sends_one_after_the_other() {
    run(async |page| {
        running(page, "queue").await;
        click_twice(page).await;
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

/// What an author wrote runs as a whole, however quick the answers are.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn one_click_may_call_the_same_webhook_twice() {
    run(async |page| {
        let mut project = shop(&page.hook(""), json!({}));
        project["elements"][0]["onClick"] = json!([
            { "do": "executeWebhook", "webhook": "discount", "params": { "step": 1 } },
            { "do": "executeWebhook", "webhook": "discount", "params": { "step": 2 } },
            { "do": "callback", "name": "done" }
        ]);
        page.stage(&project).await;
        page.double_click(".cuehook-area").await;
        page.event("callback").await;
        let steps: Vec<_> =
            page.posts().await.iter().map(|post| body(post)["params"]["step"].clone()).collect();
        assert_eq!(steps, [json!(1), json!(2)]);
        assert_eq!(page.events("activate").await.len(), 1, "a double click is one click");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn two_buttons_of_the_page_are_two_controls() {
    run(async |page| {
        page.stage(&shop(&page.hook(""), json!({ "whileRunning": "queue", "waitForResponse": false }))).await;
        page.run(
            "for (const name of ['one', 'two']) {
                 const button = document.createElement('button');
                 Object.assign(button, { className: name, textContent: 'Order' });
                 button.dataset.executeWebhook = 'discount';
                 document.body.prepend(button);
             }
             for (const css of ['.one', '.two', '.two']) document.querySelector(css).click()",
        )
        .await;
        page.nth_event("settled", 2).await;
        pause(300).await;
        assert_eq!(page.posts().await.len(), 2, "the last click is a double click");
    });
}
