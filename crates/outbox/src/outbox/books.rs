//! What is to be written: one transaction at a time. What comes meanwhile goes into the next one.

use super::Outbox;
use super::loss::Room;
use super::record::linger_ms;
use crate::effect::{Effect, Report, ReportState};
use crate::endpoint::{Endpoint, Minted};
use crate::input::{Storage, WriteOutcome};
use crate::row::{DEAD, DELIVERY, ENDPOINT, EVENT, LEASE, REQUEST, SESSION, VIEW};
use std::rc::Rc;

/// Milliseconds until a transaction that failed is tried again, at first; then four times as long each time.
const RETRY_MS: f64 = 5_000.0;
/// And at most.
const RETRY_CAP_MS: f64 = 120_000.0;
/// On a full disk so much more room is made than is needed: what was dropped is told, too.
const SLACK_BYTES: f64 = 2_048.0;

/// What is said when there is no room.
const FULL: (&str, &str) = ("storage-full", "there is no room to store the event; it is sent from memory");
/// What is said when storage does not work.
const FAILED: (&str, &str) = ("storage-failed", "the event cannot be stored; it is sent from memory");

/// The transaction that is being filled, and the one that is being written.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) open: Changes,
    /// One at a time, but for the last that are written while the page is left.
    writing: Vec<(u32, Changes)>,
    /// The lease is to become this, or to be taken away. A transaction of its own.
    pub(super) lease: Option<Option<String>>,
    /// What the lease was when this page has seen or written it last.
    pub(super) seen_lease: Option<String>,
    /// Transactions that have failed since the last that did not.
    pub(super) failures: i32,
    /// The last one failed for lack of room.
    pub(super) is_full: bool,
    /// And stored rows have gone for it. No more go before something could be written: it would be for nothing.
    has_made_room: bool,
    /// After a failure: not before, on the monotonic clock.
    pub(super) not_before: f64,
}

/// A transaction.
#[derive(Debug, Default)]
pub(super) struct Changes {
    puts: Vec<(String, String)>,
    deletes: Vec<String>,
    pub(super) strict: bool,
    /// Numbers were given: the session's row is put, too, unless somebody else has changed it.
    pub(super) numbers: bool,
    /// What was recorded with it, to be recorded anew if it cannot be written like this.
    pub(super) records: Vec<(Minted, Rc<Vec<Endpoint>>, Option<u32>)>,
    /// Who else waits until it is complete.
    pub(super) waiters: Vec<u32>,
    /// It is the lease alone.
    lease: Option<Option<String>>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty() && self.records.is_empty() && self.waiters.is_empty()
    }

    pub(super) fn put(&mut self, key: String, value: String) {
        self.deletes.retain(|known| *known != key);
        self.forget(&key);
        self.puts.push((key, value));
    }

    pub(super) fn delete(&mut self, key: String) {
        self.forget(&key);
        self.deletes.push(key);
    }

    /// Does not put a row after all.
    pub(super) fn forget(&mut self, key: &str) {
        self.puts.retain(|(known, _)| known != key);
    }

    pub(super) fn puts(&self, key: &str) -> bool {
        self.puts.iter().any(|(known, _)| known == key)
    }

    /// Bytes that it adds, about.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn size(&self) -> f64 {
        self.puts.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() as f64
    }

    /// Takes the numbers of all who wait.
    fn tickets(&mut self) -> Vec<u32> {
        let mut tickets = std::mem::take(&mut self.waiters);
        tickets.extend(self.records.iter_mut().filter_map(|(_, _, ticket)| ticket.take()));
        tickets
    }

    /// Adds what came later.
    fn absorb(&mut self, later: Changes) {
        for (key, value) in later.puts {
            self.put(key, value);
        }
        for key in later.deletes {
            self.delete(key);
        }
        self.strict |= later.strict;
        self.numbers |= later.numbers;
        self.records.extend(later.records);
        self.waiters.extend(later.waiters);
    }
}

impl Books {
    /// Whether all is written, or cannot be written at the moment.
    pub(super) fn are_closed(&self) -> bool {
        self.writing.is_empty() && self.lease.is_none() && (self.open.is_empty() || self.failures > 0)
    }

    /// Whether a row is about to be deleted, so that it must not be sent again.
    pub(super) fn deletes(&self, key: &str) -> bool {
        let writing = self.writing.iter().flat_map(|(_, changes)| &changes.deletes);
        writing.chain(&self.open.deletes).any(|known| known == key)
    }

