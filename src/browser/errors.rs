//! Errors as JavaScript sees them: `Error` objects with a name, a stable code and, for documents, all problems.

use crate::error::ErrorCode;
use crate::project::Problem;
use js_sys::Reflect;
use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::prelude::*;

/// Sets a property of an object of ours, which cannot fail.
pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// A `CuehookError` with its code.
pub fn error(code: ErrorCode, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    error.set_name("CuehookError");
    set(&error, "code", &JsValue::from_str(code.as_str()));
    error.into()
}

/// A `config-invalid` error that lists the problems of a document.
pub fn invalid(problems: &Refusal) -> JsValue {
    let error = error(ErrorCode::ConfigInvalid, &problems.message());
    set(&error, "problems", &problems.to_array());
    error
}

/// Why a document was refused: at least one problem, each with its place.
#[derive(Clone, Debug)]
pub struct Refusal {
    problems: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    path: String,
    message: String,
    line: Option<usize>,
    column: Option<usize>,
}

// As a map: of structs the serializer keeps the names of fields in a table, whose code costs a kilobyte.
impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.path)?;
        map.serialize_entry("message", &self.message)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            map.serialize_entry("line", &line)?;
            map.serialize_entry("column", &column)?;
        }
        map.end()
    }
}

impl Refusal {
    /// The problems of a project document.
    pub fn of_project(problems: Vec<Problem>) -> Refusal {
        let entry = |problem: Problem| Entry {
            path: problem.path,
            message: problem.message,
            line: problem.template.map(|(line, _)| line),
            column: problem.template.map(|(_, column)| column),
        };
        Refusal { problems: problems.into_iter().map(entry).collect() }
    }

    /// Text that is not JSON.
    pub fn of_json(error: crate::json::ParseError) -> Refusal {
        let (line, column) = (Some(error.line), Some(error.column));
        Refusal { problems: vec![Entry { path: String::new(), message: error.message, line, column }] }
    }

    /// A single problem.
    pub fn of(path: &str, message: String) -> Refusal {
        Refusal { problems: vec![Entry { path: path.to_owned(), message, line: None, column: None }] }
    }

    /// All problems in one text, a line each.
    pub fn message(&self) -> String {
        let mut text = match self.problems.len() {
            1 => String::from("The project document has a problem:"),
            _ => format!("The project document has {} problems:", self.problems.len()),
        };
        for Entry { path, message, line, column } in &self.problems {
            text.push_str("\n  ");
            if !path.is_empty() {
                text.push_str(path);
                text.push_str(": ");
            }
            if let (Some(line), Some(column)) = (line, column) {
                text.push_str(&format!("line {line}, column {column}: "));
            }
            text.push_str(message);
        }
        text
    }

    /// `[{path, message, line?, column?}]`
    pub fn to_array(&self) -> JsValue {
        // Plain data always has a form in JavaScript.
        let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
        self.problems.serialize(&serializer).unwrap_or_default()
    }
}
