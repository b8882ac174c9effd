//! What a request to a webhook consists of. Pure functions: no clock, no database, no network.
//!
//! - [`format`]: how an event looks to receivers of a system. [`template`]: how it looks by its author's template. [`sample`]: events to
//!   try them with.
//! - [`signing`]: by which receivers know whose it is.

pub mod format;
pub mod sample;
pub mod signing;
pub mod template;
