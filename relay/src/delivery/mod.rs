//! What a request to a webhook consists of. Pure functions: no clock, no database, no network.
//!
//! - [`format`](mod@format): how an event looks to receivers of a system. [`template`]: how an author writes it. [`sample`]: for tests.
//! - [`signing`]: by which receivers know whose it is.

pub mod format;
pub mod sample;
pub mod signing;
pub mod template;
