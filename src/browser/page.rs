//! Elements of the page that run a webhook: `data-execute-webhook="id"`.

use super::button::{control, label, params};
use super::listener::Listener;
use super::runtime::{self, Runtime};
use crate::engine::Input;
use js_sys::Reflect;
use std::rc::{Rc, Weak};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, MouseEvent, Window};

/// Links that lead away in the same tab.
const LINK: &str = "a[href]:not([download],[target]:not([target=''],[target='_self' i]))";

/// One delegated listener on the document, so that elements which come later work too.
///
/// A click that is answered here is marked: instances of the other build of the module are not in our list, and what
/// nobody answers is held for those that are still starting (`js/clicks.js`).
pub fn listen(window: &Window, document: &Document, instance: Weak<Runtime>) -> Listener {
    let window = window.clone();
    Listener::new(document, "click", move |event| {
        let Some(element) = origin(&event) else { return };
        let Ok(Some(element)) = element.closest("[data-execute-webhook]") else { return };
        // Inside the stage the project decides.
        if !matches!(element.closest(".cuehook-stage"), Ok(None)) {
            return;
        }
        let Some(ours) = instance.upgrade() else { return };
        let mark = JsValue::from_str("cuehookAnswered");
        if !Reflect::has(&event, &mark).unwrap_or(false) && is_for(&ours, &element, false) {
            let _ = Reflect::set(&event, &mark, &JsValue::TRUE);
            run(&ours, &element, hold_back(&event, &window));
        }
    })
}

/// Runs what an element asks for, if that is up to this instance; returns whether it is. `is_last`: all have been asked.
pub fn take(ours: &Rc<Runtime>, element: &Element, is_last: bool) -> bool {
    let ours_to_run = is_for(ours, element, is_last);
    if ours_to_run {
        run(ours, element, None);
    }
    ours_to_run
}

fn run(ours: &Runtime, element: &Element, link: Option<String>) {
    ours.stage().activated_on_page(element);
    ours.input(Input::PageClick {
        control: control(element),
        webhook: webhook(element),
        element: Some(element.id()).filter(|id| !id.is_empty()),
        label: label(element),
        params: params(element),
        link,
    });
}

fn webhook(element: &Element) -> String {
    element.get_attribute("data-execute-webhook").unwrap_or_default()
}

/// Keeps the browser from following a link in this tab, and gives where it leads: the engine follows it when no request is
/// lost by that. Clicks for another tab or a download, and those that somebody else has taken, go their way.
fn hold_back(event: &Event, window: &Window) -> Option<String> {
    let click: &MouseEvent = event.dyn_ref()?;
    let modified = click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key();
    if event.default_prevented() || modified || click.button() != 0 {
        return None;
    }
    let link = origin(event)?.closest(LINK).ok()??;
    if link.owner_document()?.query_selector("base[target]").ok()?.is_some() {
        return None;
    }
    let url = Reflect::get(&link, &JsValue::from_str("href")).ok()?.as_string()?;
    let here = window.location().href().ok()?;
    let plain = |url: &str| url.split('#').next().map(str::to_owned);
    // Within the page nothing is lost.
    let stays = url.contains('#') && plain(&url) == plain(&here);
    if stays || !(url.starts_with("https:") || url.starts_with("http:")) {
        return None;
    }
    event.prevent_default();
    Some(url)
}

/// Where the event started, even inside an open shadow tree.
fn origin(event: &Event) -> Option<Element> {
    event.composed_path().iter().next()?.dyn_into().ok()
}

/// The instance that is named answers, or else the first that knows the webhook; if none does, the last that is asked
/// says so.
fn is_for(ours: &Rc<Runtime>, element: &Element, is_last: bool) -> bool {
    if let Some(host) = element.get_attribute("data-cuehook-for") {
        return ours.is_called(&host);
    }
    let webhook = webhook(element);
    let first = runtime::instances().into_iter().find(|instance| instance.knows(&webhook));
    first.map_or(is_last, |first| Rc::ptr_eq(&first, ours))
}
