//! The node plan: what the shell builds with `createElement` and text nodes.

/// A compiled template's nodes, in blocks. Block 0 is the template itself; the others are branches and the bodies of
/// loops, of which there are as many instances at a time as the answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// Nodes that come and go together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Top-level nodes, in order.
    pub nodes: Vec<Node>,
    /// How many slots the nodes refer to; they are numbered from 0.
    pub slots: usize,
    /// How many regions the nodes refer to; they are numbered from 0.
    pub regions: usize,
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
    /// A place for instances of other blocks: the branch that is taken, or the rows of a loop.
    Region(usize),
}

/// An element of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The name, from the allow-list.
    pub name: &'static str,
    /// Whether it belongs to SVG, which has a namespace of its own.
    pub svg: bool,
    /// Attributes and style declarations in their order, without duplicates.
    pub attributes: Vec<Attribute>,
    /// Nodes inside.
    pub children: Vec<Node>,
}

/// An attribute, or one declaration of a `style` attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Where the value goes.
    pub sink: Sink,
    /// The value.
    pub value: AttributeValue,
}

/// Where a value of an element goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sink {
    /// `setAttribute`, with a name from the allow-list, or `data-*`, `aria-*`.
    Attribute(String),
    /// `style.setProperty`: a page's Content-Security-Policy forbids style attributes, but not this.
    Style {
        /// The property.
        property: String,
        /// Whether the declaration is `!important`.
        important: bool,
    },
}

/// The value of an attribute or declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// Never changes; already checked (a URL's scheme).
    Fixed(String),
    /// That of a slot; already checked when evaluated. Without a value the attribute is absent.
    Slot(usize),
}
