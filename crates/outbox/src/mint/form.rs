//! What events say of a form that was submitted.

use crate::text::{copy, items, key, member, text, write, write_text};
use cuehook_json::View;

/// Appends the form; with what was entered, if that is given.
#[inline(never)]
pub(super) fn form(id: &str, element: View<'_>, values: Option<View<'_>>, longest: usize, out: &mut String) {
    key("form", out);
    out.push('{');
    member("id", id, out);
    key("fields", out);
    out.push('[');
    for field in items(element, "fields") {
        if out.as_bytes().last() != Some(&b'[') {
            out.push(',');
        }
        out.push('{');
        copy("name", field, longest, out);
        copy("label", field, longest, out);
        if let Some(value) = values.and_then(|values| values.get(&text(field, "name"))) {
            key("value", out);
            write(value, longest, out);
        }
        out.push('}');
    }
    out.push_str("]}");
}

/// Members of a lead, and what a field is said to ask for (HTML, section 4.10.18.7). The parts of a number stand for it where
/// there is no field for all of it.
const LEAD: [(&str, &str); 12] = [
    ("givenName", "given-name"),
    ("familyName", "family-name"),
    ("name", "name"),
    ("email", "email"),
    ("organization", "organization"),
    ("tel", "tel"),
    ("tel", "tel-country-code"),
    ("tel", "tel-national"),
    ("tel", "tel-area-code"),
    ("tel", "tel-local"),
    ("tel", "tel-local-prefix"),
    ("tel", "tel-local-suffix"),
];

/// Appends the data by which to reach the viewer, as far as `autocomplete` tells which field has them.
pub(super) fn lead(element: View<'_>, values: View<'_>, longest: usize, out: &mut String) {
    key("lead", out);
    out.push('{');
    let mut number = String::new();
    for (name, word) in LEAD {
        // An address of its own comes before those to ship and to bill to, and before what only the field's type tells.
        let found = entered(element, values, word, false).or_else(|| entered(element, values, word, true));
        let Some(value) = found else { continue };
        if name != "tel" {
            key(name, out);
            write_text(&value, longest, out);
        } else if word == "tel" || number.is_empty() {
            number = value;
            if word == "tel" {
                break;
            }
        } else {
            number.push(' ');
            number.push_str(&value);
        }
    }
    if !number.is_empty() {
        key("tel", out);
        write_text(&number, longest, out);
    }
    out.push('}');
}

/// What was entered in the first field that asks for something.
#[inline(never)]
fn entered(element: View<'_>, values: View<'_>, wanted: &str, is_second: bool) -> Option<String> {
    for field in items(element, "fields") {
        let autocomplete = text(field, "autocomplete");
        let mut last: &[u8] = b"";
        let (mut second, mut is_none) = (false, false);
        for word in autocomplete.as_bytes().split(u8::is_ascii_whitespace) {
            match word {
                b"" | b"webauthn" => {}
                b"fax" | b"pager" => is_none = true,
                _ => {
                    second |= matches!(word, b"shipping" | b"billing");
                    last = word;
                }
            }
        }
        let kind = text(field, "type");
        if autocomplete.is_empty() {
            (last, second) = (kind.as_bytes(), true);
        }
        if is_none || second != is_second || !last.eq_ignore_ascii_case(wanted.as_bytes()) {
            continue;
        }
        let value = text(values, &text(field, "name"));
        if !value.trim_ascii().is_empty() {
            return Some(value.trim_ascii().to_owned());
        }
    }
    None
}
