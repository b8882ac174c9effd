//! Checks the text of a document: every problem with its line and column.

use super::read::append_name;
use super::{DEEPEST, read};
use crate::diagnostic::{Diagnostic, DiagnosticKind, Position};
use crate::json::{self, FieldSpan, Parts, Span, position};
use std::collections::HashSet;

/// More duplicate keys than this are not worth listing.
const MOST_DUPLICATES: usize = 200;

/// Checks the text of a project document: its JSON, keys that stand twice in an object, and all that
/// [`read`](super::read) checks. Nothing means that the document is sound. Each has its place in the text.
pub fn check(text: &str) -> Vec<Diagnostic> {
    let parsed = json::parse(text.as_bytes(), DEEPEST);
    let (document, tree) = match parsed.and_then(|document| Ok((document, json::spans(text, DEEPEST)?))) {
        Ok(both) => both,
        Err(error) => return vec![syntax_error(text, error)],
    };
    let mut found = Vec::new();
    duplicates(&tree, &mut String::new(), &mut found);
    let problems = read(&document).err().unwrap_or_default();
    found.extend(problems.into_iter().map(|problem| (offset(text, &tree, &problem), problem)));
    in_order(text, &tree, found)
}

/// Diagnostics with their places in the text, given the bytes at which they are.
pub(super) fn in_order(text: &str, tree: &Span, mut found: Vec<(usize, Diagnostic)>) -> Vec<Diagnostic> {
    // Stable: problems of one place stay in their order. The count of unlisted ones has no place and stays last.
    found.sort_by_key(
        |(offset, problem)| {
            if problem.path.is_empty() && *offset == tree.start { usize::MAX } else { *offset }
        },
    );
    let placed = |(offset, problem)| {
        let (line, column) = position(text, offset);
        Diagnostic { position: Some(Position { line, column }), ..problem }
    };
    found.into_iter().map(placed).collect()
}

/// The byte of the document's text at which a problem is.
pub(super) fn offset(text: &str, tree: &Span, problem: &Diagnostic) -> usize {
    match locate(tree, &problem.path) {
        Location::Value { name: Some(name), .. } if problem.kind.is_about_name() => name,
        Location::Value { value, .. } => match (&value.parts, problem.template) {
            (Parts::Text, Some(place)) => offset_in_literal(text, value, place),
            _ => value.start,
        },
        Location::Missing { inside } => inside.start,
    }
}

fn syntax_error(text: &str, error: json::ParseError) -> Diagnostic {
    let line = text.split('\n').nth(error.line.saturating_sub(1)).unwrap_or_default();
    let mut rest = line.chars().skip(error.column.saturating_sub(1));
    let comment = rest.next() == Some('/') && matches!(rest.next(), Some('/' | '*'));
    let message = if comment { "JSON has no comments; take it out".to_owned() } else { error.message };
    let position = Some(Position { line: error.line, column: error.column });
    Diagnostic { position, ..Diagnostic::new(DiagnosticKind::Json, "", message) }
}

/// Finds keys that stand twice in an object, of which only the last one counts.
fn duplicates(value: &Span, path: &mut String, found: &mut Vec<(usize, Diagnostic)>) {
    let length = path.len();
    match &value.parts {
        Parts::Fields(fields) => {
            let mut seen = HashSet::new();
            for field in fields {
                append_name(path, &field.name);
                if !seen.insert(&field.name) && found.len() < MOST_DUPLICATES {
                    let message = "this field stands twice in its object; take out one";
                    let duplicate = Diagnostic::new(DiagnosticKind::DuplicateKey, path.clone(), message);
                    found.push((field.start, duplicate));
                }
                duplicates(&field.value, path, found);
                path.truncate(length);
            }
        }
        Parts::Items(items) => {
            for (number, item) in items.iter().enumerate() {
                path.push_str(&format!("[{number}]"));
                duplicates(item, path, found);
                path.truncate(length);
            }
        }
        Parts::Text | Parts::Word => {}
    }
}

/// Where a path leads in the text.
enum Location<'t> {
    /// To a value, and the offset of its name if it is a field.
    Value { value: &'t Span, name: Option<usize> },
    /// To nothing: the innermost value that is there.
    Missing { inside: &'t Span },
}

/// Follows the path of a problem.
fn locate<'t>(tree: &'t Span, path: &str) -> Location<'t> {
    let (mut value, mut name, mut rest) = (tree, None, path);
    while !rest.is_empty() {
        let step = match &value.parts {
            Parts::Fields(fields) => field(fields, rest),
            Parts::Items(items) => {
                item(rest).and_then(|(number, rest)| items.get(number).map(|item| (item, None, rest)))
            }
            Parts::Text | Parts::Word => None,
        };
        match step {
            Some(step) => (value, name, rest) = step,
            None => return Location::Missing { inside: value },
        }
    }
    Location::Value { value, name }
}

/// The field that a path begins with, the offset of its name, and the path from there.
fn field<'t, 'p>(fields: &'t [FieldSpan], path: &'p str) -> Option<(&'t Span, Option<usize>, &'p str)> {
    let path = path.strip_prefix('.').unwrap_or(path);
    // Of equal keys the last one counts.
    fields.iter().rev().find_map(|field| {
        let mut step = String::new();
        append_name(&mut step, &field.name);
        let rest = path.strip_prefix(&*step)?;
        let whole = rest.is_empty() || rest.starts_with(['.', '[']);
        whole.then_some((&field.value, Some(field.start), rest))
    })
}

/// The number of the item that a path begins with, and the path from there.
fn item(path: &str) -> Option<(usize, &str)> {
    let (number, rest) = path.strip_prefix('[')?.split_once(']')?;
    Some((number.parse().ok()?, rest))
}

/// The offset of a line and column of a string's value, whose escapes hide some of its characters.
fn offset_in_literal(text: &str, literal: &Span, Position { line, column }: Position) -> usize {
    let inside = text.get(literal.start + 1..literal.end - 1).unwrap_or_default();
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
    literal.start + 1 + inside.len() - rest.len()
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
        let place = |found: Diagnostic| {
            let Position { line, column } = found.position.unwrap();
            (line, column, found.path)
        };
        check(text).into_iter().map(place).collect()
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
        let literal = json::spans(text, DEEPEST).unwrap();
        let at = |line, column| {
            text.get(offset_in_literal(text, &literal, Position { line, column })..).unwrap().trim_end()
        };
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
