//! What a relay is told when it starts: `relay.toml`, the environment, and webhooks.

mod origin;
mod settings;
pub mod webhook;

pub use origin::origin_fault;
pub use settings::{Database, LISTEN, Limits, Network, Settings, TOKEN_LABEL};
pub use webhook::{Header, IncludeInteractions, IncludeWord, Webhook};
