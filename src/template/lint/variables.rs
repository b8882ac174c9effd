//! Whether what a template reads exists, as far as a sample says.

use crate::json::{Json, Object};
use crate::protocol::nearest;
use crate::template::expression::lexer::name_end;
use crate::template::expression::path::Path;
use crate::template::expression::scope::LoopState;
use std::collections::BTreeSet;
use std::sync::Arc;

/// So many items of lists are looked at.
const MOST_ITEMS: usize = 50;
/// So many keys are looked at, and so many are listed.
const MOST_KEYS: usize = 500;
const MOST_LISTED: usize = 8;

/// What is known of the variables that a template will see.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Variables with their values: sample answers, the project's own variables.
    pub samples: Vec<Object>,
    /// Variables of which only the name is known.
    pub names: Vec<String>,
    /// The ids of the webhooks; without, any will do.
    pub webhooks: Option<Vec<String>>,
    /// The ids of the forms, and the names of their fields; without, any will do.
    pub forms: Option<Vec<(String, Vec<String>)>>,
    /// The ids of the questions; without, any will do.
    pub questions: Option<Vec<String>>,
    /// Whether there may be other variables than these.
    pub others: bool,
}

/// What is known of the answer to a question.
const OUTCOME: [&str; 5] = ["answer", "answers", "correct", "attempts", "score"];

/// What is known of a value.
#[derive(Clone, Debug)]
enum Shape {
    /// Nothing.
    Unknown,
    /// It is one of these; not empty, and none is null.
    Values(Vec<Json>),
}

impl Shape {
    fn of(values: impl Iterator<Item = Json>) -> Shape {
        let values: Vec<Json> = values.filter(|value| *value != Json::Null).take(MOST_ITEMS).collect();
        if values.is_empty() { Shape::Unknown } else { Shape::Values(values) }
    }
}

/// A name that the template itself gives.
#[derive(Debug)]
struct Local {
    name: Arc<str>,
    shape: Shape,
    /// `products[]` for an item of `products`.
    origin: Option<String>,
}

/// The names that are known at some place of a template.
#[derive(Debug)]
pub(super) struct Variables<'a> {
    known: Option<&'a Known>,
    locals: Vec<Local>,
}

/// Where a path leads.
enum Way {
    There(Shape),
    /// The key of this number is not among these.
    Nowhere(usize, Vec<String>),
}

impl<'a> Variables<'a> {
    pub(super) fn new(known: Option<&'a Known>) -> Self {
        Self { known, locals: Vec::new() }
    }

    /// `{% set name = … %}`. It counts behind the branch in which it stands, too.
    pub(super) fn set(&mut self, name: &Arc<str>) {
        self.locals.push(Local { name: name.clone(), shape: Shape::Unknown, origin: None });
    }

    /// Names the item of a loop over `list`; [`Variables::leave`] with the returned mark ends the loop.
    pub(super) fn enter(&mut self, name: &Arc<str>, list: &str) -> usize {
        let mark = self.locals.len();
        let path = Path::parse(list);
        let shape = match path.as_ref().map(|path| self.walk(list, path)) {
            Some(Way::There(Shape::Values(lists))) => {
                Shape::of(lists.iter().filter_map(Json::as_array).flatten().cloned())
            }
            _ => Shape::Unknown,
        };
        let origin = path.and_then(|_| self.origin(list)).map(|list| list + "[]");
        let turn = LoopState { index: 0, length: 1 }.value();
        self.locals.push(Local { name: "loop".into(), shape: Shape::Values(vec![turn]), origin: None });
        self.locals.push(Local { name: name.clone(), shape, origin });
        mark
    }

    /// Forgets all names that were added since.
    pub(super) fn leave(&mut self, mark: usize) {
        self.locals.truncate(mark);
    }

    fn local(&self, name: &str) -> Option<&Local> {
        self.locals.iter().rev().find(|local| &*local.name == name)
    }

