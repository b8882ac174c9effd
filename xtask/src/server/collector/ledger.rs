//! What a queue has received, event by event and delivery by delivery.

// Looking for a member of a JSON value gives null where there is none; only adding one to what is no object panics.
#![allow(clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::payload::{Received, hash};

/// The most events, and the most deliveries, that a ledger holds.
const MOST: usize = 50_000;
/// The most hashes and ids that are kept of one event or delivery.
const MOST_KEPT: usize = 8;
/// The most problems that are kept.
const MOST_PROBLEMS: usize = 20;

/// Who came how often and how.
#[derive(Debug, Default)]
pub struct Ledger {
    requests: u64,
    processed: u64,
    preflights: u64,
    bytes: u64,
    /// Events of processed requests, repeated ones included.
    events: u64,
    held: BTreeMap<String, Held>,
    deliveries: BTreeMap<String, Delivery>,
    problems: Vec<String>,
}

/// An event.
#[derive(Debug)]
struct Held {
    event: Received,
    /// Its place in the order of arrival, from 0.
    place: usize,
    /// When it came first, in Unix milliseconds.
    came_ms: u64,
    times: u64,
    hashes: Vec<u64>,
    deliveries: Vec<String>,
}

/// Requests with one `webhook-id`.
#[derive(Debug, Default)]
struct Delivery {
    requests: u64,
    processed: u64,
    hashes: Vec<u64>,
}

impl Ledger {
    /// Counts a preflight.
    pub fn preflight(&mut self) {
        self.preflights += 1;
    }

    /// Notes something that is not as it should be.
    pub fn problem(&mut self, problem: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Notes a request, and what it brought if it is processed.
    pub fn request(
        &mut self,
        is_processed: bool,
        webhook_id: Option<&str>,
        body: &[u8],
        events: &[Received],
    ) {
        self.requests += 1;
        self.bytes += u64::try_from(body.len()).unwrap_or(u64::MAX);
        if let Some(id) = webhook_id {
            if self.deliveries.len() < MOST || self.deliveries.contains_key(id) {
                let delivery = self.deliveries.entry(id.chars().take(100).collect()).or_default();
                delivery.requests += 1;
                delivery.processed += u64::from(is_processed);
                add(&mut delivery.hashes, hash(body));
            } else {
                self.problem("There are more deliveries than the ledger holds.".to_owned());
            }
        }
        if !is_processed {
            return;
        }
        self.processed += 1;
        for event in events {
            self.events += 1;
            self.hold(event, webhook_id);
        }
    }

    fn hold(&mut self, event: &Received, webhook_id: Option<&str>) {
        let place = self.held.len();
        if place >= MOST && !self.held.contains_key(&event.id) {
            return self.problem("There are more events than the ledger holds.".to_owned());
        }
        let held = self.held.entry(event.id.clone()).or_insert_with(|| Held {
            event: event.clone(),
            place,
            came_ms: unix_ms(),
            times: 0,
            hashes: Vec::new(),
            deliveries: Vec::new(),
        });
        held.times += 1;
        add(&mut held.hashes, event.hash);
        if let Some(id) = webhook_id {
            add(&mut held.deliveries, id.chars().take(100).collect());
        }
    }

    /// As tests read it.
    pub fn as_json(&self, brief: bool) -> Value {
        let mut all = json!({
            "requests": self.requests,
            "processed": self.processed,
            "preflights": self.preflights,
            "bytes": self.bytes,
            "held": self.held.len(),
            "duplicates": self.events.saturating_sub(u64::try_from(self.held.len()).unwrap_or(u64::MAX)),
            "problems": self.problems,
        });
        if !brief {
            let mut events: Vec<&Held> = self.held.values().collect();
            events.sort_by_key(|held| held.place);
            all["events"] = events.into_iter().map(Held::as_json).collect();
            let deliveries = self.deliveries.iter().map(|(id, delivery)| {
                json!({
                    "id": id, "requests": delivery.requests, "processed": delivery.processed,
                    "bodies": delivery.hashes.len(),
                })
            });
            all["deliveries"] = deliveries.collect();
        }
        all
    }
}

impl Held {
    fn as_json(&self) -> Value {
        let Received { id, kind, session, timestamp, seq, mark, .. } = &self.event;
        json!({
            "id": id, "type": kind, "session": session, "seq": seq, "mark": mark, "times": self.times,
            "timestamp": timestamp, "cameMs": self.came_ms,
            "bodies": self.hashes.len(), "deliveries": self.deliveries,
        })
    }
}

fn unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Adds what is not there yet.
fn add<T: PartialEq>(list: &mut Vec<T>, value: T) {
    if list.len() < MOST_KEPT && !list.contains(&value) {
        list.push(value);
    }
}
