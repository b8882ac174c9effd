//! Reads JSON text (RFC 8259) from bytes, with bounds.

use super::scan::{Fault, Number, Scanner};
use super::{Json, Object, position};
use std::sync::Arc;

/// Whatever the caller asks for, deeper text is refused: reading is recursive.
const DEEPEST: usize = 128;

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

/// Reads one JSON value from `bytes`, with lists and objects nested at most `max_depth` deep (and never deeper than 128).
///
/// Of equal keys the last one counts. Half of a surrogate pair (`"\uD800"`) becomes U+FFFD.
///
/// # Errors
/// Anything that RFC 8259 refuses, invalid UTF-8, a byte order mark, a number too large for a double, or deeper nesting.
pub fn parse(bytes: &[u8], max_depth: usize) -> Result<Json, ParseError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).and_then(|bytes| std::str::from_utf8(bytes).ok());
            return Err(locate(
                valid.unwrap_or_default(),
                Fault { at: bytes.len(), message: "this is not UTF-8, the only encoding of JSON".into() },
            ));
        }
    };
    document(text, max_depth.min(DEEPEST)).map_err(|fault| locate(text, fault))
}

fn locate(text: &str, fault: Fault) -> ParseError {
    let (line, column) = position(text, fault.at);
    ParseError { line, column, message: fault.message }
}

fn document(text: &str, max_depth: usize) -> Result<Json, Fault> {
    let mut scanner = Scanner::new(text);
    if text.starts_with('\u{feff}') {
        return Err(scanner.fault("the text starts with a byte order mark; save it as UTF-8 without BOM"));
    }
    scanner.skip_blanks();
    let value = value(&mut scanner, max_depth)?;
    scanner.skip_blanks();
    match scanner.peek() {
        None => Ok(value),
        Some(_) => Err(scanner.expected("nothing after the value")),
    }
}

fn value(scanner: &mut Scanner<'_>, depth: usize) -> Result<Json, Fault> {
    match scanner.peek() {
        Some(b'{') => object(scanner, deeper(scanner, depth)?),
        Some(b'[') => array(scanner, deeper(scanner, depth)?),
        Some(b'"') => Ok(Json::String(scanner.string()?.into())),
        Some(b'-' | b'0'..=b'9') => Ok(match scanner.number()? {
            Number::Integer(number) => Json::Integer(number),
            Number::Float(number) => Json::Float(number),
        }),
        Some(b't') if scanner.take_word("true") => Ok(Json::Bool(true)),
        Some(b'f') if scanner.take_word("false") => Ok(Json::Bool(false)),
        Some(b'n') if scanner.take_word("null") => Ok(Json::Null),
        Some(b'\'') => Err(scanner.fault("strings are written in double quotes")),
        _ => Err(scanner.expected("a value")),
    }
}

fn deeper(scanner: &Scanner<'_>, depth: usize) -> Result<usize, Fault> {
    depth.checked_sub(1).ok_or_else(|| scanner.fault("lists and objects are nested too deep here"))
}

fn array(scanner: &mut Scanner<'_>, depth: usize) -> Result<Json, Fault> {
    let mut list = Vec::new();
    scanner.take(b'[');
    scanner.skip_blanks();
    if !scanner.take(b']') {
        loop {
            scanner.skip_blanks();
            list.push(value(scanner, depth)?);
            scanner.skip_blanks();
            if scanner.take(b']') {
                break;
            }
            if !scanner.take(b',') {
                return Err(scanner.expected("`,` or `]`"));
            }
        }
    }
    Ok(Json::Array(Arc::new(list)))
}

fn object(scanner: &mut Scanner<'_>, depth: usize) -> Result<Json, Fault> {
    let mut object = Object::new();
    scanner.take(b'{');
    scanner.skip_blanks();
    if !scanner.take(b'}') {
        loop {
            scanner.skip_blanks();
            if scanner.peek() != Some(b'"') {
                return Err(scanner.expected("a key in double quotes"));
            }
            let key = scanner.string()?;
            scanner.skip_blanks();
            if !scanner.take(b':') {
                return Err(scanner.expected("`:`"));
            }
            scanner.skip_blanks();
            object.set(&key, value(scanner, depth)?);
            scanner.skip_blanks();
            if scanner.take(b'}') {
                break;
            }
            if !scanner.take(b',') {
                return Err(scanner.expected("`,` or `}`"));
            }
        }
    }
    Ok(object.into())
}
