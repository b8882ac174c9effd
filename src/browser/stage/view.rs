//! The nodes of one element of the project.

use super::entries::{Entries, Entry};
use super::plan::Nodes;
use crate::json::write_number;
use crate::project::{Element as ProjectElement, ElementKind, Frame, Project};
use crate::template::Change;
use wasm_bindgen::prelude::*;
use web_sys::{Document, HtmlElement, Node};

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

    /// Places it in percent of the picture, and clear of native controls while these are likely there. `--_room` is what
    /// they leave of the picture's height then, and `--_last` the last place for the top of an area (see stage.css).
    ///
    /// An overlay moves up by as much as it reaches into them; one that is too high for the rest becomes lower. An area
    /// lies on something that was filmed, so it stays where it is and ends where the controls begin.
    pub fn place(&self, frame: Frame) {
        let (top, height) = (&percent(frame.top), &percent(frame.height));
        let (top, height) = match self.activation {
            Activation::Button => (
                ["min(", top, ", var(--_last, 100%))"].concat(),
                ["min(", height, ", var(--_room, 100%) - ", top, ")"].concat(),
            ),
            Activation::None | Activation::Block => (
                ["max(0%, min(", top, ", var(--_room, 100%) - ", height, "))"].concat(),
                ["min(", height, ", var(--_room, 100%))"].concat(),
            ),
        };
        let sides = [
            ("left", percent(frame.left)),
            ("top", top),
            ("width", percent(frame.width)),
            ("height", height),
        ];
        for (name, value) in sides {
            let _ = self.node.style().set_property(name, &value);
        }
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
        self.node.inner_text()
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
