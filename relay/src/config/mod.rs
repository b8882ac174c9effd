//! What a relay is told when it starts: `relay.toml`, the environment, and webhooks.
//!
//! - [`load()`]: reads all of it, and says everything that is wrong at once. [`Settings`]: what comes of it.
//! - [`rules`]: what a webhook's settings have to be, whether the file or the management API says them.
//! - [`apply()`]: brings the webhooks of the file into the store.

mod api_keys;
mod apply;
mod fault;
mod keys;
mod load;
mod origin;
mod reader;
pub mod rules;
mod settings;
#[cfg(test)]
mod tests;
mod values;
pub mod webhook;
mod webhooks;

pub use apply::{Applied, ApplyFault, apply};
pub use fault::{ConfigFault, ConfigFaults, FaultCode, Notice, Place};
pub use keys::{
    API_KEY_KEYS, COMPATIBLE_KEYS, FILTER_KEYS, HEADER_KEYS, KEYS, Key, Kind, SIGNING_KEYS, TEMPLATE_KEYS,
    WEBHOOK_KEYS, variable,
};
pub use load::{FILE, KEY_FILE, Loaded, Sources, load};
pub use origin::origin_fault;
pub use settings::{Database, Delivery, LISTEN, Limits, Network, Settings, TOKEN_LABEL};
pub use webhook::{
    CompatibleSignature, EventFormat, Filter, Header, IncludeInteractions, IncludeWord, ManagedBy, Method,
    SignatureEncoding, SignatureHash, Signing, Template, Webhook,
};
