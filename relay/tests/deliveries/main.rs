//! A running relay with receivers on loopback that take events well, badly, slowly, or never.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod endings;
mod isolation;
mod receiver;
mod relay;
mod taken;
#[allow(dead_code)]
#[path = "../serve/wire.rs"]
mod wire;
