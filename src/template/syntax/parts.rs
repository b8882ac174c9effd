//! Text with placeholders and control flow: what stands in a label, a parameter, an attribute's value.

use super::control::{Flow, Located, Open, Tag, Turned, nothing_open, trim_layout};
use super::placeholder::{Placeholder, Special};
use super::source::Source;
use crate::diagnostic::explain;
use crate::template::TemplateError;
use std::sync::Arc;

/// Control flow inside control flow, in a text.
const MAX_DEPTH: usize = 32;

/// A piece of a text.
#[derive(Debug)]
pub(in crate::template) enum Part {
    /// Text that stays.
    Fixed(String),
    /// A value.
    Placeholder(Placeholder),
    /// A choice or a loop.
    Flow(Flow<Vec<Part>>),
    /// `{% set name = value %}`
    Set(Arc<str>, Located),
}

/// Appends text to the last part if it is fixed too.
pub(in crate::template) fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Fixed(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push(Part::Fixed(text.to_owned())),
    }
}

/// Puts parts together in the order of the source.
#[derive(Debug, Default)]
pub(in crate::template) struct Builder {
    parts: Vec<Part>,
    /// What is open, each with the parts before it.
    open: Vec<(Open<Vec<Part>>, Vec<Part>)>,
}

impl Builder {
    /// Adds text that stays.
    pub(in crate::template) fn text(&mut self, text: &str) {
        push_text(&mut self.parts, text);
    }

    /// Adds what begins with `$` or `{`, which stood at byte `at`; without anything special that is the next character.
    pub(in crate::template) fn special(
        &mut self,
        source: &mut Source<'_>,
        at: usize,
        special: Option<Special>,
    ) -> Result<(), TemplateError> {
        match special {
            Some(Special::Literal(text)) => self.text(text),
            Some(Special::Placeholder(placeholder)) => self.parts.push(Part::Placeholder(placeholder)),
            Some(Special::Comment) => {}
            Some(Special::Control(tag)) => return self.control(source, at, tag),
            None => self.text(source.next().unwrap_or_default().encode_utf8(&mut [0; 4])),
        }
        Ok(())
    }

    fn control(&mut self, source: &Source<'_>, at: usize, tag: Tag) -> Result<(), TemplateError> {
        if let Some(Part::Fixed(last)) = self.parts.last_mut() {
            trim_layout(last);
            if last.is_empty() {
                self.parts.pop();
            }
        }
        let open = match tag {
            Tag::Set(name, value) => {
                self.parts.push(Part::Set(name, value));
                return Ok(());
            }
            Tag::If(condition) => Open::choice(at, condition),
            Tag::For(name, list) => Open::repeat(at, name, list),
            tag => {
                let Some((open, before)) = self.open.pop() else {
                    return Err(source.error(at, nothing_open(&tag)));
                };
                let body = std::mem::take(&mut self.parts);
                match open.turn(tag, body).map_err(|message| source.error(at, message))? {
                    Turned::Open(open) => self.open.push((open, before)),
                    Turned::Closed(flow) => {
                        self.parts = before;
                        self.parts.push(Part::Flow(flow));
                    }
                }
                return Ok(());
            }
        };
        if self.open.len() >= MAX_DEPTH {
            return Err(source.error(at, "control flow is nested deeper than 32 levels"));
        }
        self.open.push((open, std::mem::take(&mut self.parts)));
        Ok(())
    }

    /// All parts.
    ///
    /// # Errors
    /// Something is still open.
    pub(in crate::template) fn finish(self, source: &Source<'_>) -> Result<Vec<Part>, TemplateError> {
        match self.open.last() {
            Some((open, _)) => {
                let (name, end) = open.names();
                Err(source.error(open.at, explain!("`{name}` is not closed here: `{end}` is missing")))
            }
            None => Ok(self.parts),
        }
    }
}
