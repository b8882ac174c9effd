//! The protocol: what the runtime in the browser and a relay must agree on, and nothing else.
//!
//! - [`RequestBody`]: the body of a request, `webhook.executed`; [`Interaction`]: an entry of its log.
//! - [`request_headers`]: the header fields of an attempt, and which values they may have.
//! - [`Response`] and [`TransportFailure`]: how an attempt ends; [`is_retryable`], [`delay_ms`]: when it is repeated.
//! - [`ErrorCode`]: the stable codes. [`Trigger`] and [`Cause`]: what set off a request.
//! - [`standing`], [`verdict`], [`backoff_ms`]: what the end of an attempt means for events.
//! - [`Event`]: what subscribed webhooks are told; [`format`]: how it looks to receivers of other systems;
//!   [`pattern_fault`], [`merge`]: how a document subscribes to it.
//! - [`RelayOutcome`]: what a relay says became of a call.
//! - [`gaps`]: which events a receiver has not been sent.
//! - [`IdSource`]: UUIDs of version 7. [`timestamp`]: times as RFC 3339.
//!
//! There is no template engine, no clock, no DOM and no network in here.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod body;
mod defaults;
mod delivery;
mod error;
mod event;
pub mod format;
mod gaps;
mod headers;
mod id;
mod interaction;
mod relay;
mod response;
mod retry;
mod suggest;
pub mod timestamp;
mod trigger;
mod words;

pub use body::{MAX_CONTEXT, RequestBody};
pub use defaults::{defaults_fault, merge};
pub use delivery::{Standing, Verdict, backoff_ms, retry_hint_ms, standing, verdict};
pub use error::ErrorCode;
pub use event::{
    Event, EventSession, EventType, MAX_EVENT, Priority, is_event_type, is_pattern, is_reserved,
    pattern_fault, subscribes,
};
pub use format::Format;
pub use gaps::gaps;
pub use headers::{header_name_fault, header_value_fault, request_headers, unsendable};
pub use id::{IdSource, is_uuid};
pub use interaction::Interaction;
pub use relay::{
    BUDGET_HEADER, EVENTS_PATH, OUTCOME_HEADER, RelayOutcome, SETTINGS_PATH, call_path, calls_path,
    is_relay_id,
};
pub use response::{RESPONSE_DEPTH, RESPONSE_LIMIT, Response, TransportFailure};
pub use retry::{delay_ms, is_retryable};
pub use suggest::nearest;
pub use timestamp::rfc3339;
pub use trigger::{Cause, Trigger};
