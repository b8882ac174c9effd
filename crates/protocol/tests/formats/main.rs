//! Formats and schemas: every sample event in every format, against files, against what the systems document, and against
//! the schemas.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod closed;
mod cloudevents;
mod files;
mod golden;
mod hippo;
mod mindstamp;
mod pages;
mod schemas;
mod shapes;
mod xapi;
