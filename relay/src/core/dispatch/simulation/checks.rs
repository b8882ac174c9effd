//! What was promised.

use super::endpoints::Mode;
use super::relay::{limits, ready};
use super::world::World;
use crate::core::dispatch::{Effect, Sending};
use crate::store::{
    Becomes, Counts, DeliveryFilter, DeliveryId, DeliveryState, EventFilter, Settled, Settlement, Store,
    StoreError, StoredDelivery, UnixMs,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A clock that was set so many milliseconds ago may have confused two relays.
const CONFUSED_MS: u64 = 120_000;

/// What has happened, to see that all of it does.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) crashes: u32,
    pub(super) sent: u32,
    pub(super) modes: BTreeMap<String, u32>,
    pub(super) ends: BTreeMap<String, u32>,
    pub(super) told: BTreeMap<String, u32>,
    pub(super) drained: u32,
    pub(super) renewed: u32,
    pub(super) replayed: u32,
    pub(super) lost: u32,
    pub(super) given_back: u32,
}

impl Seen {
    pub(super) fn add(&mut self, other: &Self) {
        self.crashes += other.crashes;
        self.sent += other.sent;
        self.drained += other.drained;
        self.renewed += other.renewed;
        self.replayed += other.replayed;
        self.lost += other.lost;
        self.given_back += other.given_back;
        let maps =
            [(&mut self.modes, &other.modes), (&mut self.ends, &other.ends), (&mut self.told, &other.told)];
        for (mine, others) in maps {
            for (word, count) in others {
                *mine.entry(word.clone()).or_default() += count;
            }
        }
    }

    /// A simulation in which something never happens proves nothing about it.
    pub(super) fn check(&self) {
        println!("{self:?}");
        let counts =
            [self.crashes, self.sent, self.drained, self.renewed, self.replayed, self.lost, self.given_back];
        assert!(counts.iter().all(|count| *count > 0), "something never happens: {self:?}");
        assert!(self.modes.len() >= 16, "{:?}", self.modes);
        for reason in [
            "delivered",
            "removed",
            "not active",
            "disabled",
            "gone",
            "given up",
            "not wanted",
            "no body",
            "so large",
        ] {
            assert!(self.ends.keys().any(|end| end.contains(reason)), "never: {reason}");
        }
        for kind in ["endpoint.failing", "endpoint.disabled", "endpoint.recovered", "delivery.exhausted"] {
            assert!(self.told.contains_key(kind), "never told: {kind}");
        }
    }
}

/// What is known of a delivery.
#[derive(Debug, Default)]
pub(super) struct Track {
    event: Option<(Uuid, String)>,
    /// Attempts that were settled since it was taken or replayed.
    attempts: usize,
    /// How the attempt that began then ended.
    modes: BTreeMap<UnixMs, Mode>,
    /// It was delivered, and not replayed since.
    is_delivered: bool,
    was_replayed: bool,
}

impl World {
    fn is_confused(&self) -> bool {
        self.jumped.is_some_and(|at_ms| self.clock < at_ms + CONFUSED_MS)
    }

    pub(super) fn check_effect(&mut self, place: usize, effect: &Effect) {
        let relay = &self.relays[place];
        assert!(!relay.is_drained, "it was done: {effect:?}");
        match effect {
            Effect::Claim { limit, each, .. } => {
                assert!(!relay.is_draining, "it is to end");
                assert!(*limit > 0 && *limit <= limits().at_once && *each > 0);
                let figures = relay.dispatch.figures(self.clock);
                assert!(
                    figures.bytes + limit * limits().event_bytes <= limits().bytes,
                    "too many bytes: {figures:?}"
                );
            }
            Effect::Send(sending) => self.check_send(place, sending),
            Effect::Settle { settlements, .. } => {
                assert!(!settlements.is_empty());
                let ids: BTreeSet<DeliveryId> = settlements.iter().map(|settlement| settlement.id).collect();
                assert_eq!(ids.len(), settlements.len(), "one twice");
            }
            Effect::Renew { held, .. } => self.seen.renewed += held.len() as u32,
            Effect::Drained => {
                assert!(
                    relay.is_draining && relay.sending.is_empty(),
                    "nobody asked for it, or it is not done"
                );
                self.seen.drained += 1;
            }
            Effect::Timer { after_ms } => assert!(*after_ms > 0),
            Effect::PutHealth { was, becomes, events, .. } => {
                assert!(was != becomes || !events.is_empty(), "nothing has changed");
            }
            Effect::Due { .. } | Effect::Look => {}
        }
    }

