//! Contract cases: what receivers answer, what the page does, and what must come of it. They are data
//! (`tests/delivery/*.json`, described there), so that the same cases run inside a browser.

use super::browser::{Browser, Life};
use super::host::{Answer, Host};
use super::world::endpoint;
use crate::{Endpoint, Input, Minted, Storage};
use cuehook_protocol::{EventType, Format};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

#[test]
fn receivers_and_pages_can_rely_on_each_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/delivery");
    let only = std::env::var("CUEHOOK_CASE").ok();
    let mut names = BTreeSet::new();
    let mut failed = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "json")) {
        let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap())
            .unwrap_or_else(|fault| panic!("{}: {fault}", file.display()));
        for case in &cases {
            let name = case["name"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            if only.as_deref().is_none_or(|only| only == name) {
                let run = std::panic::AssertUnwindSafe(|| Case::new(case, only.is_some()).run());
                if std::panic::catch_unwind(run).is_err() {
                    failed.push(name.to_owned());
                }
            }
        }
    }
    assert!(failed.is_empty(), "replay one with CUEHOOK_CASE=<name>: {failed:#?}");
    assert!(names.len() >= 100, "{}", names.len());
}

pub(super) struct Case<'a> {
    pub(super) case: &'a Value,
    pub(super) browser: Browser,
    pub(super) endpoints: Rc<Vec<Endpoint>>,
    pub(super) page: usize,
    /// The view that is being watched: its id, and that of its end.
    view: Option<(String, String)>,
    tickets: u32,
    recorded: Vec<String>,
}

impl<'a> Case<'a> {
    fn new(case: &'a Value, loud: bool) -> Self {
        known(case, &["name", "fault", "live", "webhook", "webhooks", "setup", "answers", "page", "expect"]);
        let mut browser = Browser::new(1, loud);
        browser.latency_ms = 0.0;
        browser.is_kind = true;
        let setup = &case["setup"];
        known(setup, &["locks", "fetchLater", "storage", "allowOrigins", "relay"]);
        browser.locks = setup["locks"] != false;
        browser.fetch_later = setup["fetchLater"] == true;
        let mut endpoints = Vec::new();
        let one = case.get("webhook").cloned().unwrap_or_else(|| serde_json::json!({}));
        let webhooks = case["webhooks"].as_array().cloned().unwrap_or_else(|| vec![one]);
        for (place, webhook) in webhooks.iter().enumerate() {
            known(webhook, &["id", "url", "batch", "simple", "relay", "format", "events", "answers"]);
            let id = webhook["id"].as_str().unwrap_or("hook").to_owned();
            let url = webhook["url"].as_str().map_or_else(|| format!("https://{id}.example/"), str::to_owned);
            let mut endpoint = endpoint(&id, &url, webhook["batch"] == true, webhook["simple"] == true);
            endpoint.relay = webhook["relay"] == true;
            if let Some(events) = webhook["events"].as_array() {
                endpoint.events = events.iter().map(|pattern| pattern.as_str().unwrap().to_owned()).collect();
            }
            if let Some(format) = webhook["format"].as_str() {
                endpoint.format = *Format::ALL.iter().find(|known| known.as_str() == format).unwrap();
            }
            let mut host = Host::new(&id, &url);
            let answers = if place == 0 && webhook.get("answers").is_none() {
                &case["answers"]
            } else {
                &webhook["answers"]
            };
            let mut script: Vec<Answer> = answers.as_array().into_iter().flatten().map(answer).collect();
            // The last one is given from then on.
            host.mood = script.last().cloned().unwrap_or(Answer::Take);
            script.pop();
            host.script = script.into();
            if host.mood == Answer::Silence {
                host.is_slow = true;
            }
            browser.hosts.push(host);
            endpoints.push(endpoint);
        }
        let mut case = Self {
            case,
            browser,
            endpoints: Rc::new(endpoints),
            page: 0,
            view: None,
            tickets: 0,
            recorded: Vec::new(),
        };
        let tab = case.browser.tab();
        case.open(tab);
        case
    }

