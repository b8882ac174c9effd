//! The options of `attach`.

use super::{errors, values};
use crate::engine::Target;
use crate::error::ErrorCode;
use crate::json::{self, Json};
use crate::project::{self, ViewerOption, Words};
use crate::protocol::{is_uuid, nearest};
use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::Url;

/// `viewer`, `consent` and `relayToken` are the loader's concern, and so are the addresses that `defaults` and `relay` may be.
const NAMES: [&str; 8] =
    ["allowOrigins", "consent", "defaults", "expressions", "relay", "relayToken", "viewer", "viewerOptions"];
/// What the loader adds.
const LEDGER: &str = "ledger";
const WORDS: &str = "words";
const SESSION: &str = "session";
const RECORDS: &str = "records";

/// Bytes of a time as RFC 3339, with room to spare.
const LONGEST_TIME: usize = 40;

/// What the page decides, in camel case. Unknown names are errors.
// Read by hand: `serde_wasm_bindgen::from_value` of the same two options makes the download 14.4 KB larger (brotli).
#[derive(Clone, Debug, Default)]
pub struct AttachOptions {
    /// Origins to which webhooks may post; all, if absent.
    pub allow_origins: Option<Vec<String>>,
    /// The page's relay. Given by the loader as its absolute URL, without a `/` at the end.
    pub relay: Option<Target>,
    /// What viewers may set for themselves, besides what the project offers.
    pub viewer_options: Vec<ViewerOption>,
    /// Where the instance writes down what must be known outside when the module has failed: `stage`, its outermost
    /// element, and `isHeld`, whether the video stands still for a webhook. Its methods: `record(json)` is told
    /// what happens; `keep(id, record)` writes a request down, and gives a promise; `settle(id)` is told that it need not be kept
    /// any more; `token(fresh)` gives the token for the relay, or a promise of it. Given by the loader, not by the page.
    pub ledger: JsValue,
    /// What Cuehook says in the language of the page. Given by the loader as JSON text; without it, English.
    pub words: Words,
    /// The text of a defaults document. The loader has fetched it, if the page or the project gives an address.
    pub defaults: Option<String>,
    /// The session of this tab: its UUID, and when it started. Given by the loader as `{id, startedAt}`; without it, a new
    /// one begins.
    pub session: Option<(String, String)>,
    /// Whether the ledger's `record` is told what happens, also if the project subscribes to nothing. Given by the loader.
    pub records: bool,
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
            if ![LEDGER, WORDS, SESSION, RECORDS].contains(&name.as_str()) && !NAMES.contains(&name.as_str())
            {
                return Err(refuse(&format!("unknown option `{name}`; there is: {}", NAMES.join(", "))));
            }
        }
        // Which build of the module runs has been decided by the loader.
        let expressions = Reflect::get(&value, &"expressions".into()).unwrap_or_default();
        let known = expressions.as_string().is_some_and(|word| matches!(&*word, "full" | "default"));
        if !known && !expressions.is_undefined() && !expressions.is_null() {
            return Err(refuse("`expressions` must be \"full\" or \"default\""));
        }
        let texts = |name: &str, example: &str| {
            let list = Reflect::get(&value, &name.into()).unwrap_or_default();
            if list.is_undefined() || list.is_null() {
                return Ok(None);
            }
            let texts = Array::is_array(&list)
                .then(|| list.unchecked_into::<Array>().iter().map(|text| text.as_string()).collect());
            match texts {
                Some(Some(texts)) => Ok(Some(texts)),
                _ => Err(refuse(&format!("`{name}` must be an array of texts, such as `{example}`"))),
            }
        };
        let allow_origins: Option<Vec<String>> = texts("allowOrigins", "[\"https://shop.example\"]")?;
        let mut viewer_options = Vec::new();
        for word in texts("viewerOptions", "[\"pause\", \"list\"]")?.unwrap_or_default() {
            let place = ViewerOption::WORDS.iter().position(|known| *known == word);
            let Some(option) = place.and_then(ViewerOption::at) else {
                let advice = match nearest(&word, &ViewerOption::WORDS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there is: {}", ViewerOption::WORDS.join(", ")),
                };
                return Err(refuse(&format!("`viewerOptions` knows no `{word}`; {advice}")));
            };
            viewer_options.push(option);
        }
        let ledger = Reflect::get(&value, &LEDGER.into()).unwrap_or_default();
        let words = Reflect::get(&value, &WORDS.into()).unwrap_or_default().as_string();
        let words = words.and_then(|text| json::parse(text.as_bytes(), 1).ok());
        let words = words.map_or_else(Words::default, |texts| project::read_words(&texts));
        let defaults = Reflect::get(&value, &"defaults".into()).unwrap_or_default().as_string();
        let session = Reflect::get(&value, &SESSION.into()).unwrap_or_default();
        let session = values::from_js(&session, SESSION).ok().as_ref().and_then(session_of);
        let relay = Reflect::get(&value, &"relay".into()).unwrap_or_default().as_string();
        let relay = relay.and_then(|url| {
            let origin = Url::new(&url).ok()?.origin();
            Some(Target { url, origin })
        });
        let records = Reflect::get(&value, &RECORDS.into()).unwrap_or_default().is_truthy();
        Ok(AttachOptions { allow_origins, relay, viewer_options, ledger, words, defaults, session, records })
    }
}

/// A session that an earlier load of the page wrote down. What is in storage may be anything.
fn session_of(session: &Json) -> Option<(String, String)> {
    let text = |name| session.get(name)?.as_str();
    let (id, started_at) = (text("id")?, text("startedAt")?);
    (is_uuid(id) && started_at.len() <= LONGEST_TIME).then(|| (id.to_owned(), started_at.to_owned()))
}
