//! What formats of other systems ask of an event.

use crate::timestamp::parse;
use cuehook_json::View;
use std::borrow::Cow;

/// An event, taken apart.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// Its type.
    pub(super) kind: Cow<'a, str>,
    /// Its id.
    pub(super) id: Cow<'a, str>,
    /// When it happened, as RFC 3339.
    pub(super) timestamp: Cow<'a, str>,
    /// `data`.
    pub(super) data: View<'a>,
    /// `data.video`.
    pub(super) video: View<'a>,
}

impl<'a> Parts<'a> {
    /// The parts of an event; none if one that all events have is missing.
    pub(super) fn of(event: View<'a>) -> Option<Self> {
        let data = event.get("data")?;
        Some(Self {
            kind: event.str("type")?,
            id: event.str("id")?,
            timestamp: event.str("timestamp")?,
            data,
            video: data.get("video")?,
        })
    }

    /// A field of a part of `data`.
    pub(super) fn field(&self, part: &str, field: &str) -> Option<View<'a>> {
        self.data.get(part)?.get(field)
    }

    /// A field of a part of `data`, if it is a text that is not empty.
    pub(super) fn text(&self, part: &str, field: &str) -> Option<Cow<'a, str>> {
        self.field(part, field)?.as_str().filter(|text| !text.is_empty())
    }

    /// A field of a part of `data`, if it is a number.
    pub(super) fn number(&self, part: &str, field: &str) -> Option<f64> {
        self.field(part, field)?.as_f64()
    }

    /// What the page says of the viewer: the first of these fields that is a text or a number.
    pub(super) fn viewer(&self, fields: &[&str]) -> Option<Cow<'a, str>> {
        fields.iter().find_map(|field| plain(self.field("viewer", field)?))
    }

    /// When it happened, in Unix milliseconds.
    pub(super) fn happened_ms(&self) -> f64 {
        parse(&self.timestamp).map_or(0.0, |(ms, _)| ms)
    }

    /// What was entered into a form, in its order; none of it if it was left out for this receiver.
    pub(super) fn entries(&self) -> Vec<Cow<'a, str>> {
        let Some(fields) = self.field("form", "fields") else { return Vec::new() };
        fields.items().filter_map(|field| Some(entered(field.get("value")?))).collect()
    }
}

/// A text that is not empty, or a number, as text.
pub(super) fn plain(value: View<'_>) -> Option<Cow<'_, str>> {
    let text = match value.as_f64() {
        Some(_) => Some(Cow::Borrowed(value.text())),
        None => value.as_str(),
    };
    text.filter(|text| !text.is_empty())
}

/// What was entered into a field, as text; empty if it was left empty.
fn entered(value: View<'_>) -> Cow<'_, str> {
    match value.text() {
        "null" => Cow::Borrowed(""),
        text => value.as_str().unwrap_or(Cow::Borrowed(text)),
    }
}
