//! Viewers and servers: what they ask, and ask again.

use super::checks::webhook_of;
use super::webhooks::End;
use super::world::World;
use crate::core::{CallRequest, EventRequest, Input, Player, Reply, Sender, Ticket};
use crate::store::{Begun, CallOutcome};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(super) enum Asked {
    Call(CallRequest),
    Outcome {
        id: Uuid,
        player: Player,
        /// The call was there, and was this player's, when it was asked for.
        was_there: bool,
    },
    Events {
        events: Vec<EventRequest>,
        sender: Sender,
    },
}

/// Somebody who waits for a reply, and what has happened for it.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) asked: Asked,
    pub(super) relay: usize,
    pub(super) life: u32,
    /// The relay has crashed: there is no reply.
    pub(super) is_lost: bool,
    /// The database has failed at it.
    pub(super) had_trouble: bool,
    pub(super) reply: Option<Reply>,
    /// Of a call: when the viewer's patience ends, and how often its webhook is tried again.
    pub(super) deadline_ms: u64,
    pub(super) retries: u32,
    /// How often the store was asked whether the id is new.
    pub(super) begins: u32,
    /// Its relay has heard that the id is new.
    pub(super) is_granted: bool,
    pub(super) attempts: u32,
    pub(super) is_attempting: bool,
    /// How the last attempt has ended.
    pub(super) end: Option<End>,
    /// What it was given, when that was, and whether its relay has heard that it is stored.
    pub(super) outcome: Option<(CallOutcome, u64)>,
    /// It is a call of a webhook that the relay did not know when it was asked.
    pub(super) is_unknown: bool,
    pub(super) is_stored: bool,
    /// When its relay heard last that it could not be stored.
    pub(super) unstored_ms: u64,
}

