//! Errors as JavaScript sees them: `Error` objects with a name, a stable code and, for documents, all problems.

use crate::diagnostic::{Diagnostic, DiagnosticKind, Position};
use crate::error::ErrorCode;
use crate::json::ParseError;
use js_sys::Reflect;
use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::prelude::*;

/// Sets a property of an object of ours, which cannot fail.
pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

// Pages put functions of their own in the place of these, such as some that throw.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = console, js_name = warn)]
    fn console_warn(text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = console, js_name = error)]
    fn console_error(text: &str) -> Result<(), JsValue>;
}

/// One line in the console for the developer.
pub fn warn(text: &str) {
    let _ = console_warn(&format!("[cuehook] {text}"));
}

/// One line in the console about something that does not work at all.
pub fn complain(text: &str) {
    let _ = console_error(&format!("[cuehook] {text}"));
}

// The class of the loader, so that `instanceof` holds for what comes from here, too.
#[wasm_bindgen(module = "/js/errors.js")]
extern "C" {
    type CuehookError;
    #[wasm_bindgen(constructor)]
    fn new(code: &str, message: &str) -> CuehookError;
}

/// A `CuehookError` with its code.
pub fn error(code: ErrorCode, message: &str) -> JsValue {
    CuehookError::new(code.as_str(), message).into()
}

/// A `config-invalid` error that lists the problems of a document.
pub fn invalid(problems: &[Diagnostic]) -> JsValue {
    let error = error(ErrorCode::ConfigInvalid, &summary(problems));
    set(&error, "problems", &to_array(problems));
    error
}

/// Text that is no JSON, as a problem of the document.
pub fn no_json(error: ParseError) -> Diagnostic {
    let position = Some(Position { line: error.line, column: error.column });
    Diagnostic { position, ..Diagnostic::new(DiagnosticKind::Json, String::new(), error.message) }
}

/// All problems in one text, a line each.
pub fn summary(problems: &[Diagnostic]) -> String {
    let mut text = match problems.len() {
        1 => String::from("The project document has a problem:"),
        count => format!("The project document has {count} problems:"),
    };
    for problem in problems {
        text.push_str("\n  ");
        if !problem.path.is_empty() {
            text.push_str(&problem.path);
            text.push_str(": ");
        }
        if let Some(Position { line, column }) = place(problem) {
            text.push_str(&format!("line {line}, column {column}: "));
        }
        text.push_str(&problem.message);
    }
    text
}

/// `[{path, message, line?, column?}]`
pub fn to_array(problems: &[Diagnostic]) -> JsValue {
    // Plain data always has a form in JavaScript.
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    let entries: Vec<Problem<'_>> = problems.iter().map(Problem).collect();
    entries.serialize(&serializer).unwrap_or_default()
}

/// The place in the template, or else in the text of the document.
fn place(problem: &Diagnostic) -> Option<Position> {
    problem.template.or(problem.position)
}

/// A problem as pages see it.
struct Problem<'a>(&'a Diagnostic);

// As a map: of structs the serializer keeps the names of fields in a table, whose code costs a kilobyte.
impl Serialize for Problem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("path", &self.0.path)?;
        map.serialize_entry("message", &self.0.message)?;
        if let Some(Position { line, column }) = place(self.0) {
            map.serialize_entry("line", &line)?;
            map.serialize_entry("column", &column)?;
        }
        map.end()
    }
}
