//! JSON, read and written with little code: the module is small because all of it goes through these few functions.

use cuehook_json::{View, write_rounded, write_string};

/// Appends a member's name; a comma before it, unless it is an object's first.
#[inline(never)]
pub(crate) fn key(name: &str, out: &mut String) {
    if out.as_bytes().last() != Some(&b'{') {
        out.push(',');
    }
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
}

/// Appends a member that is a text.
#[inline(never)]
pub(crate) fn member(name: &str, text: &str, out: &mut String) {
    key(name, out);
    write_string(text, out);
}

/// Appends a member that is JSON already.
#[inline(never)]
pub(crate) fn raw(name: &str, text: &str, out: &mut String) {
    key(name, out);
    out.push_str(text);
}

/// Appends a member that is a number.
#[inline(never)]
pub(crate) fn number(name: &str, number: f64, out: &mut String) {
    key(name, out);
    write_rounded(number, out);
}

/// Appends a member as it is in another object, if it is there; texts of more than `longest` bytes are cut, and end with `…`.
#[inline(never)]
pub(crate) fn copy(name: &str, object: View<'_>, longest: usize, out: &mut String) {
    if let Some(value) = object.get(name) {
        key(name, out);
        write(value, longest, out);
    }
}

/// Appends a value; as [`copy`].
#[inline(never)]
pub(crate) fn write(value: View<'_>, longest: usize, out: &mut String) {
    match value.as_str() {
        Some(text) => write_text(&text, longest, out),
        None => out.push_str(value.text()),
    }
}

/// Appends a text; as [`copy`].
#[inline(never)]
pub(crate) fn write_text(text: &str, longest: usize, out: &mut String) {
    let mut end = longest.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    write_string(text.get(..end).unwrap_or_default(), out);
    if end < text.len() {
        out.pop();
        out.push_str("…\"");
    }
}

/// The text of a member; empty if there is none.
#[inline(never)]
pub(crate) fn text(object: View<'_>, name: &str) -> String {
    object.str(name).unwrap_or_default().into_owned()
}

/// A list's items, of a member; none if there is no list.
pub(crate) fn items<'a>(object: View<'a>, name: &str) -> impl Iterator<Item = View<'a>> {
    // What is no list has no items.
    object.get(name).unwrap_or(object).items()
}

/// Whether a member is `true`.
#[inline(never)]
pub(crate) fn is_set(object: View<'_>, name: &str) -> bool {
    object.get(name).is_some_and(View::is_true)
}
