//! The store is open, or stays closed: what an earlier load has left is taken up.

use super::Outbox;
use crate::effect::{Effect, ReportState};
use crate::input::Storage;
use crate::row::{DEAD, Fields, REQUEST, SESSION, fields, number};

/// Sessions of which nothing was heard for 7 days are over, even if their tab is open.
const SESSION_MS: f64 = 604_800_000.0;
/// A request that is older than a day is not asked for again: nobody waits for it.
pub(super) const REQUEST_MS: f64 = 86_400_000.0;
/// Rows of the past that are read when a page is opened.
const PAST: usize = 500;

impl Outbox {
    pub(super) fn opened(&mut self, storage: Storage) {
        let before = self.storage.replace(storage);
        if before == Some(storage) {
            return;
        }
        if storage == Storage::Volatile {
            // Nobody can say how far the numbers had come, and none that is given now is stored.
            if before == Some(Storage::Durable) || self.setup.is_resumed && !self.is_ready {
                self.begin_session();
            }
            for own in &mut self.own {
                own.is_stored = false;
            }
            self.drop_queue();
            self.let_go();
        } else {
            for receiver in &mut self.receivers {
                receiver.is_stored = false;
            }
            self.store_memory();
            self.scan.wants_all();
            self.read(SESSION, String::new(), PAST);
            if before.is_none() {
                self.read(REQUEST, String::new(), PAST);
            }
            self.read(DEAD, String::new(), PAST);
        }
        // A new session has no numbers that would have to be read.
        if storage == Storage::Volatile || !self.setup.is_resumed {
            self.is_ready = true;
            self.take_early();
        }
    }

    /// What is in memory alone is stored.
    fn store_memory(&mut self) {
        for place in 0..self.own.len() {
            if let Some(own) = self.own.get_mut(place) {
                own.is_stored = false;
                let row = own.row.clone();
                if let Some(index) = self.receiver_place(row.receiver()) {
                    self.store_receiver(index);
                }
                self.books.open.numbers = true;
                self.books.open.put(row.key.clone(), row.value());
            }
        }
    }

    pub(super) fn take_early(&mut self) {
        for input in std::mem::take(&mut self.early) {
            self.take(input);
        }
    }

    pub(super) fn found_at_start(&mut self, prefix: &'static str, rows: Vec<(String, String)>) {
        match prefix {
            SESSION => self.found_sessions(rows),
            REQUEST => self.found_requests(rows),
            _ => self.found_dead(rows),
        }
    }

    fn found_sessions(&mut self, rows: Vec<(String, String)>) {
        let now = self.now.wall_ms;
        for (key, value) in rows {
            if key.strip_prefix(SESSION) == Some(&self.session.id) {
                if !self.is_ready {
                    let _ = self.session.resume(&value);
                }
                continue;
            }
            let heard_ms = fields(&value, 2).and_then(|mut fields| number(fields.next()));
            if heard_ms.is_some_and(|heard_ms| now - heard_ms > SESSION_MS) {
                self.books.open.delete(key);
            }
        }
        if !self.is_ready {
            self.is_ready = true;
            if self.session.stored.is_none() {
                self.begin_session();
            }
            self.take_early();
        }
    }

    /// Keeps a request, so that it can be asked for again after a reload.
    pub(super) fn keep_request(&mut self, request: &str, record: &str, ticket: u32) {
        let mut fields = Fields::new();
        fields.text(&self.first_session);
        fields.number(self.now.wall_ms);
        fields.text(record);
        self.books.open.put([REQUEST, request].concat(), fields.done());
        self.books.open.waiters.push(ticket);
    }

    fn found_requests(&mut self, rows: Vec<(String, String)>) {
        for (key, value) in rows {
            let Some(mut fields) = fields(&value, 3) else { continue };
            let is_ours = fields.next() == Some(&self.first_session) && self.setup.is_resumed;
            let Some(kept_ms) = number(fields.next()) else { continue };
            if self.now.wall_ms - kept_ms > REQUEST_MS {
                let request = key.strip_prefix(REQUEST).unwrap_or_default().to_owned();
                let mut report = self.report(ReportState::Lost, None, vec![request]);
                report.reason = Some("expired");
                self.out.push(Effect::Report(report));
                self.books.open.delete(key);
            } else if is_ours && let Some(record) = fields.next() {
                self.out.push(Effect::Restore(record.to_owned()));
            }
        }
    }
}
