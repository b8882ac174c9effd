//! What was promised, checked at each effect.

use super::clients::Asked;
use super::relay::{Job, Relay};
use super::world::World;
use crate::config::Webhook;
use crate::core::{CallRequest, Effect, Player, Refusal, Reply, Sender, Ticket};
use crate::store::{CallFailure, CallOutcome, NewCall, NewEvent};
use cuehook_protocol::RelayOutcome;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use uuid::Uuid;

/// No wait of the protocol's own choosing is longer, in milliseconds.
const LONGEST_WAIT_MS: u64 = 3_000;

impl World {
    pub(super) fn check_effect(&mut self, place: usize, effect: &Effect) {
        assert!(
            !self.relays[place].is_drained || matches!(effect, Effect::Reply { .. }),
            "it was done: {effect:?}"
        );
        match effect {
            Effect::Begin { ticket, call } => self.check_begin(place, *ticket, call),
            Effect::Attempt { ticket, .. } => self.check_attempt(place, *ticket, effect),
            Effect::Finish { ticket, id, outcome } => {
                let client = &self.clients[ticket];
                assert_eq!(
                    client.outcome.as_ref().map(|(told, _)| told),
                    Some(outcome),
                    "it is not what was told"
                );
                assert!(matches!(&client.asked, Asked::Call(request) if request.id == *id));
                assert!(!client.is_stored, "it is stored");
            }
            Effect::Find { ticket, .. } => assert!(self.clients[ticket].reply.is_none()),
            Effect::Accept { ticket, events } => self.check_accept(place, *ticket, events),
            Effect::Timer { after_ms, .. } => assert!(*after_ms <= 60_000, "a timer for ever"),
            Effect::Reply { ticket, reply } => self.check_reply(place, *ticket, reply),
            Effect::Drained => self.check_drained(place),
        }
    }

    fn check_begin(&mut self, place: usize, ticket: Ticket, call: &NewCall) {
        let client = self.clients.get_mut(&ticket).unwrap();
        client.begins += 1;
        assert!(client.begins <= 2, "a store that has failed is asked for ever");
        assert!(client.reply.is_none() && (client.relay, client.life) == (place, self.relays[place].life));
        let Asked::Call(request) = &client.asked else { panic!("nobody asked for a call: {call:?}") };
        assert!(is_same(call, request, false), "{call:?} is not what was asked: {request:?}");
        let is_there = webhook_of(&self.relays[place], request).is_some();
        assert!(is_there || client.begins > 1, "there is no such webhook");
        // The lease covers the attempts, and the storing after them.
        let budget = (client.deadline_ms - self.clock) as i64;
        let lease = call.lease_until - self.wall;
        assert!((budget + 10_000..=budget + 60_000).contains(&lease), "{budget} {lease}");
    }

    fn check_attempt(&mut self, place: usize, ticket: Ticket, effect: &Effect) {
        let Effect::Attempt { attempt, webhook, id, request_id, body, timeout_ms, .. } = effect else {
            return;
        };
        let row = self.database.calls.get(id);
        let is_granted = row.is_some_and(|row| row.granted.contains(&ticket));
        assert!(is_granted, "it is not this one's to call, or not durable");
        assert_eq!(*self.callers.entry(*id).or_insert(ticket), ticket, "another one calls, too");
        let life = self.relays[place].life;
        let is_under_way = self.clients.values().any(|client| {
            let is_of_id = matches!(&client.asked, Asked::Call(request) if request.id == *id);
            is_of_id && client.is_attempting && !client.is_lost
        });
        assert!(!is_under_way, "two attempts at once");
        let client = self.clients.get_mut(&ticket).unwrap();
        assert_eq!((client.relay, client.life), (place, life), "another life's call");
        assert!(client.is_granted, "nobody has said that the id is new");
        assert!(client.reply.is_none(), "it was answered");
        if client.attempts == 0 {
            self.seen.regained += u32::from(client.begins > 1);
            self.seen.inherited += u32::from(row.is_some_and(|row| row.granted.len() > 1));
        }
        client.attempts += 1;
        client.is_attempting = true;
        assert_eq!(*attempt, client.attempts);
        assert!(client.attempts <= 1 + client.retries, "too many attempts");
        assert!(client.attempts == 1 || client.end.as_ref().is_some_and(|end| end.again_ms.is_some()));
        let left_ms = client.deadline_ms.saturating_sub(self.clock);
        assert!(left_ms > 0 && u64::from(*timeout_ms) == left_ms, "nobody waits for that: {left_ms}");
        let Asked::Call(request) = &client.asked else { panic!("nobody asked for a call") };
        assert!(request.id == *id && request.request_id == *request_id, "another request");
        assert!(request.webhook == *webhook && request.body == *body);
        self.seen.retries += u32::from(*attempt > 1);
    }

