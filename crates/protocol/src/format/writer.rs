//! Writes JSON without a tree: fields stand in the order in which they are written.

use cuehook_json::{View, write_integer, write_rounded, write_string};

/// JSON text that grows.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
}

impl Writer {
    /// What was written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// The comma between what was written and what comes, if there has to be one.
    fn separate(&mut self) {
        // Texts end with a quotation mark, so these signs are none of theirs.
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }

    /// A key; its value comes next.
    pub(super) fn key(&mut self, key: &str) {
        self.separate();
        write_string(key, &mut self.text);
        self.text.push(':');
    }

    /// An object that is a value or an item, with the fields that `fill` writes.
    pub(super) fn item(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('{');
        fill(self);
        self.text.push('}');
    }

    /// An object as a field.
    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.item(fill);
    }

    /// A list as a field, with the items that `fill` writes.
    pub(super) fn list(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.items(fill);
    }

    /// A list that is a value or an item.
    pub(super) fn items(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.text.push('[');
        fill(self);
        self.text.push(']');
    }

    /// A text that is an item.
    pub(super) fn text_item(&mut self, value: &str) {
        self.separate();
        write_string(value, &mut self.text);
    }

    /// A text as a field.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        write_string(value, &mut self.text);
    }

    /// A text as a field, or `null`.
    pub(super) fn text_or_null(&mut self, key: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(key, value),
            None => self.null(key),
        }
    }

    /// A text as a field, if there is one.
    pub(super) fn text_if_any(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// A number as a field, with at most 3 decimals.
    pub(super) fn number(&mut self, key: &str, value: f64) {
        self.key(key);
        write_rounded(value, &mut self.text);
    }

    /// A whole number as a field: `value` without its decimals, and not below 0; `null` if it is unknown.
    pub(super) fn whole_or_null(&mut self, key: &str, value: Option<f64>) {
        let Some(value) = value.filter(|value| value.is_finite()) else { return self.null(key) };
        self.key(key);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        write_integer(value as u64, &mut self.text);
    }

    /// `null` as a field.
    pub(super) fn null(&mut self, key: &str) {
        self.key(key);
        self.text.push_str("null");
    }

    /// `true` or `false` as a field.
    pub(super) fn boolean(&mut self, key: &str, value: bool) {
        self.key(key);
        self.text.push_str(if value { "true" } else { "false" });
    }

    /// A value of an event as a field, as it stands there, if it is there.
    pub(super) fn copy_if_any(&mut self, key: &str, value: Option<View<'_>>) {
        if let Some(value) = value {
            self.key(key);
            self.text.push_str(value.text());
        }
    }
}
