//! What events say of a form that was submitted.

use super::interaction::{write_member, write_text};
use cuehook_json::{View, write_string};

fn fields(element: Option<View<'_>>) -> impl Iterator<Item = View<'_>> {
    element.and_then(|element| element.get("fields")).into_iter().flat_map(View::items)
}

/// Appends the form; with what was entered, if that is given.
pub(super) fn write_form(
    id: &str,
    element: Option<View<'_>>,
    values: Option<View<'_>>,
    longest: usize,
    out: &mut String,
) {
    out.push_str(",\"form\":{\"id\":");
    write_string(id, out);
    out.push_str(",\"fields\":[");
    for field in fields(element) {
        out.push_str(if out.ends_with('[') { "{\"name\":" } else { ",{\"name\":" });
        write_member(field, "name", longest, out);
        out.push_str(",\"label\":");
        write_member(field, "label", longest, out);
        if let Some(values) = values {
            out.push_str(",\"value\":");
            write_member(values, &field.str("name").unwrap_or_default(), longest, out);
        }
        out.push('}');
    }
    out.push_str("]}");
}

/// Members of a lead, and what a field is said to ask for (HTML, section 4.10.18.7).
const LEAD: [(&str, &str); 6] = [
    ("givenName", "given-name"),
    ("familyName", "family-name"),
    ("name", "name"),
    ("email", "email"),
    ("tel", "tel"),
    ("organization", "organization"),
];

/// A number in parts, in their order.
const PARTS_OF_TEL: [&str; 6] = [
    "tel-country-code",
    "tel-national",
    "tel-area-code",
    "tel-local",
    "tel-local-prefix",
    "tel-local-suffix",
];

/// Appends the data by which to reach the viewer, as far as `autocomplete` tells which field has them.
pub(super) fn write_lead(
    element: Option<View<'_>>,
    values: Option<View<'_>>,
    longest: usize,
    out: &mut String,
) {
    let entered = |field: View<'_>| {
        let (word, is_second) = meaning(field)?;
        let value = values?.str(&field.str("name")?)?;
        let value = value.trim_ascii();
        (!value.is_empty()).then(|| (word, is_second, value.to_owned()))
    };
    let entered: Vec<(String, bool, String)> = fields(element).filter_map(entered).collect();
    let value_of = |word: &str| {
        let of = |second: bool| entered.iter().find(|entry| entry.0 == word && entry.1 == second);
        of(false).or_else(|| of(true)).map(|entry| &*entry.2)
    };
    out.push_str(",\"lead\":{");
    for (name, word) in LEAD {
        let mut parts = Vec::new();
        parts.extend(value_of(word));
        if name == "tel" && parts.is_empty() {
            parts.extend(PARTS_OF_TEL.into_iter().filter_map(value_of));
        }
        if !parts.is_empty() {
            out.extend([if out.ends_with('{') { "\"" } else { ",\"" }, name, "\":"]);
            write_text(&parts.join(" "), longest, out);
        }
    }
    out.push('}');
}

/// What a field asks for, and whether that is second to a field that asks for the same: the address to ship or to bill to,
/// and what only the field's type tells.
fn meaning(field: View<'_>) -> Option<(String, bool)> {
    let autocomplete = field.str("autocomplete").unwrap_or_default().to_ascii_lowercase();
    let words = || autocomplete.split_ascii_whitespace();
    if words().any(|word| matches!(word, "fax" | "pager")) {
        return None;
    }
    match words().rfind(|word| *word != "webauthn") {
        Some(word) => Some((word.to_owned(), words().any(|word| matches!(word, "shipping" | "billing")))),
        None => Some((field.str("type")?.into_owned(), true)),
    }
}
