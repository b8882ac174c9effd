//! Why a template was refused, or had no value.

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
