//! The session numbers events: 1, 2, 3… for each receiver.

use super::Outbox;
use crate::effect::Effect;
use crate::input::Setup;
use crate::row::{Fields, fields, number};

/// What numbers events.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) started_ms: f64,
    /// The last number of each receiver.
    numbers: Vec<(String, f64)>,
    /// What is stored of it, or is being stored.
    pub(super) stored: Option<String>,
    /// What is stored of it for certain.
    pub(super) durable: Option<String>,
}

impl Session {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            id: setup.session.clone(),
            started_ms: setup.started_ms,
            numbers: Vec::new(),
            stored: None,
            durable: None,
        }
    }

    /// The next number for a receiver.
    pub(super) fn number(&mut self, receiver: &str) -> f64 {
        if let Some((_, last)) = self.numbers.iter_mut().find(|(known, _)| known == receiver) {
            *last += 1.0;
            return *last;
        }
        self.numbers.push((receiver.to_owned(), 1.0));
        1.0
    }

    /// What is stored of it: also when that was, so that others can tell when it is of no more use.
    pub(super) fn value(&self, now: f64) -> String {
        let mut fields = Fields::new();
        fields.number(now);
        fields.number(self.started_ms);
        for (receiver, last) in &self.numbers {
            fields.text(receiver);
            fields.number(*last);
        }
        fields.done()
    }

    /// Goes on with what is stored.
    pub(super) fn resume(&mut self, value: &str) -> Option<()> {
        let mut fields = fields(value, usize::MAX - 1)?.skip(1);
        let started_ms = number(fields.next())?;
        let mut numbers = Vec::new();
        while let Some(receiver) = fields.next() {
            numbers.push((receiver.to_owned(), number(fields.next())?));
        }
        self.started_ms = started_ms;
        self.numbers = numbers;
        self.stored = Some(value.to_owned());
        self.durable = self.stored.clone();
        Some(())
    }
}

impl Outbox {
    /// Begins another session: the numbers of this one are not known, or somebody else gives them.
    pub(super) fn begin_session(&mut self) {
        let id = self.chance.uuid(self.now.wall_ms);
        self.setup.session.clone_from(&id);
        self.setup.started_ms = self.now.wall_ms;
        self.session = Session::new(&self.setup);
        self.out.push(Effect::Session(id));
        // With the last one all else may have been deleted.
        for place in 0..self.receivers.len() {
            if let Some(receiver) = self.receivers.get_mut(place)
                && std::mem::take(&mut receiver.is_stored)
            {
                self.store_receiver(place);
            }
        }
    }

    /// Numbers were sent that may never be stored: after a reload they would be given once more.
    pub(super) fn leave_session(&mut self) {
        if self.session.stored.is_some() {
            self.begin_session();
        }
    }
}
