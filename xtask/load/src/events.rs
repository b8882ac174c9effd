//! Events as a server sends them.

use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::clock::{Clock, Phase};
use crate::ids::Ids;
use crate::plan::{Events, Part, Plan};
use crate::wire::Wire;

/// The type of events for webhooks that never answer.
pub const HANGING: &str = "cart.abandoned";
/// The type of all others.
pub const TAKEN: &str = "cart.added";

/// When a connection sends its next batch, if so many events a second are asked for. Whoever is late sends at once, so that the rate holds.
struct Pace {
    start: Instant,
    between: Duration,
    sent: u32,
}

impl Pace {
    fn of(plan: &Plan, task: &Events) -> Option<Self> {
        let batches = f64::from(task.rate) / f64::from(u32::try_from(task.batch * plan.connections).ok()?);
        (batches > 0.0).then(|| Self {
            start: Instant::now(),
            between: Duration::from_secs_f64(1.0 / batches),
            sent: 0,
        })
    }

    /// How long it is until then.
    fn left(&mut self) -> Duration {
        self.sent = self.sent.saturating_add(1);
        (self.start + self.between * self.sent).saturating_duration_since(Instant::now())
    }
}

/// One connection.
pub(crate) async fn run(plan: &Plan, task: &Events, mut ids: Ids, clock: &Clock) -> Result<Part> {
    let mut wire = Wire::connect(task.relay).await?;
    let mut part = Part::default();
    let mut pace = Pace::of(plan, task);
    let mut batches: usize = 0;
    loop {
        if clock.phase() == Phase::Over {
            return Ok(part);
        }
        batches += 1;
        if task.hanging_after > 0 && batches.is_multiple_of(task.hanging_after) {
            let mut body = String::new();
            event(HANGING, &mut ids, 0, &mut body);
            let response = wire.exchange(post(task, &body).as_bytes()).await?;
            if response.status() != 200 {
                let (status, outcome) = (response.status(), response.field("cuehook-outcome").to_owned());
                part.refuse(status, &outcome);
            }
        }
        let request = request(task, &mut ids);
        let started = Instant::now();
        let response = wire.exchange(request.as_bytes()).await?;
        let took = started.elapsed();
        let taken = if response.status() == 200 { taken(response.body) } else { 0 };
        part.acknowledged += taken;
        if taken != u64::try_from(task.batch).unwrap_or_default() {
            let (status, outcome) = (response.status(), response.field("cuehook-outcome").to_owned());
            part.refuse(status, &outcome);
        }
        // Whatever ends while it counts: about as many have begun before as end after.
        if clock.phase() == Phase::Measured {
            part.measured += taken;
            part.relayed.push(micros(took));
        }
        if plan.pause_ms > 0 {
            tokio::time::sleep(Duration::from_millis(plan.pause_ms)).await;
        }
        if let Some(pace) = &mut pace {
            // Nobody begins just before the end what would wait until after it.
            tokio::time::sleep(pace.left().min(Duration::from_secs(1))).await;
        }
    }
}

pub(crate) fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// A request with a batch.
fn request(task: &Events, ids: &mut Ids) -> String {
    let mut body = String::with_capacity(task.batch * (task.bytes + 64) + 32);
    body.push_str("{\"events\":[");
    for number in 0..task.batch {
        if number > 0 {
            body.push(',');
        }
        event(TAKEN, ids, task.bytes, &mut body);
    }
    body.push_str("]}");
    post(task, &body)
}

fn post(task: &Events, body: &str) -> String {
    format!(
        "POST /v1/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        task.relay,
        task.key,
        body.len(),
    )
}

/// An event of about so many bytes: as short as one can be at least. It says when it was made.
fn event(kind: &str, ids: &mut Ids, bytes: usize, out: &mut String) {
    let id = ids.next_id();
    let start = out.len();
    let made = unix_micros();
    // Writing into a text cannot fail.
    let _ = write!(
        out,
        "{{\"type\":\"{kind}\",\"id\":\"{id}\",\"timestamp\":\"2026-11-20T20:07:00.123Z\",\
         \"data\":{{\"madeUs\":{made},\"sku\":\"A-1042\",\"note\":\""
    );
    let left = bytes.saturating_sub(out.len() - start + 3);
    ids.write_words(left, out);
    out.push_str("\"}}");
}

/// Unix time in microseconds.
pub(crate) fn unix_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    micros(since)
}

/// How many events of a response were taken: those with the verdict `ok`. Nothing else in it is spelt like that, since ids are ours.
fn taken(body: &[u8]) -> u64 {
    let found = body.windows(5).filter(|five| five == b":\"ok\"").count();
    u64::try_from(found).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Order;
    use serde_json::Value;

    fn task(batch: usize, bytes: usize) -> Events {
        Events {
            relay: "127.0.0.1:1".parse().unwrap(),
            key: "k".to_owned(),
            batch,
            bytes,
            rate: 0,
            hanging_after: 0,
        }
    }

    #[test]
    fn a_request_has_so_many_events_of_that_size() {
        for (batch, bytes) in [(1, 200), (20, 200), (100, 4_096)] {
            let request = request(&task(batch, bytes), &mut Ids::new(1, 0, Order::Time));
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
            let body: Value = serde_json::from_str(body).unwrap();
            let events = body["events"].as_array().unwrap();
            assert_eq!(events.len(), batch);
            let mut ids: Vec<_> = events.iter().map(|event| event["id"].as_str().unwrap()).collect();
            ids.dedup();
            assert_eq!(ids.len(), batch);
        }
        let mut out = String::new();
        event(TAKEN, &mut Ids::new(1, 0, Order::Time), 4_096, &mut out);
        assert_eq!(out.len(), 4_096);
    }

    #[test]
    fn connections_share_the_rate() {
        let task = Events { rate: 2_000, ..task(20, 200) };
        let plan = Plan {
            connections: 16,
            warm_ms: 0,
            measured_ms: 0,
            pause_ms: 0,
            seed: 1,
            order: Order::Time,
            task: crate::Task::Events(task.clone()),
        };
        let mut pace = Pace::of(&plan, &task).unwrap();
        assert_eq!(
            pace.between,
            Duration::from_millis(160),
            "16 batches of 20 in 160 ms are 2,000 events a second"
        );
        assert!(pace.left() <= Duration::from_millis(160) && pace.left() > Duration::from_millis(160));
        pace.start -= Duration::from_secs(1);
        assert_eq!(pace.left(), Duration::ZERO, "who is late goes at once");
        assert!(Pace::of(&plan, &Events { rate: 0, ..task }).is_none());
    }

    #[test]
    fn only_what_was_taken_anew_counts() {
        assert_eq!(taken(br#"{"results":{"a":"ok","b":"dup","c":"ok","d":"drop","ok":"retry"}}"#), 2);
        assert_eq!(taken(br#"{"error":{"code":"ok"}}"#), 1, "which is why the status is looked at first");
        assert_eq!(taken(b""), 0);
    }
}
