//! The shell in a real browser.
#![cfg(target_arch = "wasm32")]
#![allow(
    missing_docs,
    clippy::new_without_default,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "web/errors.rs"]
pub mod errors;
#[path = "web/events.rs"]
pub mod events;
#[path = "web/fetch.rs"]
pub mod fetch;
#[path = "web/layout.rs"]
pub mod layout;
#[path = "web/lifecycle.rs"]
pub mod lifecycle;
#[path = "web/locale.rs"]
pub mod locale;
#[path = "web/plan.rs"]
pub mod plan;
#[path = "web/playback.rs"]
pub mod playback;
#[path = "web/reentrancy.rs"]
pub mod reentrancy;
#[path = "web/stage.rs"]
pub mod stage;
#[path = "web/support.rs"]
pub mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
