//! What is wrong, or probably not meant, in what an author wrote: one type for the reader of documents, the compiler of
//! templates, `check`, lints, the playground and the page.

/// Whether this build says what is wrong in a document. The default build that is published only notices that something is:
/// viewers need not download texts for authors. The loader asks the full build then.
pub const EXPLAINS: bool = cfg!(any(not(target_arch = "wasm32"), feature = "full", debug_assertions));

/// As `format!`, of what only authors read: empty where this build does not explain. What is in it is not evaluated then, so there
/// must be no `?` in it.
macro_rules! explain {
    ($($text:tt)*) => {
        if $crate::diagnostic::EXPLAINS { format!($($text)*) } else { String::new() }
    };
}
pub(crate) use explain;

/// Something that an author should change, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// What it is, for code that matches.
    pub kind: DiagnosticKind,
    /// The place in the document, such as `elements[3].onClick[0].webhook`; empty for the document itself. A field whose
    /// name has other characters than letters, digits, `_`, `-` and `$` is written `variables["like this"]`.
    pub path: String,
    /// The place in the text of the document. Known only to tools that have the text.
    pub position: Option<Position>,
    /// The place inside the template at `path`.
    pub template: Option<Position>,
    /// What was found and what to write instead.
    pub message: String,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// Kinds of diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DiagnosticKind {
    /// The text is no JSON.
    Json,
    /// A key stands twice in an object.
    DuplicateKey,
    /// A field that does not exist, or not in this version; its name is at fault, not its value.
    UnknownField,
    /// A name that must not be used.
    Name,
    /// A required field is missing.
    MissingField,
    /// A field has a value that it may not have.
    Value,
    /// An id that leads nowhere.
    UnknownReference,
    /// An id that another one has already.
    DuplicateId,
    /// There is more than the bounds allow.
    TooMuch,
    /// Markup, control flow or a placeholder that is not accepted.
    Template,
    /// An expression that is not accepted.
    Expression,
    /// An expression that only the build with minijinja evaluates: the document must say `"expressions": "full"`.
    NeedsFullExpressions,
    /// It is accepted, but probably not meant.
    Warning,
}

impl Diagnostic {
    /// Something about the value at `path`.
    pub fn new(kind: DiagnosticKind, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, path: path.into(), position: None, template: None, message: message.into() }
    }

    /// As it is, but about a place inside the template at its path.
    pub fn in_template(mut self, line: usize, column: usize) -> Self {
        self.template = Some(Position { line, column });
        self
    }
}

impl DiagnosticKind {
    /// Whether the name of a field is at fault, not its value.
    pub fn is_about_name(self) -> bool {
        matches!(self, DiagnosticKind::UnknownField | DiagnosticKind::Name | DiagnosticKind::DuplicateKey)
    }
}

impl std::fmt::Display for Diagnostic {
    /// `12:18: elements[3].source: …`: with a file name and a colon before it, editors jump to the place. The place in the
    /// template is said when that in the document is not known.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(out, "{line}:{column}: ")?;
        }
        if self.kind == DiagnosticKind::Warning {
            out.write_str("warning: ")?;
        }
        if !self.path.is_empty() {
            write!(out, "{}: ", self.path)?;
        }
        if let (Some(Position { line, column }), None) = (self.template, self.position) {
            write!(out, "line {line}, column {column} of the template: ")?;
        }
        out.write_str(&self.message)
    }
}
