//! The state machine: stores an event before it is sent, and removes it only after an acknowledgement.
//!
//! - `start`: what an earlier load has left. `session`: the numbers. `views`: views that have not ended.
//! - `record`: an event becomes rows, one for each receiver. `books`: what is to be written, one transaction at a time.
//! - `lock`: one page of the origin sends at a time. `scan`: under the lock stored rows are read.
//! - `send`, `batch`: rows become deliveries. `end`: what the end of a delivery means. `receiver`: how a receiver is doing.
//! - `leave`: what waits is sent when the page is left. `loss`: what cannot be kept, and who is told.
//! - `state`: what the page may look at.

mod batch;
mod books;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod documented;
mod end;
mod leave;
mod lock;
mod loss;
mod receiver;
mod record;
mod scan;
mod send;
mod session;
mod start;
mod state;
mod views;

use crate::effect::{Effect, Report, ReportState, Timer};
use crate::input::{Input, Moment, Setup, Storage};
use crate::row::{REQUEST, Row};
use batch::Batch;
use books::Books;
use cuehook_protocol::IdSource;
use lock::Hold;
use loss::{Loss, Room};
use receiver::Receiver;
#[cfg(test)]
pub(crate) use scan::PAGE_IN_TESTS;
use scan::{LONGEST_WAIT_MS, Scan};
use send::Underway;
use session::Session;
use views::Kept;

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
    /// The session is known.
    is_ready: bool,
    /// Inputs from before that.
    early: Vec<Input>,
    session: Session,
    /// The id of the session that this page was opened with.
    first_session: String,
    receivers: Vec<Receiver>,
    /// Events made on this page that are not acknowledged: all that are not stored, and the last ones that are.
    own: Vec<Own>,
    views: Vec<Kept>,
    books: Books,
    hold: Hold,
    scan: Scan,
    /// Stored rows that were read under the lock, and are sent as soon as their receiver has room.
    queue: Vec<Row>,
    batches: Vec<Batch>,
    underway: Vec<Underway>,
    /// Who waits until nothing is left that can be sent.
    flushes: Vec<u32>,
    losses: Vec<Loss>,
    room: Room,
    /// What is stored, as far as is known.
    stored_rows: f64,
    stored_bytes: f64,
    dead_keys: Vec<String>,
    is_online: bool,
    is_visible: bool,
    /// The page was left, and may come back.
    is_left: bool,
    /// The last attempt did not reach the network.
    is_failing: bool,
    /// Some attempt of this page was acknowledged.
    has_succeeded: bool,
    /// Nothing is sent before: Unix time in milliseconds.
    not_before_ms: f64,
    /// When [`Timer::Due`] rings, on the monotonic clock.
    rings_ms: f64,
    /// `fetchLater` is to be told; when it was told last, on the monotonic clock; and what.
    is_later_due: bool,
    is_later_timed: bool,
    later_ms: f64,
    later_keys: Vec<String>,
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
    /// It was read by the scan that is under way, and so it is counted.
    is_counted: bool,
    /// It was sent before it was stored.
    is_sent: bool,
}

impl Outbox {
    /// An outbox that has done nothing yet.
    pub fn new(setup: Setup) -> Self {
        Self {
            chance: IdSource::new(setup.seed),
            session: Session::new(&setup),
            first_session: setup.session.clone(),
            setup,
            now: Moment::default(),
            out: Vec::new(),
            ticket: 0,
            storage: None,
            is_ready: false,
            early: Vec::new(),
            receivers: Vec::new(),
            own: Vec::new(),
            views: Vec::new(),
            books: Books::default(),
            hold: Hold::None,
            scan: Scan::default(),
            queue: Vec::new(),
            batches: Vec::new(),
            underway: Vec::new(),
            flushes: Vec::new(),
            losses: Vec::new(),
            room: Room::default(),
            stored_rows: 0.0,
            stored_bytes: 0.0,
            dead_keys: Vec::new(),
            is_online: true,
            is_visible: true,
            is_left: false,
            is_failing: false,
            has_succeeded: false,
            not_before_ms: 0.0,
            rings_ms: f64::INFINITY,
            is_later_due: false,
            is_later_timed: false,
            later_ms: f64::NEG_INFINITY,
            later_keys: Vec::new(),
            delivered: 0.0,
            lost: 0.0,
            dead: 0.0,
        }
    }

