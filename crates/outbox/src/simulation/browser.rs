//! A browser: its disk, its lock, its pages and the network, with a clock that stands still unless it is moved. What
//! happens when is up to whoever holds it.

use super::host::Host;
use crate::{Delivery, Effect, Input, Moment, Outbox, Report, Setup, Storage, Timer};
use cuehook_protocol::IdSource;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A tab keeps its session from load to load.
#[derive(Clone, Debug)]
pub(super) struct Tab {
    pub(super) session: String,
    pub(super) started_ms: f64,
    pub(super) loads: u32,
}

/// What a page is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Running,
    /// Nothing reaches it for a while.
    Frozen,
    /// It was left, and may come back.
    Away,
    Gone,
}

#[derive(Debug)]
pub(super) struct Page {
    pub(super) outbox: Outbox,
    pub(super) tab: usize,
    pub(super) life: Life,
    pub(super) storage: Storage,
    /// When its timers ring.
    pub(super) timers: Vec<(Timer, f64)>,
    /// What reaches it when it runs again.
    pub(super) inbox: VecDeque<Input>,
    pub(super) later: Vec<Delivery>,
    /// Its deliveries may overlap with others': it does not know that its lock was taken.
    pub(super) is_robbed: bool,
    /// It has been told to send what it has, without lock.
    pub(super) has_left: bool,
    pub(super) settled: BTreeMap<u32, bool>,
    pub(super) reports: Vec<Report>,
    pub(super) restored: Vec<String>,
    pub(super) is_opened: bool,
    /// Events that it has sent without the lock.
    pub(super) unlocked: BTreeSet<String>,
    /// The sessions that it has had.
    pub(super) sessions: Vec<String>,
    /// It was without storage for a while.
    pub(super) was_volatile: bool,
}

/// A request on its way.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) page: usize,
    pub(super) delivery: Delivery,
    /// The page waits for it.
    pub(super) is_awaited: bool,
    /// When it ends.
    pub(super) due: f64,
    /// Sent without lock, because the page was being left.
    pub(super) is_left: bool,
}

pub(super) struct Browser {
    pub(super) chance: IdSource,
    pub(super) loud: bool,
    pub(super) now: f64,
    pub(super) wall: f64,
    pub(super) disk: BTreeMap<String, String>,
    /// Bytes that the disk may hold.
    pub(super) quota: usize,
    pub(super) is_broken: bool,
    pub(super) operations: VecDeque<(usize, Effect)>,
    pub(super) holder: Option<usize>,
    pub(super) askers: VecDeque<usize>,
    pub(super) tabs: Vec<Tab>,
    pub(super) pages: Vec<Page>,
    pub(super) flights: Vec<Flight>,
    pub(super) hosts: Vec<Host>,
    pub(super) is_online: bool,
    pub(super) locks: bool,
    pub(super) fetch_later: bool,
    /// Every event row that was ever written: its session and number, by receiver's URL and event.
    pub(super) seen: Vec<(String, (String, u64))>,
    /// Every event that was ever stored.
    pub(super) stored: BTreeSet<String>,
    pub(super) steps: u64,
    /// Requests take up to so many milliseconds.
    pub(super) latency_ms: f64,
    /// What was begun before a crash is done.
    pub(super) is_kind: bool,
}

impl Browser {
    pub(super) fn new(seed: u64, loud: bool) -> Self {
        let mut chance = IdSource::new([seed, 5, 6, 7]);
        for _ in 0..8 {
            chance.unit();
        }
        Self {
            chance,
            loud,
            now: 0.0,
            wall: 1.7e12,
            disk: BTreeMap::new(),
            quota: usize::MAX,
            is_broken: false,
            operations: VecDeque::new(),
            holder: None,
            askers: VecDeque::new(),
            tabs: Vec::new(),
            pages: Vec::new(),
            flights: Vec::new(),
            hosts: Vec::new(),
            is_online: true,
            locks: true,
            fetch_later: false,
            seen: Vec::new(),
            stored: BTreeSet::new(),
            steps: 0,
            latency_ms: 200.0,
            is_kind: false,
        }
    }

    pub(super) fn pick(&mut self, below: usize) -> usize {
        (self.chance.unit() * below as f64) as usize
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.chance.unit() < probability
    }

    pub(super) fn say(&self, what: impl FnOnce() -> String) {
        if self.loud {
            println!("{:>10.0} {}", self.now, what());
        }
    }

    /// Opens a page in a tab.
    pub(super) fn open(&mut self, tab: usize, storage: Storage) -> usize {
        self.open_with(tab, storage, |_| ())
    }

