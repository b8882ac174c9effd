//! What happens by chance, one thing after the other.

use super::checks::{Seen, Track};
use super::endpoints::{IDS, Mode, webhooks};
use super::relay::{Relay, ready};
use crate::config::Webhook;
use crate::core::dispatch::{Effect, Input};
use crate::store::memory::MemoryStore;
use crate::store::{
    Audit, Change, DeliveryFilter, DeliveryId, NewDelivery, NewEvent, Store, UnixMs, WebhookHealth,
};
use cuehook_protocol::IdSource;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Something that will happen.
#[derive(Debug)]
pub(super) enum Happening {
    Tell {
        place: usize,
        life: u32,
        input: Box<Input>,
    },
    Perform {
        place: usize,
        life: u32,
        effect: Box<Effect>,
    },
    Look {
        place: usize,
        life: u32,
    },
    Ring {
        place: usize,
        life: u32,
        timer: u64,
    },
    /// Somebody does something.
    Act,
}

pub(super) struct World {
    chance: IdSource,
    loud: bool,
    /// The clock that only goes on.
    pub(super) clock: u64,
    /// The one that is set.
    pub(super) wall: UnixMs,
    pub(super) store: Arc<MemoryStore>,
    pub(super) relays: Vec<Relay>,
    pub(super) webhooks: Vec<Webhook>,
    pub(super) modes: BTreeMap<String, Mode>,
    agenda: BTreeMap<(u64, u64), Happening>,
    serial: u64,
    acts: usize,
    ids: u128,
    pub(super) is_away: bool,
    pub(super) is_calm: bool,
    /// When the wall clock was set last.
    pub(super) jumped: Option<u64>,
    pub(super) track: BTreeMap<DeliveryId, Track>,
    /// What was taken: event and webhook.
    pub(super) taken: BTreeSet<(Uuid, String)>,
    /// Of each event, what it is kept in order within.
    pub(super) orders: BTreeMap<Uuid, String>,
    pub(super) seen: Seen,
}

impl World {
    pub(super) fn new(seed: u64, loud: bool) -> Self {
        let mut world = Self {
            chance: IdSource::new([seed, 0x9E37_79B9, 5, 6]),
            loud,
            clock: 1_000_000,
            wall: 1_800_000_000_000,
            store: Arc::default(),
            relays: Vec::new(),
            webhooks: webhooks(),
            modes: IDS.iter().map(|id| ((*id).to_owned(), Mode::Well)).collect(),
            agenda: BTreeMap::new(),
            serial: 0,
            acts: 0,
            ids: 0,
            is_away: false,
            is_calm: false,
            jumped: None,
            track: BTreeMap::new(),
            taken: BTreeSet::new(),
            orders: BTreeMap::new(),
            seen: Seen::default(),
        };
        // Neighbouring seeds begin alike.
        for _ in 0..20 {
            world.chance.unit();
        }
        for place in 0..=world.pick(2) {
            let relay = world.start(0);
            world.relays.push(relay);
            world.plan(0, Happening::Look { place, life: 0 });
        }
        world.acts = 10 + world.pick(60);
        world.plan(50, Happening::Act);
        world
    }

    pub(super) fn pick(&mut self, count: usize) -> usize {
        (self.chance.unit() * count as f64) as usize
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.chance.unit() < probability
    }

    pub(super) fn say(&self, what: impl FnOnce() -> String) {
        if self.loud {
            println!("{:>9} {}", self.clock, what());
        }
    }

    pub(super) fn plan(&mut self, after_ms: u64, happening: Happening) {
        self.serial += 1;
        self.agenda.insert((self.clock + after_ms, self.serial), happening);
    }

    /// The next thing happens; whether there is one before then.
    fn step(&mut self, until_ms: u64) -> bool {
        let Some(((at_ms, _), _)) = self.agenda.first_key_value() else { return false };
        let at_ms = *at_ms;
        if at_ms > until_ms {
            return false;
        }
        self.wall += (at_ms - self.clock) as UnixMs;
        self.clock = at_ms;
        let (_, happening) = self.agenda.pop_first().unwrap();
        match happening {
            Happening::Tell { place, life, input } => {
                if self.relays[place].life == life {
                    if let Input::Sent { op, .. } = &*input {
                        self.relays[place].sending.remove(op);
                    }
                    // What is told twice changes nothing.
                    if self.chance(0.03) {
                        self.tell(place, (*input).clone());
                    }
                    self.tell(place, *input);
                }
            }
            Happening::Perform { place, life, effect } => {
                // What a process that has crashed had asked for may still be done.
                if self.relays[place].life == life || self.chance(0.5) {
                    self.perform(place, life, *effect);
                }
            }
            Happening::Look { place, life } => {
                if self.relays[place].life == life {
                    self.look(place);
                    let at_ms = self.clock + if self.is_calm { 60_000 } else { 20_000 };
                    if self.relays[place].looks_ms < at_ms - 10_000 {
                        self.relays[place].looks_ms = at_ms;
                        self.plan(at_ms - self.clock, Happening::Look { place, life });
                    }
                }
            }
            Happening::Ring { place, life, timer } => {
                // It may have been set to another time since.
                if (self.relays[place].life, self.relays[place].timer) == (life, timer) {
                    self.tell(place, Input::Rang);
                }
            }
            Happening::Act => self.act(),
        }
        true
    }

