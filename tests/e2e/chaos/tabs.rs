//! Several tabs, frozen ones, and those that the browser keeps for the way back.

use super::PATIENCE;
use super::scene::{Scene, fresh, mint, ready};
use cuehook_chromium::{Browser, Tab};
use serde_json::json;
use std::time::Duration;

/// A frozen page may be taken for one that still sends for so long.
const STOLEN: Duration = Duration::from_secs(75);

/// Begins to record on a page without waiting for it.
fn begin(tab: &Tab, count: u32, prefix: &str) {
    tab.run(&format!("globalThis.minting = mint({count}, '{prefix}')")).unwrap();
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn two_tabs_record_and_send_at_once() {
    let scene = Scene::new();
    let (_profile, browser) = fresh();
    let tabs = [scene.open(&browser), scene.open(&browser)];
    let mut minted = super::ledger::Minted::default();
    for (tab, name) in tabs.iter().zip(["one", "two"]) {
        begin(tab, 100, name);
    }
    for tab in &tabs {
        minted.add_all(&tab.run("return minting").unwrap());
    }
    let ledger = scene.queue.until_complete(&minted, PATIENCE);
    assert_eq!(ledger.0["duplicates"], 0, "two tabs have sent the same");
    assert_eq!(ledger.sessions(), 2);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn two_tabs_find_what_a_browser_has_left_behind() {
    let scene = Scene::new();
    scene.queue.close(true);
    let (profile, browser) = fresh();
    let tab = scene.open(&browser);
    let minted = mint(&tab, 100, "event");
    browser.kill().unwrap();
    let browser = Browser::launch(&profile).unwrap();
    // Both are there before the receiver is.
    let _tabs = [scene.open(&browser), scene.open(&browser)];
    scene.queue.close(false);
    let ledger = scene.queue.until_complete(&minted, PATIENCE * 3);
    assert_eq!(ledger.0["duplicates"], 0, "two tabs have sent the same");
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_tab_that_is_frozen_while_it_sends() {
    let scene = Scene::new();
    scene.queue.answer(&json!({ "otherwise": { "hang": true, "lost": "request" } }));
    let (_profile, browser) = fresh();
    let frozen = scene.open(&browser);
    let minted = mint(&frozen, 10, "frozen");
    let other = scene.open(&browser);
    frozen.set_frozen(true).unwrap();
    scene.queue.close(false);
    let minted = minted.and(mint(&other, 10, "other"));
    scene.queue.until_complete(&minted, STOLEN);
    frozen.set_frozen(false).unwrap();
    let minted = minted.and(mint(&frozen, 10, "thawed"));
    scene.queue.until_complete(&minted, PATIENCE);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_page_that_is_left_and_comes_back() {
    let (scene, between) = (Scene::new(), Scene::new());
    scene.queue.close(true);
    let (_profile, browser) = fresh();
    let tab = scene.open(&browser);
    let minted = mint(&tab, 10, "before");
    // Another page of the origin sends what the first one has left behind.
    tab.go(&format!("{}{}", between.queue.server, between.path())).unwrap();
    ready(&tab);
    scene.queue.close(false);
    scene.queue.until_complete(&minted, PATIENCE);
    let elsewhere = mint(&tab, 5, "between");
    between.queue.until_complete(&elsewhere, PATIENCE);
    tab.tell("Runtime.evaluate", &json!({ "expression": "history.back()" })).unwrap();
    tab.until("return globalThis.returned === 1", PATIENCE).expect("the page was not kept for the way back");
    let minted = minted.and(mint(&tab, 10, "after"));
    scene.queue.until_complete(&minted, PATIENCE);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_tab_that_is_closed_sends_what_it_has() {
    let scene = Scene::new();
    let (_profile, browser) = fresh();
    let tab = scene.open(&browser);
    // More than a page may send as it goes is left for the next visit.
    let minted = mint(&tab, 5, "event");
    tab.close().unwrap();
    scene.queue.until_complete(&minted, PATIENCE);
}
