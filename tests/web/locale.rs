//! Numbers, amounts and dates as the browser writes them.

use cuehook::browser::locale::format;
use cuehook::template::Formatting;
use wasm_bindgen_test::wasm_bindgen_test;

fn number(value: f64, digits: Option<u8>, locale: Option<&str>) -> Option<String> {
    format(&Formatting::Number { value, digits, locale }).0
}

fn currency(value: f64, code: &str, locale: Option<&str>) -> Option<String> {
    format(&Formatting::Currency { value, code, locale }).0
}

fn date(style: &str, locale: Option<&str>, utc: bool) -> Option<String> {
    // 2026-11-21T00:00:00Z
    format(&Formatting::Date { millis: 1_795_219_200_000.0, style, locale, utc }).0
}

#[wasm_bindgen_test]
fn writes_as_people_do() {
    assert_eq!(number(1234567.891, None, Some("en")).as_deref(), Some("1,234,567.891"));
    assert_eq!(number(1234.5, Some(2), Some("de")).as_deref(), Some("1.234,50"));
    assert_eq!(number(1234.5, Some(0), Some("de")).as_deref(), Some("1.235"));
    assert_eq!(currency(12.5, "EUR", Some("de")).as_deref(), Some("12,50\u{a0}€"));
    assert_eq!(currency(12.5, "usd", Some("en-US")).as_deref(), Some("$12.50"));
    assert_eq!(currency(12.5, "JPY", Some("en-US")).as_deref(), Some("¥13"));
    assert_eq!(date("long", Some("de"), true).as_deref(), Some("21. November 2026"));
    assert_eq!(date("short", Some("en-US"), true).as_deref(), Some("11/21/26"));
    assert_eq!(date("time", Some("de"), true).as_deref(), Some("00:00"));
    assert_eq!(date("datetime", Some("de"), true).as_deref(), Some("21.11.2026, 00:00"));
    assert!(date("full", Some("en"), false).is_some_and(|text| text.contains("2026")));
    let case = |text, upper| format(&Formatting::Case { text, upper }).0;
    assert_eq!(case("straße ŒUVRE", true).as_deref(), Some("STRASSE ŒUVRE"));
    assert_eq!(case("straße ŒUVRE", false).as_deref(), Some("straße œuvre"));
}

#[wasm_bindgen_test]
fn what_the_browser_refuses_gives_nothing() {
    // Twice: refusals are kept, too.
    for _ in 0..2 {
        assert_eq!(number(1.5, None, Some("no_locale")), None);
        assert_eq!(currency(1.5, "€", Some("de")), None);
        assert_eq!(date("long", Some("!"), true), None);
    }
    for number_of in 0..20 {
        assert!(number(1.5, Some(number_of % 16), Some("en")).is_some());
    }
}

#[wasm_bindgen_test]
fn the_page_says_the_language() {
    let root = web_sys::window().unwrap().document().unwrap().document_element().unwrap();
    for (language, text) in [("de", "1,5"), ("en", "1.5")] {
        root.set_attribute("lang", language).unwrap();
        assert_eq!(number(1.5, None, None).as_deref(), Some(text));
    }
    root.set_attribute("lang", "no_language").unwrap();
    assert!(number(1.5, None, None).is_some());
    root.remove_attribute("lang").unwrap();
    assert!(number(1.5, None, None).is_some());
}
