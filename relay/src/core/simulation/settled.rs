//! What was promised, checked when a relay says that it is done, and when all is calm.

use super::clients::Client;
use super::world::World;
use crate::core::Reply;
use crate::store::CallOutcome;

/// For so long at least it is tried to store an outcome, in milliseconds: ten seconds without the longest wait.
const STORING_MS: u64 = 8_000;

impl World {
    /// A relay that says so has completed everything.
    pub(super) fn check_drained(&mut self, place: usize) {
        let relay = &self.relays[place];
        assert!(relay.is_draining, "nobody asked for it");
        self.seen.drained += 1;
        for client in self.clients.values() {
            if (client.relay, client.life) == (place, relay.life) {
                assert!(client.reply.is_some(), "it still waits: {client:?}");
                check_storing(client);
            }
        }
    }

    pub(super) fn check_at_the_end(&mut self) {
        for place in 0..self.relays.len() {
            let relay = &self.relays[place];
            assert!(!relay.is_draining || relay.is_drained, "it never says that it is done");
            let figures = relay.core.figures();
            assert_eq!((figures.under_way, figures.calls), (0, 0), "something is left");
        }
        for client in self.clients.values() {
            assert!(client.is_lost || client.reply.is_some(), "no reply: {client:?}");
            if !client.is_lost {
                check_storing(client);
            }
            let given_up = client.outcome.is_some() && !client.is_lost && !client.is_stored;
            self.seen.given_up += u32::from(given_up);
        }
        for (id, event) in &self.database.events {
            assert_eq!(*id, event.id);
        }
        assert!(self.said_ok.iter().all(|id| self.database.events.contains_key(id)));
        self.ask_once_more();
        self.check_limits();
    }

    /// What is stored is what everybody is told from now on, by every relay.
    fn ask_once_more(&mut self) {
        self.restart_all();
        let calls: Vec<_> =
            self.database.calls.values().map(|row| (row.call.clone(), row.outcome.clone())).collect();
        for (call, outcome) in calls {
            let player = crate::core::Player {
                project: call.project,
                origin: call.origin,
                address: "192.0.2.1".into(),
            };
            for place in 0..self.relays.len() {
                // Limits may be tight.
                self.clock += 100_000;
                let ticket = self.ask_outcome(place, call.id, player.clone());
                self.calm_down();
                let told = match self.clients[&ticket].reply.clone() {
                    Some(Reply::Answer(answer)) => Some(CallOutcome::Answer(answer)),
                    Some(Reply::Failed(failure)) => Some(CallOutcome::Failed(failure)),
                    _ => None,
                };
                assert_eq!(told, outcome, "the stored answer of {}", call.id);
            }
        }
    }

    fn restart_all(&mut self) {
        for place in 0..self.relays.len() {
            let life = self.relays[place].life + 1;
            self.relays[place] = self.start(life);
        }
    }

    /// Limits that nobody touches are not counted any more.
    fn check_limits(&mut self) {
        let nobody = crate::core::Player { project: "n".into(), origin: "n".into(), address: "n".into() };
        for place in 0..self.relays.len() {
            self.clock += 1_000_000;
            self.ask_outcome(place, uuid::Uuid::from_u128(u128::MAX), nobody.clone());
            assert!(self.relays[place].core.figures().buckets <= 2, "limits are counted for ever");
        }
        self.calm_down();
    }
}

/// Whoever was answered by a relay that has lived on: that is stored, or it was tried for long.
fn check_storing(client: &Client) {
    if let Some((_, told_ms)) = &client.outcome {
        let was_tried_ms = client.unstored_ms.saturating_sub(*told_ms);
        assert!(client.is_stored || was_tried_ms >= STORING_MS, "not stored: {client:?}");
    }
}
