//! Requests to webhooks, and which addresses are never called.
//!
//! - [`Caller`]: makes one attempt, of a call or of a delivery, and says how it has ended. [`request_fields`]: the header fields that it carries.
//! - `target`: what is read from a URL. `address`: which addresses are public. `guard`: all addresses of a name are vetted, and what
//!   was vetted is what is connected to.
//! - [`Resolve`] and [`Dial`]: names to addresses, addresses to connections. `connect`: several addresses, TLS. `pool`: connections
//!   that are kept.
//! - `exchange`: one request and its response, within bounds. `fault`: why there was none.
//!
//! What is *not* used: redirects, proxies of the environment, HTTP/2, compressed answers.

mod address;
mod caller;
mod connect;
mod exchange;
mod fault;
mod fields;
pub(crate) mod guard;
mod pool;
mod resolve;
pub(crate) mod target;
#[cfg(test)]
mod tests;

pub use caller::{Caller, Outgoing, Undelivered};
pub(crate) use connect::system_tls;
pub use connect::{Dial, Direct};
pub use fields::{is_reserved_field, request_fields};
pub use resolve::{Resolve, ResolveError, SystemResolver};
