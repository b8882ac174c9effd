//! Templates: author's text with placeholders, compiled once, evaluated against the context.
//!
//! [`Text`] gives a text (labels, parameters, URLs, variable values). [`Markup`] gives a node plan, which the shell
//! builds once with `createElement` and then patches slot by slot: no markup is ever assembled as a string.
//!
//! A placeholder's expression is a path, walked directly; a simple one with comparisons and filters, in [`simple`]; or a
//! formula for minijinja (cargo feature `expressions`). Markup goes through a strict parser whose allow-list names the
//! elements and attributes there are.

mod allow;
mod attribute;
mod compare;
mod control;
mod error;
mod expression;
mod filling;
mod filters;
#[cfg(feature = "expressions")]
mod formula;
#[cfg(not(feature = "expressions"))]
#[path = "no_formula.rs"]
mod formula;
#[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
mod lint;
mod locale;
mod markup;
mod parse;
mod parts;
mod path;
mod placeholder;
mod plan;
mod program;
mod reference;
mod render;
mod rendering;
mod scope;
#[cfg(not(target_arch = "wasm32"))]
mod shown;
mod simple;
mod source;
mod style;
mod tag;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod text;
mod url;
#[cfg(feature = "expressions")]
mod value;
mod words;

pub use error::{Missing, TemplateError};
#[cfg(any(not(target_arch = "wasm32"), feature = "authoring"))]
pub use lint::{Known, Remark};
pub use locale::{Formatting, install as install_locale};
pub use markup::Markup;
pub use plan::{Attribute, AttributeValue, Block, Element, Node, Plan, Sink};
pub use rendering::{Change, Place, Rendering};
#[cfg(not(target_arch = "wasm32"))]
pub use shown::Shown;
pub use text::{Rendered, Text};
pub use url::safe_url;

/// What a build without the feature `expressions` says of a formula.
pub const PATHS_ONLY: &str = "this build of Cuehook knows paths, comparisons and filters only";
