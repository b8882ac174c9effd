//! Bodies as their author writes them: templates of minijinja, filled in from an event or a call.
//!
//! A template is bounded before it runs ([`check`]: no functions, no captures, nothing by which texts could grow) and while it runs: by
//! its steps, by what it reads and makes ([`value::Work`]), and by its output. What it writes is escaped for its content type by the place
//! where it stands ([`output`]), so that no value can break out of it.

mod check;
mod filters;
mod output;
#[cfg(test)]
mod tests;
mod value;

use super::sample;
use crate::config::Template;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use output::{Escaping, Sink};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;
use value::{Root, Work};

/// Most bytes of a template.
pub const SOURCE_BYTES: usize = 16 * 1024;
/// Most bytes that a template makes.
pub const OUTPUT_BYTES: usize = 200_000;
/// Most characters of a content type.
const CONTENT_TYPE_LENGTH: usize = 100;
/// Instructions that are carried out for one body.
const FUEL: u64 = 30_000;
/// Deepest nesting of JSON, in levels: of what goes in, which was checked when it came, and of what is made.
const DEPTH: usize = 128;
/// Longest message of the engine that is passed on, in characters: it may repeat values.
const LONGEST_MESSAGE: usize = 300;

/// What a template is filled in from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// An event in its canonical form. The whole is `event`.
    Event,
    /// The body of a call. The whole is `call`.
    Call,
}

impl Input {
    /// Under which name the whole is found.
    const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Call => "call",
        }
    }
}

/// A line and a column, in characters, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}, column {}", self.line, self.column)
    }
}

/// What is wrong with a template, or with filling it in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// It is longer than [`SOURCE_BYTES`].
    #[error("it has {0} bytes; at most {SOURCE_BYTES} are taken")]
    TooLong(usize),
    /// The content type is none.
    #[error("`{0}` is no content type; write one such as `application/json`")]
    ContentType(String),
    /// It is no template, or has something that is not available.
    #[error("{at}: {message}")]
    Source {
        /// Where in the template.
        at: Position,
        /// What is wrong, and what to write instead.
        message: String,
    },
    /// With these values something cannot be computed.
    #[error("{at}: {message}")]
    Value {
        /// Where in the template.
        at: Position,
        /// What cannot be computed.
        message: String,
    },
    /// It does too much.
    #[error("it takes too many steps, or reads too much")]
    TooMuch,
    /// It makes more than [`OUTPUT_BYTES`].
    #[error("it makes more than {OUTPUT_BYTES} bytes")]
    TooLarge,
    /// What it makes is to be JSON, and is none.
    #[error("what it makes is no JSON: {at} of that: {message}")]
    NoJson {
        /// Where in what it makes.
        at: Position,
        /// What is wrong there.
        message: String,
    },
    /// What it is filled in from is no JSON object.
    #[error("what it is filled in from is no JSON object")]
    NoInput,
}

/// Fills in a template from an event or the body of a call.
///
/// # Errors
/// If it is no template, does too much, or makes what its content type is not.
pub fn fill(template: &Template, input: &str, sort: Input) -> Result<String, TemplateFault> {
    let escaping = compiles(template)?;
    let json = cuehook_json::check(input.as_bytes(), DEPTH).map_err(|_| TemplateFault::NoInput)?;
    if json.as_object().is_none() {
        return Err(TemplateFault::NoInput);
    }
    let work = Arc::new(Work::default());
    let mut sink = Sink::new(escaping);
    let environment = environment(escaping, &work, &sink);
    let source = &template.body;
    let located = |error: &minijinja::Error| check::place(source, error);
    let compiled = environment
        .template_from_str(source)
        .map_err(|error| TemplateFault::Source { at: located(&error), message: describe(&error) })?;
    let root = minijinja::Value::from_object(Root::new(json, sort.name(), &work));
    let filled = compiled.render_captured_to(root, &mut sink);
    // Whoever has run out of work has looked at lists that seem to be empty: nothing of that counts.
    if work.is_spent() {
        return Err(TemplateFault::TooMuch);
    }
    if let Err(error) = filled {
        return Err(match error.kind() {
            ErrorKind::OutOfFuel => TemplateFault::TooMuch,
            ErrorKind::WriteFailure if sink.is_full() => TemplateFault::TooLarge,
            _ => TemplateFault::Value { at: located(&error), message: describe(&error) },
        });
    }
    let text = sink.finish().ok_or(TemplateFault::TooLarge)?;
    if escaping == Escaping::Json {
        cuehook_json::check(text.as_bytes(), DEPTH).map_err(|error| TemplateFault::NoJson {
            at: Position { line: error.line, column: error.column },
            message: error.message,
        })?;
    }
    Ok(text)
}

