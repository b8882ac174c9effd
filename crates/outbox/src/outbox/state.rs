//! What the page may look at.

use super::Outbox;
use super::receiver::{Mood, PROBE_AFTER, Receiver};
use crate::input::Storage;
use crate::row::write_whole;
use cuehook_json::write_string;

impl Outbox {
    /// The state as JSON: `{waiting, dead, lost, delivered, oldestMs, storage, webhooks: [{id, url, state, waiting, nextMs}]}`.
    /// Counted are events for each receiver; `oldestMs` is the age of the oldest that waits.
    pub fn state(&self) -> String {
        let mut text = String::new();
        let number = |text: &mut String, key: &str, number: f64| {
            text.push_str(key);
            write_whole(number.max(0.0), text);
        };
        #[allow(clippy::cast_precision_loss)]
        let dead = (self.dead_keys.len() as f64).max(self.dead);
        let waiting = self.receivers.iter().map(|receiver| receiver.waiting.max(0.0)).sum();
        number(&mut text, "{\"waiting\":", waiting);
        number(&mut text, ",\"dead\":", dead);
        number(&mut text, ",\"lost\":", self.lost);
        number(&mut text, ",\"delivered\":", self.delivered);
        let rows =
            self.queue.iter().chain(self.underway.iter().flat_map(|one| &one.rows)).map(|row| row.at_ms);
        let oldest = rows.chain(self.receivers.iter().map(|one| one.oldest_ms)).fold(f64::INFINITY, f64::min);
        if oldest.is_finite() {
            number(&mut text, ",\"oldestMs\":", self.now.wall_ms - oldest);
        }
        text.push_str(",\"storage\":\"");
        text.push_str(if self.storage == Some(Storage::Durable) { "durable" } else { "volatile" });
        text.push_str("\",\"webhooks\":[");
        for (place, receiver) in self.receivers.iter().enumerate() {
            text.push_str(if place > 0 { "," } else { "" });
            text.push_str("{\"id\":");
            write_string(&receiver.address.webhook, &mut text);
            text.push_str(",\"url\":");
            write_string(&receiver.address.url, &mut text);
            text.push_str(",\"state\":\"");
            text.push_str(word(receiver));
            number(&mut text, "\",\"waiting\":", receiver.waiting);
            let due = receiver.due_ms().max(self.not_before_ms);
            if due.is_finite() {
                number(&mut text, ",\"nextMs\":", due - self.now.wall_ms);
            }
            text.push('}');
        }
        text.push_str("]}");
        text
    }
}

/// How a receiver is doing.
fn word(receiver: &Receiver) -> &'static str {
    match receiver.mood {
        _ if !receiver.is_allowed => "denied",
        Mood::Open if receiver.failures >= PROBE_AFTER => "failing",
        Mood::Open => "open",
        Mood::Paused(_) => "paused",
        Mood::Blocked => "blocked",
        Mood::Stopped => "stopped",
    }
}
