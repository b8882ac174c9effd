//! Where the reading stands: the place in the document, and every problem so far.

use crate::diagnostic::{Diagnostic, DiagnosticKind, EXPLAINS};
use crate::json::{Json, write_string};
use crate::protocol::nearest;
use crate::template::{Expressions, Markup, TemplateError, Text, When};

/// More problems than this are counted, not listed.
const MOST_PROBLEMS: usize = 200;
/// So many characters of a wrong text are quoted.
const LONGEST_QUOTE: usize = 40;
/// So many ids are listed when none is near.
const MOST_LISTED: usize = 12;

/// The ids of a list of the document: all of them, read ahead, because references may point forward.
#[derive(Debug, Default)]
pub(super) struct Ids<'d> {
    /// By place in the list; empty where there is no proper id.
    pub list: Vec<&'d str>,
    /// Whether the list was short enough for all ids to be here.
    pub complete: bool,
}

/// The place in the document, and the problems so far.
pub(super) struct Reader<'d> {
    /// The current place as [`Diagnostic::path`] writes it.
    path: String,
    /// For each step down to the current place: its number among its siblings, and the length of the path above it.
    steps: Vec<(usize, usize)>,
    /// In document order: each problem with the numbers of the steps to its place.
    problems: Vec<(Vec<usize>, Diagnostic)>,
    /// Problems beyond those.
    more: usize,
    /// Which expressions templates may use.
    pub expressions: Expressions,
    /// What the document leaves out may be in its defaults, which are not at hand.
    pub has_defaults: bool,
    /// Ids that actions refer to.
    pub webhooks: Ids<'d>,
    /// Ids that actions and webhooks refer to.
    pub elements: Ids<'d>,
}

impl<'d> Reader<'d> {
    /// A reader at the top of a document.
    pub fn new(webhooks: Ids<'d>, elements: Ids<'d>) -> Self {
        Self {
            path: String::new(),
            steps: Vec::new(),
            problems: Vec::new(),
            more: 0,
            expressions: Expressions::Default,
            has_defaults: false,
            webhooks,
            elements,
        }
    }

    /// All problems in document order.
    pub fn into_problems(self) -> Vec<Diagnostic> {
        let mut problems: Vec<Diagnostic> = self.problems.into_iter().map(|(_, problem)| problem).collect();
        if self.more > 0 && !EXPLAINS {
            problems.push(Diagnostic::new(DiagnosticKind::TooMuch, String::new(), String::new()));
        } else if self.more > 0 {
            let message = format!("{} more problems are not listed", self.more);
            problems.push(Diagnostic::new(DiagnosticKind::TooMuch, String::new(), message));
        }
        problems
    }

    /// Steps into the field `name`, which is entry `number` of its object.
    pub fn enter_field(&mut self, number: usize, name: &str) {
        if !EXPLAINS {
            return;
        }
        self.steps.push((number, self.path.len()));
        append_name(&mut self.path, name);
    }

    /// Steps into item `number` of a list.
    pub fn enter_item(&mut self, number: usize) {
        if !EXPLAINS {
            return;
        }
        self.steps.push((number, self.path.len()));
        self.path.push('[');
        self.path.push_str(&number.to_string());
        self.path.push(']');
    }

    /// Steps out of a field or an item.
    pub fn leave(&mut self) {
        if let Some((_, length)) = self.steps.pop() {
            self.path.truncate(length);
        }
    }

    /// Reports that the value here is wrong.
    pub fn problem(&mut self, message: &str) {
        self.report(DiagnosticKind::Value, message);
    }

    /// Reports that there are more than `most` entries here.
    pub fn too_much(&mut self, count: usize, most: usize) {
        if !EXPLAINS {
            return self.notice();
        }
        self.report(DiagnosticKind::TooMuch, &format!("found {count} entries; write at most {most}"));
    }

