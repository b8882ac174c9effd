//! Rows become deliveries.

use super::Outbox;
use crate::effect::{Delivery, Effect, Token};
use crate::input::Storage;
use crate::row::Row;
use cuehook_protocol::format::content_type;
use cuehook_protocol::request_headers;

/// Deliveries under way at a time.
pub(super) const AT_A_TIME: usize = 6;
/// Milliseconds until a delivery is given up, the body of the response included.
pub(super) const TIMEOUT_MS: f64 = 15_000.0;
/// Browsers carry 64 KiB when a page is left; the runtime's requests need some, too.
pub(super) const KEEPALIVE_BYTES: usize = 48 * 1024;
/// Requests that may go on when the page is left.
pub(super) const KEEPALIVE_REQUESTS: usize = 8;

/// A delivery that was begun.
#[derive(Clone, Debug)]
pub(super) struct Underway {
    pub(super) number: u32,
    /// The receiver's place.
    pub(super) receiver: usize,
    pub(super) rows: Vec<Row>,
    /// Key of the batch, if it is one.
    pub(super) batch: Option<String>,
    pub(super) keepalive: bool,
    /// Of a row that is not stored.
    pub(super) is_memory: bool,
    /// Sent while the page was being left: only an acknowledgement counts.
    pub(super) is_left: bool,
    /// A fresh token was asked for.
    pub(super) is_renewed: bool,
    /// What is sent.
    pub(super) body: String,
}

impl Outbox {
    /// Sends what can be sent.
    pub(super) fn send(&mut self) {
        let now = self.now.wall_ms;
        if self.is_left || now < self.not_before_ms {
            return;
        }
        self.send_from_memory();
        if !self.may_send() {
            return;
        }
        self.send_batches();
        let mut place = 0;
        while self.underway.len() < AT_A_TIME && place < self.queue.len() {
            let receiver = self.queue.get(place).and_then(|row| self.receiver_place(row.receiver()));
            let index = receiver.unwrap_or_default();
            let has_room = self.receivers.get(index).is_some_and(|known| known.has_room(now));
            if !has_room {
                let is_open = self.receivers.get(index).is_some_and(|known| known.is_open(now));
                if is_open {
                    place += 1;
                } else {
                    let row = self.queue.remove(place);
                    self.wait(&row);
                }
            } else if !self.seal_from_queue(place, index) {
                let row = self.queue.remove(place);
                self.send_row(row, index, false, false);
            }
        }
    }

    /// Whether nothing can be stored, so that events are sent from memory.
    pub(super) fn is_volatile(&self) -> bool {
        self.storage != Some(Storage::Durable) || self.books.failures > 0
    }

    /// Whether a row that is not stored may be sent from memory now.
    fn is_ready(&self, row: &Row) -> bool {
        row.next_ms <= self.now.wall_ms
            && !self.books.writes(&row.key)
            && !self.underway.iter().any(|one| one.rows.iter().any(|known| known.key == row.key))
    }

    /// When the next row that is not stored is due.
    pub(super) fn memory_due_ms(&self) -> f64 {
        if !self.is_volatile() {
            return f64::INFINITY;
        }
        let due_ms = |own: &super::Own| {
            let until_ms =
                self.receiver_place(own.row.receiver()).and_then(|place| self.receivers.get(place));
            let until_ms = until_ms.filter(|one| one.is_allowed).map_or(f64::INFINITY, |one| one.until_ms);
            until_ms.max(own.row.next_ms).max(self.not_before_ms)
        };
        let rows = self.own.iter().filter(|own| !own.is_stored).map(due_ms);
        rows.filter(|at| *at > self.now.wall_ms).fold(f64::INFINITY, f64::min)
    }

    /// Whether something could be sent from memory now, if there was room.
    pub(super) fn is_memory_due(&self) -> bool {
        self.is_volatile() && self.own.iter().any(|own| !own.is_stored && self.is_ready(&own.row))
    }

    fn send_from_memory(&mut self) {
        if !self.is_volatile() {
            return;
        }
        let mut waiting: Vec<Row> = self
            .own
            .iter()
            .filter(|own| !own.is_stored && self.is_ready(&own.row))
            .map(|own| own.row.clone())
            .collect();
        // Leads first.
        while self.underway.len() < AT_A_TIME
            && let Some(place) = waiting.iter().position(Row::is_lead).or((!waiting.is_empty()).then_some(0))
        {
            let row = waiting.remove(place);
            let Some(index) = self.receiver_place(row.receiver()) else { continue };
            let Some(receiver) = self.receivers.get_mut(index) else { continue };
            if receiver.is_stopped() {
                self.bury(row, index, "gone");
            } else if receiver.has_room(self.now.wall_ms) {
                self.leave_session();
                self.send_row(row, index, true, false);
            } else {
                receiver.waits(row.next_ms, row.at_ms);
            }
        }
    }

