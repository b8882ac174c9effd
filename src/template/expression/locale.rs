//! Numbers, amounts, dates and letter case as people in a country write them. The shell knows how; there are no tables here.

use crate::json::{Json, write_number};
use crate::protocol::rfc3339;
use crate::template::expression::work::Work;
use std::sync::OnceLock;

/// What is to be written. A locale is a BCP 47 tag such as `de-AT`; without one, the page's language counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Formatting<'a> {
    /// A number.
    Number {
        /// The number; finite.
        value: f64,
        /// How many digits after the point, at most 15; without, as many as are usual.
        digits: Option<u8>,
        /// The locale.
        locale: Option<&'a str>,
    },
    /// An amount of money.
    Currency {
        /// The amount; finite.
        value: f64,
        /// The currency's code in ISO 4217: three letters.
        code: &'a str,
        /// The locale.
        locale: Option<&'a str>,
    },
    /// A date, a time, or both.
    Date {
        /// Unix milliseconds, at most 8.64e15 away from 0.
        millis: f64,
        /// `short`, `medium`, `long`, `full`, `time` or `datetime`.
        style: &'a str,
        /// The locale.
        locale: Option<&'a str>,
        /// A day of the calendar, to be shown as it is; otherwise a moment, to be shown in the viewer's time zone.
        utc: bool,
    },
    /// A text in upper or lower case.
    Case {
        /// The text.
        text: &'a str,
        /// Whether in upper case.
        upper: bool,
    },
}

/// How a platform writes: the text, if it knows how, and whether it had to prepare for that.
type Format = fn(&Formatting<'_>) -> (Option<String>, bool);

static FORMAT: OnceLock<Format> = OnceLock::new();
/// What a text costs that the platform writes.
const WRITTEN: usize = 768;
/// What the platform's preparing for a locale costs; it keeps a few.
const PREPARED: usize = 16 * 1024;
/// Longer names have no locale.
const MAX_LOCALE: usize = 64;

/// Installs the platform's way to write; the first one stays. Where it gives nothing, a plain form that is the same in all
/// countries is used: `1234.5`, `EUR 12.50`, `2026-11-21`.
pub fn install(format: Format) {
    let _ = FORMAT.set(format);
}

fn installed(formatting: &Formatting<'_>, work: &Work) -> Option<String> {
    let (text, is_prepared) = FORMAT.get()?(formatting);
    work.spend(if is_prepared { PREPARED } else { 0 });
    text
}

/// The text to show; empty if that is too much work.
pub(in crate::template) fn format(formatting: &Formatting<'_>, work: &Work) -> Json {
    let (Formatting::Number { locale, .. }
    | Formatting::Currency { locale, .. }
    | Formatting::Date { locale, .. }) = formatting
    else {
        return Json::Null;
    };
    if !work.spend(WRITTEN) {
        return Json::Null;
    }
    let is_known = locale.is_none_or(|locale| locale.len() <= MAX_LOCALE);
    let text = if is_known { installed(formatting, work) } else { None };
    text.unwrap_or_else(|| plain(formatting)).as_str().into()
}

/// A text in upper or lower case.
pub(in crate::template) fn case(text: &str, upper: bool) -> String {
    if let Some((Some(text), _)) = FORMAT.get().map(|format| format(&Formatting::Case { text, upper })) {
        return text;
    }
    // The tables of letters and their code would be 13 KB of download, and every browser has them.
    #[cfg(not(target_arch = "wasm32"))]
    return if upper { text.to_uppercase() } else { text.to_lowercase() };
    #[cfg(target_arch = "wasm32")]
    return if upper { text.to_ascii_uppercase() } else { text.to_ascii_lowercase() };
}

fn plain(formatting: &Formatting<'_>) -> String {
    let mut out = String::new();
    match formatting {
        Formatting::Number { value, digits: None, .. } => write_number(*value, &mut out),
        Formatting::Number { value, digits: Some(digits), .. } => fixed(*value, *digits, &mut out),
        Formatting::Currency { value, code, .. } => {
            out.push_str(code);
            out.push(' ');
            fixed(*value, 2, &mut out);
        }
        Formatting::Date { millis, style, .. } => {
            let text = rfc3339(*millis);
            let (date, time) = text.split_once('T').unwrap_or((&text, ""));
            let time = time.get(..5).unwrap_or_default();
            match *style {
                "time" => out.push_str(time),
                "datetime" => out.extend([date, " ", time]),
                _ => out.push_str(date),
            }
        }
        Formatting::Case { text, .. } => out.push_str(text),
    }
    out
}

/// Ten to a power that is not negative.
pub(in crate::template) fn power_of_ten(power: f64) -> f64 {
    let mut scale = 1.0;
    let mut left = power;
    while left >= 1.0 {
        scale *= 10.0;
        left -= 1.0;
    }
    scale
}

/// Appends a number with exactly so many digits after the point.
fn fixed(value: f64, digits: u8, out: &mut String) {
    let units = (value * power_of_ten(digits.into())).round();
    // Beyond, a number has no digits after the point anyway.
    if units.abs() > 9e15 {
        return write_number(value, out);
    }
    if units < 0.0 {
        out.push('-');
    }
    #[allow(clippy::cast_possible_truncation)]
    let mut written = (units.abs() as i64).to_string();
    while written.len() <= usize::from(digits) {
        written.insert(0, '0');
    }
    let (whole, fraction) = written.split_at_checked(written.len() - usize::from(digits)).unwrap_or_default();
    out.push_str(whole);
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn fixes_digits() {
        for (value, digits, text) in [
            (12.5, 2, "12.50"),
            (-0.004, 2, "0.00"),
            (-0.006, 2, "-0.01"),
            (0.05, 1, "0.1"),
            (999.995, 0, "1000"),
            (1e21, 2, "1e+21"),
            (0.0, 3, "0.000"),
        ] {
            let mut out = String::new();
            fixed(value, digits, &mut out);
            assert_eq!(out, text, "{value} {digits}");
        }
    }
}
