//! The options of `attach`.

use super::errors;
use crate::error::ErrorCode;
use crate::json;
use crate::project::{self, Words};
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

const NAMES: [&str; 2] = ["allowOrigins", "expressions"];
/// What the loader adds.
const LEDGER: &str = "ledger";
const WORDS: &str = "words";

/// What the page decides, in camel case. Unknown names are errors.
// Read by hand: `serde_wasm_bindgen::from_value` of the same two options makes the download 14.4 KB larger (brotli).
#[derive(Clone, Debug, Default)]
pub struct AttachOptions {
    /// Origins to which webhooks may post; all, if absent.
    pub allow_origins: Option<Vec<String>>,
    /// Where the instance writes down what must be known outside when the module has failed: `stage`, its outermost
    /// element, and `isHeld`, whether the video stands still for a webhook. Given by the loader, not by the page.
    pub ledger: JsValue,
    /// What Cuehook says in the language of the page. Given by the loader as JSON text; without it, English.
    pub words: Words,
}

impl AttachOptions {
    /// Reads options; `undefined` and `null` are the default ones.
    ///
    /// # Errors
    /// `config-invalid`: an unknown name or a value of another type.
    pub fn from_js(value: JsValue) -> Result<AttachOptions, JsValue> {
        if value.is_undefined() || value.is_null() {
            return Ok(AttachOptions::default());
        }
        let refuse = |why: &str| errors::error(ErrorCode::ConfigInvalid, &format!("options: {why}"));
        let keys = Reflect::own_keys(&value).map_err(|_| refuse("expected an object"))?;
        for key in keys.iter() {
            let name = key.as_string().unwrap_or_default();
            if ![LEDGER, WORDS].contains(&name.as_str()) && !NAMES.contains(&name.as_str()) {
                return Err(refuse(&format!("unknown option `{name}`; there is: {}", NAMES.join(", "))));
            }
        }
        // Which build of the module runs has been decided by the loader.
        let expressions = Reflect::get(&value, &"expressions".into()).unwrap_or_default();
        let known = expressions.as_string().is_some_and(|word| matches!(&*word, "full" | "default"));
        if !known && !expressions.is_undefined() && !expressions.is_null() {
            return Err(refuse("`expressions` must be \"full\" or \"default\""));
        }
        let ledger = Reflect::get(&value, &LEDGER.into()).unwrap_or_default();
        let words = Reflect::get(&value, &WORDS.into()).unwrap_or_default().as_string();
        let words = words.and_then(|text| json::parse(text.as_bytes(), 1).ok());
        let words = words.map_or_else(Words::default, |texts| project::read_words(&texts));
        let origins = Reflect::get(&value, &"allowOrigins".into()).unwrap_or_default();
        if origins.is_undefined() || origins.is_null() {
            return Ok(AttachOptions { allow_origins: None, ledger, words });
        }
        let texts = Array::is_array(&origins)
            .then(|| origins.unchecked_into::<Array>().iter().map(|origin| origin.as_string()).collect());
        match texts {
            Some(Some(origins)) => Ok(AttachOptions { allow_origins: Some(origins), ledger, words }),
            _ => {
                Err(refuse("`allowOrigins` must be an array of texts, such as `[\"https://shop.example\"]`"))
            }
        }
    }
}