    /// Reports that the object here has no field `name`.
    pub fn missing(&mut self, name: &str, expected: &str) {
        if !EXPLAINS {
            return self.notice();
        }
        let length = self.path.len();
        append_name(&mut self.path, name);
        self.report(DiagnosticKind::MissingField, &["missing; write ", expected].concat());
        self.path.truncate(length);
    }

    /// Reports that something else should stand here.
    pub fn wrong(&mut self, value: &Json, expected: &str) {
        if !EXPLAINS {
            return self.notice();
        }
        self.problem(&["found ", &found(value), "; write ", expected].concat());
    }

    /// Reports that `word` is none of the `known` ones: the nearest is suggested, or else all are listed.
    pub fn unknown(&mut self, kind: DiagnosticKind, what: &str, word: &str, otherwise: &str, known: &[&str]) {
        if !EXPLAINS {
            return self.notice();
        }
        let message = self.suggestion(what, word, otherwise, known);
        self.report(kind, &message);
    }

    /// As [`Reader::unknown`], of the name of the field here.
    pub fn unknown_name(&mut self, name: &str, known: &[&str]) {
        self.unknown(DiagnosticKind::UnknownField, "unknown field", name, "the known ones are", known);
    }

    fn suggestion(&self, what: &str, word: &str, otherwise: &str, known: &[&str]) -> String {
        if self.problems.len() >= MOST_PROBLEMS {
            // Only counted: no need to search.
            return String::new();
        }
        if let Some(near) = nearest(word, known) {
            return [what, "; did you mean `", near, "`?"].concat();
        }
        let mut message = [what, "; ", otherwise].concat();
        for (number, name) in known.iter().enumerate() {
            if number == MOST_LISTED {
                message.push_str(", …");
                break;
            }
            message.push_str(if number == 0 { " `" } else { ", `" });
            message.push_str(name);
            message.push('`');
        }
        message
    }

    /// Reports something here.
    pub fn report(&mut self, kind: DiagnosticKind, message: &str) {
        if !EXPLAINS {
            return self.notice();
        }
        let diagnostic = Diagnostic::new(kind, self.path.clone(), message.to_owned());
        self.insert(diagnostic);
    }

    /// Notices that something is wrong, without a word.
    fn notice(&mut self) {
        self.more += 1;
    }

    fn insert(&mut self, diagnostic: Diagnostic) {
        if !EXPLAINS {
            return self.notice();
        }
        if self.problems.len() >= MOST_PROBLEMS {
            self.more += 1;
            return;
        }
        let place: Vec<usize> = self.steps.iter().map(|(number, _)| *number).collect();
        // A missing field has the place of its object and so comes before what is wrong inside.
        // Inserting into so short a list costs less code than sorting it.
        let index = self.problems.iter().rposition(|(other, _)| *other <= place).map_or(0, |index| index + 1);
        self.problems.insert(index, (place, diagnostic));
    }

