//! A relay as it is promised: it calls a webhook once for each id, and says the same of it ever after.

use super::World;
use super::survive::uuid;
use crate::engine::{Attempt, Input, Token};
use crate::json::parse;
use crate::protocol::{Response, TransportFailure};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const ADDRESS: &str = "https://relay.example/r";
pub(super) const ORIGIN: &str = "https://relay.example";

/// Webhooks of the project that go through it where there is one, and what they are without it.
const RELAYED: [(&str, &str); 2] = [
    (
        r#""url": "/a", "waitForResponse": true, "timeoutMs": 5000, "retries": 2,"#,
        r#""relay": "drop", "timeoutMs": 5000,"#,
    ),
    (r#""url": "/d","#, r#""relay": "quiet","#),
];

/// The project, with its webhooks behind the relay.
pub(super) fn through_relay(project: &str) -> String {
    RELAYED.iter().fold(project.to_owned(), |text, (direct, relayed)| {
        assert!(text.contains(direct), "{direct}");
        text.replace(direct, relayed)
    })
}

/// What became of a call, and when that is known.
#[derive(Clone, Debug)]
struct Call {
    word: &'static str,
    status: u16,
    body: &'static str,
    ready: f64,
}

#[derive(Debug, Default)]
pub(super) struct Relay {
    calls: BTreeMap<String, Call>,
    /// Ids of which the page has heard what became of them.
    told: BTreeSet<String>,
    /// When it says what it knows of its webhooks; then nothing of them is open any more.
    settings: Option<f64>,
    /// Whether it says in time that viewers wait for `drop`.
    pub(super) is_heard: bool,
    /// Requests whose token was replaced.
    renewed: BTreeSet<u32>,
}

impl Relay {
    /// The page comes back: the relay knows what it knew.
    pub(super) fn calls_of(&mut self, earlier: Self) {
        self.calls = earlier.calls;
        for call in self.calls.values_mut() {
            call.ready = 0.0;
        }
    }
}

impl World {
    /// A project is there: the page asks what the relay knows of its webhooks.
    pub(super) fn ask_for_settings(&mut self) {
        self.relay.settings = None;
        if !self.engine.relay_webhooks().is_empty() && self.relay.is_heard {
            self.relay.settings = Some(self.clock + self.chance.unit() * 1_500.0);
        }
    }

    /// When the settings come.
    pub(super) fn settings_due(&self) -> f64 {
        self.relay.settings.unwrap_or(f64::INFINITY)
    }

    pub(super) fn bring_settings(&mut self) {
        self.relay.settings = None;
        let said = br#"{"webhooks":{"drop":{"name":"Drop","waitForResponse":true},"quiet":{"waitForResponse":false}}}"#;
        self.input(Input::Settings(parse(said, 8).unwrap()));
    }

    /// What comes of an attempt, and the id of which it tells what became; none if it tells nothing final.
    pub(super) fn relay_hears(
        &mut self,
        attempt: &Attempt,
        due: f64,
    ) -> (Result<Response, TransportFailure>, Option<String>) {
        assert!(attempt.headers.iter().any(|(name, _)| name == "cuehook-budget-ms"), "{attempt:?}");
        if attempt.token == Token::Fresh {
            assert!(self.relay.renewed.insert(attempt.request), "a second fresh token");
        }
        let id = match attempt.asks {
            true => attempt.url.rsplit('/').next().unwrap().to_owned(),
            false => {
                let field =
                    |name: &str| attempt.headers.iter().find(|(known, _)| known == name).unwrap().1.clone();
                assert_eq!(
                    field("idempotency-key"),
                    uuid(&attempt.body),
                    "the webhook is told of another request"
                );
                field("webhook-id")
            }
        };
        self.records.get_mut(&u64::from(attempt.request)).unwrap().call = Some(id.clone());
        assert!(!self.relay.told.contains(&id), "asked again of what was told");
        let refusal = match self.pick(16) {
            0 => Some((503, "unavailable")),
            1 => Some((429, "rate-limited")),
            2 => Some((401, "relay-auth")),
            3 => Some((502, "")),
            _ => None,
        };
        let is_lost = self.chance(0.1);
        if is_lost && self.chance(0.5) {
            return (Err(TransportFailure::Network), None);
        }
        if let Some((status, word)) = refusal {
            return (Ok(response(status, word, "")), None);
        }
        if attempt.asks && !self.relay.calls.contains_key(&id) {
            return (Ok(response(404, "unknown-call", "")), None);
        }
        if !self.relay.calls.contains_key(&id) {
            let (word, status, body) = match self.pick(8) {
                0 => ("answer", 500, "<h1>oops</h1>"),
                1 => ("webhook-timeout", 504, ""),
                2 => ("webhook-network", 502, ""),
                3 => ("outcome-unknown", 502, ""),
                _ => ("answer", 200, "{\"code\":\"A1\",\"user\":{\"name\":\"Ann\"}}"),
            };
            let ready = self.clock + self.chance.unit() * 3_000.0;
            self.relay.calls.insert(id.clone(), Call { word, status, body, ready });
        }
        if is_lost {
            return (Err(TransportFailure::Network), None);
        }
        let Call { word, status, body, ready } = self.relay.calls[&id].clone();
        if due < ready {
            return (Ok(response(409, "in-progress", "")), None);
        }
        (Ok(response(status, word, body)), Some(id))
    }

    /// The page has heard what became of a call.
    pub(super) fn relay_told(&mut self, id: String) {
        self.relay.told.insert(id);
    }

    /// The page does not know any more that it was told.
    pub(super) fn relay_forgets_that_it_told(&mut self, id: &str) {
        self.relay.told.remove(id);
    }

    /// A request has settled: a good answer is one that its webhook has given.
    pub(super) fn check_relayed(&self, call: &str, outcome: &str) {
        let Some(call) = self.relay.calls.get(call) else {
            assert_ne!(outcome, "ok", "an answer to a call that the relay does not know");
            return;
        };
        if outcome == "ok" {
            assert_eq!((call.word, call.status), ("answer", 200));
        } else if outcome == "outcome-unknown" {
            assert_eq!(call.word, outcome);
        }
    }
}

fn response(status: u16, word: &str, body: &str) -> Response {
    let outcome = Some(word.to_owned()).filter(|word| !word.is_empty());
    Response { status, outcome, body: body.as_bytes().to_vec(), ..Response::default() }
}