    /// The path from the answer: `products[].name` for `p.name`. `None` for what the template itself makes.
    pub(super) fn origin(&self, path: &str) -> Option<String> {
        let end = name_end(path, 0)?;
        let (name, rest) = (path.get(..end)?, path.get(end..)?);
        match self.local(name) {
            _ if name == "context" => Some(path.strip_prefix("context.").unwrap_or(path).to_owned()),
            Some(local) => Some([local.origin.as_deref()?, rest].concat()),
            None => Some(path.to_owned()),
        }
    }

    /// What is wrong with the path that begins at byte `start` of an expression's `text`, and whether what follows it
    /// was meant to belong to it.
    pub(super) fn check(
        &self,
        text: &str,
        path: &str,
        start: usize,
        foreseen: bool,
    ) -> Option<(String, bool)> {
        let (compiled, end) = Path::prefix(path, 0)?;
        let Way::Nowhere(number, keys) = self.walk(path, &compiled) else { return None };
        let range = compiled.keys.get(number)?.clone();
        let (before, key, after) =
            (path.get(..range.start)?, path.get(range.clone())?, path.get(range.end..)?);
        let first = path.get(compiled.keys.first()?.clone())?;
        let whose = if matches!(first, "forms" | "questions") { "project" } else { "sample" };
        let message = format!("the {whose} has no `{}`", path.get(..range.end)?);
        // `user-name` is a subtraction, unless it stands in brackets.
        if let Some((name, rest)) = hyphenated(text, start + end, key)
            && keys.contains(&name)
        {
            let before = if number == 0 { "context" } else { before.trim_end_matches('.') };
            let advice = format!("{message}, and `-` subtracts; write `{before}['{name}']{rest}`");
            return Some((advice, true));
        }
        let candidates: Vec<&str> = keys.iter().map(String::as_str).collect();
        if let Some(near) = nearest(key, &candidates) {
            let plain = Path::parse(near).is_some() || before.ends_with(['\'', '"']);
            let advice = match plain {
                true => format!("{message}; write `{before}{near}{after}`"),
                false => format!("{message}; did you mean `{near}`?"),
            };
            return Some((advice, false));
        }
        if foreseen {
            return None;
        }
        let mut listed = String::new();
        for (number, key) in keys.iter().enumerate() {
            if number == MOST_LISTED {
                listed.push_str(", …");
                break;
            }
            listed.push_str(if number == 0 { "; there is `" } else { ", `" });
            listed.push_str(key);
            listed.push('`');
        }
        let advice = format!("{message}{listed}; if it may be missing, give a default: `${{{path}! -}}`");
        Some((advice, false))
    }

