//! The template's source text while it is compiled.

use crate::json::position;
use crate::search::find;
use crate::template::TemplateError;
use crate::template::error::{Reason, TemplateFault};
use crate::template::expression::Expressions;

/// Templates longer than this many bytes are refused.
pub(in crate::template) const MAX_SOURCE: usize = 256 * 1024;

/// A place in a template's source.
#[derive(Debug)]
pub(in crate::template) struct Source<'a> {
    text: &'a str,
    at: usize,
    expressions: Expressions,
}

/// An error at byte `at` of `source`.
pub(in crate::template) fn error_at(source: &str, at: usize, reason: impl Into<Reason>) -> TemplateError {
    located(source, at, reason.into())
}

#[cold]
#[inline(never)]
fn located(source: &str, at: usize, reason: Reason) -> TemplateError {
    let (line, column) = position(source, at);
    let Reason { kind, message } = reason;
    Box::new(TemplateFault { kind, line, column, message })
}

impl<'a> Source<'a> {
    /// Starts at the beginning.
    pub(in crate::template) fn new(text: &'a str, expressions: Expressions) -> Result<Self, TemplateError> {
        if text.len() > MAX_SOURCE {
            return Err(error_at(
                text,
                0,
                "the template is longer than 256 KiB; split it into several elements",
            ));
        }
        Ok(Self { text, at: 0, expressions })
    }

    /// Which expressions it may have.
    pub(in crate::template) fn expressions(&self) -> Expressions {
        self.expressions
    }

    /// The byte offset of what comes next.
    pub(in crate::template) fn at(&self) -> usize {
        self.at
    }

    /// Goes to a byte offset, which lies on a character's border.
    pub(in crate::template) fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// What is left.
    pub(in crate::template) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What lies between two byte offsets.
    pub(in crate::template) fn between(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The next byte.
    pub(in crate::template) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Whether `text` comes next.
    pub(in crate::template) fn looking_at(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// Goes past `text` if it comes next.
    pub(in crate::template) fn take(&mut self, text: &str) -> bool {
        let there = self.looking_at(text);
        if there {
            self.at += text.len();
        }
        there
    }

    /// Goes past one character.
    pub(in crate::template) fn next(&mut self) -> Option<char> {
        let character = self.rest().chars().next()?;
        self.at += character.len_utf8();
        Some(character)
    }

    /// Goes past the bytes that `keep` accepts, all of them ASCII, and returns them.
    pub(in crate::template) fn take_while(&mut self, keep: fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().position(|byte| !keep(byte)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// Goes past the next `end` and returns what lies before it; stays where it is if there is none.
    pub(in crate::template) fn take_until(&mut self, end: &str) -> Option<&'a str> {
        let rest = self.rest();
        let length = find(rest, end)?;
        self.at += length + end.len();
        rest.get(..length)
    }

    /// An error at byte `at`.
    pub(in crate::template) fn error(&self, at: usize, reason: impl Into<Reason>) -> TemplateError {
        error_at(self.text, at, reason)
    }
}
