//! The nodes of one element of the project.

use super::plan::Nodes;
use crate::json::write_number;
use crate::project::{Element as ProjectElement, ElementKind, Frame, Look};
use crate::template::{Change, Markup};
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use web_sys::{Document, HtmlElement, Node, Text};

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
    activation: Activation,
    /// What shows its label to read, if anything does.
    caption: Option<Text>,
    /// Where it was placed last.
    placed: Cell<Option<Frame>>,
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
    pub fn new(document: &Document, element: &ProjectElement) -> Result<View, JsValue> {
        let view = match &element.kind {
            ElementKind::Area { look, icon, path, .. } => {
                let view = View::area(document, *look, icon.as_ref())?;
                // It is moved frame by frame, so nothing must soften that.
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
                let node = super::division(document, "cuehook-html")?;
                View::of(node, Activation::None)
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
        View::of(node, Activation::None)
    }

    fn of(node: HtmlElement, activation: Activation) -> View {
        View { node, nodes: None, activation, caption: None, placed: Cell::default() }
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

    /// Places it in percent of the picture, and clear of native controls while these are likely there. `--_room` is what
    /// they leave of the picture's height then, and `--_last` the last place for the top of an area (see stage.css).
    ///
    /// An overlay moves up by as much as it reaches into them; one that is too high for the rest becomes lower. An area
    /// lies on something that was filmed, so it stays where it is and ends where the controls begin.
    pub fn place(&self, frame: Frame) {
        let before = self.placed.replace(Some(frame));
        // A moving area comes by in each frame of the film: only what is another than before is told to the browser.
        let differs = |side: fn(&Frame) -> f64| before.as_ref().map(side) != Some(side(&frame));
        let (is_higher, is_lower) = (differs(|frame| frame.top), differs(|frame| frame.height));
        let style = self.node.style();
        let set = |name: &str, value: &str| {
            let _ = style.set_property(name, value);
        };
        if differs(|frame| frame.left) {
            let left = percent(frame.left);
            // So small areas at the edge, which are made large enough to hit, do not make the page wider.
            let near_edge = frame.left > 80.0;
            set("left", &if near_edge { ["min(", &left, ", 100% - 24px)"].concat() } else { left });
        }
        if differs(|frame| frame.width) {
            set("width", &percent(frame.width));
        }
        if is_higher || is_lower {
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
            set("top", &top);
            set("height", &height);
        }
        // Where its middle is on the picture decides on which side of it a caption lies: see stage.css.
        if self.caption.is_some() {
            set("--_half", &length(frame.width / 2.0, "cqi"));
            set("--_half-down", &length(frame.height / 2.0, "cqb"));
            set("--_across", &percent(-(frame.left + frame.width / 2.0)));
            set("--_down", &percent(-(frame.top + frame.height / 2.0)));
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
    }

    /// Sets its accessible name.
    pub fn label(&self, text: &str) {
        let _ = self.node.set_attribute("aria-label", text);
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
        for name in ["aria-busy", "aria-disabled"] {
            let _ = match busy {
                true => self.node.set_attribute(name, "true"),
                false => self.node.remove_attribute(name),
            };
        }
    }
}
