//! The database: what was committed stays, whatever becomes of relays. A commit may be done and its answer be lost.

use crate::core::Ticket;
use crate::store::{Accepted, Begun, Call, CallOutcome, CallState, NewCall, NewEvent, UnixMs};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

#[derive(Debug)]
pub(super) struct Row {
    pub(super) call: NewCall,
    pub(super) outcome: Option<CallOutcome>,
    begun_at: UnixMs,
    /// To whom the store has said that the id is new, whether that was heard or not: tickets of one holder.
    pub(super) granted: BTreeSet<Ticket>,
}

#[derive(Debug, Default)]
pub(super) struct Database {
    pub(super) calls: BTreeMap<Uuid, Row>,
    pub(super) events: BTreeMap<Uuid, NewEvent>,
    /// Nobody reaches it.
    pub(super) is_away: bool,
}

impl Database {
    pub(super) fn begin(&mut self, ticket: Ticket, call: &NewCall, now: UnixMs) -> Begun {
        let Some(row) = self.calls.get_mut(&call.id) else {
            let row = Row { call: call.clone(), outcome: None, begun_at: now, granted: [ticket].into() };
            self.calls.insert(call.id, row);
            return Begun::New;
        };
        let known = NewCall { lease_until: call.lease_until, holder: call.holder, ..row.call.clone() };
        if known != *call {
            return Begun::Other;
        }
        if row.outcome.is_none() && row.call.holder == call.holder {
            row.call.lease_until = row.call.lease_until.max(call.lease_until);
            row.granted.insert(ticket);
            return Begun::New;
        }
        match row.state(now) {
            CallState::Finished(outcome) => Begun::Finished(outcome),
            CallState::InProgress { lease_until } => Begun::InProgress { lease_until },
            CallState::Unknown => Begun::Unknown,
        }
    }

    pub(super) fn finish(&mut self, id: Uuid, outcome: &CallOutcome) -> bool {
        let row = self.calls.get_mut(&id).expect("an outcome of a call that was never begun");
        let is_first = row.outcome.is_none();
        row.outcome.get_or_insert_with(|| outcome.clone());
        is_first
    }

    pub(super) fn find(&self, id: Uuid, now: UnixMs) -> Option<Call> {
        let row = self.calls.get(&id)?;
        Some(Call {
            webhook: row.call.webhook.clone(),
            project: row.call.project.clone(),
            origin: row.call.origin.clone(),
            begun_at: row.begun_at,
            state: row.state(now),
        })
    }

    pub(super) fn accept(&mut self, events: &[NewEvent]) -> Vec<Accepted> {
        let mut take = |event: &NewEvent| match self.events.contains_key(&event.id) {
            true => Accepted::Duplicate,
            false => {
                self.events.insert(event.id, event.clone());
                Accepted::New
            }
        };
        events.iter().map(&mut take).collect()
    }
}

impl Row {
    fn state(&self, now: UnixMs) -> CallState {
        match &self.outcome {
            Some(outcome) => CallState::Finished(outcome.clone()),
            None if now < self.call.lease_until => {
                CallState::InProgress { lease_until: self.call.lease_until }
            }
            None => CallState::Unknown,
        }
    }
}
