//! Templates: author's text with placeholders, compiled once, evaluated against the context.
//!
//! [`Text`] gives a text (labels, parameters, URLs, variable values). [`Markup`] gives a node plan, which the shell
//! builds once with `createElement` and then patches slot by slot: no markup is ever assembled as a string.

use crate::json::Json;
use crate::session::Context;

/// Whether a link may lead there.
pub fn safe_url(url: &str) -> bool {
    !url.is_empty()
}

/// Why a template was refused, and where in its source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct TemplateError {
    /// Line in the template's source, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what to write instead.
    pub message: String,
}

/// A path that had no value although the template gives no default for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The expression as the author wrote it, e.g. `user.username`.
    pub expression: String,
    /// A key that differs only in letter case, e.g. `user.userName`.
    pub near_miss: Option<String>,
}

/// A template whose result is text.
#[derive(Clone, Debug)]
pub struct Text {
    source: String,
}

/// A text with its placeholders filled in.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Rendered {
    /// The text; a missing value without default leaves nothing in its place.
    pub text: String,
    /// What was missing.
    pub missing: Vec<Missing>,
}

impl Text {
    /// Compiles a template.
    ///
    /// # Errors
    /// A placeholder that is not closed, or whose expression is not valid.
    pub fn compile(source: &str) -> Result<Text, TemplateError> {
        Ok(Text { source: source.to_owned() })
    }

    /// What the author wrote.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Fills in the placeholders.
    ///
    /// # Errors
    /// An expression that fails for this context (a text divided by a number), or exceeds the bounds.
    pub fn render(&self, context: &Context) -> Result<Rendered, TemplateError> {
        let _ = context;
        Ok(Rendered::default())
    }

    /// The value: when the whole template is one placeholder its value keeps its type (`${score + 5}` is a number);
    /// any other template gives its text.
    ///
    /// # Errors
    /// As [`Text::render`].
    pub fn value(&self, context: &Context) -> Result<Json, TemplateError> {
        let _ = context;
        Ok(Json::Null)
    }
}

/// A template whose result is a node plan.
#[derive(Clone, Debug)]
pub struct Markup {
    source: String,
    plan: Plan,
}

impl Markup {
    /// Compiles HTML with placeholders.
    ///
    /// # Errors
    /// Markup or a placeholder that is not accepted; the message says what to write instead.
    pub fn compile(source: &str) -> Result<Markup, TemplateError> {
        Ok(Markup { source: source.to_owned(), plan: Plan::default() })
    }

    /// What the author wrote.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The nodes to build.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The value of every slot for this context.
    ///
    /// # Errors
    /// As [`Text::render`].
    pub fn evaluate(&self, context: &Context) -> Result<Slots, TemplateError> {
        let _ = context;
        Ok(Slots::default())
    }
}

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
    /// Attributes in their order, without duplicates.
    pub attributes: Vec<Attribute>,
    /// Nodes inside.
    pub children: Vec<Node>,
}

/// An attribute of a plan's element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The name, from the allow-list, or `data-*`, `aria-*`.
    pub name: String,
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
    /// By slot number.
    pub values: Vec<String>,
    /// Paths without value and default. An overlay with `whenMissing: hide` stays hidden while there are any.
    pub missing: Vec<Missing>,
    /// Warnings for the author, such as a URL that was blocked.
    pub warnings: Vec<String>,
}
