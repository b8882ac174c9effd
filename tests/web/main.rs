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

pub mod errors;
pub mod events;
pub mod fetch;
pub mod focus;
pub mod layout;
pub mod lifecycle;
pub mod locale;
pub mod outbox;
pub mod plan;
pub mod playback;
pub mod reentrancy;
pub mod stage;
pub mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
