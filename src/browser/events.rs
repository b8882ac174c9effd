//! `cuehook:*` events.

use super::errors;
use crate::engine::{Event, EventName};
use crate::json::Json;
use js_sys::{JSON, Object, Reflect};
use std::cell::OnceCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, EventTarget};

#[wasm_bindgen]
extern "C" {
    /// `EventTarget.prototype.dispatchEvent`: wrappers of media elements have functions of that name which do something else.
    #[wasm_bindgen(catch, js_namespace = ["EventTarget", "prototype", "dispatchEvent"], js_name = call)]
    fn dispatch_natively(target: &EventTarget, event: &CustomEvent) -> Result<bool, JsValue>;
}

/// The detail of one event, as far as somebody has read it.
type Read = Rc<OnceCell<JsValue>>;

/// Dispatches an event of the engine.
pub fn emit(target: &EventTarget, event: Event) {
    show(target, event, None, &Read::default());
}

/// Dispatches a cancelable event; returns whether the page allows what it announces, and for `request` the header
/// fields that listeners added or changed.
pub fn propose(
    target: &EventTarget,
    event: Event,
    body: Option<Rc<Vec<u8>>>,
) -> (bool, Vec<(String, String)>) {
    let proposed = event.detail.iter().find(|(name, _)| *name == "headers").map(|(_, value)| value.clone());
    let read = Read::default();
    let allowed = show(target, event, body, &read);
    let mut fields = read.get().map(headers).unwrap_or_default();
    fields.retain(|(name, value)| {
        let before = proposed.as_ref().and_then(|headers| headers.get(name));
        before.and_then(Json::as_str) != Some(value)
    });
    (allowed, fields)
}

/// Dispatches an event. Its detail is made when a listener looks at it, and stays the same object from then on: with a
/// response in it nobody shall pay for what nobody reads.
fn show(target: &EventTarget, event: Event, body: Option<Rc<Vec<u8>>>, read: &Read) -> bool {
    let custom = create(event.name, &JsValue::NULL);
    let read = Rc::clone(read);
    let detail = move || {
        if read.get().is_none() {
            // Through `JSON.parse`, so that every key is plain data.
            let detail = JSON::parse(&event.detail_text()).unwrap_or(JsValue::NULL);
            if let Some(bytes) = body.clone() {
                // Of this, too, only what a listener looks at is decoded: a long log makes megabytes.
                define(&detail, "body", move || String::from_utf8_lossy(&bytes).into_owned().into());
            }
            // A page that has put its own function in the place of `JSON.parse` may have come by here meanwhile.
            let _ = read.set(detail);
        }
        read.get().cloned().unwrap_or(JsValue::NULL)
    };
    if let Ok(custom) = &custom {
        define(custom, "detail", detail);
    }
    send(target, custom)
}

/// Defines a property that is read by calling `read`.
///
/// The getter belongs to the browser: the page can keep the object and read it later, and when the object is collected
/// as garbage, what the getter holds is given back.
fn define(object: &JsValue, name: &str, read: impl Fn() -> JsValue + 'static) {
    let property = Object::new();
    errors::set(&property, "get", &Closure::<dyn Fn() -> JsValue>::new(read).into_js_value());
    errors::set(&property, "enumerable", &JsValue::TRUE);
    // An object of ours takes any property.
    let _ = Reflect::define_property::<JsValue>(object.unchecked_ref(), &JsValue::from_str(name), &property);
}

/// Dispatches an event; returns false if a listener called `preventDefault()`.
pub fn dispatch(target: &EventTarget, name: EventName, detail: &JsValue) -> bool {
    send(target, create(name, detail))
}

fn create(name: EventName, detail: &JsValue) -> Result<CustomEvent, JsValue> {
    let init = CustomEventInit::new();
    init.set_bubbles(true);
    init.set_composed(true);
    init.set_cancelable(name.is_cancelable());
    init.set_detail(detail);
    CustomEvent::new_with_event_init_dict(name.as_str(), &init)
}

fn send(target: &EventTarget, event: Result<CustomEvent, JsValue>) -> bool {
    event.and_then(|event| dispatch_natively(target, &event)).unwrap_or(true)
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
