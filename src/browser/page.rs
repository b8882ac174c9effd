//! Elements of the page that run a webhook: `data-execute-webhook="id"`.

use super::button::{label, params};
use super::listener::Listener;
use super::panic;
use super::runtime::{self, Runtime};
use crate::engine::Input;
use js_sys::Reflect;
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, Window};

/// One delegated listener on the document, so that elements which come later work too.
pub fn listen(window: &Window, document: &Document, instance: Weak<Runtime>) -> Listener {
    let window = window.clone();
    Listener::new(document, "click", move |event| {
        let Some(element) = origin(&event) else { return };
        let Ok(Some(element)) = element.closest("[data-execute-webhook]") else { return };
        // Inside the stage the project decides.
        if !matches!(element.closest(".cuehook-stage"), Ok(None)) {
            return;
        }
        let Some(webhook) = element.get_attribute("data-execute-webhook") else { return };
        let id = Some(element.id()).filter(|id| !id.is_empty());
        let click = Input::PageClick {
            webhook: webhook.clone(),
            element: id,
            label: label(&element),
            params: params(&element),
        };
        let Some(ours) = alive(&instance) else { return };
        match claim(&ours, &webhook, element.get_attribute("data-cuehook-for").as_deref()) {
            Claim::None => {}
            Claim::Ours => run(&event, &ours, click),
            Claim::Unknown => {
                let (instance, event) = (instance.clone(), event.clone());
                let later = Closure::once_into_js(move || {
                    if let Some(ours) = alive(&instance) {
                        run(&event, &ours, click);
                    }
                });
                let _ = window.set_timeout_with_callback(later.unchecked_ref());
            }
        }
    })
}

/// Runs the webhook, unless another instance has. Instances of the other build of the module are not in our list, so
/// the event itself tells.
fn run(event: &Event, ours: &Runtime, click: Input) {
    let mark = JsValue::from_str("cuehookAnswered");
    if !Reflect::has(event, &mark).unwrap_or(false) {
        let _ = Reflect::set(event, &mark, &JsValue::TRUE);
        ours.input(click);
    }
}

/// The instance, unless it is gone.
fn alive(instance: &Weak<Runtime>) -> Option<Rc<Runtime>> {
    instance.upgrade().filter(|_| !panic::happened())
}

/// What an instance has to do with a click.
enum Claim {
    /// Nothing.
    None,
    /// It answers.
    Ours,
    /// It says that there is no such webhook, if nobody else answers.
    Unknown,
}

/// Where the event started, even inside an open shadow tree.
fn origin(event: &Event) -> Option<Element> {
    event.composed_path().iter().next()?.dyn_into().ok()
}

/// The instance that is named answers, or else the first that knows the webhook.
fn claim(ours: &Rc<Runtime>, webhook: &str, host: Option<&str>) -> Claim {
    if let Some(host) = host {
        return if ours.is_called(host) { Claim::Ours } else { Claim::None };
    }
    let all = runtime::instances();
    let is_ours = |found: Option<&Rc<Runtime>>| found.is_some_and(|found| Rc::ptr_eq(found, ours));
    match all.iter().find(|instance| instance.knows(webhook)) {
        Some(known) if is_ours(Some(known)) => Claim::Ours,
        None if is_ours(all.first()) => Claim::Unknown,
        Some(_) | None => Claim::None,
    }
}