/// What is wrong with a template whatever it is filled in from; none if there is something that it can be filled in from. For whoever
/// takes settings of webhooks.
pub fn template_fault(template: &Template) -> Option<String> {
    if let Err(fault) = compiles(template) {
        return Some(fault.to_string());
    }
    // JSON that is broken whatever the values are is broken for all samples. For some it may be: of an event that it is never sent.
    let (id, now) = (Uuid::nil(), 0);
    let mut first = None;
    let kinds = sample::TYPES.iter().map(|kind| (Input::Event, sample::sample(kind, id, now)));
    let own = (Input::Event, sample::sample("sample.recorded", id, now));
    for (sort, body) in kinds.chain([own, (Input::Call, sample::sample_call(id, now))]) {
        match fill(template, &body, sort) {
            Ok(_) => return None,
            Err(fault) => first = first.or(Some(fault)),
        }
    }
    first.map(|fault| fault.to_string())
}

/// Checks all that does not depend on values; gives how values are to be escaped.
fn compiles(template: &Template) -> Result<Escaping, TemplateFault> {
    if template.body.len() > SOURCE_BYTES {
        return Err(TemplateFault::TooLong(template.body.len()));
    }
    let escaping = content_type(&template.content_type).ok_or_else(|| {
        TemplateFault::ContentType(template.content_type.chars().take(CONTENT_TYPE_LENGTH).collect())
    })?;
    check::check(&template.body)?;
    Ok(escaping)
}

/// How values are escaped for a content type; none if it is no content type.
fn content_type(text: &str) -> Option<Escaping> {
    if text.len() > CONTENT_TYPE_LENGTH || !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return None;
    }
    let essence = text.split(';').next()?.trim().to_ascii_lowercase();
    let (sort, subtype) = essence.split_once('/')?;
    let is_token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    if !is_token(sort) || !is_token(subtype) {
        return None;
    }
    Some(match (sort, subtype) {
        ("application" | "text", "json") => Escaping::Json,
        ("application", "x-www-form-urlencoded") => Escaping::Form,
        (_, "xml" | "html") => Escaping::Markup,
        _ if subtype.ends_with("+json") => Escaping::Json,
        _ if subtype.ends_with("+xml") => Escaping::Markup,
        _ => Escaping::Plain,
    })
}

/// An engine that has nothing but what is given here: no functions, no loader of other templates.
fn environment<'a>(escaping: Escaping, work: &Arc<Work>, sink: &Sink) -> Environment<'a> {
    let mut environment = Environment::empty();
    environment.set_fuel(Some(FUEL));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    // Whether values count as escaped decides the engine otherwise.
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Custom("body".into()));
    environment.set_formatter(output::formatter(escaping, work, sink));
    filters::add(&mut environment, escaping, work);
    environment
}

/// What the engine says of an error.
fn describe(error: &minijinja::Error) -> String {
    let message = match (error.kind(), error.detail()) {
        (ErrorKind::InvalidOperation, None) => "this cannot be computed with these values".to_owned(),
        (kind, None) => kind.to_string(),
        (_, Some(detail)) => detail.to_owned(),
    };
    message.chars().take(LONGEST_MESSAGE).collect()
}
