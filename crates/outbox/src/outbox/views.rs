//! Views that have not ended are kept, so that one that a crash ends is ended on a later visit.

use super::Outbox;
use crate::endpoint::{Endpoint, Minted};
use crate::mint::recovered;
use crate::row::{Fields, VIEW, fields, number};
use cuehook_protocol::EventType;
use std::rc::Rc;

/// A view of another session has been left when nothing was heard of it for so many milliseconds.
pub(super) const LEFT_MS: f64 = 1_800_000.0;
/// How often a view that goes on says so, in milliseconds.
const HEARD_MS: f64 = 600_000.0;

/// A view on this page.
#[derive(Debug)]
pub(super) struct Kept {
    id: String,
    /// Who is to be told that it has ended, and the page's address that each may know: lines.
    receivers: Vec<(String, String)>,
    record: String,
    heard_ms: f64,
}

impl Outbox {
    /// Keeps what an event says of its view, or forgets it.
    pub(super) fn kept(&mut self, event: &mut Minted, endpoints: &Rc<Vec<Endpoint>>) {
        let Some((id, record)) = event.kept_view.take() else { return };
        let place = self.views.iter().position(|view| view.id == id);
        let Some(record) = record else {
            if let Some(place) = place {
                self.views.swap_remove(place);
            }
            self.books.open.delete([VIEW, &id].concat());
            return;
        };
        if place.is_none() {
            let mut receivers = Vec::new();
            for endpoint in &**endpoints {
                if endpoint.receives(EventType::ViewEnded.as_str()) {
                    let index = self.receiver_of(endpoint);
                    if let Some(receiver) = self.receivers.get(index) {
                        receivers.push((
                            receiver.key.clone(),
                            endpoint.page.as_deref().unwrap_or_default().to_owned(),
                        ));
                    }
                }
            }
            self.views.push(Kept { id: id.clone(), receivers, record: String::new(), heard_ms: 0.0 });
        }
        self.keep_view(&id, record);
    }

    /// Keeps what is known of a view.
    pub(super) fn keep_view(&mut self, id: &str, record: String) {
        let Some(view) = self.views.iter_mut().find(|view| view.id == id) else { return };
        view.record = record;
        view.heard_ms = self.now.wall_ms;
        let mut fields = Fields::new();
        fields.text(&self.session.id);
        fields.number(view.heard_ms);
        #[allow(clippy::cast_precision_loss)]
        fields.number(view.receivers.len() as f64);
        for (receiver, page) in &view.receivers {
            fields.text(receiver);
            fields.text(page);
        }
        fields.text(&view.record);
        self.books.open.put([VIEW, id].concat(), fields.done());
    }

    /// Views that stand still for long are not to be taken for left ones.
    pub(super) fn hear(&mut self) {
        let now = self.now.wall_ms;
        let silent = |view: &&Kept| now - view.heard_ms > HEARD_MS;
        let all: Vec<_> =
            self.views.iter().filter(silent).map(|view| (view.id.clone(), view.record.clone())).collect();
        for (id, record) in all {
            self.keep_view(&id, record);
        }
    }

    /// When a view is to say that it goes on.
    pub(super) fn hear_ms(&self) -> f64 {
        self.views.iter().map(|view| view.heard_ms + HEARD_MS + 1.0).fold(f64::INFINITY, f64::min)
    }

    /// A view is stored. Under the lock; endpoints are known.
    pub(super) fn found_view(&mut self, key: String, value: &str) {
        let is_ours = key.strip_prefix(VIEW).is_none_or(|id| self.views.iter().any(|view| view.id == id));
        if is_ours || self.books.deletes(&key) {
            return;
        }
        // Nothing of what a later version has written.
        let Some(mut fields) = fields(value, usize::MAX - 1) else { return };
        let is_of_session = fields.next() == Some(&self.first_session) && self.setup.is_resumed;
        let heard_ms = number(fields.next()).unwrap_or_default();
        if !is_of_session && heard_ms <= self.now.wall_ms && self.now.wall_ms - heard_ms < LEFT_MS {
            return;
        }
        let count = number(fields.next()).unwrap_or_default();
        let mut endpoints = Vec::new();
        for _ in 0..count.min(1_000.0) as u32 {
            let receiver = fields.next().and_then(|key| self.receiver_place(key));
            let page = fields.next().filter(|page| !page.is_empty()).map(str::to_owned);
            if let Some(receiver) = receiver.and_then(|index| self.receivers.get(index)) {
                endpoints.push(receiver.endpoint(EventType::ViewEnded, page));
            }
        }
        if let Some(mut event) = fields.next().and_then(|record| recovered(record, self.now)) {
            event.kept_view = None;
            self.record(event, endpoints.into(), None);
        }
        self.books.open.delete(key);
    }
}
