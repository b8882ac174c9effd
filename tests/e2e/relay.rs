//! Webhooks with a relay, from the page's side: a function of the page stands for the relay.

use crate::page::Page;
use crate::support::{run, shop};
use serde_json::{Value, json};

/// The page's `fetch` answers for `https://relay.example/r`: what is asked of it is in `asked`. `GOOD` is the token that it
/// takes, `DISCOUNT` what it answers to a call: status, outcome and body; or null: nothing.
const RELAY: &str = r#"
    const real = globalThis.fetch;
    globalThis.asked = [];
    globalThis.good = GOOD;
    globalThis.discount = DISCOUNT;
    globalThis.fetch = async (input, init) => {
        const request = new Request(input, init);
        const { pathname, origin, search } = new URL(request.url);
        if (origin !== "https://relay.example") return real(input, init);
        const body = await request.text();
        const headers = Object.fromEntries(request.headers);
        asked.push({ method: request.method, path: pathname, search, headers, body: body && JSON.parse(body) });
        const say = (status, outcome, body) =>
            new Response(JSON.stringify(body), { status, headers: { "cuehook-outcome": outcome, "content-type": "application/json" } });
        if (headers.authorization !== `Bearer ${good}`) return say(401, "relay-auth", { error: { code: "relay-auth", message: "run out" } });
        if (pathname === "/r/v1/settings") {
            return say(200, "accepted", { webhooks: { code: { name: "From the relay", waitForResponse: true, includeInteractions: "none" } } });
        }
        if (pathname === "/r/v1/events") return say(200, "accepted", { results: {} });
        return discount ? say(...discount) : new Promise(() => {});
    };
"#;

const ANSWER: &str = r#"[200, "answer", { discountCode: "LAKE-7", user: { firstName: "Ann" } }]"#;

fn project(more: Value) -> Value {
    let mut project = shop("/unused", json!({}));
    let mut webhook = json!({ "id": "discount", "relay": "code" });
    webhook.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    project["webhooks"] = json!([webhook]);
    project
}

async fn stage(page: &Page, good: &str, discount: &str, attributes: Value, project: &Value) {
    page.open("/tests/stage.html").await;
    page.run(&RELAY.replace("GOOD", good).replace("DISCOUNT", discount)).await;
    page.lay_with(project, attributes, "").await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
}

