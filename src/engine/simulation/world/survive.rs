//! Requests that survive: what the storage of the page has, and a page that ends without a word.

use super::World;
use crate::engine::{Input, Kept};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What outlives an engine.
#[derive(Debug, Default)]
pub(super) struct Storage {
    /// Records of requests that have not settled, by their UUIDs.
    pub(super) kept: BTreeMap<String, String>,
    /// Records of requests that have.
    pub(super) past: Vec<String>,
    /// The bytes of all requests that were ever proposed.
    pub(super) bodies: BTreeMap<String, Rc<Vec<u8>>>,
}

/// What is under way with it.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    /// Requests that are being written down, their UUIDs, and when that is done.
    pub(super) due: Vec<(u32, String, f64)>,
    /// UUIDs of requests that are asked for again.
    pub(super) restored: BTreeSet<String>,
    /// Numbers of these requests.
    pub(super) quiet: BTreeSet<u64>,
}

/// The UUID of a body.
pub(super) fn uuid(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["id"].as_str().unwrap().to_owned()
}

impl World {
    pub(super) fn keep(&mut self, request: u32, id: String, record: String) {
        assert_eq!(self.records[&u64::from(request)].settled, 0, "kept after it has settled");
        assert!(Kept::read(&record).is_some(), "{record}");
        assert_eq!(self.storage.kept.insert(id.clone(), record), None, "kept twice");
        self.keeping.due.push((request, id, self.clock + self.chance.unit() * 2_000.0));
    }

    pub(super) fn settle(&mut self, id: &str) {
        let record = self.storage.kept.remove(id).expect("it was kept");
        self.storage.past.push(record);
        self.keeping.restored.remove(id);
    }

    /// Whether a request that has not settled is being written down.
    pub(super) fn is_keeping(&self) -> bool {
        // What is handed over again has the id of an earlier request, which may still be written down.
        let lives = |request: u32| self.records[&u64::from(request)].settled == 0;
        self.keeping.due.iter().any(|(request, id, _)| lives(*request) && self.storage.kept.contains_key(id))
    }

    /// No two requests have the same bytes.
    pub(super) fn check_kept(&self) {
        let sealed = self.engine.requests.iter().filter_map(|request| request.sealed.as_ref());
        let ids: Vec<&String> = sealed.map(|sealed| &sealed.id).collect();
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "asked twice at the same time");
    }

    /// A request is shown to the page: its bytes are what they were, whenever that was.
    pub(super) fn remember(&mut self, request: u64, body: &Rc<Vec<u8>>) -> bool {
        let id = uuid(body);
        let known = self.storage.bodies.entry(id.clone()).or_insert_with(|| Rc::clone(body));
        assert_eq!(known, body, "another body under the same id");
        let is_restored = self.keeping.restored.contains(&id);
        if is_restored {
            self.keeping.quiet.insert(request);
        }
        is_restored
    }

    /// The storage hands over a request, of an earlier time or of now: then nothing happens.
    pub(super) fn hand_over(&mut self) {
        let live = self.storage.kept.values().next().cloned();
        let past = self.pick(self.storage.past.len() + 1);
        let past = self.storage.past.get(past).cloned();
        if let (Some(record), true) = (live, self.chance(0.5)) {
            self.input(Input::Restore(Kept::read(&record).unwrap()));
        } else if let Some(record) = past {
            self.restore(record);
        }
    }

    fn restore(&mut self, record: String) {
        let parsed: Value = serde_json::from_str(&record).unwrap();
        let id = parsed["id"].as_str().unwrap().to_owned();
        // A call that the viewer may try again has the same id, and is none of ours.
        let is_live =
            self.engine.requests.iter().any(|other| other.sealed.as_ref().is_some_and(|it| it.id == id));
        if !is_live {
            self.storage.kept.insert(id.clone(), record.clone());
            self.storage.past.retain(|other| *other != record);
            let call = parsed["call"].as_str().unwrap_or(&id).to_owned();
            self.relay_forgets_that_it_told(&call);
            self.keeping.restored.insert(id);
        }
        let kept = Kept::read(&record).unwrap();
        assert!(kept.belongs_to(&self.engine.project));
        self.input(Input::Restore(kept));
    }

    /// The page is gone without a word, and comes back: what was kept is asked for again.
    pub(in crate::engine::simulation) fn crash(self, seed: u64) -> Self {
        let mut next = World::new(seed, self.loud, self.has_relay);
        let Storage { kept, past, bodies } = self.storage;
        next.storage.past = past;
        next.relay.calls_of(self.relay);
        next.storage.bodies.extend(bodies);
        for record in kept.into_values() {
            next.restore(record);
        }
        next
    }
}
