//! What happens by chance.

use super::browser::{Browser, Life};
use super::host::{Answer, Host};
use crate::{Endpoint, Input, Minted, Storage};
use cuehook_protocol::Format;
use std::rc::Rc;

/// An event that the world has made.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) kind: &'static str,
    pub(super) page: usize,
    pub(super) ticket: u32,
    /// It may be gone: it was purged.
    pub(super) is_purged: bool,
}

/// A view that has begun.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) view: String,
    pub(super) ended: String,
    pub(super) page: usize,
    pub(super) ticket: u32,
    pub(super) is_over: bool,
}

pub(super) struct World {
    pub(super) browser: Browser,
    pub(super) endpoints: Rc<Vec<Endpoint>>,
    pub(super) made: Vec<Made>,
    pub(super) views: Vec<Watched>,
    tickets: u32,
}

pub(super) fn endpoint(webhook: &str, url: &str, batch: bool, simple: bool) -> Endpoint {
    Endpoint {
        webhook: webhook.into(),
        url: url.into(),
        headers: vec![("x-shop".into(), "spring".into())],
        simple,
        relay: false,
        batch,
        format: Format::Cuehook,
        events: vec!["*".into()],
        page: None,
    }
}

impl World {
    pub(super) fn new(seed: u64, loud: bool) -> Self {
        let mut browser = Browser::new(seed, loud);
        browser.locks = browser.chance(0.8);
        browser.fetch_later = browser.chance(0.5);
        browser.hosts = vec![
            Host::new("crm", "https://crm.example/hook"),
            Host::new("log", "https://log.example/batch"),
            Host::new("home", "https://shop.example/home"),
        ];
        let endpoints = vec![
            endpoint("crm", "https://crm.example/hook", false, false),
            endpoint("log", "https://log.example/batch", true, false),
            endpoint("home", "https://shop.example/home", false, true),
        ];
        let mut world =
            Self { browser, endpoints: endpoints.into(), made: Vec::new(), views: Vec::new(), tickets: 0 };
        world.open();
        world
    }

    fn open(&mut self) {
        // One load of a tab at a time; a page that is away may be replaced by the next one in its tab.
        let browser = &mut self.browser;
        let is_free = |browser: &Browser, tab: usize| {
            browser.pages.iter().all(|page| page.tab != tab || matches!(page.life, Life::Gone))
        };
        let free: Vec<usize> = (0..browser.tabs.len()).filter(|tab| is_free(browser, *tab)).collect();
        let tab = if !free.is_empty() && browser.chance(0.7) {
            free[browser.pick(free.len())]
        } else {
            browser.tab()
        };
        let storage = if browser.chance(0.06) { Storage::Volatile } else { Storage::Durable };
        let page = browser.open(tab, storage);
        if !browser.chance(0.1) {
            browser.input(page, Input::Opened(storage));
        }
    }

    fn any(&mut self, life: Life) -> Option<usize> {
        let pages: Vec<usize> =
            (0..self.browser.pages.len()).filter(|page| self.browser.pages[*page].life == life).collect();
        (!pages.is_empty()).then(|| pages[self.browser.pick(pages.len())])
    }

    /// One thing happens.
    pub(super) fn step(&mut self) {
        let running = self.any(Life::Running);
        let what = self.browser.pick(60);
        match (what, running) {
            (0..=13, Some(page)) => self.record(page),
            (14..=15, Some(page)) => self.watch(page),
            (16, Some(page)) => {
                let ticket = self.next_ticket();
                self.browser.input(page, Input::Flush { ticket });
            }
            (17..=24, _) => {
                if let Some((page, input)) = self.browser.operate() {
                    self.browser.input(page, input);
                }
            }
            (25..=30, _) => self.browser.settle_disk(),
            (31..=36, _) => {
                if let Some(at) = self.browser.next_instant() {
                    let ms = (at - self.browser.now).max(0.0);
                    self.browser.pass(ms);
                }
                self.browser.happen();
            }
            (37, _) => {
                let ms = self.browser.chance.unit() * 100_000.0;
                self.browser.pass(ms);
                self.browser.happen();
            }
            (38, Some(page)) => self.browser.crash(page),
            (39, Some(page)) => self.close(page),
            (40..=41, _) => self.open(),
            (42, Some(page)) => self.freeze(page),
            (43..=44, _) => {
                if let Some(page) = self.any(Life::Frozen) {
                    self.wake(page, Input::Visible(true));
                } else if let Some(page) = self.any(Life::Away) {
                    self.wake(page, Input::Back);
                }
            }
            (45, Some(page)) => {
                self.end_views(page, true);
                self.browser.input(page, Input::Left);
                self.browser.pages[page].life = Life::Away;
            }
            (46, _) => self.network(),
            (47..=50, _) => self.mood(),
            (51, _) => self.clock(),
            (52, _) => self.disk(),
            (53, Some(page)) => {
                let is_visible = self.browser.chance(0.5);
                self.browser.input(page, Input::Visible(is_visible));
            }
            (54, Some(page)) if self.browser.chance(0.1) => self.purge(page),
            (55, _) if self.browser.chance(0.1) => {
                // The whole browser is killed.
                while let Some(page) =
                    self.any(Life::Running).or(self.any(Life::Frozen)).or(self.any(Life::Away))
                {
                    self.browser.crash(page);
                }
            }
            (56, Some(page)) => self.end_views(page, false),
            (57, Some(page)) => self.keep(page),
            (58, Some(page)) => {
                let storage = self.browser.pages[page].storage;
                if storage == Storage::Volatile && self.browser.chance(0.5) {
                    self.browser.pages[page].storage = Storage::Durable;
                    self.browser.input(page, Input::Opened(Storage::Durable));
                }
            }
            _ => {
                self.browser.happen();
            }
        }
        self.browser.grant();
    }

