//! Checks the text of a document: every problem with its line and column.

use super::read::append_name;
use super::{Problem, read};
use crate::json::{self, position};
use jsonc_parser::ast::{Object, StringLit, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::collections::HashSet;

/// As deep as documents may be nested.
pub(super) const DEEPEST: usize = 64;
/// More duplicate keys than this are not worth listing.
const MOST_DUPLICATES: usize = 200;

/// A problem with its place in the text of the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The place in the document, as in [`Problem::path`](super::Problem::path); empty for the document itself.
    pub path: String,
    /// What was found and what to write instead.
    pub message: String,
}

impl std::fmt::Display for Finding {
    /// `12:18: elements[3].box: missing; …`: with a file name and a colon before it, editors jump to the place.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}: ", self.line, self.column)?;
        if !self.path.is_empty() {
            write!(out, "{}: ", self.path)?;
        }
        out.write_str(&self.message)
    }
}

/// Checks the text of a project document: its JSON, keys that stand twice in an object, and all that
/// [`read`](super::read) checks. No findings means that the document is sound.
pub fn check(text: &str) -> Vec<Finding> {
    let document = match json::parse(text.as_bytes(), DEEPEST) {
        Ok(document) => document,
        Err(error) => return vec![syntax_error(text, error)],
    };
    let tree = match parse_to_ast(text, &CollectOptions::default(), &strict()) {
        Ok(parsed) => parsed.value,
        Err(error) => {
            // The two parsers read the same language; should they ever differ, say so rather than nothing.
            let (line, column) = position(text, error.range().start);
            return vec![Finding { line, column, path: String::new(), message: error.kind().to_string() }];
        }
    };
    let Some(tree) = tree else { return Vec::new() };

    let mut places = Vec::new();
    duplicates(&tree, &mut String::new(), &mut places);
    let problems = read(&document).err().unwrap_or_default();
    places.extend(
        problems.into_iter().map(|problem| (offset(text, &tree, &problem), problem.path, problem.message)),
    );
    // Stable: problems of one place stay in their order. The count of unlisted ones has no place and stays last.
    places.sort_by_key(
        |(offset, path, _)| if path.is_empty() && *offset == tree.start() { usize::MAX } else { *offset },
    );
    places
        .into_iter()
        .map(|(offset, path, message)| {
            let (line, column) = position(text, offset);
            Finding { line, column, path, message }
        })
        .collect()
}

/// The byte of the document's text at which a problem is.
pub(super) fn offset(text: &str, tree: &Value<'_>, problem: &Problem) -> usize {
    match locate(tree, &problem.path) {
        Place::Value { name: Some(name), .. } if problem.at_name => name,
        Place::Value { value: Value::StringLit(literal), .. } => match problem.template {
            Some(place) => offset_in_literal(text, literal, place),
            None => literal.start(),
        },
        Place::Value { value, .. } | Place::Missing { inside: value } => value.start(),
    }
}

/// JSON as RFC 8259 has it.
pub(super) fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

fn syntax_error(text: &str, error: json::ParseError) -> Finding {
    let line = text.split('\n').nth(error.line.saturating_sub(1)).unwrap_or_default();
    let mut rest = line.chars().skip(error.column.saturating_sub(1));
    let comment = rest.next() == Some('/') && matches!(rest.next(), Some('/' | '*'));
    let message = if comment { "JSON has no comments; take it out".to_owned() } else { error.message };
    Finding { line: error.line, column: error.column, path: String::new(), message }
}

/// Finds keys that stand twice in an object, of which only the last one counts.
fn duplicates(value: &Value<'_>, path: &mut String, found: &mut Vec<(usize, String, String)>) {
    let length = path.len();
    match value {
        Value::Object(object) => {
            let mut seen = HashSet::new();
            for property in &object.properties {
                let name = property.name.as_str();
                append_name(path, name);
                if !seen.insert(name) && found.len() < MOST_DUPLICATES {
                    let message = "this field stands twice in its object; take out one".to_owned();
                    found.push((property.start(), path.clone(), message));
                }
                duplicates(&property.value, path, found);
                path.truncate(length);
            }
        }
        Value::Array(array) => {
            for (number, item) in array.elements.iter().enumerate() {
                path.push_str(&format!("[{number}]"));
                duplicates(item, path, found);
                path.truncate(length);
            }
        }
        Value::StringLit(_) | Value::NumberLit(_) | Value::BooleanLit(_) | Value::NullKeyword(_) => {}
    }
}

/// Where a path leads in the text.
enum Place<'t, 'a> {
    /// To a value, and the offset of its name if it is a field.
    Value { value: &'t Value<'a>, name: Option<usize> },
    /// To nothing: the innermost value that is there.
    Missing { inside: &'t Value<'a> },
}

/// Follows the path of a problem.
fn locate<'t, 'a>(tree: &'t Value<'a>, path: &str) -> Place<'t, 'a> {
    let (mut value, mut name, mut rest) = (tree, None, path);
    while !rest.is_empty() {
        let step = match value {
            Value::Object(object) => field(object, rest),
            Value::Array(array) => item(rest)
                .and_then(|(number, rest)| array.elements.get(number).map(|item| (item, None, rest))),
            Value::StringLit(_) | Value::NumberLit(_) | Value::BooleanLit(_) | Value::NullKeyword(_) => None,
        };
        match step {
            Some(step) => (value, name, rest) = step,
            None => return Place::Missing { inside: value },
        }
    }
    Place::Value { value, name }
}

