//! What a template shows, as a tree without slots and regions: for tools and tests.

use super::rendering::{Instance, Rendering};
use crate::template::plan::{AttributeValue, Element, Node, Plan, Sink};

/// A node that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// Text; two texts are never side by side.
    Text(String),
    /// An element.
    Element {
        /// Its name.
        name: &'static str,
        /// Whether it belongs to SVG.
        svg: bool,
        /// Its attributes in their order; declarations are together in `style`.
        attributes: Vec<(String, String)>,
        /// Nodes inside.
        children: Vec<Snapshot>,
    },
}

impl Rendering {
    /// The nodes that a template with this plan shows.
    pub fn shown(&self, plan: &Plan) -> Vec<Snapshot> {
        let mut out = Vec::new();
        instance(plan, 0, &self.root, &mut out);
        out
    }
}

fn instance(plan: &Plan, block: usize, instance: &Instance, out: &mut Vec<Snapshot>) {
    if let Some(block) = plan.blocks.get(block) {
        nodes(plan, &block.nodes, instance, out);
    }
}

fn text(text: &str, out: &mut Vec<Snapshot>) {
    match out.last_mut() {
        Some(Snapshot::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => out.push(Snapshot::Text(text.to_owned())),
    }
}

fn nodes(plan: &Plan, list: &[Node], of: &Instance, out: &mut Vec<Snapshot>) {
    let value = |slot: &usize| of.values.get(*slot).and_then(Option::as_deref);
    for node in list {
        match node {
            Node::Text(fixed) => text(fixed, out),
            Node::Slot(slot) => text(value(slot).unwrap_or_default(), out),
            Node::Region(region) => {
                for row in of.regions.get(*region).into_iter().flatten() {
                    instance(plan, row.block, &row.instance, out);
                }
            }
            Node::Element(Element { name, svg, attributes, children }) => {
                let mut shown: Vec<(String, String)> = Vec::new();
                for attribute in attributes {
                    let value = match &attribute.value {
                        AttributeValue::Fixed(text) => Some(text.as_str()),
                        AttributeValue::Slot(slot) => value(slot),
                    };
                    let Some(value) = value else { continue };
                    match &attribute.sink {
                        Sink::Attribute(name) => shown.push((name.clone(), value.to_owned())),
                        Sink::Style { property, important } => {
                            let important = if *important { " !important" } else { "" };
                            let declaration = format!("{property}: {value}{important}");
                            match shown.iter_mut().find(|(name, _)| name == "style") {
                                Some((_, style)) => {
                                    style.push_str("; ");
                                    style.push_str(&declaration);
                                }
                                None => shown.push(("style".to_owned(), declaration)),
                            }
                        }
                    }
                }
                let mut inside = Vec::new();
                nodes(plan, children, of, &mut inside);
                out.push(Snapshot::Element { name, svg: *svg, attributes: shown, children: inside });
            }
        }
    }
}
