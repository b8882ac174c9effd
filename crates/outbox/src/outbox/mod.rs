//! The state machine: stores an event before it is sent, and removes it only after an acknowledgement.
//!
//! - `record`: an event becomes rows, one for each receiver.
//! - `books`: what is to be written, one transaction at a time.
//! - `lock`: one page of the origin sends at a time.
//! - `scan`: under the lock stored rows are read.
//! - `send`: rows become deliveries.
//! - `end`: what the end of a delivery means.
//! - `receiver`: how a receiver is doing.

mod books;
mod end;
mod lock;
mod receiver;
mod record;
mod scan;
mod send;
mod state;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use crate::effect::{Effect, Report, ReportState, Timer};
use crate::input::{Input, Moment, Setup, Storage};
use crate::row::Row;
use books::Books;
use cuehook_protocol::IdSource;
use lock::Hold;
use receiver::Receiver;
use record::Session;
use scan::Scan;
use send::Underway;

/// The outbox of a page.
#[derive(Debug)]
pub struct Outbox {
    setup: Setup,
    chance: IdSource,
    now: Moment,
    out: Vec<Effect>,
    /// The last number given to a read, a write or a delivery.
    ticket: u32,
    /// How well rows are kept; nothing before the store is open.
    storage: Option<Storage>,
    session: Session,
    receivers: Vec<Receiver>,
    /// Events made on this page that are not acknowledged.
    own: Vec<Own>,
    books: Books,
    hold: Hold,
    scan: Scan,
    /// Rows that were read under the lock, or are kept in memory alone, and are sent as soon as their receiver has room.
    queue: Vec<Row>,
    underway: Vec<Underway>,
    /// Inputs from before the store was open.
    early: Vec<Input>,
    /// Who waits until nothing is left that can be sent.
    flushes: Vec<u32>,
    /// When [`Timer::Due`] rings, on the wall clock.
    due_ms: f64,
    /// Events that were delivered, lost, or refused for good, since the page was opened.
    delivered: f64,
    lost: f64,
    dead: f64,
}

/// An event made on this page.
#[derive(Debug)]
struct Own {
    row: Row,
    /// Its transaction is complete.
    is_stored: bool,
    /// The scan that is under way has come by it.
    is_seen: bool,
}

impl Outbox {
    /// An outbox that has done nothing yet.
    pub fn new(setup: Setup) -> Self {
        Self {
            chance: IdSource::new(setup.seed),
            session: Session::new(&setup),
            setup,
            now: Moment::default(),
            out: Vec::new(),
            ticket: 0,
            storage: None,
            receivers: Vec::new(),
            own: Vec::new(),
            books: Books::default(),
            hold: Hold::None,
            scan: Scan::default(),
            queue: Vec::new(),
            underway: Vec::new(),
            early: Vec::new(),
            flushes: Vec::new(),
            due_ms: f64::INFINITY,
            delivered: 0.0,
            lost: 0.0,
            dead: 0.0,
        }
    }

    /// The origins that this page may send to are these now, as [`Setup::allow_origins`] says it.
    pub fn allow(&mut self, origins: Option<Vec<String>>) {
        self.setup.allow_origins = origins;
    }

    /// Something happened: what is to be done is added to `effects`.
    pub fn handle(&mut self, now: Moment, input: Input, effects: &mut Vec<Effect>) {
        self.now = now;
        if self.storage.is_none() && !matches!(input, Input::Opened(_)) {
            self.early.push(input);
            return;
        }
        self.take(input);
        self.go_on();
        effects.append(&mut self.out);
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Opened(storage) => {
                self.storage = Some(storage);
                self.scan.wants_all();
                for input in std::mem::take(&mut self.early) {
                    self.take(input);
                }
            }
            Input::Rows { ticket, rows } => self.rows(ticket, rows),
            Input::Written { ticket, outcome } => self.written(ticket, outcome),
            Input::Record { event, endpoints, ticket } => self.record(event, endpoints, ticket),
            Input::View { id, record } => self.keep_view(&id, Some(record)),
            Input::Keep { ticket, .. } => self.settle(ticket, Ok(())),
            Input::Forget { .. } => {}
            Input::Locked => self.locked(),
            Input::LockLost => self.lock_lost(),
            Input::Ended { delivery, outcome } => self.ended(delivery, outcome),
            Input::Rang(Timer::Due) => self.due_ms = f64::INFINITY,
            Input::Rang(Timer::Lease) => self.renew(),
            Input::Rang(Timer::Later) => {}
            Input::Online(_) | Input::Visible(_) | Input::Back => self.scan.wants_all(),
            Input::Left => {}
            Input::Flush { ticket } => {
                self.scan.wants_all();
                self.flushes.push(ticket);
            }
            Input::Purge { ticket } => self.purge(ticket),
        }
    }

    /// Does what can be done now.
    fn go_on(&mut self) {
        self.flush();
        self.read_on();
        self.send();
        self.release();
        self.write();
        self.set_timers();
    }

    /// Rings when the next thing is due.
    fn set_timers(&mut self) {
        let next = self.receivers.iter().map(Receiver::due_ms).fold(f64::INFINITY, f64::min);
        if next.is_finite() && self.hold == Hold::None {
            if next < self.due_ms || self.due_ms < self.now.wall_ms {
                self.due_ms = next;
                let after_ms = (next - self.now.wall_ms).max(0.0);
                self.out.push(Effect::StartTimer { timer: Timer::Due, after_ms });
            }
        } else if self.due_ms.is_finite() {
            self.due_ms = f64::INFINITY;
            self.out.push(Effect::StopTimer(Timer::Due));
        }
    }

    fn settle(&mut self, ticket: u32, result: Result<(), (&'static str, String)>) {
        self.out.push(Effect::Settle { ticket, result });
    }

    fn next_ticket(&mut self) -> u32 {
        self.ticket += 1;
        self.ticket
    }

    /// Deletes everything, and forgets what waits.
    fn purge(&mut self, ticket: u32) {
        for underway in std::mem::take(&mut self.underway) {
            self.out.push(Effect::Abort(underway.number));
        }
        self.own.clear();
        self.queue.clear();
        self.scan = Scan::default();
        for receiver in &mut self.receivers {
            receiver.forget();
        }
        self.books.purge(ticket);
    }

    fn report(&mut self, state: ReportState, receiver: usize, events: Vec<String>) -> Report {
        let webhook = self.receivers.get(receiver).map(|receiver| receiver.address.webhook.clone());
        Report {
            state,
            webhook: webhook.unwrap_or_default(),
            events,
            status: None,
            attempts: 0,
            next_ms: None,
            reason: None,
        }
    }
}
