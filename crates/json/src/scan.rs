//! Moves over JSON text and reads its smallest pieces: blanks, signs, numbers, strings.

use super::number::parse_number;
use std::borrow::Cow;

/// A number of fewer characters, and with an exponent of at most two digits, is below 1.8e308 for certain.
const SURELY_FINITE: usize = 200;

/// A place in JSON text.
///
/// What is done for nearly every byte is `inline(always)`: the module is optimised for size, which would leave the calls in and
/// make the check of an answer three times slower.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// What is wrong at which byte. In a box, so that handing it on is handing on a pointer.
pub(super) type ScanError = Box<ScanFault>;

/// What is wrong at which byte.
#[derive(Debug)]
pub(super) struct ScanFault {
    pub(super) at: usize,
    pub(super) message: String,
}

/// A fault at byte `at`.
#[cold]
#[inline(never)]
pub(super) fn fault_at(at: usize, message: &str) -> ScanError {
    Box::new(ScanFault { at, message: message.to_owned() })
}

/// A number as JSON tells numbers apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

impl<'a> Scanner<'a> {
    /// A scanner that stands at byte `at`, which is no byte inside a character.
    pub(super) fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The whole text.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The byte it stands at.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The next byte. Everything that JSON's grammar names is ASCII.
    #[inline(always)]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes to byte `at`, which is no byte inside a character.
    pub(super) fn jump(&mut self, at: usize) {
        self.at = at;
    }

    /// Goes past the next byte, whatever it is.
    #[inline(always)]
    pub(super) fn advance(&mut self) {
        self.at += 1;
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
    #[inline(always)]
    pub(super) fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// A fault at this place that names what comes next: `expected …, found …`.
    pub(super) fn expected(&self, what: &str) -> ScanError {
        let found = self.text.get(self.at..).and_then(|rest| rest.chars().next());
        let message = match found {
            None => format!("expected {what}, found the end of the text"),
            Some(control) if control.is_ascii_control() => {
                format!("expected {what}, found the control character {}", u32::from(control))
            }
            Some(character) => format!("expected {what}, found `{character}`"),
        };
        Box::new(ScanFault { at: self.at, message })
    }

    /// A fault at this place.
    pub(super) fn fault(&self, message: &str) -> ScanError {
        fault_at(self.at, message)
    }

    fn digits(&mut self) -> Result<(), ScanError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.expected("a digit")) } else { Ok(()) }
    }

    /// Goes past a number, whose first byte is a digit or `-`; returns whether it has neither fraction nor exponent.
    pub(super) fn skip_number(&mut self) -> Result<bool, ScanError> {
        let start = self.at;
        self.take(b'-');
        if self.take(b'0') {
            if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(fault_at(start, "a number may not start with 0 followed by digits"));
            }
        } else {
            self.digits()?;
        }
        let mut whole = true;
        let mut finite = true;
        if self.take(b'.') {
            whole = false;
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            whole = false;
            let is_small = self.take(b'-');
            let _ = is_small || self.take(b'+');
            let exponent = self.at;
            self.digits()?;
            finite = is_small || self.at - exponent <= 2;
        }
        finite &= self.at - start < SURELY_FINITE;
        if !finite && !parse_number(self.since(start)).is_some_and(f64::is_finite) {
            return Err(fault_at(start, "this number is too large; the limit is about 1.8e308"));
        }
        Ok(whole)
    }

    /// Reads a number, whose first byte is a digit or `-`.
    pub(super) fn number(&mut self) -> Result<Number, ScanError> {
        let start = self.at;
        let whole = self.skip_number()?;
        let written = self.since(start);
        // An integer cannot be minus zero.
        if whole
            && written != "-0"
            && let Ok(number) = written.parse()
        {
            return Ok(Number::Integer(number));
        }
        Ok(Number::Float(parse_number(written).unwrap_or_default()))
    }

    /// Goes past a string, whose opening quote comes next; returns whether anything in it is escaped.
    pub(super) fn skip_string(&mut self) -> Result<bool, ScanError> {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            self.skip_plain();
            match self.peek() {
                None => {
                    return Err(fault_at(start, "this string has no closing `\"`"));
                }
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    self.escape()?;
                    escaped = true;
                }
                Some(_) => {
                    return Err(self.fault(
                        "a line end, tab or other control character in a string must be escaped: `\\n`, `\\t`, `\\u0000`",
                    ));
                }
            }
        }
    }

    /// Goes past all that stands for itself in a string, up to a quote, a backslash or a control character.
    #[inline(always)]
    fn skip_plain(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(eight) = bytes.get(self.at..).and_then(|rest| rest.first_chunk()) {
            let special = specials(u64::from_le_bytes(*eight));
            if special != 0 {
                self.at += special.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
        while self.peek().is_some_and(|byte| specials(byte.into()) & 0x80 == 0) {
            self.at += 1;
        }
    }

    /// Reads a string, whose opening quote comes next. Borrows the text if nothing is escaped.
    ///
    /// Half of a surrogate pair (`\uD800` alone) becomes U+FFFD: JavaScript accepts such text, so senders produce it, but
    /// it has no form in UTF-8.
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>, ScanError> {
        let start = self.at + 1;
        let escaped = self.skip_string()?;
        let inside = self.text.get(start..self.at - 1).unwrap_or_default();
        if !escaped {
            return Ok(Cow::Borrowed(inside));
        }
        let mut meant = String::with_capacity(inside.len());
        let mut scanner = Scanner::new(inside, 0);
        loop {
            let run = scanner.at;
            scanner.skip_plain();
            meant.push_str(scanner.since(run));
            if scanner.peek().is_none() {
                return Ok(Cow::Owned(meant));
            }
            meant.push(scanner.escape()?);
        }
    }

    /// The text from byte `start` to here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Reads an escape; the next byte is the backslash.
    fn escape(&mut self) -> Result<char, ScanError> {
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
                return Err(fault_at(
                    start,
                    "after a backslash, JSON knows only `\" \\ / b f n r t` and `uXXXX`; a backslash itself is `\\\\`",
                ));
            }
        };
        self.at += 1;
        Ok(plain)
    }

    /// Reads the four digits after `\u`, and the second half of a surrogate pair if it follows.
    fn unicode_escape(&mut self) -> Result<char, ScanError> {
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

    fn hex4(&mut self) -> Result<u32, ScanError> {
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

/// The bytes of eight that are a quote, a backslash or a control character, by their highest bit. Only the lowest of
/// the bits that are set is to be trusted: borrowing makes mistakes above it.
#[inline(always)]
fn specials(eight: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xff;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let equal = |byte: u8| below(eight ^ (ONES * u64::from(byte)), 1);
    (below(eight, 0x20) | equal(b'"') | equal(b'\\')) & (ONES * 0x80)
}
