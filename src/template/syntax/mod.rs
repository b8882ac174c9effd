//! The syntax of templates: placeholders, control flow, and the parts of a text.

pub(in crate::template) mod control;
pub(in crate::template) mod parts;
pub(in crate::template) mod placeholder;
pub(in crate::template) mod source;
