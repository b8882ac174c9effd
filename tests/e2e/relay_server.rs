//! Webhooks through a relay: the real program, killed and started again while a viewer waits.

pub mod running;

use crate::page::{Page, body, pause};
use crate::support::{run, shop};
use running::{Relay, SECRET, SECRET_BASE64, TOKEN_KEY};
use serde_json::{Value, json};

/// The stage, on which everything of this machine may be called, and everything that the page is sent is kept in `seen.received`.
const STAGE: &str = "/tests/stage.html?csp=loopback";

/// A shop whose webhook is the relay's.
fn relayed(webhook: Value) -> Value {
    let mut project = shop("", webhook);
    let discount = project["webhooks"][0].as_object_mut().unwrap();
    discount.remove("url");
    discount.insert("relay".into(), "discount".into());
    project
}

/// Opens the stage, and notes from now on what the page sends and is sent.
async fn opened(page: &Page) {
    page.open(STAGE).await;
    page.run(
        "seen.received = [];
         seen.sent = [];
         const browserFetch = globalThis.fetch;
         globalThis.fetch = async (target, options) => {
             if (target instanceof Request) {
                 const copy = target.clone();
                 const sent = { url: copy.url, method: copy.method, headers: [...copy.headers] };
                 seen.sent.push(sent);
                 copy.text().then((body) => (sent.body = body), () => {});
             }
             const response = await browserFetch(target, options);
             const received = { url: response.url, status: response.status, headers: [...response.headers] };
             seen.received.push(received);
             response.clone().text().then((body) => (received.body = body), () => {});
             return response;
         }",
    )
    .await;
}

/// Lays a project over the film of the stage, with a relay and its token, and plays.
async fn laid(page: &Page, project: &Value, relay: &Relay) {
    let attributes = json!({ "relay": relay.address(), "relay-token": relay.token(page.server()) });
    page.lay_with(project, attributes, "").await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
    page.until("return document.querySelector('video').readyState >= 2").await;
    page.play().await;
}

/// Waits until the overlay shows a code, and gives it.
async fn until_code(page: &Page) -> String {
    let script = "return document.querySelector('[data-cuehook-element=code]')?.textContent.match(/LAKE-[0-9A-F]{6}/)?.[0]";
    page.until(script).await.as_str().unwrap().to_owned()
}

/// What a viewer reads when something has failed.
async fn until_told(page: &Page) -> String {
    page.until("return document.querySelector('.cuehook-failed .cuehook-text')?.textContent")
        .await
        .as_str()
        .unwrap()
        .to_owned()
}

/// Sends the page's call once more, letter by letter, and gives status, outcome and body of the response.
async fn called_again(page: &Page) -> Value {
    page.run(
        "const { url, headers, body } = seen.sent.find(({ url }) => url.includes('/v1/call/'));
         return fetch(url, { method: 'POST', headers, body }).then(async (response) =>
             [response.status, response.headers.get('cuehook-outcome'), await response.text()])",
    )
    .await
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_webhook_gets_the_secret_and_the_browser_never_does() {
    run(async |page| {
        // The test webhook repeats what it received, header fields included.
        let relay = Relay::running(page, &page.hook("delay=1"), "").await;
        opened(page).await;
        laid(page, &relayed(json!({})), &relay).await;
        page.click(".cuehook-area").await;
        until_code(page).await;
        let settled = page.event("settled").await;
        assert_eq!((&settled["webhook"], &settled["outcome"]), (&json!("discount"), &json!("ok")));
        page.until_playing().await;
        let posts = page.posts().await;
        assert_eq!(posts.len(), 1);
        assert_eq!(posts[0]["headers"]["x-shop-key"], SECRET);
        let request = page.event("request").await;
        assert_eq!(posts[0]["headers"]["webhook-id"], request["headers"]["webhook-id"]);
        assert_eq!(posts[0]["body"], request["body"], "the same bytes");
        assert_eq!(request["url"], format!("{}/v1/call/discount", relay.address()));

        page.until("return seen.received.some(({ url, body }) => url.includes('/v1/call/') && body)").await;
        let everything = page
            .run(
                "return JSON.stringify([seen.events, seen.received, seen.sent, seen.warnings, seen.problems,
                     document.documentElement.outerHTML])",
            )
            .await;
        let everything = everything.as_str().unwrap();
        assert!(everything.contains("[removed]"), "the webhook has echoed it: {everything}");
        for spelling in [SECRET, SECRET_BASE64, "shop%2Fkey", "shop\\/key"] {
            assert!(!everything.contains(spelling), "{spelling}");
        }
        // The log of the demo's webhook is for programs; pages are told that it is there.
        let log = page.run("return fetch('/webhook-log').then((response) => response.text())").await;
        assert!(log.as_str().unwrap().contains("(hidden)") && !log.as_str().unwrap().contains(SECRET));
        assert!(!relay.log().contains(SECRET));
    });
}