    pub(super) fn open_with(
        &mut self,
        tab: usize,
        storage: Storage,
        change: impl FnOnce(&mut Setup),
    ) -> usize {
        let tab_now = &mut self.tabs[tab];
        tab_now.loads += 1;
        let mut setup = Setup {
            seed: [self.pages.len() as u64, self.now as u64, 3, (self.chance.unit() * 1e15) as u64],
            session: self.tabs[tab].session.clone(),
            started_ms: self.tabs[tab].started_ms,
            is_resumed: self.tabs[tab].loads > 1,
            allow_origins: None,
            relays: Vec::new(),
            origin: "https://shop.example".into(),
            keepalive: true,
            fetch_later: self.fetch_later,
            locks: self.locks,
        };
        change(&mut setup);
        self.pages.push(Page {
            outbox: Outbox::new(setup),
            tab,
            life: Life::Running,
            storage,
            timers: Vec::new(),
            inbox: VecDeque::new(),
            later: Vec::new(),
            is_robbed: false,
            has_left: false,
            settled: BTreeMap::new(),
            reports: Vec::new(),
            restored: Vec::new(),
            is_opened: false,
            unlocked: BTreeSet::new(),
            sessions: vec![self.tabs[tab].session.clone()],
            was_volatile: storage == Storage::Volatile,
        });
        let page = self.pages.len() - 1;
        self.say(|| format!("page {page} opens in tab {tab}, {storage:?}"));
        page
    }

    pub(super) fn tab(&mut self) -> usize {
        let session = self.chance.uuid(self.wall);
        self.tabs.push(Tab { session, started_ms: self.wall.floor(), loads: 0 });
        self.tabs.len() - 1
    }

    /// Something reaches a page, now or when it runs again.
    pub(super) fn input(&mut self, page: usize, input: Input) {
        match self.pages[page].life {
            Life::Running => {}
            Life::Frozen | Life::Away => return self.pages[page].inbox.push_back(input),
            Life::Gone => return,
        }
        self.say(|| format!("page {page} <- {}", short(&format!("{input:?}"))));
        let mut effects = Vec::new();
        let moment = Moment { wall_ms: self.wall, clock_ms: self.now };
        if matches!(input, Input::Opened(_)) {
            self.pages[page].is_opened = true;
        }
        if matches!(input, Input::Left) {
            self.pages[page].has_left = true;
            self.pages[page].was_volatile |= !self.pages[page].is_opened;
        }
        self.pages[page].outbox.handle(moment, input, &mut effects);
        for effect in effects {
            self.carry_out(page, effect);
        }
    }

    fn carry_out(&mut self, page: usize, effect: Effect) {
        self.say(|| format!("page {page} -> {}", short(&format!("{effect:?}"))));
        match effect {
            Effect::Read { .. } => self.operations.push_back((page, effect)),
            Effect::Write { ref puts, .. } => {
                for (key, value) in puts.iter().filter(|(key, _)| key.starts_with("event/")) {
                    self.see(key, value);
                }
                self.operations.push_back((page, effect));
            }
            Effect::Lock { steal } => {
                assert!(self.locks);
                if steal {
                    if let Some(robbed) = self.holder.replace(page) {
                        self.pages[robbed].is_robbed = true;
                        self.input(robbed, Input::LockLost);
                    }
                    self.askers.retain(|asker| *asker != page);
                    self.input(page, Input::Locked);
                } else {
                    self.askers.push_back(page);
                }
            }
            Effect::Unlock => {
                self.askers.retain(|asker| *asker != page);
                if self.holder == Some(page) {
                    self.holder = None;
                }
            }
            Effect::Send(delivery) => self.send(page, delivery),
            Effect::Abort(number) => {
                let is_it = |one: &Flight| one.page == page && one.delivery.number == number;
                if let Some(place) = self.flights.iter().position(is_it) {
                    let flight = self.flights.remove(place);
                    // It may have arrived.
                    if self.chance(0.5) {
                        let _ = self.arrive(&flight, false);
                    }
                }
            }
            Effect::Later(all) => self.pages[page].later = all,
            Effect::StartTimer { timer, after_ms } => {
                assert!(after_ms.is_finite() && after_ms >= 0.0, "{timer:?} {after_ms}");
                self.pages[page].timers.retain(|(known, _)| *known != timer);
                self.pages[page].timers.push((timer, self.now + after_ms));
            }
            Effect::StopTimer(timer) => self.pages[page].timers.retain(|(known, _)| *known != timer),
            Effect::Settle { ticket, result } => {
                let again = self.pages[page].settled.insert(ticket, result.is_ok());
                assert_eq!(again, None, "ticket {ticket} was settled twice");
            }
            Effect::Restore(record) => self.pages[page].restored.push(record),
            Effect::Report(report) => self.pages[page].reports.push(report),
            Effect::Session(session) => {
                let tab = self.pages[page].tab;
                self.pages[page].sessions.push(session.clone());
                self.tabs[tab].session = session;
                self.tabs[tab].started_ms = self.wall.floor();
            }
        }
    }

