//! Receivers of other systems, unchanged, take what a relay sends them that was told as its page says; and what JavaScript makes of bodies.
//!
//! The receivers are in `tests/receivers/seeds`, the commands in `docs/from-other-systems.md`. `cargo xtask test --only seeds` installs what they need.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../process/client.rs"]
#[allow(dead_code)]
mod client;
#[path = "../formats/files.rs"]
mod files;
mod javascript;
mod payloads;
mod receiver;
mod relay;
mod systems;

/// Long enough on a busy machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