    fn check_send(&mut self, place: usize, sending: &Sending) {
        let delivery = &sending.delivery;
        let relay = &self.relays[place];
        let under_way = relay.sending.values().filter(|webhook| **webhook == delivery.webhook).count();
        assert!(under_way < limits().per_webhook, "too many at once: {under_way}");
        assert!(relay.sending.len() < limits().at_once, "too many at once");
        let is_confused = self.is_confused();
        let stored = ready(self.store.delivery(delivery.id)).unwrap().unwrap().delivery;
        let track = self.track.entry(delivery.id).or_default();
        let named = (delivery.event, delivery.webhook.clone());
        assert_eq!(*track.event.get_or_insert(named.clone()), named, "another event");
        assert!(is_confused || !track.is_delivered, "it was delivered: {stored:?}");
        assert!(is_confused || stored.state == DeliveryState::Pending, "it has ended: {stored:?}");
        // Of a session the ones before have ended.
        if delivery.webhook == "kept" && !is_confused {
            let before = self.before(&stored);
            assert!(before.is_empty(), "they come first: {before:?}");
        }
        self.seen.sent += 1;
    }

    /// The deliveries of the same session that were taken before and have not ended.
    fn before(&self, stored: &StoredDelivery) -> Vec<DeliveryId> {
        let filter = DeliveryFilter {
            webhook: Some(stored.webhook.clone()),
            state: Some(DeliveryState::Pending),
            before: Some(stored.id),
            limit: 1_000,
            ..DeliveryFilter::default()
        };
        let pending = ready(self.store.deliveries(&filter)).unwrap();
        let order = self.orders.get(&stored.event);
        // What is replayed comes when it comes.
        let was_replayed = |id| self.track.get(&id).is_some_and(|track| track.was_replayed);
        let is_same =
            |other: &&StoredDelivery| self.orders.get(&other.event) == order && !was_replayed(other.id);
        pending.iter().filter(is_same).map(|other| other.id).collect()
    }

    /// A request has come.
    pub(super) fn heard(&mut self, _: usize, sending: &Sending, mode: Mode) {
        self.note_mode(mode);
        let wall = self.wall;
        self.track.entry(sending.delivery.id).or_default().modes.insert(wall, mode);
    }

    /// The store has written something down.
    pub(super) fn settled(&mut self, settlements: &[Settlement], result: &Result<Vec<Settled>, StoreError>) {
        let limits = limits();
        for (settlement, settled) in settlements.iter().zip(result.as_ref().unwrap()) {
            if *settled == Settled::Lost {
                self.seen.lost += 1;
                continue;
            }
            let track = self.track.entry(settlement.id).or_default();
            let Some(attempt) = &settlement.attempt else {
                match &settlement.becomes {
                    Becomes::Waiting(_) => self.seen.given_back += 1,
                    Becomes::Skipped(reason) | Becomes::Dead(reason) => {
                        *self.seen.ends.entry(reason.clone()).or_default() += 1;
                    }
                    Becomes::Delivered => panic!("without an attempt"),
                }
                continue;
            };
            track.attempts += 1;
            let mode = track.modes[&attempt.at];
            match &settlement.becomes {
                Becomes::Delivered => {
                    assert!(matches!(mode, Mode::Well | Mode::Slow), "{mode:?}");
                    track.is_delivered = true;
                    *self.seen.ends.entry("delivered".into()).or_default() += 1;
                }
                Becomes::Waiting(due) => {
                    let wait_ms = due - attempt.at;
                    let least_ms = match mode {
                        Mode::Well
                        | Mode::Slow
                        | Mode::SaysDrop
                        | Mode::Status(410 | 413)
                        | Mode::Nothing => {
                            panic!("{mode:?} waits")
                        }
                        Mode::Hints => 3_600_000,
                        Mode::Hangs | Mode::Status(429) => 60_000,
                        Mode::Status(404) => 96_000,
                        Mode::Status(409) => 1_000,
                        Mode::Status(401) if !track.was_replayed => 600_000,
                        _ => {
                            limits.schedule_ms[track.attempts.min(limits.schedule_ms.len() - 1)] as i64 * 8
                                / 10
                        }
                    };
                    // Attempts that were lost are not counted; a clock that was set may have it look shorter.
                    let was_set = self.jumped.is_some_and(|at_ms| self.clock < at_ms + CONFUSED_MS);
                    assert!(
                        was_set || wait_ms >= least_ms.min(86_400_000) || mode == Mode::Status(409),
                        "{mode:?} {wait_ms} {least_ms}"
                    );
                    assert!(was_set || wait_ms <= 90_000_000, "{mode:?} {wait_ms}");
                }
                Becomes::Dead(reason) | Becomes::Skipped(reason) => {
                    assert!(!matches!(mode, Mode::Well | Mode::Slow), "{reason}");
                    *self.seen.ends.entry(reason.chars().take(60).collect()).or_default() += 1;
                }
            }
        }
    }

