//! What an element that runs something says of itself: its name, and what to send along.

use crate::json::{Json, Object};
use web_sys::Element;

/// The longest label that is taken from an element's text, in characters.
const MAX_LABEL: usize = 200;
/// The most `data-param-*` attributes that are read.
const MAX_PARAMS: usize = 50;
/// What their names begin with.
const PARAM: &str = "data-param-";

/// What people call the element: `aria-label`, its text, its `title`.
pub fn label(element: &Element) -> String {
    let candidates = [
        element.get_attribute("aria-label"),
        element.text_content(),
        element.get_attribute("value"),
        element.get_attribute("title"),
    ];
    candidates
        .into_iter()
        .flatten()
        .map(|text| {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.join(" ").chars().take(MAX_LABEL).collect::<String>()
        })
        .find(|text| !text.is_empty())
        .unwrap_or_default()
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