    fn open(&mut self, tab: usize) {
        let setup = &self.case["setup"];
        let storage = if setup["storage"] == "volatile" { Storage::Volatile } else { Storage::Durable };
        let allowed = setup["allowOrigins"].as_array();
        let allowed = allowed.map(|all| all.iter().map(|one| one.as_str().unwrap().to_owned()).collect());
        let endpoints = self.endpoints.iter().filter(|one| one.relay && setup["relay"] != false);
        let relays = endpoints.map(|one| one.url.clone()).collect();
        self.page = self.browser.open_with(tab, storage, |setup| {
            setup.allow_origins = allowed;
            setup.relays = relays;
        });
        self.browser.input(self.page, Input::Opened(storage));
        self.browser.settle_disk();
    }

    fn run(mut self) {
        for step in self.case["page"].as_array().unwrap() {
            self.browser.say(|| format!("step {step}"));
            self.step(step);
            self.browser.settle_disk();
            self.browser.happen();
        }
        self.check();
    }

    fn step(&mut self, step: &Value) {
        let page = self.page;
        if let Some(word) = step.as_str() {
            return match word {
                "reload" => {
                    self.browser.leave(page);
                    self.open(self.browser.pages[page].tab);
                }
                "crash" => {
                    self.browser.crash(page);
                    self.browser.holder = self.browser.holder.filter(|holder| *holder != page);
                }
                "leave" => self.browser.leave(page),
                "return" => self.open(self.browser.pages[page].tab),
                "visit" => {
                    let tab = self.browser.tab();
                    self.open(tab);
                }
                "away" => {
                    self.browser.input(page, Input::Left);
                    self.browser.pages[page].life = Life::Away;
                }
                "back" => {
                    self.browser.pages[page].life = Life::Running;
                    self.browser.pages[page].has_left = false;
                    self.browser
                        .flights
                        .iter_mut()
                        .filter(|one| one.page == page)
                        .for_each(|one| one.is_awaited = false);
                    self.browser.input(page, Input::Back);
                }
                "freeze" => self.browser.pages[page].life = Life::Frozen,
                "thaw" => {
                    self.browser.pages[page].life = Life::Running;
                    self.browser.input(page, Input::Visible(true));
                    while let Some(input) = self.browser.pages[page].inbox.pop_front() {
                        self.browser.input(page, input);
                    }
                }
                "hide" => self.browser.input(page, Input::Visible(false)),
                "show" => self.browser.input(page, Input::Visible(true)),
                "offline" | "online" => {
                    self.browser.is_online = word == "online";
                    self.browser.input(page, Input::Online(word == "online"));
                }
                "flush" => {
                    let ticket = self.ticket();
                    self.browser.input(page, Input::Flush { ticket });
                }
                "purge" => {
                    let ticket = self.ticket();
                    self.browser.input(page, Input::Purge { ticket });
                }
                "clearStorage" => self.browser.disk.clear(),
                other => panic!("unknown step {other}"),
            };
        }
        known(
            step,
            &[
                "record", "times", "size", "age", "wait", "tab", "clock", "storage", "put", "keep", "forget",
                "view", "answer",
            ],
        );
        if let Some(kind) = step["record"].as_str() {
            for _ in 0..step["times"].as_u64().unwrap_or(1) {
                let size = step["size"].as_u64().unwrap_or(20) as usize;
                let event = self.mint(kind, size, step["age"].as_f64().unwrap_or(0.0));
                self.record(event);
            }
        }
        if let Some(ms) = step["wait"].as_f64() {
            let end = self.browser.now + ms;
            self.browser.quiet(ms);
            let rest = (end - self.browser.now).max(0.0);
            self.browser.pass(rest);
            self.browser.happen();
        }
        if let Some(tab) = step["tab"].as_u64() {
            self.page = tab as usize;
        }
        if let Some(ms) = step["clock"].as_f64() {
            self.browser.wall += ms;
        }
        match step["storage"].as_str() {
            Some("failed") => self.browser.is_broken = true,
            Some("full") => {
                self.browser.quota =
                    self.browser.disk.iter().map(|(key, value)| key.len() + value.len()).sum();
            }
            Some("ok") => {
                self.browser.is_broken = false;
                self.browser.quota = usize::MAX;
            }
            Some(other) => panic!("unknown storage {other}"),
            None => {}
        }
        if let Some(row) = step["put"].as_array() {
            self.browser.disk.insert(row[0].as_str().unwrap().into(), row[1].as_str().unwrap().into());
        }
        if let Some(request) = step["keep"].as_str() {
            let ticket = self.ticket();
            let input =
                Input::Keep { request: request.into(), record: format!("{{\"id\":\"{request}\"}}"), ticket };
            self.browser.input(page, input);
        }
        if let Some(request) = step["forget"].as_str() {
            self.browser.input(page, Input::Forget { request: request.into() });
        }
        if let Some(what) = step["view"].as_str() {
            self.watch(what);
        }
        if let Some(given) = step.get("answer") {
            self.browser.hosts[0].script.clear();
            self.browser.hosts[0].is_slow = given == "silence";
            self.browser.hosts[0].mood = answer(given);
        }
    }

