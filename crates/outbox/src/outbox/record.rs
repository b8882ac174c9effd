//! An event becomes rows, one for each receiver, numbered and stored in one transaction.

use super::{Outbox, Own, Receiver};
use crate::endpoint::{Endpoint, Minted};
use crate::input::Storage;
use crate::row::{Address, ENDPOINT, Row};
use cuehook_json::View;
use cuehook_protocol::{Event, EventSession, Format, Priority, format, rfc3339};
use std::rc::Rc;

/// Milliseconds for which events wait for company; leads and answers do not.
pub(super) const LINGER_MS: f64 = 250.0;
/// So many rows are stored at most…
pub(super) const MAX_ROWS: f64 = 5_000.0;
/// …with so many bytes…
pub(super) const MAX_BYTES: f64 = 8.0 * 1024.0 * 1024.0;
/// …of which the last ones are for leads and answers.
pub(super) const RESERVED_BYTES: f64 = 256.0 * 1024.0;
/// Of events made on this page that are stored so many are at hand, too, for when it is left.
const AT_HAND: usize = 100;

impl Outbox {
    /// Stores an event for all that subscribe to it.
    pub(super) fn record(&mut self, mut event: Minted, endpoints: Rc<Vec<Endpoint>>, ticket: Option<u32>) {
        let priority = Priority::of(&event.kind);
        self.kept(&mut event, &endpoints);
        for endpoint in &*endpoints {
            if let Some(more) = event.more_for(endpoint) {
                self.record_for(&event, more, endpoint, priority);
            }
        }
        self.books.open.strict |= priority == Priority::Lead;
        self.books.open.records.push((event, endpoints, ticket));
    }

    fn record_for(&mut self, event: &Minted, more: &str, endpoint: &Endpoint, priority: Priority) {
        let index = self.receiver_of(endpoint);
        let Some(receiver) = self.receivers.get_mut(index).filter(|receiver| !receiver.is_stopped()) else {
            return;
        };
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
            more,
        }
        .to_text();
        let sign = match priority {
            Priority::Lead => '0',
            Priority::Interaction => '1',
            Priority::Progress => '2',
        };
        let next_ms = self.now.wall_ms + linger_ms(priority == Priority::Lead);
        let row = Row {
            key: Row::key(sign, &event.id, &receiver.key),
            session: self.session.id.clone(),
            seq,
            at_ms: event.at_ms,
            kind: event.kind.clone(),
            attempts: 0.0,
            refusals: 0.0,
            next_ms: if self.storage == Some(Storage::Durable) { 0.0 } else { next_ms },
            body: formatted(endpoint.format, text),
        };
        receiver.waits(next_ms, row.at_ms);
        receiver.waiting += 1.0;
        self.scan.wants(&row.key);
        self.books.open.numbers = true;
        self.put(&row);
        self.own.push(Own { row, is_stored: false, is_seen: true, is_counted: false, is_sent: false });
        self.is_later_due = true;
        self.bound_memory();
        self.bound_at_hand();
    }

    /// Stores a row as soon as there is room.
    fn put(&mut self, row: &Row) {
        self.books.open.put(row.key.clone(), row.value());
        self.stored_rows += 1.0;
        self.stored_bytes += row.size();
        let limit = if row.is_lead() { MAX_BYTES } else { MAX_BYTES - RESERVED_BYTES };
        if self.stored_rows > MAX_ROWS || self.stored_bytes > limit {
            // What is really there is seen, and made room in, under the lock.
            self.scan.wants_all();
        }
    }

    /// The receiver that an endpoint is; its address is stored when it is new or has changed.
    pub(super) fn receiver_of(&mut self, endpoint: &Endpoint) -> usize {
        let address = Address {
            webhook: endpoint.webhook.clone(),
            url: endpoint.url.clone(),
            headers: endpoint.headers.clone(),
            simple: endpoint.simple,
            relay: endpoint.relay,
            batch: endpoint.batch,
            format: endpoint.format,
        };
        let key = address.key();
        let index = self.receiver_at(&key, &address);
        if let Some(receiver) = self.receivers.get_mut(index)
            && receiver.address != address
        {
            receiver.address = address;
            receiver.is_stored = false;
        }
        self.store_receiver(index);
        index
    }

    /// Stores the address of a receiver, unless it is.
    pub(super) fn store_receiver(&mut self, index: usize) {
        if let Some(receiver) = self.receivers.get_mut(index)
            && !std::mem::replace(&mut receiver.is_stored, true)
        {
            self.books.open.put([ENDPOINT, &receiver.key].concat(), receiver.address.value());
        }
    }

    /// The place of a receiver, which may be new.
    pub(super) fn receiver_at(&mut self, key: &str, address: &Address) -> usize {
        if let Some(index) = self.receiver_place(key) {
            return index;
        }
        let origin = origin(&address.url);
        let is_allowed = self.may_send_to(address);
        let is_at_home = origin == self.setup.origin;
        self.receivers.push(Receiver::new(key.to_owned(), address.clone(), is_allowed, is_at_home));
        self.receivers.len() - 1
    }

    /// The origins that this page may send to are these from now on, as [`Setup::allow_origins`](crate::Setup::allow_origins)
    /// says it; and so are its relays.
    pub fn allow(&mut self, origins: Option<Vec<String>>, relays: Vec<String>) {
        self.setup.allow_origins = origins;
        self.setup.relays = relays;
        for place in 0..self.receivers.len() {
            let is_allowed = self.receivers.get(place).is_some_and(|known| self.may_send_to(&known.address));
            if let Some(receiver) = self.receivers.get_mut(place)
                && std::mem::replace(&mut receiver.is_allowed, is_allowed) != is_allowed
            {
                self.scan.wants_all();
            }
        }
    }

    fn may_send_to(&self, address: &Address) -> bool {
        let origin = origin(&address.url);
        // Only pages that name a relay have tokens for it.
        (!address.relay || self.setup.relays.contains(&address.url))
            && self.setup.allow_origins.as_ref().is_none_or(|all| all.iter().any(|one| one == origin))
    }

    pub(super) fn receiver_place(&self, key: &str) -> Option<usize> {
        self.receivers.iter().position(|receiver| receiver.key == key)
    }

    /// Stored rows of this page need not all be at hand: they are read again. While rows are counted those that the reading has
    /// passed are known from here alone.
    fn bound_at_hand(&mut self) {
        if !self.scan.is_counting()
            && self.own.iter().filter(|own| own.is_stored).count() > AT_HAND
            && let Some(place) = self.own.iter().position(|own| own.is_stored)
        {
            self.own.remove(place);
        }
    }
}

/// For how long a row waits for company, in milliseconds.
pub(super) fn linger_ms(is_lead: bool) -> f64 {
    if is_lead { 0.0 } else { LINGER_MS }
}

/// `https://shop.example/path` up to the third slash.
fn origin(url: &str) -> &str {
    let end = url.match_indices('/').nth(2).map_or(url.len(), |(place, _)| place);
    url.get(..end).unwrap_or_default()
}

/// The event as a receiver's format has it.
fn formatted(format: Format, text: String) -> String {
    if format == Format::Cuehook {
        return text;
    }
    View::of(&text).and_then(|event| format::body(format, event)).unwrap_or(text)
}
