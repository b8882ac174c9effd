//! `cuehook:*` events. Dispatching them is in events.js, since it is questions to the browser.

use crate::engine::{Event, EventName};
use crate::json::Json;
use js_sys::Array;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

#[wasm_bindgen(module = "/src/browser/events.js")]
extern "C" {
    /// `given` is the detail, or a function that gives it as JSON text; `body` a function, too.
    #[wasm_bindgen(catch, js_name = dispatch)]
    fn show(
        target: &EventTarget,
        name: &str,
        cancelable: bool,
        given: &JsValue,
        body: &JsValue,
    ) -> Result<Option<Array>, JsValue>;
}

/// Dispatches an event of the engine.
pub fn emit(target: &EventTarget, event: Event) {
    propose(target, event, None);
}

/// Dispatches an event; returns whether the page allows what it announces, and for `request` the header
/// fields that listeners added or changed.
pub fn propose(
    target: &EventTarget,
    event: Event,
    body: Option<Rc<Vec<u8>>>,
) -> (bool, Vec<(String, String)>) {
    let name = event.name;
    let proposed = event.detail.iter().find(|(name, _)| *name == "headers").map(|(_, value)| value.clone());
    // Of the body, too, only what a listener looks at is decoded: a long log makes megabytes.
    let body =
        body.map_or(JsValue::UNDEFINED, |bytes| reader(move || String::from_utf8_lossy(&bytes).into_owned()));
    // What cannot be dispatched is allowed.
    let shown =
        show(target, name.as_str(), name.is_cancelable(), &reader(move || event.detail_text()), &body);
    let Some(texts) = shown.unwrap_or_else(|_| Some(Array::new())) else { return (false, Vec::new()) };
    let mut texts = texts.iter().map(|text| text.as_string().unwrap_or_default());
    let mut fields = Vec::new();
    while let (Some(name), Some(value)) = (texts.next(), texts.next()) {
        let before = proposed.as_ref().and_then(|headers| headers.get(&name));
        if before.and_then(Json::as_str) != Some(&value) {
            fields.push((name, value));
        }
    }
    (true, fields)
}

/// A function that gives a text.
///
/// It belongs to the browser: the page can keep the event and read it later, and when that is collected as garbage, what
/// the function holds is given back.
fn reader(read: impl Fn() -> String + 'static) -> JsValue {
    Closure::<dyn Fn() -> JsValue>::new(move || JsValue::from(read())).into_js_value()
}

/// Dispatches an event whose detail is there.
pub fn dispatch(target: &EventTarget, name: EventName, detail: &JsValue) {
    // A page that has done away with what it takes hears nothing.
    let _ = show(target, name.as_str(), name.is_cancelable(), detail, &JsValue::UNDEFINED);
}
