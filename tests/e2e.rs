//! The whole thing in a real browser: real pages, a real film, trusted clicks and keys, real requests.
//!
//! `cargo xtask test --only e2e` builds the package, starts server and driver, and runs these tests.

#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "e2e/bench.rs"]
mod bench;
#[path = "e2e/blocked.rs"]
mod blocked;
#[path = "e2e/chains.rs"]
mod chains;
#[path = "e2e/demo.rs"]
mod demo;
#[path = "e2e/faults.rs"]
mod faults;
#[path = "e2e/http.rs"]
mod http;
#[path = "e2e/keyboard.rs"]
mod keyboard;
#[path = "e2e/layout.rs"]
mod layout;
#[path = "e2e/lifecycle.rs"]
mod lifecycle;
#[path = "e2e/markup.rs"]
mod markup;
#[path = "e2e/notices.rs"]
mod notices;
#[path = "e2e/overlap.rs"]
mod overlap;
#[path = "e2e/page.rs"]
mod page;
#[path = "e2e/playback.rs"]
mod playback;
#[path = "e2e/playground.rs"]
mod playground;
#[path = "e2e/request.rs"]
mod request;
#[path = "e2e/security.rs"]
mod security;
#[path = "e2e/start.rs"]
mod start;
#[path = "e2e/support.rs"]
mod support;
#[path = "e2e/templates.rs"]
mod templates;
