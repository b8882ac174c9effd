//! Values that cross the border: JSON text is the only way in or out.

use super::errors;
use crate::error::ErrorCode;
use crate::json::{self, Json};
use js_sys::JSON;
use wasm_bindgen::prelude::*;

/// How deep a value from JavaScript may be nested.
pub const MAX_DEPTH: usize = 64;

/// A JavaScript value as JSON; `undefined` is null.
///
/// # Errors
/// `config-invalid`: the value refers to itself, is a function or a symbol, holds a BigInt, or is nested too deep.
pub fn from_js(value: &JsValue, what: &str) -> Result<Json, JsValue> {
    if value.is_undefined() || value.is_null() {
        return Ok(Json::Null);
    }
    let refuse =
        |why: &str| errors::error(ErrorCode::ConfigInvalid, &format!("{what} is no JSON value: {why}"));
    let text = match JSON::stringify(value) {
        Ok(text) => JsValue::from(text).as_string(),
        Err(thrown) => {
            let reason = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
            return Err(refuse(reason.as_deref().unwrap_or("it cannot be written as JSON")));
        }
    };
    let Some(text) = text else { return Err(refuse("functions and symbols have no JSON form")) };
    json::check(text.as_bytes(), MAX_DEPTH).map_err(|error| refuse(&error.message))
}

/// JSON text as a JavaScript value. `JSON.parse` makes every key an own property, `__proto__` too.
pub fn to_js(text: &str) -> JsValue {
    JSON::parse(text).unwrap_or(JsValue::UNDEFINED)
}
