//! What authoring tools call: a template shown by itself, anywhere in a page, against a sample answer.

use super::errors;
use super::panic;
use super::stage::plan::Nodes;
use crate::delivery::JSON_DEPTH;
use crate::error::ErrorCode;
use crate::json;
use crate::session::Context;
use crate::template::{Markup, Rendering, TemplateError};
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
    /// Compiles a template and builds it inside `parent`, after what is there.
    ///
    /// # Errors
    /// A `CuehookError` with code `template`, `line` and `column`.
    #[wasm_bindgen(constructor)]
    pub fn new(source: &str, parent: &Element) -> Result<Template, JsValue> {
        panic::install();
        crate::template::install_locale(super::locale::format);
        let markup = Markup::compile(source).map_err(|error| refused(&error))?;
        let document = parent
            .owner_document()
            .ok_or_else(|| errors::error(ErrorCode::Internal, "There is no document."))?;
        let nodes = Nodes::build(&document, markup.plan(), parent)?;
        Ok(Template { markup, nodes, shown: RefCell::default() })
    }

    /// Shows the template for an answer, the UTF-8 text of a JSON object. Nodes that show the same as before stay untouched.
    ///
    /// # Errors
    /// `bad-json`, or `template` with `line` and `column`; what was shown before stays.
    pub fn show(&self, answer: Vec<u8>) -> Result<(), JsValue> {
        let bad = |message: String| errors::error(ErrorCode::BadJson, &message);
        let answer = json::check(&answer, JSON_DEPTH).map_err(|error| bad(error.to_string()))?;
        let Some(answer) = answer.as_object().cloned() else {
            return Err(bad(format!("found {}; expected a JSON object", answer.kind())));
        };
        let previous = self.shown.take();
        let rendered = self.markup.render(&Context::new(answer), previous.as_ref());
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

    /// What was refused in the values, such as a URL.
    pub fn warnings(&self) -> Vec<String> {
        self.shown.borrow().as_ref().map(|shown| shown.warnings.clone()).unwrap_or_default()
    }
}

fn refused(error: &TemplateError) -> JsValue {
    let value = errors::error(ErrorCode::Template, &error.message);
    errors::set(&value, "line", &JsValue::from(error.line));
    errors::set(&value, "column", &JsValue::from(error.column));
    value
}
