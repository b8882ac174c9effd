//! The relay: it keeps secrets out of browsers, calls webhooks for players, and stores events before it says that it has them.
//!
//! - [`core`]: the decisions. Input in, effects out; no clock, no database, no network.
//! - [`store`]: what is kept: a trait, a model in memory, SQLite, PostgreSQL.
//! - [`delivery`]: what a request to a webhook consists of: pure functions.
//! - [`outbound`]: requests to webhooks, and which addresses are never called.
//! - [`delivery`]: what webhooks are sent: formats and templates.
//! - [`http`]: requests of players and servers. [`token`]: who they are. [`secrets`]: what is sealed, and what is never shown.
//! - [`serve`]: drives the core: does what its effects say, and tells it how that ended.
//! - [`config`]: `relay.toml` and the environment. [`cli`]: the commands.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod cli;
pub mod config;
pub mod core;
pub mod delivery;
pub mod http;
pub mod outbound;
#[doc(hidden)]
pub mod parsers;
pub mod secrets;
pub mod serve;
pub mod store;
pub mod token;