/// The relay has called the webhook, and is killed before it heard of it. Nobody can say what came of that, and nobody calls again.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_relay_that_is_killed_during_a_call_says_that_nobody_knows() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        page.expect_problem("net::ERR");
        let url = page.hook("hold=1");
        let mut relay = Relay::running(page, &url, "timeoutMs = 2500").await;
        opened(page).await;
        laid(page, &relayed(json!({ "timeoutMs": 60000 })), &relay).await;
        page.click(".cuehook-area").await;
        page.until_posted(1).await;
        page.assert_standing().await;
        relay.kill();
        relay.start().await;
        // The page asks again, and a relay that has been started anew knows that nobody will ever know.
        for _ in 0..400 {
            if !page.events("settled").await.is_empty() {
                break;
            }
            pause(100).await;
        }
        assert_eq!(page.event("settled").await["outcome"], "outcome-unknown");
        assert_eq!(page.event("error").await["code"], "outcome-unknown");
        assert!(!until_told(page).await.trim().is_empty());
        assert!(
            page.text("[data-cuehook-element=code]").await.ends_with('-'),
            "nothing is shown as an answer"
        );
        page.until_playing().await;
        // Also who asks again is told so.
        let again = called_again(page).await;
        assert_eq!((&again[0], &again[1]), (&json!(502), &json!("outcome-unknown")));
        assert_eq!(page.posts().await.len(), 1, "never a second call");
        page.release(1).await;
    });
}

/// An answer that was given is given again, whatever has become of the relay meanwhile.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_answer_outlives_the_relay() {
    run(async |page| {
        let mut relay = Relay::running(page, &page.hook("echo=none"), "").await;
        opened(page).await;
        laid(page, &relayed(json!({})), &relay).await;
        page.click(".cuehook-area").await;
        let code = until_code(page).await;
        // The viewer has it at once; it is stored a moment later.
        pause(500).await;
        relay.kill();
        relay.start().await;
        let again = called_again(page).await;
        assert_eq!((&again[0], &again[1]), (&json!(200), &json!("answer")));
        assert!(again[2].as_str().unwrap().contains(&code), "{again}");
        assert_eq!(page.posts().await.len(), 1);
    });
}

/// The page is loaded anew while the webhook thinks: the relay hears the answer, and the next load of the page asks it.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_reload_gets_the_stored_answer() {
    run(async |page| {
        let relay = Relay::running(page, &page.hook("echo=none&hold=1"), "").await;
        let project = relayed(json!({ "survive": true }));
        opened(page).await;
        laid(page, &project, &relay).await;
        page.click(".cuehook-area").await;
        page.until_posted(1).await;
        opened(page).await;
        page.release(1).await;
        laid(page, &project, &relay).await;
        until_code(page).await;
        let settled = page.event("settled").await;
        assert_eq!((&settled["webhook"], &settled["outcome"]), (&json!("discount"), &json!("ok")));
        assert_eq!(page.posts().await.len(), 1, "it was not called again");
        let asked = page.run("return seen.sent.filter(({ url }) => url.includes('/v1/')).map(({ method, url }) => method + url.replace(/.*v1/, ''))").await;
        let id = body(&page.posts().await[0])["id"].as_str().unwrap().to_owned();
        assert_eq!(asked[0], format!("GET/calls/{id}"), "{asked}");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn without_the_relay_the_film_plays_on_until_it_is_back() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        page.expect_problem("net::ERR");
        let mut relay = Relay::new(page, &page.hook("echo=none"), "");
        opened(page).await;
        laid(page, &relayed(json!({ "timeoutMs": 2000 })), &relay).await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("error").await["code"], "relay-unavailable");
        assert!(!until_told(page).await.trim().is_empty());
        page.until_playing().await;
        assert_eq!(page.posts().await.len(), 0);
        relay.start().await;
        page.click(".cuehook-area").await;
        until_code(page).await;
        page.until_playing().await;
        assert_eq!(page.posts().await.len(), 1);
    });
}

