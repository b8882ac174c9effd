//! The stylesheet: one for all instances, adopted by the document or shadow root in which a stage lies.

use js_sys::Array;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{CssStyleSheet, Document, Node, ShadowRoot};

const CSS: &str = include_str!("stage.css");

#[wasm_bindgen]
extern "C" {
    /// A document or a shadow root.
    #[derive(Clone, Debug)]
    type Tree;

    #[wasm_bindgen(catch, method, getter, structural, js_name = adoptedStyleSheets)]
    fn adopted(this: &Tree) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, setter, structural, js_name = adoptedStyleSheets)]
    fn set_adopted(this: &Tree, sheets: &Array) -> Result<(), JsValue>;
}

thread_local! {
    static SHEET: RefCell<Option<CssStyleSheet>> = const { RefCell::new(None) };
    /// How many stages lie in each tree.
    static TREES: RefCell<Vec<(Tree, usize)>> = const { RefCell::new(Vec::new()) };
}

/// A stage's share of the stylesheet; dropping the last one in a tree takes it out of the tree.
#[derive(Debug)]
pub struct Sheet {
    tree: Tree,
}

impl Sheet {
    /// Makes sure that the tree in which `node` lies has the stylesheet.
    pub fn adopt(document: &Document, node: &Node) -> Sheet {
        let tree: Tree = match node.get_root_node().dyn_into::<ShadowRoot>() {
            Ok(root) => JsValue::from(root).unchecked_into(),
            Err(_) => JsValue::from(document.clone()).unchecked_into(),
        };
        let first = TREES.with(|trees| {
            let mut trees = trees.borrow_mut();
            match trees.iter_mut().find(|(known, _)| JsValue::from(known) == JsValue::from(&tree)) {
                Some((_, stages)) => {
                    *stages += 1;
                    false
                }
                None => {
                    trees.push((tree.clone(), 1));
                    true
                }
            }
        });
        if first && set(&tree, true).is_err() {
            super::super::errors::warn(
                "This browser has no constructable stylesheets, so areas and notices are not styled.",
            );
        }
        Sheet { tree }
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        let last = TREES.with(|trees| {
            let mut trees = trees.borrow_mut();
            let at = trees.iter().position(|(known, _)| JsValue::from(known) == JsValue::from(&self.tree))?;
            let (_, stages) = trees.get_mut(at)?;
            *stages = stages.saturating_sub(1);
            (*stages == 0).then(|| trees.swap_remove(at))
        });
        if last.is_some() {
            let _ = set(&self.tree, false);
        }
    }
}

/// Puts the stylesheet into a tree or takes it out.
fn set(tree: &Tree, present: bool) -> Result<(), JsValue> {
    let made = SHEET.with(|sheet| sheet.borrow().clone());
    let sheet = match made {
        Some(sheet) => sheet,
        None => {
            let sheet = CssStyleSheet::new()?;
            sheet.replace_sync(CSS)?;
            SHEET.with(|slot| slot.replace(Some(sheet.clone())));
            sheet
        }
    };
    let sheet = JsValue::from(sheet);
    let sheets: Array = Array::from(&tree.adopted()?).iter().filter(|other| *other != sheet).collect();
    if present {
        sheets.push(&sheet);
    }
    tree.set_adopted(&sheets)
}
