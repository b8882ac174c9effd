//! The two ways from the demo to its webhook: the relay adds what the page does not know, and directly nothing is added.

use crate::demo::{opened, scene};
use crate::http;
use crate::page::Page;
use crate::support::run;
use serde_json::Value;

/// Clicks the tent, waits for the answer, and gives the request as it was received.
async fn click_tent(page: &Page) -> Value {
    let before = page.events("settled").await.len();
    scene(page, "tent").await;
    assert_eq!(page.nth_event("settled", before + 1).await["outcome"], "ok");
    let id = page.run("return seen.named('request').at(-1).headers['webhook-id']").await;
    let log = http::get(page.server(), "/webhook-log").await;
    let is_it = |entry: &&Value| entry["method"] == "POST" && entry["headers"]["webhook-id"] == id;
    log.as_array().unwrap().iter().find(is_it).unwrap().clone()
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn it_shows_what_the_relay_adds_and_does_not_know_it() {
    run(async |page| {
        opened(page, 1440).await;
        let received = click_tent(page).await;
        let secret = received["headers"]["x-shop-key"].as_str().unwrap().to_owned();
        assert!(secret.len() >= 32, "it has a secret");
        page.until("return document.querySelector('#panel-request .relayed')").await;
        let inspector = page.text("#panel-request").await;
        for part in
            ["X-Shop-Key", "secret, added by the relay", "/v1/call/lake.discount", "/webhook-test?echo=none"]
        {
            assert!(inspector.contains(part), "{part}: {inspector}");
        }
        assert!(page.text("#path .relay").await.contains("adds a secret"));
        // Also what the page asks the server about the request tells no more.
        page.click("#panel-request .more summary").await;
        page.until("return document.querySelector('#panel-request .more').textContent.includes('(hidden)')")
            .await;
        let everything =
            page.run("return JSON.stringify([document.documentElement.outerHTML, seen.events])").await;
        assert!(!everything.as_str().unwrap().contains(&secret));
        let told = page.run("return fetch('/relay.json').then((response) => response.text())").await;
        assert!(told.as_str().unwrap().contains("X-Shop-Key") && !told.as_str().unwrap().contains(&secret));
    });
}

/// Nobody has stored what became of the first attempt: trying again is the same request.
async fn campfire(page: &Page) {
    let before = page.events("settled").await.len();
    scene(page, "campfire").await;
    assert_eq!(page.nth_event("settled", before + 1).await["outcome"], "timeout");
    page.until("return document.querySelector('.cuehook-retry')").await;
    page.click(".cuehook-retry").await;
    assert_eq!(page.nth_event("settled", before + 2).await["outcome"], "ok");
    let ids =
        page.run("return seen.named('request').slice(-2).map(({ headers }) => headers['webhook-id'])").await;
    assert_eq!(ids[0], ids[1]);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn directly_there_is_no_secret() {
    run(async |page| {
        opened(page, 500).await;
        page.run(
            "const way = document.querySelector('#way');
             way.value = 'direct';
             way.dispatchEvent(new Event('change'))",
        )
        .await;
        page.until("return document.querySelector('#way-says').textContent.startsWith('Directly')").await;
        let received = click_tent(page).await;
        assert_eq!(received["headers"]["x-shop"], "northlight");
        assert_eq!(received["headers"]["x-shop-key"], Value::Null);
        let url = page.run("return seen.named('request').at(-1).url").await;
        assert_eq!(url, format!("{}/webhook-test?echo=none", page.server()));
        assert!(!page.is_visible("#panel-request .relayed").await);
        campfire(page).await;
    });
}
