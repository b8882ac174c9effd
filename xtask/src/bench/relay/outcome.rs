//! What rows come to: lines of a table, and whether the aims are reached.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use cuehook_load::Report;

use super::databases::Store;
use super::deliveries::Delivered;
use super::rows::{Row, Work};
use super::usage::{Cpu, Memory};

/// Events a second at 16 connections, in batches of 20, with syncs that take 5 ms longer.
const AIM_RATE: f64 = 5_000.0;
/// Deliveries a second, of 2,000 events to two webhooks each. Who sends keeps to its clock, so a little less is as much.
const AIM_DELIVERIES: f64 = 4_000.0 * 0.99;
/// From a server's event until it has come, at 500 events a second, in microseconds: to half of them, and to 99 of 100.
const AIM_LATENCIES: (u64, u64) = (200_000, 1_000_000);
/// Of what a healthy webhook gets without those that never answer, so much beside them at least.
const AIM_BESIDE_HANGING: f64 = 0.95;
/// What a relay may add to a call without the sync, in microseconds: to half of them, and to 99 of 100.
const AIM_OVERHEAD: (i64, i64) = (1_000, 5_000);
/// Bytes of an idle relay.
const AIM_IDLE: u64 = 30_000_000;

/// What was measured.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub row: Row,
    pub report: Report,
    /// Of events that are delivered.
    pub delivered: Delivered,
    pub cpu: Cpu,
    /// Seconds of the processors that other programs took.
    pub others: f64,
    /// The relay's, in the end.
    pub memory: Memory,
    /// Bytes by which the database has grown.
    pub disk: u64,
}

/// A relay that nobody asks for anything.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    pub store: Store,
    pub memory: Memory,
}

/// Whether a row was what it says.
///
/// # Errors
/// If something was refused, nothing was done, or what was acknowledged is not what is `stored`: events in the store, or calls that
/// have reached the webhook.
pub fn verify(row: &Row, report: &Report, stored: u64) -> Result<()> {
    let name = row.name();
    if !report.refused.is_empty() {
        bail!("{name}: some requests had another answer: {:?}", report.refused);
    }
    if report.measured == 0 {
        bail!("{name}: nothing was done while it counted");
    }
    if report.acknowledged != stored {
        bail!("{name}: {} were acknowledged, {stored} are there", report.acknowledged);
    }
    Ok(())
}

impl Outcome {
    /// What the relay adds to a call, in microseconds: to half of them, and to 99 of 100. Never as if a relay made calls faster.
    fn overhead(&self) -> (i64, i64) {
        let Report { relayed, direct, .. } = &self.report;
        (
            relayed.p50.cast_signed() - direct.p50.cast_signed(),
            relayed.p99.cast_signed() - direct.p99.cast_signed(),
        )
    }

    /// Deliveries a second.
    fn delivery_rate(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "nobody sends so many")]
        let measured = self.delivered.measured as f64;
        if self.report.seconds > 0.0 { measured / self.report.seconds } else { 0.0 }
    }

    /// Bytes on disk for each event.
    fn disk_per_event(&self) -> u64 {
        self.disk / self.report.acknowledged.max(1)
    }

    /// Its line in the table.
    pub fn line(&self) -> String {
        let Outcome { row, report, cpu, others, memory, .. } = self;
        let ms = |micros: u64| thousandths(micros.cast_signed());
        let mut line = format!("{:<38} {:>7.0}", row.name(), report.rate());
        // Writing into a text cannot fail.
        let _ = match row.work {
            Work::Events { .. } => write!(
                line,
                " {:>8} {:>8} {:>8} {:>6}",
                ms(report.relayed.p50),
                ms(report.relayed.p99),
                ms(report.relayed.most),
                self.disk_per_event()
            ),
            Work::Calls { .. } => {
                let (half, most) = self.overhead();
                write!(
                    line,
                    " {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
                    ms(report.direct.p50),
                    ms(report.direct.p99),
                    ms(report.relayed.p50),
                    ms(report.relayed.p99),
                    thousandths(half),
                    thousandths(most)
                )
            }
            Work::Deliveries { .. } => {
                let Delivered { latencies, drained_ms, repeated, .. } = self.delivered;
                write!(
                    line,
                    " {:>7.0} {:>8} {:>8} {:>8} {drained_ms:>7} {repeated:>5}",
                    self.delivery_rate(),
                    ms(latencies.p50),
                    ms(latencies.p99),
                    ms(latencies.most)
                )
            }
        };
        let _ = write!(line, " {cpu} {others:>6.2} {:>5} {:>5}", mega(memory.rss), mega(memory.pss));
        line
    }
}

