//! Cuehook: an interactive-video webhook runtime.
//!
//! The core is sans-I/O. The shell in `browser` (WASM only) hands it what happened, as an `engine::Input` with the `Moment`
//! at which it happened, and carries out the `Effect`s that it returns. The shell translates and decides nothing.
//!
//! - [`project`]: the document that an author writes; strict types, and a reader that reports every problem.
//! - [`template`]: texts and HTML with placeholders, compiled once to slots in a node plan.
//! - [`session`]: what the viewer did (the interaction log), what is known (the context).
//! - [`delivery`]: what a response means.
//! - [`engine`]: the state machine that ties them together: lease, requests, chains of actions, stage, notices.
//! - [`geometry`]: where the picture lies inside the media element.
//! - [`protocol`] (`crates/protocol`): what a relay must agree on: bodies, header fields, retry rules, codes, identifiers,
//!   times.
//! - [`json`] (`crates/json`): the tree that documents, answers and variables are made of.
//! - [`diagnostic`]: what is wrong in what an author wrote, and where.
//! - [`error`]: what pages are told when something fails.
//!
//! Imports go one way: `browser` → `engine` → `project` → `template` → `session` → `protocol` → `json`, and `engine` →
//! `delivery` → `protocol`; `tests/architecture.rs` checks it.
//!
//! A click becomes `Input::Click`; the engine proposes it to the page, records it, seals a body, takes the lease and
//! returns `Effect::Send`. The response comes back as `Input::AttemptEnded`, becomes variables, and those become
//! `Effect::Patch` for the slots that changed.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(target_arch = "wasm32")]
pub mod browser;
pub mod delivery;
pub mod diagnostic;
pub mod engine;
pub mod error;
pub mod geometry;
pub mod project;
mod search;
pub mod session;
pub mod template;

pub use cuehook_json as json;
pub use cuehook_protocol as protocol;