/// The field that a path begins with, the offset of its name, and the path from there.
fn field<'t, 'a, 'p>(
    object: &'t Object<'a>,
    path: &'p str,
) -> Option<(&'t Value<'a>, Option<usize>, &'p str)> {
    let path = path.strip_prefix('.').unwrap_or(path);
    // Of equal keys the last one counts.
    object.properties.iter().rev().find_map(|property| {
        let mut step = String::new();
        append_name(&mut step, property.name.as_str());
        let rest = path.strip_prefix(&*step)?;
        let whole = rest.is_empty() || rest.starts_with(['.', '[']);
        whole.then(|| (&property.value, Some(property.start()), rest))
    })
}

/// The number of the item that a path begins with, and the path from there.
fn item(path: &str) -> Option<(usize, &str)> {
    let (number, rest) = path.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, rest))
}

/// The offset of a line and column of a string's value, whose escapes hide some of its characters.
fn offset_in_literal(text: &str, literal: &StringLit<'_>, (line, column): (usize, usize)) -> usize {
    let quoted = literal.text(text);
    let inside = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let (mut at_line, mut at_column) = (1, 1);
    let mut rest = inside;
    while (at_line, at_column) < (line, column) {
        let (length, line_break) = character(rest);
        if length == 0 || (line_break && at_line == line) {
            break;
        }
        rest = rest.get(length..).unwrap_or_default();
        (at_line, at_column) = if line_break { (at_line + 1, 1) } else { (at_line, at_column + 1) };
    }
    literal.start() + 1 + inside.len() - rest.len()
}

/// The bytes that the first character of a string's inside takes, and whether it is a line break.
fn character(inside: &str) -> (usize, bool) {
    let unit = |text: &str| u32::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok();
    if let Some(first) = unit(inside) {
        let second = inside.get(6..).and_then(unit);
        let pair =
            (0xD800..0xDC00).contains(&first) && second.is_some_and(|unit| (0xDC00..0xE000).contains(&unit));
        return (if pair { 12 } else { 6 }, first == 0x0A);
    }
    match inside.strip_prefix('\\') {
        Some(escape) => (2.min(inside.len()), escape.starts_with('n')),
        None => (inside.chars().next().map_or(0, char::len_utf8), false),
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<String> {
        check(text).iter().map(ToString::to_string).collect()
    }

    fn starts(text: &str) -> Vec<(usize, usize, String)> {
        check(text).into_iter().map(|finding| (finding.line, finding.column, finding.path)).collect()
    }

    #[test]
    fn values_names_and_missing_fields_have_their_places() {
        let text = "{\n  \"cuehook\": 2,\n  \"elments\": [],\n  \"video\": {\n\t\"title\": \"x\" }\n}";
        assert_eq!(
            starts(text),
            [(2, 14, "cuehook".into()), (3, 3, "elments".into()), (4, 12, "video.id".into())]
        );
    }

    #[test]
    fn columns_count_characters() {
        let text = r#"{ "variables": { "ä😀": 1 }, "video": 1, "cuehook": 1 }"#;
        assert_eq!(starts(text), [(1, 38, "video".into())]);
    }

    #[test]
    fn names_that_look_like_paths_are_found() {
        let text = r#"{ "cuehook": 1, "words": { "a.b[0]": "x", "a": "x" } }"#;
        assert_eq!(starts(text), [(1, 28, r#"words["a.b[0]"]"#.into()), (1, 43, "words.a".into())]);
    }

    #[test]
    fn of_equal_keys_the_last_counts() {
        let text = "{ \"cuehook\": 1,\n\"cuehook\": 2 }";
        assert_eq!(
            places(text),
            [
                "2:1: cuehook: this field stands twice in its object; take out one",
                "2:12: cuehook: found 2; write 1, the version of the document's format",
            ]
        );
    }

    #[test]
    fn comments_are_refused_in_words() {
        assert_eq!(places("{ \"cuehook\": 1 /* one */ }"), ["1:16: JSON has no comments; take it out"]);
    }

    #[test]
    fn a_wrong_document_has_a_place() {
        assert_eq!(places("\n [1]"), ["2:2: found a list; write a project, which is an object"]);
    }

    #[test]
    fn places_in_templates_go_through_escapes() {
        let text = r#" "ab\n\u00e4\ud83d\ude00\"x\u000ay" "#;
        let parsed = parse_to_ast(text, &CollectOptions::default(), &strict()).unwrap();
        let Some(Value::StringLit(literal)) = parsed.value else { panic!("a text") };
        let at =
            |line, column| text.get(offset_in_literal(text, &literal, (line, column))..).unwrap().trim_end();
        for ((line, column), rest) in [
            ((1, 1), r#"ab\n\u00e4\ud83d\ude00\"x\u000ay""#),
            ((1, 2), r#"b\n\u00e4\ud83d\ude00\"x\u000ay""#),
            ((2, 1), r#"\u00e4\ud83d\ude00\"x\u000ay""#),
            ((2, 2), r#"\ud83d\ude00\"x\u000ay""#),
            ((2, 3), r#"\"x\u000ay""#),
            ((2, 4), r#"x\u000ay""#),
            ((3, 1), r#"y""#),
            // Past the end of a line or of the text: as near as can be.
            ((1, 9), r#"\n\u00e4\ud83d\ude00\"x\u000ay""#),
            ((9, 9), r#"""#),
        ] {
            assert_eq!(at(line, column), rest, "line {line}, column {column}");
        }
    }
}
