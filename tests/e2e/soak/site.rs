//! The relay, and whom it tells.

use super::load;
use crate::chaos::ledger::{Ledger, Minted, Queue};
use crate::relay_server::running::Relay;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub struct Site {
    pub relay: Relay,
    /// A receiver that answers.
    pub steady: Queue,
    /// One that does not, at times.
    pub shaky: Queue,
    /// Where the receivers of the server's events are.
    pub receivers: SocketAddr,
}

impl Site {
    pub fn new() -> Site {
        let (steady, shaky, receivers) = (Queue::new(), Queue::new(), load::receivers());
        let collector = |queue: &Queue| format!("{}/collect/{}", queue.server, queue.name);
        let table = |id: &str, url: &str, events: &str| {
            format!("[[webhook]]\nid = \"{id}\"\nurl = \"{url}\"\nevents = [{events}]\n")
        };
        let viewers = r#""view.*", "interaction.*", "lead.*", "cta.*", "events.*", "test.*""#;
        let tables = [
            // Failures are over within seconds, so that the run need not wait for hours.
            "[delivery]\nretrySeconds = [0, 1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 16, 16]\n".to_owned(),
            // Pages name it; what it is sent goes to the other two.
            table("collector", "http://127.0.0.1:9/never", ""),
            table("steady", &collector(&steady), viewers),
            table("shaky", &collector(&shaky), viewers),
            table("server-1", &format!("http://{receivers}/events/1"), "\"cart.*\""),
            table("server-2", &format!("http://{receivers}/events/2"), "\"cart.*\""),
        ];
        Site { relay: Relay::with(&tables.concat()), steady, shaky, receivers }
    }

    pub fn start(&mut self) {
        wait(self.relay.start());
    }

    pub fn kill(&mut self) {
        self.relay.kill();
    }

    /// The path and query of the page.
    pub fn page(&self) -> String {
        let server = &self.steady.server;
        let (relay, token) = (self.relay.address(), self.relay.token(server));
        format!("{server}/tests/chaos/cuehook.html?relay={relay}&token={token}")
    }

    /// The shaky receiver refuses, loses and delays, in another order each time.
    pub fn disturb(&self, round: u32) {
        let answers = [
            json!({ "status": 503, "times": 2 }),
            json!({ "lost": "response", "times": 2 }),
            json!({ "delayMs": 700, "times": 3 }),
            json!({ "status": 429, "retryAfter": "1" }),
            json!({ "lost": "request", "times": 2 }),
            json!({ "times": 4 }),
            json!({ "verdicts": ["retry"] }),
        ];
        let place = round as usize % answers.len();
        let turned = [&answers[place..], &answers[..place]].concat();
        self.shaky.answer(&json!({ "answers": turned }));
    }

    /// From now on everybody answers.
    pub fn calm(&self) {
        self.shaky.answer(&json!({ "answers": [] }));
    }

    /// Waits until both hold all that was recorded.
    pub fn until_held(&self, minted: &Minted, limit: Duration) {
        let deadline = Instant::now() + limit;
        for queue in [&self.steady, &self.shaky] {
            queue.until(|ledger| ledger.has(minted), deadline.saturating_duration_since(Instant::now()));
        }
    }

    /// Waits until the relay has nothing more to do, and gives its counts, which have to add up.
    pub fn until_settled(&self, limit: Duration) -> Value {
        let deadline = Instant::now() + limit;
        loop {
            let counts = wait(self.relay.counts());
            let of = |name: &str| counts["deliveries"][name].as_u64().unwrap();
            let sum: u64 = ["delivered", "pending", "skipped", "dead"].map(of).iter().sum();
            assert_eq!(of("accepted"), sum, "{counts}");
            if of("pending") == 0 {
                assert_eq!((of("dead"), of("skipped")), (0, 0), "{counts}");
                return counts;
            }
            assert!(Instant::now() < deadline, "some wait for ever: {counts}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// What a receiver holds is what was recorded, each event under one id and with the same bytes.
pub fn check(queue: &Queue, minted: &Minted) {
    queue.ledger().check(minted);
}

/// Waits for one of the asynchronous helpers.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

impl Ledger {
    /// Each event: its type, when it happened and when it came, in Unix milliseconds.
    pub fn times(&self) -> Vec<(&str, f64, f64)> {
        let times = self.events().iter().map(|event| {
            let timestamp = event["timestamp"].as_str().unwrap();
            let (happened, _) = cuehook_protocol::timestamp::parse(timestamp).unwrap();
            (event["type"].as_str().unwrap(), happened, event["cameMs"].as_f64().unwrap())
        });
        times.collect()
    }
}
