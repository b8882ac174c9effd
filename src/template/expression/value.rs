//! The context as the expression engine sees it: looked up as needed, never copied.

use super::compare::truthy;
use super::scope::{Locals, Scope};
use crate::json::{self, Json};
use crate::session::Context;
use crate::template::expression::work::Work;
use minijinja::value::{Enumerator, Object, ObjectRepr, ValueKind};
use minijinja::{State, Value};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most values in a list or object that an expression makes.
const MAX_VALUES: usize = 10_000;
/// The deepest list or object that an expression makes.
const MAX_DEPTH: usize = 64;

/// What one evaluation needs to know and to remember.
#[derive(Clone, Default)]
pub(in crate::template) struct Misses {
    /// Whether it looked at something that is missing or null.
    any: Arc<AtomicBool>,
    /// The formula multiplies. The engine would repeat a list as often as an answer says, so lists are no lists then:
    /// their items can be taken, but a hostile answer cannot keep the page busy.
    multiplies: bool,
    /// Nor are texts texts, for the same reason: they can be shown, tested and filtered, but not repeated.
    hides_texts: bool,
    /// What may still be done.
    work: Work,
}

impl Misses {
    pub(in crate::template) fn of(multiplies: bool, hides_texts: bool, work: &Work) -> Self {
        Self { any: Arc::default(), multiplies, hides_texts, work: work.clone() }
    }

    pub(in crate::template) fn work(&self) -> &Work {
        &self.work
    }

    pub(in crate::template) fn any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// Those of the evaluation that is under way.
    pub(in crate::template) fn current(state: &State<'_, '_>) -> Misses {
        let misses = state.lookup(MISSES);
        misses.and_then(|misses| misses.downcast_object_ref::<Misses>().cloned()).unwrap_or_default()
    }

    /// What a filter gave as the engine's value: null is a missing value.
    pub(in crate::template) fn result(&self, result: &Json) -> Value {
        self.value(Some(result).filter(|result| !matches!(result, Json::Null))).unwrap_or_default()
    }

    fn value(&self, found: Option<&Json>) -> Option<Value> {
        match found.map(|found| self.work.read(found)) {
            None => {
                self.any.store(true, Ordering::Relaxed);
                None
            }
            Some(Json::Null) => {
                self.any.store(true, Ordering::Relaxed);
                Some(Value::from(()))
            }
            Some(Json::Bool(value)) => Some(Value::from(*value)),
            Some(Json::Integer(value)) => Some(Value::from(*value)),
            Some(Json::Float(value)) => Some(Value::from(*value)),
            Some(Json::String(text)) if !self.hides_texts => Some(Value::from(text)),
            Some(nested @ (Json::String(_) | Json::Array(_) | Json::Object(_) | Json::Lazy(_))) => {
                Some(Value::from_object(Nested { json: nested.clone(), misses: self.clone() }))
            }
        }
    }
}

/// The name under which filters find [`Misses`]; no expression can spell it.
const MISSES: &str = "\0misses";

// So that it can be looked up.
impl Object for Misses {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

impl fmt::Debug for Misses {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("misses")
    }
}

/// The names that an expression can use.
pub(in crate::template) struct Root {
    context: Context,
    locals: Locals,
    misses: Misses,
    /// Whether `context` names the context itself: at the start of a path, not in `context.context`.
    outermost: bool,
}

impl Root {
    /// A view of the names as they are now.
    pub(in crate::template) fn value(scope: &Scope<'_>, misses: &Misses) -> Value {
        Value::from_object(Root {
            context: scope.context().clone(),
            locals: scope.locals().clone(),
            misses: misses.clone(),
            outermost: true,
        })
    }

    fn variables(&self) -> Nested {
        Nested { json: self.context.variables().clone().into(), misses: self.misses.clone() }
    }
}

// Without names and values: what the engine prints goes through `render`.
impl fmt::Debug for Root {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("context")
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Value> {
        if self.outermost && name == "context" {
            let (context, misses) = (self.context.clone(), self.misses.clone());
            let locals = Locals::default();
            return Some(Value::from_object(Root { context, locals, misses, outermost: false }));
        }
        if self.outermost && name == MISSES {
            return Some(Value::from_object(self.misses.clone()));
        }
        let found = self.locals.get(name).or_else(|| self.context.get(name));
        self.misses.value(found.as_ref())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Arc::new(self.variables()).enumerate()
    }

    fn render(self: &Arc<Self>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.variables().json.to_text())
    }
}

/// A list or an object inside the context, read, or a text that is not to be repeated.
struct Nested {
    json: Json,
    misses: Misses,
}

impl fmt::Debug for Nested {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.json.kind())
    }
}

impl Object for Nested {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.json {
            Json::String(_) => ObjectRepr::Plain,
            Json::Array(_) if self.misses.multiplies => ObjectRepr::Plain,
            Json::Array(_) => ObjectRepr::Seq,
            _ => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.misses.value(match &self.json {
            Json::Array(list) => key.as_usize().and_then(|index| list.get(index)),
            Json::Object(object) => key.as_str().and_then(|key| object.get(key)),
            _ => None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match &self.json {
            Json::Array(list) => Enumerator::Seq(list.len()),
            Json::Object(object) => {
                let keys: Vec<Value> = object.iter().map(|(key, _)| Value::from(key)).collect();
                Enumerator::Iter(Box::new(keys.into_iter()))
            }
            _ => Enumerator::Empty,
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        truthy(&self.json, &self.misses.work)
    }

    fn render(self: &Arc<Self>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.json {
            Json::String(text) => out.write_str(text),
            json => out.write_str(&json.to_text()),
        }
    }
}

/// The engine's value as ours; an absent value is null.
pub(in crate::template) fn to_json(value: &Value) -> Result<Json, &'static str> {
    convert(value, MAX_DEPTH, &mut MAX_VALUES.clone())
}

fn convert(value: &Value, depth: usize, left: &mut usize) -> Result<Json, &'static str> {
    *left = left.checked_sub(1).ok_or("the result has more than 10,000 values")?;
    let depth = depth.checked_sub(1).ok_or("the result is nested deeper than 64 levels")?;
    // Whatever it claims to be: lists are none where a formula multiplies.
    if let Some(nested) = value.downcast_object_ref::<Nested>() {
        return Ok(nested.json.clone());
    }
    Ok(match value.kind() {
        ValueKind::Undefined | ValueKind::None => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number(value)?,
        ValueKind::String => value.to_str().map_or(Json::Null, Json::String),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut list = Vec::new();
            for item in value.try_iter().map_err(|_| "the result cannot be listed")? {
                list.push(convert(&item, depth, left)?);
            }
            Json::Array(list.into())
        }
        ValueKind::Map => {
            if let Some(root) = value.downcast_object_ref::<Root>() {
                return Ok(root.variables().json);
            }
            let mut object = json::Object::new();
            for key in value.try_iter().map_err(|_| "the result cannot be listed")? {
                let item = value.get_item(&key).unwrap_or_default();
                object.set(
                    key.to_str().ok_or("the keys of an object must be texts")?.as_ref(),
                    convert(&item, depth, left)?,
                );
            }
            object.into()
        }
        _ => return Err("the result is neither text, number, boolean, list nor object"),
    })
}

fn number(value: &Value) -> Result<Json, &'static str> {
    if let Some(number) = value.is_integer().then(|| value.as_i64()).flatten() {
        return Ok(Json::Integer(number));
    }
    match f64::try_from(value.clone()) {
        Ok(number) if number.is_finite() => Ok(Json::Float(number)),
        _ => Err("the result is too large, or not a number"),
    }
}
