//! What is counted, in the form of Prometheus. Labels are of a known number: nobody outside chooses one.

use crate::store::{Counts, Health, StoreError};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::fmt::{self, Debug, Formatter};
use std::time::{Duration, Instant};

const REQUESTS: &str = "cuehook_relay_requests_total";
const REQUEST_SECONDS: &str = "cuehook_relay_request_seconds";
const EVENTS: &str = "cuehook_relay_events_total";
const ATTEMPTS: &str = "cuehook_relay_attempts_total";
const ATTEMPT_SECONDS: &str = "cuehook_relay_attempt_seconds";
const STORE_ERRORS: &str = "cuehook_relay_store_errors_total";
const STORE_SECONDS: &str = "cuehook_relay_store_seconds";
const STORE_UP: &str = "cuehook_relay_store_up";
const STORE_BYTES: &str = "cuehook_relay_store_bytes";
const SNAPSHOT_SECONDS: &str = "cuehook_relay_store_oldest_snapshot_seconds";
const STORED_EVENTS: &str = "cuehook_relay_stored_events";
const DELIVERIES: &str = "cuehook_relay_deliveries";
const DELIVERY_RESULTS: &str = "cuehook_relay_delivery_results_total";
const DELIVERY_ATTEMPTS: &str = "cuehook_relay_delivery_attempts_total";
const DELIVERY_ATTEMPT_SECONDS: &str = "cuehook_relay_delivery_attempt_seconds";
const DELIVERED_SECONDS: &str = "cuehook_relay_delivered_seconds";
const WEBHOOKS: &str = "cuehook_relay_webhooks";
const UNDER_WAY: &str = "cuehook_relay_under_way";
const CONNECTIONS: &str = "cuehook_relay_connections";
const REFUSED: &str = "cuehook_relay_connections_refused_total";

/// A metric, and what tells its values apart.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// The names of its labels.
    pub labels: &'static [&'static str],
}

/// All of them.
pub const METRICS: [Metric; 20] = [
    Metric { name: REQUESTS, labels: &["route", "status", "outcome"] },
    Metric { name: REQUEST_SECONDS, labels: &["route"] },
    Metric { name: EVENTS, labels: &["result"] },
    Metric { name: ATTEMPTS, labels: &["result"] },
    Metric { name: ATTEMPT_SECONDS, labels: &[] },
    Metric { name: STORE_ERRORS, labels: &["verb"] },
    Metric { name: STORE_SECONDS, labels: &["verb"] },
    Metric { name: STORE_UP, labels: &[] },
    Metric { name: STORE_BYTES, labels: &[] },
    Metric { name: SNAPSHOT_SECONDS, labels: &[] },
    Metric { name: STORED_EVENTS, labels: &[] },
    Metric { name: DELIVERIES, labels: &["state"] },
    Metric { name: DELIVERY_RESULTS, labels: &["result"] },
    Metric { name: DELIVERY_ATTEMPTS, labels: &["result"] },
    Metric { name: DELIVERY_ATTEMPT_SECONDS, labels: &[] },
    Metric { name: DELIVERED_SECONDS, labels: &[] },
    Metric { name: WEBHOOKS, labels: &["state"] },
    Metric { name: UNDER_WAY, labels: &["sort"] },
    Metric { name: CONNECTIONS, labels: &[] },
    Metric { name: REFUSED, labels: &[] },
];

/// Upper ends of the buckets of durations, in seconds.
const SECONDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, None);

/// What a relay counts. Each relay has its own, so that several can be in one process.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
}