    /// The lock goes to the next that waits for it.
    pub(super) fn grant(&mut self) {
        while self.holder.is_none()
            && let Some(next) = self.askers.pop_front()
        {
            if self.pages[next].life != Life::Gone {
                self.holder = Some(next);
                self.input(next, Input::Locked);
            }
        }
    }

    /// The next instant at which something happens by itself.
    pub(super) fn next_instant(&self) -> Option<f64> {
        let timers =
            self.pages.iter().filter(|page| page.life == Life::Running).flat_map(|page| &page.timers);
        let instants = timers.map(|(_, at)| *at).chain(self.flights.iter().map(|flight| flight.due));
        instants.min_by(f64::total_cmp)
    }

    /// Time goes on.
    pub(super) fn pass(&mut self, ms: f64) {
        self.now += ms;
        self.wall += ms;
    }

    /// What is due by now happens: timers ring, requests end.
    pub(super) fn happen(&mut self) {
        loop {
            self.grant();
            let due = |flight: &Flight| flight.due <= self.now;
            if let Some(place) = self.flights.iter().position(due) {
                self.land(place);
                continue;
            }
            let rings =
                |page: &Page| page.life == Life::Running && page.timers.iter().any(|(_, at)| *at <= self.now);
            let Some(page) = self.pages.iter().position(rings) else { return };
            let timers = &mut self.pages[page].timers;
            let place = timers.iter().position(|(_, at)| *at <= self.now).unwrap();
            let (timer, _) = timers.remove(place);
            self.input(page, Input::Rang(timer));
            self.steps += 1;
            assert!(self.steps < 30_000, "timers ring without end");
        }
    }

    /// Time passes until nothing happens any more, or for so long.
    pub(super) fn quiet(&mut self, ms: f64) {
        let end = self.now + ms;
        loop {
            self.settle_disk();
            self.happen();
            if !self.operations.is_empty() {
                continue;
            }
            match self.next_instant() {
                Some(at) if at <= end => {
                    let ms = (at - self.now).max(0.0);
                    self.pass(ms);
                }
                _ => return,
            }
        }
    }

    /// All that is asked of the disk is done, and everybody is told.
    pub(super) fn settle_disk(&mut self) {
        loop {
            self.grant();
            let Some((page, input)) = self.operate() else { return };
            self.input(page, input);
        }
    }

    /// A page ends without a word. What it has asked of the disk is done up to some point; what it sent may arrive.
    pub(super) fn crash(&mut self, page: usize) {
        self.say(|| format!("page {page} crashes"));
        self.pages[page].life = Life::Gone;
        let mut is_done = true;
        for _ in 0..self.operations.len() {
            if self.operations[0].0 == page {
                is_done &= self.is_kind || self.chance(0.6);
                if is_done {
                    self.operate();
                } else {
                    self.operations.pop_front();
                }
            } else {
                self.operations.rotate_left(1);
            }
        }
        if self.holder == Some(page) {
            self.holder = None;
        }
        self.askers.retain(|asker| *asker != page);
        let mut place = 0;
        while place < self.flights.len() {
            if self.flights[place].page == page {
                let is_kept = self.flights[place].delivery.keepalive && (self.is_kind || self.chance(0.8));
                if is_kept {
                    self.flights[place].is_awaited = false;
                } else {
                    self.flights.remove(place);
                    continue;
                }
            }
            place += 1;
        }
        for delivery in std::mem::take(&mut self.pages[page].later) {
            let due = self.now + 10.0;
            self.flights.push(Flight { page, delivery, is_awaited: false, due, is_left: true });
        }
    }

    /// A page is left for good: it is told, and what it sends then may arrive.
    pub(super) fn leave(&mut self, page: usize) {
        self.input(page, Input::Left);
        self.crash(page);
    }
}

fn short(text: &str) -> String {
    text.chars().take(if std::env::var("CUEHOOK_LONG").is_ok() { 40_000 } else { 400 }).collect()
}
