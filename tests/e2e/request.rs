//! From a click to the answer in the picture.

use crate::page::{Page, body, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_click_pauses_posts_shows_the_answer_and_plays_on() {
    run(async |page| {
        page.stage(&shop(&page.hook("hold=1"), json!({}))).await;
        assert_eq!(page.text("[data-cuehook-element=code]").await, "DiscountCode: -");
        assert!(page.is_visible("[data-cuehook-element=code]").await);
        assert!(!page.is_visible("[data-cuehook-element=picture]").await, "without value it stays hidden");
        page.click(".cuehook-area").await;
        page.event("pause").await;
        page.assert_standing().await;
        assert_eq!(page.text("[data-cuehook-element=code]").await, "DiscountCode: -");
        page.release(1).await;
        let settled = page.event("settled").await;
        assert_eq!(settled["outcome"], "ok");
        assert_eq!(settled["attempts"], 1);
        let code = page.text("[data-cuehook-element=code]").await;
        assert!(code.starts_with("DiscountCode: LAKE-"), "{code}");
        assert_eq!(page.text("[data-cuehook-element=user]").await, "john.doe");
        assert!(page.is_visible("[data-cuehook-element=user]").await);
        page.until("return document.querySelector('.cuehook-html img').naturalWidth").await;
        let image = "return document.querySelector('.cuehook-html img').getAttribute('src')";
        assert_eq!(page.run(image).await, "/film/tent.jpg");
        page.until_playing().await;
        assert_eq!(page.event("resume").await["reason"], "resumed");
        assert_eq!(page.posts().await.len(), 1);
    });
}

/// What the documentation says of a request, held against what the server got.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_request_is_as_documented() {
    run(async |page| {
        let headers = json!([{ "name": "X-Shop", "value": "spring" }]);
        page.stage(&shop(&page.hook(""), json!({ "headers": headers }))).await;
        page.click(".cuehook-area").await;
        page.event("settled").await;
        let request = only(&page.posts().await);
        let body = body(&request);
        assert_eq!(
            keys(&body),
            [
                "context",
                "contextTruncated",
                "id",
                "interactions",
                "params",
                "session",
                "timestamp",
                "trigger",
                "truncated",
                "type",
                "video",
                "webhook",
            ]
        );
        assert_eq!(body["type"], "webhook.executed");
        assert_eq!(body["webhook"], json!({ "id": "discount", "name": "Discount code" }));
        assert_eq!(body["trigger"], json!({ "element": "get-code", "event": "click" }));
        assert_eq!(body["params"], json!({ "sku": "tent" }));
        assert_eq!(body["context"], json!({ "viewerName": "guest" }));
        assert_eq!((&body["truncated"], &body["contextTruncated"]), (&json!(false), &json!(false)));
        let video = &body["video"];
        assert_eq!(keys(video), ["currentTime", "duration", "id", "title"]);
        assert_eq!((&video["id"], &video["title"]), (&json!("lake"), &json!("An evening at the lake")));
        let duration = page.run("return document.querySelector('video').duration").await;
        assert_eq!(video["duration"], duration);
        assert_uuid_v7(&body["id"]);
        assert_rfc3339(&body["timestamp"]);
        let session = &body["session"];
        assert_eq!(keys(session), ["id", "page", "startedAt"]);
        assert_uuid_v7(&session["id"]);
        assert_rfc3339(&session["startedAt"]);
        assert_eq!(session["page"], format!("{}/tests/stage.html", page.server()));

        let interaction = only(body["interactions"].as_array().unwrap());
        assert_eq!(keys(&interaction), ["at", "element", "id", "label", "mediaTime", "seq", "type"]);
        assert_eq!(interaction["seq"], 1);
        assert_eq!(interaction["type"], "click");
        assert_eq!(interaction["element"], "get-code");
        assert_eq!(interaction["label"], "Get my code");
        assert_eq!(interaction["mediaTime"], video["currentTime"]);
        assert!(interaction["mediaTime"].as_f64().unwrap() > 0.0);
        assert_uuid_v7(&interaction["id"]);
        assert_rfc3339(&interaction["at"]);

        let headers = &request["headers"];
        assert_eq!(headers["content-type"], "application/json");
        assert_eq!(headers["webhook-id"], body["id"]);
        assert_eq!(headers["idempotency-key"], body["id"]);
        assert_eq!(headers["x-shop"], "spring");
        assert_eq!(headers.get("cookie"), None);
        let sent: u64 = headers["webhook-timestamp"].as_str().unwrap().parse().unwrap();
        assert!(request["at"].as_u64().unwrap().abs_diff(sent * 1000) < 60_000, "seconds, not milliseconds");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_later_request_carries_what_was_done_and_answered_before() {
    run(async |page| {
        let mut project = shop(&page.hook(""), json!({}));
        let chosen = json!({ "id": "chosen", "url": page.hook(""), "includeInteractions": ["other"] });
        project["webhooks"].as_array_mut().unwrap().push(chosen);
        project["elements"].as_array_mut().unwrap().push(json!({
            "id": "other", "kind": "area", "label": "Hello ${user.firstName!nobody}",
            "box": { "left": 2, "top": 30, "width": 20, "height": 30 },
            "onClick": [
                { "do": "setVariable", "name": "seen", "value": "${score}" },
                { "do": "executeWebhook", "webhook": "chosen", "params": { "code": "${discountCode}" } }
            ]
        }));
        page.stage(&project).await;
        page.click("[data-cuehook-element=get-code]").await;
        page.event("settled").await;
        page.until_playing().await;
        page.click("[data-cuehook-element=other]").await;
        assert_eq!(page.nth_event("settled", 2).await["outcome"], "ok");
        let posts = page.posts().await;
        assert_eq!(posts.len(), 2);
        let body = body(&posts[1]);
        let interaction = only(body["interactions"].as_array().unwrap());
        assert_eq!(interaction["seq"], 2, "numbers stay when interactions are selected");
        assert_eq!(interaction["label"], "Hello John", "labels are as the viewer saw them");
        assert_eq!(body["context"]["user"]["userName"], "john.doe");
        assert_eq!(body["context"]["seen"], 10, "a single placeholder keeps its type");
        assert_eq!(body["params"]["code"], body["context"]["discountCode"]);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_one_origin_answered_is_not_for_another() {
    run(async |page| {
        let mut project = shop(&page.hook(""), json!({ "page": "full" }));
        let crm = format!("{}{}", page.other(), page.hook("echo=none"));
        let crm = json!({ "id": "crm", "url": crm, "waitForResponse": true });
        project["webhooks"].as_array_mut().unwrap().push(crm);
        project["elements"].as_array_mut().unwrap().push(json!({
            "id": "other", "kind": "area", "label": "Ask", "box": { "left": 2, "top": 30, "width": 20, "height": 30 },
            "onClick": [
                { "do": "setVariable", "name": "seen", "value": "${score}" },
                { "do": "executeWebhook", "webhook": "crm" }
            ]
        }));
        page.open("/tests/stage.html?csp=cross-origin").await;
        page.lay(&project).await;
        page.run("document.querySelector('cue-hook').handle.variables.set('cart', 3)").await;
        page.play().await;
        page.click("[data-cuehook-element=get-code]").await;
        page.event("settled").await;
        page.until_playing().await;
        // The page goes elsewhere without being loaded anew.
        page.run("history.pushState(null, '', '/tests/shop.html?token=secret#x')").await;
        for count in 2..4 {
            page.click("[data-cuehook-element=other]").await;
            assert_eq!(page.nth_event("settled", count).await["outcome"], "ok");
            page.until_playing().await;
            // Sooner it would be a double click.
            pause(600).await;
        }
        page.click("[data-cuehook-element=get-code]").await;
        page.nth_event("settled", 4).await;
        let posts = page.posts().await;
        let told: Vec<Value> = posts.iter().map(body).collect();
        assert_eq!(
            told[0]["session"]["page"],
            format!("{}/tests/stage.html?csp=cross-origin", page.server())
        );
        // Nothing of what the shop answered, but for what an action made of it.
        assert_eq!(told[1]["context"], json!({ "viewerName": "guest", "cart": 3, "seen": 10 }));
        assert_eq!(told[1]["session"]["page"], format!("{}/tests/shop.html", page.server()));
        // What it answered itself, it gets.
        assert!(told[2]["context"]["discountCode"].is_string(), "{}", told[2]["context"]);
        assert_eq!(told[2]["context"]["received"], Value::Null, "only the shop has answered that");
        assert_eq!(told[3]["context"]["discountCode"], Value::Null, "the other one has overwritten it");
        assert!(told[3]["context"]["received"].is_object());
        let address = format!("{}/tests/shop.html?token=secret#x", page.server());
        assert_eq!(told[3]["session"]["page"], address);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_simple_webhook_needs_no_preflight() {
    run(async |page| {
        let url = format!("{}{}", page.other(), page.hook(""));
        page.open("/tests/stage.html?csp=cross-origin").await;
        page.lay(&shop(&url, json!({ "simple": true, "includeInteractions": "none" }))).await;
        page.play().await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        let request = only(&page.posts().await);
        assert_eq!(request["headers"]["content-type"], "text/plain;charset=UTF-8");
        assert_eq!(request["headers"].get("webhook-id"), None);
        let body = body(&request);
        assert_uuid_v7(&body["id"]);
        assert_eq!(body["interactions"], json!([]));
        assert_eq!(preflights(page).await, 0);
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_origin_that_allows_it_is_called_after_a_preflight() {
    run(async |page| {
        let url = format!("{}{}", page.other(), page.hook(""));
        page.open("/tests/stage.html?csp=cross-origin").await;
        page.lay(&shop(&url, json!({}))).await;
        page.play().await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        assert_eq!(only(&page.posts().await)["headers"]["origin"], page.server());
        assert_eq!(preflights(page).await, 1);
        page.until_playing().await;
    });
}

async fn preflights(page: &Page) -> usize {
    page.requests().await.iter().filter(|request| request["method"] == "OPTIONS").count()
}

fn only(list: &[Value]) -> Value {
    assert_eq!(list.len(), 1, "{list:?}");
    list[0].clone()
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn assert_uuid_v7(value: &Value) {
    let text = value.as_str().unwrap();
    let form: Vec<usize> = text.split('-').map(str::len).collect();
    assert_eq!(form, [8, 4, 4, 4, 12], "{text}");
    assert!(text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{text}");
    assert_eq!(&text[14..15], "7", "{text}");
}

fn assert_rfc3339(value: &Value) {
    let text = value.as_str().unwrap();
    let form: String =
        text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    assert_eq!(form, "0000-00-00T00:00:00.000Z");
}
