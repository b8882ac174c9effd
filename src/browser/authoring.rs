//! What authoring tools call: a template shown by itself, anywhere in a page, against a sample answer.

use super::errors;
use super::locale;
use super::panic;
use super::stage::plan::Nodes;
use crate::delivery::JSON_DEPTH;
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::error::ErrorCode;
use crate::json::{self, Json};
use crate::session::Context;
use crate::template::{Expressions, Known, Markup, Rendering, TemplateError, Work, install_locale};
use js_sys::{Array, Object};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::Element;

/// A template and its nodes.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Template {
    markup: Markup,
    nodes: Nodes,
    shown: RefCell<Option<Rendering>>,
}

#[wasm_bindgen]
impl Template {
    /// Compiles a template and builds it inside `parent`, after what is there. With `full` it may have the expressions of a
    /// document that says `"expressions": "full"`.
    ///
    /// # Errors
    /// A `CuehookError` with code `template`, `line` and `column`; with `needs` `"full"` if only `full` is missing.
    #[wasm_bindgen(constructor)]
    pub fn new(source: &str, parent: &Element, full: Option<bool>) -> Result<Template, JsValue> {
        panic::install();
        install_locale(locale::format);
        let expressions = if full == Some(true) { Expressions::Full } else { Expressions::Default };
        let markup = Markup::compile_with(source, expressions).map_err(|error| refused(&error))?;
        let document = parent
            .owner_document()
            .ok_or_else(|| errors::error(ErrorCode::Internal, "There is no document."))?;
        let nodes = Nodes::build(&document, markup.plan(), parent)?;
        Ok(Template { markup, nodes, shown: RefCell::default() })
    }

    /// Shows the template for an answer, the UTF-8 text of a JSON object. Nodes that show the same as before stay untouched.
    ///
    /// # Errors
    /// `bad-json` or `template`, with `line` and `column`; what was shown before stays.
    pub fn show(&self, answer: Vec<u8>) -> Result<(), JsValue> {
        let bad = |message: String| errors::error(ErrorCode::BadJson, &message);
        let answer = json::check(&answer, JSON_DEPTH)
            .map_err(|error| placed(ErrorCode::BadJson, &error.message, error.line, error.column))?;
        let Some(answer) = answer.as_object().cloned() else {
            return Err(bad(format!("found {}; expected a JSON object", answer.kind())));
        };
        let previous = self.shown.take();
        let rendered = self.markup.render(&Context::new(answer), previous.as_ref(), &Work::default());
        let mut rendering = match rendered {
            Ok(rendering) => rendering,
            Err(error) => {
                self.shown.replace(previous);
                return Err(refused(&error));
            }
        };
        let changes = rendering.changes_since(previous.as_ref());
        self.shown.replace(Some(rendering));
        self.nodes.patch(&changes);
        Ok(())
    }

    /// Expressions without value and default, as `expression`, or `expression → near miss`.
    pub fn missing(&self) -> Vec<String> {
        let shown = self.shown.borrow();
        let missing = shown.iter().flat_map(|shown| &shown.missing);
        missing
            .map(|missing| match &missing.near_miss {
                Some(near) => format!("{} → {near}", missing.expression),
                None => missing.expression.clone(),
            })
            .collect()
    }

    /// The paths that the template reads, such as `products[].name`.
    pub fn paths(&self) -> Vec<String> {
        self.markup.paths()
    }

    /// What is probably not meant: `[{ line, column, message }]`. With `sample`, the UTF-8 text of an answer, variables are
    /// checked against it; a text that is no JSON object counts as none.
    pub fn lint(&self, sample: Option<Vec<u8>>) -> JsValue {
        let sample = sample.and_then(|sample| json::parse(&sample, JSON_DEPTH).ok());
        let known = sample
            .as_ref()
            .and_then(Json::as_object)
            .map(|sample| Known { samples: vec![sample.clone()], ..Known::default() });
        let remarks = self.markup.lint(known.as_ref());
        remarks.into_iter().map(plain).collect::<Array>().into()
    }

    /// What was refused in the values, such as a URL.
    pub fn warnings(&self) -> Vec<String> {
        self.shown.borrow().as_ref().map(|shown| shown.warnings.clone()).unwrap_or_default()
    }
}

fn plain(remark: Diagnostic) -> JsValue {
    let object = JsValue::from(Object::new());
    if let Some(place) = remark.template {
        errors::set(&object, "line", &JsValue::from(place.line));
        errors::set(&object, "column", &JsValue::from(place.column));
    }
    errors::set(&object, "message", &JsValue::from(remark.message));
    object
}

fn refused(error: &TemplateError) -> JsValue {
    let value = placed(ErrorCode::Template, &error.message, error.line, error.column);
    if error.kind == DiagnosticKind::NeedsFullExpressions {
        errors::set(&value, "needs", &JsValue::from_str("full"));
    }
    value
}

fn placed(code: ErrorCode, message: &str, line: usize, column: usize) -> JsValue {
    let value = errors::error(code, message);
    errors::set(&value, "line", &JsValue::from(line));
    errors::set(&value, "column", &JsValue::from(column));
    value
}
