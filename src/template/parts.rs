//! Fixed text and placeholders in a row, and filling them in.

use super::placeholder::{Filled, Placeholder};
use super::scope::Scope;
use super::source::error_at;
use super::{Missing, TemplateError};
use crate::json::Json;
use crate::session::Context;
use std::ops::Range;

/// The most bytes that one template may give.
const MAX_OUTPUT: usize = 256 * 1024;

/// A piece of a template.
#[derive(Debug)]
pub(super) enum Part {
    /// Text that stays.
    Fixed(String),
    /// A value.
    Placeholder(Placeholder),
}

/// Appends text to the last part if it is fixed too.
pub(super) fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Fixed(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(Part::Fixed(text.to_owned())),
    }
}

/// One evaluation of a template.
#[derive(Debug)]
pub(super) struct Filling<'a> {
    source: &'a str,
    scope: Scope<'a>,
    left: usize,
    /// The byte ranges of the last text that came from values.
    pub(super) values: Vec<Range<usize>>,
    /// What was missing so far.
    pub(super) missing: Vec<Missing>,
}

impl<'a> Filling<'a> {
    pub(super) fn new(source: &'a str, context: &'a Context) -> Self {
        Self { source, scope: Scope::new(context), left: MAX_OUTPUT, values: Vec::new(), missing: Vec::new() }
    }

    /// The text of `parts`.
    pub(super) fn text(&mut self, parts: &[Part]) -> Result<String, TemplateError> {
        let mut out = String::new();
        self.values.clear();
        for part in parts {
            let filled = match part {
                Part::Fixed(text) => Filled::Default(text),
                Part::Placeholder(placeholder) => self.fill(placeholder)?,
            };
            let written;
            let text = match &filled {
                Filled::Value(Json::String(text)) => &**text,
                Filled::Value(value) => {
                    written = value.to_text();
                    written.as_str()
                }
                Filled::Default(text) => *text,
                Filled::Missing => "",
            };
            self.left = self.left.checked_sub(text.len()).ok_or_else(|| {
                error_at(self.source, 0, "the result is larger than 256 KiB; show a part of the value")
            })?;
            if matches!(filled, Filled::Value(_)) {
                self.values.push(out.len()..out.len() + text.len());
            }
            out.push_str(text);
        }
        Ok(out)
    }

    /// The value of one placeholder.
    pub(super) fn fill<'p>(&mut self, placeholder: &'p Placeholder) -> Result<Filled<'p>, TemplateError> {
        placeholder.fill(self.source, &self.scope, &mut self.missing)
    }
}
