//! A relay on a loopback port, as its clients see it, with a real webhook behind it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod calls;
mod cors;
mod documents;
mod events;
mod failing;
mod hook;
mod limits;
mod logs;
mod relay;
mod requests;
mod secrets;
mod shutdown;
mod wire;
