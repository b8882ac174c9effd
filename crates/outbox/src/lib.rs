//! Events that are never lost.
//!
//! A module of its own, which a page loads beside the runtime when its project subscribes webhooks to events. The core is
//! sans-I/O like that of the runtime: the shell in `browser` (WASM only) hands it [`Input`]s with the [`Moment`], and
//! carries out the [`Effect`]s.
//!
//! - [`subscription`]: what a project says of events: who receives which, and what the video is.
//! - [`view`]: what has been watched, from what the media element reports.
//! - [`mint`]: turns what the runtime and the media element report into [`Minted`] events.
//! - [`row`]: what is stored, as keys and values.
//! - [`outbox`]: the state machine: stores an event before it is sent, and removes it only after an acknowledgement.
//!
//! A click is recorded by the runtime, which hands its interaction over as JSON. [`mint`] makes it an event;
//! `Input::Record` numbers it for every subscribed [`Endpoint`] and returns `Effect::Write`. When that is durable, the
//! promise of whoever recorded it is settled, and `Effect::Lock` begins a flush: stored rows are read, become deliveries,
//! `Effect::Send` sends them, and what is acknowledged is deleted.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(target_arch = "wasm32")]
pub mod browser;
mod copy;
mod effect;
mod endpoint;
mod input;
pub mod mint;
mod outbox;
mod row;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod simulation;
pub mod subscription;
mod text;
pub mod view;

pub use effect::{Delivery, Effect, Report, ReportState, Timer, Token};
pub use endpoint::{Endpoint, Minted};
pub use input::{Input, Moment, Setup, Storage, WriteOutcome};
pub use outbox::Outbox;
