//! The page's address, which `history.pushState` changes without a word.

use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::Document;

#[wasm_bindgen]
extern "C" {
    /// A document, as far as its address goes.
    type Addressed;

    /// The address. It stays in JavaScript: as long as it is the same, nothing is copied.
    #[wasm_bindgen(method, getter, structural, js_name = URL)]
    fn url(this: &Addressed) -> JsValue;
}

/// The page's address as it was last seen.
#[derive(Debug)]
pub struct Address {
    document: Document,
    seen: RefCell<JsValue>,
}

impl Address {
    /// The address has not been seen yet.
    pub fn new(document: Document) -> Address {
        Address { document, seen: RefCell::new(JsValue::UNDEFINED) }
    }

    /// The address, if it is another one than before.
    pub fn changed(&self) -> Option<String> {
        let url = self.document.unchecked_ref::<Addressed>().url();
        let before = self.seen.replace(url.clone());
        if before == url { None } else { url.as_string() }
    }
}
