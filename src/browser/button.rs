//! What an element that runs something says of itself: which one it is, its name, and what to send along.

use crate::engine::Control;
use crate::json::{Json, Object};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen(module = "/src/browser/button.js")]
extern "C" {
    #[wasm_bindgen(js_name = labelOf)]
    fn label_of(element: &Element, most: usize) -> String;
}

/// The longest label that is taken from an element's text, in characters.
const MAX_LABEL: usize = 200;
/// The most `data-param-*` attributes that are read.
const MAX_PARAMS: usize = 50;
/// What their names begin with.
const PARAM: &str = "data-param-";

thread_local! {
    /// The element that was clicked last, and its number.
    static LAST: RefCell<(Option<Element>, Control)> = const { RefCell::new((None, 0)) };
}

/// The number of an element that is clicked: another one than the last, unless it is the same element.
pub fn control(element: &Element) -> Control {
    LAST.with_borrow_mut(|(last, number)| {
        if last.as_ref() != Some(element) {
            *last = Some(element.clone());
            *number = number.wrapping_add(1);
        }
        *number
    })
}

/// What people call the element: `aria-label`, its text, its `title`.
pub fn label(element: &Element) -> String {
    label_of(element, MAX_LABEL)
}

/// Its `data-param-*` attributes, named as in `dataset`: `data-param-product-id` is `productId`.
pub fn params(element: &Element) -> Object {
    let mut params = Object::new();
    for name in element.get_attribute_names().iter().filter_map(|name| name.as_string()) {
        let Some(words) = name.strip_prefix(PARAM) else { continue };
        let value = element.get_attribute(&name).unwrap_or_default();
        if params.len() < MAX_PARAMS {
            params.set(&camel_case(words), Json::from(value.as_str()));
        }
    }
    params
}

fn camel_case(words: &str) -> String {
    let mut name = String::new();
    let mut upper = false;
    for character in words.chars() {
        match character {
            '-' => upper = true,
            _ if upper => {
                name.push(character.to_ascii_uppercase());
                upper = false;
            }
            _ => name.push(character),
        }
    }
    name
}