/// A page that stays open longer than its token holds asks its server for another one, and the viewer notices nothing.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_token_that_has_run_out_is_asked_for_anew() {
    run(async |page| {
        // A refusal is a failure to the console.
        page.expect_problem("Failed to load resource");
        let relay = Relay::running(page, &page.hook("echo=none"), "").await;
        opened(page).await;
        // As any server makes tokens: JSON Web Tokens by HMAC-SHA256. The first one ran out an hour ago.
        let script = "
            const [laid, relay, key, project, good] = arguments;
            stage(laid, { relay });
            const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
                .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
            const text = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));
            const hash = { name: 'HMAC', hash: 'SHA-256' };
            seen.tokens = [];
            document.querySelector('cue-hook').relayToken = async () => {
                if (seen.tokens.length > 0) return seen.tokens.push('good') && good;
                const exp = Math.floor(Date.now() / 1000) - 3600;
                const head = `${text({ alg: 'HS256', typ: 'JWT' })}.${text({ aud: 'cuehook-relay', origin: location.origin, project, exp })}`;
                const imported = await crypto.subtle.importKey('raw', new TextEncoder().encode(key), hash, false, ['sign']);
                seen.tokens.push('old');
                return `${head}.${base64url(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(head)))}`;
            }";
        let arguments = [relay.address(), TOKEN_KEY.into(), "lake".into(), relay.token(page.server())];
        let project = relayed(json!({}));
        page.call(script, [project].into_iter().chain(arguments.map(Value::from)).collect()).await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.play().await;
        page.click(".cuehook-area").await;
        until_code(page).await;
        assert_eq!(page.events("error").await.len(), 0);
        assert_eq!(page.run("return seen.tokens").await, json!(["old", "good"]));
        let refused = "return seen.received.filter(({ status }) => status === 401).length";
        assert_eq!(page.run(refused).await, 1);
        assert_eq!(page.posts().await.len(), 1);
    });
}

/// A page of another origin has no token of its own, and that of this one is no good there.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_page_of_another_origin_is_refused() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        let relay = Relay::running(page, &page.hook("echo=none"), "").await;
        page.client().goto(&format!("{}{STAGE}", page.other())).await.unwrap();
        laid(page, &relayed(json!({ "timeoutMs": 2000 })), &relay).await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("error").await["code"], "relay-auth");
        assert!(!until_told(page).await.trim().is_empty());
        page.until_playing().await;
        assert_eq!(page.posts().await.len(), 0);
    });
}

/// What the page says in events: a webhook of the relay that is told of clicks.
fn with_events() -> Value {
    let mut project = relayed(json!({}));
    let ledger = json!({ "id": "ledger", "relay": "discount", "events": ["interaction.clicked"] });
    project["webhooks"].as_array_mut().unwrap().push(ledger);
    project["elements"][0]["onClick"] = json!([{ "do": "setVariable", "name": "clicked", "value": "yes" }]);
    project
}

/// Clicks so often, slowly enough for clicks of their own.
async fn clicked(page: &Page, times: usize) {
    for _ in 0..times {
        page.click(".cuehook-area").await;
        pause(crate::page::NO_DOUBLE_CLICK).await;
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn no_event_is_lost_when_the_relay_is_killed() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        page.expect_problem("net::ERR");
        let mut relay = Relay::running(page, &page.hook("echo=none"), "").await;
        opened(page).await;
        laid(page, &with_events(), &relay).await;
        clicked(page, 2).await;
        page.until("return seen.deliveries.some(({ state }) => state === 'delivered')").await;
        relay.kill();
        clicked(page, 3).await;
        page.until("return seen.deliveries.some(({ state }) => state === 'retrying')").await;
        relay.start().await;
        clicked(page, 1).await;
        page.run("document.querySelector('cue-hook').handle.outbox.flush()").await;
        page.until("return document.querySelector('cue-hook').handle.outbox.state.waiting === 0").await;
        let script = "return [...new Set(seen.deliveries.filter(({ state }) => state === 'recorded').flatMap(({ events }) => events))].sort()";
        let recorded = page.run(script).await;
        let held = relay.events("interaction.clicked").await;
        let mut ids: Vec<&str> = held.iter().filter_map(|event| event["id"].as_str()).collect();
        ids.sort_unstable();
        assert_eq!(json!(ids), recorded);
        assert_eq!(ids.len(), 6, "{held:?}");
        assert_eq!(page.posts().await.len(), 0, "events call nobody yet");
    });
}