    /// The text here, which must not be blank.
    pub fn text(&mut self, value: &'d Json, expected: &str) -> Option<&'d str> {
        match value.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.wrong(value, expected);
                None
            }
        }
    }

    /// The items of the list here; of a list that is too long the first `most`.
    pub fn list(&mut self, value: &'d Json, most: usize, expected: &str) -> &'d [Json] {
        let Some(list) = value.as_array() else {
            self.wrong(value, expected);
            return &[];
        };
        match list.get(..most) {
            Some(first) if list.len() > most => {
                self.too_much(list.len(), most);
                first
            }
            _ => list,
        }
    }

    /// Reports a list here that has no items.
    pub fn not_empty(&mut self, value: &Json, expected: &str) {
        if value.as_array().is_some_and(<[Json]>::is_empty) {
            if !EXPLAINS {
                return self.notice();
            }
            self.problem(&["found an empty list; write ", expected].concat());
        }
    }

    /// The place in `choices` of the word here.
    pub fn choice(&mut self, value: &'d Json, choices: &[&str]) -> Option<usize> {
        let word = value.as_str().unwrap_or_default();
        let place = choices.iter().position(|choice| word == *choice);
        if place.is_none() && !EXPLAINS {
            self.notice();
        } else if place.is_none() {
            let what = ["found ", &found(value)].concat();
            self.unknown(DiagnosticKind::Value, &what, word, "write one of", choices);
        }
        place
    }

    /// The id here, which must be one of those that it may refer to.
    pub fn reference(&mut self, value: &'d Json, what: Reference) -> Option<String> {
        let id = self.text(value, what.expected())?;
        self.known(id, what).then(|| id.to_owned())
    }

    /// Whether an id refers to something; if not, that is reported.
    pub fn known(&mut self, id: &str, what: Reference) -> bool {
        let (ids, noun) = match what {
            Reference::Webhook => (&self.webhooks, "webhook"),
            Reference::Element => (&self.elements, "element"),
        };
        // Of a list that is too long not all ids are known; that it is too long has been reported.
        if ids.complete && !ids.list.contains(&id) {
            if !EXPLAINS {
                self.notice();
                return false;
            }
            let known: Vec<&str> = ids.list.iter().copied().filter(|id| !id.is_empty()).collect();
            let what = ["there is no ", noun, " `", &shortened(id), "`"].concat();
            let otherwise = if known.is_empty() { "there are none" } else { "the ids are" };
            self.unknown(DiagnosticKind::UnknownReference, &what, id, otherwise, &known);
            return false;
        }
        true
    }

    /// The template here, compiled to give a text.
    pub fn template(&mut self, source: &str) -> Option<Text> {
        match Text::compile_with(source, self.expressions) {
            Ok(text) => Some(text),
            Err(error) => self.refused(error),
        }
    }

    /// The template here, compiled to give nodes.
    pub fn markup(&mut self, source: &str) -> Option<Markup> {
        match Markup::compile_with(source, self.expressions) {
            Ok(markup) => Some(markup),
            Err(error) => self.refused(error),
        }
    }

    /// The expression here, compiled to be true or not.
    pub fn when(&mut self, source: &str) -> Option<When> {
        match When::compile_with(source, self.expressions) {
            Ok(when) => Some(when),
            Err(error) => self.refused(error),
        }
    }

    fn refused<T>(&mut self, error: TemplateError) -> Option<T> {
        if !EXPLAINS {
            self.notice();
            return None;
        }
        let diagnostic = Diagnostic::new(error.kind, self.path.clone(), error.message);
        self.insert(diagnostic.in_template(error.line, error.column));
        None
    }
}

/// What an id refers to.
#[derive(Clone, Copy)]
pub(super) enum Reference {
    /// A webhook.
    Webhook,
    /// An element.
    Element,
}

impl Reference {
    /// In words, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            Reference::Webhook => "the id of a webhook",
            Reference::Element => "the id of an element",
        }
    }
}

/// Appends a field to a path. A name that would make the path ambiguous is written `["like.this"]`.
pub(in crate::project) fn append_name(path: &mut String, name: &str) {
    let plain = |character: char| {
        character.is_ascii_alphanumeric() || !character.is_ascii() || matches!(character, '_' | '-' | '$')
    };
    if !name.is_empty() && name.chars().all(plain) {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
    } else {
        path.push('[');
        write_string(name, path);
        path.push(']');
    }
}

/// A value as messages show it: short ones as they stand, others by what they are.
fn found(value: &Json) -> String {
    match value {
        Json::String(text) if text.trim().is_empty() => "an empty text".to_owned(),
        Json::String(text) => {
            let mut out = String::new();
            write_string(&shortened(text), &mut out);
            out
        }
        Json::Array(_) | Json::Object(_) | Json::Lazy(_) => value.kind().to_owned(),
        Json::Null | Json::Bool(_) | Json::Integer(_) | Json::Float(_) => value.to_text(),
    }
}

/// The beginning of a long text, so that a message stays readable.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_QUOTE).and_then(|(end, _)| text.get(..end)) {
        Some(beginning) => [beginning, "…"].concat(),
        None => text.to_owned(),
    }
}
