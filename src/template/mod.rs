//! Templates: author's text with placeholders, compiled once, evaluated against the context.
//!
//! [`Text`] gives a text (labels, parameters, URLs, variable values). [`Markup`] gives a node plan, which the shell
//! builds once with `createElement` and then patches slot by slot: no markup is ever assembled as a string.
//!
//! A placeholder's expression is a path, walked directly, or is evaluated by our own evaluator, in every build. What that
//! does not know is left to minijinja (cargo feature `full`), in documents that say `"expressions": "full"`. Markup goes through a strict parser whose allow-list names the
//! elements and attributes there are.

mod check;
mod document;
mod error;
mod expression;
#[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
mod lint;
mod markup;
mod missing;
mod plan;
mod program;
mod render;
mod syntax;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod text;
mod when;

pub use document::Markup;
pub use error::{TemplateError, TemplateFault};
pub use expression::Expressions;
pub use expression::locale::{Formatting, install as install_locale};
pub use expression::work::Work;
#[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
pub use lint::Known;
pub use markup::url::safe_url;
pub use missing::Missing;
pub use plan::{Attribute, AttributeValue, Block, Element, Node, Plan, Sink};
pub use render::rendering::{Change, Place, Rendering};
#[cfg(not(target_arch = "wasm32"))]
pub use render::snapshot::Snapshot;
pub use text::{Rendered, Text};
pub use when::When;
