//! The webhooks that are called.
//!
//! - `POST /hook`: answered after a while. `POST /events/…`: events, which are noted. `POST /hang/…`: never answered.
//! - `GET /`: how often `/hook` was called. `GET /received`: what has come to each path of events, and how long that took.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};

use crate::events::unix_micros;
use crate::latencies::Latencies;
use crate::wire::{Message, Wire};

/// What a webhook answers: a page shows fields of it.
const ANSWER: &str = r#"{"status":"ok","discount":{"code":"SPRING-20","percent":20,"validUntil":"2026-12-01"},"greeting":"Welcome back","items":[{"sku":"A-1042","name":"Lamp","price":39.9},{"sku":"B-2001","name":"Shade","price":12.5}],"message":"Your code is on its way, and holds until the first of December."}"#;

/// What receivers of events answer.
const TAKEN: &str = "{}";

/// What has come to a path of events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// Requests.
    pub requests: u64,
    /// Different `webhook-id`s among them.
    pub distinct: u64,
    /// From when an event was made until it came, in microseconds; of those since this was asked for last.
    pub latencies: Latencies,
}

/// What was noted.
#[derive(Debug, Default)]
struct Noted {
    calls: Cell<u64>,
    paths: RefCell<BTreeMap<String, Path>>,
}

#[derive(Debug, Default)]
struct Path {
    requests: u64,
    /// Ids as numbers: the digits of a UUID.
    ids: HashMap<u128, u32>,
    took: Vec<u64>,
}

impl Noted {
    fn note(&self, path: &str, request: &Message<'_>) {
        let mut paths = self.paths.borrow_mut();
        if !paths.contains_key(path) {
            paths.insert(path.to_owned(), Path::default());
        }
        let Some(noted) = paths.get_mut(path) else { return };
        noted.requests += 1;
        *noted.ids.entry(number(request.field("webhook-id"))).or_default() += 1;
        if let Some(made) = made(request.body) {
            noted.took.push(unix_micros().saturating_sub(made));
        }
    }

    fn told(&self) -> BTreeMap<String, Received> {
        let mut paths = self.paths.borrow_mut();
        let told = paths.iter_mut().map(|(path, noted)| {
            let latencies = Latencies::of(std::mem::take(&mut noted.took));
            let distinct = u64::try_from(noted.ids.len()).unwrap_or(u64::MAX);
            (path.clone(), Received { requests: noted.requests, distinct, latencies })
        });
        told.collect()
    }
}

/// Answers until the program ends; `POST /hook` after a while.
///
/// # Errors
/// If nothing can be accepted any more.
pub async fn receive(listener: TcpListener, delay: Duration) -> Result<()> {
    let noted = Rc::new(Noted::default());
    loop {
        let (stream, _) = listener.accept().await?;
        let noted = Rc::clone(&noted);
        tokio::task::spawn_local(async move {
            // Whoever has sent something else than a request is not answered.
            let _ = serve(stream, delay, &noted).await;
        });
    }
}