    /// Numbers of whoever waits for something else than an event.
    fn next_ticket(&mut self) -> u32 {
        self.tickets += 1;
        1_000_000 + self.tickets
    }

    fn keep(&mut self, page: usize) {
        let ticket = self.next_ticket();
        let request = self.browser.chance.uuid(self.browser.wall);
        self.browser.input(page, Input::Keep { request, record: "{\"a\":1}".into(), ticket });
    }

    pub(super) fn record(&mut self, page: usize) {
        const KINDS: [&str; 6] = [
            "lead.captured",
            "question.answered",
            "interaction.clicked",
            "view.progressed",
            "view.progressed",
            "cart.added",
        ];
        let kind = KINDS[self.browser.pick(KINDS.len())];
        let event = self.mint(kind);
        self.tell(page, event, kind);
    }

    fn mint(&mut self, kind: &str) -> Minted {
        let id = self.browser.chance.uuid(self.browser.wall);
        let size = if self.browser.chance(0.1) { 6_000 } else { 20 };
        Minted {
            kind: kind.into(),
            id,
            at_ms: self.browser.wall.floor(),
            video: r#"{"id":"v"}"#.into(),
            view: r#"{"id":"w"}"#.into(),
            viewer: None,
            more: format!(",\"number\":{},\"filler\":\"{}\"", self.made.len(), "x".repeat(size)),
            private: None,
            kept_view: None,
        }
    }

    fn tell(&mut self, page: usize, event: Minted, kind: &'static str) -> u32 {
        let ticket = self.made.len() as u32;
        self.made.push(Made { id: event.id.clone(), kind, page, ticket, is_purged: false });
        self.browser.input(
            page,
            Input::Record { event, endpoints: Rc::clone(&self.endpoints), ticket: Some(ticket) },
        );
        ticket
    }

    fn watch(&mut self, page: usize) {
        if let Some(place) = self.views.iter().position(|view| view.page == page && !view.is_over) {
            let (view, ended) = (self.views[place].view.clone(), self.views[place].ended.clone());
            let record = self.view_record(&view, &ended);
            self.browser.input(page, Input::View { id: view, record });
            return;
        }
        let (view, ended) =
            (self.browser.chance.uuid(self.browser.wall), self.browser.chance.uuid(self.browser.wall));
        let mut event = self.mint("view.started");
        event.kept_view = Some((view.clone(), Some(self.view_record(&view, &ended))));
        let ticket = self.tell(page, event, "view.started");
        self.views.push(Watched { view, ended, page, ticket, is_over: false });
    }

    fn view_record(&self, view: &str, ended: &str) -> String {
        serde_json::json!({
            "ended": ended, "at": self.browser.wall.floor(), "video": {"id": "v"}, "view": {"id": view},
            "watched": {"seconds": self.browser.now},
        })
        .to_string()
    }

    fn end_views(&mut self, page: usize, all: bool) {
        for place in 0..self.views.len() {
            if self.views[place].page == page
                && !self.views[place].is_over
                && (all || self.browser.chance(0.5))
            {
                self.views[place].is_over = true;
                let mut event = self.mint("view.ended");
                event.id.clone_from(&self.views[place].ended);
                event.kept_view = Some((self.views[place].view.clone(), None));
                self.tell(page, event, "view.ended");
            }
        }
    }

    fn close(&mut self, page: usize) {
        if self.browser.chance(0.8) {
            self.end_views(page, true);
        }
        self.browser.leave(page);
    }

    fn freeze(&mut self, page: usize) {
        self.browser.say(|| format!("page {page} freezes"));
        self.browser.pages[page].life = Life::Frozen;
    }

