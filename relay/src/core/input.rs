//! What happens to a relay.

use crate::store::{Accepted, Begun, Call, CallFailure, StoreError, UnixMs};
use cuehook_protocol::Response;
use std::sync::Arc;
use uuid::Uuid;

/// Names a request that waits for its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A player whose token was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// The project of its token.
    pub project: String,
    /// The origin of its token, which is the page's.
    pub origin: String,
    /// Whom limits are counted for, besides: the address that the request came from.
    pub address: String,
}

/// Who sends events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A player.
    Player(Player),
    /// A server.
    Server {
        /// The name of its API key.
        key: String,
        /// The project of that; empty if it has none.
        project: String,
    },
}

/// A request to call a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRequest {
    /// Its `webhook-id`: there is one call for each.
    pub id: Uuid,
    /// Its `idempotency-key`, which the webhook is told as both: another one where an earlier call of the same request has its outcome, and
    /// the viewer tries again.
    pub request_id: Uuid,
    /// The webhook.
    pub webhook: String,
    /// The body, a JSON object.
    pub body: Arc<str>,
    /// How long the viewer waits, in milliseconds, if that is said.
    pub budget_ms: Option<u32>,
    /// Who asks.
    pub player: Player,
}

/// An event that is offered, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRequest {
    /// Its id.
    pub id: Uuid,
    /// Its type.
    pub kind: String,
    /// When it happened.
    pub at: UnixMs,
    /// The whole event, compact JSON.
    pub body: String,
}

/// How an attempt to call a webhook has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempted {
    /// With a response, read completely, secrets replaced.
    Response(Response),
    /// Without one that could be read.
    Failed(CallFailure),
}

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Input {
    /// A player asks for a call.
    Call {
        /// It waits.
        ticket: Ticket,
        /// What is asked.
        request: CallRequest,
    },
    /// A player asks what became of a call.
    Ask {
        /// It waits.
        ticket: Ticket,
        /// The call.
        id: Uuid,
        /// Who asks.
        player: Player,
    },
    /// Events are offered.
    Events {
        /// Somebody waits.
        ticket: Ticket,
        /// The ones that could be read.
        events: Vec<EventRequest>,
        /// Who offers them.
        sender: Sender,
        /// Bytes of the whole request.
        bytes: usize,
    },
    /// Whoever waited has gone. What was begun for it goes on.
    Left(Ticket),
    /// [`Effect::Begin`](super::Effect::Begin) has ended.
    Begun {
        /// The call's.
        ticket: Ticket,
        /// How.
        result: Result<Begun, StoreError>,
    },
    /// [`Effect::Attempt`](super::Effect::Attempt) has ended.
    Attempted {
        /// The call's.
        ticket: Ticket,
        /// Which attempt: a late outcome of one is no outcome of the next one.
        attempt: u32,
        /// How.
        outcome: Attempted,
    },
    /// [`Effect::Finish`](super::Effect::Finish) has ended.
    Finished {
        /// The call's.
        ticket: Ticket,
        /// How; whether it was the first outcome.
        result: Result<bool, StoreError>,
    },
    /// [`Effect::Find`](super::Effect::Find) has ended.
    Found {
        /// The one who asked.
        ticket: Ticket,
        /// How.
        result: Result<Option<Call>, StoreError>,
    },
    /// [`Effect::Accept`](super::Effect::Accept) has ended.
    Accepted {
        /// The sender's.
        ticket: Ticket,
        /// How: one for each event, in their order.
        result: Result<Vec<Accepted>, StoreError>,
    },
    /// [`Effect::Timer`](super::Effect::Timer) has rung.
    Rang(Ticket),
    /// The relay is to end: nothing new is begun, what was begun is completed.
    Drain,
    /// The webhooks' settings have changed.
    Webhooks(Arc<[crate::config::Webhook]>),
    /// What projects say about webhooks has changed.
    Projects(Arc<super::Projects>),
}