/// What stands above the lines.
pub fn head(row: &Row) -> String {
    let what = match row.work {
        Work::Calls { .. } => format!(
            "{:<38} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
            "calls (times in ms)", "/s", "dir p50", "dir p99", "p50", "p99", "+p50", "+p99"
        ),
        Work::Deliveries { .. } => format!(
            "{:<38} {:>7} {:>7} {:>8} {:>8} {:>8} {:>7} {:>5}",
            "deliveries (times in ms)", "ev/s", "/s", "p50", "p99", "most", "drained", "again"
        ),
        Work::Events { .. } => format!(
            "{:<38} {:>7} {:>8} {:>8} {:>8} {:>6}",
            "events (times of batches in ms)", "/s", "p50", "p99", "most", "disk B"
        ),
    };
    format!(
        "{what} {:>6} {:>6} {:>6} {:>6} {:>6} {:>5} {:>5}",
        "load s", "recv s", "relay", "db s", "others", "RSS", "PSS MB"
    )
}

/// Memory of idle relays.
pub fn idle_table(idles: &[Idle]) -> String {
    let line = |Idle { store, memory }: &Idle| {
        format!("idle {}: RSS {} MB, PSS {} MB\n", store.name(), mega(memory.rss), mega(memory.pss))
    };
    idles.iter().map(line).collect()
}

/// The project's aims: one line each, for each row that it is about.
pub fn figures(outcomes: &[Outcome], idles: &[Idle]) -> String {
    let mut lines = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.row.is_aim_of_events()) {
        let rate = outcome.report.rate();
        let found = format!("{}: {rate:.0} events/s; at least {AIM_RATE:.0}", outcome.row.name());
        lines.push((rate >= AIM_RATE, found));
    }
    for outcome in outcomes.iter().filter(|outcome| outcome.row.is_aim_of_calls()) {
        let (half, most) = outcome.overhead();
        let found = format!(
            "{}: adds {} ms to half, {} ms to 99 %; under {} and {}",
            outcome.row.name(),
            thousandths(half),
            thousandths(most),
            thousandths(AIM_OVERHEAD.0),
            thousandths(AIM_OVERHEAD.1)
        );
        lines.push((half < AIM_OVERHEAD.0 && most < AIM_OVERHEAD.1, found));
    }
    for outcome in outcomes.iter().filter(|outcome| outcome.row.is_aim_of_deliveries()) {
        let rate = outcome.delivery_rate();
        let found = format!("{}: {rate:.0} deliveries/s; at least {AIM_DELIVERIES:.0}", outcome.row.name());
        lines.push((rate >= AIM_DELIVERIES, found));
    }
    for outcome in outcomes.iter().filter(|outcome| outcome.row.is_aim_of_latencies()) {
        let Delivered { latencies, .. } = outcome.delivered;
        let ms = |micros: u64| thousandths(micros.cast_signed());
        let found = format!(
            "{}: {} ms to half, {} ms to 99 %; under {} and {}",
            outcome.row.name(),
            ms(latencies.p50),
            ms(latencies.p99),
            ms(AIM_LATENCIES.0),
            ms(AIM_LATENCIES.1)
        );
        lines.push((latencies.p50 < AIM_LATENCIES.0 && latencies.p99 < AIM_LATENCIES.1, found));
    }
    for beside in outcomes {
        for alone in outcomes.iter().filter(|alone| beside.row.is_beside_hanging(&alone.row)) {
            let part = beside.delivery_rate() / alone.delivery_rate().max(1.0);
            let found = format!(
                "{}: {:.1} % of what comes without them; at least {:.0} %",
                beside.row.name(),
                part * 100.0,
                AIM_BESIDE_HANGING * 100.0
            );
            lines.push((part >= AIM_BESIDE_HANGING, found));
        }
    }
    for Idle { store, memory } in idles {
        let found = format!("idle {}: RSS {} MB; under {}", store.name(), mega(memory.rss), mega(AIM_IDLE));
        lines.push((memory.rss < AIM_IDLE, found));
    }
    let word = |is_reached: bool| if is_reached { "reached" } else { "MISSED " };
    lines.into_iter().map(|(is_reached, found)| format!("{} {found}\n", word(is_reached))).collect()
}

