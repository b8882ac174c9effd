//! What is asked for, and what was found.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::ids::Order;
use crate::latencies::Latencies;

/// What is to be sent, by how many, for how long. Each connection sends the next request when the one before was answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Connections to the relay.
    pub connections: usize,
    /// Milliseconds before it counts.
    pub warm_ms: u64,
    /// Milliseconds for which it counts.
    pub measured_ms: u64,
    /// Milliseconds that each connection pauses between two requests, on average.
    pub pause_ms: u64,
    /// What ids follow from.
    pub seed: u64,
    /// In which order they come.
    pub order: Order,
    /// What is sent.
    pub task: Task,
}

/// What is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Events as a server sends them.
    Events(Events),
    /// Calls as a player makes them, and the same without the relay.
    Calls(Calls),
}

/// Events to a relay.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Events {
    /// Where the relay listens.
    pub relay: SocketAddr,
    /// An API key that may write events.
    pub key: String,
    /// Events in a request.
    pub batch: usize,
    /// Bytes of an event, about.
    pub bytes: usize,
    /// Events a second of all connections together; as many as are answered if it is 0.
    pub rate: u32,
    /// One event of [`HANGING`](crate::HANGING) after so many batches of a connection; none if it is 0.
    pub hanging_after: usize,
}

/// Calls of a webhook.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calls {
    /// Which connections make the direct calls.
    pub direct: Direct,
    /// Where the relay listens.
    pub relay: SocketAddr,
    /// Where the webhook listens.
    pub receiver: SocketAddr,
    /// The webhook's id.
    pub webhook: String,
    /// A player's token.
    pub token: String,
    /// The origin that it is for.
    pub origin: String,
    /// Bytes of a body, about.
    pub bytes: usize,
}

/// Which connections make the calls that do not go through the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direct {
    /// Each makes both, in turn: both meet the same machine.
    InTurn,
    /// Others beside, one for sixteen, so that all of the relay's connections are under way at the same time.
    Beside,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// How long it counted, in seconds.
    pub seconds: f64,
    /// Events or calls that were acknowledged while it counted.
    pub measured: u64,
    /// Those that were acknowledged at all.
    pub acknowledged: u64,
    /// Requests without the answer that was wanted, by status and outcome.
    pub refused: BTreeMap<String, u64>,
    /// Ids of some calls that were answered.
    pub answered: Vec<String>,
    /// How long requests to the relay took.
    pub relayed: Latencies,
    /// How long the same calls took without the relay.
    pub direct: Latencies,
}

/// What one connection has found.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) measured: u64,
    pub(crate) acknowledged: u64,
    pub(crate) refused: BTreeMap<String, u64>,
    pub(crate) last: Option<String>,
    /// Microseconds.
    pub(crate) relayed: Vec<u64>,
    pub(crate) direct: Vec<u64>,
}

impl Part {
    pub(crate) fn refuse(&mut self, status: u16, outcome: &str) {
        *self.refused.entry(format!("{status} {outcome}")).or_default() += 1;
    }
}

impl Report {
    /// Adds what a connection has counted.
    pub(crate) fn add(&mut self, part: &Part) {
        self.measured += part.measured;
        self.acknowledged += part.acknowledged;
        for (what, count) in &part.refused {
            *self.refused.entry(what.clone()).or_default() += count;
        }
        self.answered.extend(part.last.clone());
    }

    /// Events or calls a second.
    pub fn rate(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "nobody sends so many")]
        let measured = self.measured as f64;
        if self.seconds > 0.0 { measured / self.seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_added_up() {
        let mut report = Report { seconds: 2.0, ..Report::default() };
        let mut part = Part { measured: 40, acknowledged: 60, last: Some("a".to_owned()), ..Part::default() };
        part.refuse(429, "rate-limited");
        part.refuse(429, "rate-limited");
        report.add(&part);
        report.add(&Part { measured: 10, acknowledged: 10, ..Part::default() });
        assert_eq!((report.measured, report.acknowledged, report.rate()), (50, 70, 25.0));
        assert_eq!(report.refused, BTreeMap::from([("429 rate-limited".to_owned(), 2)]));
        assert_eq!(report.answered, ["a"]);
        assert_eq!(Report::default().rate(), 0.0);
    }
}
