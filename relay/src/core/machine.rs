//! What is under way, and who deals with which input.

use super::ask::Ask;
use super::call::Call;
use super::doubt::Doubts;
use super::drain::Drain;
use super::intake::Intake;
use super::limits::{Buckets, Limits, Party};
use super::refusal;
use super::webhooks::Webhooks;
use super::{Effect, Input, Player, Projects, Refusal, Reply, Ticket};
use crate::store::UnixMs;
use cuehook_protocol::IdSource;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// What the time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// By the wall clock, which may be set forth and back. Only the store is told of it.
    pub wall_ms: UnixMs,
    /// By a clock that only goes on, in milliseconds since whenever.
    pub clock_ms: u64,
}

/// How much a relay has in hand, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Requests that were begun and are not complete.
    pub under_way: usize,
    /// Calls among them that this relay may attempt, or has attempted, and whose outcome is not stored yet.
    pub calls: usize,
    /// Parties for which limits are counted at the moment.
    pub buckets: usize,
}

/// The state of a relay.
#[derive(Debug)]
pub struct Core {
    pub(super) limits: Limits,
    /// None until it was told of them.
    pub(super) webhooks: Option<Webhooks>,
    pub(super) projects: Arc<Projects>,
    pub(super) chance: IdSource,
    /// Calls that are under way.
    pub(super) calls: HashMap<Ticket, Call>,
    /// Those of them that the store gave to this relay: one ticket for each id, until the outcome is stored.
    pub(super) own: HashMap<Uuid, Ticket>,
    /// Calls that this relay may have begun without having heard so.
    pub(super) doubts: Doubts,
    /// What else is under way.
    pub(super) others: HashMap<Ticket, Other>,
    buckets: Buckets,
    drain: Drain,
}

/// What is under way for a ticket, besides calls.
#[derive(Debug)]
pub(super) enum Other {
    /// A question what became of one.
    Ask(Ask),
    /// Events.
    Intake(Intake),
}

impl Core {
    /// A relay that has just started. Until it is told of its webhooks it begins nothing that depends on them; `seed` is for jitter.
    pub fn new(limits: Limits, seed: [u32; 4]) -> Self {
        Self {
            limits,
            webhooks: None,
            projects: Arc::default(),
            chance: IdSource::new(seed.map(u64::from)),
            calls: HashMap::new(),
            own: HashMap::new(),
            doubts: Doubts::default(),
            others: HashMap::new(),
            buckets: Buckets::default(),
            drain: Drain::default(),
        }
    }

    /// Something has happened. What is to be done is appended to `effects`, in its order.
    pub fn handle(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Call { ticket, request } => self.call_asked(now, ticket, request, effects),
            Input::Ask { ticket, id, player } => self.asked(now, ticket, id, player, effects),
            Input::Events { ticket, events, sender, bytes } => {
                self.offered(now, ticket, events, sender, bytes, effects);
            }
            // What was begun goes on: its outcome is stored, and whoever comes back finds it. A reply to nobody does no harm.
            Input::Left(_) => {}
            Input::Begun { ticket, result } => self.call_begun(now, ticket, result, effects),
            Input::Attempted { ticket, attempt, outcome } => {
                self.call_attempted(now, ticket, attempt, outcome, effects);
            }
            Input::Finished { ticket, result } => self.call_finished(now, ticket, &result, effects),
            Input::Found { ticket, result } => self.found(ticket, result, effects),
            Input::Accepted { ticket, result } => self.accepted(ticket, result, effects),
            Input::Rang(ticket) => self.call_rang(now, ticket, effects),
            Input::Drain => self.drain.begin(),
            Input::Webhooks(webhooks) => self.webhooks = Some(Webhooks::new(webhooks)),
            Input::Projects(projects) => self.projects = projects,
        }
        self.drain.look(self.calls.is_empty() && self.others.is_empty(), effects);
    }

    /// How much is in hand.
    pub fn figures(&self) -> Figures {
        let under_way = self.calls.len() + self.others.len();
        Figures { under_way, calls: self.own.len(), buckets: self.buckets.len() }
    }

    /// Whether something is under way for this ticket: each is used once.
    pub(super) fn is_known(&self, ticket: Ticket) -> bool {
        self.calls.contains_key(&ticket) || self.others.contains_key(&ticket)
    }

    /// Whether a call may be begun for this player; if so, it is counted.
    pub(super) fn admit_call(&mut self, now: Now, player: &Player, bytes: usize) -> Result<(), Refusal> {
        let has_room = self.calls.len() < self.limits.calls_at_once;
        self.admit(now, has_room, &parties(player), bytes)
    }

    /// Whether something else may be begun for these; if so, it is counted. Webhooks that hang keep nobody from it.
    pub(super) fn admit_other(&mut self, now: Now, parties: &[Party], bytes: usize) -> Result<(), Refusal> {
        let has_room = self.others.len() < self.limits.others_at_once;
        self.admit(now, has_room, parties, bytes)
    }

    fn admit(&mut self, now: Now, has_room: bool, parties: &[Party], bytes: usize) -> Result<(), Refusal> {
        if self.drain.is_begun() {
            return Err(refusal::ending());
        }
        if !has_room {
            return Err(refusal::busy());
        }
        let admitted = self.buckets.admit(&self.limits, now.clock_ms, parties, bytes);
        admitted.map_err(|wait_ms| refusal::rate_limited(parties, wait_ms))
    }
}

/// Whom a player's request is counted for.
pub(super) fn parties(player: &Player) -> [Party; 2] {
    [Party::site(&player.project, &player.origin), Party::address(&player.address)]
}

pub(super) fn reply(ticket: Ticket, reply: Reply, effects: &mut Vec<Effect>) {
    effects.push(Effect::Reply { ticket, reply });
}

pub(super) fn refuse(ticket: Ticket, refusal: Refusal, effects: &mut Vec<Effect>) {
    reply(ticket, Reply::Refused(refusal), effects);
}