/// Microseconds as milliseconds.
fn thousandths(micros: i64) -> String {
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.unsigned_abs();
    format!("{sign}{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

/// Bytes as millions of bytes.
fn mega(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::relay::databases::Syncs;
    use cuehook_load::{Latencies, Order};
    use std::collections::BTreeMap;

    fn events() -> Row {
        let work = Work::Events { batch: 20, bytes: 200, order: Order::Time };
        Row { store: Store::Sqlite, syncs: Syncs::Slow, connections: 16, pause_ms: 0, work }
    }

    fn calls() -> Row {
        let work = Work::Calls { bytes: 600, delay_ms: 0 };
        Row { store: Store::Sqlite, syncs: Syncs::None, connections: 16, pause_ms: 0, work }
    }

    fn deliveries(hanging: usize) -> Row {
        let work = Work::Deliveries { rate: 2_000, hanging };
        Row { store: Store::Sqlite, syncs: Syncs::Plain, connections: 16, pause_ms: 0, work }
    }

    fn report(measured: u64, seconds: f64) -> Report {
        Report { seconds, measured, acknowledged: measured, ..Report::default() }
    }

    fn outcome(row: Row, report: Report) -> Outcome {
        let memory = Memory { rss: 29_999_999, pss: 20_000_000 };
        let delivered = Delivered::default();
        Outcome { row, report, delivered, cpu: Cpu::default(), others: 0.0, memory, disk: 1_000 }
    }

    #[test]
    fn a_figure_is_never_one_of_refused_requests() {
        assert!(verify(&events(), &report(100, 1.0), 100).is_ok());
        let words = |report: &Report, stored| verify(&events(), report, stored).unwrap_err().to_string();
        assert!(words(&report(100, 1.0), 99).ends_with("100 were acknowledged, 99 are there"));
        assert!(words(&report(100, 1.0), 101).ends_with("100 were acknowledged, 101 are there"));
        assert!(words(&report(0, 1.0), 0).contains("nothing was done"));
        let refused = BTreeMap::from([("429 rate-limited".to_owned(), 1)]);
        assert!(words(&Report { refused, ..report(100, 1.0) }, 100).contains("429 rate-limited"));
    }

    #[test]
    fn aims_are_reached_or_missed() {
        let reached = |outcome| figures(&[outcome], &[]).starts_with("reached");
        assert!(reached(outcome(events(), report(10_000, 2.0))));
        assert!(!reached(outcome(events(), report(9_999, 2.0))));
        let with = |relayed: (u64, u64), direct: (u64, u64)| {
            let of = |(p50, p99)| Latencies { count: 9, p50, p99, most: p99 };
            outcome(calls(), Report { relayed: of(relayed), direct: of(direct), ..report(9, 1.0) })
        };
        assert!(reached(with((1_199, 5_999), (200, 1_000))));
        assert!(!reached(with((1_200, 5_999), (200, 1_000))), "half of them");
        assert!(!reached(with((1_199, 6_000), (200, 1_000))), "99 of 100");
        assert_eq!(with((150, 900), (200, 1_000)).overhead(), (-50, -100));
        let idle = |rss| Idle { store: Store::Sqlite, memory: Memory { rss, pss: 0 } };
        assert!(figures(&[], &[idle(29_999_999)]).starts_with("reached"));
        assert!(figures(&[], &[idle(30_000_000)]).starts_with("MISSED"));
        assert_eq!(figures(&[outcome(Row { connections: 1, ..events() }, report(9, 1.0))], &[]), "");
        let delivered = |hanging, measured, micros| Outcome {
            delivered: Delivered {
                measured,
                latencies: Latencies { count: 9, p50: micros, p99: micros, most: micros },
                ..Delivered::default()
            },
            ..outcome(deliveries(hanging), report(9, 10.0))
        };
        assert!(reached(delivered(0, 39_600, 9)));
        assert!(!reached(delivered(0, 39_599, 9)));
        let both = |measured| figures(&[delivered(0, 40_000, 9), delivered(256, measured, 9)], &[]);
        assert!(both(38_000).lines().all(|line| line.starts_with("reached")), "{}", both(38_000));
        assert!(both(37_999).lines().nth(1).unwrap().starts_with("MISSED"));
        let steady = |micros| {
            let row = Row { work: Work::Deliveries { rate: 500, hanging: 0 }, ..deliveries(0) };
            figures(&[Outcome { row, ..delivered(0, 9, micros) }], &[])
        };
        assert!(steady(199_999).starts_with("reached") && steady(200_000).starts_with("MISSED"));
    }

    #[test]
    fn lines_stand_below_their_heads() {
        for row in [events(), calls(), deliveries(0)] {
            let head = head(&row);
            let line = outcome(row, report(10_000, 2.0)).line();
            assert_eq!(line.len(), head.trim_end().len() - " MB".len() + 2, "{line}");
            assert!(line.contains(" 5000 "), "{line}");
        }
        assert_eq!(outcome(events(), report(100, 1.0)).disk_per_event(), 10);
    }

    #[test]
    fn numbers_are_shown_as_they_are() {
        assert_eq!([thousandths(1_239), thousandths(-50), thousandths(0)], ["1.23", "-0.05", "0.00"]);
        assert_eq!([mega(29_999_999), mega(8_000_000)], ["29.9", "8.0"]);
    }
}
