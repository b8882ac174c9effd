//! Calls of webhooks: one for each id, and what became of it.

use super::UnixMs;
use cuehook_protocol::RelayOutcome;
use uuid::Uuid;

/// A call that is about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCall {
    /// The request's `webhook-id`.
    pub id: Uuid,
    /// The webhook.
    pub webhook: String,
    /// The project of the player's token.
    pub project: String,
    /// The origin of the player's token.
    pub origin: String,
    /// SHA-256 of the request's body: another body under the same id is another request.
    pub fingerprint: [u8; 32],
    /// Who begins it: a random name of this attempt to begin. Under the same one it is begun as often as is asked.
    pub holder: Uuid,
    /// Until then somebody works on it. Whoever asks later, without an outcome, is told that it is unknown.
    pub lease_until: UnixMs,
}

/// What `call_begin` has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The id was new, or this holder's already: the call may be made, now and by it alone.
    New,
    /// The same request is being worked on, until then at most.
    InProgress {
        /// When its lease runs out.
        lease_until: UnixMs,
    },
    /// It was made before.
    Finished(CallOutcome),
    /// It was begun before, and nobody knows what became of it.
    Unknown,
    /// The id is another request's: other bytes, another webhook, project or origin.
    Other,
}

/// A call that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The webhook.
    pub webhook: String,
    /// The project of the player's token.
    pub project: String,
    /// The origin of the player's token.
    pub origin: String,
    /// When it was begun.
    pub begun_at: UnixMs,
    /// How it stands.
    pub state: CallState,
}

/// How a call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    /// It is being worked on, until then at most.
    InProgress {
        /// When its lease runs out.
        lease_until: UnixMs,
    },
    /// It has ended.
    Finished(CallOutcome),
    /// Its lease has run out without an outcome.
    Unknown,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The webhook has answered, well or not.
    Answer(Answer),
    /// It has not, or what it has answered cannot be passed on.
    Failed(CallFailure),
}

/// A webhook's answer, as the player is given it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// The header fields that are passed on, in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, without secrets.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallFailure {
    /// The webhook could not be reached, or the connection broke.
    Network,
    /// Its address is one that is not called.
    Forbidden,
    /// It did not answer in time.
    Timeout,
    /// The answer is larger than is read.
    TooLarge,
    /// The answer is neither a JSON object nor plain text nor empty.
    BadJson,
}

impl CallFailure {
    /// As the player is told it.
    pub fn outcome(self) -> RelayOutcome {
        match self {
            Self::Network => RelayOutcome::WebhookNetwork,
            Self::Forbidden => RelayOutcome::WebhookForbidden,
            Self::Timeout => RelayOutcome::WebhookTimeout,
            Self::TooLarge => RelayOutcome::WebhookTooLarge,
            Self::BadJson => RelayOutcome::WebhookBadJson,
        }
    }
}
