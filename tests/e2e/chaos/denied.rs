//! Pages that may not store, or have no room to.

use super::PATIENCE;
use super::ledger::Told;
use super::scene::{Scene, hear, mint, ready};
use cuehook_chromium::{Browser, Profile, Tab};
use std::collections::BTreeSet;

/// The page in a frame of a page of another site, and the tab around it.
fn framed(scene: &Scene, browser: &Browser, more: &str) -> (Tab, Tab) {
    let page = format!("{}{}", scene.queue.server, scene.path()).replace('%', "%25").replace('&', "%26");
    let around = scene.queue.server.replace("127.0.0.1", "localhost");
    let tab = browser.tab(&format!("{around}/tests/chaos/frame.html?page={page}{more}")).unwrap();
    let frame = tab.frame().unwrap();
    ready(&frame);
    (tab, frame)
}

/// How what is recorded is kept, once that is known.
fn assert_storage(tab: &Tab, expected: &str) {
    tab.until(&format!("return handle.outbox.state.storage === '{expected}'"), PATIENCE).unwrap();
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_frame_of_another_site_that_may_store() {
    let scene = Scene::new();
    scene.queue.close(true);
    let profile = Profile::new().unwrap();
    let browser = Browser::launch(&profile).unwrap();
    let (_tab, frame) = framed(&scene, &browser, "");
    assert_storage(&frame, "durable");
    let minted = mint(&frame, 20, "event");
    browser.kill().unwrap();
    let browser = Browser::launch(&profile).unwrap();
    scene.queue.close(false);
    // What is stored belongs to the two sites together.
    let _again = framed(&scene, &browser, "");
    scene.queue.until_complete(&minted, PATIENCE);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_frame_of_another_site_that_may_not() {
    let scene = Scene::new();
    let profile = Profile::without_storage_on("localhost").unwrap();
    let browser = Browser::launch(&profile).unwrap();
    let (tab, frame) = framed(&scene, &browser, "");
    assert_storage(&frame, "volatile");
    let minted = mint(&frame, 20, "event");
    scene.queue.until_complete(&minted, PATIENCE);
    // What was recorded just before the frame goes is sent as it goes.
    let minted = minted.and(mint(&frame, 3, "last"));
    tab.run("document.querySelector('iframe').remove()").unwrap();
    scene.queue.until_complete(&minted, PATIENCE);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_sandboxed_frame() {
    let scene = Scene::new();
    let profile = Profile::new().unwrap();
    let browser = Browser::launch(&profile).unwrap();
    let (_tab, frame) = framed(&scene, &browser, "&sandbox=allow-scripts");
    assert_eq!(frame.run("return globalThis.origin").unwrap(), "null");
    assert_storage(&frame, "volatile");
    let minted = mint(&frame, 20, "event");
    scene.queue.until_complete(&minted, PATIENCE);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn storage_that_is_full() {
    let scene = Scene::new();
    let profile = Profile::new().unwrap();
    let browser = Browser::launch(&profile).unwrap();
    // Before there is a database: what browsers know of the room they have is seldom looked at again.
    let tab = browser.tab("about:blank").unwrap();
    tab.set_quota(&scene.queue.server, Some(1_000_000)).unwrap();
    tab.go(&format!("{}{}", scene.queue.server, scene.path())).unwrap();
    ready(&tab);
    let minted = mint(&tab, 5, "before");
    scene.queue.until_complete(&minted, PATIENCE);
    scene.queue.close(true);
    let found = tab.run("padding = 'x'.repeat(20_000); return attempt(60, 'full')").unwrap();
    let refused = found["refused"].as_array().unwrap();
    let (mut all, mut told) = (minted, Told::default());
    all.add_all(&found["minted"]);
    assert!(!refused.is_empty(), "there was room");
    let is_told = |one: &serde_json::Value| one[1] == "storage-full" || one[1] == "late";
    assert!(refused.iter().all(is_told), "{refused:?}");
    told.join(hear(&tab).1);
    // What there was no room for is sent from memory, unless it is reported lost.
    scene.queue.close(false);
    tab.set_quota(&scene.queue.server, None).unwrap();
    // It is tried again only after a while, so some of these may be refused, too.
    all.add_all(&tab.run("return attempt(5, 'after')").unwrap()["minted"]);
    // Every one of them is delivered, or reported lost.
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        told.join(hear(&tab).1);
        let ledger = scene.queue.ledger();
        let held: BTreeSet<&str> =
            ledger.events().iter().map(|event| event["id"].as_str().unwrap()).collect();
        let lost = told.ids("lost");
        let missing: Vec<&String> = all
            .marks
            .iter()
            .filter(|(_, id)| !held.contains(id.as_str()) && !lost.contains(*id))
            .map(|(mark, _)| mark)
            .collect();
        let of_full = ledger.with_prefix("full") + lost.len();
        if missing.is_empty() && of_full >= 60 {
            assert!(held.iter().all(|id| !lost.contains(*id)), "one is held and reported lost");
            return;
        }
        assert!(
            std::time::Instant::now() < deadline,
            "neither delivered nor reported: {missing:?}; {of_full} of 60, {} of them lost",
            lost.len()
        );
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}
