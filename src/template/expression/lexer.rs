//! The one lexer for expressions: the parser reads with it, it finds where a placeholder's expression ends, and what names
//! stand in an expression that only minijinja understands.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum TokenKind {
    /// A name or a word of the language.
    Name,
    /// What begins with a digit, whether it is a number or not.
    Number,
    /// A text in quotes.
    Text,
    /// A text whose closing quote is missing: the rest.
    Unclosed,
    /// Any other character, or two that belong together.
    Sign,
    /// Nothing is left.
    End,
}

/// A piece of an expression, by its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) struct Token {
    pub(in crate::template) kind: TokenKind,
    /// Byte offset.
    pub(in crate::template) start: usize,
    /// Byte offset behind it.
    pub(in crate::template) end: usize,
    /// Of a sign that is one character that; otherwise 0.
    pub(in crate::template) sign: u8,
}

/// Cuts a text into tokens. Any text can be cut: the last token is [`TokenKind::End`], again and again.
#[derive(Clone, Debug)]
pub(in crate::template) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Starts at a byte offset.
    pub(in crate::template) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The next token, behind blanks.
    pub(in crate::template) fn next(&mut self) -> Token {
        let start = skip_blanks(self.text, self.at);
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let (kind, length) = match rest {
            [] => (TokenKind::End, 0),
            [b'"' | b'\'', ..] => quoted(rest),
            [b'0'..=b'9', ..] => (TokenKind::Number, number_length(rest)),
            [b'/', b'/', ..] | [b'*', b'*', ..] | [b'=' | b'!' | b'<' | b'>', b'=', ..] => {
                (TokenKind::Sign, 2)
            }
            _ => match name_end(self.text, start) {
                Some(end) => (TokenKind::Name, end - start),
                None => (TokenKind::Sign, 1),
            },
        };
        self.at = start + length;
        let sign = match (kind, rest) {
            (TokenKind::Sign, [byte, ..]) if length == 1 => *byte,
            _ => 0,
        };
        Token { kind, start, end: self.at, sign }
    }
}

impl Token {
    /// What stands there.
    #[inline(never)]
    pub(in crate::template) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Goes past blanks.
pub(in crate::template) fn skip_blanks(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where the name that starts at `start` ends.
pub(in crate::template) fn name_end(text: &str, start: usize) -> Option<usize> {
    let length = text.as_bytes().get(start..)?.iter().take_while(|byte| in_name(**byte)).count();
    (length > 0).then_some(start + length)
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

/// A text in quotes, with its quotes.
fn quoted(rest: &[u8]) -> (TokenKind, usize) {
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        if rest.first() == Some(byte) {
            return (TokenKind::Text, at + 1);
        }
        at += 1 + usize::from(*byte == b'\\');
    }
    (TokenKind::Unclosed, rest.len())
}

/// How long the number is, with all that looks as if it belonged to it.
fn number_length(rest: &[u8]) -> usize {
    let mut before = b' ';
    let belongs = |byte: &&u8| {
        let exponent = matches!(before, b'e' | b'E') && matches!(byte, b'+' | b'-');
        before = **byte;
        exponent || **byte == b'.' || in_name(**byte)
    };
    let length = rest.iter().take_while(belongs).count();
    // `0xe+1` is a sum.
    match rest {
        [b'0', b'x' | b'X', ..] => rest.iter().take_while(|byte| in_name(**byte)).count(),
        _ => length,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<&str> {
        let mut lexer = Lexer::new(text, 0);
        std::iter::from_fn(|| Some(lexer.next()).filter(|token| token.kind != TokenKind::End))
            .map(|token| token.of(text))
            .collect()
    }

    #[test]
    fn cuts() {
        for (text, parts) in [
            ("", vec![]),
            (" a.b[0] ", vec!["a", ".", "b", "[", "0", "]"]),
            ("a|x('}\\'')!=b", vec!["a", "|", "x", "(", "'}\\''", ")", "!=", "b"]),
            ("1.5e-3-2", vec!["1.5e-3", "-", "2"]),
            ("0xe+1", vec!["0xe", "+", "1"]),
            ("1_000", vec!["1_000"]),
            ("a//b**c>=d", vec!["a", "//", "b", "**", "c", ">=", "d"]),
            ("größe&&$x", vec!["größe", "&", "&", "$x"]),
            ("a ! 'open \\", vec!["a", "!", "'open \\"]),
        ] {
            assert_eq!(tokens(text), parts, "{text}");
        }
    }

    proptest! {
        #[test]
        fn loses_nothing_but_blanks(text in ".{0,20}|[-'\"\\\\ae0-9.+|!=*/ ]{0,20}") {
            let all: String = tokens(&text).concat();
            let blanks = |text: &str| text.replace(|character: char| character.is_ascii_whitespace(), "");
            prop_assert_eq!(blanks(&all), blanks(&text));
        }
    }
}
