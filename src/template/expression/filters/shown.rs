//! Filters that write numbers, amounts and dates the way people in a country do. The platform knows how.

use crate::json::Json;
use crate::protocol::timestamp;
use crate::template::expression::filters::{Fault, number_of};
use crate::template::expression::locale::{self, Formatting};
use crate::template::expression::work::Work;

/// Forms of a date, without and with the time.
const STYLES: [&str; 6] = ["short", "medium", "long", "full", "time", "datetime"];
/// The times that JavaScript's dates reach, in milliseconds from 1970.
const MAX_MILLIS: f64 = 8.64e15;

/// `number`, `number(digits)`, `number('de')`, `number(digits, 'de')`
pub(super) fn number(value: &Json, arguments: &[Json], work: &Work) -> Result<Json, Fault> {
    let value = number_of(value, work)?;
    let first = arguments.first();
    let digits = match first.and_then(Json::as_f64) {
        None => None,
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(digits) if (0.0..=15.0).contains(&digits) => Some(digits as u8),
        Some(_) => return Err(Fault::says(&["shows 0 to 15 digits after the point"])),
    };
    let locale = text(arguments, 1).or_else(|| text(arguments, 0));
    Ok(locale::format(&Formatting::Number { value, digits, locale }, work))
}

/// `currency('EUR')`, `currency('EUR', 'de')`
pub(super) fn currency(value: &Json, arguments: &[Json], work: &Work) -> Result<Json, Fault> {
    let value = number_of(value, work)?;
    let code = text(arguments, 0).unwrap_or_default();
    if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err(Fault::says(&["needs a code of three letters, not `", start(code), "`"]));
    }
    Ok(locale::format(&Formatting::Currency { value, code, locale: text(arguments, 1) }, work))
}

/// `date`, `date('long')`, `date('long', 'de')`
pub(super) fn date(value: &Json, arguments: &[Json], work: &Work) -> Result<Json, Fault> {
    let style = text(arguments, 0).unwrap_or("medium");
    if !STYLES.contains(&style) {
        return Err(Fault::says(&["knows ", &STYLES.join(", "), ", not `", start(style), "`"]));
    }
    let (millis, utc) = match value {
        Json::String(text) => timestamp::parse(text).ok_or_else(|| {
            Fault::says(&[
                "needs a date such as `2026-11-21` or `2026-11-21T09:00:00Z`, not `",
                start(text),
                "`",
            ])
        })?,
        _ => {
            (value.as_f64().ok_or_else(|| Fault::wants("a date as text, or milliseconds since 1970"))?, false)
        }
    };
    if millis.abs() > MAX_MILLIS {
        return Err(Fault::says(&["needs a date within 270,000 years"]));
    }
    Ok(locale::format(&Formatting::Date { millis, style, locale: text(arguments, 1), utc }, work))
}

fn text(arguments: &[Json], index: usize) -> Option<&str> {
    arguments.get(index).and_then(Json::as_str)
}

/// Enough of a text to recognise it.
fn start(text: &str) -> &str {
    text.char_indices().nth(40).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}
