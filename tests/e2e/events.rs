//! Events: what viewers do reaches the webhooks that subscribe to it.

use crate::page::{Page, body};
use crate::support::run;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const OUTBOX: &str = "document.querySelector('cue-hook').handle.outbox";

/// A project with something of each kind to click, and a webhook that is sent `events`.
fn project(url: &str, events: &[&str]) -> Value {
    let at = |left: u32, width: u32| json!({ "left": left, "top": 20, "width": width, "height": 50 });
    json!({
        "cuehook": 1,
        "video": { "id": "lake", "title": "An evening at the lake", "number": 7 },
        "webhooks": [{ "id": "crm", "url": url, "events": events }],
        "elements": [
            { "id": "buy", "kind": "area", "label": "Buy", "records": "cta", "box": at(2, 8) },
            { "id": "note", "kind": "area", "label": "A note", "records": "annotation", "box": at(12, 8) },
            { "id": "tent", "kind": "area", "label": "The tent", "box": at(22, 8) },
            { "id": "contact", "kind": "form", "records": "lead", "box": at(32, 30), "fields": [
                { "name": "mail", "type": "email", "label": "E-mail", "autocomplete": "email" },
            ] },
            { "id": "quiz", "kind": "question", "text": "How many?", "box": at(64, 34),
              "choices": [{ "id": "one", "label": "One" }, { "id": "two", "label": "Two", "correct": true }] },
        ]
    })
}

/// The events that the webhook has received, in the order of their numbers.
async fn received(page: &Page) -> Vec<Value> {
    let mut events: Vec<Value> = page.posts().await.iter().map(body).collect();
    events.sort_by_key(|event| event["data"]["session"]["seq"].as_u64());
    events
}

async fn until_received(page: &Page, count: usize) -> Vec<Value> {
    page.until_posted(count).await;
    received(page).await
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().unwrap()).collect()
}

/// Nothing was left out, and nothing came twice.
fn assert_complete(events: &[Value]) {
    let numbers: Vec<u64> =
        events.iter().map(|event| event["data"]["session"]["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    let ids: BTreeSet<&str> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), events.len());
}

/// What is stored, by its keys.
async fn stored(page: &Page) -> Vec<String> {
    let script = "return indexedDB.databases().then((all) => all.some(({ name }) => name === 'cuehook') ? new Promise((tell) => {
        indexedDB.open('cuehook').onsuccess = ({ target: { result } }) => {
            result.transaction('outbox').objectStore('outbox').getAllKeys().onsuccess = ({ target }) => {
                result.close();
                tell(target.result);
            };
        };
    }) : [])";
    let keys = page.run(script).await;
    keys.as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
}

