//! A receiver: answers as it is told, and keeps what it has accepted.

use crate::Delivery;
use cuehook_protocol::{IdSource, Response, TransportFailure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An event as a receiver reads it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) session: String,
    pub(super) seq: u64,
    /// Which of the events that the world made it is.
    pub(super) number: Option<u64>,
    pub(super) lost: Option<Value>,
}

/// The key under which a receiver is stored.
pub(super) fn key(host: &Host) -> String {
    let address = crate::row::Address {
        webhook: host.webhook.clone(),
        url: host.url.clone(),
        headers: Vec::new(),
        simple: false,
        relay: false,
        batch: false,
        format: cuehook_protocol::Format::Cuehook,
    };
    address.key()
}

/// The events in a body.
pub(super) fn events(body: &str) -> Vec<Seen> {
    let value: Value = serde_json::from_str(body).unwrap_or_else(|fault| panic!("{fault}: {body}"));
    let one = |value: &Value| Seen {
        id: value["id"].as_str().unwrap().to_owned(),
        kind: value["type"].as_str().unwrap().to_owned(),
        session: value["data"]["session"]["id"].as_str().unwrap().to_owned(),
        seq: value["data"]["session"]["seq"].as_u64().unwrap(),
        number: value["data"]["number"].as_u64(),
        lost: value["data"].get("lost").cloned(),
    };
    match value["type"].as_str() {
        Some("events") => value["data"]["events"].as_array().unwrap().iter().map(one).collect(),
        _ => vec![one(&value)],
    }
}

/// What a receiver does with a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// Takes it.
    Take,
    /// Takes it, and the answer is lost.
    TakeSilently,
    /// Does not get it.
    Fail,
    /// Never answers.
    Silence,
    /// The page's policy forbids it.
    Csp,
    /// Takes it, and answers without end.
    TakeAndRamble,
    /// Answers with this status, `Retry-After` and body. A 2xx takes what the body says.
    Status(u16, Option<String>, String),
    /// Some events of each request are taken, others are to come again or are not wanted, by chance.
    Verdicts,
    /// Refuses batches of more than one.
    TooLarge,
}

#[derive(Debug)]
pub(super) struct Host {
    pub(super) webhook: String,
    pub(super) url: String,
    pub(super) is_slow: bool,
    pub(super) mood: Answer,
    /// What it answers first, in turn.
    pub(super) script: VecDeque<Answer>,
    /// Statuses that it has answered, 0 for none.
    pub(super) answered: Vec<u16>,
    /// What came under each `webhook-id`.
    pub(super) bodies: BTreeMap<String, String>,
    /// Events that it has taken, and under how many ids of deliveries each.
    pub(super) taken: BTreeMap<String, Seen>,
    /// Events that it did not want.
    pub(super) dropped: BTreeSet<String>,
    pub(super) requests: Vec<Delivery>,
    /// And when, on the monotonic clock.
    pub(super) times: Vec<f64>,
}

impl Host {
    pub(super) fn new(webhook: &str, url: &str) -> Self {
        Self {
            webhook: webhook.to_owned(),
            url: url.to_owned(),
            is_slow: false,
            mood: Answer::Take,
            script: VecDeque::new(),
            answered: Vec::new(),
            bodies: BTreeMap::new(),
            taken: BTreeMap::new(),
            dropped: BTreeSet::new(),
            requests: Vec::new(),
            times: Vec::new(),
        }
    }

    pub(super) fn answer(
        &mut self,
        delivery: &Delivery,
        chance: &mut IdSource,
        _is_told: bool,
    ) -> Result<Response, TransportFailure> {
        let answer = self.script.pop_front().unwrap_or_else(|| self.mood.clone());
        if !matches!(answer, Answer::Fail | Answer::Silence | Answer::Csp) {
            self.look(delivery);
        }
        self.requests.push(delivery.clone());
        let seen = events(&delivery.body);
        let response = |status: u16, body: String| {
            Ok(Response { status, body: body.into_bytes(), ..Response::default() })
        };
        let outcome = match answer {
            Answer::Take => {
                self.take(&seen, "");
                response(200, String::new())
            }
            Answer::TakeSilently => {
                self.take(&seen, "");
                Err(TransportFailure::Network)
            }
            Answer::TakeAndRamble => {
                self.take(&seen, "");
                Err(TransportFailure::TooLarge { status: 200 })
            }
            Answer::Fail | Answer::Silence => Err(TransportFailure::Network),
            Answer::Csp => Err(TransportFailure::Csp),
            Answer::Status(status, retry_after, body) => {
                let body = body.replace("ID", &seen[0].id);
                if (200..300).contains(&status) {
                    self.take(&seen, &body);
                }
                Ok(Response { status, retry_after, body: body.into_bytes(), ..Response::default() })
            }
            Answer::Verdicts => {
                let mut results = serde_json::Map::new();
                for event in &seen {
                    let word = ["ok", "dup", "retry", "retry", "drop", "?"][(chance.unit() * 6.0) as usize];
                    if chance.unit() < 0.8 {
                        results.insert(event.id.clone(), word.into());
                    }
                }
                let body = serde_json::json!({ "results": results, "retry_after_ms": 50 }).to_string();
                self.take(&seen, &body);
                response(200, body)
            }
            Answer::TooLarge if seen.len() > 1 => response(413, String::new()),
            Answer::TooLarge => {
                self.take(&seen, "");
                response(200, String::new())
            }
        };
        self.answered.push(outcome.as_ref().map_or(0, |response| response.status));
        outcome
    }

    fn take(&mut self, seen: &[Seen], body: &str) {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        for event in seen {
            match body["results"][&event.id].as_str() {
                Some("retry") => {}
                Some("drop") => {
                    self.dropped.insert(event.id.clone());
                }
                _ => {
                    self.taken.insert(event.id.clone(), event.clone());
                }
            }
        }
    }

    /// Each id always has the same body.
    fn look(&mut self, delivery: &Delivery) {
        let id =
            delivery.headers.iter().find(|(name, _)| name == "webhook-id").map(|(_, value)| value.clone());
        let value: Value = serde_json::from_str(&delivery.body).unwrap();
        assert_eq!(id.as_deref().unwrap_or(value["id"].as_str().unwrap()), value["id"].as_str().unwrap());
        // The end of a view that was taken for left is told again when it ends.
        let is_end = value["type"] == "view.ended";
        let id = value["id"].as_str().unwrap().to_owned();
        let known = self.bodies.entry(id.clone()).or_insert_with(|| delivery.body.clone());
        assert!(is_end || *known == delivery.body, "{id} had another body:\n{known}\n{}", delivery.body);
    }
}
