//! The whole thing in a real browser: real pages, a real film, trusted clicks and keys, real requests.
//!
//! `cargo xtask test --only e2e` builds the package, starts server and driver, and runs these tests.

#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod accessible;
mod bench;
mod blocked;
mod chains;
mod chaos;
mod clicks;
mod containment;
mod cues;
mod demo;
mod demo_outbox;
mod demo_relay;
mod engine;
mod events;
mod faults;
mod forms;
mod frameworks;
mod hotspots;
mod http;
mod keyboard;
mod keys_alone;
mod language;
mod layout;
mod leaving;
mod leftovers;
mod life;
mod lifecycle;
mod markup;
mod modal;
mod mount;
mod notices;
mod options;
mod overlap;
mod page;
mod playback;
mod players;
mod playground;
mod property;
mod questions;
mod readable;
mod recipes;
mod relay;
mod relay_server;
mod request;
mod security;
mod soak;
mod start;
mod support;
mod surviving;
mod templates;
mod transcripts;
mod traps;
