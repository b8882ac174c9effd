//! Numbers, amounts, dates and letter case as the browser writes them. All of it is in locale.js, since it is questions to
//! the browser's `Intl`.

use crate::template::Formatting;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/browser/locale.js")]
extern "C" {
    type Written;
    #[wasm_bindgen(method, getter)]
    fn text(this: &Written) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = isPrepared)]
    fn is_prepared(this: &Written) -> bool;

    #[wasm_bindgen(js_name = writeCase)]
    fn write_case(text: &str, is_upper: bool) -> Written;
    #[wasm_bindgen(js_name = writeNumber)]
    fn write_number(value: f64, digits: Option<u8>, locale: Option<&str>) -> Written;
    #[wasm_bindgen(js_name = writeCurrency)]
    fn write_currency(value: f64, code: &str, locale: Option<&str>) -> Written;
    #[wasm_bindgen(js_name = writeDate)]
    fn write_date(millis: f64, style: &str, is_utc: bool, locale: Option<&str>) -> Written;
}

/// The text to show; none if the browser does not know the locale or the currency. And whether it had to make a formatter.
pub fn format(formatting: &Formatting<'_>) -> (Option<String>, bool) {
    let written = match *formatting {
        Formatting::Case { text, upper } => write_case(text, upper),
        Formatting::Number { value, digits, locale } => write_number(value, digits, locale),
        Formatting::Currency { value, code, locale } => write_currency(value, code, locale),
        Formatting::Date { millis, style, locale, utc } => write_date(millis, style, utc, locale),
    };
    (written.text(), written.is_prepared())
}
