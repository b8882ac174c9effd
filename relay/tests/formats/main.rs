//! Formats and templates: every sample event in every format against files, and against what the systems document.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod docs;
mod files;
mod golden;
mod samples;
mod shapes;