    fn ticket(&mut self) -> u32 {
        self.tickets += 1;
        self.tickets
    }

    fn mint(&mut self, kind: &str, size: usize, age: f64) -> Minted {
        Minted {
            kind: kind.into(),
            id: self.browser.chance.uuid(self.browser.wall - age),
            at_ms: (self.browser.wall - age).floor(),
            video: r#"{"id":"v"}"#.into(),
            view: r#"{"id":"w"}"#.into(),
            viewer: None,
            more: format!(",\"filler\":\"{}\"", "x".repeat(size)),
            private: None,
            kept_view: None,
        }
    }

    fn record(&mut self, event: Minted) {
        self.recorded.push(event.id.clone());
        let ticket = Some(self.ticket());
        let endpoints = Rc::clone(&self.endpoints);
        self.browser.input(self.page, Input::Record { event, endpoints, ticket });
    }

    fn watch(&mut self, what: &str) {
        match what {
            "start" => {
                let view = self.browser.chance.uuid(self.browser.wall);
                let ended = self.browser.chance.uuid(self.browser.wall);
                let record = serde_json::json!({
                    "ended": ended, "at": self.browser.wall.floor(), "video": {"id": "v"}, "view": {"id": view},
                    "watched": {"seconds": 1},
                });
                let mut event = self.mint(EventType::ViewStarted.as_str(), 20, 0.0);
                event.kept_view = Some((view.clone(), Some(record.to_string())));
                self.record(event);
                self.view = Some((view, ended));
            }
            "end" => {
                let (view, ended) = self.view.take().unwrap();
                let mut event = self.mint(EventType::ViewEnded.as_str(), 20, 0.0);
                event.id = ended;
                event.kept_view = Some((view, None));
                self.record(event);
            }
            other => panic!("unknown step {other} of a view"),
        }
    }
}

/// Nothing is written in vain.
pub(super) fn known(value: &Value, keys: &[&str]) {
    for (key, _) in value.as_object().into_iter().flatten() {
        assert!(keys.contains(&key.as_str()), "unknown key {key}");
    }
}

fn answer(value: &Value) -> Answer {
    match value.as_str() {
        Some("network") => Answer::Fail,
        Some("lost") => Answer::TakeSilently,
        Some("silence") => Answer::Silence,
        Some("csp") => Answer::Csp,
        Some("ramble") => Answer::TakeAndRamble,
        Some("tooLarge") => Answer::TooLarge,
        Some(other) => panic!("unknown answer {other}"),
        None => {
            known(value, &["status", "retryAfter", "body", "type"]);
            let status = value.as_u64().or(value["status"].as_u64()).unwrap() as u16;
            let retry_after = value["retryAfter"].as_str().map(str::to_owned);
            Answer::Status(status, retry_after, value["body"].as_str().unwrap_or_default().into())
        }
    }
}
