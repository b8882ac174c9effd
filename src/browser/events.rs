//! `cuehook:*` events.

use crate::engine::Event;
use js_sys::{JSON, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, EventTarget};

/// What the page's listeners made of an event.
#[derive(Debug)]
pub struct Reaction {
    /// False if a listener called `preventDefault()`.
    pub allowed: bool,
    /// The event's detail, which listeners may have changed.
    pub detail: JsValue,
}

/// Dispatches an event of the engine. The detail goes through `JSON.parse`, so that every key is plain data.
pub fn dispatch(target: &EventTarget, event: &Event, cancelable: bool) -> Reaction {
    let detail = JSON::parse(&event.detail).unwrap_or(JsValue::NULL);
    dispatch_detail(target, event.name, detail, cancelable)
}

/// Dispatches an event with a detail that is a JavaScript value already.
pub fn dispatch_detail(target: &EventTarget, name: &str, detail: JsValue, cancelable: bool) -> Reaction {
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    init.set_cancelable(cancelable);
    init.set_detail(&detail);
    let name = format!("cuehook:{name}");
    let allowed = CustomEvent::new_with_event_init_dict(&name, &init)
        .and_then(|event| target.dispatch_event(&event))
        .unwrap_or(true);
    Reaction { allowed, detail }
}

/// The entries of `detail.headers` whose value is a text. Listeners of `cuehook:request` add a token there.
///
/// The object is in the page's hands, so reading it may throw; what throws is left out.
pub fn headers(detail: &JsValue) -> Vec<(String, String)> {
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
