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
        let (control, label, params) = (control(&element), label(&element), params(&element));
        let name = webhook.clone();
        let click = |link| Input::PageClick { control, webhook: name, element: id, label, params, link };
        let Some(ours) = instance.upgrade() else { return };
        match claim(&ours, &webhook, element.get_attribute("data-cuehook-for").as_deref()) {
            Claim::None => {}
            Claim::Ours => {
                if take(&event) {
                    ours.stage().activated_on_page(&element);
                    ours.input(click(hold_back(&event, &window)));
                }
            }
            Claim::Unknown => {
                let (instance, event, click) = (instance.clone(), event.clone(), click(None));
                let later = Closure::once_into_js(move || {
                    if let Some(ours) = instance.upgrade()
                        && take(&event)
                    {
                        ours.stage().activated_on_page(&element);
                        ours.input(click);
                    }
                });
                let _ = window.set_timeout_with_callback(later.unchecked_ref());
            }
        }
    })
}

/// Whether no other instance has answered this click. Instances of the other build of the module are not in our list, so
/// the event itself tells.
fn take(event: &Event) -> bool {
    let mark = JsValue::from_str("cuehookAnswered");
    !Reflect::has(event, &mark).unwrap_or(false)
        && Reflect::set(event, &mark, &JsValue::TRUE).unwrap_or(false)
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
