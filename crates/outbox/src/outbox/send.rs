//! Rows become deliveries.

use super::Outbox;
use crate::effect::{Delivery, Effect};
use crate::row::Row;
use cuehook_protocol::format::content_type;
use cuehook_protocol::request_headers;

/// Deliveries under way at a time.
const AT_A_TIME: usize = 6;
/// Milliseconds until a delivery is given up.
const TIMEOUT_MS: f64 = 15_000.0;

/// A delivery that was begun.
#[derive(Debug)]
pub(super) struct Underway {
    pub(super) number: u32,
    /// The receiver's place.
    pub(super) receiver: usize,
    pub(super) rows: Vec<Row>,
}

impl Outbox {
    /// Sends what can be sent.
    pub(super) fn send(&mut self) {
        let mut place = 0;
        while self.may_send() && self.underway.len() < AT_A_TIME && place < self.queue.len() {
            let receiver = self.queue.get(place).map_or("", Row::receiver);
            let index = self.receivers.iter().position(|known| known.key == receiver).unwrap_or_default();
            let has_room = self.receivers.get(index).is_some_and(|known| known.has_room(self.now.wall_ms));
            if has_room {
                let row = self.queue.remove(place);
                self.send_one(row, index);
            } else {
                place += 1;
            }
        }
    }

    fn send_one(&mut self, row: Row, index: usize) {
        let number = self.next_ticket();
        let Some(receiver) = self.receivers.get_mut(index) else { return };
        receiver.under_way += 1;
        let address = &receiver.address;
        let added: Vec<(&str, &str)> =
            address.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let mut headers = request_headers(address.simple, row.id(), self.now.wall_ms, &added);
        if let (false, Some((_, value))) = (address.simple, headers.first_mut()) {
            content_type(address.format, false).clone_into(value);
        }
        self.out.push(Effect::Send(Delivery {
            number,
            url: address.url.clone(),
            headers,
            body: row.body.clone(),
            keepalive: self.setup.keepalive,
            timeout_ms: TIMEOUT_MS,
        }));
        self.underway.push(Underway { number, receiver: index, rows: vec![row] });
    }
}
