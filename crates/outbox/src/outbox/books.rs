//! What is to be written: one transaction at a time. What comes meanwhile goes into the next one.

use super::Outbox;
use crate::effect::Effect;
use crate::endpoint::{Endpoint, Minted};
use crate::input::WriteOutcome;
use crate::row::{ENDPOINT, EVENT, SESSION};
use std::rc::Rc;

/// The transaction that is being filled, and the one that is being written.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub(super) open: Changes,
    writing: Option<(u32, Changes)>,
}

/// A transaction.
#[derive(Debug, Default)]
pub(super) struct Changes {
    puts: Vec<(String, String)>,
    deletes: Vec<String>,
    pub(super) strict: bool,
    /// The session's row is among the puts: who else has changed it meanwhile?
    guard: Option<(String, Option<String>)>,
    /// What was recorded with it, to be recorded anew if it cannot be written like this.
    pub(super) records: Vec<(Minted, Rc<[Endpoint]>, Option<u32>)>,
    /// Who waits until it is complete.
    pub(super) waiters: Vec<u32>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty()
    }

    pub(super) fn put(&mut self, key: String, value: String) {
        self.deletes.retain(|known| *known != key);
        match self.puts.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = value,
            None => self.puts.push((key, value)),
        }
    }

    pub(super) fn delete(&mut self, key: String) {
        self.puts.retain(|(known, _)| *known != key);
        self.deletes.push(key);
    }

    /// Puts a row that nobody else may have changed since it was written last.
    pub(super) fn put_guarded(&mut self, key: String, value: String, last: Option<String>) {
        if self.guard.is_none() {
            self.guard = Some((key.clone(), last));
        }
        self.put(key, value);
    }
}

impl Books {
    /// Whether all is written.
    pub(super) fn are_closed(&self) -> bool {
        self.open.is_empty() && self.writing.is_none()
    }

    /// Whether a row is about to be deleted, so that it must not be sent again.
    pub(super) fn deletes(&self, key: &str) -> bool {
        let writing = self.writing.iter().flat_map(|(_, changes)| &changes.deletes);
        writing.chain(&self.open.deletes).any(|known| known == key)
    }

    /// Deletes everything, and nothing else.
    pub(super) fn purge(&mut self, ticket: u32) {
        let mut waiters = std::mem::take(&mut self.open.waiters);
        waiters.push(ticket);
        let deletes = [EVENT, ENDPOINT, SESSION, "view/", "request/", "delivery/", "dead/"];
        self.open = Changes { deletes: deletes.map(str::to_owned).into(), waiters, ..Changes::default() };
    }
}

impl Outbox {
    /// Begins the next transaction.
    pub(super) fn write(&mut self) {
        if self.books.writing.is_some() || self.books.open.is_empty() {
            return;
        }
        let ticket = self.next_ticket();
        let changes = std::mem::take(&mut self.books.open);
        self.out.push(Effect::Write {
            ticket,
            guard: changes.guard.clone(),
            puts: changes.puts.clone(),
            deletes: changes.deletes.clone(),
            strict: changes.strict,
        });
        self.books.writing = Some((ticket, changes));
    }

    /// A transaction has ended.
    pub(super) fn written(&mut self, ticket: u32, outcome: WriteOutcome) {
        let Some((_, changes)) = self.books.writing.take_if(|(known, _)| *known == ticket) else { return };
        let _ = outcome;
        for own in &mut self.own {
            own.is_stored |= changes.puts.iter().any(|(key, _)| *key == own.row.key);
        }
        for ticket in changes.waiters {
            self.settle(ticket, Ok(()));
        }
        self.leased();
    }
}
