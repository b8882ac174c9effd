//! JSON: the one tree that documents, answers, variables and parameters are made of.
//!
//! [`parse`] reads bytes with bounds, [`write`] writes compact text. Objects keep the order of their keys,
//! and a key is only ever data: nothing here knows `__proto__`.

mod number;
mod object;
mod parse;
mod position;
mod scan;
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) mod tests;
mod write;

pub use number::parse_number;
pub use object::Object;
pub use parse::{ParseError, parse};
pub(crate) use position::position;
pub use write::{write, write_number, write_string};

use std::sync::Arc;

/// A JSON value. Cloning is cheap: text, arrays and objects are shared.
#[derive(Clone, Debug, PartialEq, Default)]
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
        }
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
        match self {
            #[allow(clippy::cast_precision_loss)]
            Json::Integer(number) => Some(*number as f64),
            Json::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
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
