//! Takes JSON text (RFC 8259) from bytes, with bounds: the grammar, and what is wrong where.

use super::lazy::{self, Document, Lazy, Nested};
use super::scan::{ScanError, Scanner, fault_at};
use super::{Json, position};
use std::sync::Arc;

/// Whatever the caller asks for, deeper text is refused: there is one bit for each level, and whoever goes through a
/// value may do it recursively.
const DEEPEST: u32 = u128::BITS;

/// Why bytes are not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
}

/// Reads one JSON value from `bytes`, with lists and objects nested at most `max_depth` deep (and never deeper than
/// 128). Nothing in it is [`Json::Lazy`].
///
/// Of equal keys the last one counts. Half of a surrogate pair (`"\uD800"`) becomes U+FFFD.
///
/// # Errors
/// Anything that RFC 8259 refuses, invalid UTF-8, a byte order mark, a number too large for a double, or deeper nesting.
pub fn parse(bytes: &[u8], max_depth: usize) -> Result<Json, ParseError> {
    valid(bytes, max_depth).map(|checked| lazy::whole(checked.text, checked.start))
}

/// Checks `bytes` as [`parse`] does and reads only what is no list and no object; those are [`Json::Lazy`], and so are numbers
/// inside them that we would write otherwise. For text of which little will be used.
///
/// # Errors
/// As [`parse`].
pub fn check(bytes: &[u8], max_depth: usize) -> Result<Json, ParseError> {
    let Checked { text, start, nested } = valid(bytes, max_depth)?;
    if nested.is_empty() {
        return Ok(lazy::whole(text, start));
    }
    let document = Document { text: text.into(), nested };
    Ok(Json::Lazy(Lazy::new(&Arc::new(document), start, 0)))
}

/// A text that is JSON.
pub(super) struct Checked<'a> {
    /// The text up to the end of the value.
    pub(super) text: &'a str,
    /// Where the value begins.
    pub(super) start: usize,
    nested: Vec<Nested>,
}

pub(super) fn valid(bytes: &[u8], max_depth: usize) -> Result<Checked<'_>, ParseError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).and_then(|bytes| std::str::from_utf8(bytes).ok());
            return Err(locate(
                valid.unwrap_or_default(),
                fault_at(bytes.len(), "this is not UTF-8, the only encoding of JSON"),
            ));
        }
    };
    let max_depth = u32::try_from(max_depth).map_or(DEEPEST, |depth| depth.min(DEEPEST));
    document(text, max_depth).map_err(|fault| locate(text, fault))
}

fn locate(text: &str, fault: ScanError) -> ParseError {
    let (line, column) = position(text, fault.at);
    ParseError { line, column, message: fault.message }
}

fn document(text: &str, max_depth: u32) -> Result<Checked<'_>, ScanError> {
    let mut scanner = Scanner::new(text, 0);
    if text.starts_with('\u{feff}') {
        return Err(scanner.fault("the text starts with a byte order mark; save it as UTF-8 without BOM"));
    }
    scanner.skip_blanks();
    let start = scanner.at();
    let nested = value(&mut scanner, max_depth)?;
    let text = scanner.since(0);
    scanner.skip_blanks();
    match scanner.peek() {
        None => Ok(Checked { text, start, nested }),
        Some(_) => Err(scanner.expected("nothing after the value")),
    }
}

/// Goes past one value; gives its lists and objects.
fn value(scanner: &mut Scanner<'_>, max_depth: u32) -> Result<Vec<Nested>, ScanError> {
    let mut nested: Vec<Nested> = Vec::new();
    // The lists (0) and objects (1) that are open here; the lowest bit is the innermost, and `inner` its number.
    let mut open = 0_u128;
    let mut inner = 0;
    let mut depth = 0;
    loop {
        if open & 1 == 1 {
            key(scanner)?;
        }
        match scanner.peek() {
            Some(bracket @ (b'{' | b'[')) => {
                if depth == max_depth {
                    return Err(scanner.fault("lists and objects are nested too deep here"));
                }
                let object = bracket == b'{';
                scanner.take(bracket);
                scanner.skip_blanks();
                if scanner.take(if object { b'}' } else { b']' }) {
                    nested.push(Nested { end: scanner.at(), next: nested.len() + 1 });
                } else {
                    // Until it is closed, `next` is the one around it.
                    nested.push(Nested { end: 0, next: inner });
                    inner = nested.len() - 1;
                    open = open << 1 | u128::from(object);
                    depth += 1;
                    continue;
                }
            }
            Some(b'"') => {
                scanner.skip_string()?;
            }
            Some(b'-' | b'0'..=b'9') => {
                scanner.skip_number()?;
            }
            Some(b't') if scanner.take_word("true") => {}
            Some(b'f') if scanner.take_word("false") => {}
            Some(b'n') if scanner.take_word("null") => {}
            Some(b'\'') => return Err(scanner.fault("strings are written in double quotes")),
            _ => return Err(scanner.expected("a value")),
        }
        loop {
            if depth == 0 {
                return Ok(nested);
            }
            let object = open & 1 == 1;
            scanner.skip_blanks();
            if scanner.take(b',') {
                scanner.skip_blanks();
                break;
            }
            if !scanner.take(if object { b'}' } else { b']' }) {
                return Err(scanner.expected(if object { "`,` or `}`" } else { "`,` or `]`" }));
            }
            let next = nested.len();
            if let Some(closed) = nested.get_mut(inner) {
                inner = closed.next;
                *closed = Nested { end: scanner.at(), next };
            }
            open >>= 1;
            depth -= 1;
        }
    }
}

/// Goes past a key, its colon and blanks.
#[inline(always)]
fn key(scanner: &mut Scanner<'_>) -> Result<(), ScanError> {
    if scanner.peek() != Some(b'"') {
        return Err(scanner.expected("a key in double quotes"));
    }
    scanner.skip_string()?;
    scanner.skip_blanks();
    if !scanner.take(b':') {
        return Err(scanner.expected("`:`"));
    }
    scanner.skip_blanks();
    Ok(())
}
