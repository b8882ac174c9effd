//! The live region: what screen readers say.

use super::super::timeout::Timeout;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{HtmlElement, Window};

/// Screen readers miss text that is set in the same moment as other changes; so it comes a little later.
const DELAY_MS: f64 = 120.0;

/// An element with `role=status` that exists before there is anything to say.
#[derive(Debug)]
pub struct Status {
    window: Window,
    node: HtmlElement,
    pending: Rc<RefCell<Pending>>,
}

#[derive(Debug, Default)]
struct Pending {
    text: String,
    timeout: Option<Timeout>,
}

impl Status {
    /// Takes over the prepared element.
    pub fn new(window: Window, node: HtmlElement) -> Status {
        Status { window, node, pending: Rc::default() }
    }

    /// Says `text`, together with what is not said yet.
    pub fn announce(&self, text: &str) {
        let waiting = {
            let mut pending = self.pending.borrow_mut();
            if !pending.text.is_empty() {
                pending.text.push(' ');
            }
            pending.text.push_str(text);
            pending.timeout.is_some()
        };
        if waiting {
            return;
        }
        // The same text twice is only said twice if it was gone in between.
        self.node.set_text_content(None);
        let (node, pending) = (self.node.clone(), Rc::downgrade(&self.pending));
        let timeout = Timeout::new(&self.window, DELAY_MS, move || {
            let Some(pending) = pending.upgrade() else { return };
            let Pending { text, timeout } = pending.take();
            node.set_text_content(Some(&text));
            drop(timeout);
        });
        self.pending.borrow_mut().timeout = Some(timeout);
    }

    /// Says nothing more.
    pub fn stop(&self) {
        let pending = self.pending.take();
        drop(pending);
    }
}
