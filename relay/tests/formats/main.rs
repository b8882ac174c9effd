//! Formats and templates: every sample event in every format against files, against what the systems document, and against
//! JavaScript.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod docs;
mod files;
mod golden;
mod hostile;
mod receivers;
mod samples;
mod shapes;
