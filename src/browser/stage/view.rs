//! The nodes of one element of the project.

use super::entries::{Entries, Entry};
use super::plan::Nodes;
use crate::json::write_number;
use crate::project::{Element as ProjectElement, ElementKind, Frame, Look, Project};
use crate::template::{Change, Markup};
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use web_sys::{Document, HtmlElement, Node, Text};

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
    /// What shows its label to read, if anything does.
    caption: Option<Text>,
    /// Where it was placed last: left, top, width and height; no numbers before that.
    placed: Cell<[f64; 4]>,
}

fn percent(number: f64) -> String {
    length(number, "%")
}

fn length(number: f64, unit: &str) -> String {
    let mut text = String::new();
    write_number(number, &mut text);
    text.push_str(unit);
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
            ElementKind::Area { look, icon, path, .. } => {
                let view = View::area(document, *look, icon.as_ref())?;
                view.node.toggle_attribute_with_force("data-moves", !path.is_empty())?;
                view
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
                View { nodes: Some(nodes), ..View::of(node, activation) }
            }
            ElementKind::Form(_) | ElementKind::Question(_) | ElementKind::Condition { .. } => {
                let class = match &element.kind {
                    ElementKind::Form(_) => "cuehook-html cuehook-form",
                    _ => "cuehook-html cuehook-question",
                };
                let node = super::division(document, class)?;
                let entry = entries.build(&node, element, project)?;
                View { entry, ..View::of(node, Activation::None) }
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
        View::of(node, Activation::None)
    }

    fn of(node: HtmlElement, activation: Activation) -> View {
        View { node, nodes: None, entry: None, activation, caption: None, placed: Cell::new([f64::NAN; 4]) }
    }

    /// Its looks are in stage.css, but for what they have nodes of: a caption, which has an icon inside, or an icon alone.
    fn area(document: &Document, look: Look, icon: Option<&Markup>) -> Result<View, JsValue> {
        let node: HtmlElement = document.create_element("button")?.unchecked_into();
        node.set_attribute("type", "button")?;
        node.set_class_name("cuehook-area");
        node.set_attribute("data-look", look.as_str())?;
        let mut around = node.clone();
        let mut caption = None;
        if look == Look::Label {
            around = super::division(document, "cuehook-caption")?;
            node.append_with_node_1(&around)?;
        }
        if let Some(icon) = icon {
            let drawing = super::division(document, "cuehook-icon")?;
            drawing.set_attribute("aria-hidden", "true")?;
            // It has no placeholders, so nothing in it changes.
            Nodes::build(document, icon.plan(), &drawing)?;
            around.append_with_node_1(&drawing)?;
        }
        if look == Look::Label {
            let text = document.create_text_node("");
            around.append_with_node_1(&text)?;
            caption = Some(text);
        }
        Ok(View { caption, ..View::of(node, Activation::Button) })
    }

    /// Places it in percent of the picture. What becomes of that is in stage.css: it stays clear of native controls, and is
    /// larger where there is little room. Set on the node, since players set places and sizes of what is inside them.
    pub fn place(&self, frame: Frame) {
        let sides = [frame.left, frame.top, frame.width, frame.height];
        let before = self.placed.replace(sides);
        let style = self.node.style();
        let set = |name: &str, value: &str| {
            let _ = style.set_property(name, value);
        };
        // A moving area comes by in each frame of the film: only what is another than before is told to the browser.
        for ((name, side), before) in
            ["--_left", "--_top", "--_width", "--_height"].iter().zip(sides).zip(before)
        {
            if side != before {
                set(name, &percent(side));
            }
        }
        // Where its middle is on the picture decides on which side of it a caption lies: see stage.css.
        if self.caption.is_some() {
            set("--_half", &length(frame.width / 2.0, "cqi"));
            set("--_half-down", &length(frame.height / 2.0, "cqb"));
            set("--_across", &percent(-(frame.left + frame.width / 2.0)));
            set("--_down", &percent(-(frame.top + frame.height / 2.0)));
        }
        // Only areas move.
        if !before[0].is_nan() {
            return;
        }
        for (name, value) in
            [("left", "var(--_x)"), ("top", "var(--_y)"), ("width", "var(--_w)"), ("height", "var(--_h)")]
        {
            set(name, value);
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
        if let Some(caption) = &self.caption {
            caption.set_text_content(Some(text));
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
