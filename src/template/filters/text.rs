//! Filters that make a text from a text.

use super::{Fault, bounded, text_of};
use crate::json::Json;

pub(super) fn string(value: &Json, _: &[Json]) -> Result<Json, Fault> {
    Ok((&*text_of(value)?).into())
}

pub(super) fn trim(value: &Json, _: &[Json]) -> Result<Json, Fault> {
    Ok(text_of(value)?.trim().into())
}

pub(super) fn replace(value: &Json, arguments: &[Json]) -> Result<Json, Fault> {
    let text = text_of(value)?;
    let argument = |index| arguments.get(index).and_then(Json::as_str).unwrap_or_default();
    let (from, to) = (argument(0), argument(1));
    if from.is_empty() {
        return Err(Fault::Says("needs a text to look for, not an empty one".to_owned()));
    }
    let parts = || text.split(from);
    let seams = parts().count() - 1;
    bounded(to.len().checked_mul(seams).and_then(|added| added.checked_add(text.len())))?;
    let mut replaced = String::new();
    for (place, part) in parts().enumerate() {
        if place > 0 {
            replaced.push_str(to);
        }
        replaced.push_str(part);
    }
    Ok(replaced.as_str().into())
}

/// At most so many characters, the ending among them; words stay whole if there are several.
pub(super) fn truncate(value: &Json, arguments: &[Json]) -> Result<Json, Fault> {
    let text = text_of(value)?;
    let length = arguments.first().and_then(Json::as_f64).unwrap_or_default();
    if !(0.0..=1e9).contains(&length) {
        return Err(Fault::Says("needs a length that is not negative".to_owned()));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let length = length as usize;
    if text.chars().nth(length).is_none() {
        return Ok((&*text).into());
    }
    let end = arguments.get(1).and_then(Json::as_str).unwrap_or("…");
    let kept = length.saturating_sub(end.chars().count());
    let cut = text.char_indices().nth(kept).map_or(text.len(), |(at, _)| at);
    let (kept, rest) = text.split_at_checked(cut).unwrap_or_default();
    let whole_words = match kept.rfind(char::is_whitespace) {
        Some(blank) if !rest.starts_with(char::is_whitespace) => kept.get(..blank).unwrap_or_default(),
        _ => kept,
    };
    Ok([whole_words.trim_end(), end].concat().as_str().into())
}

/// Keeps letters, digits and `-._~/`, as Jinja does; what else there is becomes `%XX` per byte.
pub(super) fn urlencode(value: &Json, _: &[Json]) -> Result<Json, Fault> {
    let text = text_of(value)?;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(byte.into());
            continue;
        }
        encoded.push('%');
        for digit in [byte >> 4, byte & 15] {
            encoded.push((if digit < 10 { b'0' + digit } else { b'A' - 10 + digit }).into());
        }
    }
    bounded(Some(encoded.len()))?;
    Ok(encoded.as_str().into())
}
