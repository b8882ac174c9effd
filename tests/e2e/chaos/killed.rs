//! Browsers that are killed and pages that crash, right after an event was recorded and while events are being recorded.

use super::scene::{Scene, fresh, heard, mint};
use super::{PATIENCE, kills};
use cuehook_chromium::Browser;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const EVENTS: u32 = 200;

/// Records while nobody can be reached, then ends; a second visit delivers all of it.
fn ended(kill_browser: bool, webhook: Value) {
    for _ in 0..kills() {
        let scene = Scene { webhook: webhook.clone(), ..Scene::new() };
        scene.queue.close(true);
        let (profile, browser) = fresh();
        let tab = scene.open(&browser);
        let minted = mint(&tab, EVENTS, "event");
        let browser = if kill_browser {
            browser.kill().unwrap();
            Browser::launch(&profile).unwrap()
        } else {
            tab.crash().unwrap();
            browser
        };
        assert_eq!(scene.queue.ledger().0["held"], 0);
        scene.recovered(&browser, &minted);
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_browser_right_after_its_events_were_recorded() {
    ended(true, json!({}));
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_page_right_after_its_events_were_recorded() {
    ended(false, json!({}));
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_browser_whose_events_leave_in_batches() {
    ended(true, json!({ "batch": true }));
}

/// Kills it in the middle, with a receiver that answers and a film that plays. What was recorded by then has been said, and is
/// no more lost than what was under way; the view that has been cut off is ended by the second visit.
fn in_the_middle(kill_browser: bool) {
    for kill in 0..kills() {
        let mut scene = Scene::new();
        let (profile, browser) = fresh();
        let tab = scene.open(&browser);
        tab.run("await document.querySelector('video').play(); void mint(100_000, 'event')").unwrap();
        let mut said = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while said.len() < 100 + 17 * kill as usize {
            said.extend(tab.said().unwrap());
            assert!(Instant::now() < deadline, "only {} were recorded", said.len());
        }
        let browser = if kill_browser {
            said.extend(browser.kill().unwrap());
            Browser::launch(&profile).unwrap()
        } else {
            tab.crash().unwrap();
            said.extend(tab.said().unwrap());
            browser
        };
        let (mut minted, mut told) = heard(&said);
        assert!(minted.marks.len() > 10, "{}", minted.marks.len());
        minted.ids = told.ids("recorded");
        // A view of which nothing is heard is taken for left after half an hour: another tab may still show it.
        scene.later = 31 * 60 * 1_000;
        let tab = scene.recovered(&browser, &minted);
        told = heard(&tab.said().unwrap()).1;
        assert_eq!((told.ids("dead").len(), told.ids("lost").len()), (0, 0));
        assert_views_ended(&scene);
    }
}

/// Each view that has started has ended once.
fn assert_views_ended(scene: &Scene) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let ledger = scene.queue.ledger();
        let count = |kind: &str| ledger.events().iter().filter(|event| event["type"] == kind).count();
        let (started, ended) = (count("view.started"), count("view.ended"));
        if started > 0 && started == ended {
            return;
        }
        assert!(Instant::now() < deadline, "{started} views have started, {ended} have ended");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_browser_while_events_are_recorded() {
    in_the_middle(true);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_page_while_events_are_recorded() {
    in_the_middle(false);
}
