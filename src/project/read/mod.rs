//! Reads a document: lax JSON in, a strict [`Project`] or every problem out.

mod action;
mod element;
mod events;
mod fields;
mod form;
mod question;
mod reader;
mod values;
mod webhook;

#[cfg(not(target_arch = "wasm32"))]
pub(super) use self::reader::append_name;

use self::fields::Fields;
use self::reader::{Ids, Reader, Reference, shortened};
use self::values::variable_name_fault;
use super::{Project, Video, ViewerOption, Word, Words};
use crate::diagnostic::{Diagnostic, DiagnosticKind, EXPLAINS};
use crate::json::{self, Json, Object};
use crate::protocol::{defaults_fault, merge};
use crate::template::Expressions;

/// As deep as documents may be nested.
pub const DEEPEST: usize = 64;
const MOST_ELEMENTS: usize = 500;
const MOST_WEBHOOKS: usize = 100;
/// Ids in `includeInteractions`: one for each element.
const MOST_REFERENCES: usize = MOST_ELEMENTS;
const MOST_VARIABLES: usize = 1000;
const LONGEST_ID: usize = 200;

/// Reads a project document.
///
/// # Errors
/// All problems of the document, in document order. After 200 problems the last one says how many more there are.
pub fn read(document: &Json) -> Result<Project, Vec<Diagnostic>> {
    read_with(document, None, &Words::default())
}

/// The same, with the text of a defaults document beneath it, and with what Cuehook says where the document's `words` do not
/// say it.
///
/// # Errors
/// As [`read`]. Problems of what the defaults give have their place in the document that both make together.
pub fn read_with(document: &Json, defaults: Option<&str>, words: &Words) -> Result<Project, Vec<Diagnostic>> {
    let merged = match defaults {
        None => document.clone(),
        Some(text) => with_defaults(document, text).map_err(|problem| vec![problem])?,
    };
    let document = &merged;
    let webhooks = ids(document, "webhooks", MOST_WEBHOOKS);
    let elements = ids(document, "elements", MOST_ELEMENTS);
    let mut reader = Reader::new(webhooks, elements);
    // In the browser the defaults are there. Elsewhere they need not be at hand.
    reader.has_defaults =
        cfg!(not(target_arch = "wasm32")) && defaults.is_none() && document.get("defaults").is_some();
    let project = project(&mut reader, document, words);
    let problems = reader.into_problems();
    if problems.is_empty() { Ok(project) } else { Err(problems) }
}

fn with_defaults(document: &Json, defaults: &str) -> Result<Json, Diagnostic> {
    let fault = |message: &str| Diagnostic::new(DiagnosticKind::Value, "defaults", message.to_owned());
    let defaults = json::parse(defaults.as_bytes(), DEEPEST).map_err(|error| fault(&error.message))?;
    match defaults_fault(&defaults) {
        Some(message) => Err(fault(message)),
        None => Ok(merge(document.clone(), &defaults)),
    }
}

/// Reads what Cuehook says in another language: an object of texts. Names that it does not know are left out, so that a
/// translation may be newer.
pub fn read_words(texts: &Json) -> Words {
    let mut words = Words::default();
    for word in Word::ALL {
        if let Some(text) = texts.as_object().and_then(|texts| texts.get(word.as_str())?.as_str()) {
            words.set(word, text);
        }
    }
    words
}

/// Reads the ids of a list ahead, because references may point forward.
fn ids<'d>(document: &'d Json, list: &str, most: usize) -> Ids<'d> {
    let list =
        document.as_object().and_then(|object| object.get(list)).and_then(Json::as_array).unwrap_or_default();
    let id = |item: &'d Json| item.as_object()?.get("id")?.as_str();
    Ids {
        list: list.iter().take(most).map(|item| id(item).unwrap_or_default()).collect(),
        complete: list.len() <= most,
    }
}

