//! Upper and lower case. The platform knows the letters; in a browser no tables are needed.

use crate::json::Json;
use crate::template::expression::filters::Fault;
use crate::template::expression::locale;

pub(super) fn upper(text: &str, _: &[Json]) -> Result<String, Fault> {
    Ok(locale::case(text, true))
}

pub(super) fn lower(text: &str, _: &[Json]) -> Result<String, Fault> {
    Ok(locale::case(text, false))
}

/// Words begin after blanks, hyphens and opening brackets, as in Jinja.
pub(super) fn title(text: &str, _: &[Json]) -> Result<String, Fault> {
    let lower = locale::case(text, false);
    let mut title = String::with_capacity(lower.len());
    let mut first = true;
    for character in lower.chars() {
        if first && character.is_ascii() {
            title.push(character.to_ascii_uppercase());
        } else if first {
            title.push_str(&locale::case(character.encode_utf8(&mut [0; 4]), true));
        } else {
            title.push(character);
        }
        first = matches!(character, '-' | '(' | '{' | '[' | '<') || character.is_whitespace();
    }
    Ok(title)
}
