//! Upper and lower case. The platform knows the letters; in a browser no tables are needed.

use crate::json::Json;
use crate::template::expression::filters::{Fault, make};
use crate::template::expression::locale;
use crate::template::expression::work::Work;

pub(super) fn upper(text: &str, _: &[Json], work: &Work) -> Result<String, Fault> {
    case(text, true, work)
}

pub(super) fn lower(text: &str, _: &[Json], work: &Work) -> Result<String, Fault> {
    case(text, false, work)
}

/// What the way to JavaScript and back costs.
const CROSSING: usize = 512;
/// What each byte costs on that way: it is decoded, changed and encoded.
const BYTE: usize = 4;

fn case(text: &str, upper: bool, work: &Work) -> Result<String, Fault> {
    make(CROSSING + BYTE * text.len(), work)?;
    Ok(locale::case(text, upper))
}

/// Words begin after blanks, hyphens and opening brackets, as in Jinja.
pub(super) fn title(text: &str, _: &[Json], work: &Work) -> Result<String, Fault> {
    let lower = case(text, false, work)?;
    let mut title = String::with_capacity(lower.len());
    let mut first = true;
    for character in lower.chars() {
        if first && character.is_ascii() {
            title.push(character.to_ascii_uppercase());
        } else if first {
            title.push_str(&case(character.encode_utf8(&mut [0; 4]), true, work)?);
        } else {
            title.push(character);
        }
        first = matches!(character, '-' | '(' | '{' | '[' | '<') || character.is_whitespace();
    }
    Ok(title)
}