    /// A webhook gets a request: it was written down before, and only one ticket ever calls for an id.
    pub(super) fn check_call(&self, job: &Job) {
        let Effect::Attempt { id, ticket, .. } = &job.effect else { return };
        let row = self.database.calls.get(id);
        let is_granted = row.is_some_and(|row| row.granted.contains(ticket));
        assert!(is_granted, "called without having been written down");
        assert_eq!(self.callers.get(id), Some(ticket), "only one ticket ever calls for an id");
    }

    fn check_accept(&self, place: usize, ticket: Ticket, taken: &[NewEvent]) {
        let client = &self.clients[&ticket];
        assert!(client.reply.is_none());
        let Asked::Events { events, sender } = &client.asked else { panic!("nobody has offered events") };
        let ids: BTreeSet<Uuid> = taken.iter().map(|event| event.id).collect();
        assert_eq!(ids.len(), taken.len(), "one event twice");
        for event in taken {
            let offered = events.iter().find(|offered| offered.id == event.id).expect("it was not offered");
            assert!(is_allowed(&event.kind, sender), "{event:?} of {sender:?}");
            let (project, source) = match sender {
                Sender::Player(player) => (player.project.as_str(), &player.origin),
                Sender::Server { key, project } => (project.as_str(), key),
            };
            let webhooks = self.relays[place].webhooks.iter();
            let webhooks: Vec<&str> = webhooks
                .filter(|webhook| is_for(webhook, project) && is_subscribed(webhook, &event.kind))
                .map(|webhook| webhook.id.as_str())
                .collect();
            assert!(event.deliveries.iter().map(|it| it.webhook.as_str()).eq(webhooks));
            assert_eq!((&*event.project, &event.source), (project, source));
            assert_eq!((&event.kind, &event.body, event.at), (&offered.kind, &offered.body, offered.at));
        }
    }

    fn check_reply(&mut self, place: usize, ticket: Ticket, reply: &Reply) {
        let relay = &self.relays[place];
        let client = self.clients.get_mut(&ticket).expect("nobody waits");
        assert_eq!((client.relay, client.life), (place, relay.life), "a reply of another life");
        assert!(client.reply.is_none(), "two replies: {:?} and {reply:?}", client.reply);
        client.reply = Some(reply.clone());
        let outcome = match reply {
            Reply::Answer(answer) => CallOutcome::Answer(answer.clone()),
            Reply::Failed(failure) => CallOutcome::Failed(*failure),
            Reply::Events { results, reasons } => return self.check_verdicts(ticket, results, reasons),
            Reply::Refused(refusal) => return self.check_refusal(place, ticket, refusal),
        };
        if let CallOutcome::Failed(failure) = outcome {
            self.seen.word(failure.outcome().as_str());
        }
        let id = match &client.asked {
            Asked::Call(request) => request.id,
            Asked::Outcome { id, .. } => *id,
            Asked::Events { .. } => panic!("events are no call"),
        };
        let call = &self.database.calls[&id].call;
        let is_own = match &client.asked {
            Asked::Call(request) => is_same(call, request, client.is_unknown),
            Asked::Outcome { player, .. } => is_of(call, player),
            Asked::Events { .. } => false,
        };
        assert!(is_own, "an answer for somebody else: {:?}", client.asked);
        let first = self.outcomes.entry(id).or_insert_with(|| outcome.clone());
        assert_eq!(*first, outcome, "two answers under one id");
        self.seen.answers += 1;
        if !client.is_granted {
            self.seen.stored_answers += 1;
            return;
        }
        // This one has called: it tells what it has heard.
        client.outcome = Some((outcome.clone(), self.clock));
        assert!(!client.is_attempting, "before the attempt has ended");
        let is_late =
            outcome == CallOutcome::Failed(CallFailure::Timeout) && self.clock >= client.deadline_ms;
        let is_heard = client.end.as_ref().is_some_and(|end| end.outcome == outcome);
        assert!(is_late || is_heard, "{outcome:?} is not what was heard: {:?}", client.end);
        if let (Some(again_ms), false) = (client.may_try_again(), is_late) {
            let soonest = self.clock + again_ms + LONGEST_WAIT_MS;
            assert!(soonest >= client.deadline_ms, "there was time for another attempt");
        }
    }

