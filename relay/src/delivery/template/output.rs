//! What a template makes: values escaped for the content type, by the place where they stand.
//!
//! In JSON a placeholder between quotes is what the text has there, and escaped so that it cannot end the text; any other is a whole
//! value: a text with its quotes, a number, `null`, a list. So what is JSON without values is JSON with any.

use super::OUTPUT_BYTES;
use super::value::Work;
use cuehook_json::write_string;
use minijinja::{Error, ErrorKind, Output, State, Value};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// How values are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escaping {
    /// For JSON.
    Json,
    /// For `application/x-www-form-urlencoded`. Blanks and line breaks of the template itself are left out.
    Form,
    /// For XML and HTML.
    Markup,
    /// Not at all.
    Plain,
}

/// Outside of texts.
const OUTSIDE: u8 = 0;
/// Within a text.
const INSIDE: u8 = 1;
/// Within a text, after a backslash.
const ESCAPED: u8 = 2;

/// Takes what a template makes.
#[derive(Debug)]
pub(super) struct Sink {
    out: Vec<u8>,
    escaping: Escaping,
    /// Where in JSON the end of it stands.
    place: Arc<AtomicU8>,
    is_full: bool,
}

impl Sink {
    pub(super) fn new(escaping: Escaping) -> Self {
        Self { out: Vec::new(), escaping, place: Arc::default(), is_full: false }
    }

    /// Whether there was more than [`OUTPUT_BYTES`].
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// What was made; none if there was too much.
    pub(super) fn finish(self) -> Option<String> {
        if self.is_full {
            return None;
        }
        String::from_utf8(self.out).ok()
    }
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.out.len() + bytes.len() > OUTPUT_BYTES {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        match self.escaping {
            Escaping::Form => self.out.extend(bytes.iter().filter(|byte| !byte.is_ascii_whitespace())),
            _ => self.out.extend_from_slice(bytes),
        }
        if self.escaping == Escaping::Json {
            let mut place = self.place.load(Ordering::Relaxed);
            for byte in bytes {
                place = match (place, byte) {
                    (OUTSIDE, b'"') | (ESCAPED, _) => INSIDE,
                    (INSIDE, b'"') => OUTSIDE,
                    (INSIDE, b'\\') => ESCAPED,
                    (place, _) => place,
                };
            }
            self.place.store(place, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes the value of a placeholder.
pub(super) fn formatter(
    escaping: Escaping,
    work: &Arc<Work>,
    sink: &Sink,
) -> impl Fn(&mut Output<'_>, &mut State<'_, '_>, &Value) -> Result<(), Error> + Send + Sync + 'static {
    let (work, place) = (Arc::clone(work), Arc::clone(&sink.place));
    move |out, _, value| {
        let mut text = String::new();
        match (escaping, place.load(Ordering::Relaxed)) {
            (Escaping::Json, ESCAPED) => {
                return Err(Error::new(
                    ErrorKind::InvalidOperation,
                    "a placeholder cannot stand after a backslash, which would swallow its first character",
                ));
            }
            // What the filter `json` has made is JSON already.
            (Escaping::Json, OUTSIDE) if value.is_safe() => work.text(value, &mut text)?,
            (Escaping::Json, OUTSIDE) => work.json(value, &mut text)?,
            (Escaping::Json, _) => {
                let mut plain = String::new();
                work.text(value, &mut plain)?;
                let mut quoted = String::with_capacity(plain.len() + 2);
                write_string(&plain, &mut quoted);
                text.push_str(
                    quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default(),
                );
            }
            // What the filter `urlencode` has made is encoded already.
            (Escaping::Form, _) if value.is_safe() => work.text(value, &mut text)?,
            (Escaping::Form, _) => {
                let mut plain = String::new();
                work.text(value, &mut plain)?;
                form(&plain, &mut text);
            }
            (Escaping::Markup, _) => {
                let mut plain = String::new();
                work.text(value, &mut plain)?;
                markup(&plain, &mut text);
            }
            (Escaping::Plain, _) => work.text(value, &mut text)?,
        }
        if !work.spend(text.len()) {
            return Err(ErrorKind::OutOfFuel.into());
        }
        out.write_str(&text).map_err(Error::from)
    }
}

/// Appends a text as a form has it.
pub(super) fn form(text: &str, out: &mut String) {
    out.extend(url::form_urlencoded::byte_serialize(text.as_bytes()));
}

/// Appends a text so that it is one in XML and HTML, in attributes, too.
fn markup(text: &str, out: &mut String) {
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            sign => out.push(sign),
        }
    }
}
