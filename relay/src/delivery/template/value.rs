//! What a template is filled in from, as the engine sees it: looked up as needed, never copied, and counted.

use super::OUTPUT_BYTES;
use cuehook_json::{Json, write_number, write_string};
use minijinja::Value;
use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, ValueKind};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering as Atomic};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that one template may read and make, for one body: more than the largest body of a call by default.
const MOST: usize = 16 * 1024 * 1024;
/// What it costs to look something up, in bytes.
const LOOK: usize = 16;
/// Deepest list or object that is made by a template, in levels.
const DEEPEST: usize = 16;

/// What is still allowed, and what has to be remembered, while one template is filled in.
#[derive(Debug)]
pub(super) struct Work {
    left: AtomicUsize,
    /// How numbers were written that we would write otherwise, by their bits: `1.50`.
    spelled: Mutex<BTreeMap<u64, String>>,
}

impl Default for Work {
    fn default() -> Self {
        Self { left: AtomicUsize::new(MOST), spelled: Mutex::default() }
    }
}

impl Work {
    /// Takes so many bytes from what is left; whether there were as many.
    pub(super) fn spend(&self, bytes: usize) -> bool {
        let left = self.left.load(Atomic::Relaxed);
        let is_enough = left > bytes;
        self.left.store(if is_enough { left - bytes } else { 0 }, Atomic::Relaxed);
        is_enough
    }

    /// Whether nothing is left. Everything seems to be empty then.
    pub(super) fn is_spent(&self) -> bool {
        self.left.load(Atomic::Relaxed) == 0
    }

    /// A value for the engine; none if nothing is left to look with.
    pub(super) fn value(self: &Arc<Self>, json: &Json) -> Option<Value> {
        if !self.spend(LOOK + json.unread()) {
            return None;
        }
        Some(match json.read() {
            Json::Null => Value::from(()),
            Json::Bool(value) => Value::from(*value),
            Json::String(text) => {
                // Longer ones cannot be written anyhow, and each comparison would go through them.
                if text.len() > OUTPUT_BYTES {
                    self.spend(MOST);
                    return None;
                }
                Value::from(Arc::clone(text))
            }
            Json::Array(_) | Json::Object(_) => {
                Value::from_object(Node { json: json.clone(), work: Arc::clone(self) })
            }
            Json::Integer(number) if !matches!(json, Json::Lazy(_)) => Value::from(*number),
            Json::Float(number) if !matches!(json, Json::Lazy(_)) => Value::from(*number),
            _ => self.spelled(json),
        })
    }

    /// A number that is not written as we would write it.
    fn spelled(&self, json: &Json) -> Value {
        let text = json.to_text();
        if !self.spend(text.len()) {
            return Value::from(0);
        }
        if let Some(number) = text.parse::<i128>().ok().filter(|number| number.to_string() == text) {
            return Value::from(number);
        }
        let number = json.as_f64().unwrap_or_default();
        self.spelled.lock().unwrap_or_else(PoisonError::into_inner).insert(number.to_bits(), text);
        Value::from(number)
    }

    /// Appends a number as it was written, or as JavaScript writes it.
    fn number(&self, value: &Value, out: &mut String) {
        match f64::try_from(value.clone()) {
            Ok(number) if !value.is_integer() => {
                match self.spelled.lock().unwrap_or_else(PoisonError::into_inner).get(&number.to_bits()) {
                    Some(text) => out.push_str(text),
                    None => write_number(number, out),
                }
            }
            _ => out.push_str(&value.to_string()),
        }
    }

    /// Appends a value as text: what stands between quotes. Nothing for what is missing or null; lists and objects as JSON.
    pub(super) fn text(&self, value: &Value, out: &mut String) -> Result<(), TooDeep> {
        match value.kind() {
            ValueKind::Undefined | ValueKind::None => Ok(()),
            ValueKind::String => {
                out.push_str(value.as_str().unwrap_or_default());
                Ok(())
            }
            _ => self.json(value, out),
        }
    }

    /// Appends a value as JSON.
    pub(super) fn json(&self, value: &Value, out: &mut String) -> Result<(), TooDeep> {
        self.json_at(value, out, 0)
    }

