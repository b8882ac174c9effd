//! The names in an expression, found without understanding it.

use super::path::{Path, name_end};

/// A name in an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum Word<'a> {
    /// A path, as far as it is fixed: `items` in `items[n].name`.
    Path(&'a str),
    /// The name of a filter.
    Filter(&'a str),
    /// The name of a test.
    Test(&'a str),
}

/// Goes past blanks.
pub(in crate::template) fn skip_blanks(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// All names in an expression, in their order.
pub(in crate::template) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    let name = |start: usize| {
        let start = skip_blanks(text, start);
        let end = name_end(text, start).unwrap_or(start);
        (text.get(start..end).unwrap_or_default(), end)
    };
    while let Some(byte) = text.as_bytes().get(at) {
        if matches!(byte, b'"' | b'\'') {
            at = quote_end(text, at);
        } else if *byte == b'|' && text.as_bytes().get(at + 1) == Some(byte) {
            // An `or` from elsewhere.
            at += 2;
        } else if *byte == b'|' {
            let (filter, end) = name(at + 1);
            if !filter.is_empty() {
                words.push(Word::Filter(filter));
            }
            at = end.max(at + 1);
        } else if *byte == b'.' {
            // The key of something that is no fixed path.
            at = name(at + 1).1.max(at + 1);
        } else if let Some((_, end)) = Path::prefix(text, at) {
            let next = text.as_bytes().get(skip_blanks(text, end)..).unwrap_or_default();
            // Not the name of a function or of an argument.
            if !matches!(next, [b'(', ..]) && (!next.starts_with(b"=") || next.starts_with(b"==")) {
                words.push(Word::Path(text.get(at..end).unwrap_or_default()));
            }
            at = end;
        } else if let Some(end) = name_end(text, at) {
            at = if text.get(at..end) == Some("is") {
                let (mut test, mut end) = name(end);
                if test == "not" {
                    (test, end) = name(end);
                }
                if !test.is_empty() {
                    words.push(Word::Test(test));
                }
                end
            } else {
                end
            };
        } else {
            at += 1;
        }
    }
    words
}

/// Where the text in quotes that begins at `start` ends, past its quote.
fn quote_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let quote = bytes.get(start);
    let mut at = start + 1;
    while at < bytes.len() && bytes.get(at) != quote {
        at += 1 + usize::from(bytes.get(at) == Some(&b'\\'));
    }
    at + 1
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn finds_names() {
        use Word::{Filter, Path, Test};
        for (text, found) in [
            ("user.name", vec![Path("user.name")]),
            ("a[0]['b c'].d + größe", vec![Path("a[0]['b c'].d"), Path("größe")]),
            ("items[n + 1].x.y[m]", vec![Path("items"), Path("n"), Path("m")]),
            ("a|default('b' ~ \"c\\\"d\")|upper", vec![Path("a"), Filter("default"), Filter("upper")]),
            ("a is not defined and not b is even", vec![Path("a"), Test("defined"), Path("b"), Test("even")]),
            ("1.5e3 * 0x1f + 7 // 2", vec![]),
            ("x if true else none", vec![Path("x")]),
            ("a | round(precision=n) == m", vec![Path("a"), Filter("round"), Path("n"), Path("m")]),
            ("f(a)", vec![Path("a")]),
            ("(a).b[c]", vec![Path("a"), Path("c")]),
            ("{'k': v}", vec![Path("v")]),
            ("context.p in loop", vec![Path("context.p"), Path("loop")]),
            ("'open a", vec![]),
            ("a || b", vec![Path("a"), Path("b")]),
            ("a is", vec![Path("a")]),
            ("a|", vec![Path("a")]),
            ("a.", vec![Path("a")]),
        ] {
            assert_eq!(words(text), found, "{text}");
        }
    }
}
