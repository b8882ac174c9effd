//! Where in a JSON text each value stands, for tools that show an author what is wrong. Not in the browser.

use super::parse::{ParseError, valid};
use super::scan::Scanner;

/// A value's place in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The byte at which it begins.
    pub start: usize,
    /// The byte after its last one.
    pub end: usize,
    /// What it consists of.
    pub parts: Parts,
}

/// What a value consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Null, a boolean or a number.
    Word,
    /// A text; its quotes belong to the span.
    Text,
    /// The items of a list.
    Items(Vec<Span>),
    /// The fields of an object in their order, also those whose name stands there twice.
    Fields(Vec<FieldSpan>),
}

/// A field's place in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldSpan {
    /// Its name, without escapes.
    pub name: String,
    /// The byte at which the name begins, with its quote.
    pub start: usize,
    /// Its value.
    pub value: Span,
}

/// Finds the places of all values of a JSON text, whose lists and objects are nested at most `max_depth` deep.
///
/// # Errors
/// As [`parse`](super::parse).
pub fn spans(text: &str, max_depth: usize) -> Result<Span, ParseError> {
    let checked = valid(text.as_bytes(), max_depth)?;
    Ok(value(&mut Scanner::new(checked.text, checked.start)))
}

/// Goes past the value that comes next, in text that was checked. That has bounded how deep this is nested.
fn value(scanner: &mut Scanner<'_>) -> Span {
    let start = scanner.at();
    let parts = match scanner.peek() {
        Some(b'{') => Parts::Fields(members(scanner, field)),
        Some(b'[') => Parts::Items(members(scanner, value)),
        Some(b'"') => {
            let _ = scanner.skip_string();
            Parts::Text
        }
        _ => {
            while !matches!(scanner.peek(), None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')) {
                scanner.advance();
            }
            Parts::Word
        }
    };
    Span { start, end: scanner.at(), parts }
}

fn field(scanner: &mut Scanner<'_>) -> FieldSpan {
    let start = scanner.at();
    let name = scanner.string().unwrap_or_default().into_owned();
    scanner.skip_blanks();
    scanner.take(b':');
    scanner.skip_blanks();
    FieldSpan { name, start, value: value(scanner) }
}

/// Goes past a list or an object, with `member` past each member.
fn members<T>(scanner: &mut Scanner<'_>, member: fn(&mut Scanner<'_>) -> T) -> Vec<T> {
    let mut members = Vec::new();
    scanner.advance();
    scanner.skip_blanks();
    while !matches!(scanner.peek(), None | Some(b'}' | b']')) {
        members.push(member(scanner));
        scanner.skip_blanks();
        scanner.take(b',');
        scanner.skip_blanks();
    }
    scanner.advance();
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrary::any_json;
    use crate::{Json, parse};
    use proptest::prelude::*;

    #[test]
    fn every_value_and_name_has_its_place() {
        let text = r#" { "a" : [1, "x\"}" ,{} ], "\u0061":null,"b":-1.5e3 } "#;
        let Parts::Fields(fields) = spans(text, 8).unwrap().parts else { panic!("an object") };
        let shown: Vec<_> = fields
            .iter()
            .map(|field| {
                (&*field.name, &text[field.start..field.start + 2], &text[field.value.start..field.value.end])
            })
            .collect();
        assert_eq!(
            shown,
            [("a", "\"a", r#"[1, "x\"}" ,{} ]"#), ("a", "\"\\", "null"), ("b", "\"b", "-1.5e3")]
        );
        let Parts::Items(items) = &fields[0].value.parts else { panic!("a list") };
        let items: Vec<_> = items.iter().map(|item| (&text[item.start..item.end], &item.parts)).collect();
        assert_eq!(
            items,
            [("1", &Parts::Word), (r#""x\"}""#, &Parts::Text), ("{}", &Parts::Fields(Vec::new()))]
        );
    }

    #[test]
    fn refuses_what_the_reader_refuses() {
        for text in ["", "[1,]", "{\"a\":1", "[[1]]", "// no\n1"] {
            assert_eq!(spans(text, 1).unwrap_err(), parse(text.as_bytes(), 1).unwrap_err());
        }
    }

    /// Reads each part by itself: the pieces that the spans cut out give the value again.
    fn reads(text: &str, span: &Span, value: &Json) {
        assert_eq!(&parse(&text.as_bytes()[span.start..span.end], 64).unwrap(), value);
        match (&span.parts, value) {
            (Parts::Items(spans), Json::Array(items)) => {
                assert_eq!(spans.len(), items.len());
                spans.iter().zip(items.iter()).for_each(|(span, item)| reads(text, span, item));
            }
            (Parts::Fields(fields), Json::Object(object)) => {
                for field in fields {
                    reads(text, &field.value, object.get(&field.name).unwrap());
                }
            }
            (Parts::Text, Json::String(_)) => {}
            (Parts::Word, Json::Null | Json::Bool(_) | Json::Integer(_) | Json::Float(_)) => {}
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn spans_cut_out_what_the_reader_reads(value in any_json()) {
            let text = value.to_text().replace(':', " :\n").replace(',', "\t, ");
            if let Ok(read) = parse(text.as_bytes(), 64) {
                reads(&text, &spans(&text, 64).unwrap(), &read);
            }
        }
    }
}
