//! Networks and receivers that go away.

use super::PATIENCE;
use super::ledger::Minted;
use super::scene::{Scene, fresh, hear, mint};
use cuehook_chromium::Browser;
use serde_json::json;

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_visit_without_network_then_another_one() {
    let scene = Scene::new();
    let (profile, browser) = fresh();
    let tab = scene.open(&browser);
    tab.set_offline(true).unwrap();
    tab.run("await document.querySelector('video').play().catch(() => {})").unwrap();
    let mut minted = mint(&tab, 100, "offline");
    for area in ["more", "buy"] {
        tab.click(&format!("[data-cuehook-element={area}]")).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(600));
    }
    minted.ids = hear(&tab).1.ids("recorded");
    assert!(minted.ids.len() > 100, "clicks are events, too: {}", minted.ids.len());
    // What is taken from a tab by DevTools comes back as it closes.
    scene.queue.close(true);
    tab.close().unwrap();
    browser.close().unwrap();
    scene.queue.close(false);
    let browser = Browser::launch(&profile).unwrap();
    let tab = scene.open(&browser);
    let ledger = scene.queue.until_complete(&minted, PATIENCE);
    assert_eq!(ledger.0["duplicates"], 0, "nobody was there to take an event without saying so");
    drop(tab);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_network_that_comes_back() {
    let scene = Scene::new();
    let (_profile, browser) = fresh();
    let tab = scene.open(&browser);
    let mut minted = mint(&tab, 5, "before");
    tab.set_offline(true).unwrap();
    minted = minted.and(mint(&tab, 20, "offline"));
    tab.set_offline(false).unwrap();
    minted = minted.and(mint(&tab, 5, "after"));
    scene.queue.until_complete(&minted, PATIENCE);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_receiver_whose_answers_get_lost() {
    let scene = Scene::new();
    scene
        .queue
        .answer(&json!({ "answers": [{ "lost": "response", "times": 5 }, { "status": 503, "times": 3 }] }));
    let (_profile, browser) = fresh();
    let tab = scene.open(&browser);
    let minted = mint(&tab, 10, "event");
    let ledger = scene.queue.until_complete(&minted, PATIENCE);
    assert_ne!(ledger.0["duplicates"], 0, "what was not acknowledged has come again, and under the same id");
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_receiver_that_hangs_while_the_browser_is_killed() {
    let scene = Scene::new();
    scene.queue.answer(&json!({ "otherwise": { "hang": true, "lost": "request" } }));
    let (profile, browser) = fresh();
    let tab = scene.open(&browser);
    let minted = mint(&tab, 20, "event");
    browser.kill().unwrap();
    let browser = Browser::launch(&profile).unwrap();
    scene.recovered(&browser, &minted);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_receiver_that_loses_events_can_say_which() {
    let scene = Scene::new();
    let (_profile, browser) = fresh();
    let tab = scene.open(&browser);
    scene.queue.until_complete(&mint(&tab, 3, "held"), PATIENCE);
    scene.queue.answer(&json!({ "answers": [{ "forget": true, "times": 2 }] }));
    let _ = mint(&tab, 2, "forgotten");
    let minted = mint(&tab, 2, "later");
    let ledger = scene.queue.until(|ledger| ledger.has(&minted), PATIENCE);
    assert_eq!(ledger.missing_numbers(), [4, 5]);
    assert_eq!(ledger.gaps().len(), 1);
    // The last numbers of a session are missed only once another event comes.
    scene.queue.answer(&json!({ "answers": [{ "forget": true }] }));
    let forgotten = mint(&tab, 1, "last");
    tab.until("return handle.outbox.state.waiting === 0", PATIENCE).unwrap();
    let ledger = scene.queue.ledger();
    assert!(!ledger.has(&forgotten));
    assert_eq!(ledger.missing_numbers(), [4, 5]);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_receiver_that_refuses() {
    let scene = Scene::new();
    scene.queue.answer(&json!({ "answers": [{ "verdicts": ["drop"], "times": 3 }] }));
    let (_profile, browser) = fresh();
    let tab = scene.open(&browser);
    let minted = mint(&tab, 6, "event");
    let mut told = super::ledger::Told::default();
    tab.until("return handle.outbox.state.waiting === 0", PATIENCE).unwrap();
    told.join(hear(&tab).1);
    let dead = told.ids("dead");
    assert_eq!(dead.len(), 3, "{told:?}");
    let kept = minted.marks.into_iter().filter(|(_, id)| !dead.contains(id)).collect();
    let kept = Minted { marks: kept, ..Minted::default() };
    let ledger = scene.queue.until(|ledger| ledger.has(&kept), PATIENCE);
    assert_eq!(ledger.events().len() + dead.len(), 6, "delivered or given up");
}
