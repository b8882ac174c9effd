//! Details of DOM events, as JSON text.

use super::effect::Event;
use crate::json::{Json, write, write_number, write_string};

/// Builds the `detail` of one event. Every detail has `mediaTime`.
#[derive(Debug)]
pub(super) struct Detail {
    name: &'static str,
    text: String,
}

impl Detail {
    /// A detail for `cuehook:<name>`.
    pub(super) fn new(name: &'static str, media_time: f64) -> Self {
        let mut text = String::from("{\"mediaTime\":");
        write_number(media_time, &mut text);
        Self { name, text }
    }

    fn key(&mut self, key: &str) {
        self.text.push_str(",\"");
        self.text.push_str(key);
        self.text.push_str("\":");
    }

    /// Adds a text.
    pub(super) fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        write_string(value, &mut self.text);
        self
    }

    /// Adds a text or null.
    pub(super) fn optional(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self.json(key, "null"),
        }
    }

    /// Adds a number.
    pub(super) fn number(mut self, key: &str, value: f64) -> Self {
        self.key(key);
        write_number(value, &mut self.text);
        self
    }

    /// Adds a value.
    pub(super) fn value(mut self, key: &str, value: &Json) -> Self {
        self.key(key);
        write(value, &mut self.text);
        self
    }

    /// Adds what is JSON text already.
    pub(super) fn json(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        self.text.push_str(value);
        self
    }

    /// The event.
    pub(super) fn event(mut self) -> Event {
        self.text.push('}');
        Event { name: self.name, detail: self.text }
    }
}