    fn send_batches(&mut self) {
        let mut place = 0;
        while self.underway.len() < AT_A_TIME
            && let Some(batch) = self.batches.get_mut(place)
        {
            place += 1;
            let now = self.now.wall_ms;
            let index = self.receivers.iter().position(|one| one.key == batch.sealed.receiver);
            let receiver = index.and_then(|index| self.receivers.get(index));
            let is_complete = batch.rows.len() == batch.sealed.keys.split(' ').count() || self.scan.is_over();
            let is_due =
                batch.sealed.next_ms <= now || batch.sealed.next_ms > now + super::scan::LONGEST_WAIT_MS;
            if let (Some(index), Some(receiver)) = (index, receiver)
                && !batch.is_taken
                && is_complete
                && !batch.rows.is_empty()
                && is_due
                && receiver.has_room(now)
            {
                batch.is_taken = true;
                let underway = Underway {
                    number: 0,
                    receiver: index,
                    rows: batch.rows.clone(),
                    batch: Some(batch.sealed.key.clone()),
                    keepalive: true,
                    is_memory: false,
                    is_left: false,
                    is_renewed: false,
                    body: batch.sealed.body.clone(),
                };
                self.begin(underway);
            }
        }
    }

    pub(super) fn send_row(&mut self, row: Row, receiver: usize, is_memory: bool, is_left: bool) {
        if let Some(own) = self.own.iter_mut().find(|own| own.row.key == row.key) {
            own.is_sent = true;
        }
        let body = row.body.clone();
        let rows = vec![row];
        self.begin(Underway {
            number: 0,
            receiver,
            rows,
            batch: None,
            keepalive: true,
            is_memory,
            is_left,
            is_renewed: false,
            body,
        });
    }

    /// Whether a body fits into what browsers carry when a page is left.
    pub(super) fn is_carried(&self, size: usize) -> bool {
        let carried = || self.underway.iter().filter(|one| one.keepalive);
        let bytes: usize = carried().map(|one| one.body.len()).sum();
        self.setup.keepalive && bytes + size <= KEEPALIVE_BYTES && carried().count() < KEEPALIVE_REQUESTS
    }

    /// Sends a delivery, with `keepalive` if that is wanted and there is room for it.
    pub(super) fn begin(&mut self, mut underway: Underway) {
        underway.number = self.next_ticket();
        underway.keepalive = underway.keepalive && self.is_carried(underway.body.len());
        let delivery = self.delivery(&underway);
        if let (Some(delivery), Some(receiver)) = (delivery, self.receivers.get_mut(underway.receiver)) {
            receiver.under_way += 1;
            self.out.push(Effect::Send(delivery));
            self.underway.push(underway);
        }
    }

    /// The request of a delivery.
    fn delivery(&self, underway: &Underway) -> Option<Delivery> {
        let id = match &underway.batch {
            Some(key) => key.rsplit('/').next()?,
            None => underway.rows.first()?.id(),
        };
        let (url, headers) = self.head(underway.receiver, id, underway.batch.is_some(), underway.is_left)?;
        Some(Delivery {
            number: underway.number,
            url,
            headers,
            body: underway.body.clone(),
            token: match self.receivers.get(underway.receiver)?.address.relay {
                false => Token::None,
                true if underway.is_renewed => Token::Fresh,
                true => Token::Known,
            },
            keepalive: underway.keepalive,
            timeout_ms: TIMEOUT_MS,
        })
    }

    /// URL and header fields of a delivery. When the page is left there is no time for the preflight of a relay.
    pub(super) fn head(
        &self,
        receiver: usize,
        id: &str,
        is_batch: bool,
        is_left: bool,
    ) -> Option<(String, Vec<(String, String)>)> {
        let address = &self.receivers.get(receiver)?.address;
        // The project's take precedence.
        let mut added = address.format.headers().to_vec();
        added.extend(address.headers.iter().map(|(name, value)| (&**name, &**value)));
        let simple = address.simple || (address.relay && is_left);
        let mut headers = request_headers(simple, id, self.now.wall_ms, &added);
        if let (false, Some((_, value))) = (simple, headers.first_mut()) {
            content_type(address.format, is_batch).clone_into(value);
        }
        Some((address.url.clone(), headers))
    }

    /// A delivery that was begun is not counted: its rows wait.
    pub(super) fn give_back(&mut self, underway: Underway) {
        if let Some(receiver) = self.receivers.get_mut(underway.receiver) {
            receiver.under_way -= 1;
        }
        self.end_attempt(&underway);
        for row in &underway.rows {
            self.wait(row);
        }
    }
}
