//! The stylesheet: one for all instances, adopted by the document or shadow root in which a stage lies.

use super::super::errors;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Node};

/// `stage.css` without comments and indentation: see `build/css.rs`.
const CSS: &str = include_str!(concat!(env!("OUT_DIR"), "/stage.css"));

#[wasm_bindgen(module = "/src/browser/stage/sheet.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = adoptSheet)]
    fn adopt(document: &Document, node: &Node, css: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = releaseSheet)]
    fn release(tree: &JsValue) -> Result<(), JsValue>;
}

/// A stage's share of the stylesheet; dropping the last one in a tree takes it out of the tree.
#[derive(Debug)]
pub struct Sheet {
    /// A document or a shadow root; none if it can have no stylesheet.
    tree: Option<JsValue>,
}

impl Sheet {
    /// Makes sure that the tree in which `node` lies has the stylesheet.
    pub fn adopt(document: &Document, node: &Node) -> Sheet {
        let tree = adopt(document, node, CSS);
        if tree.is_err() {
            errors::warn(
                "This browser has no constructable stylesheets, so areas and notices are not styled.",
            );
        }
        Sheet { tree: tree.ok() }
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        if let Some(tree) = &self.tree {
            let _ = release(tree);
        }
    }
}
