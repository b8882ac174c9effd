//! Receivers of other systems, unchanged, and what JavaScript makes of bodies: the relay sends, they take it or do not.
//!
//! The receivers are in `tests/receivers/seeds`. `cargo xtask test --step seeds` installs what they need.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../formats/files.rs"]
mod files;
mod javascript;
mod receiver;
mod sender;
mod systems;
