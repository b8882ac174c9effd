//! Browsers that are killed, pages that crash, networks that go away: what was recorded arrives, and once.
//!
//! The invariant of all tests: what a page has minted is delivered, is given up as undeliverable, or is reported lost; and no
//! event comes under two ids. The page says what it has minted while it does so, the collector of the development server
//! says what it holds.
//!
//! `CUEHOOK_CHAOS=full` (`cargo xtask test --full`) kills ten times instead of once.

mod basics;
mod denied;
mod harness;
mod killed;
pub mod ledger;
mod network;
pub mod scene;
mod tabs;

use std::time::Duration;

/// How long deliveries of a second visit may take. Nothing waits this long unless the test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a browser or a page is killed.
fn kills() -> u32 {
    match std::env::var("CUEHOOK_CHAOS").as_deref() {
        Ok("full") => 10,
        _ => 1,
    }
}