impl Metrics {
    /// Nothing was counted yet.
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new();
        // It fails for no buckets at all, and these are some.
        let builder = builder.set_buckets(&SECONDS).unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        for (name, text) in [
            (
                REQUESTS,
                "Requests by route, status and outcome; outcome `gone` and status 0 are those whose client has left.",
            ),
            (EVENTS, "Events that were offered, by result: ok, dup, retry, drop."),
            (
                ATTEMPTS,
                "Attempts to call webhooks by result: the first digit of the status, or what went wrong.",
            ),
            (
                DELIVERY_RESULTS,
                "What became of deliveries: delivered, retry, dead, skipped; lost are those that another relay had taken over.",
            ),
            (
                DELIVERY_ATTEMPTS,
                "Attempts to deliver events by result: the first digit of the status, or what went wrong.",
            ),
            (STORE_ERRORS, "Verbs of the store that have failed, by verb."),
            (REFUSED, "Connections that were closed at once because there were too many."),
        ] {
            recorder.describe_counter(KeyName::from_const_str(name), None, text.into());
        }
        for (name, unit, text) in [
            (STORE_UP, None, "Whether the store can be written to, when it was looked at last: 0 or 1."),
            (STORE_BYTES, Some(Unit::Bytes), "Bytes of the store on disk."),
            (
                SNAPSHOT_SECONDS,
                Some(Unit::Seconds),
                "PostgreSQL: the age of the oldest snapshot that a transaction holds.",
            ),
            (STORED_EVENTS, None, "Events that were taken, of all time."),
            (DELIVERIES, None, "Deliveries of all time by state; accepted is the sum of the others."),
            (
                UNDER_WAY,
                None,
                "What the relay has in hand, by sort: requests that are not complete, calls among them whose outcome is not stored, parties whose rate is limited, deliveries that are claimed, sends that are under way.",
            ),
            (WEBHOOKS, None, "Webhooks that are not sent events, by state: open, paused, disabled."),
            (CONNECTIONS, None, "Connections that are open."),
        ] {
            recorder.describe_gauge(KeyName::from_const_str(name), unit, text.into());
        }
        for (name, text) in [
            (REQUEST_SECONDS, "How long requests took, by route."),
            (ATTEMPT_SECONDS, "How long attempts to call webhooks took."),
            (DELIVERY_ATTEMPT_SECONDS, "How long attempts to deliver events took."),
            (DELIVERED_SECONDS, "How long after an event was taken a receiver had it."),
            (STORE_SECONDS, "How long verbs of the store took, by verb."),
        ] {
            recorder.describe_histogram(KeyName::from_const_str(name), Some(Unit::Seconds), text.into());
        }
        Self { recorder, handle }
    }

    /// All of it, as Prometheus reads it.
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// To be called every few seconds, so that what nobody reads does not grow.
    pub(super) fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// A request has ended.
    pub(crate) fn request(&self, route: &str, status: u16, outcome: &str, took: Duration) {
        let route = Label::new("route", route.to_owned());
        let labels = vec![
            route.clone(),
            Label::new("status", status.to_string()),
            Label::new("outcome", outcome.to_owned()),
        ];
        self.counter(REQUESTS, labels).increment(1);
        self.histogram(REQUEST_SECONDS, vec![route]).record(took);
    }

    /// So many events have had this result.
    pub(crate) fn events(&self, result: &'static str, count: usize) {
        if count > 0 {
            self.counter(EVENTS, vec![Label::from_static_parts("result", result)]).increment(whole(count));
        }
    }

    /// An attempt to call a webhook has ended.
    pub(super) fn attempt(&self, result: &'static str, took: Duration) {
        self.counter(ATTEMPTS, vec![Label::from_static_parts("result", result)]).increment(1);
        self.histogram(ATTEMPT_SECONDS, Vec::new()).record(took);
    }

    /// A delivery has come so far.
    pub(super) fn delivery(&self, result: &'static str) {
        self.counter(DELIVERY_RESULTS, vec![Label::from_static_parts("result", result)]).increment(1);
    }

    /// An attempt to deliver an event has ended.
    pub(super) fn delivery_attempt(&self, result: &'static str, took: Duration) {
        self.counter(DELIVERY_ATTEMPTS, vec![Label::from_static_parts("result", result)]).increment(1);
        self.histogram(DELIVERY_ATTEMPT_SECONDS, Vec::new()).record(took);
    }

    /// A receiver has an event, so long after it was taken.
    pub(super) fn delivered(&self, after: Duration) {
        self.histogram(DELIVERED_SECONDS, Vec::new()).record(after);
    }

    /// So many webhooks are not sent events.
    pub(super) fn webhooks(&self, state: &'static str, count: usize) {
        #[allow(clippy::cast_precision_loss)]
        self.gauge(WEBHOOKS, vec![Label::from_static_parts("state", state)]).set(count as f64);
    }

    /// Does what the store is asked, and counts it.
    pub(super) async fn timed<T>(
        &self,
        verb: &'static str,
        asked: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let started = Instant::now();
        let result = asked.await;
        self.store(verb, result.is_ok(), started.elapsed());
        if let Err(error) = &result {
            tracing::warn!(verb, %error, "the store has failed");
        }
        result
    }

    /// A verb of the store has ended.
    fn store(&self, verb: &'static str, is_done: bool, took: Duration) {
        let verb = Label::from_static_parts("verb", verb);
        if !is_done {
            self.counter(STORE_ERRORS, vec![verb.clone()]).increment(1);
        }
        self.histogram(STORE_SECONDS, vec![verb]).record(took);
    }

    /// How the store is doing; nothing if it does not say.
    pub(super) fn health(&self, health: Option<&Health>) {
        self.gauge(STORE_UP, Vec::new()).set(if health.is_some() { 1.0 } else { 0.0 });
        let Some(health) = health else { return };
        #[allow(clippy::cast_precision_loss)]
        self.gauge(STORE_BYTES, Vec::new()).set(health.bytes as f64);
        if let Some(ms) = health.oldest_snapshot_ms {
            #[allow(clippy::cast_precision_loss)]
            self.gauge(SNAPSHOT_SECONDS, Vec::new()).set(ms as f64 / 1_000.0);
        }
    }

    /// What the store has.
    pub(super) fn counts(&self, counts: &Counts) {
        #[allow(clippy::cast_precision_loss)]
        let set = |name, labels, count: u64| self.gauge(name, labels).set(count as f64);
        set(STORED_EVENTS, Vec::new(), counts.events);
        for (state, count) in [
            ("accepted", counts.accepted),
            ("delivered", counts.delivered),
            ("pending", counts.pending),
            ("skipped", counts.skipped),
            ("dead", counts.dead),
        ] {
            set(DELIVERIES, vec![Label::from_static_parts("state", state)], count);
        }
    }

    /// How much is in hand.
    pub(super) fn under_way(&self, sort: &'static str, count: usize) {
        #[allow(clippy::cast_precision_loss)]
        self.gauge(UNDER_WAY, vec![Label::from_static_parts("sort", sort)]).set(count as f64);
    }

    /// Connections that are open.
    pub(super) fn connections(&self) -> Gauge {
        self.gauge(CONNECTIONS, Vec::new())
    }

    /// A connection was closed at once.
    pub(super) fn refused(&self) {
        self.counter(REFUSED, Vec::new()).increment(1);
    }

    fn counter(&self, name: &'static str, labels: Vec<Label>) -> Counter {
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA)
    }

    fn gauge(&self, name: &'static str, labels: Vec<Label>) -> Gauge {
        self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA)
    }

    fn histogram(&self, name: &'static str, labels: Vec<Label>) -> Histogram {
        self.recorder.register_histogram(&Key::from_parts(name, labels), &METADATA)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Debug for Metrics {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str("Metrics")
    }
}

