//! `cuehook:*` events.

use super::errors;
use crate::engine::Event;
use js_sys::{JSON, Object, Reflect};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, EventTarget};

/// Dispatches an event of the engine. The detail goes through `JSON.parse`, so that every key is plain data.
pub fn emit(target: &EventTarget, event: &Event) {
    dispatch(target, event.name, &detail(event), false);
}

/// Dispatches a cancelable event; returns whether the page allows what it announces, and for `request` the header
/// fields that listeners added or changed.
pub fn propose(
    target: &EventTarget,
    event: &Event,
    body: Option<&Rc<Vec<u8>>>,
) -> (bool, Vec<(String, String)>) {
    let detail = detail(event);
    let Some(body) = body else { return (dispatch(target, event.name, &detail, true), Vec::new()) };
    // Only what a listener looks at is decoded: a long log makes megabytes.
    define_text(&detail, "body", body);
    let before = headers(&detail);
    let allowed = dispatch(target, event.name, &detail, true);
    let mut after = headers(&detail);
    after.retain(|field| !before.contains(field));
    (allowed, after)
}

/// Defines a property whose value is `bytes` as text, decoded each time it is read.
///
/// The getter belongs to the browser: the page can keep the object and read it later, and when the object is collected
/// as garbage, the getter's share of the bytes is given back.
fn define_text(object: &JsValue, name: &str, bytes: &Rc<Vec<u8>>) {
    let bytes = Rc::clone(bytes);
    let read = Closure::<dyn Fn() -> String>::new(move || String::from_utf8_lossy(&bytes).into_owned());
    let property = Object::new();
    errors::set(&property, "get", &read.into_js_value());
    errors::set(&property, "enumerable", &JsValue::TRUE);
    // An object of ours takes any property.
    let _ = Reflect::define_property::<JsValue>(object.unchecked_ref(), &JsValue::from_str(name), &property);
}

fn detail(event: &Event) -> JsValue {
    JSON::parse(&event.detail).unwrap_or(JsValue::NULL)
}

/// Dispatches an event; returns false if a listener called `preventDefault()`.
pub fn dispatch(target: &EventTarget, name: &str, detail: &JsValue, cancelable: bool) -> bool {
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    init.set_cancelable(cancelable);
    init.set_detail(detail);
    let name = format!("cuehook:{name}");
    CustomEvent::new_with_event_init_dict(&name, &init)
        .and_then(|event| target.dispatch_event(&event))
        .unwrap_or(true)
}

/// The entries of `detail.headers` whose value is a text. Listeners of `cuehook:request` add a token there.
///
/// The object is in the page's hands, so reading it may throw; what throws is left out.
fn headers(detail: &JsValue) -> Vec<(String, String)> {
    let Ok(headers) = Reflect::get(detail, &JsValue::from_str("headers")) else { return Vec::new() };
    let Ok(keys) = Reflect::own_keys(&headers) else { return Vec::new() };
    keys.iter()
        .filter_map(|key| {
            let name = key.as_string()?;
            let value = Reflect::get(&headers, &key).ok()?.as_string()?;
            Some((name, value))
        })
        .collect()
}
