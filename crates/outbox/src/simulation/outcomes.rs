//! What must come of a contract case.

use super::cases::{Case, known};
use super::host::Host;
use cuehook_protocol::EventType;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Case<'_> {
    pub(super) fn check(&self) {
        let expect = &self.case["expect"];
        let words = [
            "statuses",
            "waits",
            "ids",
            "sameBytes",
            "events",
            "taken",
            "dead",
            "lost",
            "stored",
            "batches",
            "keepalive",
            "reports",
            "reasons",
            "settled",
            "restored",
            "sessions",
            "seqs",
            "lostEvents",
            "hosts",
            "headers",
            "lastHeaders",
            "tokens",
            "keys",
            "state",
            "later",
            "absent",
            "holder",
        ];
        known(expect, &words);
        let host = self.host(self.endpoints[0].webhook.as_str());
        self.check_host(host, expect);
        for (id, expect) in expect["hosts"].as_object().into_iter().flatten() {
            self.check_host(self.host(id), expect);
        }
        let rows = |prefix: &str| self.browser.disk.keys().filter(|key| key.starts_with(prefix)).count();
        is(expect, "stored", rows("event/"));
        is(expect, "dead", rows("dead/"));
        let reports: Vec<_> = self.browser.pages.iter().flat_map(|page| &page.reports).collect();
        let lost = reports.iter().filter(|report| report.state == crate::ReportState::Lost).count();
        is(expect, "lost", lost);
        if let Some(expected) = expect.get("reports") {
            let states: Vec<&str> = reports
                .iter()
                .map(|report| report.state.as_str())
                .filter(|state| *state != "recorded")
                .collect();
            assert_eq!(serde_json::json!(states), *expected, "reports");
        }
        if let Some(expected) = expect.get("reasons") {
            let reasons: BTreeSet<&str> = reports.iter().filter_map(|report| report.reason).collect();
            assert_eq!(serde_json::json!(reasons), *expected, "reasons");
        }
        if let Some(expected) = expect.get("settled") {
            let mut settled: BTreeMap<u32, bool> = BTreeMap::new();
            self.browser.pages.iter().for_each(|page| settled.extend(&page.settled));
            assert_eq!(serde_json::json!(settled.values().collect::<Vec<_>>()), *expected, "settled");
        }
        let restored = self.browser.pages.iter().map(|page| page.restored.len()).sum::<usize>();
        is(expect, "restored", restored);
        is(expect, "later", self.browser.pages[self.page].later.len());
        for key in expect["keys"].as_array().into_iter().flatten() {
            assert!(rows(key.as_str().unwrap()) > 0, "{key} is not stored");
        }
        for key in expect["absent"].as_array().into_iter().flatten() {
            assert_eq!(rows(key.as_str().unwrap()), 0, "{key} is stored");
        }
        if let Some(expected) = expect["state"].as_object() {
            let state: Value = serde_json::from_str(&self.browser.pages[self.page].outbox.state()).unwrap();
            for (key, value) in expected {
                let found = if let Some(key) = key.strip_prefix("webhook.") {
                    &state["webhooks"][0][key]
                } else {
                    &state[key]
                };
                assert_eq!(found, value, "{key} of {state}");
            }
        }
    }

    fn host(&self, id: &str) -> &Host {
        self.browser.hosts.iter().find(|host| host.webhook == id).unwrap()
    }

    fn check_host(&self, host: &Host, expect: &Value) {
        if let Some(expected) = expect.get("statuses") {
            assert_eq!(serde_json::json!(host.answered), *expected, "statuses of {}", host.webhook);
        }
        for (place, range) in expect["waits"].as_array().into_iter().flatten().enumerate() {
            let wait = host.times[place + 1] - host.times[place];
            let (least, most) = (range[0].as_f64().unwrap(), range[1].as_f64().unwrap());
            // A request takes 5 ms here.
            assert!(wait >= least && wait <= most + 20.0, "wait {place} is {wait}, not {range}");
        }
        let ids = |delivery: &crate::Delivery| {
            let id = delivery.headers.iter().find(|(name, _)| name == "webhook-id").map(|(_, id)| id.clone());
            id.unwrap_or_else(|| {
                serde_json::from_str::<Value>(&delivery.body).unwrap()["id"].as_str().unwrap().to_owned()
            })
        };
        is(expect, "ids", host.requests.iter().map(ids).collect::<BTreeSet<_>>().len());
        is(expect, "sameBytes", host.requests.iter().map(|one| &one.body).collect::<BTreeSet<_>>().len());
        let told = |event: &&super::host::Seen| event.kind == EventType::EventsLost.as_str();
        is(expect, "taken", host.taken.values().filter(|event| !told(event)).count());
        is(expect, "lostEvents", host.taken.values().filter(told).count());
        is(
            expect,
            "sessions",
            host.taken.values().map(|event| &event.session).collect::<BTreeSet<_>>().len(),
        );
        if let Some(expected) = expect.get("seqs") {
            let seqs: BTreeSet<u64> = host.taken.values().map(|event| event.seq).collect();
            assert_eq!(serde_json::json!(seqs), *expected, "numbers");
        }
        if let Some(expected) = expect.get("events") {
            let first = host.requests.iter().flat_map(|one| super::host::events(&one.body));
            let kinds: Vec<String> = first.map(|event| event.kind).collect();
            assert_eq!(serde_json::json!(kinds), *expected, "events");
        }
        if let Some(expected) = expect.get("batches") {
            let counts: Vec<usize> =
                host.requests.iter().map(|one| super::host::events(&one.body).len()).collect();
            assert_eq!(serde_json::json!(counts), *expected, "events in each request");
        }
        if let Some(expected) = expect.get("keepalive") {
            let kept: Vec<bool> = host.requests.iter().map(|one| one.keepalive).collect();
            assert_eq!(serde_json::json!(kept), *expected, "keepalive");
        }
        if let Some(expected) = expect.get("headers") {
            let names: Vec<&str> = host.requests[0].headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(serde_json::json!(names), *expected, "headers");
        }
        if let Some(expected) = expect.get("lastHeaders") {
            let last = host.requests.last().unwrap();
            let names: Vec<&str> = last.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(serde_json::json!(names), *expected, "headers of the last request");
        }
        if let Some(expected) = expect.get("tokens") {
            let tokens: Vec<String> =
                host.requests.iter().map(|one| format!("{:?}", one.token).to_lowercase()).collect();
            assert_eq!(serde_json::json!(tokens), *expected, "tokens");
        }
    }
}

fn is(expect: &Value, key: &str, found: usize) {
    if let Some(expected) = expect[key].as_u64() {
        assert_eq!(found as u64, expected, "{key}");
    }
}
