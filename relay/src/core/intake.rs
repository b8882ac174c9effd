//! Events in: who may send which, which webhooks are to be sent them, and what became of each. Nothing is said of an event before the
//! store has committed it.

use super::limits::Party;
use super::machine::{Core, Now, Other, parties, refuse, reply};
use super::refusal;
use super::webhooks::{Looked, is_operational};
use super::{Effect, EventRequest, Reply, Sender, Ticket};
use crate::store::{Accepted, NewDelivery, NewEvent, StoreError};
use cuehook_protocol::{format, is_event_type, pattern_fault};
use std::collections::HashSet;
use uuid::Uuid;

/// Somebody who waits until events are stored.
#[derive(Debug, Default)]
pub(super) struct Intake {
    /// Those that the store is to take, in their order.
    offered: Vec<Uuid>,
    /// The others, and why.
    dropped: Vec<(Uuid, String)>,
}

impl Core {
    pub(super) fn offered(
        &mut self,
        now: Now,
        ticket: Ticket,
        events: Vec<EventRequest>,
        sender: Sender,
        bytes: usize,
        effects: &mut Vec<Effect>,
    ) {
        if self.is_known(ticket) {
            return;
        }
        let most = self.limits.events_per_request;
        if events.len() > most {
            return refuse(ticket, refusal::too_many_events(events.len(), most), effects);
        }
        let admitted = match &sender {
            Sender::Player(player) => self.admit_other(now, &parties(player), bytes),
            Sender::Server { key, .. } => self.admit_other(now, &[Party::Server(key.as_str().into())], bytes),
        };
        if let Err(refusal) = admitted {
            return refuse(ticket, refusal, effects);
        }
        let is_player = matches!(sender, Sender::Player(_));
        let (project, source) = match sender {
            Sender::Player(player) => (player.project, player.origin),
            Sender::Server { key, project } => (project, key),
        };
        // Who is to be sent them would not be known.
        let Some(webhooks) = &self.webhooks else {
            return refuse(ticket, refusal::starting(), effects);
        };
        let mut seen = HashSet::new();
        let mut dropped = Vec::new();
        let mut taken = Vec::new();
        for event in events {
            // Of two with one id the first one counts, and there is one answer for both.
            if !seen.insert(event.id) {
                continue;
            }
            if let Some(fault) = fault(&event, is_player, self.limits.event_bytes) {
                dropped.push((event.id, fault));
                continue;
            }
            taken.push(NewEvent {
                id: event.id,
                deliveries: webhooks
                    .deliveries(&Looked::at(&event.kind, &project, &event.body), &self.projects),
                kind: event.kind,
                project: project.clone(),
                source: source.clone(),
                at: event.at,
                body: event.body,
            });
        }
        let intake = Intake { offered: taken.iter().map(|event| event.id).collect(), dropped };
        if taken.is_empty() {
            return reply(ticket, intake.verdicts(&[]), effects);
        }
        self.others.insert(ticket, Other::Intake(intake));
        effects.push(Effect::Accept { ticket, events: taken });
    }

    /// The deliveries that follow from an event of a project; none until it is known which webhooks there are.
    pub fn deliveries_of(&self, project: &str, kind: &str, body: &str) -> Option<Vec<NewDelivery>> {
        Some(self.webhooks.as_ref()?.deliveries(&Looked::at(kind, project, body), &self.projects))
    }

    /// The same for a project whose document is about to be this one.
    pub fn deliveries_with(
        &self,
        project: &str,
        kind: &str,
        body: &str,
        document: &str,
    ) -> Option<Vec<NewDelivery>> {
        let projects = super::Projects::read(&[(project.to_owned(), document.to_owned())]);
        Some(self.webhooks.as_ref()?.deliveries(&Looked::at(kind, project, body), &projects))
    }

    pub(super) fn accepted(
        &mut self,
        ticket: Ticket,
        result: Result<Vec<Accepted>, StoreError>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(Other::Intake(intake)) = self.others.get_mut(&ticket) else { return };
        let answer = match result {
            Ok(accepted) => std::mem::take(intake).verdicts(&accepted),
            Err(error) => Reply::Refused(refusal::unavailable(&error)),
        };
        self.others.remove(&ticket);
        reply(ticket, answer, effects);
    }
}

impl Intake {
    fn verdicts(self, accepted: &[Accepted]) -> Reply {
        // Of what the store has not spoken nobody may rely on.
        let mut words = accepted.iter().map(|accepted| match accepted {
            Accepted::New => "ok",
            Accepted::Duplicate => "dup",
        });
        let mut results: Vec<(Uuid, &'static str)> =
            self.offered.into_iter().map(|id| (id, words.next().unwrap_or("retry"))).collect();
        results.extend(self.dropped.iter().map(|(id, _)| (*id, "drop")));
        Reply::Events { results, reasons: self.dropped }
    }
}

/// Why an event is not taken, and what to do instead.
fn fault(event: &EventRequest, is_player: bool, most: usize) -> Option<String> {
    if event.body.len() > most {
        return Some(format!("the event is {} bytes long; at most {most} are taken", event.body.len()));
    }
    if !is_event_type(&event.kind) {
        return Some(
            "this is no type of events: write words of letters, digits, `-` and `_` with dots between, such as \
             `cart.added`, at most 100 characters"
                .into(),
        );
    }
    if is_operational(&event.kind) {
        return Some(
            "types that begin with `endpoint.` and `delivery.` are the relay's own; choose another beginning"
                .into(),
        );
    }
    if !is_player {
        return None;
    }
    if event.kind == format::VIDEO_CREATED {
        return Some("players do not tell of new videos; send it from a server, with an API key".into());
    }
    if event.kind.starts_with("edition.") {
        return Some("players do not tell of editions; send it from a server, with an API key".into());
    }
    // As in subscriptions: Cuehook's own types, and types whose beginning is not one of Cuehook's.
    pattern_fault(&event.kind)
}