    fn check_verdicts(
        &mut self,
        ticket: Ticket,
        results: &[(Uuid, &'static str)],
        reasons: &[(Uuid, String)],
    ) {
        let Asked::Events { events, sender } = &self.clients[&ticket].asked else { panic!("no events") };
        let asked: BTreeSet<Uuid> = events.iter().map(|event| event.id).collect();
        let answered: BTreeSet<Uuid> = results.iter().map(|(id, _)| *id).collect();
        assert!(asked == answered && results.len() == answered.len(), "one verdict for each");
        let dropped: Vec<Uuid> =
            results.iter().filter(|(_, word)| *word == "drop").map(|(id, _)| *id).collect();
        assert_eq!(dropped, reasons.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        for (id, word) in results {
            let event = events.iter().find(|event| event.id == *id).unwrap();
            assert_eq!(*word == "drop", !is_allowed(&event.kind, sender), "{event:?} {word}");
            match *word {
                "ok" => assert!(self.said_ok.insert(*id), "new twice"),
                "dup" | "drop" => {}
                other => panic!("{other} of a store that said all"),
            }
            assert_eq!(self.database.events.contains_key(id), *word != "drop", "{word} of {event:?}");
            self.seen.word(word);
        }
    }

    fn check_refusal(&mut self, place: usize, ticket: Ticket, refusal: &Refusal) {
        let (client, relay) = (&self.clients[&ticket], &self.relays[place]);
        let Refusal { outcome, message, retry_after_ms } = refusal;
        assert!(!message.contains("secret") && !message.contains("private"), "{message}");
        let (id, call) = match &client.asked {
            Asked::Call(request) => (request.id, self.database.calls.get(&request.id)),
            Asked::Outcome { id, .. } => (*id, self.database.calls.get(id)),
            Asked::Events { .. } => (Uuid::nil(), None),
        };
        let is_own = call.is_some_and(|row| match &client.asked {
            Asked::Call(request) => is_same(&row.call, request, client.is_unknown),
            Asked::Outcome { player, .. } => is_of(&row.call, player),
            Asked::Events { .. } => false,
        });
        let is_full = relay.core.figures().under_way >= relay.limits.calls_at_once;
        let is_right = match outcome {
            RelayOutcome::InProgress | RelayOutcome::OutcomeUnknown => is_own,
            RelayOutcome::IdReused => call.is_some() && !is_own,
            RelayOutcome::UnknownCall => matches!(client.asked, Asked::Outcome { was_there: false, .. }),
            RelayOutcome::Unavailable => client.had_trouble || relay.is_draining || is_full,
            RelayOutcome::UnknownWebhook => client.is_unknown,
            RelayOutcome::BadRequest => {
                matches!(&client.asked, Asked::Call(request) if id.is_nil() || request.budget_ms == Some(0))
            }
            RelayOutcome::TooLarge => {
                matches!(&client.asked, Asked::Events { events, .. } if events.len() > relay.limits.events_per_request)
            }
            RelayOutcome::RateLimited => relay.limits.parties < 100,
            _ => false,
        };
        assert!(is_right, "{refusal:?} to {:?}", client.asked);
        let is_to_wait = matches!(
            outcome,
            RelayOutcome::InProgress | RelayOutcome::Unavailable | RelayOutcome::RateLimited
        );
        assert_eq!(retry_after_ms.is_some(), is_to_wait, "{refusal:?}");
        assert!(retry_after_ms.is_none_or(|ms| (1..=60_000).contains(&ms)));
        assert!(
            !client.is_granted || *outcome == RelayOutcome::Unavailable,
            "it was its to call: {refusal:?}"
        );
        self.seen.word(outcome.as_str());
    }
}

/// Where the webhook is not known any more nobody compares bytes.
fn is_same(call: &NewCall, request: &CallRequest, is_unknown: bool) -> bool {
    let other_id = if request.request_id == request.id { &[][..] } else { request.request_id.as_bytes() };
    let fingerprint: [u8; 32] = Sha256::digest([other_id, request.body.as_bytes()].concat()).into();
    call.id == request.id
        && call.webhook == request.webhook
        && (is_unknown || call.fingerprint == fingerprint)
        && is_of(call, &request.player)
}

fn is_of(call: &NewCall, player: &Player) -> bool {
    call.project == player.project && call.origin == player.origin
}

pub(super) fn webhook_of<'a>(relay: &'a Relay, request: &CallRequest) -> Option<&'a Webhook> {
    let mut webhooks = relay.webhooks.iter();
    webhooks.find(|webhook| webhook.id == request.webhook && is_for(webhook, &request.player.project))
}

fn is_for(webhook: &Webhook, project: &str) -> bool {
    webhook.projects.is_empty() || webhook.projects.iter().any(|known| known == project)
}

fn is_subscribed(webhook: &Webhook, kind: &str) -> bool {
    match webhook.id.as_str() {
        "shop" => matches!(kind, "lead.captured" | "lead.capturd" | "cart.added"),
        "crm" => true,
        _ => false,
    }
}

fn is_allowed(kind: &str, sender: &Sender) -> bool {
    match kind {
        "x" => false,
        "lead.capturd" | "video.created" => matches!(sender, Sender::Server { .. }),
        _ => true,
    }
}
