//! What a request to a webhook consists of. Pure functions: no clock, no database, no network.
//!
//! - [`format`](mod@format): how an event looks in a webhook's format. [`template`]: or as its author has written it.
//!   [`sample`]: events to try this out.
//! - [`signing`]: by which receivers know whose it is.
//! - [`prepare`](mod@prepare): all of it together.

pub mod format;
pub mod prepare;
pub mod sample;
pub mod signing;
pub mod template;

pub use prepare::{PrepareFault, Prepared, prepare, prepare_call};