fn project<'d>(reader: &mut Reader<'d>, document: &'d Json, base: &Words) -> Project {
    let mut fields = Fields::new(reader, document, "a project, which is an object");
    fields.text("$schema");
    fields.required("cuehook", VERSION, |reader, value| {
        if value.as_f64() != Some(1.0) {
            reader.wrong(value, VERSION);
        }
        Some(())
    });
    let expressions = fields
        .choice("expressions", &["default", "full"])
        .map(|choice| if choice == 1 { Expressions::Full } else { Expressions::Default });
    // What follows is compiled with it.
    let expressions = expressions.unwrap_or_default();
    fields.reader.expressions = expressions;
    if EXPLAINS {
        fields.optional("defaults", events::address);
    } else {
        fields.accept(&["defaults"]);
    }
    let video = fields.optional("video", video).unwrap_or_default();
    let variables = fields.optional("variables", variables).unwrap_or_default();
    let mut webhooks = Vec::new();
    fields.optional("webhooks", |reader, value| -> Option<()> {
        for (number, item) in reader.list(value, MOST_WEBHOOKS, "a list of webhooks").iter().enumerate() {
            reader.enter_item(number);
            webhooks.push(webhook::webhook(reader, item, number));
            reader.leave();
        }
        None
    });
    let mut elements = Vec::new();
    fields.optional("elements", |reader, value| -> Option<()> {
        for (number, item) in reader.list(value, MOST_ELEMENTS, "a list of elements").iter().enumerate() {
            reader.enter_item(number);
            elements.push(element::element(reader, item, number));
            reader.leave();
        }
        None
    });
    let words = fields.optional("words", |reader, value| Some(words(reader, value, base.clone())));
    let words = words.unwrap_or_else(|| base.clone());
    let mut viewer_options = Vec::new();
    fields.optional("viewerOptions", |reader, value| -> Option<()> {
        for (number, item) in reader.list(value, ViewerOption::ALL.len(), OPTIONS).iter().enumerate() {
            reader.enter_item(number);
            viewer_options.extend(reader.choice(item, &ViewerOption::WORDS).and_then(ViewerOption::at));
            reader.leave();
        }
        None
    });
    fields.finish();
    Project { expressions, video, variables, webhooks, elements, words, viewer_options }
}

const VERSION: &str = "1, the version of the document's format";

fn video<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<Video> {
    let mut fields = Fields::new(reader, value, "an object with `id`, and perhaps `title`");
    let id = fields.required("id", ID, proper_id);
    let title = fields.text("title").map(str::to_owned);
    if EXPLAINS {
        events::video(&mut fields);
    } else {
        fields.accept(&["number", "thumbnail", "downloadUrl", "shareUrl", "embedUrl"]);
    }
    fields.finish();
    Some(Video { id: id?.to_owned(), title })
}

fn variables(reader: &mut Reader<'_>, value: &Json) -> Option<Object> {
    let Some(object) = value.as_object() else {
        reader.wrong(value, "an object");
        return None;
    };
    if object.len() > MOST_VARIABLES {
        reader.too_much(object.len(), MOST_VARIABLES);
    }
    for (number, (name, _)) in object.iter().enumerate().take(MOST_VARIABLES) {
        if let Some(fault) = variable_name_fault(name) {
            reader.enter_field(number, name);
            reader.report(DiagnosticKind::Name, fault);
            reader.leave();
        }
    }
    Some(object.clone())
}

const OPTIONS: &str = "a list of what viewers may set: `[\"pause\", \"list\"]`";

fn words<'d>(reader: &mut Reader<'d>, value: &'d Json, mut words: Words) -> Words {
    let mut fields = Fields::new(reader, value, "an object of texts");
    for word in Word::ALL {
        if let Some(text) = fields.text(word.as_str()) {
            words.set(word, text);
        }
    }
    fields.finish();
    words
}

const ID: &str = "a text of at most 200 characters";

/// Reads the id of the webhook or element at place `number`; it is empty if there is no proper one.
fn id(fields: &mut Fields<'_, '_>, what: Reference, number: usize) -> String {
    let id = fields.required("id", ID, |reader, value| {
        let id = proper_id(reader, value)?;
        let (ids, list) = match what {
            Reference::Webhook => (&reader.webhooks, "webhooks"),
            Reference::Element => (&reader.elements, "elements"),
        };
        if let Some(first) = ids.list.iter().take(number).position(|other| *other == id) {
            let message = format!("`{}` is the id of {list}[{first}] already; choose another", shortened(id));
            reader.report(DiagnosticKind::DuplicateId, &message);
        }
        Some(id)
    });
    id.unwrap_or_default().to_owned()
}

fn proper_id<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<&'d str> {
    let id = reader.text(value, ID)?;
    if id.chars().nth(LONGEST_ID).is_some() {
        reader.wrong(value, ID);
        return None;
    }
    Some(id)
}