    fn json_at(&self, value: &Value, out: &mut String, depth: usize) -> Result<(), TooDeep> {
        let start = out.len();
        match value.kind() {
            ValueKind::Bool => out.push_str(if value.is_true() { "true" } else { "false" }),
            ValueKind::Number => self.number(value, out),
            ValueKind::String => write_string(value.as_str().unwrap_or_default(), out),
            ValueKind::Seq | ValueKind::Iterable | ValueKind::Map => {
                if let Some(node) = value.downcast_object_ref::<Node>() {
                    cuehook_json::write(&node.json, out);
                } else if depth == DEEPEST {
                    return Err(TooDeep);
                } else {
                    self.made(value, out, depth)?;
                    // What is inside was counted.
                    return Ok(());
                }
            }
            // Missing, null, and what has no text.
            _ => out.push_str("null"),
        }
        self.spend(out.len() - start);
        Ok(())
    }

    /// Appends a list or an object that the template has made.
    fn made(&self, value: &Value, out: &mut String, depth: usize) -> Result<(), TooDeep> {
        let is_map = value.kind() == ValueKind::Map;
        out.push(if is_map { '{' } else { '[' });
        for (place, item) in value.try_iter().into_iter().flatten().enumerate() {
            if !self.spend(LOOK) {
                break;
            }
            if place > 0 {
                out.push(',');
            }
            if is_map {
                let mut key = String::new();
                self.text(&item, &mut key)?;
                write_string(&key, out);
                out.push(':');
                self.json_at(&value.get_item(&item).unwrap_or_default(), out, depth + 1)?;
            } else {
                self.json_at(&item, out, depth + 1)?;
            }
        }
        out.push(if is_map { '}' } else { ']' });
        Ok(())
    }
}

/// A list or object is nested too deep.
#[derive(Debug)]
pub(super) struct TooDeep;

impl From<TooDeep> for minijinja::Error {
    fn from(_: TooDeep) -> Self {
        Self::new(minijinja::ErrorKind::InvalidOperation, "lists and objects are nested too deep here")
    }
}

/// A list or an object of what a template is filled in from.
struct Node {
    json: Json,
    work: Arc<Work>,
}

// Without what is in it: that goes through `render`.
impl fmt::Debug for Node {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.json.kind())
    }
}

impl Object for Node {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match self.json.read() {
            Json::Array(_) => ObjectRepr::Seq,
            _ => ObjectRepr::Map,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match self.json.read() {
            Json::Array(list) => self.work.value(list.get(usize::try_from(key.clone()).ok()?)?),
            _ => self.get_value_by_str(key.as_str()?),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.work.value(self.json.get(key)?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let length = self.enumerator_len().unwrap_or_default();
        if !self.work.spend(length.saturating_mul(LOOK)) {
            return Enumerator::Empty;
        }
        match self.json.read() {
            Json::Object(object) => {
                let keys: Vec<Value> = object.iter().map(|(key, _)| Value::from(key)).collect();
                Enumerator::Iter(Box::new(keys.into_iter()))
            }
            _ => Enumerator::Seq(length),
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match self.json.read() {
            Json::Array(list) => Some(list.len()),
            Json::Object(object) => Some(object.len()),
            _ => None,
        }
    }

    /// By their texts, which takes no look at each part.
    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        if self.json.is_shared(&other.json) {
            return Some(Ordering::Equal);
        }
        let texts = [self.json.to_text(), other.json.to_text()];
        self.work.spend(texts.iter().map(String::len).sum());
        let [one, other] = texts;
        Some(one.cmp(&other))
    }

    fn render(self: &Arc<Self>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.json.to_text();
        self.work.spend(text.len());
        out.write_str(&text)
    }
}

/// The names that a template finds: the fields, and the whole under a name of its own.
pub(super) struct Root {
    json: Json,
    whole: &'static str,
    work: Arc<Work>,
}

impl Root {
    pub(super) fn new(json: Json, whole: &'static str, work: &Arc<Work>) -> Self {
        Self { json, whole, work: Arc::clone(work) }
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.whole)
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match key {
            name if name == self.whole => self.work.value(&self.json),
            // A field of that name would be taken for the loop's numbers, outside of loops.
            "loop" => None,
            _ => self.work.value(self.json.get(key)?),
        }
    }
}
