//! Why a template was refused, or had no value.

use crate::diagnostic::{DiagnosticKind, EXPLAINS};

/// Why a template was refused, and where in its source. In a box, so that handing it on is handing on a pointer.
pub type TemplateError = Box<TemplateFault>;

/// What is wrong with a template, and where in its source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct TemplateFault {
    /// What it is, for code that matches.
    pub kind: DiagnosticKind,
    /// Line in the template's source, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what to write instead.
    pub message: String,
}

/// What is wrong, before it is known where.
#[derive(Debug)]
pub(in crate::template) struct Reason {
    pub(in crate::template) kind: DiagnosticKind,
    pub(in crate::template) message: String,
}

/// Fixed texts are of the compiler, for authors. What fails while something is shown comes as a `String`, and is always told.
impl From<&str> for Reason {
    fn from(message: &str) -> Self {
        if EXPLAINS { message.to_owned().into() } else { String::new().into() }
    }
}

impl From<String> for Reason {
    fn from(message: String) -> Self {
        Self { kind: DiagnosticKind::Template, message }
    }
}

/// Why a part of a template was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(in crate::template) struct Refused {
    pub(in crate::template) kind: RefusedKind,
    /// What was found and what to write instead.
    pub(in crate::template) message: String,
}

/// What was refused, for code that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum RefusedKind {
    /// A tag of control flow that does not belong where it stands.
    ControlFlow,
    /// An attribute that the element does not have.
    Attribute,
    /// The value of an attribute, or of a declaration in `style`.
    Value,
}

impl RefusedKind {
    /// An error of this kind.
    pub(in crate::template) fn error(self, message: impl Into<String>) -> Refused {
        Refused { kind: self, message: message.into() }
    }
}

impl From<Refused> for Reason {
    fn from(refused: Refused) -> Self {
        refused.message.into()
    }
}
