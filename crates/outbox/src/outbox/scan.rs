//! Under the lock stored rows are read, page by page: those that are due are sent.

use super::Outbox;
use super::lock::Hold;
use crate::effect::Effect;
use crate::row::{Address, ENDPOINT, EVENT, Row};

/// Rows of one read.
const PAGE: usize = 50;
/// While more rows than this wait to be sent, no more are read.
const ENOUGH: usize = 50;

/// Where reading is.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// From where the next scan begins in each class, if something waits there.
    from: [Option<String>; 3],
    /// What is still to be read, the next one last: what keys begin with, and after which.
    steps: Vec<(&'static str, String)>,
    /// The read that is under way.
    ticket: Option<(u32, &'static str)>,
    /// Everything is to be read, whatever is known.
    all: bool,
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

    pub(super) fn is_over(&self) -> bool {
        self.steps.is_empty() && self.ticket.is_none()
    }
}

impl Outbox {
    /// Begins to read what waits.
    pub(super) fn begin_scan(&mut self) {
        let from = std::mem::take(&mut self.scan.from);
        self.scan.steps.clear();
        if std::mem::take(&mut self.scan.all) {
            self.scan.steps.push((EVENT, String::new()));
            self.scan.steps.push((ENDPOINT, String::new()));
        } else {
            for (class, from) in CLASSES.into_iter().zip(from).rev() {
                self.scan.steps.extend(from.map(|from| (class, from)));
            }
        }
        for own in &mut self.own {
            own.is_seen = !own.is_stored;
        }
        for receiver in &mut self.receivers {
            receiver.forget();
        }
    }

    /// Reads the next page.
    pub(super) fn read_on(&mut self) {
        if self.scan.ticket.is_some() || self.queue.len() >= ENOUGH || !self.may_send() {
            return;
        }
        let Some((prefix, after)) = self.scan.steps.pop() else { return };
        let ticket = self.next_ticket();
        self.scan.ticket = Some((ticket, prefix));
        self.out.push(Effect::Read { ticket, prefix, after, limit: PAGE });
    }

    /// Rows were read.
    pub(super) fn rows(&mut self, ticket: u32, rows: Vec<(String, String)>) {
        let Some((_, prefix)) = self.scan.ticket.take_if(|(known, _)| *known == ticket) else { return };
        if !matches!(self.hold, Hold::Held(_)) {
            return;
        }
        if rows.len() >= PAGE
            && let Some((last, _)) = rows.last()
        {
            self.scan.steps.push((prefix, last.clone()));
        }
        for (key, value) in rows {
            if let Some(receiver) = key.strip_prefix(ENDPOINT) {
                let address = Address::read(&value).filter(|address| address.key() == receiver);
                if !self.receivers.iter().any(|known| known.key == receiver) {
                    self.receiver_at(receiver.to_owned(), address.as_ref());
                }
            } else if let Some(row) = Row::read(key, &value) {
                self.found(row);
            }
        }
        if self.scan.is_over() {
            // Others have delivered the rest.
            self.own.retain(|own| own.is_seen);
        }
    }

    /// A row is stored.
    fn found(&mut self, row: Row) {
        if let Some(own) = self.own.iter_mut().find(|own| own.row.key == row.key) {
            own.is_seen = true;
        }
        if self.books.deletes(&row.key) || self.is_taken(&row.key) {
            return;
        }
        let now = self.now.wall_ms;
        let Some(receiver) = self.receivers.iter_mut().find(|known| known.key == row.receiver()) else {
            return;
        };
        if row.next_ms <= now && receiver.until_ms <= now {
            self.queue.push(row);
        } else {
            receiver.waits(row.next_ms);
            self.scan.wants(&row.key);
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
        for (prefix, after) in std::mem::take(&mut self.scan.steps) {
            if prefix == EVENT || after.is_empty() {
                self.scan.all = true;
            } else {
                self.scan.wants(&[&*after, "/"].concat());
            }
        }
    }

    /// A stored row waits.
    pub(super) fn wait(&mut self, row: &Row) {
        if let Some(receiver) = self.receivers.iter_mut().find(|known| known.key == row.receiver()) {
            receiver.waits(row.next_ms);
        }
        self.scan.wants(&row.key);
    }
}
