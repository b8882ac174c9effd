//! Moves over JSON text byte by byte and reads its smallest pieces: blanks, signs, numbers, strings.

use super::number::parse_number;
use std::borrow::Cow;

/// A place in JSON text.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// What is wrong at which byte.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) message: String,
}

/// A number as JSON tells numbers apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next byte. Everything that JSON's grammar names is ASCII.
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes past `byte` if it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// Goes past `word` if it comes next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let there = self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if there {
            self.at += word.len();
        }
        there
    }

    /// Goes past blanks, tabs and line ends.
    pub(super) fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// A fault at this place that names what comes next: `expected …, found …`.
    pub(super) fn expected(&self, what: &str) -> Fault {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let message = match found {
            None => format!("expected {what}, found the end of the text"),
            Some(control) if control.is_ascii_control() => {
                format!("expected {what}, found the control character {}", u32::from(control))
            }
            Some(character) => format!("expected {what}, found `{character}`"),
        };
        Fault { at: self.at, message }
    }

    /// A fault at this place.
    pub(super) fn fault(&self, message: &str) -> Fault {
        Fault { at: self.at, message: message.to_owned() }
    }

    fn digits(&mut self) -> Result<(), Fault> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.expected("a digit"));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    /// Reads a number; the next byte is a digit or `-`.
    pub(super) fn number(&mut self) -> Result<Number, Fault> {
        let start = self.at;
        self.take(b'-');
        if self.take(b'0') {
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(Fault {
                    at: start,
                    message: "a number may not start with 0 followed by digits".into(),
                });
            }
        } else {
            self.digits()?;
        }
        let mut whole = true;
        if self.take(b'.') {
            whole = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            whole = false;
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        let written = self.text.get(start..self.at).unwrap_or_default();
        // An integer cannot be minus zero.
        if whole
            && written != "-0"
            && let Ok(number) = written.parse()
        {
            return Ok(Number::Integer(number));
        }
        match parse_number(written) {
            Some(number) if number.is_finite() => Ok(Number::Float(number)),
            _ => Err(Fault {
                at: start,
                message: "this number is too large; the limit is about 1.8e308".into(),
            }),
        }
    }

    /// Reads a string; the next byte is its opening quote. Borrows the text if nothing is escaped.
    ///
    /// Half of a surrogate pair (`\uD800` alone) becomes U+FFFD: JavaScript accepts such text, so senders produce it, but
    /// it has no form in UTF-8.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at;
        self.at += 1;
        let mut unescaped = String::new();
        let mut run = self.at;
        loop {
            match self.peek() {
                None => return Err(Fault { at: start, message: "this string has no closing `\"`".into() }),
                Some(b'"') => {
                    let rest = self.text.get(run..self.at).unwrap_or_default();
                    self.at += 1;
                    if unescaped.is_empty() {
                        return Ok(Cow::Borrowed(rest));
                    }
                    unescaped.push_str(rest);
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => {
                    unescaped.push_str(self.text.get(run..self.at).unwrap_or_default());
                    unescaped.push(self.escape()?);
                    run = self.at;
                }
                Some(0..0x20) => {
                    return Err(self.fault(
                        "a line end, tab or other control character in a string must be escaped: `\\n`, `\\t`, `\\u0000`",
                    ));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    /// Reads an escape; the next byte is the backslash.
    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => {
                return Err(Fault {
                    at: start,
                    message: "after a backslash, JSON knows only `\" \\ / b f n r t` and `uXXXX`; a backslash itself is `\\\\`"
                        .into(),
                });
            }
        };
        self.at += 1;
        Ok(plain)
    }

    /// Reads the four digits after `\u`, and the second half of a surrogate pair if it follows.
    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let first = self.hex4()?;
        if (0xD800..0xDC00).contains(&first) {
            let after_first = self.at;
            if self.take_word("\\u") {
                let second = self.hex4()?;
                if (0xDC00..0xE000).contains(&second) {
                    let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                    return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                self.at = after_first;
            }
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) else {
                return Err(self.expected("four hexadecimal digits after `\\u`"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}
