//! `cuehook:*` events.

use super::errors;
use crate::engine::Event;
use js_sys::{JSON, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, EventTarget};

/// Dispatches an event of the engine. The detail goes through `JSON.parse`, so that every key is plain data.
pub fn emit(target: &EventTarget, event: &Event) {
    dispatch(target, event.name, &detail(event), false);
}

/// Dispatches a cancelable event; returns whether the page allows what it announces, and for `request` the header
/// fields that listeners added or changed.
pub fn propose(target: &EventTarget, event: &Event, body: Option<&Vec<u8>>) -> (bool, Vec<(String, String)>) {
    let detail = detail(event);
    let before = headers(&detail);
    if let Some(body) = body {
        errors::set(&detail, "body", &JsValue::from_str(&String::from_utf8_lossy(body)));
    }
    let allowed = dispatch(target, event.name, &detail, true);
    let mut after = headers(&detail);
    after.retain(|field| !before.contains(field));
    (allowed, after)
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
