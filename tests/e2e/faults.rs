//! Every way in which the test webhook misbehaves ends in the right code, with a film that plays on.

use crate::page::{Page, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

/// What a viewer reads.
const FAILED: &str = "That did not work.";
const NETWORK: &str = "There was no connection.";
const TIMEOUT: &str = "The answer took too long.";

/// Clicks, and sees to it that the webhook fails as it should and that nothing else comes of it.
async fn fails(page: &Page, project: &Value, code: &str, words: &str) {
    // The browser itself writes a line for a request that has failed.
    page.expect_problem("Failed to load resource");
    page.lay(project).await;
    page.play().await;
    page.click(".cuehook-area").await;
    page.event("pause").await;
    let settled = page.event("settled").await;
    assert_eq!(settled["outcome"], code);
    page.until_playing().await;
    assert_eq!(page.event("resume").await["reason"], "resumed");
    let error = page.event("error").await;
    assert_eq!(error["code"], code);
    assert_eq!(error["webhook"], "discount");
    assert_eq!(error["element"], "get-code");
    page.until("return document.querySelector('.cuehook-notice')").await;
    assert_eq!(page.text(".cuehook-failed .cuehook-text").await, words);
    assert_eq!(page.text(".cuehook-retry").await, "Try again");
    page.until(&format!("return document.querySelector('.cuehook-status').textContent.includes({words:?})"))
        .await;
    assert!(page.is_visible(".cuehook-retry").await);
    assert_untouched(page).await;
    assert_eq!(page.events("settled").await.len(), 1);
    assert_eq!(page.events("error").await.len(), 1);
    assert_eq!(page.events("response").await.len(), 0, "an error is no answer");
    let attribute = "return document.querySelector('cue-hook').getAttribute('error')";
    assert_eq!(page.run(attribute).await, code);
    let busy = "return document.querySelectorAll('[busy], [aria-busy]').length";
    assert_eq!(page.run(busy).await, 0);
}

/// Nothing of a wrong answer is in the variables or on the page.
async fn assert_untouched(page: &Page) {
    assert_eq!(page.text("[data-cuehook-element=code]").await, "DiscountCode: -");
    assert!(!page.is_visible("[data-cuehook-element=user]").await);
    let shown = page.run("return document.querySelector('.cuehook-stage').textContent").await;
    let shown = shown.as_str().unwrap();
    for part in ["LAKE", "NOT-TO-BE-SHOWN", "told to fail", "Log in"] {
        assert!(!shown.contains(part), "{shown}");
    }
    let variables = page.run("return document.querySelector('cue-hook').handle.variables.get()").await;
    assert_eq!(variables, json!({ "viewerName": "guest" }));
    assert_eq!(page.events("variablechange").await.len(), 0);
}

/// One attempt and no more.
async fn fails_at_once(page: &Page, query: &str, code: &str) {
    page.open("/tests/stage.html").await;
    fails(page, &shop(&page.hook(query), json!({})), code, FAILED).await;
    assert_eq!(page.posts().await.len(), 1);
    assert_eq!(page.event("settled").await["attempts"], 1);
}

/// As often as the project allows, always as the same request.
async fn fails_after_retries(page: &Page, query: &str, code: &str, words: &str) {
    page.open("/tests/stage.html").await;
    fails(page, &shop(&page.hook(query), json!({ "timeoutMs": 20000 })), code, words).await;
    assert_eq!(page.event("settled").await["attempts"], 3);
    assert_one_request(&page.posts().await, 3);
}

/// `count` attempts of one request: the same id and the same bytes.
fn assert_one_request(posts: &[Value], count: usize) {
    assert_eq!(posts.len(), count);
    for post in posts {
        assert_eq!(post["body"], posts[0]["body"]);
        for name in ["webhook-id", "idempotency-key"] {
            assert_eq!(post["headers"][name], posts[0]["headers"]["webhook-id"]);
        }
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_late_answer() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let project = shop(&page.hook("hold=1"), json!({ "timeoutMs": 2000 }));
        fails(page, &project, "timeout", TIMEOUT).await;
        // The answer that comes after all is not used.
        page.release(1).await;
        pause(500).await;
        assert_untouched(page).await;
        assert_eq!(page.events("settled").await.len(), 1);
        assert_eq!(page.posts().await.len(), 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_answer_that_trickles() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let project = shop(&page.hook("body=trickle"), json!({ "timeoutMs": 1500 }));
        fails(page, &project, "timeout", TIMEOUT).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn status_400() {
    run(async |page| fails_at_once(page, "status=400", "http-status").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn status_404() {
    run(async |page| {
        fails_at_once(page, "status=404", "http-status").await;
        assert_eq!(page.event("error").await["status"], 404);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn status_500() {
    run(async |page| fails_at_once(page, "status=500", "http-status").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn status_503_all_the_time() {
    run(async |page| fails_after_retries(page, "status=503", "http-status", FAILED).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn half_a_json() {
    run(async |page| fails_at_once(page, "body=bad-json", "bad-json").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_log_in_page() {
    run(async |page| {
        fails_at_once(page, "body=html", "bad-json").await;
        assert_eq!(page.run("return document.title").await, "Stage");
    });
}

/// Good, but without data: the film goes on, the actions that waited run, and the developer is told.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn no_body_or_plain_text() {
    run(async |page| {
        for body in ["body=empty", "body=text"] {
            page.expect_problem("brought no data");
            let mut project = shop(&page.hook(body), json!({}));
            let then = json!({ "do": "callback", "name": "then" });
            project["elements"][0]["onClick"].as_array_mut().unwrap().push(then);
            page.stage(&project).await;
            page.click(".cuehook-area").await;
            assert_eq!(page.event("settled").await["outcome"], "ok");
            assert_eq!(page.event("response").await["data"], Value::Null);
            assert_eq!(page.event("callback").await["name"], "then");
            page.until_playing().await;
            assert_untouched(page).await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_list() {
    run(async |page| fails_at_once(page, "body=array", "bad-json").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn json_too_deep() {
    run(async |page| fails_at_once(page, "body=deep", "bad-json").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_huge_body() {
    run(async |page| fails_at_once(page, "body=huge", "too-large").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_connection_that_is_reset() {
    run(async |page| fails_after_retries(page, "reset=1", "network", NETWORK).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_body_that_breaks_off() {
    run(async |page| fails_after_retries(page, "body=cut", "network", NETWORK).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_redirect() {
    run(async |page| fails_after_retries(page, "redirect=302", "network", NETWORK).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_origin_that_does_not_allow_it() {
    run(async |page| {
        page.expect_problem("blocked by CORS policy");
        page.open("/tests/stage.html?csp=cross-origin").await;
        let url = format!("{}{}", page.other(), page.hook("cors=none"));
        fails(page, &shop(&url, json!({})), "network", NETWORK).await;
        assert_eq!(page.posts().await.len(), 0, "preflights come first");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_origin_that_the_policy_does_not_list() {
    run(async |page| {
        page.expect_problem("violates the following Content Security Policy directive");
        page.expect_problem("Refused to connect");
        page.expect_problem("csp: connect-src");
        page.open("/tests/stage.html").await;
        let url = format!("{}{}", page.other(), page.hook(""));
        fails(page, &shop(&url, json!({})), "csp", FAILED).await;
        assert_eq!(page.event("settled").await["attempts"], 1);
        assert_eq!(page.requests().await.len(), 0);
    });
}

/// The project's author cannot widen what the page allows. Nothing is sent, so the film is not even paused; the viewer
/// is told, and there is nothing to try again.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_origin_that_the_page_does_not_allow() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let attributes = json!({ "allow-origins": "https://shop.example" });
        page.lay_with(&shop(&page.hook(""), json!({})), attributes, "").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.play().await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "origin-denied");
        let error = page.event("error").await;
        assert_eq!(error["code"], "origin-denied");
        assert!(error["message"].as_str().unwrap().contains(page.server()), "{error}");
        page.until_playing().await;
        assert_eq!(page.events("pause").await.len(), 0);
        assert_eq!(page.requests().await.len(), 0);
        assert_eq!(page.text(".cuehook-failed .cuehook-text").await, FAILED);
        assert_eq!(page.run("return document.querySelector('.cuehook-retry')").await, Value::Null);
        assert_untouched(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_origin_that_the_page_allows() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let attributes = json!({ "allow-origins": format!("https://shop.example {}", page.server()) });
        page.lay_with(&shop(&page.hook(""), json!({})), attributes, "").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_passes_is_repeated_as_the_same_request() {
    run(async |page| {
        page.expect_problem("status of 503");
        page.stage(&shop(&page.hook("status=503&fail=2"), json!({}))).await;
        page.click(".cuehook-area").await;
        let settled = page.event("settled").await;
        assert_eq!((&settled["outcome"], &settled["attempts"]), (&json!("ok"), &json!(3)));
        assert!(page.text("[data-cuehook-element=code]").await.contains("LAKE-"));
        assert_one_request(&page.posts().await, 3);
        assert_eq!(page.events("request").await.len(), 1);
        assert_eq!(page.events("error").await.len(), 0);
        assert!(!page.is_visible(".cuehook-notice").await);
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_receiver_says_when_to_come_back() {
    run(async |page| {
        page.expect_problem("status of 429");
        page.stage(&shop(&page.hook("status=429&retry-after=1&fail=1"), json!({}))).await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        let posts = page.posts().await;
        assert_one_request(&posts, 2);
        // A lower bound holds on the slowest machine.
        assert!(posts[1]["at"].as_u64().unwrap() - posts[0]["at"].as_u64().unwrap() >= 1000);
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn who_comes_back_too_late_is_not_waited_for() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let project = shop(&page.hook("status=429&retry-after=60"), json!({ "timeoutMs": 20000 }));
        fails(page, &project, "http-status", FAILED).await;
        assert_eq!(page.posts().await.len(), 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn nothing_new_is_no_error() {
    run(async |page| {
        page.stage(&shop(&page.hook("status=204"), json!({}))).await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        assert_eq!(page.event("response").await["data"], Value::Null);
        page.until_playing().await;
        assert_untouched(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn trying_again_recovers() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let project = shop(&page.hook("status=500&fail-first=1"), json!({}));
        fails(page, &project, "http-status", FAILED).await;
        page.click(".cuehook-retry").await;
        assert_eq!(page.nth_event("settled", 2).await["outcome"], "ok");
        assert!(page.text("[data-cuehook-element=code]").await.contains("LAKE-"));
        assert_one_request(&page.posts().await, 2);
        page.until("return !document.querySelector('.cuehook-notice')").await;
        page.until("return !document.querySelector('cue-hook').hasAttribute('error')").await;
        page.until_playing().await;
        assert_eq!(page.nth_event("resume", 2).await["reason"], "resumed");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_message_can_be_closed() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        fails(page, &shop(&page.hook("status=500"), json!({})), "http-status", FAILED).await;
        page.click(".cuehook-dismiss").await;
        page.until("return !document.querySelector('.cuehook-notice')").await;
        page.until_playing().await;
        assert_eq!(page.posts().await.len(), 1);
    });
}
