//! A strict parser for markup, and what it allows: elements, attributes, styles, addresses.

pub(in crate::template) mod allow;
pub(in crate::template) mod attribute;
pub(in crate::template) mod parse;
pub(in crate::template) mod reference;
pub(in crate::template) mod style;
pub(in crate::template) mod tag;
pub(in crate::template) mod url;
