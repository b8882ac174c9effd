//! Filters that make a text from a text.

use crate::json::Json;
use crate::search::find;
use crate::template::expression::filters::{Fault, bounded, make};
use crate::template::expression::work::Work;

pub(super) fn trim(text: &str, _: &[Json], work: &Work) -> Result<String, Fault> {
    let text = text.trim();
    make(text.len(), work)?;
    Ok(text.to_owned())
}

/// What each place costs that is found.
const MATCH: usize = 4;

pub(super) fn replace(text: &str, arguments: &[Json], work: &Work) -> Result<String, Fault> {
    let argument = |index| arguments.get(index).and_then(Json::as_str).unwrap_or_default();
    let (from, to) = (argument(0), argument(1));
    if from.is_empty() {
        return Err(Fault::says(&["needs a text to look for, not an empty one"]));
    }
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = find(rest, from) {
        bounded(replaced.len() + at + to.len())?;
        make(at + to.len() + MATCH, work)?;
        replaced.push_str(rest.get(..at).unwrap_or_default());
        replaced.push_str(to);
        rest = rest.get(at + from.len()..).unwrap_or_default();
    }
    bounded(replaced.len() + rest.len())?;
    make(rest.len(), work)?;
    replaced.push_str(rest);
    Ok(replaced)
}

/// At most so many characters, the ending among them; words stay whole if there are several.
pub(super) fn truncate(text: &str, arguments: &[Json], work: &Work) -> Result<String, Fault> {
    let length = arguments.first().and_then(Json::as_f64).unwrap_or_default();
    if !(0.0..=1e9).contains(&length) {
        return Err(Fault::says(&["needs a length that is not negative"]));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let length = length as usize;
    let end = arguments.get(1).and_then(Json::as_str).unwrap_or("…");
    let kept = length.saturating_sub(end.chars().count());
    // Where the kept characters end, and the last blank among them or right behind.
    let (mut cut, mut blank) = (0, None);
    for (place, (at, character)) in text.char_indices().enumerate() {
        if place <= kept {
            cut = at;
            if character.is_whitespace() {
                blank = Some(at);
            }
        }
        if place == length {
            make(cut + end.len(), work)?;
            let kept = text.get(..blank.unwrap_or(cut)).unwrap_or_default();
            return Ok([kept.trim_end(), end].concat());
        }
    }
    make(text.len(), work)?;
    Ok(text.to_owned())
}

/// Keeps letters, digits and `-._~/`, as Jinja does; what else there is becomes `%XX` per byte.
pub(super) fn urlencode(text: &str, _: &[Json], work: &Work) -> Result<String, Fault> {
    let is_kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let length = text.bytes().map(|byte| if is_kept(byte) { 1 } else { 3 }).sum();
    bounded(length)?;
    make(length, work)?;
    let mut encoded = String::with_capacity(length);
    for byte in text.bytes() {
        if is_kept(byte) {
            encoded.push(byte.into());
            continue;
        }
        encoded.push('%');
        for digit in [byte >> 4, byte & 15] {
            encoded.push((if digit < 10 { b'0' + digit } else { b'A' - 10 + digit }).into());
        }
    }
    Ok(encoded)
}
