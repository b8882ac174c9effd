//! An event becomes rows, one for each receiver, numbered and stored in one transaction.

use super::{Outbox, Own, Receiver};
use crate::endpoint::{Endpoint, Minted};
use crate::input::Setup;
use crate::row::{Address, ENDPOINT, Fields, Row, SESSION};
use cuehook_protocol::format::has_body;
use cuehook_protocol::{Event, EventSession, Priority, rfc3339, subscribes};
use std::rc::Rc;

/// Milliseconds for which events wait for company; leads and answers do not.
const LINGER_MS: f64 = 250.0;

/// What numbers events.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: String,
    started_ms: f64,
    /// The last number of each receiver.
    numbers: Vec<(String, f64)>,
    /// What is stored of it.
    stored: Option<String>,
}

impl Session {
    pub(super) fn new(setup: &Setup) -> Self {
        Self { id: setup.session.clone(), started_ms: setup.started_ms, numbers: Vec::new(), stored: None }
    }

    /// The next number for a receiver.
    fn number(&mut self, receiver: &str) -> f64 {
        if let Some((_, last)) = self.numbers.iter_mut().find(|(known, _)| known == receiver) {
            *last += 1.0;
            return *last;
        }
        self.numbers.push((receiver.to_owned(), 1.0));
        1.0
    }

    fn value(&self, now: f64) -> String {
        let mut fields = Fields::new();
        fields.number(self.started_ms);
        fields.number(now);
        for (receiver, last) in &self.numbers {
            fields.text(receiver);
            fields.number(*last);
        }
        fields.done()
    }
}

impl Outbox {
    /// Stores an event for all that subscribe to it.
    pub(super) fn record(&mut self, event: Minted, endpoints: Rc<[Endpoint]>, ticket: Option<u32>) {
        let priority = Priority::of(&event.kind);
        for endpoint in &*endpoints {
            let is_wanted = endpoint.events.iter().any(|pattern| subscribes(pattern, &event.kind));
            if is_wanted && has_body(endpoint.format, &event.kind) {
                self.record_for(&event, endpoint, priority);
            }
        }
        if let Some((view, record)) = &event.kept_view {
            self.keep_view(view, record.clone());
        }
        self.books.open.strict |= priority == Priority::Lead;
        self.books.open.waiters.extend(ticket);
        self.books.open.records.push((event, endpoints, ticket));
    }

    fn record_for(&mut self, event: &Minted, endpoint: &Endpoint, priority: Priority) {
        let index = self.receiver_of(endpoint);
        let Some(receiver) = self.receivers.get_mut(index) else { return };
        let seq = self.session.number(&receiver.key);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let text = Event {
            kind: &event.kind,
            id: &event.id,
            timestamp: &rfc3339(event.at_ms),
            video: &event.video,
            session: EventSession {
                id: &self.session.id,
                started_at: &rfc3339(self.session.started_ms),
                seq: seq as u64,
                page: endpoint.page.as_deref(),
            },
            view: &event.view,
            viewer: event.viewer.as_deref(),
            more: &event.more,
        }
        .to_text();
        let sign = match priority {
            Priority::Lead => '0',
            Priority::Interaction => '1',
            Priority::Progress => '2',
        };
        let row = Row {
            key: Row::key(sign, &event.id, &receiver.key),
            session: self.session.id.clone(),
            seq,
            at_ms: event.at_ms,
            kind: event.kind.clone(),
            attempts: 0.0,
            refusals: 0.0,
            next_ms: 0.0,
            body: text,
        };
        let linger = if priority == Priority::Lead { 0.0 } else { LINGER_MS };
        receiver.waits(self.now.wall_ms + linger);
        self.scan.wants(&row.key);
        let value = self.session.value(self.now.wall_ms);
        let last = self.session.stored.replace(value.clone());
        let key = [SESSION, &self.session.id].concat();
        self.books.open.put_guarded(key, value, last);
        self.books.open.put(row.key.clone(), row.value());
        self.own.push(Own { row, is_stored: false, is_seen: false });
    }

    /// The receiver that an endpoint is; its address is stored when it is new or has changed.
    fn receiver_of(&mut self, endpoint: &Endpoint) -> usize {
        let address = Address {
            webhook: endpoint.webhook.clone(),
            url: endpoint.url.clone(),
            headers: endpoint.headers.clone(),
            simple: endpoint.simple,
            batch: endpoint.batch,
            format: endpoint.format,
        };
        let index = self.receiver_at(address.key(), Some(&address));
        if let Some(receiver) = self.receivers.get_mut(index)
            && !receiver.is_stored
        {
            receiver.is_stored = true;
            self.books.open.put([ENDPOINT, &receiver.key].concat(), address.value());
        }
        index
    }

    pub(super) fn receiver_at(&mut self, key: String, address: Option<&Address>) -> usize {
        let known = self.receivers.iter().position(|receiver| receiver.key == key);
        let index = known.unwrap_or(self.receivers.len());
        if let (None, Some(address)) = (known, address) {
            self.receivers.push(Receiver::new(key, address.clone()));
        }
        if let (Some(receiver), Some(address)) = (self.receivers.get_mut(index), address)
            && receiver.address != *address
        {
            receiver.address = address.clone();
            receiver.is_stored = false;
        }
        index
    }

    /// Keeps what is known of a view, or forgets it.
    pub(super) fn keep_view(&mut self, view: &str, record: Option<String>) {
        let key = ["view/", view].concat();
        match record {
            Some(record) => {
                let mut fields = Fields::new();
                fields.text(&self.session.id);
                fields.text(&record);
                self.books.open.put(key, fields.done());
            }
            None => self.books.open.delete(key),
        }
    }
}