    fn wake(&mut self, page: usize, first: Input) {
        self.browser.say(|| format!("page {page} wakes"));
        self.browser.pages[page].life = Life::Running;
        let is_back = matches!(first, Input::Back);
        if is_back {
            // What was under way when it was left is never heard of.
            for flight in self.browser.flights.iter_mut().filter(|flight| flight.page == page) {
                flight.is_awaited = false;
            }
            self.browser.pages[page].inbox.retain(|input| !matches!(input, Input::Ended { .. }));
            self.browser.pages[page].has_left = false;
        }
        self.browser.input(page, first);
        while let Some(input) = self.browser.pages[page].inbox.pop_front() {
            self.browser.input(page, input);
        }
        self.browser.pages[page].is_robbed = false;
    }

    fn network(&mut self) {
        self.browser.is_online = !self.browser.is_online;
        let is_online = self.browser.is_online;
        self.browser.say(|| format!("online: {is_online}"));
        // The browser does not always notice.
        if is_online || self.browser.chance(0.7) {
            for page in 0..self.browser.pages.len() {
                self.browser.input(page, Input::Online(is_online));
            }
        }
    }

    fn mood(&mut self) {
        const STATUSES: [u16; 17] =
            [204, 302, 400, 401, 403, 404, 408, 409, 410, 413, 422, 425, 429, 500, 502, 503, 599];
        let host = self.browser.pick(self.browser.hosts.len());
        let mood = match self.browser.pick(10) {
            0..=2 => Answer::Take,
            3 => Answer::TakeSilently,
            4 => Answer::Fail,
            5 => Answer::TakeAndRamble,
            6 => Answer::Verdicts,
            7 => Answer::TooLarge,
            _ => {
                let status = STATUSES[self.browser.pick(STATUSES.len())];
                let retry_after = self.browser.chance(0.3).then(|| self.browser.pick(60).to_string());
                let body = if self.browser.chance(0.2) { r#"{"retry_after_ms":3000}"# } else { "" };
                Answer::Status(status, retry_after, body.into())
            }
        };
        self.browser.hosts[host].is_slow = self.browser.chance(0.1);
        self.browser.say(|| format!("host {host}: {mood:?}"));
        self.browser.hosts[host].mood = mood;
    }

    fn clock(&mut self) {
        let ms = (self.browser.chance.unit() - 0.5) * if self.browser.chance(0.1) { 1.6e9 } else { 7.2e6 };
        self.browser.say(|| format!("clock: {ms:.0} ms"));
        self.browser.wall = (self.browser.wall + ms).floor();
    }

    fn disk(&mut self) {
        match self.browser.pick(6) {
            0 => {
                self.browser.is_broken = true;
            }
            1 => {
                let used: usize = self.browser.disk.iter().map(|(key, value)| key.len() + value.len()).sum();
                self.browser.quota = used + self.browser.pick(3_000);
            }
            _ => {
                self.browser.is_broken = false;
                self.browser.quota = usize::MAX;
            }
        }
        self.browser.say(|| "the disk is another one".into());
    }

    fn purge(&mut self, page: usize) {
        if self.browser.is_broken || self.browser.pages[page].storage == Storage::Volatile {
            return;
        }
        let ticket = self.next_ticket();
        self.browser.input(page, Input::Purge { ticket });
        self.browser.settle_disk();
        for made in &mut self.made {
            made.is_purged = true;
        }
        for view in &mut self.views {
            view.is_over = true;
        }
    }

    /// Everything works again, and there is all the time in the world.
    pub(super) fn calm_down(&mut self) {
        self.browser.say(|| "calm".into());
        self.browser.is_broken = false;
        self.browser.quota = usize::MAX;
        self.browser.is_online = true;
        for host in &mut self.browser.hosts {
            host.mood = Answer::Take;
            host.is_slow = false;
        }
        for page in 0..self.browser.pages.len() {
            match self.browser.pages[page].life {
                Life::Frozen => self.wake(page, Input::Visible(true)),
                Life::Away => self.wake(page, Input::Back),
                _ => {}
            }
        }
        for page in 0..self.browser.pages.len() {
            self.browser.input(page, Input::Online(true));
        }
        self.browser.quiet(3_600_000.0);
        self.check_counts();
        // What waited in memory has been sent; the rest is taken up by the next visits, one of which comes much later.
        for page in 0..self.browser.pages.len() {
            if self.browser.pages[page].life == Life::Running {
                self.browser.leave(page);
            }
        }
        for _ in 0..2 {
            self.browser.pass(2_400_000.0);
            let tab = self.browser.tab();
            let page = self.browser.open(tab, Storage::Durable);
            self.browser.input(page, Input::Opened(Storage::Durable));
            self.browser.quiet(3_600_000.0);
            self.browser.leave(page);
        }
        self.browser.quiet(60_000.0);
    }
}
