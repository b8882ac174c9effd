//! The node plan: what the shell builds with `createElement` and text nodes.

use super::Missing;

/// The nodes of a compiled template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Top-level nodes, in order.
    pub nodes: Vec<Node>,
    /// How many slots the nodes refer to; they are numbered from 0.
    pub slots: usize,
}

/// One node of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Text that never changes.
    Text(String),
    /// A text node whose text is that of a slot.
    Slot(usize),
}

/// An element of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The name, from the allow-list.
    pub name: &'static str,
    /// Whether it is part of a drawing: made with `createElementNS`.
    pub svg: bool,
    /// Attributes and declarations of `style` in their order.
    pub attributes: Vec<Attribute>,
    /// Nodes inside.
    pub children: Vec<Node>,
}

/// Where a value of an element goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sink {
    /// `setAttribute`, `removeAttribute`. The name is from the allow-list, or `data-*`, `aria-*`.
    Attribute(String),
    /// `style.setProperty`, `style.removeProperty`.
    Style {
        /// The name of the property.
        property: String,
        /// Whether it is set with the priority `important`.
        important: bool,
    },
}

/// An attribute of a plan's element, or one declaration of its style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Where the value goes.
    pub sink: Sink,
    /// Its value.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Never changes; already checked (a URL's scheme).
    Fixed(String),
    /// The text of a slot; already checked when evaluated.
    Slot(usize),
}

/// The text of every slot of a plan, and what was missing.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Slots {
    /// By slot number. None: the attribute or property is absent.
    pub values: Vec<Option<String>>,
    /// Paths without value and default. An overlay with `whenMissing: hide` stays hidden while there are any.
    pub missing: Vec<Missing>,
    /// Warnings for the author, such as a URL that was blocked.
    pub warnings: Vec<String>,
}

impl Slots {
    /// Number and text of the slots whose text is not what it was; all of them if there was none before.
    pub fn changes_since(&self, previous: Option<&Slots>) -> Vec<(usize, Option<String>)> {
        let before = |slot: usize| previous.and_then(|previous| previous.values.get(slot));
        let slots = self.values.iter().enumerate();
        slots
            .filter(|(slot, text)| before(*slot) != Some(text))
            .map(|(slot, text)| (slot, text.clone()))
            .collect()
    }
}
