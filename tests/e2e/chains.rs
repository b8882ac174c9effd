//! Actions after a webhook wait for its answer, and run only when it is good.

use crate::page::{Page, body};
use crate::support::{run, shop};
use serde_json::{Value, json};

/// A project whose area runs the webhook, then `show`s one overlay; on an error it shows another one.
fn gated(page: &Page, query: &str, wait: bool) -> Value {
    let mut project = shop(&page.hook(query), json!({ "waitForResponse": wait }));
    project["elements"][0]["onClick"] = json!([
        { "do": "executeWebhook", "webhook": "discount", "onError": [{ "do": "show", "element": "sorry" }] },
        { "do": "callback", "name": "after", "value": "${discountCode!none}" },
        { "do": "show", "element": "thanks" }
    ]);
    for (id, left) in [("thanks", 5), ("sorry", 70)] {
        project["elements"].as_array_mut().unwrap().push(json!({
            "id": id, "kind": "html", "visible": false, "source": id,
            "box": { "left": left, "top": 5, "width": 20, "height": 15 }
        }));
    }
    project
}

const THANKS: &str = "[data-cuehook-element=thanks]";
const SORRY: &str = "[data-cuehook-element=sorry]";

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_follows_waits_for_the_answer() {
    run(async |page| {
        page.stage(&gated(page, "hold=1", true)).await;
        page.click(".cuehook-area").await;
        page.assert_standing().await;
        assert!(!page.is_visible(THANKS).await);
        page.release(1).await;
        page.event("settled").await;
        assert!(page.is_visible(THANKS).await);
        assert!(!page.is_visible(SORRY).await);
        let value = page.event("callback").await["value"].clone();
        assert!(value.as_str().unwrap().starts_with("LAKE-"), "it sees the answer: {value}");
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_follows_does_not_run_after_an_error() {
    run(async |page| {
        page.expect_problem("status of 500");
        page.stage(&gated(page, "status=500", true)).await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "http-status");
        assert!(page.is_visible(SORRY).await);
        assert!(!page.is_visible(THANKS).await);
        assert_eq!(page.events("callback").await.len(), 0);
        assert!(!page.is_visible(".cuehook-notice").await, "the author says it in their own words");
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_follows_runs_when_a_later_try_is_good() {
    run(async |page| {
        page.expect_problem("status of 500");
        let mut project = gated(page, "status=500&fail-first=1", true);
        project["elements"][0]["onClick"][0].as_object_mut().unwrap().remove("onError");
        page.stage(&project).await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "http-status");
        assert!(!page.is_visible(THANKS).await);
        page.until("return document.querySelector('.cuehook-retry')").await;
        page.click(".cuehook-retry").await;
        assert_eq!(page.nth_event("settled", 2).await["outcome"], "ok");
        assert!(page.is_visible(THANKS).await);
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_follows_does_not_wait_for_who_does_not_wait() {
    run(async |page| {
        page.stage(&gated(page, "hold=1", false)).await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("callback").await["value"], "none");
        assert!(page.is_visible(THANKS).await);
        assert_eq!(page.events("settled").await.len(), 0);
        page.release(1).await;
        page.event("settled").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn one_webhook_after_the_other() {
    run(async |page| {
        let mut project = shop(&page.hook("delay=200"), json!({}));
        let second = json!({ "id": "second", "url": page.hook("delay=200"), "waitForResponse": true });
        project["webhooks"].as_array_mut().unwrap().push(second);
        project["elements"][0]["onClick"] = json!([
            { "do": "executeWebhook", "webhook": "discount" },
            { "do": "executeWebhook", "webhook": "second", "params": { "code": "${webhooks.discount.discountCode}" } },
            { "do": "seek", "to": "00:00:20" }
        ]);
        page.stage(&project).await;
        page.run("seen.plays = 0; document.querySelector('video').addEventListener('play', () => (seen.plays += 1))")
            .await;
        page.click(".cuehook-area").await;
        page.nth_event("settled", 2).await;
        let bodies: Vec<Value> = page.posts().await.iter().map(body).collect();
        assert_eq!(bodies.len(), 2);
        let first_answer = page.events("response").await[0]["data"]["discountCode"].clone();
        assert_eq!(bodies[1]["params"]["code"], first_answer);
        page.until("return document.querySelector('video').currentTime >= 20").await;
        page.until_playing().await;
        assert_eq!(page.nth_event("resume", 2).await["reason"], "resumed");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_page_can_keep_a_request_from_being_sent() {
    run(async |page| {
        page.stage(&gated(page, "", true)).await;
        page.run("document.addEventListener('cuehook:request', (event) => event.preventDefault())").await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "aborted");
        page.until_playing().await;
        assert_eq!(page.posts().await.len(), 0);
        assert!(!page.is_visible(THANKS).await);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_page_can_add_a_token() {
    run(async |page| {
        page.stage(&gated(page, "", true)).await;
        let script = "document.addEventListener('cuehook:request', (event) => {
            event.detail.headers.authorization = 'Bearer short-lived';
            event.detail.headers['webhook-id'] = 'forged';
        })";
        page.run(script).await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        let posts = page.posts().await;
        assert_eq!(posts[0]["headers"]["authorization"], "Bearer short-lived");
        assert_eq!(posts[0]["headers"]["webhook-id"], body(&posts[0])["id"]);
        page.until_playing().await;
    });
}