impl World {
    fn player(&mut self) -> Player {
        let of = |world: &mut Self, texts: [&str; 2]| texts[world.pick(texts.len())].to_owned();
        Player {
            project: of(self, ["p", "q"]),
            origin: of(self, ["https://one.example", "https://two.example"]),
            address: of(self, ["192.0.2.1", "2001:db8::1"]),
        }
    }

    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(self.ids)
    }

    pub(super) fn ask_for_call(&mut self, place: usize) {
        let budgets = [None, None, Some(200), Some(2_000), Some(20_000), Some(0)];
        let mut request = if !self.calls.is_empty() && self.chance(0.5) {
            // Mostly one of the last.
            let known = self.calls.len();
            let known = known - 1 - self.pick(known.min(6));
            self.calls[known].clone()
        } else {
            let id = self.id();
            let request_id = if self.chance(0.2) { self.id() } else { id };
            CallRequest {
                id,
                request_id,
                webhook: ["shop", "crm", "crm", "log", "log", "log", "log", "shop", "gone"][self.pick(9)]
                    .into(),
                body: format!("{{\"private\":{}}}", self.ids).into(),
                budget_ms: None,
                player: self.player(),
            }
        };
        request.budget_ms = budgets[self.pick(budgets.len())];
        if self.chance(0.05) {
            match self.pick(5) {
                4 => request.request_id = self.id(),
                0 => request.body = "{\"private\":\"other\"}".into(),
                1 => request.webhook = "crm".into(),
                2 => request.player = self.player(),
                _ => request.id = Uuid::nil(),
            }
        }
        // Somebody else's slip does not become a request of its own.
        if !request.id.is_nil() && self.calls.iter().all(|known| known.id != request.id) {
            self.calls.push(request.clone());
        }
        self.ask(place, Asked::Call(request));
    }

    pub(super) fn ask_for_outcome(&mut self, place: usize) {
        if self.calls.is_empty() {
            return;
        }
        let known = self.pick(self.calls.len());
        let call = self.calls[known].clone();
        let player = if self.chance(0.8) { call.player } else { self.player() };
        self.ask_outcome(place, call.id, player);
    }

    pub(super) fn ask_outcome(&mut self, place: usize, id: Uuid, player: Player) -> Ticket {
        let row = self.database.calls.get(&id);
        let was_there =
            row.is_some_and(|row| row.call.project == player.project && row.call.origin == player.origin);
        self.ask(place, Asked::Outcome { id, player, was_there })
    }

    pub(super) fn offer_events(&mut self, place: usize) {
        let (events, sender) = if !self.batches.is_empty() && self.chance(0.4) {
            let known = self.pick(self.batches.len());
            self.batches[known].clone()
        } else {
            let sender = match self.chance(0.7) {
                true => Sender::Player(self.player()),
                false => {
                    let project = ["", "p", "q"][self.pick(3)].to_owned();
                    Sender::Server { key: "backend".into(), project }
                }
            };
            let kinds =
                ["lead.captured", "cart.added", "view.progressed", "lead.capturd", "video.created", "x"];
            let mut events: Vec<EventRequest> = Vec::new();
            for _ in 0..self.pick(6) {
                let good = if self.chance(0.8) { 3 } else { kinds.len() };
                let kind = kinds[self.pick(good)].to_owned();
                let event =
                    EventRequest { id: self.id(), kind, at: self.wall, body: "{\"private\":1}".into() };
                let times = if self.chance(0.1) { 2 } else { 1 };
                events.extend(std::iter::repeat_n(event, times));
            }
            self.batches.push((events.clone(), sender.clone()));
            (events, sender)
        };
        self.ask(place, Asked::Events { events, sender });
    }

    pub(super) fn ask(&mut self, place: usize, asked: Asked) -> Ticket {
        let ticket = Ticket(self.clients.len() as u64);
        let relay = &self.relays[place];
        let (budget_ms, retries) = match &asked {
            Asked::Call(request) => {
                let webhook = relay.webhooks.iter().find(|webhook| webhook.id == request.webhook);
                let (timeout_ms, retries) =
                    webhook.map_or((0, 0), |webhook| (webhook.timeout_ms, webhook.retries));
                (request.budget_ms.unwrap_or(timeout_ms).min(timeout_ms), retries)
            }
            _ => (0, 0),
        };
        let client = Client {
            asked: asked.clone(),
            relay: place,
            life: relay.life,
            is_lost: false,
            had_trouble: false,
            reply: None,
            deadline_ms: self.clock + u64::from(budget_ms),
            retries: retries.into(),
            begins: 0,
            is_granted: false,
            attempts: 0,
            is_attempting: false,
            end: None,
            outcome: None,
            is_unknown: matches!(&asked, Asked::Call(request) if webhook_of(relay, request).is_none()),
            is_stored: false,
            unstored_ms: 0,
        };
        self.clients.insert(ticket, client);
        let input = match asked {
            Asked::Call(request) => Input::Call { ticket, request },
            Asked::Outcome { id, player, .. } => Input::Ask { ticket, id, player },
            Asked::Events { events, sender } => {
                Input::Events { ticket, bytes: 20 * events.len(), events, sender }
            }
        };
        self.tell(place, input);
        ticket
    }

    /// Notes what a relay is about to hear.
    pub(super) fn heard(&mut self, place: usize, input: &Input, end: Option<End>) {
        let (ticket, clock) = match input {
            Input::Begun { ticket, .. }
            | Input::Attempted { ticket, .. }
            | Input::Finished { ticket, .. } => (*ticket, self.clock),
            _ => return,
        };
        let life = self.relays[place].life;
        let client = self.clients.get_mut(&ticket).unwrap();
        if (client.relay, client.life) != (place, life) {
            return;
        }
        match input {
            Input::Begun { result: Ok(Begun::New), .. } => client.is_granted = true,
            Input::Attempted { attempt, .. } if end.is_some() => {
                assert_eq!(*attempt, client.attempts);
                client.is_attempting = false;
                client.end = end;
            }
            Input::Finished { result: Ok(_), .. } => client.is_stored = true,
            Input::Finished { result: Err(_), .. } => client.unstored_ms = clock,
            _ => {}
        }
    }
}

impl Client {
    /// Whether the last attempt was worth another one.
    pub(super) fn may_try_again(&self) -> Option<u64> {
        let end = self.end.as_ref()?;
        (self.attempts <= self.retries).then_some(end.again_ms).flatten()
    }
}
