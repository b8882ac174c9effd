//! Webhooks with `"survive": true`: a request that a reload has cut off is asked for again, and its answer shown.

use crate::page::{Page, body};
use crate::support::{run, shop};
use serde_json::{Value, json};

/// The area calls the webhook, and shows something when its answer is good.
fn project(url: &str, survive: bool) -> Value {
    let mut project = shop(url, json!({ "survive": survive }));
    let actions = project["elements"][0]["onClick"].as_array_mut().unwrap();
    actions.push(json!({ "do": "show", "element": "user" }));
    project["elements"][3]["visible"] = false.into();
    project
}

/// A click on the area calls the webhook, whose answer does not come, and the page is loaded once more.
async fn reloaded(page: &Page, survive: bool, then: &Value) {
    let url = page.hook("hold=1");
    page.stage(&project(&url, survive)).await;
    page.click(".cuehook-area").await;
    page.until_posted(1).await;
    page.open("/tests/stage.html").await;
    let mut changed = project(&url, survive);
    if let Some(then) = then.as_object() {
        changed.as_object_mut().unwrap().extend(then.clone());
    }
    page.lay(&changed).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_request_that_a_reload_cuts_off_is_asked_for_again() {
    run(async |page| {
        reloaded(page, true, &Value::Null).await;
        page.until_posted(2).await;
        let posts = page.posts().await;
        assert_eq!(posts[0]["headers"]["webhook-id"], posts[1]["headers"]["webhook-id"]);
        assert_eq!(posts[0]["headers"]["idempotency-key"], posts[1]["headers"]["idempotency-key"]);
        assert_eq!(body(&posts[0]), body(&posts[1]));
        // The video of the new page was not playing: nothing holds it, and nothing starts it.
        assert_eq!(page.events("pause").await.len(), 0);
        page.release(2).await;
        let settled = page.event("settled").await;
        assert_eq!((&settled["webhook"], &settled["outcome"]), (&json!("discount"), &json!("ok")));
        page.until("return document.querySelector('[data-cuehook-element=user]')?.checkVisibility()").await;
        let code = page.text("[data-cuehook-element=code]").await;
        assert!(code.starts_with("DiscountCode: ") && !code.ends_with('-'), "{code}");
        // It is over: another load does not ask.
        page.until(
            "return indexedDB.databases().then(() => new Promise((tell) => {
                indexedDB.open('cuehook').onsuccess = ({ target: { result } }) => {
                    result.transaction('outbox').objectStore('outbox').getAllKeys().onsuccess = ({ target }) => {
                        result.close();
                        tell(!target.result.some((key) => key.startsWith('request/')));
                    };
                };
            }))",
        )
        .await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn one_that_does_not_survive_is_not() {
    run(async |page| {
        reloaded(page, false, &Value::Null).await;
        crate::page::pause(1_500).await;
        assert_eq!(page.posts().await.len(), 1);
        page.release(1).await;
    });
}

/// It belongs to another video: nobody there waits for it.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn one_of_another_video_is_not_asked_for() {
    run(async |page| {
        reloaded(page, true, &json!({ "video": { "id": "another" } })).await;
        crate::page::pause(1_500).await;
        assert_eq!(page.posts().await.len(), 1);
        page.release(1).await;
    });
}
