//! Errors as JavaScript sees them: `Error` objects with a name, a stable code and, for documents, all problems.

use crate::error::ErrorCode;
use crate::project::Problem;
use js_sys::{Array, Object, Reflect};
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
    place: Option<(usize, usize)>,
}

impl Refusal {
    /// The problems of a project document.
    pub fn of_project(problems: Vec<Problem>) -> Refusal {
        let entry = |problem: Problem| Entry {
            path: problem.path,
            message: problem.message,
            place: problem.template,
        };
        Refusal { problems: problems.into_iter().map(entry).collect() }
    }

    /// Text that is not JSON.
    pub fn of_json(error: crate::json::ParseError) -> Refusal {
        let place = Some((error.line, error.column));
        Refusal { problems: vec![Entry { path: String::new(), message: error.message, place }] }
    }

    /// A single problem.
    pub fn of(path: &str, message: String) -> Refusal {
        Refusal { problems: vec![Entry { path: path.to_owned(), message, place: None }] }
    }

    /// All problems in one text, a line each.
    pub fn message(&self) -> String {
        let mut text = match self.problems.len() {
            1 => String::from("The project document has a problem:"),
            _ => format!("The project document has {} problems:", self.problems.len()),
        };
        for Entry { path, message, place } in &self.problems {
            text.push_str("\n  ");
            if !path.is_empty() {
                text.push_str(path);
                text.push_str(": ");
            }
            if let Some((line, column)) = place {
                text.push_str(&format!("line {line}, column {column}: "));
            }
            text.push_str(message);
        }
        text
    }

    /// `[{path, message, line?, column?}]`
    pub fn to_array(&self) -> Array {
        self.problems
            .iter()
            .map(|Entry { path, message, place }| {
                let object = Object::new();
                set(&object, "path", &JsValue::from_str(path));
                set(&object, "message", &JsValue::from_str(message));
                if let Some((line, column)) = place {
                    #[allow(clippy::cast_precision_loss)]
                    let number = |count: usize| JsValue::from_f64(count as f64);
                    set(&object, "line", &number(*line));
                    set(&object, "column", &number(*column));
                }
                JsValue::from(object)
            })
            .collect()
    }
}
