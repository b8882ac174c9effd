//! Numbers, amounts, dates and letter case through the browser's `Intl`, which knows all countries.

use super::errors;
use crate::template::Formatting;
use js_sys::{Array, Function, JsString, Object};
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;

/// Making a formatter takes a browser 10 to 50 µs, using it less than one. A page needs few.
const KEPT: usize = 32;

// Unlike those of `js_sys` these constructors may throw: an unknown locale or currency must not end the module.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locales: &Array, options: &Object) -> Result<NumberFormat, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn format(this: &NumberFormat) -> Function;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locales: &Array, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn format(this: &DateTimeFormat) -> Function;
}

thread_local! {
    /// Formatters by what they are for, the oldest first; none where the browser refused.
    static FORMATTERS: RefCell<Vec<(String, Option<Function>)>> = const { RefCell::new(Vec::new()) };
    /// How many were made.
    static MADE: Cell<u32> = const { Cell::new(0) };
}

/// The text to show; none if the browser does not know the locale or the currency. And whether it had to make a formatter.
pub fn format(formatting: &Formatting<'_>) -> (Option<String>, bool) {
    let made = MADE.get();
    let text = written(formatting);
    (text, MADE.get() != made)
}

fn written(formatting: &Formatting<'_>) -> Option<String> {
    let (value, locale) = match formatting {
        Formatting::Case { text, upper } => {
            let text = JsString::from(*text);
            return Some(if *upper { text.to_upper_case() } else { text.to_lower_case() }.into());
        }
        Formatting::Number { value, locale, .. } | Formatting::Currency { value, locale, .. } => {
            (value, locale)
        }
        Formatting::Date { millis, locale, .. } => (millis, locale),
    };
    let page = page_language();
    let language = locale.or(page.as_deref()).unwrap_or_default();
    let formatter = formatter(formatting, language).or_else(|| {
        // A page may say nonsense, or the language of its author's text editor.
        locale.is_none().then(|| self::formatter(formatting, ""))?
    })?;
    formatter.call1(&JsValue::UNDEFINED, &JsValue::from_f64(*value)).ok()?.as_string()
}

/// What the page says of its language.
fn page_language() -> Option<String> {
    web_sys::window()?.document()?.document_element()?.get_attribute("lang")
}

/// The formatter from the store, or a new one. An empty language is the browser's.
fn formatter(formatting: &Formatting<'_>, language: &str) -> Option<Function> {
    let (mut name, mut value, mut more) = ("", "", &[][..]);
    let digit;
    let date = matches!(formatting, Formatting::Date { .. });
    match formatting {
        Formatting::Case { .. } | Formatting::Number { digits: None, .. } => {}
        Formatting::Number { digits: Some(digits), .. } => {
            digit = digits.to_string();
            (name, value, more) = ("minimumFractionDigits", &digit, &[("maximumFractionDigits", "")]);
        }
        Formatting::Currency { code, .. } => {
            (name, value, more) = ("currency", code, &[("style", "currency")])
        }
        Formatting::Date { style, .. } => {
            (name, value, more) = match *style {
                "time" => ("timeStyle", "short", more),
                "datetime" => ("timeStyle", "short", &[("dateStyle", "medium")][..]),
                style => ("dateStyle", style, more),
            };
        }
    }
    let zone = if matches!(formatting, Formatting::Date { utc: true, .. }) { "UTC" } else { "" };
    let first = more.first().map_or("", |(name, _)| *name);
    let key = [language, "|", name, value, first, zone].concat();
    let known = FORMATTERS
        .with_borrow(|list| list.iter().find(|(known, _)| *known == key).map(|(_, found)| found.clone()));
    if let Some(known) = known {
        return known;
    }
    MADE.set(MADE.get().wrapping_add(1));
    let locales = Array::new();
    if !language.is_empty() {
        locales.push(&JsValue::from_str(language));
    }
    let options = Object::new();
    let set = |name: &str, value: &str| errors::set(&options, name, &JsValue::from_str(value));
    if !name.is_empty() {
        set(name, value);
    }
    for (name, fixed) in more {
        // Both bounds of the digits are the same.
        set(name, if fixed.is_empty() { value } else { fixed });
    }
    if !zone.is_empty() {
        set("timeZone", zone);
    }
    let made = if date {
        DateTimeFormat::new(&locales, &options).map(|formatter| formatter.format())
    } else {
        NumberFormat::new(&locales, &options).map(|formatter| formatter.format())
    };
    let made = made.ok();
    FORMATTERS.with_borrow_mut(|list| {
        if list.len() >= KEPT {
            list.remove(0);
        }
        list.push((key, made.clone()));
    });
    made
}
