//! What a relay is told when it starts: `relay.toml`, the environment, and webhooks.

pub mod webhook;

pub use webhook::{Header, IncludeInteractions, Webhook};
