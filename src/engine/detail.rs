//! Details of DOM events.

use super::event::{Event, EventName};
use crate::json::{Json, write, write_string};

/// Builds the `detail` of one event. Every detail has `mediaTime`.
#[derive(Debug)]
pub(super) struct Detail {
    event: Event,
}

impl Detail {
    /// A detail for an event of this name.
    pub(super) fn new(name: EventName, media_time: f64) -> Self {
        Self { event: Event { name, detail: vec![("mediaTime", Json::Float(media_time))] } }
    }

    fn entry(mut self, key: &'static str, value: Json) -> Self {
        self.event.detail.push((key, value));
        self
    }

    /// Adds a text.
    pub(super) fn text(self, key: &'static str, value: &str) -> Self {
        self.entry(key, value.into())
    }

    /// Adds a text or null.
    pub(super) fn optional(self, key: &'static str, value: Option<&str>) -> Self {
        self.entry(key, value.map_or(Json::Null, Json::from))
    }

    /// Adds a number.
    pub(super) fn number(self, key: &'static str, value: f64) -> Self {
        self.entry(key, Json::Float(value))
    }

    /// Adds a value.
    pub(super) fn value(self, key: &'static str, value: &Json) -> Self {
        self.entry(key, value.clone())
    }

    /// The event.
    pub(super) fn event(self) -> Event {
        self.event
    }
}

impl Event {
    /// `detail` as JSON text.
    pub fn detail_text(&self) -> String {
        let mut out = String::new();
        for (key, value) in &self.detail {
            out.push(if out.is_empty() { '{' } else { ',' });
            write_string(key, &mut out);
            out.push(':');
            write(value, &mut out);
        }
        out.push('}');
        out
    }
}
