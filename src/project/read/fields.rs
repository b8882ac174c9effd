//! The fields of an object, each claimed by reading it: what nobody claimed is unknown.

use super::reader::{Reader, Reference};
use crate::diagnostic::DiagnosticKind;
use crate::json::{Json, Object};

/// An object of the document while it is being read.
pub(super) struct Fields<'r, 'd> {
    /// Stands at this object.
    pub reader: &'r mut Reader<'d>,
    /// Nothing if there is no object here, which has been reported: then nothing is missing in it either.
    object: Option<&'d Object>,
    known: Vec<&'static str>,
    refused: Vec<&'static str>,
}

impl<'r, 'd> Fields<'r, 'd> {
    /// Begins to read the object here.
    pub fn new(reader: &'r mut Reader<'d>, value: &'d Json, expected: &str) -> Self {
        let object = value.as_object();
        if object.is_none() {
            reader.wrong(value, expected);
        }
        Self { reader, object, known: Vec::new(), refused: Vec::new() }
    }

    /// Reports the fields that nobody has claimed.
    pub fn finish(self) {
        let Some(object) = self.object else { return };
        for (number, (name, _)) in object.iter().enumerate() {
            if !self.known.contains(&name) && !self.refused.contains(&name) {
                self.reader.enter_field(number, name);
                self.reader.unknown_name(name, &self.known);
                self.reader.leave();
            }
        }
    }

    /// Claims fields that are read elsewhere.
    pub fn accept(&mut self, names: &[&'static str]) {
        self.known.extend(names);
    }

    /// Claims a field and steps into it; the caller must `leave`.
    fn enter(&mut self, name: &'static str) -> Option<&'d Json> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        let (number, value) = self.find(name)?;
        self.reader.enter_field(number, name);
        Some(value)
    }

    fn find(&self, name: &str) -> Option<(usize, &'d Json)> {
        let mut entries = self.object?.iter().enumerate();
        entries.find(|(_, (key, _))| *key == name).map(|(number, (_, value))| (number, value))
    }

    /// As [`Fields::enter`], of a field that has to be there.
    #[inline(never)]
    fn enter_required(&mut self, name: &'static str, expected: &str) -> Option<&'d Json> {
        let value = self.enter(name);
        if value.is_none() {
            self.missing(name, expected);
        }
        value
    }

    /// Reports that a field has to be there.
    pub fn missing(&mut self, name: &str, expected: &str) {
        if self.object.is_some() {
            self.reader.missing(name, expected);
        }
    }

    /// Reports a problem of the value of a field that has been read.
    pub fn problem(&mut self, name: &'static str, message: &str) {
        if self.enter(name).is_some() {
            self.reader.problem(message);
            self.reader.leave();
        }
    }

    /// Refuses a field that is known and not supported. Returns whether it is there.
    pub fn refuse(&mut self, name: &'static str, message: &str) -> bool {
        self.refused.push(name);
        let Some((number, _)) = self.find(name) else { return false };
        self.reader.enter_field(number, name);
        self.reader.report(DiagnosticKind::UnknownField, message);
        self.reader.leave();
        true
    }

    /// Whether the field is there. Does not claim it.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Reads a field that may be absent.
    pub fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Reader<'d>, &'d Json) -> Option<T>,
    ) -> Option<T> {
        let value = self.enter(name)?;
        let read = read(self.reader, value);
        self.reader.leave();
        read
    }

    /// Reads a field that must be there.
    pub fn required<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&mut Reader<'d>, &'d Json) -> Option<T>,
    ) -> Option<T> {
        let value = self.enter_required(name, expected)?;
        let read = read(self.reader, value);
        self.reader.leave();
        read
    }

    /// A text that may be absent and is not blank.
    pub fn text(&mut self, name: &'static str) -> Option<&'d str> {
        self.optional(name, |reader, value| reader.text(value, "a text"))
    }

    /// A text that must be there and is not blank.
    pub fn required_text(&mut self, name: &'static str, expected: &str) -> Option<&'d str> {
        self.required(name, expected, |reader, value| reader.text(value, expected))
    }

    /// A number that may be absent.
    pub fn number(&mut self, name: &'static str, range: &Range) -> Option<f64> {
        self.optional(name, |reader, value| range.read(reader, value))
    }

    /// A number that must be there.
    pub fn required_number(&mut self, name: &'static str, range: &Range) -> Option<f64> {
        self.required(name, range.expected, |reader, value| range.read(reader, value))
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &'static str, default: bool) -> bool {
        self.flag(name).unwrap_or(default)
    }

    /// `true` or `false`, if something is said.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.optional(name, |reader, value| match value {
            Json::Bool(value) => Some(*value),
            _ => {
                reader.wrong(value, "true or false");
                None
            }
        })
    }

    /// The place in `choices` of a word that may be absent.
    pub fn choice(&mut self, name: &'static str, choices: &[&str]) -> Option<usize> {
        self.optional(name, |reader, value| reader.choice(value, choices))
    }

    /// An id that must be there and lead somewhere.
    pub fn reference(&mut self, name: &'static str, what: Reference) -> Option<String> {
        let expected = what.expected();
        self.required(name, expected, |reader, value| reader.reference(value, what))
    }
}

/// The numbers that a field accepts.
pub(super) struct Range {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Whether it must be a whole number.
    pub whole: bool,
    /// In words, for messages.
    pub expected: &'static str,
}

impl Range {
    fn read(&self, reader: &mut Reader<'_>, value: &Json) -> Option<f64> {
        let fits =
            |number: &f64| (self.min..=self.max).contains(number) && !(self.whole && number.fract() != 0.0);
        let number = value.as_f64().filter(fits);
        if number.is_none() {
            reader.wrong(value, self.expected);
        }
        number
    }
}