    /// Follows a path; `text` is what it was compiled from.
    fn walk(&self, text: &str, path: &Path) -> Way {
        let mut keys = path.keys.iter().map(|key| text.get(key.clone()).unwrap_or_default()).enumerate();
        let Some((_, first)) = keys.next() else { return Way::There(Shape::Unknown) };
        let local = self.local(first).filter(|_| !path.whole);
        let mut values = match (local, self.known) {
            (Some(local), _) => match &local.shape {
                Shape::Unknown => return Way::There(Shape::Unknown),
                Shape::Values(values) => values.clone(),
            },
            (None, None) => return Way::There(Shape::Unknown),
            (None, Some(known)) if first == "webhooks" => {
                return match (keys.next(), &known.webhooks) {
                    (Some((number, id)), Some(ids)) if !ids.iter().any(|known| known == id) => {
                        Way::Nowhere(number, ids.clone())
                    }
                    _ => Way::There(Shape::Unknown),
                };
            }
            // Those of a button are its own affair.
            (None, Some(_)) if first == "params" => return Way::There(Shape::Unknown),
            (None, Some(known)) if first == "forms" || first == "questions" => {
                let outcome = || OUTCOME.map(str::to_owned).to_vec();
                let entries = match (first, &known.forms, &known.questions) {
                    ("forms", Some(forms), _) => forms.clone(),
                    ("questions", _, Some(ids)) => ids.iter().map(|id| (id.clone(), outcome())).collect(),
                    _ => return Way::There(Shape::Unknown),
                };
                let Some((number, id)) = keys.next() else { return Way::There(Shape::Unknown) };
                let Some((_, fields)) = entries.iter().find(|(known, _)| known == id) else {
                    return Way::Nowhere(number, entries.into_iter().map(|(id, _)| id).collect());
                };
                return match keys.next() {
                    Some((number, field)) if !fields.iter().any(|known| known == field) => {
                        Way::Nowhere(number, fields.clone())
                    }
                    _ => Way::There(Shape::Unknown),
                };
            }
            (None, Some(known)) => {
                let found: Vec<&Json> = known.samples.iter().filter_map(|sample| sample.get(first)).collect();
                if known.names.iter().any(|name| name == first) {
                    return Way::There(Shape::Unknown);
                }
                if found.is_empty() && known.others {
                    return Way::There(Shape::Unknown);
                }
                if found.is_empty() {
                    return Way::Nowhere(0, self.names(known));
                }
                match Shape::of(found.into_iter().cloned()) {
                    Shape::Unknown => return Way::There(Shape::Unknown),
                    Shape::Values(values) => values,
                }
            }
        };
        for (number, key) in keys {
            let inner = |value: &Json| value.get(key).or_else(|| value.item(key.parse().ok()?)).cloned();
            let found: Vec<Json> = values.iter().filter_map(inner).collect();
            // An index beyond the end says only that the sample is short. Of a text it is a character.
            if found.is_empty()
                && key.parse::<usize>().is_ok()
                && values.iter().any(|value| value.as_array().is_some() || value.as_str().is_some())
            {
                return Way::There(Shape::Unknown);
            }
            if found.is_empty() {
                return Way::Nowhere(number, keys_of(values.iter().filter_map(Json::as_object)));
            }
            match Shape::of(found.into_iter()) {
                Shape::Unknown => return Way::There(Shape::Unknown),
                Shape::Values(inner) => values = inner,
            }
        }
        Way::There(Shape::Values(values))
    }

    /// The names with which a path can begin.
    fn names(&self, known: &Known) -> Vec<String> {
        let locals = self.locals.iter().rev().map(|local| &*local.name);
        let mut names: Vec<String> = Vec::new();
        for name in locals.chain(known.names.iter().map(String::as_str)).chain(["webhooks"]) {
            // The answer's own first, below.
            if name != "loop" && !names.iter().any(|known| known == name) && names.len() < MOST_KEYS {
                names.push(name.to_owned());
            }
        }
        let mut all = keys_of(known.samples.iter().rev());
        all.extend(names);
        all
    }
}

/// The keys of objects, each once.
fn keys_of<'o>(objects: impl Iterator<Item = &'o Object>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut keys = Vec::new();
    for (key, _) in objects.flat_map(Object::iter).take(MOST_KEYS) {
        if seen.insert(key) {
            keys.push(key.to_owned());
        }
    }
    keys
}

/// `key` with what follows directly after a minus at byte `end`, as if the minus belonged to the name; and the rest of
/// the path.
fn hyphenated<'t>(text: &'t str, end: usize, key: &str) -> Option<(String, &'t str)> {
    let mut at = end;
    while text.as_bytes().get(at) == Some(&b'-')
        && let Some(end) = name_end(text, at + 1)
    {
        at = end;
    }
    let rest = text.get(at..)?;
    let length = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"._".contains(byte)).count();
    (at > end).then_some(([key, text.get(end..at)?].concat(), rest.get(..length)?))
}

/// What is wrong with `webhooks.get-code.x`, if the path that begins at byte `start` of an expression is its beginning.
pub(super) fn subtraction(text: &str, path: &str, start: usize) -> Option<String> {
    let (compiled, end) = Path::prefix(path, 0)?;
    let [first, last] = compiled.keys.as_slice() else { return None };
    // An answer is an object, from which nothing can be subtracted.
    if path.get(first.clone()) != Some("webhooks") || path.ends_with(']') {
        return None;
    }
    let (name, rest) = hyphenated(text, start + end, path.get(last.clone())?)?;
    Some(format!("this subtracts from `{path}`; for the answer of `{name}` write `webhooks['{name}']{rest}`"))
}
