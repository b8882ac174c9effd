//! What a player and a relay say to each other besides bodies: paths, header fields, and what became of a call.

use crate::word_enum;

/// Field of a response of a relay: what became of the call, [`RelayOutcome`]. A response without it is not a relay's: something
/// stands in between.
pub const OUTCOME_HEADER: &str = "cuehook-outcome";
/// Field of a request: how many milliseconds the viewer still waits.
pub const BUDGET_HEADER: &str = "cuehook-budget-ms";
/// Where players and servers send events.
pub const EVENTS_PATH: &str = "/v1/events";
/// Where players ask for the public settings of webhooks: `?webhooks=a,b`.
pub const SETTINGS_PATH: &str = "/v1/settings";

/// Where a webhook is called.
pub fn call_path(webhook: &str) -> String {
    ["/v1/call/", webhook].concat()
}

/// Where the outcome of a call is asked for.
pub fn calls_path(id: &str) -> String {
    ["/v1/calls/", id].concat()
}

/// Whether a text may be the id of a relay's webhook: letters, digits, `-`, `_` and `.`, at most 64. As a part of a path it
/// leads nowhere else.
pub fn is_relay_id(id: &str) -> bool {
    let proper = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=64).contains(&id.len()) && id.bytes().all(proper) && !matches!(id, "." | "..")
}

word_enum! {
    /// What became of a call or of events: the value of [`OUTCOME_HEADER`], and `error.code` in the body if it is an error.
    pub enum RelayOutcome {
        /// The response is the webhook's: its status, its body.
        Answer = "answer",
        /// Events were taken; the body says what became of each.
        Accepted = "accepted",
        /// The token is missing, has run out, or is not for this origin or project (401, 403).
        RelayAuth = "relay-auth",
        /// There is no webhook with this id, or it is not for this project (404).
        UnknownWebhook = "unknown-webhook",
        /// No call with this id is known (any more) (404).
        UnknownCall = "unknown-call",
        /// The request cannot be read (400).
        BadRequest = "bad-request",
        /// The request is larger than the relay takes (413).
        TooLarge = "too-large",
        /// Too many requests; `Retry-After` says how long to wait (429).
        RateLimited = "rate-limited",
        /// The call is being made; `Retry-After` says when to ask (409).
        InProgress = "in-progress",
        /// The id was used for another request (422).
        IdReused = "id-reused",
        /// The relay cannot store anything at the moment, or is about to stop; nothing was begun (503, with `Retry-After`).
        Unavailable = "unavailable",
        /// The relay has ended between calling the webhook and hearing of it: it may have been called. It is not called again (502).
        OutcomeUnknown = "outcome-unknown",
        /// The webhook could not be reached (502).
        WebhookNetwork = "webhook-network",
        /// The webhook's address is one that the relay does not call (502).
        WebhookForbidden = "webhook-forbidden",
        /// The webhook did not answer in time (504).
        WebhookTimeout = "webhook-timeout",
        /// The webhook's answer is larger than is read (502).
        WebhookTooLarge = "webhook-too-large",
        /// The webhook's answer is neither a JSON object nor plain text nor empty (502).
        WebhookBadJson = "webhook-bad-json",
    }
}

impl RelayOutcome {
    /// The status of a response with this outcome; of an answer it is the webhook's own.
    pub fn status(self) -> u16 {
        match self {
            Self::Answer | Self::Accepted => 200,
            Self::BadRequest => 400,
            Self::RelayAuth => 401,
            Self::UnknownWebhook | Self::UnknownCall => 404,
            Self::InProgress => 409,
            Self::TooLarge => 413,
            Self::IdReused => 422,
            Self::RateLimited => 429,
            Self::OutcomeUnknown
            | Self::WebhookNetwork
            | Self::WebhookForbidden
            | Self::WebhookTooLarge
            | Self::WebhookBadJson => 502,
            Self::Unavailable => 503,
            Self::WebhookTimeout => 504,
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_in_their_place_of_a_path() {
        for id in ["a", "discount-code_2.b", "...", &"x".repeat(64)] {
            assert!(is_relay_id(id), "{id}");
        }
        for id in ["", ".", "..", "a/b", "a?b", "%2e", "ä", "a b", &"x".repeat(65)] {
            assert!(!is_relay_id(id), "{id}");
        }
    }
}