    pub(super) fn run(&mut self) {
        while self.acts > 0 {
            self.step(u64::MAX);
        }
    }

    fn act(&mut self) {
        self.acts = self.acts.saturating_sub(1);
        let spans = [1, 20, 200, 2_000, 20_000, 200_000, 2_000_000];
        let span = spans[self.pick(spans.len())];
        let after_ms = self.pick(span) as u64;
        if self.acts > 0 {
            self.plan(after_ms, Happening::Act);
        }
        let place = self.pick(self.relays.len());
        match self.pick(40) {
            0..=13 => self.offer(place),
            14..=20 => {
                let id = IDS[self.pick(IDS.len())];
                let mode = self.any_mode();
                self.say(|| format!("{id} is {mode:?} from now on"));
                self.modes.insert(id.into(), mode);
            }
            21..=22 => self.crash(place),
            23..=24 => self.is_away = self.chance(0.4),
            25..=26 => {
                let far = if self.chance(0.2) { 100_000_000.0 } else { 100_000.0 };
                self.wall += ((self.chance.unit() - 0.3) * far) as UnixMs;
                self.jumped = Some(self.clock);
                self.say(|| "the clock is set".into());
            }
            27..=29 => self.replay(place),
            30..=31 => {
                let at = self.pick(self.webhooks.len());
                self.webhooks[at].active = !self.webhooks[at].active;
            }
            32 => {
                self.webhooks.retain(|webhook| webhook.id != "gone");
                if self.chance(0.5) {
                    self.webhooks = webhooks();
                }
            }
            33..=35 => self.enable(),
            36 if self.chance(0.5) => {
                self.relays[place].is_draining = true;
                self.tell(place, Input::Drain);
            }
            _ if self.relays[place].is_drained => self.crash(place),
            _ => self.offer(place),
        }
    }

    /// Events are taken by a relay.
    fn offer(&mut self, place: usize) {
        let most = if self.chance(0.1) { 60 } else { 4 };
        let count = 1 + self.pick(most);
        let mut events = Vec::new();
        for _ in 0..count {
            self.ids += 1;
            let id = Uuid::from_u128(self.ids);
            let mut deliveries = Vec::new();
            let session = format!("session {}", self.pick(2));
            self.orders.insert(id, session.clone());
            for webhook in &webhooks() {
                if webhook.id != "ops" && self.chance(0.5) {
                    let order = webhook.ordered.then(|| session.clone());
                    deliveries.push(NewDelivery { webhook: webhook.id.clone(), order });
                    self.taken.insert((id, webhook.id.clone()));
                }
            }
            let body = format!("{{\"id\":\"{id}\",\"more\":\"{}\"}}", "x".repeat(self.pick(100)));
            let (kind, project, source) = ("cart.added".into(), "p".into(), "s".into());
            events.push(NewEvent { id, kind, project, source, at: self.wall, body, deliveries });
        }
        ready(self.store.accept(events, self.wall)).unwrap();
        self.tell(place, Input::Stirred);
    }

    fn audit() -> Audit {
        Audit { key: "k".into(), action: "a".into(), target: "t".into(), detail: String::new() }
    }

    fn replay(&mut self, place: usize) {
        let webhook = Some(IDS[self.pick(IDS.len())].to_owned());
        let filter = DeliveryFilter { webhook, limit: 1 + self.pick(5), ..DeliveryFilter::default() };
        let before =
            ready(self.store.deliveries(&DeliveryFilter { limit: 10_000, ..DeliveryFilter::default() }))
                .unwrap();
        let (count, _) = ready(self.store.replay(&filter, Self::audit(), self.wall)).unwrap();
        self.say(|| format!("{count} are replayed: {filter:?}"));
        self.replayed(&before);
        self.tell(place, Input::Stirred);
    }

    /// Somebody enables a webhook that was disabled.
    fn enable(&mut self) {
        let known = ready(self.store.webhook_health()).unwrap();
        if let Some(was) = known.into_iter().find(|health| health.disabled_at.is_some()) {
            self.say(|| format!("{} is enabled", was.webhook));
            let becomes = WebhookHealth::of(&*was.webhook);
            self.modes.insert(was.webhook.clone(), Mode::Well);
            assert!(
                ready(self.store.change(Change::Health { was, becomes }, Self::audit(), self.wall)).unwrap()
            );
        }
    }

    /// Everything works, and everything that was taken comes to its end.
    pub(super) fn calm_down(&mut self) {
        self.say(|| "all is calm".into());
        self.is_calm = true;
        self.is_away = false;
        self.webhooks.iter_mut().for_each(|webhook| webhook.active = true);
        for place in 0..self.relays.len() {
            if self.relays[place].is_draining {
                self.crash(place);
            }
        }
        let end = self.clock + 4 * 24 * 3_600_000;
        let mut steps = 0;
        loop {
            steps += 1;
            assert!(steps < 100_000, "it never ends: {:?}", ready(self.store.counts()));
            let is_over = self.relays.iter().all(|relay| relay.dispatch.figures(self.clock).held == 0);
            if is_over && ready(self.store.counts()).unwrap().pending == 0 {
                break;
            }
            assert!(self.step(end), "something waits for ever: {:?}", ready(self.store.counts()));
        }
        // What tells of it is delivered, too.
        let end = self.clock + 100_000;
        while self.step(end) {}
        assert_eq!(ready(self.store.counts()).unwrap().pending, 0);
    }
}
