//! What developers are told when the relay does not do something: what was found, and what to do instead. Nothing of a body, of a
//! token, or of what the database says is in here.

use super::Refusal;
use super::limits::Party;
use crate::store::StoreError;
use cuehook_protocol::RelayOutcome;

/// A call that is being made is asked for again after so many milliseconds.
pub(super) const ASK_AGAIN_MS: u32 = 1_000;
/// A database that is away for a moment, or a relay that is about to be replaced, is tried again after so many milliseconds.
const MOMENT_MS: u32 = 2_000;
/// What somebody has to look at takes longer.
const LONGER_MS: u32 = 30_000;

fn refusal(outcome: RelayOutcome, message: impl Into<String>, retry_after_ms: Option<u32>) -> Refusal {
    Refusal { outcome, message: message.into(), retry_after_ms }
}

pub(super) fn bad_request(message: impl Into<String>) -> Refusal {
    refusal(RelayOutcome::BadRequest, message, None)
}

pub(super) fn too_many_events(found: usize, most: usize) -> Refusal {
    let message = format!("there are {found} events in this request; send at most {most} at once");
    refusal(RelayOutcome::TooLarge, message, None)
}

/// An id of a webhook is shown only if it may be one: it came from outside.
pub(super) fn unknown_webhook(webhook: &str) -> Refusal {
    let may_be_one = !webhook.is_empty()
        && webhook.len() <= 64
        && webhook.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let message = if may_be_one {
        format!(
            "this relay has no webhook `{webhook}`, or not for the project of this token; look at `webhooks` in relay.toml"
        )
    } else {
        "this is no id of a webhook; ids are letters, digits, `-`, `_` and `.`, at most 64".into()
    };
    refusal(RelayOutcome::UnknownWebhook, message, None)
}

pub(super) fn unknown_call() -> Refusal {
    let message = "no call with this id is known for the project and origin of this token; calls are kept for a limited \
                   time, and one that was never begun may be made";
    refusal(RelayOutcome::UnknownCall, message, None)
}

pub(super) fn in_progress() -> Refusal {
    let message = "the call with this id is being made; ask again, with the same id";
    refusal(RelayOutcome::InProgress, message, Some(ASK_AGAIN_MS))
}

pub(super) fn id_reused() -> Refusal {
    let message = "this id was used for a call with another body, webhook, project or origin; use a new id for a new call";
    refusal(RelayOutcome::IdReused, message, None)
}

pub(super) fn outcome_unknown() -> Refusal {
    let message = "a relay has ended while it made this call: the webhook may have been called. It is not called again under \
                   this id; if it takes repetitions, use a new id";
    refusal(RelayOutcome::OutcomeUnknown, message, None)
}

pub(super) fn ending() -> Refusal {
    let message = "this relay is about to end, and begins nothing new; try again, with the same id";
    refusal(RelayOutcome::Unavailable, message, Some(MOMENT_MS))
}

pub(super) fn starting() -> Refusal {
    let message = "this relay has just started, and has not read its webhooks from its database yet; try again, with the same ids. \
                   Its log and /ready say more";
    refusal(RelayOutcome::Unavailable, message, Some(MOMENT_MS))
}

pub(super) fn busy() -> Refusal {
    let message = "this relay works on as many requests as it is allowed to; try again, with the same id";
    refusal(RelayOutcome::Unavailable, message, Some(MOMENT_MS))
}

/// What the store says may have addresses and names in it: it belongs into the log.
pub(super) fn unavailable(error: &StoreError) -> Refusal {
    let (what, retry_after_ms) = match error {
        StoreError::Unavailable(_) => ("cannot be reached at the moment", MOMENT_MS),
        StoreError::Full => ("has no room left", LONGER_MS),
        StoreError::Damaged(_) => ("cannot be read", LONGER_MS),
        StoreError::Refused(_) => ("does not serve this relay", LONGER_MS),
    };
    let message =
        format!("the relay's database {what}; try again, with the same ids. Its log and /ready say more");
    refusal(RelayOutcome::Unavailable, message, Some(retry_after_ms))
}

pub(super) fn rate_limited(parties: &[Party], wait_ms: u32) -> Refusal {
    let whose = match parties {
        [Party::Server(_), ..] => "this API key",
        _ => "this project and origin, or this address",
    };
    let message = format!(
        "too many requests or bytes of {whose}; wait as Retry-After says, or raise `limits` in relay.toml"
    );
    refusal(RelayOutcome::RateLimited, message, Some(wait_ms))
}
