//! Reads a document: lax JSON in, a strict [`Project`] or every problem out.

use super::{Problem, Project};
use crate::json::Json;

/// Reads a project document.
///
/// # Errors
/// All problems of the document, in document order.
pub fn read(document: &Json) -> Result<Project, Vec<Problem>> {
    let _ = document;
    Err(Vec::new())
}
