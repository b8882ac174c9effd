//! What happens by chance.

use super::clients::Client;
use super::database::Database;
use super::relay::{Job, Relay, all_webhooks};
use crate::core::{CallRequest, EventRequest, Input, Sender, Ticket};
use crate::store::{CallOutcome, UnixMs};
use cuehook_protocol::IdSource;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// What has happened, to see that all of it does.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) crashes: u32,
    pub(super) drained: u32,
    pub(super) retries: u32,
    pub(super) answers: u32,
    /// Answers that were given without a call.
    pub(super) stored_answers: u32,
    pub(super) given_up: u32,
    /// Calls that were made though the store had said that they could not be begun; by whoever had asked, and by who came after it.
    pub(super) regained: u32,
    pub(super) inherited: u32,
    pub(super) words: BTreeMap<&'static str, u32>,
}

impl Seen {
    pub(super) fn add(&mut self, other: &Self) {
        self.crashes += other.crashes;
        self.drained += other.drained;
        self.retries += other.retries;
        self.answers += other.answers;
        self.stored_answers += other.stored_answers;
        self.given_up += other.given_up;
        self.regained += other.regained;
        self.inherited += other.inherited;
        for (word, count) in &other.words {
            *self.words.entry(word).or_default() += count;
        }
    }

    pub(super) fn word(&mut self, word: &'static str) {
        *self.words.entry(word).or_default() += 1;
    }

    /// A simulation in which something never happens proves nothing about it.
    pub(super) fn check(&self) {
        println!("{self:?}");
        let counts = [
            self.crashes,
            self.drained,
            self.retries,
            self.answers,
            self.stored_answers,
            self.given_up,
            self.regained,
            self.inherited,
        ];
        assert!(counts.iter().all(|count| *count > 0), "something never happens: {self:?}");
        for word in [
            "ok",
            "dup",
            "drop",
            "unknown-webhook",
            "unknown-call",
            "bad-request",
            "too-large",
            "rate-limited",
            "in-progress",
            "id-reused",
            "unavailable",
            "outcome-unknown",
            "webhook-network",
            "webhook-forbidden",
            "webhook-timeout",
            "webhook-too-large",
            "webhook-bad-json",
        ] {
            assert!(self.words.contains_key(word), "never said: {word}");
        }
    }
}

pub(super) struct World {
    chance: IdSource,
    loud: bool,
    /// The clock that only goes on.
    pub(super) clock: u64,
    /// The one that is set.
    pub(super) wall: UnixMs,
    pub(super) database: Database,
    pub(super) relays: Vec<Relay>,
    /// What relays had sent before they crashed, and what has not arrived yet.
    pub(super) orphans: Vec<Job>,
    /// What is told once more, later.
    pub(super) echoes: Vec<(usize, Input)>,
    pub(super) clients: BTreeMap<Ticket, Client>,
    /// Requests that were made, to be made again.
    pub(super) calls: Vec<CallRequest>,
    pub(super) batches: Vec<(Vec<EventRequest>, Sender)>,
    /// Who calls for each id.
    pub(super) callers: BTreeMap<Uuid, Ticket>,
    /// What was answered under each id.
    pub(super) outcomes: BTreeMap<Uuid, CallOutcome>,
    /// Events of which `ok` was said.
    pub(super) said_ok: BTreeSet<Uuid>,
    pub(super) serial: u64,
    pub(super) ids: u128,
    pub(super) is_calm: bool,
    pub(super) seen: Seen,
}