async fn asked(page: &Page) -> Vec<Value> {
    page.run("return asked").await.as_array().unwrap().clone()
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_call_goes_through_the_relay_with_its_settings_and_a_token() {
    run(async |page| {
        let attributes = json!({ "relay": "https://relay.example/r/", "relay-token": "short" });
        stage(page, "'short'", ANSWER, attributes, &project(json!({}))).await;
        page.play().await;
        page.click(".cuehook-area").await;
        let settled = page.event("settled").await;
        assert_eq!(settled["outcome"], "ok", "{settled}");
        assert_eq!(page.event("pause").await["requestId"], 1, "the relay says that the viewer waits");
        let code = page.text("[data-cuehook-element=code]").await;
        assert!(code.contains("LAKE-7"), "{code}");
        let asked = asked(page).await;
        assert_eq!((&asked[0]["method"], &asked[0]["path"]), (&json!("GET"), &json!("/r/v1/settings")));
        assert_eq!(asked[0]["search"], "?webhooks=code");
        let call = &asked[1];
        assert_eq!((&call["method"], &call["path"]), (&json!("POST"), &json!("/r/v1/call/code")));
        assert_eq!(call["headers"]["authorization"], "Bearer short");
        let budget: f64 = call["headers"]["cuehook-budget-ms"].as_str().unwrap().parse().unwrap();
        assert!(budget > 0.0 && budget <= 8_000.0, "{budget}");
        assert_eq!(call["headers"]["webhook-id"], call["body"]["id"]);
        assert_eq!(call["body"]["webhook"], json!({ "id": "discount", "name": "From the relay" }));
        assert_eq!(call["body"]["interactions"], json!([]));
        let shown = page.event("request").await;
        assert_eq!(shown["url"], "https://relay.example/r/v1/call/code");
        assert!(!shown.to_string().contains("short"), "no token for listeners: {shown}");
        assert_eq!(asked.len(), 2);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_refused_token_is_asked_for_again_once() {
    run(async |page| {
        let attributes = json!({ "relay": "https://relay.example/r", "relay-token": "first" });
        stage(page, "'first'", ANSWER, attributes, &project(json!({}))).await;
        page.until("return asked.length").await;
        page.run(
            "globalThis.count = 0;
             document.querySelector('cue-hook').relayToken = async () => `token ${++globalThis.count}`;
             globalThis.good = 'token 2'",
        )
        .await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        assert_eq!(page.run("return count").await, 2);
        // Once it is the last.
        page.expect_problem("relay-auth");
        page.run("globalThis.good = 'never'").await;
        page.run("document.querySelector('cue-hook').execute('discount').catch(({ code }) => (globalThis.code = code))").await;
        assert_eq!(page.until("return globalThis.code").await, "relay-auth");
        assert_eq!(page.run("return count").await, 3);
        let words = page.events("error").await;
        assert!(words[0]["message"].as_str().unwrap().contains("run out"), "{words:?}");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn after_a_reload_the_relay_is_asked_for_the_outcome() {
    run(async |page| {
        let attributes = json!({ "relay": "https://relay.example/r", "relay-token": "short" });
        let project = project(json!({ "survive": true, "waitForResponse": true }));
        stage(page, "'short'", "null", attributes.clone(), &project).await;
        page.click(".cuehook-area").await;
        page.until("return asked.find(({ path }) => path === '/r/v1/call/code')").await;
        let id = asked(page).await.last().unwrap()["body"]["id"].as_str().unwrap().to_owned();
        stage(page, "'short'", ANSWER, attributes, &project).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        let asked = asked(page).await;
        let calls: Vec<_> = asked.iter().filter(|one| one["path"] != "/r/v1/settings").collect();
        assert_eq!(calls.len(), 1, "{calls:?}");
        assert_eq!(calls[0]["method"], "GET");
        assert_eq!(calls[0]["path"], format!("/r/v1/calls/{id}"));
        assert_eq!(calls[0]["headers"]["authorization"], "Bearer short");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn events_go_to_the_relay_and_the_token_is_not_stored() {
    run(async |page| {
        let attributes = json!({ "relay": "https://relay.example/r", "relay-token": "secret-token" });
        let project = project(json!({ "events": ["cart.*"] }));
        stage(page, "'secret-token'", ANSWER, attributes, &project).await;
        page.run("document.querySelector('cue-hook').handle.outbox.record('cart.added', { price: 5 })").await;
        page.until("return asked.find(({ path }) => path === '/r/v1/events')").await;
        let asked = asked(page).await;
        let sent = asked.iter().find(|one| one["path"] == "/r/v1/events").unwrap();
        assert_eq!(sent["method"], "POST");
        assert_eq!(sent["headers"]["authorization"], "Bearer secret-token");
        assert_eq!((&sent["body"]["type"], &sent["search"]), (&json!("cart.added"), &json!("")));
        let stored = page
            .until(
                "return new Promise((tell) => {
                    indexedDB.open('cuehook').onsuccess = ({ target: { result } }) => {
                        result.transaction('outbox').objectStore('outbox').getAll().onsuccess = ({ target }) => {
                            result.close();
                            tell(JSON.stringify(target.result));
                        };
                    };
                })",
            )
            .await;
        let stored = stored.as_str().unwrap();
        assert!(stored.contains("https://relay.example/r/v1/events"), "{stored}");
        assert!(!stored.contains("secret-token"), "{stored}");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_page_says_where_its_relay_is_and_says_it_well() {
    run(async |page| {
        for relay in
            ["ftp://relay.example", "https://relay.example/?a=b", "https://", "https://a:b@relay.example"]
        {
            page.expect_problem("`relay` must be an address");
            page.open("/tests/stage.html").await;
            page.lay_with(&project(json!({})), json!({ "relay": relay }), "").await;
            let error = page.event("error").await;
            assert_eq!(error["code"], "config-invalid", "{relay}");
            assert!(error["message"].as_str().unwrap().contains("`relay` must be"), "{error}");
        }
        page.expect_problem("names none");
        page.open("/tests/stage.html").await;
        page.lay_with(&project(json!({})), json!({}), "").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.click(".cuehook-area").await;
        let error = page.event("error").await;
        assert_eq!(error["code"], "config-invalid");
        assert!(error["message"].as_str().unwrap().contains("names none"), "{error}");
    });
}
