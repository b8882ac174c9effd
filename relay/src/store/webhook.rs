//! Webhooks as they are stored: what may be shown, and what is sealed.

use super::UnixMs;

/// A webhook as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWebhook {
    /// Its id.
    pub id: String,
    /// [`Webhook`](crate::config::Webhook) as JSON, without the values of secret header fields.
    pub settings: String,
    /// The values of secret header fields, sealed under the master key; empty if there are none.
    pub sealed: Vec<u8>,
    /// When it was written last.
    pub updated_at: UnixMs,
}