    /// Whether a row is being written.
    pub(super) fn writes(&self, key: &str) -> bool {
        self.writing.iter().any(|(_, changes)| changes.puts(key))
    }

    /// Deletes everything, and nothing else.
    pub(super) fn purge(&mut self, ticket: u32) {
        for (_, changes) in &mut self.writing {
            // Whatever becomes of it, it is not written again.
            *changes =
                Changes { waiters: changes.tickets(), lease: changes.lease.take(), ..Changes::default() };
        }
        self.not_before = 0.0;
        let mut waiters = self.open.tickets();
        waiters.push(ticket);
        let deletes = [EVENT, ENDPOINT, SESSION, VIEW, REQUEST, DELIVERY, DEAD];
        self.open = Changes { deletes: deletes.map(str::to_owned).into(), waiters, ..Changes::default() };
    }
}

impl Outbox {
    /// Begins the next transaction.
    pub(super) fn write(&mut self) {
        if self.storage != Some(Storage::Durable) {
            let mut open = std::mem::take(&mut self.books.open);
            self.books.lease = None;
            self.tell(&mut open, Ok(()));
            return;
        }
        if !self.books.writing.is_empty() {
            return;
        }
        let key = || LEASE.to_owned();
        if let Some(lease) = self.books.lease.take() {
            let ticket = self.next_ticket();
            self.out.push(Effect::Write {
                ticket,
                guard: (!self.setup.locks).then(|| (key(), self.books.seen_lease.clone())),
                puts: lease.iter().map(|value| (key(), value.clone())).collect(),
                deletes: if lease.is_some() { Vec::new() } else { vec![key()] },
                strict: false,
            });
            self.books.writing.push((ticket, Changes { lease: Some(lease), ..Changes::default() }));
        } else if self.books.is_full && self.books.open.deletes.iter().any(|key| makes_room(key)) {
            self.write_deletes();
        } else if !self.books.open.is_empty() && self.now.clock_ms >= self.books.not_before {
            self.write_open();
        } else if self.books.failures > 0 {
            // Storing is tried again later, and nobody waits for that: what is not stored is sent from memory.
            let (code, message) = if self.books.is_full { FULL } else { FAILED };
            let mut open = std::mem::take(&mut self.books.open);
            self.tell(&mut open, Err((code, message.to_owned())));
            self.books.open = open;
        }
    }

    /// Writes what is open, also while another transaction is under way: nobody may be there when that is complete.
    pub(super) fn write_open(&mut self) {
        if self.books.open.is_empty() || self.storage != Some(Storage::Durable) {
            return;
        }
        let ticket = self.next_ticket();
        let mut changes = std::mem::take(&mut self.books.open);
        let mut guard = None;
        if changes.numbers {
            let key = [SESSION, &self.session.id].concat();
            let value = self.session.value(self.now.wall_ms);
            changes.put(key.clone(), value.clone());
            guard = Some((key, self.session.stored.replace(value)));
        }
        self.out.push(Effect::Write {
            ticket,
            guard,
            puts: changes.puts.clone(),
            deletes: changes.deletes.clone(),
            strict: changes.strict,
        });
        self.books.writing.push((ticket, changes));
    }

    /// On a full disk deletes go by themselves: what a transaction deletes makes no room for what it puts.
    fn write_deletes(&mut self) {
        let ticket = self.next_ticket();
        let all = std::mem::take(&mut self.books.open.deletes);
        let (deletes, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|key| makes_room(key));
        self.books.open.deletes = others;
        self.out.push(Effect::Write {
            ticket,
            guard: None,
            puts: Vec::new(),
            deletes: deletes.clone(),
            strict: false,
        });
        self.books.writing.push((ticket, Changes { deletes, ..Changes::default() }));
    }

