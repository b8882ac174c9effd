//! A server that sends events beside the viewers, and two receivers of these.

use super::site::Site;
use cuehook_load::{Events, Order, Plan, Received, Report, Task, receive, send};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

/// Events a second, unless `CUEHOOK_SOAK_RATE` says otherwise: a relay that is not optimised shares the processors with a browser.
const RATE: u32 = 100;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Receivers of this process; where they listen.
pub fn receivers() -> SocketAddr {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        LocalSet::new().block_on(&runtime(), async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            receive(listener, Duration::ZERO).await
        })
    });
    told.recv().unwrap()
}

/// Sends for so long.
pub fn start(site: &Site, all: Duration) -> JoinHandle<Report> {
    let rate = std::env::var("CUEHOOK_SOAK_RATE").map_or(RATE, |text| text.parse().unwrap());
    let relay: SocketAddr = site.relay.address().trim_start_matches("http://").parse().unwrap();
    let key = site.relay.api_key().to_owned();
    let plan = Plan {
        connections: 4,
        warm_ms: 0,
        measured_ms: u64::try_from(all.as_millis()).unwrap(),
        pause_ms: 0,
        seed: u64::from(std::process::id()),
        order: Order::Time,
        task: Task::Events(Events { relay, key, batch: 5, bytes: 400, rate, hanging_after: 0 }),
    };
    std::thread::spawn(move || runtime().block_on(send(plan, || (), || ())).unwrap())
}

/// All that was acknowledged has come to both, once under each id.
pub fn check(site: &Site, sent: &Report) {
    assert!(sent.refused.is_empty(), "{:?}", sent.refused);
    let told = runtime().block_on(crate::http::get(&format!("http://{}", site.receivers), "/received"));
    let told: BTreeMap<String, Received> = serde_json::from_value(told).unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    for (path, received) in told {
        assert_eq!(received.distinct, sent.acknowledged, "{path}");
    }
}
