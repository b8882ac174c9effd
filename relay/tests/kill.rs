//! The real program, or its database, is killed again and again while it works. Nothing that was acknowledged is lost, and no webhook is
//! called twice.
//!
//! `CUEHOOK_KILLS`: how often, of each sort (20). `CUEHOOK_SEED`: other moments.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/postgres.rs"]
#[allow(dead_code)]
mod postgres;
mod process;

use postgres::Server;
use process::{Client, Dice, PATIENCE, Relay, Reply, Site, Webhook, event, id, until};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Connections with events, and with calls.
const SENDERS: u64 = 4;
const CALLERS: u64 = 3;
/// What webhooks are given, in milliseconds. With PostgreSQL nobody knows for so long, and fifteen seconds more, what has become of a call
/// whose relay was killed.
const TIMEOUT_MS: u32 = 1_000;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

/// What the relay has said so far.
#[derive(Debug, Default)]
struct Said {
    /// Events that it has acknowledged.
    taken: BTreeSet<String>,
    /// Events that were sent, acknowledged or not.
    sent: BTreeSet<String>,
    /// Batches of which nobody knows.
    doubtful: Vec<Vec<String>>,
    /// Calls that were begun, as far as is known, and have not ended.
    open: BTreeSet<String>,
    /// Calls that have ended.
    calls: BTreeMap<String, Ending>,
    /// How often it has said that its database was gone.
    refused: u64,
}

/// How a call has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    Answer(String),
    /// The database has come back when nobody waited any more, or the machine was busy.
    Timeout,
    Unknown,
}

struct Run {
    site: Site,
    webhook: Webhook,
    /// Whom events are delivered to.
    receiver: Webhook,
    said: Mutex<Said>,
    next: AtomicU64,
    is_over: AtomicBool,
    /// Whether the relay is killed, and not what it stands on.
    may_vanish: bool,
}

impl Run {
    fn new(database: &str, may_vanish: bool) -> Self {
        let webhook = Webhook::start(|number| Duration::from_millis(number * 7 % 40));
        let receiver = Webhook::start(|number| Duration::from_millis(number * 11 % 30));
        let site = Site::with(&webhook.url(), TIMEOUT_MS, database);
        site.sends_to(&receiver.url());
        let (next, is_over) = (AtomicU64::new(1), AtomicBool::new(false));
        Self { site, webhook, receiver, said: Mutex::default(), next, is_over, may_vanish }
    }

