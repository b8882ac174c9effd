//! The harness kills what it says, and sees what is lost: tried on a sender of 50 lines.

use super::PATIENCE;
use super::ledger::Queue;
use super::scene::mint;
use cuehook_chromium::{Browser, Profile, Tab};
use std::time::Duration;

fn open(browser: &Browser, queue: &Queue, keep: &str) -> Tab {
    let url = format!("{}/tests/chaos/plain.html?queue={}&keep={keep}", queue.server, queue.name);
    browser.tab(&url).unwrap()
}

/// What is lost of events that a page has recorded, when its browser or its process is killed and it is visited again.
fn lost(keep: &str, kill_browser: bool) -> Vec<String> {
    let (queue, profile) = (Queue::new(), Profile::new().unwrap());
    queue.close(true);
    let browser = Browser::launch(&profile).unwrap();
    let tab = open(&browser, &queue, keep);
    let minted = mint(&tab, 50, "event");
    let browser = if kill_browser {
        let said = browser.kill().unwrap();
        assert_eq!(said.len(), 50, "all that the page has said is known after its end");
        Browser::launch(&profile).unwrap()
    } else {
        tab.crash().unwrap();
        browser
    };
    assert_eq!(queue.ledger().0["held"], 0);
    queue.close(false);
    let _second = open(&browser, &queue, keep);
    if keep == "storage" {
        queue.until_complete(&minted, PATIENCE);
    } else {
        std::thread::sleep(Duration::from_secs(1));
    }
    queue.ledger().faults(&minted)
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_is_stored_outlives_browser_and_page() {
    assert_eq!(lost("storage", true), Vec::<String>::new());
    assert_eq!(lost("storage", false), Vec::<String>::new());
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_is_only_remembered_is_seen_to_be_lost() {
    for kill_browser in [true, false] {
        let faults = lost("memory", kill_browser);
        assert!(faults.len() == 1 && faults[0].starts_with("50 of 50 are lost"), "{faults:?}");
    }
}