async fn record(page: &Page, kind: &str) -> Value {
    page.call(
        &format!(
            "return {OUTBOX}.record(arguments[0], {{ sku: 'A-17' }}).catch(({{ code }}) => ({{ code }}))"
        ),
        vec![kind.into()],
    )
    .await
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_a_viewer_does_arrives_as_the_most_specific_event() {
    run(async |page| {
        let all = ["*", "lead.captured", "question.answered"];
        page.stage(&project(&page.hook(""), &all)).await;
        for css in
            ["[data-cuehook-element=buy]", "[data-cuehook-element=note]", "[data-cuehook-element=tent]"]
        {
            page.click(css).await;
        }
        page.click("[data-cuehook-element=contact] input").await;
        page.write("ada@example.org").await;
        crate::page::pause(1_000).await;
        page.press(crate::page::ENTER).await;
        page.click("[data-cuehook-element=quiz] .cuehook-answer:nth-of-type(2) .cuehook-choice").await;
        page.click("[data-cuehook-element=quiz] .cuehook-submit").await;
        let events = until_received(page, 6).await;
        assert_complete(&events);
        let kinds = types(&events);
        for kind in [
            "view.started",
            "cta.clicked",
            "annotation.clicked",
            "interaction.clicked",
            "lead.captured",
            "question.answered",
        ] {
            assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
        }
        let of = |kind: &str| &events.iter().find(|event| event["type"] == kind).unwrap()["data"];
        assert_eq!(of("lead.captured")["lead"]["email"], "ada@example.org");
        assert_eq!(of("question.answered")["question"]["correct"], true);
        assert_eq!(of("cta.clicked")["interaction"]["label"], "Buy");
        assert_eq!(of("cta.clicked")["video"]["number"], 7);
        // There is one id for the event and for its delivery.
        for post in page.posts().await {
            assert_eq!(post["headers"]["webhook-id"], body(&post)["id"]);
        }
        page.until(&format!("return {OUTBOX}.state.waiting === 0 && {OUTBOX}.state.delivered === 6")).await;
        let left = stored(page).await;
        assert!(!left.iter().any(|key| key.starts_with("event/")), "{left:?}");
        let reports =
            page.run("return seen.deliveries.map(({ state, webhook }) => `${state} ${webhook}`)").await;
        assert!(reports.as_array().unwrap().contains(&json!("delivered crm")), "{reports}");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_view_starts_with_playing_and_ends_with_the_page() {
    run(async |page| {
        page.stage(&project(&page.hook(""), &["view.*"])).await;
        page.until("return document.querySelector('video').currentTime > 1").await;
        page.open("/tests/filmless.html").await;
        let events = until_received(page, 2).await;
        assert_complete(&events);
        assert_eq!(types(&events), ["view.started", "view.ended"]);
        let ended = &events[1]["data"];
        assert_eq!(ended["view"]["id"], events[0]["data"]["view"]["id"]);
        assert_eq!(ended["reason"], "left");
        let seconds = ended["watched"]["seconds"].as_f64().unwrap();
        assert!((0.5..20.0).contains(&seconds), "{ended}");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_page_without_subscriptions_downloads_nothing_for_events() {
    run(async |page| {
        let mut quiet = project(&page.hook(""), &[]);
        quiet["webhooks"][0].as_object_mut().unwrap().remove("events");
        page.stage(&quiet).await;
        page.click("[data-cuehook-element=buy]").await;
        assert_eq!(record(page, "cart.added").await["code"], "config-invalid");
        assert_eq!(page.run(&format!("return {OUTBOX}.state.storage")).await, "none");
        let fetched = "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('outbox')).length";
        assert_eq!(page.run(fetched).await, 0);
        assert_eq!(stored(page).await, Vec::<String>::new());
        assert_eq!(page.run("return sessionStorage.getItem('cuehook.session')").await, Value::Null);
        assert_eq!(page.posts().await, Vec::<Value>::new());
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_session_goes_on_after_a_reload_and_its_numbers_too() {
    run(async |page| {
        let project = project(&page.hook(""), &["cart.*"]);
        page.stage(&project).await;
        assert!(record(page, "cart.added").await.is_string());
        page.until_posted(1).await;
        page.stage(&project).await;
        let id = record(page, "cart.emptied").await;
        let events = until_received(page, 2).await;
        assert_complete(&events);
        assert_eq!(events[1]["id"], id);
        assert_eq!(events[0]["data"]["session"]["id"], events[1]["data"]["session"]["id"]);
        assert_eq!(events[1]["data"]["properties"], json!({ "sku": "A-17" }));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_execute_webhook_names_the_same_session() {
    run(async |page| {
        let mut project = project(&page.hook(""), &["cart.*"]);
        project["elements"][0]["onClick"] = json!([{ "do": "executeWebhook", "webhook": "crm" }]);
        page.stage(&project).await;
        record(page, "cart.added").await;
        page.click("[data-cuehook-element=buy]").await;
        page.until_posted(2).await;
        let sessions: BTreeSet<String> = page
            .posts()
            .await
            .iter()
            .map(|post| {
                let body = body(post);
                let session = [&body["session"]["id"], &body["data"]["session"]["id"]];
                session.iter().find_map(|id| id.as_str()).unwrap().to_owned()
            })
            .collect();
        assert_eq!(sessions.len(), 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_was_recorded_offline_arrives_on_the_next_visit() {
    run(async |page| {
        let project = project(&page.hook(""), &["cart.*", "cta.*"]);
        page.stage(&project).await;
        // The first recording loads what there is to load.
        record(page, "cart.added").await;
        page.until_posted(1).await;
        page.until(&format!("return {OUTBOX}.state.delivered === 1")).await;
        page.expect_problem("ERR_INTERNET_DISCONNECTED");
        page.offline(true).await;
        let id = record(page, "cart.emptied").await;
        page.click("[data-cuehook-element=buy]").await;
        page.until(&format!("return {OUTBOX}.state.waiting === 2")).await;
        let keys = stored(page).await;
        assert!(keys.iter().any(|key| key.contains(id.as_str().unwrap())), "{keys:?}");
        page.client().goto("about:blank").await.unwrap();
        page.offline(false).await;
        page.stage(&project).await;
        // What a browser sends as the page is left may arrive although this page never hears of it: it comes once more, and is the same.
        let mut events = until_received(page, 3).await;
        for _ in 0..200 {
            events.dedup();
            if events.len() >= 3 {
                break;
            }
            crate::page::pause(50).await;
            events = received(page).await;
        }
        assert_complete(&events);
        assert_eq!(types(&events), ["cart.added", "cart.emptied", "cta.clicked"]);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn without_consent_nothing_is_stored_or_sent() {
    run(async |page| {
        let project = project(&page.hook(""), &["*"]);
        page.open("/tests/stage.html").await;
        page.lay_with(&project, json!({ "consent": "denied" }), "").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.play().await;
        page.click("[data-cuehook-element=buy]").await;
        assert_eq!(record(page, "cart.added").await["code"], "aborted");
        assert_eq!(stored(page).await, Vec::<String>::new());
        assert_eq!(page.run("return sessionStorage.getItem('cuehook.session')").await, Value::Null);
        assert_eq!(page.posts().await, Vec::<Value>::new());
        // What happens from then on is told, and nothing from before.
        page.run("document.querySelector('cue-hook').consent = 'granted'").await;
        page.click("[data-cuehook-element=note]").await;
        let events = until_received(page, 2).await;
        assert_complete(&events);
        assert!(!types(&events).contains(&"cta.clicked"), "{events:?}");
        // What waits is deleted, and what is under way is all that still comes.
        page.expect_problem("ERR_INTERNET_DISCONNECTED");
        page.offline(true).await;
        page.click("[data-cuehook-element=tent]").await;
        page.until(&format!("return {OUTBOX}.state.waiting > 0")).await;
        page.run("document.querySelector('cue-hook').setAttribute('consent', 'denied')").await;
        page.until("return sessionStorage.getItem('cuehook.session') === null").await;
        for _ in 0..100 {
            if stored(page).await.is_empty() {
                break;
            }
            crate::page::pause(50).await;
        }
        assert_eq!(stored(page).await, Vec::<String>::new());
        page.offline(false).await;
        crate::page::pause(1_500).await;
        assert!(!types(&received(page).await).contains(&"interaction.clicked"));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_page_says_who_watches() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.lay(&project(&page.hook(""), &["cart.*"])).await;
        record(page, "cart.added").await;
        page.run("document.querySelector('cue-hook').viewer = { id: '17', email: 'ada@example.org' }").await;
        record(page, "cart.changed").await;
        page.run(&format!("{OUTBOX}.viewer = null")).await;
        record(page, "cart.emptied").await;
        let viewers: Vec<Value> =
            until_received(page, 3).await.iter().map(|event| event["data"]["viewer"].clone()).collect();
        assert_eq!(viewers, [Value::Null, json!({ "id": "17", "email": "ada@example.org" }), Value::Null]);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn defaults_say_what_the_document_leaves_out() {
    run(async |page| {
        let mut project = project(&page.hook(""), &[]);
        project["webhooks"][0].as_object_mut().unwrap().remove("events");
        project["defaults"] = "/tests/defaults.json".into();
        page.stage(&project).await;
        record(page, "cart.added").await;
        page.click("[data-cuehook-element=buy]").await;
        record(page, "cart.emptied").await;
        let events = until_received(page, 2).await;
        assert_complete(&events);
        assert_eq!(types(&events), ["cart.added", "cart.emptied"]);
        assert_eq!(page.posts().await[0]["headers"]["x-account"], "7");
        // Those of the page go before the address in the document.
        let script = "const video = document.querySelector('video');
            document.querySelector('cue-hook').handle.destroy();
            return Cuehook.attach(video, arguments[0], { defaults: arguments[1] })
                .then(({ outbox }) => outbox.record('trip.booked'))";
        let defaults = json!({ "cuehook": 1, "webhooks": [{ "id": "crm", "events": ["trip.*"] }] });
        page.call(script, vec![project, defaults]).await;
        assert_eq!(types(&until_received(page, 3).await)[2], "trip.booked");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_page_records_events_of_its_own() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let project = project(&page.hook(""), &["cart.*"]);
        page.lay_with(&project, json!({}), "").await;
        // Before the instance is ready it waits.
        let early = "return customElements.whenDefined('cue-hook').then(async () => {
            const cue = document.querySelector('cue-hook');
            while (!cue.handle) await new Promise((go) => setTimeout(go));
            return cue.handle.outbox.record('cart.added', { early: true });
        })";
        let id = page.run(early).await;
        assert_eq!(until_received(page, 1).await[0]["id"], id);
        for (arguments, code) in [
            ("'cart'", "config-invalid"),
            ("'lead.captured'", "config-invalid"),
            ("'cart.added', [1]", "config-invalid"),
            ("'cart.added', { text: 'x'.repeat(40_000) }", "too-large"),
        ] {
            let script =
                format!("return {OUTBOX}.record({arguments}).catch(({{ name, code }}) => [name, code])");
            assert_eq!(page.run(&script).await, json!(["CuehookError", code]), "{arguments}");
        }
        assert_eq!(page.posts().await.len(), 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn purge_forgets_what_waits() {
    run(async |page| {
        page.expect_problem("503");
        page.stage(&project(&page.hook("status=503"), &["cart.*"])).await;
        record(page, "cart.added").await;
        page.until_posted(1).await;
        assert!(stored(page).await.iter().any(|key| key.starts_with("event/")));
        page.run(&format!("return {OUTBOX}.purge()")).await;
        assert!(!stored(page).await.iter().any(|key| key.starts_with("event/")), "{:?}", stored(page).await);
        assert_eq!(page.run(&format!("return {OUTBOX}.state.waiting")).await, 0);
        crate::page::pause(3_000).await;
        assert_eq!(page.posts().await.len(), 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn where_storage_is_denied_events_are_sent_at_once() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.run(
            "const denied = { get() { throw new DOMException('denied', 'SecurityError') } };
             for (const name of ['indexedDB', 'sessionStorage']) Object.defineProperty(window, name, denied);
             Object.defineProperty(navigator, 'locks', { value: undefined })",
        )
        .await;
        page.lay(&project(&page.hook(""), &["cart.*"])).await;
        assert_eq!(record(page, "cart.added").await.as_str().map(str::len), Some(36));
        assert_eq!(page.run(&format!("return {OUTBOX}.state.storage")).await, "volatile");
        assert_eq!(types(&until_received(page, 1).await), ["cart.added"]);
        page.run(&format!("return {OUTBOX}.purge()")).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_fault_of_the_outbox_leaves_the_film_alone_and_is_told_once() {
    run(async |page| {
        page.expect_problem("The outbox has failed");
        let project = project(&page.hook(""), &["cart.*"]);
        page.open("/tests/stage.html").await;
        page.run(
            "const { parse } = JSON;
             globalThis.break = () => {
                JSON.parse = (text) => {
                    if (!text.startsWith('[[')) return parse(text);
                    JSON.parse = parse;
                    throw new Error('planted');
                };
             }",
        )
        .await;
        page.lay(&project).await;
        page.play().await;
        record(page, "cart.added").await;
        page.until_posted(1).await;
        page.run("globalThis.break()").await;
        record(page, "cart.lost").await;
        page.until(
            "return seen.deliveries.some(({ state, reason }) => state === 'lost' && reason === 'internal')",
        )
        .await;
        assert!(record(page, "cart.emptied").await.is_string());
        page.until("return document.querySelector('cue-hook').handle.outbox.state.delivered >= 1").await;
        page.until_playing().await;
        let events = received(page).await;
        assert!(types(&events).contains(&"cart.emptied"), "{events:?}");
    });
}
