//! How webhooks are doing: what is remembered of their attempts over restarts, and shared by relays.

use super::UnixMs;

/// How a webhook is doing. One that nothing is known of is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhookHealth {
    /// The webhook.
    pub webhook: String,
    /// Since when every attempt has failed; none if the last one has not.
    pub failing_since: Option<UnixMs>,
    /// What went wrong last, in words without secrets.
    pub fault: String,
    /// Of the time after which a webhook that fails is disabled, so many percent were told of: 0, 50, 70 or 90.
    pub warned: u8,
    /// When it was disabled; none if it was not.
    pub disabled_at: Option<UnixMs>,
    /// Why.
    pub disabled_reason: String,
}

impl WebhookHealth {
    /// Of a webhook that nothing is known of.
    pub fn of(webhook: impl Into<String>) -> Self {
        Self { webhook: webhook.into(), ..Self::default() }
    }

    /// Whether there is anything to remember.
    pub fn is_known(&self) -> bool {
        *self != Self::of(&*self.webhook)
    }
}
