//! Events that are delivered: to two webhooks that answer, and to some that never do.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use cuehook_load::{HANGING, Latencies, Received, Report, TAKEN};

use super::ends::Receiver;
use super::rows::{Row, Work};
use super::site::Site;

/// Webhooks that each event is delivered to.
const FAN_OUT: u64 = 2;
/// A connection sends one event to the webhooks that never answer after so many batches.
pub const HANGING_AFTER: usize = 8;
/// How long what is still under way may take when nothing new comes.
const PATIENCE: Duration = Duration::from_secs(120);

/// What has come to the webhooks that answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Delivered {
    /// Deliveries while it counted.
    pub measured: u64,
    /// How long it took from when an event was made until it came to the slower one of the two.
    pub latencies: Latencies,
    /// Milliseconds until all had come, from when nothing new came.
    pub drained_ms: u64,
    /// Deliveries that came more than once.
    pub repeated: u64,
}

/// The tables of a row's webhooks.
pub fn webhooks(row: &Row, receiver: &Receiver) -> String {
    let Work::Deliveries { hanging, .. } = row.work else { return String::new() };
    let base = receiver.base();
    let taken = Site::subscribed(&base, TAKEN, (1..=FAN_OUT).map(|number| format!("events/{number}")));
    let hanging = Site::subscribed(&base, HANGING, (0..hanging).map(|number| format!("hang/{number}")));
    [taken, hanging].concat()
}

/// Waits until all that was acknowledged has come, and says how that went.
///
/// # Errors
/// If something does not come, or comes under two ids.
pub fn look(
    row: &Row,
    report: &Report,
    marks: &[BTreeMap<String, Received>],
    site: &Site,
    receiver: &Receiver,
) -> Result<Delivered> {
    let Work::Deliveries { hanging, .. } = row.work else { return Ok(Delivered::default()) };
    let (began, ended) = (marks.first().context("no beginning")?, marks.get(1).context("no end")?);
    let sum = |mark: &BTreeMap<String, Received>| mark.values().map(|path| path.requests).sum::<u64>();
    let slower = ended.values().map(|path| path.latencies).max_by_key(|latencies| latencies.p99);
    let since = Instant::now();
    let wanted = report.acknowledged;
    let received = loop {
        let received = receiver.received()?;
        let is_all =
            received.len() as u64 == FAN_OUT && received.values().all(|path| path.distinct >= wanted);
        if is_all {
            break received;
        }
        if since.elapsed() > PATIENCE {
            bail!("{}: {wanted} were acknowledged, and these have come: {received:?}", row.name());
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let drained_ms = u64::try_from(since.elapsed().as_millis())?;
    if let Some((path, more)) = received.iter().find(|(_, path)| path.distinct > wanted) {
        bail!("{}: {} ids have come to {path}, {wanted} events were acknowledged", row.name(), more.distinct);
    }
    let repeated = received.values().map(|path| path.requests - path.distinct).sum();
    // What has come has to be written down, too.
    while hanging == 0 && site.count_pending()? > 0 {
        if since.elapsed() > PATIENCE {
            bail!("{}: everything has come, and some deliveries still wait", row.name());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(Delivered {
        measured: sum(ended).saturating_sub(sum(began)),
        latencies: slower.unwrap_or_default(),
        drained_ms,
        repeated,
    })
}
