//! Reads JSON text (RFC 8259) from bytes, with bounds.

use super::Json;

/// Why bytes are not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
}

/// Reads one JSON value from `bytes`, nested at most `max_depth` deep.
///
/// # Errors
/// Anything that RFC 8259 refuses, invalid UTF-8, a number too large for a double, or deeper nesting.
pub fn parse(bytes: &[u8], max_depth: usize) -> Result<Json, ParseError> {
    let _ = (bytes, max_depth);
    Err(ParseError { line: 1, column: 1, message: String::new() })
}
