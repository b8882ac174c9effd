//! Builds the nodes of a compiled template, and changes them slot by slot.
//!
//! `createElement`, `setAttribute` and text nodes are all that is used. No markup is ever handed to the browser to
//! parse, so a value cannot become markup, and a page that enforces Trusted Types needs no policy.

use crate::engine::Change;
use crate::template::{Attribute, AttributeValue, Node, Plan, Sink};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlElement, Text};

/// The places that show a slot.
#[derive(Clone, Debug)]
enum Binding {
    Text(Text),
    Attribute(Element, Sink),
}

/// The built nodes' connection to the slots of their plan.
#[derive(Clone, Debug, Default)]
pub struct Slots {
    bindings: Vec<Vec<Binding>>,
}

impl Slots {
    /// Sets the slots that changed; the nodes stay the same.
    pub fn patch(&self, changes: &[Change]) {
        for change in changes {
            for binding in self.bindings.get(change.slot).into_iter().flatten() {
                match binding {
                    Binding::Text(node) => node.set_data(change.text.as_deref().unwrap_or_default()),
                    // The compiler lets no name through that a browser refuses.
                    Binding::Attribute(element, sink) => drop(set(element, sink, change.text.as_deref())),
                }
            }
        }
    }

    fn bind(&mut self, slot: usize, binding: Binding) {
        if let Some(bindings) = self.bindings.get_mut(slot) {
            bindings.push(binding);
        }
    }
}

/// The namespace of drawings.
const SVG: &str = "http://www.w3.org/2000/svg";

/// Sets an attribute or a property of the style, or takes it out.
fn set(element: &Element, sink: &Sink, text: Option<&str>) -> Result<(), JsValue> {
    match (sink, text) {
        (Sink::Attribute(name), Some(text)) => element.set_attribute(name, text),
        (Sink::Attribute(name), None) => element.remove_attribute(name),
        (Sink::Style { property, important }, text) => {
            // Elements of drawings have a style, too; the declared type is too narrow.
            let style = element.unchecked_ref::<HtmlElement>().style();
            let priority = if *important { "important" } else { "" };
            match text {
                Some(text) => style.set_property_with_priority(property, text, priority),
                None => style.remove_property(property).map(drop),
            }
        }
    }
}

/// Builds the nodes of a plan inside `parent`, with empty slots.
///
/// # Errors
/// A name that the browser refuses. The compiler's allow-list has none of those.
pub fn build(document: &Document, plan: &Plan, parent: &Element) -> Result<Slots, JsValue> {
    let mut slots = Slots { bindings: vec![Vec::new(); plan.slots] };
    append(document, &plan.nodes, parent, &mut slots)?;
    Ok(slots)
}

/// As deep as the plan; the compiler bounds that.
fn append(document: &Document, nodes: &[Node], parent: &Element, slots: &mut Slots) -> Result<(), JsValue> {
    for node in nodes {
        match node {
            Node::Text(text) => {
                parent.append_child(&document.create_text_node(text))?;
            }
            Node::Slot(slot) => {
                let text = document.create_text_node("");
                parent.append_child(&text)?;
                slots.bind(*slot, Binding::Text(text));
            }
            Node::Element(element) => {
                let made = match element.svg {
                    true => document.create_element_ns(Some(SVG), element.name)?,
                    false => document.create_element(element.name)?,
                };
                for Attribute { sink, value } in &element.attributes {
                    match value {
                        AttributeValue::Fixed(text) => set(&made, sink, Some(text))?,
                        AttributeValue::Slot(slot) => {
                            slots.bind(*slot, Binding::Attribute(made.clone(), sink.clone()));
                        }
                    }
                }
                append(document, &element.children, &made, slots)?;
                parent.append_child(&made)?;
            }
        }
    }
    Ok(())
}
