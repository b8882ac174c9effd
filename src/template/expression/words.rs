//! The names in an expression that only minijinja understands, and in what is no expression: found without a tree.

use super::lexer::{Lexer, Token, TokenKind};
use super::path::{Path, is_name};

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

/// All names in an expression, in their order.
pub(in crate::template) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut lexer = Lexer::new(text, 0);
    let name = |token: Token| (token.kind == TokenKind::Name).then(|| token.of(text));
    loop {
        let token = lexer.next();
        let after = lexer.clone();
        match (token.kind, token.of(text)) {
            (TokenKind::End, _) => return words,
            // Two of them are an `or` from elsewhere.
            (_, "|") => match lexer.next() {
                second if second.of(text) == "|" => {}
                token => match name(token) {
                    Some(filter) => words.push(Word::Filter(filter)),
                    None => lexer = after,
                },
            },
            // The key of something that is no fixed path.
            (_, ".") => {
                if lexer.next().kind != TokenKind::Name {
                    lexer = after;
                }
            }
            (TokenKind::Name, "is") => {
                let mut test = lexer.next();
                if test.of(text) == "not" {
                    test = lexer.next();
                }
                match name(test) {
                    Some(test) => words.push(Word::Test(test)),
                    None => lexer = after,
                }
            }
            (TokenKind::Name, word) if is_name(word) => {
                let Some((path, end)) = Path::prefix(text, token.start) else { continue };
                lexer = Lexer::new(text, end);
                // Not the name of a function or of an argument.
                if !["(", "="].contains(&lexer.clone().next().of(text)) {
                    words.push(Word::Path(path.of(text)));
                }
            }
            _ => {}
        }
    }
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