    /// Settles the promises of those who wait.
    fn tell(&mut self, changes: &mut Changes, result: Result<(), (&'static str, String)>) {
        for ticket in changes.tickets() {
            self.out.push(Effect::Settle { ticket, result: result.clone() });
        }
    }

    /// A transaction has ended.
    pub(super) fn written(&mut self, ticket: u32, outcome: WriteOutcome) {
        let Some(place) = self.books.writing.iter().position(|(known, _)| *known == ticket) else { return };
        let (_, mut changes) = self.books.writing.remove(place);
        if let Some(lease) = changes.lease.take() {
            self.leased(lease, outcome);
            return;
        }
        match outcome {
            WriteOutcome::Done => self.stored(changes),
            WriteOutcome::Conflict => self.renumber(changes),
            WriteOutcome::Full | WriteOutcome::Failed => {
                self.not_stored(changes, outcome == WriteOutcome::Full)
            }
        }
    }

    fn stored(&mut self, mut changes: Changes) {
        if self.books.is_full && changes.puts.is_empty() {
            // There may be room now for what could not be written.
            self.books.not_before = 0.0;
            return self.tell(&mut changes, Ok(()));
        }
        self.books.failures = 0;
        self.books.has_made_room = false;
        if std::mem::take(&mut self.books.is_full) {
            self.room = Room::default();
        }
        if changes.numbers {
            self.session.durable = self.session.stored.clone();
        }
        let mut all = std::mem::take(&mut self.own);
        for own in all.iter_mut().filter(|own| !own.is_stored && changes.puts(&own.row.key)) {
            own.is_stored = true;
            // Reading may have come by its place before. It still waits for company.
            self.wait_until(&own.row, own.row.next_ms.max(own.row.at_ms + linger_ms(own.row.is_lead())));
        }
        self.own = all;
        self.is_later_due = true;
        for (event, ..) in &changes.records {
            let report = self.report(ReportState::Recorded, None, vec![event.id.clone()]);
            self.out.push(Effect::Report(Report { kind: Some(event.kind.clone()), ..report }));
        }
        self.tell(&mut changes, Ok(()));
        self.is_sealed(&changes);
    }

    /// Another page has the same session, or has deleted it: what is not stored yet is numbered in a new one.
    fn renumber(&mut self, mut changes: Changes) {
        changes.absorb(std::mem::take(&mut self.books.open));
        let mut records = std::mem::take(&mut changes.records);
        let is_sent = |one: &(Minted, Rc<Vec<Endpoint>>, Option<u32>)| {
            self.own.iter().any(|own| own.is_sent && own.row.id() == one.0.id)
        };
        // What somebody has seen keeps its number, and so does what was numbered with it: there would be a gap.
        if records.iter().any(is_sent) {
            changes.waiters.extend(records.iter().filter_map(|(_, _, ticket)| *ticket));
            records.clear();
        }
        changes.numbers = false;
        let is_of =
            |key: &str| key.split('/').nth(2).is_some_and(|id| records.iter().any(|one| one.0.id == id));
        changes.puts.retain(|(key, _)| !(key.starts_with(SESSION) || (key.starts_with(EVENT) && is_of(key))));
        let waiting = |own: &super::Own| !own.is_stored && is_of(&own.row.key);
        for own in self.own.iter().filter(|own| waiting(own)) {
            if let Some(receiver) = self.receivers.iter_mut().find(|one| one.key == own.row.receiver()) {
                receiver.waiting -= 1.0;
            }
        }
        self.own.retain(|own| !waiting(own));
        self.books.open = changes;
        self.session.stored = None;
        self.begin_session();
        for (event, endpoints, ticket) in records {
            self.record(event, endpoints, ticket);
        }
    }

    fn not_stored(&mut self, mut changes: Changes, is_full: bool) {
        let wait = RETRY_MS * f64::from(1_u32 << (2 * self.books.failures).min(6));
        self.books.failures += 1;
        self.books.is_full = is_full;
        self.books.not_before = self.now.clock_ms + wait.min(RETRY_CAP_MS);
        // What was to be stored instead of it is not.
        if changes.numbers {
            self.session.stored = self.session.durable.clone();
        }
        let (code, message) = if is_full { FULL } else { FAILED };
        self.tell(&mut changes, Err((code, message.to_owned())));
        changes.absorb(std::mem::take(&mut self.books.open));
        self.books.open = changes;
        self.unseal();
        if is_full && !std::mem::replace(&mut self.books.has_made_room, true) {
            self.room.bytes = self.books.open.size() + SLACK_BYTES;
            self.scan.wants_all();
        }
    }
}

/// Whether a row may be deleted before the rest of its transaction is written. A view may not: its end is in that rest.
fn makes_room(key: &str) -> bool {
    !key.starts_with(VIEW)
}
