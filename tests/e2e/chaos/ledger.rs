//! What a page has minted, beside what the collector holds.

use crate::http;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A queue of the collector, which no other test uses.
pub struct Queue {
    pub server: String,
    pub other: String,
    pub name: String,
}

impl Queue {
    pub fn new() -> Queue {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let place = |name: &str| {
            std::env::var(name).unwrap_or_else(|_| {
                panic!("{name} is not set: run these tests by `cargo xtask test --only e2e`")
            })
        };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Queue {
            server: place("CUEHOOK_SERVER"),
            other: place("CUEHOOK_OTHER_ORIGIN"),
            name: format!("chaos-{}-{count}", std::process::id()),
        }
    }

    /// What it holds.
    pub fn ledger(&self) -> Ledger {
        Ledger(wait(http::get(&self.server, &format!("/collect/{}", self.name))))
    }

    /// Tells it what to answer.
    pub fn answer(&self, script: &Value) {
        let told = wait(http::put(&self.server, &format!("/collect/{}", self.name), script));
        assert_eq!(told, true);
    }

    /// Lets nobody through, or everybody again.
    pub fn close(&self, closed: bool) {
        let otherwise = if closed { json!({ "lost": "request" }) } else { json!({}) };
        self.answer(&json!({ "otherwise": otherwise }));
    }

    /// Waits until its ledger is as wanted.
    pub fn until(&self, is_wanted: impl Fn(&Ledger) -> bool, limit: Duration) -> Ledger {
        let deadline = Instant::now() + limit;
        loop {
            let ledger = self.ledger();
            if is_wanted(&ledger) {
                return ledger;
            }
            assert!(Instant::now() < deadline, "waited in vain: {}", ledger.0);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits until it holds all that was minted, and checks that it holds it once.
    pub fn until_complete(&self, minted: &Minted, limit: Duration) -> Ledger {
        let deadline = Instant::now() + limit;
        loop {
            let ledger = self.ledger();
            if minted.missing(&ledger).is_empty() || Instant::now() > deadline {
                ledger.check(minted);
                return ledger;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

/// What the collector says of a queue.
pub struct Ledger(pub Value);

impl Ledger {
    pub fn events(&self) -> &[Value] {
        self.0["events"].as_array().unwrap()
    }

    /// The ids by which each mark has come.
    fn ids(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for event in self.events().iter().filter(|event| event["mark"] != "") {
            ids.entry(event["mark"].as_str().unwrap()).or_default().push(event["id"].as_str().unwrap());
        }
        ids
    }

    /// What is wrong with what it holds, if all that was minted should be there.
    pub fn faults(&self, minted: &Minted) -> Vec<String> {
        let mut faults = Vec::new();
        let missing = minted.missing(self);
        if !missing.is_empty() {
            faults.push(format!(
                "{} of {} are lost: {missing:?}",
                missing.len(),
                minted.marks.len() + minted.ids.len()
            ));
        }
        for (mark, ids) in self.ids() {
            if ids.len() > 1 {
                faults.push(format!("{mark} has come under {ids:?}"));
            }
            // What was recorded while the page died is nobody's promise, but it may come.
            if minted.marks.get(mark).is_some_and(|id| ids != [id]) {
                faults.push(format!("{mark} was minted as {} and has come as {ids:?}", minted.marks[mark]));
            }
        }
        for delivery in self.0["deliveries"].as_array().unwrap() {
            if delivery["bodies"] != 1 {
                faults.push(format!("the bytes of a delivery have changed: {delivery}"));
            }
        }
        for event in self.events() {
            if event["bodies"] != 1 {
                faults.push(format!("an event has changed: {event}"));
            }
        }
        if self.0["problems"] != json!([]) {
            faults.push(self.0["problems"].to_string());
        }
        faults.extend(self.gaps());
        faults
    }

    pub fn check(&self, minted: &Minted) {
        let faults = self.faults(minted);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// Whether all of it is there.
    pub fn has(&self, minted: &Minted) -> bool {
        minted.missing(self).is_empty()
    }

    /// How many sessions its events are of.
    pub fn sessions(&self) -> usize {
        self.events().iter().map(|event| event["session"].as_str().unwrap()).collect::<BTreeSet<_>>().len()
    }

    /// How many events have marks that begin so.
    pub fn with_prefix(&self, prefix: &str) -> usize {
        self.ids().keys().filter(|mark| mark.starts_with(prefix)).count()
    }

    /// Numbers of the sessions that no event has, though a later one has come.
    pub fn missing_numbers(&self) -> Vec<u64> {
        let numbers: BTreeSet<u64> = self.events().iter().filter_map(|event| event["seq"].as_u64()).collect();
        (1..=numbers.last().copied().unwrap_or_default()).filter(|number| !numbers.contains(number)).collect()
    }

    /// Sessions with numbers missing or twice: `docs/events.md` shows how receivers find them.
    pub fn gaps(&self) -> Vec<String> {
        let mut sessions: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for event in self.events() {
            if let Some(seq) = event["seq"].as_u64() {
                sessions.entry(event["session"].as_str().unwrap()).or_default().push(seq);
            }
        }
        let mut gaps = Vec::new();
        for (session, mut numbers) in sessions {
            numbers.sort_unstable();
            let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
            if numbers != expected {
                gaps.push(format!("session {session} has the numbers {numbers:?}"));
            }
        }
        gaps
    }
}

/// Events that were recorded: the page's name for each, and its id.
#[derive(Debug, Default)]
pub struct Minted {
    pub marks: BTreeMap<String, String>,
    /// Ids of events that Cuehook has minted by itself, and of which it has said that they are recorded.
    pub ids: BTreeSet<String>,
}

impl Minted {
    /// From what a page has said or returned: `[mark, id]`.
    pub fn add(&mut self, pair: &Value) {
        let text = |place: usize| pair[place].as_str().unwrap().to_owned();
        self.marks.insert(text(0), text(1));
    }

    pub fn add_all(&mut self, pairs: &Value) {
        pairs.as_array().unwrap().iter().for_each(|pair| self.add(pair));
    }

    /// Those of both.
    pub fn and(mut self, other: Minted) -> Minted {
        self.marks.extend(other.marks);
        self.ids.extend(other.ids);
        self
    }

    /// What the ledger should hold, and does not.
    fn missing(&self, ledger: &Ledger) -> Vec<String> {
        let marks = ledger.ids();
        let ids: BTreeSet<&str> = ledger.events().iter().map(|event| event["id"].as_str().unwrap()).collect();
        let of_page = self.marks.keys().filter(|mark| !marks.contains_key(mark.as_str()));
        of_page.chain(self.ids.iter().filter(|id| !ids.contains(id.as_str()))).cloned().collect()
    }
}

/// What a page was told by `cuehook:delivery`: ids of events by their state.
#[derive(Debug, Default)]
pub struct Told(pub BTreeMap<String, BTreeSet<String>>);

impl Told {
    /// From the detail of an event.
    pub fn add(&mut self, detail: &Value) {
        let ids = self.0.entry(detail["state"].as_str().unwrap().to_owned()).or_default();
        ids.extend(detail["events"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()));
    }

    /// Adds what was told later.
    pub fn join(&mut self, other: Told) {
        for (state, ids) in other.0 {
            self.0.entry(state).or_default().extend(ids);
        }
    }

    /// The ids of a state.
    pub fn ids(&self, state: &str) -> BTreeSet<String> {
        self.0.get(state).cloned().unwrap_or_default()
    }
}

/// Waits for one of the asynchronous helpers.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
