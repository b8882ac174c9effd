//! What the page may look at.

use super::Outbox;
use crate::input::Storage;
use crate::row::write_whole;

impl Outbox {
    /// The state as JSON: `{waiting, dead, lost, delivered, oldestMs, storage, webhooks}`.
    pub fn state(&self) -> String {
        let mut text = String::from("{\"waiting\":");
        #[allow(clippy::cast_precision_loss)]
        write_whole(self.own.len() as f64, &mut text);
        for (key, number) in
            [(",\"dead\":", self.dead), (",\"lost\":", self.lost), (",\"delivered\":", self.delivered)]
        {
            text.push_str(key);
            write_whole(number, &mut text);
        }
        text.push_str(if self.storage == Some(Storage::Durable) {
            ",\"storage\":\"durable\"}"
        } else {
            ",\"storage\":\"volatile\"}"
        });
        text
    }
}
