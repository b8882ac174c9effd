//! What the bench asks of the collector.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use ureq::Agent;

use crate::server::Server;

/// The collector of a server.
pub struct Collector {
    agent: Agent,
    origin: String,
}

impl Collector {
    /// That of this server.
    pub fn new(server: &Server) -> Self {
        let agent = Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).build().into();
        Collector { agent, origin: server.origin() }
    }

    /// Lets a queue be reached, or resets whoever tries.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn open(&self, queue: &str, open: bool) -> Result<()> {
        let otherwise = if open { json!({}) } else { json!({ "lost": "request" }) };
        let url = format!("{}/collect/{queue}", self.origin);
        let body = json!({ "otherwise": otherwise }).to_string();
        self.agent.put(url).header("content-type", "application/json").send(body)?;
        Ok(())
    }

    /// Forgets a queue.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn forget(&self, queue: &str) -> Result<()> {
        self.agent.delete(format!("{}/collect/{queue}", self.origin)).call()?;
        Ok(())
    }

    /// How many events a queue holds.
    ///
    /// # Errors
    /// If the server does not answer.
    pub fn held(&self, queue: &str) -> Result<usize> {
        let ledger = self.get(&format!("{queue}?brief=1"))?;
        let held = ledger.get("held").and_then(Value::as_u64).context("the collector counts nothing")?;
        usize::try_from(held).context("too many")
    }

    /// How many events with marks of a prefix a queue holds, and how often one came again: under the same id, and under
    /// another one.
    ///
    /// # Errors
    /// If the server does not answer, or could not read what it received.
    pub fn count(&self, queue: &str, prefix: &str) -> Result<Count> {
        let ledger = self.get(queue)?;
        if let Some(problem) = ledger.pointer("/problems/0") {
            bail!("the collector of {queue}: {problem}");
        }
        let events = ledger.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
        let text = |event: &Value, key| event.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let ours: Vec<&Value> = events
            .iter()
            .filter(|event| {
                text(event, "mark").strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-'))
            })
            .collect();
        let mut marks: Vec<String> = ours.iter().map(|event| text(event, "mark")).collect();
        marks.sort_unstable();
        marks.dedup();
        let times: u64 =
            ours.iter().filter_map(|event| event.get("times")?.as_u64()).map(|times| times - 1).sum();
        Ok(Count {
            distinct: marks.len(),
            repeated: usize::try_from(times).unwrap_or(usize::MAX),
            renamed: ours.len() - marks.len(),
        })
    }

    fn get(&self, path: &str) -> Result<Value> {
        let mut response = self.agent.get(format!("{}/collect/{path}", self.origin)).call()?;
        let text = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string()?;
        serde_json::from_str(&text).context("the collector sent no JSON")
    }
}

/// What has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Events.
    pub distinct: usize,
    /// How often one came again under the same id.
    pub repeated: usize,
    /// How often one came again under another id.
    pub renamed: usize,
}
