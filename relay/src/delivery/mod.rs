//! What a request to a webhook consists of. Pure functions: no clock, no database, no network.
//!
//! - [`signing`]: by which receivers know whose it is.

pub mod signing;
