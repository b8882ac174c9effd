//! Under the lock stored rows are read, page by page: those that are due are sent.

use super::Outbox;
use super::lock::Hold;
use super::send::AT_A_TIME;
use crate::effect::Effect;
use crate::row::{Address, DEAD, DELIVERY, ENDPOINT, LEASE, REQUEST, Row, SESSION, Sealed, VIEW};

/// Rows of one read.
const PAGE: usize = 50;

#[cfg(test)]
thread_local! {
    /// Rows of one read in simulations, where few are many.
    pub(crate) static PAGE_IN_TESTS: std::cell::Cell<usize> = const { std::cell::Cell::new(PAGE) };
}

fn page() -> usize {
    #[cfg(test)]
    return PAGE_IN_TESTS.get();
    #[cfg(not(test))]
    PAGE
}
/// Of a receiver with so many rows at hand no more are looked for.
const AT_HAND: usize = 8;
/// So many are taken at most.
const MOST_AT_HAND: usize = 60;
/// An event that has waited for longer than 7 days is given up.
pub(super) const MAX_AGE_MS: f64 = 604_800_000.0;
/// No wait is longer, so whatever seems to be is because the clock was set back.
pub(super) const LONGEST_WAIT_MS: f64 = 900_000.0;

/// Where reading is.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// From where the next scan begins in each class, if something waits there.
    from: [Option<String>; 3],
    /// What is still to be read, the next one last: what keys begin with, and after which.
    steps: Vec<(&'static str, String)>,
    /// Reads that are under way: what keys begin with, and after which.
    tickets: Vec<(u32, &'static str, String)>,
    /// Everything is to be read, whatever is known.
    all: bool,
    /// The scan that is under way reads everything, and counts.
    is_counting: bool,
    rows: f64,
    bytes: f64,
}

const CLASSES: [&str; 3] = ["event/0/", "event/1/", "event/2/"];

impl Scan {
    /// A row waits: the next scan comes by it.
    pub(super) fn wants(&mut self, key: &str) {
        let class = CLASSES.iter().position(|class| key.starts_with(class));
        let Some(from) = class.and_then(|class| self.from.get_mut(class)) else { return };
        // Reading begins behind a key, and what is in front of a receiver's key is in front of all receivers'.
        let event = key.rsplit_once('/').map_or(key, |(event, _)| event);
        if from.as_deref().is_none_or(|from| event < from) {
            *from = Some(event.to_owned());
        }
    }

    /// Other pages may have written rows.
    pub(super) fn wants_all(&mut self) {
        self.all = true;
    }

    pub(super) fn is_all(&self) -> bool {
        self.all
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.all || self.from.iter().any(Option::is_some)
    }

    pub(super) fn is_counting(&self) -> bool {
        self.is_counting
    }

    /// Whether the count that is under way has come by a row that was stored before it began.
    fn has_passed(&self, key: &str) -> bool {
        let reads = self.tickets.iter().map(|(_, prefix, after)| (prefix, after));
        let mut steps = self.steps.iter().map(|(prefix, after)| (prefix, after)).chain(reads);
        let after = steps.find(|(prefix, _)| key.starts_with(**prefix));
        self.is_counting && after.is_none_or(|(_, after)| key <= after.as_str())
    }

    pub(super) fn is_over(&self) -> bool {
        self.steps.is_empty() && self.tickets.is_empty()
    }
}

impl Outbox {
    /// Reads rows.
    pub(super) fn read(&mut self, prefix: &'static str, after: String, limit: usize) {
        let ticket = self.next_ticket();
        self.scan.tickets.push((ticket, prefix, after.clone()));
        self.out.push(Effect::Read { ticket, prefix, after, limit });
    }

    /// Begins to read what waits.
    pub(super) fn begin_scan(&mut self) {
        let from = std::mem::take(&mut self.scan.from);
        self.scan.is_counting = std::mem::take(&mut self.scan.all);
        self.scan.rows = 0.0;
        self.scan.bytes = 0.0;
        self.scan.steps.clear();
        // Answers to an earlier scan say nothing any more.
        self.scan.tickets.retain(|(_, prefix, _)| [LEASE, SESSION, REQUEST, DEAD].contains(prefix));
        for (class, from) in CLASSES.into_iter().zip(from).rev() {
            let from = if self.scan.is_counting { Some(String::new()) } else { from };
            self.scan.steps.extend(from.map(|from| (class, from)));
        }
        if self.room.is_needed() {
            // What matters least is looked at first.
            self.scan.steps.reverse();
        }
        if self.scan.is_counting {
            self.scan.steps.push((VIEW, String::new()));
        }
        self.scan.steps.push((DELIVERY, String::new()));
        if self.scan.is_counting {
            self.scan.steps.push((ENDPOINT, String::new()));
        }
        self.forget_batches();
        for own in &mut self.own {
            own.is_seen = !own.is_stored;
            own.is_counted = false;
        }
        for receiver in &mut self.receivers {
            receiver.forget();
            receiver.counted = 0.0;
        }
    }

    /// Reads the next page.
    pub(super) fn read_on(&mut self) {
        if !self.scan.tickets.is_empty() || !self.may_send() {
            return;
        }
        let now = self.now.wall_ms;
        let lacks = |one: &super::Receiver| {
            let at_hand = self.queue.iter().filter(|row| row.receiver() == one.key).count();
            #[allow(clippy::cast_precision_loss)]
            let is_more = one.waiting > (at_hand + one.under_way) as f64;
            at_hand < AT_HAND && is_more && one.is_open(now)
        };
        let is_lacking = self.scan.is_counting || self.receivers.iter().any(lacks);
        if self.scan.steps.is_empty() {
            // What was passed over because enough was at hand.
            let is_next = |one: &super::Receiver| one.due_ms() <= now && lacks(one) && one.has_room(now);
            let has_room = self.underway.len() < AT_A_TIME && self.queue.is_empty();
            if self.scan.is_wanted() && has_room && self.receivers.iter().any(is_next) {
                self.begin_scan();
            }
        } else if !is_lacking && self.is_busy() {
            // Rows of other pages are in no count of ours: with nothing else to do the rest is read, too, and then the lock is free.
            return;
        }
        if let Some((prefix, after)) = self.scan.steps.pop() {
            self.read(prefix, after, page());
        }
    }

    /// Whether stored rows are at hand or under way.
    fn is_busy(&self) -> bool {
        !self.queue.is_empty() || self.underway.iter().any(|one| !one.is_memory && !one.is_left)
    }

    /// Rows were read.
    pub(super) fn rows(&mut self, ticket: u32, rows: Vec<(String, String)>) {
        let Some(place) = self.scan.tickets.iter().position(|(known, ..)| *known == ticket) else { return };
        let (_, prefix, _) = self.scan.tickets.swap_remove(place);
        match prefix {
            LEASE => return self.found_lease(rows.into_iter().next().map(|(_, value)| value)),
            SESSION | REQUEST | DEAD => return self.found_at_start(prefix, rows),
            _ => {}
        }
        if !matches!(self.hold, Hold::Held(_)) || self.is_left {
            self.scan.wants_all();
            return;
        }
        if rows.len() >= page()
            && let Some((last, _)) = rows.last()
        {
            self.scan.steps.push((prefix, last.clone()));
        }
        let mut dropped = Vec::new();
        for (key, value) in rows {
            match prefix {
                ENDPOINT => {
                    let address = Address::read(&value);
                    let receiver = key.strip_prefix(ENDPOINT).unwrap_or_default();
                    if let Some(address) = address.filter(|address| address.key() == receiver) {
                        self.receiver_at(receiver, &address);
                    }
                }
                VIEW => self.found_view(key, &value),
                DELIVERY => self.found_batch(Sealed::read(key, &value)),
                _ => {
                    #[allow(clippy::cast_precision_loss)]
                    let size = (key.len() + value.len()) as f64;
                    self.scan.rows += 1.0;
                    self.scan.bytes += size;
                    if let Some(row) = Row::read(key, &value) {
                        self.found(row, &mut dropped);
                    }
                }
            }
        }
        self.lose_for_room(dropped);
        if self.scan.is_over() {
            self.scanned();
        }
    }

    /// Everything has been read that was to be.
    fn scanned(&mut self) {
        // Others have delivered the rest.
        for own in self.own.iter().filter(|own| own.is_stored && !own.is_seen) {
            if let Some(receiver) = self.receivers.iter_mut().find(|one| one.key == own.row.receiver()) {
                receiver.waiting = (receiver.waiting - 1.0).max(0.0);
            }
        }
        self.own.retain(|own| own.is_seen || !own.is_stored);
        self.is_later_due = true;
        if std::mem::take(&mut self.scan.is_counting) {
            for receiver in &mut self.receivers {
                receiver.waiting = receiver.counted;
            }
            self.stored_rows = self.scan.rows;
            self.stored_bytes = self.scan.bytes;
            // Those that were written behind the reading's back are stored by now, and not counted.
            for own in self.own.iter().filter(|own| !own.is_counted) {
                self.stored_rows += 1.0;
                self.stored_bytes += own.row.size();
                if let Some(receiver) = self.receivers.iter_mut().find(|one| one.key == own.row.receiver()) {
                    receiver.waiting += 1.0;
                }
            }
            self.forget_empty_batches();
            self.look_for_room();
        }
    }

    /// Whether rows of a receiver are counted that this page knows nothing about any more: other pages have delivered them.
    pub(super) fn is_miscounted(&self, receiver: &super::Receiver) -> bool {
        let own = self.own.iter().map(|own| &own.row);
        let batched = self.batches.iter().flat_map(|batch| &batch.rows);
        let under_way = self.underway.iter().flat_map(|one| &one.rows);
        let mut known = own.chain(&self.queue).chain(batched).chain(under_way);
        receiver.waiting >= 1.0
            && receiver.is_allowed
            && (receiver.knows_of_none() || !self.scan.is_wanted())
            && !known.any(|row| row.receiver() == receiver.key)
    }

    /// A row is stored.
    fn found(&mut self, mut row: Row, dropped: &mut Vec<Row>) {
        if let Some(own) = self.own.iter_mut().find(|own| own.row.key == row.key) {
            own.is_seen = true;
            // Found means that it is stored, even if nobody has told yet.
            own.is_stored = true;
        }
        if self.books.deletes(&row.key) {
            return;
        }
        let now = self.now.wall_ms;
        let is_too_old = now - row.at_ms > MAX_AGE_MS;
        let Some(index) = self.receiver_place(row.receiver()) else {
            if is_too_old {
                self.lose(vec![row], "expired");
            }
            return;
        };
        let Some(receiver) = self.receivers.get_mut(index) else { return };
        receiver.counted += 1.0;
        if let Some(own) = self.own.iter_mut().find(|own| own.row.key == row.key) {
            own.is_counted = true;
        }
        if self.is_taken(&row.key) || self.batch_takes(&row) {
            return;
        }
        if row.next_ms > now + LONGEST_WAIT_MS {
            row.next_ms = 0.0;
        }
        let at_hand = self.queue.iter().filter(|one| one.receiver() == row.receiver()).count();
        let Some(receiver) = self.receivers.get_mut(index) else { return };
        if receiver.is_stopped() {
            self.bury(row, index, "gone");
        } else if is_too_old {
            self.lose(vec![row], "expired");
        } else if self.room.takes(&row) {
            dropped.push(row);
        } else if row.next_ms <= now && receiver.is_open(now) && at_hand < MOST_AT_HAND {
            self.queue.push(row);
        } else {
            self.wait(&row);
        }
    }

    /// A row goes: the count that is under way may have come by it.
    pub(super) fn uncount(&mut self, row: &Row) {
        let own = self.own.iter().find(|own| own.row.key == row.key);
        if !own.map_or_else(|| self.scan.has_passed(&row.key), |own| own.is_counted) {
            return;
        }
        self.scan.rows -= 1.0;
        self.scan.bytes -= row.size();
        if let Some(receiver) = self.receivers.iter_mut().find(|one| one.key == row.receiver()) {
            receiver.counted -= 1.0;
        }
    }

    /// Whether a row is already on its way.
    fn is_taken(&self, key: &str) -> bool {
        let under_way = self.underway.iter().flat_map(|underway| &underway.rows);
        under_way.chain(&self.queue).any(|row| row.key == key)
    }

    /// Rows that will not be sent now wait for the next scan.
    pub(super) fn drop_queue(&mut self) {
        for row in std::mem::take(&mut self.queue) {
            self.wait(&row);
        }
        if !std::mem::take(&mut self.scan.steps).is_empty() {
            self.scan.is_counting = false;
            self.scan.wants_all();
            for own in &mut self.own {
                own.is_seen = true;
            }
        }
    }

    /// A stored row waits.
    pub(super) fn wait(&mut self, row: &Row) {
        self.wait_until(row, row.next_ms);
    }

    /// A stored row waits until then: Unix time in milliseconds.
    pub(super) fn wait_until(&mut self, row: &Row, until_ms: f64) {
        if let Some(receiver) = self.receivers.iter_mut().find(|known| known.key == row.receiver()) {
            receiver.waits(until_ms, row.at_ms);
        }
        self.scan.wants(&row.key);
    }
}
