//! The demo's events: what waits in the browser, what the receiver holds, and what becomes of it without network.

use crate::page::Page;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};

/// Runs a test while no other one of these runs: the demo has one receiver.
fn run(test: impl AsyncFnOnce(&Page)) {
    static ONE: Mutex<()> = Mutex::new(());
    let _turn = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    crate::support::run(test);
}

async fn opened(page: &Page, width: u32) {
    page.resize(width, 900).await;
    page.open_watched("/?story=events").await;
    page.run("return fetch('/collect/demo', { method: 'DELETE' }).then((response) => response.text())").await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
    page.until("return document.querySelector('#start:not([hidden])')").await;
    page.click("#tab-outbox").await;
    page.until("return document.querySelector('#outbox-facts dd')").await;
}

/// Goes to the canoe, whose click is a call to action, and clicks it.
async fn click_canoe(page: &Page) {
    page.click("#steps [data-element=canoe]").await;
    let css = "[data-cuehook-element=canoe]";
    page.until(&format!(
        "const v = document.querySelector('video');
         return !v.seeking && v.currentTime > 3.6 && document.querySelector('{css}').checkVisibility()"
    ))
    .await;
    page.click(css).await;
    page.until("return document.querySelector('[data-cuehook-element=rented]').checkVisibility()").await;
}

/// Waits until the panel says so of an event.
async fn until_listed(page: &Page, kind: &str, place: &str) {
    page.until(&format!(
        "return [...document.querySelectorAll('#outbox-events tr')]
            .some((row) => row.textContent.includes('{kind}') && row.textContent.includes('{place}'))"
    ))
    .await;
}

/// Waits until the panel says that an event is here, whether it has been tried or not.
async fn until_here(page: &Page, kind: &str) {
    page.until(&format!(
        "return [...document.querySelectorAll('#outbox-events tr')]
            .some((row) => row.textContent.includes('{kind}') && /in this browser|tried again/.test(row.textContent))"
    ))
    .await;
}

/// What the receiver holds of a type.
async fn held(page: &Page, kind: &str) -> Vec<Value> {
    let script = "return fetch('/collect/demo').then((response) => response.json())";
    let held = page.run(script).await;
    let events = held["events"].as_array().cloned().unwrap_or_default();
    events.into_iter().filter(|event| event["type"] == kind).collect()
}

async fn without(page: &Page, switch: &str) {
    page.click(&format!("#{switch}")).await;
    click_canoe(page).await;
    until_here(page, "cta.clicked").await;
    page.until("return Number(document.querySelector('#outbox-facts b').textContent) > 0").await;
    assert_eq!(held(page, "cta.clicked").await, [] as [Value; 0]);
    page.click(&format!("#{switch}")).await;
    page.click("#flush").await;
    until_listed(page, "cta.clicked", "delivered").await;
    page.until("return document.querySelector('#outbox-facts').textContent.includes('none missing')").await;
    assert_eq!(held(page, "cta.clicked").await.len(), 1);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn events_wait_while_there_is_no_network() {
    run(async |page| {
        opened(page, 1440).await;
        without(page, "offline").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn events_wait_while_the_receiver_is_down() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        opened(page, 375).await;
        without(page, "down").await;
    });
}

/// Who signs without network and leaves is in the ledger after the next visit, once, and with what was typed.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_one_visit_could_not_send_the_next_one_does() {
    run(async |page| {
        opened(page, 1440).await;
        page.click("#offline").await;
        page.click("#steps [data-element=guest]").await;
        page.until("return document.querySelector('[data-cuehook-element=guest] input')?.checkVisibility()")
            .await;
        page.click("[data-cuehook-element=guest] input").await;
        page.write("Ada").await;
        page.press(crate::page::TAB).await;
        page.write("ada@lake.example").await;
        // Nobody fills in a form as fast as this driver, so it is told to try once more.
        page.until(
            "document.querySelector('[data-cuehook-element=guest] form button[type=submit], [data-cuehook-element=guest] form button').click();
             return document.querySelector('[data-cuehook-element=signed]')?.checkVisibility()",
        )
        .await;
        until_here(page, "lead.captured").await;
        assert_eq!(held(page, "lead.captured").await, [] as [Value; 0]);
        page.client().refresh().await.unwrap();
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.click("#tab-outbox").await;
        until_listed(page, "lead.captured", "delivered").await;
        let leads = held(page, "lead.captured").await;
        assert_eq!(leads.len(), 1);
        assert_eq!((&leads[0]["times"], &leads[0]["bodies"]), (&json!(1), &json!(1)));
    });
}
