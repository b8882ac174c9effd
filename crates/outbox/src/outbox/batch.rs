//! Several events in one request: sealed in storage before the first attempt, so that each attempt has the same id and the
//! same bytes, also on a later visit.

use super::Outbox;
use super::books::Changes;
use crate::row::{DELIVERY, Row, Sealed};
use cuehook_protocol::{format, rfc3339};

/// Bytes of a batch; a single event may have more.
pub(super) const MAX_BATCH: usize = 16 * 1024;

/// A batch that this page knows.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) sealed: Sealed,
    /// Its events, as far as they were read.
    pub(super) rows: Vec<Row>,
    /// It is stored; before that it is not sent.
    pub(super) is_stored: bool,
    /// It is on its way, or about to be.
    pub(super) is_taken: bool,
}

impl Outbox {
    /// Batches are read anew.
    pub(super) fn forget_batches(&mut self) {
        self.batches.retain(|batch| batch.is_taken);
    }

    /// A batch is stored.
    pub(super) fn found_batch(&mut self, sealed: Option<Sealed>) {
        let Some(sealed) = sealed else { return };
        let is_known = self.batches.iter().any(|batch| batch.sealed.key == sealed.key);
        if !is_known && !self.books.deletes(&sealed.key) {
            for key in sealed.keys.split(' ') {
                self.scan.wants(key);
            }
            self.batches.push(Batch { sealed, rows: Vec::new(), is_stored: true, is_taken: false });
        }
    }

    /// Takes a row that was read into the batch that it is in.
    pub(super) fn batch_takes(&mut self, row: &Row) -> bool {
        let Some(batch) = self.batches.iter_mut().find(|batch| batch.sealed.holds(&row.key)) else {
            return false;
        };
        if batch.is_taken {
            return true;
        }
        if !batch.rows.iter().any(|known| known.key == row.key) {
            batch.rows.push(row.clone());
        }
        let next_ms = batch.sealed.next_ms;
        if let Some(receiver) = self.receivers.iter_mut().find(|one| one.key == row.receiver()) {
            receiver.waits(next_ms, row.at_ms);
        }
        self.scan.wants(&row.key);
        true
    }

    /// Batches without events are of no use: nothing of them was found by a scan that went through everything.
    pub(super) fn forget_empty_batches(&mut self) {
        let is_empty = |batch: &Batch| batch.rows.is_empty() && !batch.is_taken;
        while let Some(place) = self.batches.iter().position(is_empty) {
            let batch = self.batches.swap_remove(place);
            self.books.open.delete(batch.sealed.key);
        }
    }

    /// Seals the events of a receiver that are at hand; the first is at `place` of the queue. A single one needs no seal.
    pub(super) fn seal_from_queue(&mut self, place: usize, receiver: usize) -> bool {
        let Some(one) = self.receivers.get(receiver).filter(|one| one.most_in_batch > 1) else {
            return false;
        };
        let mut size = 0;
        let mut places = Vec::new();
        for (place, row) in self.queue.iter().enumerate().skip(place) {
            if row.receiver() == one.key {
                size += row.body.len();
                if places.len() == one.most_in_batch || (size > MAX_BATCH && !places.is_empty()) {
                    break;
                }
                places.push(place);
            }
        }
        if places.len() < 2 {
            return false;
        }
        let mut rows: Vec<Row> = places.into_iter().rev().map(|place| self.queue.remove(place)).collect();
        rows.reverse();
        match self.seal(rows, receiver) {
            Ok(()) => true,
            Err(rows) => {
                // Its format has no batches.
                if let Some(one) = self.receivers.get_mut(receiver) {
                    one.most_in_batch = 1;
                }
                for row in rows.into_iter().rev() {
                    self.queue.insert(place, row);
                }
                false
            }
        }
    }

    /// Seals events; gives them back if the format cannot be batched.
    pub(super) fn seal(&mut self, rows: Vec<Row>, index: usize) -> Result<(), Vec<Row>> {
        let Some(receiver) = self.receivers.get_mut(index) else { return Err(rows) };
        let id = self.chance.uuid(self.now.wall_ms);
        let bodies: Vec<&str> = rows.iter().map(|row| &*row.body).collect();
        let made = format::batch(receiver.address.format, &id, &rfc3339(self.now.wall_ms), &bodies);
        let Some(body) = made else { return Err(rows) };
        let keys: Vec<&str> = rows.iter().map(|row| &*row.key).collect();
        let sealed = Sealed {
            key: [DELIVERY, &id].concat(),
            receiver: receiver.key.clone(),
            attempts: 0.0,
            refusals: 0.0,
            next_ms: 0.0,
            keys: keys.join(" "),
            body,
        };
        receiver.under_way += 1;
        self.books.open.put(sealed.key.clone(), sealed.value());
        self.batches.push(Batch { sealed, rows, is_stored: false, is_taken: true });
        Ok(())
    }

    /// A transaction is complete: what it has sealed can be sent.
    pub(super) fn is_sealed(&mut self, changes: &Changes) {
        for batch in &mut self.batches {
            if !batch.is_stored && changes.puts(&batch.sealed.key) {
                batch.is_stored = true;
                batch.is_taken = false;
                if let Some(receiver) = self.receivers.iter_mut().find(|one| one.key == batch.sealed.receiver)
                {
                    receiver.under_way -= 1;
                    receiver.waits(0.0, f64::INFINITY);
                }
                for row in &batch.rows {
                    self.scan.wants(&row.key);
                }
            }
        }
    }

    /// What could not be sealed, or is not to be sent any more, is sent event by event later.
    pub(super) fn unseal(&mut self) {
        while let Some(place) = self.batches.iter().position(|batch| !batch.is_stored) {
            let batch = self.batches.swap_remove(place);
            if self.books.writes(&batch.sealed.key) {
                // It will have been stored.
                self.books.open.delete(batch.sealed.key.clone());
            } else {
                self.books.open.forget(&batch.sealed.key);
            }
            if let Some(receiver) = self.receivers.iter_mut().find(|one| one.key == batch.sealed.receiver) {
                receiver.under_way -= 1;
                if self.books.failures > 0 {
                    receiver.most_in_batch = 1;
                }
            }
            for row in &batch.rows {
                self.wait(row);
            }
        }
    }
}
