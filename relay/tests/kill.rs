//! The real program is killed again and again while it works. Nothing that it has acknowledged is lost, and no webhook is called twice.
//!
//! `CUEHOOK_KILLS`: how often (20). `CUEHOOK_SEED`: other moments.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod process;

use process::{Client, Dice, Reply, Site, Webhook, event, id};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Connections with events, and with calls.
const SENDERS: u64 = 4;
const CALLERS: u64 = 3;

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
    /// Calls and the last that was said of each; none if the relay was killed meanwhile.
    calls: BTreeMap<String, Option<Ending>>,
}

/// How a call has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    Answer(String),
    Unknown,
}

struct Run {
    site: Site,
    webhook: Webhook,
    said: Mutex<Said>,
    next: AtomicU64,
    is_over: AtomicBool,
}

impl Run {
    fn id(&self) -> String {
        id(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends batches until the relay is gone.
    fn send_events(&self, mut dice: Dice) {
        let mut client = self.site.client();
        while !self.is_over.load(Ordering::Relaxed) {
            let again = if dice.below(2) == 0 { self.said.lock().unwrap().doubtful.pop() } else { None };
            let batch = again.unwrap_or_else(|| (0..1 + dice.below(20)).map(|_| self.id()).collect());
            self.said.lock().unwrap().sent.extend(batch.iter().cloned());
            let events: Vec<String> = batch.iter().map(|id| event(id)).collect();
            match self.site.send_events(&mut client, &events) {
                Ok(reply) => self.acknowledged(&batch, &reply),
                Err(_) => {
                    self.said.lock().unwrap().doubtful.push(batch);
                    return;
                }
            }
        }
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

    /// Calls the webhook until the relay is gone; asks for what is not known of earlier.
    fn call(&self, mut dice: Dice) {
        let mut client = self.site.client();
        while !self.is_over.load(Ordering::Relaxed) {
            let open = {
                let mut said = self.said.lock().unwrap();
                let open = said.calls.iter().find(|(_, ending)| ending.is_none()).map(|(id, _)| id.clone());
                // Nobody else asks meanwhile.
                open.inspect(|id| drop(said.calls.remove(id)))
            };
            let id = open.unwrap_or_else(|| self.id());
            let ending = self.settle(&mut client, &mut dice, &id);
            self.said.lock().unwrap().calls.insert(id, ending.clone());
            if ending.is_none() {
                return;
            }
        }
    }

    /// Calls or asks until there is an end; none if the relay is gone.
    fn settle(&self, client: &mut Client, dice: &mut Dice, id: &str) -> Option<Ending> {
        loop {
            let asks = dice.below(3) == 0;
            let reply = if asks { self.site.ask(client, id) } else { self.site.call(client, id) }.ok()?;
            match (reply.status, reply.outcome.as_str()) {
                (200, "answer") => return Some(Ending::Answer(reply.body)),
                (502, "outcome-unknown") => return Some(Ending::Unknown),
                (409, "in-progress") => std::thread::sleep(Duration::from_millis(20)),
                // It was never begun, so it may be.
                (404, "unknown-call") if asks => {}
                _ => panic!("{id}: {reply:?}"),
            }
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
        assert!(known.iter().all(|id| said.sent.contains(*id)), "{when}: an event is there that nobody has sent");
        assert_eq!(self.site.counted(), stored.len() as u64, "{when}");
        for (id, count) in self.webhook.calls() {
            assert_eq!(count, 1, "{when}: {id} was called more than once");
        }
    }

    /// Every call has come to an end that stays.
    fn check_calls(&self) {
        let calls = self.said.lock().unwrap().calls.clone();
        let (mut client, made) = (self.site.client(), self.webhook.calls());
        let mut dice = Dice::new(0);
        for (id, ending) in calls {
            let now = self.settle(&mut client, &mut dice, &id).unwrap();
            match (&ending, &now) {
                // The viewer had it, and the relay was killed before it had written it down: it does not call again.
                (Some(Ending::Answer(_)), Ending::Unknown) => {}
                (Some(before), now) => assert_eq!(before, now, "{id}"),
                (None, _) => {}
            }
            if let Ending::Answer(body) = &now {
                assert_eq!(body, &format!(r#"{{"answered":"{id}"}}"#));
                assert_eq!(made.get(&id).or(self.webhook.calls().get(&id)), Some(&1), "{id}");
            }
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nobody_is_called_twice() {
    let (kills, seed) = (number("CUEHOOK_KILLS", 20), number("CUEHOOK_SEED", 16));
    let webhook = Webhook::start(|number| Duration::from_millis(number * 7 % 40));
    let site = Site::new(&webhook.url());
    let run = Run { site, webhook, said: Mutex::default(), next: AtomicU64::new(1), is_over: AtomicBool::new(false) };
    let mut dice = Dice::new(seed);
    for round in 0..kills {
        let relay = run.site.start(&[]);
        run.check(&format!("seed {seed}, after {round} kills"));
        run.is_over.store(false, Ordering::Relaxed);
        std::thread::scope(|scope| {
            let run = &run;
            for _ in 0..SENDERS {
                let dice = Dice::new(dice.next());
                scope.spawn(move || run.send_events(dice));
            }
            for _ in 0..CALLERS {
                let dice = Dice::new(dice.next());
                scope.spawn(move || run.call(dice));
            }
            std::thread::sleep(Duration::from_millis(dice.below(300)));
            relay.kill();
            run.is_over.store(true, Ordering::Relaxed);
        });
    }
    let relay = run.site.start(&[]);
    run.check(&format!("seed {seed}, after all kills"));
    run.check_calls();
    run.check("in the end");
    let said = run.said.lock().unwrap();
    let unknown = said.calls.values().filter(|ending| **ending == Some(Ending::Unknown)).count();
    println!(
        "{kills} kills: {} events sent, {} acknowledged, 0 lost; {} calls, {unknown} unknown",
        said.sent.len(),
        said.taken.len(),
        said.calls.len()
    );
    // There was something to lose.
    assert!(said.taken.len() as u64 >= kills && said.calls.len() as u64 >= kills);
    drop(relay);
}