    /// Some deliveries that had ended are due again.
    pub(super) fn replayed(&mut self, before: &[StoredDelivery]) {
        for was in before {
            let is = ready(self.store.delivery(was.id)).unwrap().unwrap().delivery;
            if is.state == DeliveryState::Pending && was.state != DeliveryState::Pending {
                let track = self.track.entry(was.id).or_default();
                track.is_delivered = false;
                track.was_replayed = true;
                track.attempts = 0;
                self.seen.replayed += 1;
            }
        }
    }

    /// What a relay does by itself in one second is bounded.
    pub(super) fn check_spin(&mut self, place: usize, is_own: bool, effects: usize) {
        let second = self.clock / 1_000;
        let counted = &mut self.relays[place].second;
        if counted.0 != second {
            *counted = (second, 0, 0);
        }
        if is_own {
            counted.2 += 1 + effects as u32;
            assert!(counted.2 < 100, "it spins");
        } else {
            counted.1 += 1;
            assert!(counted.1 < 1_500, "it spins");
        }
    }

    pub(super) fn check_at_the_end(&mut self) {
        let counts = ready(self.store.counts()).unwrap();
        let Counts { accepted, delivered, pending, skipped, dead, .. } = counts;
        assert_eq!(accepted, delivered + pending + skipped + dead);
        assert_eq!(pending, 0);
        let all = DeliveryFilter { limit: 100_000, ..DeliveryFilter::default() };
        let deliveries = ready(self.store.deliveries(&all)).unwrap();
        let named: BTreeSet<(Uuid, String)> =
            deliveries.iter().map(|delivery| (delivery.event, delivery.webhook.clone())).collect();
        assert_eq!(named.len(), deliveries.len(), "two for one event and webhook");
        assert!(self.taken.is_subset(&named), "something is lost");
        for relay in &self.relays {
            let figures = relay.dispatch.figures(self.clock);
            assert_eq!((figures.under_way, figures.held, figures.bytes), (0, 0, 0), "something is left");
        }
        self.check_told();
    }

    /// What tells of endpoints and deliveries is told once.
    fn check_told(&mut self) {
        let events =
            ready(self.store.events(&EventFilter { limit: 100_000, ..EventFilter::default() })).unwrap();
        let mut once = BTreeSet::new();
        for event in events.iter().filter(|event| event.source == "cuehook-relay") {
            *self.seen.told.entry(event.kind.clone()).or_default() += 1;
            let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
            assert_eq!(
                (&body["type"], &body["id"]),
                (&event.kind.as_str().into(), &event.id.to_string().into())
            );
            let data = &body["data"];
            // Of how far it is, the steps count.
            let percent = data["percent"]
                .as_u64()
                .map(|percent| [90, 70, 50].into_iter().find(|step| percent >= *step));
            let what =
                format!("{} {} {} {} {percent:?}", event.kind, data["webhook"], data["since"], data["event"]);
            assert!(once.insert(what.clone()), "told twice: {what}");
            let about = data["webhook"].as_str().unwrap();
            let filter = DeliveryFilter { event: Some(event.id), limit: 100, ..DeliveryFilter::default() };
            for delivery in ready(self.store.deliveries(&filter)).unwrap() {
                assert!(
                    delivery.webhook != about && matches!(&*delivery.webhook, "ops" | "b"),
                    "{delivery:?}"
                );
            }
        }
    }
}
