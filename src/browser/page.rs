//! Elements of the page that run a webhook: `data-execute-webhook="id"`.

use super::listener::Listener;
use super::runtime::{self, Link};
use crate::engine::Input;
use wasm_bindgen::JsCast;
use web_sys::{Document, Element, Event};

/// The longest label that is taken from an element's text, in characters.
const MAX_LABEL: usize = 200;

/// One delegated listener on the document, so that elements which come later work too.
pub fn listen(document: &Document, link: &Link) -> Listener {
    let link = link.clone();
    Listener::new(document, "click", move |event| {
        let Some(element) = origin(&event) else { return };
        let Ok(Some(element)) = element.closest("[data-execute-webhook]") else { return };
        // Inside the stage the project decides.
        if !matches!(element.closest(".cuehook-stage"), Ok(None)) {
            return;
        }
        let Some(webhook) = element.get_attribute("data-execute-webhook") else { return };
        if is_ours(&link, &webhook, element.get_attribute("data-cuehook-for").as_deref()) {
            let id = Some(element.id()).filter(|id| !id.is_empty());
            link.input(Input::PageClick { webhook, element: id, label: label(&element) });
        }
    })
}

/// Where the event started, even inside an open shadow tree.
fn origin(event: &Event) -> Option<Element> {
    event.composed_path().iter().next()?.dyn_into().ok()
}

/// Whether this instance answers: the one that is named, or else the first that knows the webhook, or else the first.
fn is_ours(link: &Link, webhook: &str, host: Option<&str>) -> bool {
    let Some(ours) = link.upgrade() else { return false };
    if let Some(host) = host {
        return ours.is_called(host);
    }
    let all = runtime::instances();
    let chosen = all.iter().find(|instance| instance.knows(webhook)).or(all.first());
    chosen.is_some_and(|chosen| std::rc::Rc::ptr_eq(chosen, &ours))
}

/// What people call the element: `aria-label`, its text, its `title`.
fn label(element: &Element) -> String {
    let candidates = [
        element.get_attribute("aria-label"),
        element.text_content(),
        element.get_attribute("value"),
        element.get_attribute("title"),
    ];
    candidates
        .into_iter()
        .flatten()
        .map(|text| {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.join(" ").chars().take(MAX_LABEL).collect::<String>()
        })
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}