impl World {
    pub(super) fn new(seed: u64, loud: bool) -> Self {
        let mut world = Self {
            chance: IdSource::new([seed, 0x9E37_79B9, 3, 4]),
            loud,
            clock: 1_000,
            wall: 1_800_000_000_000,
            database: Database::default(),
            relays: Vec::new(),
            orphans: Vec::new(),
            echoes: Vec::new(),
            clients: BTreeMap::new(),
            calls: Vec::new(),
            batches: Vec::new(),
            callers: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            said_ok: BTreeSet::new(),
            serial: 0,
            ids: 0,
            is_calm: false,
            seen: Seen::default(),
        };
        // Neighbouring seeds begin alike.
        for _ in 0..20 {
            world.chance.unit();
        }
        for _ in 0..=world.pick(2) {
            let relay = world.start(0);
            world.relays.push(relay);
        }
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
            println!("{:>8} {}", self.clock, what());
        }
    }

    /// One thing happens.
    pub(super) fn step(&mut self) {
        let place = self.pick(self.relays.len());
        match self.pick(62) {
            0..=8 => self.ask_for_call(place),
            9..=11 => self.ask_for_outcome(place),
            12..=16 => self.offer_events(place),
            17..=28 => {
                let jobs = self.relays[place].jobs.len();
                if jobs > 0 {
                    let job = self.pick(jobs);
                    self.perform(place, job);
                }
            }
            29..=42 => {
                let jobs = self.relays[place].jobs.len();
                if jobs > 0 {
                    let job = self.pick(jobs);
                    self.deliver(place, job);
                }
            }
            43..=46 => {
                let ms = self.pick(200) as u64;
                self.pass(ms);
            }
            47..=48 => {
                if let Some(at) = self.next_instant() {
                    self.pass(at.saturating_sub(self.clock));
                }
            }
            49 if self.chance(0.5) => {
                let ms = self.pick(30_000) as u64;
                self.pass(ms);
            }
            50..=51 => self.echo(),
            52 => self.crash(place),
            53 => {
                if self.chance(0.5) {
                    let (ticket, count) =
                        (Ticket(self.pick(1 + self.clients.len()) as u64), self.clients.len());
                    self.say(|| format!("one of {count} clients leaves"));
                    self.tell(place, Input::Left(ticket));
                }
            }
            54 => {
                let far = if self.chance(0.1) { 100_000_000.0 } else { 40_000.0 };
                self.wall += ((self.chance.unit() - 0.5) * far) as UnixMs;
                self.say(|| "the clock is set".into());
            }
            55 => self.database.is_away = self.chance(0.25),
            56 if self.chance(0.4) => {
                self.relays[place].is_draining = true;
                self.tell(place, Input::Drain);
            }
            57 if self.chance(0.5) => self.arrive_late(),
            58 => self.change_webhooks(place),
            49 | 59..=61 if self.relays[place].is_drained => {
                // It ends, and another one begins.
                let life = self.relays[place].life + 1;
                self.relays[place] = self.start(life);
            }
            _ => {
                self.ring(place);
            }
        }
    }

    fn pass(&mut self, ms: u64) {
        self.clock += ms;
        self.wall += ms as UnixMs;
    }

    /// When the next timer rings, or the next answer comes.
    fn next_instant(&self) -> Option<u64> {
        let timers = self.relays.iter().flat_map(|relay| relay.timers.iter().map(|(_, at)| *at));
        let jobs = self.relays.iter().flat_map(|relay| &relay.jobs);
        timers.chain(jobs.filter_map(|job| job.done.as_ref().map(|(at, ..)| *at))).min()
    }

    /// A timer that is due rings; at times twice.
    fn ring(&mut self, place: usize) -> bool {
        let clock = self.clock;
        let timers = &mut self.relays[place].timers;
        let Some(due) = timers.iter().position(|(_, at)| *at <= clock) else { return false };
        let (ticket, _) = timers.remove(due);
        if self.chance(0.1) {
            self.echoes.push((place, Input::Rang(ticket)));
        }
        self.tell(place, Input::Rang(ticket));
        true
    }

    /// Something is told once more.
    fn echo(&mut self) {
        if !self.echoes.is_empty() {
            let echo = self.pick(self.echoes.len());
            let (place, input) = self.echoes.remove(echo);
            self.heard(place, &input, None);
            self.tell(place, input);
        }
    }

    /// What a relay had sent before it crashed arrives after all.
    fn arrive_late(&mut self) {
        if let Some(job) = self.orphans.pop() {
            self.say(|| format!("from beyond: {:?}", job.effect));
            self.carry_out(&job);
        }
    }

    fn change_webhooks(&mut self, place: usize) {
        let mut webhooks = all_webhooks();
        if self.chance(0.3) {
            let gone = self.pick(webhooks.len());
            webhooks.remove(gone);
        }
        self.relays[place].webhooks = webhooks.into();
        let webhooks = Arc::clone(&self.relays[place].webhooks);
        self.tell(place, Input::Webhooks(webhooks));
    }

    /// Everything works, and everything that was begun comes to its end.
    pub(super) fn calm_down(&mut self) {
        self.say(|| "all is calm".into());
        self.is_calm = true;
        self.database.is_away = false;
        while !self.orphans.is_empty() {
            self.arrive_late();
        }
        for round in 0.. {
            assert!(round < 10_000, "it never ends");
            let mut is_quiet = self.echoes.is_empty();
            self.echo();
            for place in 0..self.relays.len() {
                for job in (0..self.relays[place].jobs.len()).rev() {
                    self.perform(place, job);
                    is_quiet &= !self.deliver(place, job);
                }
                is_quiet &= !self.ring(place);
            }
            if is_quiet {
                let Some(at) = self.next_instant() else { break };
                self.pass(at.saturating_sub(self.clock));
            }
        }
    }
}