    /// Something happened: what is to be done is added to `effects`.
    pub fn handle(&mut self, now: Moment, input: Input, effects: &mut Vec<Effect>) {
        if now.wall_ms < self.now.wall_ms {
            // The clock was set back, and no wait is to become longer by that.
            let latest_ms = now.wall_ms + LONGEST_WAIT_MS;
            self.not_before_ms = self.not_before_ms.min(latest_ms);
            for receiver in &mut self.receivers {
                receiver.not_later(latest_ms);
            }
            for own in &mut self.own {
                own.row.next_ms = own.row.next_ms.min(latest_ms);
            }
        }
        self.now = now;
        let is_early = matches!(
            input,
            Input::Record { .. }
                | Input::View { .. }
                | Input::Keep { .. }
                | Input::Forget { .. }
                | Input::Flush { .. }
        );
        if is_early && !self.is_ready {
            self.early.push(input);
            return;
        }
        self.take(input);
        self.go_on();
        effects.append(&mut self.out);
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Opened(storage) => self.opened(storage),
            Input::Rows { ticket, rows } => self.rows(ticket, rows),
            Input::Written { ticket, outcome } => self.written(ticket, outcome),
            Input::Record { event, endpoints, ticket } => self.record(event, endpoints, ticket),
            Input::View { id, record } => self.keep_view(&id, record),
            Input::Keep { request, record, ticket } => self.keep_request(&request, &record, ticket),
            Input::Forget { request } => self.books.open.delete([REQUEST, &request].concat()),
            Input::Locked => self.locked(),
            Input::LockLost => self.lock_lost(),
            Input::Ended { delivery, outcome } => self.ended(delivery, outcome),
            Input::Rang(Timer::Due) => self.rings_ms = f64::INFINITY,
            Input::Rang(Timer::Lease) => self.renew(),
            Input::Rang(Timer::Later) => self.arm_later(),
            Input::Online(is_online) => self.online(is_online),
            Input::Visible(is_visible) => self.visible(is_visible),
            Input::Left => self.left(),
            Input::Back => self.back(),
            Input::Flush { ticket } => {
                self.scan.wants_all();
                self.hurry();
                self.flushes.push(ticket);
            }
            Input::Purge { ticket } => self.purge(ticket),
        }
    }

    /// Does what can be done now.
    fn go_on(&mut self) {
        if !self.is_ready {
            self.write();
            return;
        }
        self.hear();
        self.flush();
        self.send();
        self.read_on();
        self.tell_losses();
        self.release();
        self.write();
        self.mirror();
        self.set_timer();
    }

    /// Rings when the next thing is due.
    fn set_timer(&mut self) {
        let now = self.now.wall_ms;
        let mut next = self.hear_ms();
        if self.storage == Some(Storage::Durable) {
            let due = self.receivers.iter().map(Receiver::due_ms).fold(f64::INFINITY, f64::min);
            next = sooner(next, due.max(self.not_before_ms), now);
            if self.scan.is_all() {
                next = sooner(next, self.not_before_ms, now);
            }
            if self.books.failures > 0 {
                next = sooner(next, now + self.books.not_before - self.now.clock_ms, now);
            }
        }
        next = sooner(next, self.memory_due_ms(), now);
        // Whole milliseconds: what is left of one would be waited for again and again.
        let after_ms = (next - now).ceil();
        let rings_ms = self.now.clock_ms + after_ms;
        if next.is_infinite() {
            if self.rings_ms.is_finite() {
                self.rings_ms = f64::INFINITY;
                self.out.push(Effect::StopTimer(Timer::Due));
            }
        } else if (rings_ms - self.rings_ms).abs() >= 2.0 {
            self.rings_ms = rings_ms;
            self.out.push(Effect::StartTimer { timer: Timer::Due, after_ms });
        }
    }

    /// Deletes everything, and forgets what waits.
    fn purge(&mut self, ticket: u32) {
        for underway in std::mem::take(&mut self.underway) {
            self.out.push(Effect::Abort(underway.number));
        }
        self.own.clear();
        self.queue.clear();
        self.batches.clear();
        self.views.clear();
        self.losses.clear();
        self.dead_keys.clear();
        self.early.clear();
        self.drop_queue();
        for receiver in &mut self.receivers {
            receiver.forget();
            receiver.waiting = 0.0;
            receiver.under_way = 0;
            receiver.is_stored = false;
        }
        self.session.durable = None;
        self.begin_session();
        self.books.purge(ticket);
        self.is_later_due = true;
    }

    fn next_ticket(&mut self) -> u32 {
        self.ticket += 1;
        self.ticket
    }

    fn report(&self, state: ReportState, receiver: Option<usize>, events: Vec<String>) -> Report {
        let receiver = receiver.and_then(|place| self.receivers.get(place));
        Report {
            state,
            webhook: receiver.map(|receiver| receiver.address.webhook.clone()).unwrap_or_default(),
            events,
            kind: None,
            status: None,
            attempts: 0,
            next_ms: None,
            reason: None,
        }
    }
}

/// The sooner of two instants, if the second is to come.
fn sooner(next: f64, at: f64, now: f64) -> f64 {
    if at > now { next.min(at) } else { next }
}
