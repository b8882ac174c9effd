//! What Cuehook itself says over the video: a response is awaited, a call has failed, the browser refused to play.

use super::super::link::Link;
use super::super::listener::Listener;
use super::focus::{self, Focus};
use crate::engine::{Input, Notice, NoticeButton, NoticeKind};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{Document, HtmlElement, Node};

#[wasm_bindgen(module = "/src/browser/stage/notices.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = placeNotice)]
    fn place(region: &Node, node: &Node, before: Option<&Node>) -> Result<(), JsValue>;
    #[wasm_bindgen(js_name = setText)]
    fn set_text(node: &Node, text: &str);
}

/// The notices that are shown, by key.
#[derive(Debug)]
pub struct Notices {
    document: Document,
    region: HtmlElement,
    shown: RefCell<Vec<Shown>>,
    focus: Focus,
}

#[derive(Debug)]
struct Shown {
    key: u32,
    kind: NoticeKind,
    /// To whom it gives focus back: see [`Focus::release`].
    cause: i32,
    node: HtmlElement,
    text: HtmlElement,
    buttons: Vec<Button>,
}

#[derive(Debug)]
struct Button {
    kind: NoticeButton,
    node: HtmlElement,
    _listener: Listener,
}

impl Notices {
    /// Takes over the prepared region.
    pub fn new(document: Document, region: HtmlElement, focus: Focus) -> Notices {
        Notices { document, region, shown: RefCell::default(), focus }
    }

    /// Shows these notices and no others. Nodes of notices that stay are kept, and so is their focus.
    pub fn update(&self, notices: &[Notice], link: &Link) {
        let mut old = self.shown.take();
        let mut shown = Vec::with_capacity(notices.len());
        for notice in notices {
            let kept = old
                .iter()
                .position(|other| (other.key, other.kind) == (notice.key, notice.kind))
                .map(|at| old.swap_remove(at));
            let Some(mut entry) = kept.or_else(|| self.make(notice).ok()) else { continue };
            self.focus.hold(&entry.node);
            self.fill(&mut entry, notice, link);
            self.focus.release(entry.cause);
            shown.push(entry);
        }
        for gone in &old {
            self.focus.hold(&gone.node);
            gone.node.remove();
            self.focus.release(gone.cause);
        }
        self.order(&shown);
        self.shown.replace(shown);
    }

    /// Removes all notices.
    pub fn clear(&self) {
        let old = self.shown.take();
        for gone in &old {
            gone.node.remove();
        }
    }

    fn make(&self, notice: &Notice) -> Result<Shown, JsValue> {
        let cause = match (notice.kind, notice.element) {
            (NoticeKind::Failed, None) => focus::PAGE,
            (NoticeKind::Failed | NoticeKind::Paused, Some(element)) => focus::place(element),
            (NoticeKind::Waiting | NoticeKind::Blocked | NoticeKind::Paused, _) => focus::NOBODY,
        };
        let class = match notice.kind {
            NoticeKind::Waiting => "cuehook-notice cuehook-waiting",
            NoticeKind::Failed => "cuehook-notice cuehook-failed",
            NoticeKind::Blocked => "cuehook-notice cuehook-blocked",
            NoticeKind::Paused => "cuehook-notice cuehook-paused",
        };
        let node = super::division(&self.document, class)?;
        // In whatever language it is.
        node.set_attribute("dir", "auto")?;
        if notice.kind == NoticeKind::Waiting {
            let spinner = super::division(&self.document, "cuehook-spinner")?;
            spinner.set_attribute("aria-hidden", "true")?;
            node.append_with_node_1(&spinner)?;
        }
        let text = super::division(&self.document, "cuehook-text")?;
        node.append_with_node_1(&text)?;
        Ok(Shown { key: notice.key, kind: notice.kind, cause, node, text, buttons: Vec::new() })
    }

    fn fill(&self, entry: &mut Shown, notice: &Notice, link: &Link) {
        set_text(&entry.text, &notice.text);
        let wanted = |kind: NoticeButton| notice.buttons.iter().any(|(other, _)| *other == kind);
        entry.buttons.retain(|button| {
            let stays = wanted(button.kind);
            if !stays {
                button.node.remove();
            }
            stays
        });
        for (kind, label) in &notice.buttons {
            match entry.buttons.iter().find(|button| button.kind == *kind) {
                Some(button) => set_text(&button.node, label),
                None => {
                    if let Ok(button) = self.button(notice.key, *kind, label, link) {
                        let _ = entry.node.append_with_node_1(&button.node);
                        entry.buttons.push(button);
                    }
                }
            }
        }
    }

    fn button(&self, key: u32, kind: NoticeButton, label: &str, link: &Link) -> Result<Button, JsValue> {
        let node: HtmlElement = self.document.create_element("button")?.unchecked_into();
        node.set_attribute("type", "button")?;
        node.set_class_name(match kind {
            NoticeButton::Cancel => "cuehook-button cuehook-cancel",
            NoticeButton::Retry => "cuehook-button cuehook-retry",
            NoticeButton::Dismiss => "cuehook-button cuehook-dismiss",
            NoticeButton::Continue => "cuehook-button cuehook-continue",
        });
        node.set_text_content(Some(label));
        let link = link.clone();
        let listener =
            Listener::new(&node, "click", move |_| link.input(Input::Notice { key, button: kind }));
        Ok(Button { kind, node, _listener: listener })
    }

    /// Puts the nodes in order and moves none without need: a node that is moved loses focus.
    fn order(&self, shown: &[Shown]) {
        let mut before: Option<&Node> = None;
        for entry in shown.iter().rev() {
            let _ = place(&self.region, &entry.node, before);
            before = Some(&entry.node);
        }
    }
}
