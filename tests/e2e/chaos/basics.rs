//! What every engine can be asked for: a receiver that goes away, and pages that are left.

use super::ledger::{Ledger, Minted};
use crate::http;
use crate::page::{Page, pause};
use crate::support::run;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// The page's path, with a queue of its own.
fn path(page: &Page, queue: &str) -> String {
    format!("/tests/chaos/cuehook.html?queue={queue}&receiver={}", page.other())
}

async fn close(page: &Page, queue: &str, closed: bool) {
    let otherwise = if closed { json!({ "lost": "request" }) } else { json!({}) };
    http::put(page.server(), &format!("/collect/{queue}"), &json!({ "otherwise": otherwise })).await;
}

/// Opens the page and records so many events.
async fn mint(page: &Page, queue: &str, count: u32, prefix: &str) -> Minted {
    page.open(&path(page, queue)).await;
    page.until("return 'ready' in document.documentElement.dataset").await;
    let mut minted = Minted::default();
    minted.add_all(&page.call("return mint(...arguments)", vec![count.into(), prefix.into()]).await);
    minted
}

async fn until_complete(page: &Page, queue: &str, minted: &Minted) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let ledger = Ledger(http::get(page.server(), &format!("/collect/{queue}")).await);
        if ledger.has(minted) || Instant::now() > deadline {
            ledger.check(minted);
            return ledger.0;
        }
        pause(100).await;
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_was_recorded_while_nobody_listened_arrives_after_a_reload() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        let queue = format!("basics-{}-reload", std::process::id());
        close(page, &queue, true).await;
        let minted = mint(page, &queue, 20, "first").await;
        // Whatever a page sends as it is left has been sent when the next one is there.
        page.open("/tests/filmless.html").await;
        close(page, &queue, false).await;
        let minted = minted.and(mint(page, &queue, 5, "second").await);
        until_complete(page, &queue, &minted).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_was_recorded_before_the_page_was_left_arrives_once() {
    run(async |page| {
        let queue = format!("basics-{}-left", std::process::id());
        close(page, &queue, false).await;
        let minted = mint(page, &queue, 20, "first").await;
        let minted = minted.and(mint(page, &queue, 5, "second").await);
        let ledger = until_complete(page, &queue, &minted).await;
        assert_eq!(ledger["held"], 25);
    });
}