/// The class of a status.
pub(super) fn class(status: u16) -> &'static str {
    match status / 100 {
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        5 => "5xx",
        _ => "other",
    }
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn all_metrics_are_known_with_their_labels() {
        let metrics = Metrics::new();
        let took = Duration::from_millis(3);
        metrics.request("/health", 200, "accepted", took);
        metrics.events("ok", 1);
        metrics.attempt("2xx", took);
        metrics.store("accept", false, took);
        metrics.delivery("dead");
        metrics.delivery_attempt("2xx", took);
        metrics.delivered(took);
        metrics.webhooks("open", 1);
        metrics.health(Some(&Health { bytes: 1, oldest_snapshot_ms: Some(2) }));
        metrics.counts(&Counts::default());
        metrics.under_way("calls", 1);
        metrics.connections().increment(1.0);
        metrics.refused();
        let text = metrics.render();
        let mut shown: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
            let name = ["_bucket", "_sum", "_count"]
                .into_iter()
                .find_map(|end| name.strip_suffix(end))
                .unwrap_or(name);
            let labels =
                rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |(labels, _)| labels);
            let labels = labels.split(',').filter_map(|label| label.split_once('=')).map(|(label, _)| label);
            shown.insert(name, labels.filter(|label| *label != "le").collect());
        }
        let known = METRICS.iter().map(|metric| (metric.name, metric.labels.to_vec()));
        assert_eq!(shown, known.collect());
    }
}
