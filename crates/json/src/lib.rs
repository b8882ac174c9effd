//! JSON: the one tree that documents, answers, variables and parameters are made of.
//!
//! [`parse`] reads bytes with bounds, [`check`] only checks them and leaves lists and objects to be read when somebody
//! looks, and numbers in their spelling, [`write`] writes compact text, [`spans`] says where in a text each value stands. Objects keep the order of their keys, and a key is only ever data: nothing here
//! knows `__proto__`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(any(all(test, not(target_arch = "wasm32")), feature = "proptest"))]
pub mod arbitrary;
mod lazy;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod lazy_tests;
mod members;
mod number;
mod object;
mod parse;
mod position;
mod scan;
#[cfg(not(target_arch = "wasm32"))]
mod spans;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod view;
mod write;

pub use lazy::Lazy;
pub use number::parse_number;
pub use object::Object;
pub use parse::{ParseError, check, parse};
pub use position::position;
#[cfg(not(target_arch = "wasm32"))]
pub use spans::{FieldSpan, Parts, Span, spans};
pub use view::{View, write_integer, write_rounded};
pub use write::{write, write_number, write_string};

use std::sync::Arc;

/// A JSON value. Cloning is cheap: text, arrays and objects are shared.
///
/// The methods see through [`Json::Lazy`]; whoever matches calls [`read`](Json::read) first. Two lazy values are
/// equal when their texts are; otherwise the values are compared, objects in their order.
#[derive(Clone, Debug, Default)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction or exponent that fits 64 bits.
    Integer(i64),
    /// Any other number; always finite.
    Float(f64),
    /// Text.
    String(Arc<str>),
    /// A list.
    Array(Arc<Vec<Json>>),
    /// Keys and values.
    Object(Arc<Object>),
    /// A list or an object that was checked and is read when somebody looks, or a number in it that is not written as we
    /// would write it (`1.50`, `18446744073709551615`) and keeps its spelling; only [`check`] makes such.
    Lazy(Lazy),
}

impl Json {
    /// What the value is, in words for error messages: `null`, `a number`, `an object`…
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Integer(_) | Json::Float(_) => "a number",
            Json::String(_) => "a text",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
            Json::Lazy(lazy) => lazy.kind(),
        }
    }

    /// The same value, never [`Json::Lazy`] itself; lists and objects inside it may be.
    pub fn read(&self) -> &Json {
        match self {
            Json::Lazy(lazy) => lazy.read(),
            read => read,
        }
    }

    /// How many bytes of text [`read`](Json::read) goes through now; none of what was read before.
    pub fn unread(&self) -> usize {
        match self {
            Json::Lazy(lazy) if !lazy.is_read() => lazy.length(),
            _ => 0,
        }
    }

    /// Whether both are one and the same text, list or object in memory, which takes no comparison.
    pub fn is_shared(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::String(one), Json::String(other)) => Arc::ptr_eq(one, other),
            (Json::Array(one), Json::Array(other)) => Arc::ptr_eq(one, other),
            (Json::Object(one), Json::Object(other)) => one.is_shared(other),
            (Json::Lazy(one), Json::Lazy(other)) => one.is_shared(other),
            _ => false,
        }
    }

    /// The value of an object's key; nothing in what is no object.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.as_object()?.get(key)
    }

    /// The item of a list at `index`, from 0; nothing in what is no list.
    pub fn item(&self, index: usize) -> Option<&Json> {
        self.as_array()?.get(index)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self.read() {
            #[allow(clippy::cast_precision_loss)]
            Json::Integer(number) => Some(*number as f64),
            Json::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self.read() {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self.read() {
            Json::Array(list) => Some(list),
            _ => None,
        }
    }

    /// The value as compact JSON text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        write(self, &mut out);
        out
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Json::Null, Json::Null) => true,
            (Json::Bool(one), Json::Bool(other)) => one == other,
            (Json::Integer(one), Json::Integer(other)) => one == other,
            (Json::Float(one), Json::Float(other)) => one == other,
            (Json::String(one), Json::String(other)) => one == other,
            (Json::Array(one), Json::Array(other)) => one == other,
            (Json::Object(one), Json::Object(other)) => one == other,
            (Json::Lazy(one), Json::Lazy(other)) => one == other,
            (Json::Lazy(lazy), read) | (read, Json::Lazy(lazy)) => lazy.read() == read,
            _ => false,
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::String(text.into())
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Json::Object(Arc::new(object))
    }
}