async fn serve(stream: TcpStream, delay: Duration, noted: &Noted) -> Result<()> {
    let mut wire = Wire::of(stream)?;
    loop {
        let Some(request) = wire.read().await? else { return Ok(()) };
        let mut words = request.head.split(' ');
        let body = match (words.next().unwrap_or_default(), words.next().unwrap_or_default()) {
            ("POST", path) if path.starts_with("/events/") => {
                noted.note(path, &request);
                TAKEN.to_owned()
            }
            ("POST", path) if path.starts_with("/hang/") => std::future::pending().await,
            ("POST", path) => {
                if path == "/hook" {
                    noted.calls.set(noted.calls.get() + 1);
                }
                if !delay.is_zero() {
                    tokio::time::sleep(delay).await;
                }
                ANSWER.to_owned()
            }
            (_, "/received") => serde_json::to_string(&noted.told())?,
            _ => noted.calls.get().to_string(),
        };
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
        wire.write(format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
    }
}

/// The digits of an id as a number.
fn number(id: &str) -> u128 {
    id.bytes()
        .filter_map(|byte| char::from(byte).to_digit(16))
        .fold(0, |sum, digit| sum << 4 | u128::from(digit))
}

/// When an event was made, in Unix microseconds.
fn made(body: &[u8]) -> Option<u64> {
    const NAME: &[u8] = b"\"madeUs\":";
    let at = body.windows(NAME.len()).position(|part| part == NAME)?;
    let digits = body.get(at + NAME.len()..)?.iter().take_while(|byte| byte.is_ascii_digit());
    digits
        .map(|digit| u64::from(digit - b'0'))
        .try_fold(0, |sum: u64, digit| sum.checked_mul(10)?.checked_add(digit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Order, Plan, Report, Task, send};

    async fn alone<T>(work: impl AsyncFnOnce(std::net::SocketAddr) -> T) -> T {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let all = tokio::task::LocalSet::new();
        all.run_until(async {
            tokio::task::spawn_local(receive(listener, Duration::ZERO));
            work(address).await
        })
        .await
    }

    /// The webhook in the relay's place, too: it says of no call that it was answered through a relay.
    #[tokio::test]
    async fn what_is_not_answered_as_a_relay_does_is_refused() {
        let report = alone(async |address| {
            let calls = crate::Calls {
                direct: crate::Direct::InTurn,
                relay: address,
                receiver: address,
                webhook: "hook".to_owned(),
                token: "t".to_owned(),
                origin: "https://shop.example".to_owned(),
                bytes: 300,
            };
            let plan = Plan {
                connections: 3,
                warm_ms: 20,
                measured_ms: 200,
                pause_ms: 0,
                seed: 1,
                order: Order::Time,
                task: Task::Calls(calls),
            };
            send(plan, || (), || ()).await.unwrap()
        })
        .await;
        let Report { measured, acknowledged, refused, relayed, direct, .. } = report;
        assert_eq!((measured, acknowledged, relayed.count), (0, 0, 0));
        assert!(direct.count > 0 && refused["200 "] > 0, "{refused:?}");
    }

    #[tokio::test]
    async fn events_are_noted_by_path_and_id() {
        let told = alone(async |address| {
            let mut wire = Wire::connect(address).await.unwrap();
            let made = unix_micros() - 5_000;
            for (path, id) in [("1", "0a"), ("1", "0b"), ("1", "0a"), ("2", "0a")] {
                let body = format!("{{\"data\":{{\"madeUs\":{made},\"x\":1}}}}");
                let length = body.len();
                let request =
                    format!("POST /events/{path} HTTP/1.1\r\nwebhook-id: {id}\r\ncontent-length: {length}\r\n\r\n{body}");
                assert_eq!(wire.exchange(request.as_bytes()).await.unwrap().status(), 200);
            }
            let mut told = Vec::new();
            for _ in 0..2 {
                let message = wire.exchange(b"GET /received HTTP/1.1\r\n\r\n").await.unwrap();
                told.push(serde_json::from_slice::<BTreeMap<String, Received>>(message.body).unwrap());
            }
            told
        })
        .await;
        let one = &told[0]["/events/1"];
        assert_eq!((one.requests, one.distinct, one.latencies.count), (3, 2, 3));
        assert!(one.latencies.p50 >= 5_000);
        assert_eq!((told[0]["/events/2"].requests, told[0]["/events/2"].distinct), (1, 1));
        assert_eq!((told[1]["/events/1"].requests, told[1]["/events/1"].latencies.count), (3, 0));
    }

    #[test]
    fn ids_and_times_are_read() {
        assert_eq!(number("0192aaaa-bbbb-7000-8000-000000000001") >> 112, 0x0192);
        assert_ne!(number("a1"), number("a2"));
        assert_eq!(made(b"{\"madeUs\":123,\"x\":9}"), Some(123));
        assert_eq!(made(b"{\"madeUs\":99999999999999999999}"), None);
        assert_eq!(made(b"{}"), None);
    }
}