    fn id(&self) -> String {
        id(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends and calls until `disturb` has ended.
    fn under_load(&self, dice: &mut Dice, disturb: impl FnOnce(&mut Dice)) {
        self.is_over.store(false, Ordering::Relaxed);
        std::thread::scope(|scope| {
            for _ in 0..SENDERS {
                let dice = Dice::new(dice.next());
                scope.spawn(move || self.send_events(dice));
            }
            for _ in 0..CALLERS {
                let dice = Dice::new(dice.next());
                scope.spawn(move || self.call(dice));
            }
            std::thread::sleep(Duration::from_millis(dice.below(300)));
            disturb(dice);
            self.is_over.store(true, Ordering::Relaxed);
        });
    }

    /// What was heard, if anything was: otherwise the relay is gone.
    fn heard(&self, reply: std::io::Result<Reply>) -> Option<Reply> {
        match reply {
            Ok(reply) => Some(reply),
            Err(error) => {
                assert!(self.may_vanish, "the relay was to stay: {error}");
                None
            }
        }
    }

    /// Sends batches until it is over, or the relay is gone.
    fn send_events(&self, mut dice: Dice) {
        let mut client = self.site.client();
        while !self.is_over.load(Ordering::Relaxed) {
            let again = if dice.below(2) == 0 { self.said.lock().unwrap().doubtful.pop() } else { None };
            let batch = again.unwrap_or_else(|| (0..1 + dice.below(20)).map(|_| self.id()).collect());
            self.said.lock().unwrap().sent.extend(batch.iter().cloned());
            let events: Vec<String> = batch.iter().map(|id| event(id)).collect();
            match self.heard(self.site.send_events(&mut client, &events)) {
                Some(reply) if self.is_refused(&reply) => self.said.lock().unwrap().doubtful.push(batch),
                Some(reply) => self.acknowledged(&batch, &reply),
                None => return self.said.lock().unwrap().doubtful.push(batch),
            }
        }
    }

    /// Whether the relay says that its database is gone. It may, if that is what was killed.
    fn is_refused(&self, reply: &Reply) -> bool {
        let is_refused = reply.status == 503;
        if is_refused {
            assert!(!self.may_vanish && reply.outcome == "unavailable", "{reply:?}");
            assert!(reply.retry_after.is_some(), "{reply:?}");
            self.said.lock().unwrap().refused += 1;
            std::thread::sleep(Duration::from_millis(20));
        }
        is_refused
    }

    fn acknowledged(&self, batch: &[String], reply: &Reply) {
        assert_eq!(reply.status, 200, "{reply:?}");
        let json = reply.json();
        let mut said = self.said.lock().unwrap();
        for id in batch {
            let verdict = json["results"][id].as_str().unwrap();
            // What was acknowledged is never new again.
            let is_known = said.taken.contains(id);
            assert!(verdict == "dup" || verdict == "ok" && !is_known, "{id}: {verdict}, known: {is_known}");
            said.taken.insert(id.clone());
        }
    }

    /// Calls the webhook, and asks again for what is not known of earlier, until it is over or the relay is gone.
    fn call(&self, mut dice: Dice) {
        let mut client = self.site.client();
        let mut is_refused = false;
        while !self.is_over.load(Ordering::Relaxed) {
            let open = {
                let mut said = self.said.lock().unwrap();
                let open = match is_refused || dice.below(2) == 0 {
                    true => said.open.iter().nth(dice.below(9) as usize).cloned(),
                    false => None,
                };
                // Nobody else asks meanwhile.
                open.inspect(|id| assert!(said.open.remove(id)))
            };
            let id = open.unwrap_or_else(|| self.id());
            let reply = self.ask(&mut client, &mut dice, &id);
            let Some(reply) = self.heard(reply) else {
                self.said.lock().unwrap().open.insert(id);
                return;
            };
            is_refused = reply.status == 503;
            self.ended(id, &reply);
        }
    }

    /// Calls, or asks what has become of it.
    fn ask(&self, client: &mut Client, dice: &mut Dice, id: &str) -> std::io::Result<Reply> {
        if dice.below(3) == 0 { self.site.ask(client, id) } else { self.site.call(client, id) }
    }

    /// Writes down how a call stands; whether it has ended.
    fn ended(&self, id: String, reply: &Reply) -> Option<Ending> {
        let ending = match (reply.status, reply.outcome.as_str()) {
            (200, "answer") => Ending::Answer(reply.body.clone()),
            (504, "webhook-timeout") => Ending::Timeout,
            (502, "outcome-unknown") => Ending::Unknown,
            // Not yet, or it was never begun, or nobody can say.
            (409, "in-progress") | (404, "unknown-call") => {
                self.said.lock().unwrap().open.insert(id);
                return None;
            }
            _ if self.is_refused(reply) => {
                self.said.lock().unwrap().open.insert(id);
                return None;
            }
            _ => panic!("{id}: {reply:?}"),
        };
        self.said.lock().unwrap().calls.insert(id, ending.clone());
        Some(ending)
    }

    /// As [`Self::check`], but not after each of very many kills: the more there is, the longer it takes.
    fn check_at(&self, seed: u64, kills: u64) {
        if kills < 20 || kills.is_multiple_of(10) {
            self.check(&format!("seed {seed}, after {kills} kills"));
        }
    }

    /// What was said still holds.
    fn check(&self, when: &str) {
        let said = self.said.lock().unwrap();
        let stored = self.site.stored();
        let known: BTreeSet<&String> = stored.iter().collect();
        assert_eq!(stored.len(), known.len(), "{when}: an event is there twice");
        let lost: Vec<&String> = said.taken.iter().filter(|id| !known.contains(id)).collect();
        assert!(lost.is_empty(), "{when}: {} of {} are lost: {lost:?}", lost.len(), said.taken.len());
        assert!(
            known.iter().all(|id| said.sent.contains(*id)),
            "{when}: an event is there that nobody has sent"
        );
        assert_eq!(self.site.counted(), stored.len() as u64, "{when}");
        for (id, count) in self.webhook.calls() {
            assert_eq!(count, 1, "{when}: {id} was called more than once");
        }
    }

    /// Every call comes to an end that stays.
    fn check_calls(&self) {
        let (mut client, mut dice) = (self.site.client(), Dice::new(0));
        let started = Instant::now();
        loop {
            let open = self.said.lock().unwrap().open.pop_first();
            let Some(id) = open else { break };
            let reply = self.ask(&mut client, &mut dice, &id).unwrap();
            if self.ended(id.clone(), &reply).is_none() && reply.status == 409 {
                assert!(started.elapsed() < PATIENCE, "{id} does not end: {reply:?}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let calls = self.said.lock().unwrap().calls.clone();
        for (id, ending) in calls {
            // An answer that could not be stored is in progress until its lease has run out.
            let now = loop {
                let reply = self.ask(&mut client, &mut dice, &id).unwrap();
                if let Some(now) = self.ended(id.clone(), &reply) {
                    break now;
                }
                assert!(started.elapsed() < PATIENCE, "{id} does not end: {reply:?}");
                std::thread::sleep(Duration::from_millis(50));
            };
            match (&ending, &now) {
                // The viewer had it, and nobody had written it down when everything ended: it is not called again.
                (Ending::Answer(_) | Ending::Timeout, Ending::Unknown) => {}
                (before, now) => assert_eq!(before, now, "{id}"),
            }
            if let Ending::Answer(body) = &now {
                assert_eq!(body, &format!(r#"{{"answered":"{id}"}}"#));
                assert_eq!(self.webhook.calls().get(&id), Some(&1), "{id}");
            }
        }
    }

    /// What was acknowledged is delivered, each event under its own id. Some more than once: a relay was killed before it had written down
    /// that the receiver had them.
    fn check_deliveries(&self) -> usize {
        let taken = self.said.lock().unwrap().taken.clone();
        until("everything is delivered", || {
            let received = self.receiver.calls();
            taken.iter().all(|id| received.contains_key(id))
        });
        assert_eq!(self.receiver.mistaken(), []);
        let received = self.receiver.calls();
        let said = self.said.lock().unwrap();
        assert!(received.keys().all(|id| said.sent.contains(id)), "it was sent what nobody has sent");
        received.values().filter(|count| **count > 1).count()
    }

    /// After all kills, with a relay that runs.
    fn check_everything(&self, what: &str, kills: u64) {
        self.check("after all kills");
        self.check_calls();
        self.check("in the end");
        let repeated = self.check_deliveries();
        let said = self.said.lock().unwrap();
        let unknown = said.calls.iter().filter(|(_, ending)| **ending == Ending::Unknown);
        let unknown: Vec<&String> = unknown.map(|(id, _)| id).collect();
        let called = self.webhook.calls();
        // A relay that has lived on knows what it has not done, also if it was not heard when it wrote down that it would.
        let never = unknown.iter().find(|id| !self.may_vanish && !called.contains_key(**id));
        assert_eq!(never, None, "it was never called");
        println!(
            "{what}, {kills} kills: {} events sent, {} acknowledged, 0 lost; {} calls, {} called, 0 twice, {} unknown; \
             {} refused meanwhile; all delivered, {repeated} more than once, 0 under two ids",
            said.sent.len(),
            said.taken.len(),
            said.calls.len(),
            called.len(),
            unknown.len(),
            said.refused
        );
        // There was something to lose.
        assert!(said.taken.len() as u64 >= kills && said.calls.len() as u64 >= kills);
    }
}

fn kill_relays(what: &str, database: &str) {
    let (kills, seed) = (number("CUEHOOK_KILLS", 20), number("CUEHOOK_SEED", 16));
    let (run, mut dice) = (Run::new(database, true), Dice::new(seed));
    for round in 0..kills {
        let relay = run.site.start(&[]);
        run.check_at(seed, round);
        run.under_load(&mut dice, |_| relay.kill());
    }
    let _relay: Relay = run.site.start(&[]);
    run.check_everything(what, kills);
}

#[test]
fn with_sqlite_a_relay_that_is_killed_loses_nothing() {
    kill_relays("relay with SQLite", "sqlite:data/relay.db");
}

#[test]
fn with_postgres_a_relay_that_is_killed_loses_nothing() {
    kill_relays("relay with PostgreSQL", &Server::shared().database().url());
}

#[test]
fn what_was_being_called_is_unknown_at_once_if_nobody_else_can_have_it() {
    let postgres = Server::shared().database().url();
    for (database, status, outcome) in
        [("sqlite:data/relay.db", 502, "outcome-unknown"), (postgres.as_str(), 409, "in-progress")]
    {
        let webhook = Webhook::start(|_| PATIENCE);
        let site = Site::with(&webhook.url(), 60_000, database);
        let relay = site.start(&[]);
        let id = id(1);
        std::thread::scope(|scope| {
            scope.spawn(|| assert!(site.call(&mut site.client(), &id).is_err()));
            until("it is called", || webhook.calls().contains_key(&id));
            relay.kill();
        });
        let relay = site.start(&[]);
        let mut client = site.client();
        for reply in [site.ask(&mut client, &id).unwrap(), site.call(&mut client, &id).unwrap()] {
            assert_eq!((reply.status, reply.outcome.as_str()), (status, outcome), "{reply:?}");
        }
        assert_eq!(webhook.calls().get(&id), Some(&1));
        drop(relay);
    }
}

#[test]
fn a_relay_may_start_before_its_database() {
    let server = Server::new();
    let database = server.database();
    let run = Run::new(&database.url(), false);
    for round in 1..3 {
        server.kill();
        let relay = run.site.spawn(&[]);
        let mut client = run.site.client();
        until("it serves", || run.site.client().send("GET", "/health", &[], "").is_ok());
        assert_eq!(client.send("GET", "/health", &[], "").unwrap().status, 200);
        assert_eq!(client.send("GET", "/ready", &[], "").unwrap().status, 503);
        let events = [run.id()];
        let refused = run.site.send_events(&mut client, &[event(&events[0])]).unwrap();
        assert!(run.is_refused(&refused), "{refused:?}");
        // It knows no webhooks yet, and nobody is told that there are none.
        let call = run.id();
        let refused = run.site.call(&mut client, &call).unwrap();
        assert!(run.is_refused(&refused), "{refused:?}");
        let settings = run.site.settings(&mut client).unwrap();
        assert!(run.is_refused(&settings), "{settings:?}");
        server.start_again();
        run.site.until_ready(&relay);
        let settings = run.site.settings(&mut client).unwrap();
        assert_eq!(settings.json()["webhooks"]["hook"]["name"], "hook", "{settings:?}");
        let reply = run.site.send_events(&mut client, &[event(&events[0])]).unwrap();
        run.said.lock().unwrap().sent.extend(events.iter().cloned());
        run.acknowledged(&events, &reply);
        let reply = run.site.call(&mut client, &call).unwrap();
        assert!(matches!(run.ended(call, &reply), Some(Ending::Answer(_))), "{reply:?}");
        run.check("after a late start");
        assert_eq!(run.webhook.calls().len(), round);
        relay.kill();
    }
}

#[test]
fn a_relay_whose_database_is_killed_loses_nothing_and_comes_back() {
    let (kills, seed) = (number("CUEHOOK_KILLS", 20), number("CUEHOOK_SEED", 16));
    let server = Server::new();
    let database = server.database();
    let (run, mut dice) = (Run::new(&database.url(), false), Dice::new(seed));
    let relay = run.site.start(&[]);
    for round in 0..kills {
        run.under_load(&mut dice, |dice| {
            server.kill();
            server.start_again();
            run.site.until_ready(&relay);
            std::thread::sleep(Duration::from_millis(dice.below(100)));
        });
        run.check_at(seed, round + 1);
    }
    run.check_everything("PostgreSQL", kills);
    assert!(run.said.lock().unwrap().refused > 0, "nobody has noticed");
}
