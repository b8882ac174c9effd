//! The options of `attach`.

use super::errors;
use crate::error::ErrorCode;
use js_sys::Reflect;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

const NAMES: [&str; 1] = ["allowOrigins"];

/// What the page decides, in camel case. Unknown names are errors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Origins to which webhooks may post; all, if absent.
    #[serde(default)]
    pub allow_origins: Option<Vec<String>>,
}

impl Options {
    /// Reads options; `undefined` and `null` are the default ones.
    ///
    /// # Errors
    /// `config-invalid`: an unknown name or a value of another type.
    pub fn from_js(value: JsValue) -> Result<Options, JsValue> {
        if value.is_undefined() || value.is_null() {
            return Ok(Options::default());
        }
        let refuse = |why: &str| errors::error(ErrorCode::ConfigInvalid, &format!("options: {why}"));
        // serde-wasm-bindgen asks for the fields it knows and never sees the others, so they are looked for here.
        let keys = Reflect::own_keys(&value).map_err(|_| refuse("expected an object"))?;
        for key in keys.iter() {
            let name = key.as_string().unwrap_or_default();
            if !NAMES.contains(&name.as_str()) {
                return Err(refuse(&format!("unknown option `{name}`; there is: {}", NAMES.join(", "))));
            }
        }
        serde_wasm_bindgen::from_value(value).map_err(|error| refuse(&error.to_string()))
    }
}
