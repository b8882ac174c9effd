//! Elements of the page that run a webhook: `data-execute-webhook="id"`. The loader listens for clicks on them
//! (`js/clicks.js`), since instances may still be starting, and hands each one to the instance that answers.

use super::button::{control, label, params};
use super::runtime::Runtime;
use crate::engine::Input;
use web_sys::Element;

/// Whether an instance answers to a click: it is the one that is named, or none is and it knows the webhook.
pub fn answers(ours: &Runtime, element: &Element) -> bool {
    match element.get_attribute("data-cuehook-for") {
        Some(host) => ours.is_called(&host),
        None => ours.knows(&webhook(element)),
    }
}

/// The viewer has clicked an element. `link` is where the click leads, if the browser was kept from going there.
pub fn click(ours: &Runtime, element: &Element, link: Option<String>) {
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
