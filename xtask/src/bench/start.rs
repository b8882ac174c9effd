//! How long a page takes from the navigation until its areas are painted and can be clicked, on a slow device and a slow
//! network, beside a page that does the same by hand.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::median;
use crate::server::Server;
use crate::setup::{self, Need};
use crate::webdriver::{Driver, Engine, Session};
use crate::{build, workspace};

/// How many times slower the processor is made.
const SLOWDOWN: u32 = 4;
/// The network: bytes a second (1.6 Mbps), and milliseconds from a request to its response.
const BANDWIDTH: f64 = 200_000.0;
const ROUND_TRIP: f64 = 150.0;
/// What a browser pays for its first connection to a site, in milliseconds: a round trip for TCP, one for TLS.
const CONNECTION: f64 = 2.0 * ROUND_TRIP;
/// How often each page is opened, besides once without throttling.
const ROUNDS: usize = 9;
/// How long one page may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Notes on `<html>` when the areas have been painted and can be clicked, in milliseconds since the navigation began.
const CLOCK: &str = r#"{
    const channel = new MessageChannel();
    channel.port1.onmessage = () => (document.documentElement.dataset.clickable = String(performance.now()));
    const look = () => {
        const area = document.querySelector('button[aria-label="Order everything"]');
        const { left, top, width, height } = area?.getBoundingClientRect() ?? {};
        const isOnTop = area && document.elementFromPoint(left + width / 2, top + height / 2) === area;
        // The message arrives when this frame has been painted.
        if (isOnTop) channel.port2.postMessage(null);
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"#;

/// What a page has downloaded, without the video: how often each address was asked for, and the bytes.
const TRANSFERS: &str = r#"
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .filter(({ name }) => /^http/.test(name) && !name.endsWith(".webm"));
    return { bytes: entries.reduce((sum, { transferSize }) => sum + transferSize, 0),
        files: entries.map(({ name }) => new URL(name).pathname.replace("/start/", "")) };"#;

/// One page of `benches/start/`.
struct Case {
    title: &'static str,
    page: &'static str,
    /// Requests that can only follow one another.
    round_trips: u32,
    /// The most times plain JavaScript that it should take.
    target: Option<f64>,
}

const CASES: [Case; 3] = [
    // Page, script, project.
    Case { title: "plain JavaScript", page: "plain.html", round_trips: 3, target: None },
    // Page, script, module and project.
    Case { title: "Cuehook", page: "cuehook.html", round_trips: 3, target: Some(1.75) },
    // Page, everything else.
    Case { title: "Cuehook with preload lines", page: "preloaded.html", round_trips: 2, target: Some(1.45) },
];

/// Opens each page in turn, again and again, and prints the medians.
pub fn run(quick: bool) -> Result<()> {
    build::run(build::Quality::Release)?;
    setup::ensure(&Need::BENCH_PAGE)?;
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start(Engine::Chromium)?;
    let session = Session::open(&driver)?;
    session.devtools("Page.enable", &json!({}))?;
    session.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": CLOCK }))?;
    session.devtools("Network.enable", &json!({}))?;
    session.devtools("Network.setCacheDisabled", &json!({ "cacheDisabled": true }))?;
    // Unthrottled once: files are compressed when they are first asked for.
    let mut bytes = Vec::new();
    for case in &CASES {
        open(&session, &server, case)?;
        bytes.push(transferred(&session, case)?);
    }
    throttle(&session)?;
    let mut times = CASES.map(|_| Vec::new());
    for _ in 0..if quick { 1 } else { ROUNDS } {
        for (case, times) in CASES.iter().zip(&mut times) {
            times.push(open(&session, &server, case)?);
        }
    }
    println!(
        "Navigation until the areas are painted and can be clicked: CPU {SLOWDOWN}× slower, 1.6 Mbps, \
         {ROUND_TRIP} ms from request to response, nothing cached, brotli; median of {}",
        times[0].len()
    );
    println!(
        "{:<28} {:>6} {:>8} {:>7} {:>9} {:>9} {:>8}",
        "", "ms", "× plain", "target", "with TLS", "floor ms", "bytes"
    );
    let medians = times.map(median);
    for ((case, median), bytes) in CASES.iter().zip(medians).zip(bytes) {
        let target = case.target.map(|target| format!("{target:.2}")).unwrap_or_default();
        let times_plain = median / medians[0];
        let with_connection = (median + CONNECTION) / (medians[0] + CONNECTION);
        let floor = floor(bytes, case.round_trips);
        println!(
            "{:<28} {median:>6.0} {times_plain:>8.2} {target:>7} {with_connection:>9.2} {floor:>9.0} {bytes:>8.0}",
            case.title
        );
    }
    println!(
        "The floor is what the transfer alone takes: round trips that must follow one another, and bytes."
    );
    println!(
        "DevTools leaves out what a first visit pays before its first request: the handshakes of TCP and TLS, \
         {CONNECTION} ms for each page. The column “with TLS” adds them to both sides."
    );
    Ok(())
}

/// What the transfer alone takes, in milliseconds.
fn floor(bytes: f64, round_trips: u32) -> f64 {
    bytes / BANDWIDTH * 1_000.0 + f64::from(round_trips) * ROUND_TRIP
}

/// Slows processor and network down, for this session.
fn throttle(session: &Session) -> Result<()> {
    session.devtools("Emulation.setCPUThrottlingRate", &json!({ "rate": SLOWDOWN }))?;
    let network = json!({
        "offline": false, "latency": ROUND_TRIP, "downloadThroughput": BANDWIDTH, "uploadThroughput": BANDWIDTH,
    });
    session.devtools("Network.emulateNetworkConditions", &network)
}

/// Opens a page and gives the time until its areas could be clicked, in milliseconds.
fn open(session: &Session, server: &Server, case: &Case) -> Result<f64> {
    session.go("about:blank")?;
    session.go(&format!("{}/start/{}", server.origin(), case.page))?;
    let clickable = "return Number(document.documentElement.dataset.clickable ?? 0) || null";
    let time = session.wait_for(clickable, LIMIT).with_context(|| {
        let console = session.console().unwrap_or_default().join("\n");
        format!("{} shows no areas; its console:\n{console}", case.page)
    })?;
    time.as_f64().context("the page's clock gave no number")
}

/// The bytes that the page has downloaded without the video. Fails if it has asked for something twice.
fn transferred(session: &Session, case: &Case) -> Result<f64> {
    let transfers = session.run(TRANSFERS)?;
    let list = transfers.get("files").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut files: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    println!("{}: {}", case.title, files.join(", "));
    files.sort_unstable();
    if files.windows(2).any(|pair| pair.first() == pair.last()) {
        bail!("{} downloads something twice", case.page);
    }
    transfers.get("bytes").and_then(Value::as_f64).context("the page counted no bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_round_trips_and_bytes() {
        assert_eq!(floor(200_000.0, 3), 1_450.0);
    }

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median(vec![9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median(Vec::new()), 0.0);
    }
}
