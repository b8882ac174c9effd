//! What a relay does.

use super::input::Ticket;
use crate::store::{Answer, CallFailure, CallOutcome, NewCall, NewEvent};
use cuehook_protocol::RelayOutcome;
use std::sync::Arc;
use uuid::Uuid;

/// Something that is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// [`Store::call_begin`](crate::store::Store::call_begin).
    Begin {
        /// The call's.
        ticket: Ticket,
        /// The call.
        call: NewCall,
    },
    /// One attempt to call a webhook. Whoever makes it adds the header fields that are its webhook's, secret ones included.
    Attempt {
        /// The call's.
        ticket: Ticket,
        /// Which attempt of this call it is, from 1: [`Input::Attempted`](super::Input::Attempted) says it again.
        attempt: u32,
        /// The webhook.
        webhook: String,
        /// The call.
        id: Uuid,
        /// What the webhook is told as `webhook-id` and `idempotency-key`.
        request_id: Uuid,
        /// The body.
        body: Arc<str>,
        /// It is to be given up after so many milliseconds, the body of the answer included.
        timeout_ms: u32,
    },
    /// [`Store::call_finish`](crate::store::Store::call_finish).
    Finish {
        /// The call's.
        ticket: Ticket,
        /// The call.
        id: Uuid,
        /// What became of it.
        outcome: CallOutcome,
    },
    /// [`Store::call`](crate::store::Store::call).
    Find {
        /// The one who asks.
        ticket: Ticket,
        /// The call.
        id: Uuid,
    },
    /// [`Store::accept`](crate::store::Store::accept).
    Accept {
        /// The sender's.
        ticket: Ticket,
        /// The events.
        events: Vec<NewEvent>,
    },
    /// [`Input::Rang`](super::Input::Rang) after so many milliseconds.
    Timer {
        /// Whose.
        ticket: Ticket,
        /// When.
        after_ms: u32,
    },
    /// Whoever waits is given this. Once for each ticket.
    Reply {
        /// Who waits.
        ticket: Ticket,
        /// What it is given.
        reply: Reply,
    },
    /// Everything that was begun is complete, after [`Input::Drain`](super::Input::Drain).
    Drained,
}

/// What somebody is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The webhook's answer.
    Answer(Answer),
    /// The webhook has given none.
    Failed(CallFailure),
    /// What became of events.
    Events {
        /// Of each, by its id: `ok`, `dup`, `retry` or `drop`.
        results: Vec<(Uuid, &'static str)>,
        /// Why those with `drop` are not taken, in words, for a developer.
        reasons: Vec<(Uuid, String)>,
    },
    /// The relay does not do it.
    Refused(Refusal),
}

/// Why the relay does not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code, which says the status, too.
    pub outcome: RelayOutcome,
    /// In words, for a developer.
    pub message: String,
    /// When it may be tried again, in milliseconds: `Retry-After`.
    pub retry_after_ms: Option<u32>,
}
