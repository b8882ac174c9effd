//! Cuehook: an interactive-video webhook runtime.
//!
//! The core is sans-I/O: [`engine`] takes `Input`s and returns `Effect`s; the shell in `browser` (WASM only)
//! translates both ways and decides nothing.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod delivery;
pub mod engine;
pub mod error;
pub mod geometry;
pub mod json;
pub mod project;
pub mod session;
pub mod template;
