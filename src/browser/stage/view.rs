//! The nodes of one element of the project.

use super::entries::{Entries, Entry};
use super::plan::Nodes;
use crate::json::write_number;
use crate::project::{Element as ProjectElement, ElementKind, Frame, Project};
use crate::template::Change;
use wasm_bindgen::prelude::*;
use web_sys::{Document, HtmlElement, Node};

#[wasm_bindgen(module = "/src/browser/stage/text.js")]
extern "C" {
    #[wasm_bindgen(js_name = textOf)]
    fn text_of(node: &HtmlElement) -> String;
}

/// What a click on an element means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing: it only shows something.
    None,
    /// A real `<button>`: the browser makes clicks of keys.
    Button,
    /// A block with `role=button`: keys are our own business.
    Block,
}

/// The nodes of one element.
#[derive(Debug)]
pub struct View {
    node: HtmlElement,
    /// Of its template, if it has one.
    nodes: Option<Nodes>,
    /// Of a form or a question.
    entry: Option<Entry>,
    activation: Activation,
}

fn percent(number: f64) -> String {
    let mut text = String::new();
    write_number(number, &mut text);
    text.push('%');
    text
}

impl View {
    /// Makes the nodes, hidden.
    ///
    /// # Errors
    /// The browser refuses a name of the node plan.
    pub fn new(
        document: &Document,
        element: &ProjectElement,
        project: &Project,
        entries: &Entries,
    ) -> Result<View, JsValue> {
        let view = match &element.kind {
            ElementKind::Area { .. } => {
                let node: HtmlElement = document.create_element("button")?.unchecked_into();
                node.set_attribute("type", "button")?;
                node.set_class_name("cuehook-area");
                View { node, nodes: None, entry: None, activation: Activation::Button }
            }
            ElementKind::Html { source, .. } => {
                let node = super::division(document, "cuehook-html")?;
                let nodes = Nodes::build(document, source.plan(), &node)?;
                let mut activation = Activation::None;
                if !element.on_click.is_empty() {
                    activation = Activation::Block;
                    node.set_attribute("role", "button")?;
                    node.set_tab_index(0);
                }
                View { node, nodes: Some(nodes), entry: None, activation }
            }
            ElementKind::Form(_) | ElementKind::Question(_) | ElementKind::Condition { .. } => {
                let node = super::division(
                    document,
                    match &element.kind {
                        ElementKind::Form(_) => "cuehook-html cuehook-form",
                        _ => "cuehook-html cuehook-question",
                    },
                )?;
                let entry = entries.build(&node, element, project)?;
                View { node, nodes: None, entry, activation: Activation::None }
            }
        };
        if element.modal {
            for (name, value) in [("role", "dialog"), ("aria-modal", "true"), ("tabindex", "-1")] {
                view.node.set_attribute(name, value)?;
            }
        }
        view.node.set_hidden(true);
        view.node.set_attribute("data-cuehook-element", &element.id)?;
        view.place(element.frame);
        Ok(view)
    }

    /// Stands for an element that could not be made.
    pub fn gap(parent: &HtmlElement) -> View {
        let node = parent.clone_node().unwrap_or_else(|_| parent.clone().into()).unchecked_into();
        View { node, nodes: None, entry: None, activation: Activation::None }
    }

    /// Places it in percent of the picture. What becomes of that is in stage.css: it stays clear of native controls, and is
    /// larger where there is little room. Set on the node, since players set places and sizes of what is inside them.
    pub fn place(&self, frame: Frame) {
        let style = self.node.style();
        for (name, value) in [
            ("--_left", frame.left),
            ("--_top", frame.top),
            ("--_width", frame.width),
            ("--_height", frame.height),
        ] {
            let _ = style.set_property(name, &percent(value));
        }
        for (name, value) in
            [("left", "var(--_x)"), ("top", "var(--_y)"), ("width", "var(--_w)"), ("height", "var(--_h)")]
        {
            let _ = style.set_property(name, value);
        }
        // It grows towards the middle.
        let is_low = frame.top + frame.height / 2.0 > 50.0;
        let _ = self.node.toggle_attribute_with_force("data-low", is_low);
    }

    /// The outermost node.
    pub fn node(&self) -> &HtmlElement {
        &self.node
    }

    /// What a click on it means.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// The controls, if it is a form or a question.
    pub fn entry(&self) -> Option<&Entry> {
        self.entry.as_ref()
    }

    /// What it shows, as text.
    pub fn text(&self) -> String {
        text_of(&self.node)
    }

    /// Whether `node` is this element's node or lies inside.
    pub fn contains(&self, node: &Node) -> bool {
        self.node.contains(Some(node))
    }

    /// Shows or hides it.
    pub fn show(&self, shown: bool) {
        self.node.set_hidden(!shown);
        if let (Some(entry), false) = (&self.entry, shown) {
            entry.hidden();
        }
    }

    /// Sets its accessible name.
    pub fn label(&self, text: &str) {
        match &self.entry {
            Some(entry) => entry.label(text),
            None => _ = self.node.set_attribute("aria-label", text),
        }
    }

    /// Changes what its template shows.
    pub fn patch(&self, changes: &[Change]) {
        if let Some(nodes) = &self.nodes {
            nodes.patch(changes);
        }
    }

    /// Marks it as busy. It is not `disabled`: that would take the focus away.
    pub fn busy(&self, busy: bool) {
        if let Some(entry) = &self.entry {
            return entry.busy(busy);
        }
        for name in ["aria-busy", "aria-disabled"] {
            let _ = match busy {
                true => self.node.set_attribute(name, "true"),
                false => self.node.remove_attribute(name),
            };
        }
    }
}
