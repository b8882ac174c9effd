//! Writes compact JSON text.

use super::Json;
use std::fmt::Write;

/// Appends `value` as compact JSON.
pub fn write(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        Json::Integer(number) => {
            let _ = write!(out, "{number}");
        }
        Json::Float(number) => write_number(*number, out),
        Json::String(text) => write_string(text, out),
        Json::Array(list) => {
            out.push('[');
            for (place, item) in list.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Json::Object(object) => {
            out.push('{');
            for (place, (key, item)) in object.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}

/// Appends `text` as a JSON string, quoted; only `"`, `\` and control characters are escaped.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut run = 0;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(run..at).unwrap_or_default());
        run = at + 1;
        if short.is_empty() {
            out.push_str(if byte < 0x10 { "\\u000" } else { "\\u001" });
            out.push(char::from_digit(u32::from(byte % 16), 16).unwrap_or('0'));
        } else {
            out.push_str(short);
        }
    }
    out.push_str(text.get(run..).unwrap_or_default());
    out.push('"');
}

/// Appends a number in the form that JavaScript gives it (ECMA-262, Number::toString): the fewest digits that read back
/// as the same number, an exponent from 1e21 and below 1e-6. What JSON cannot hold becomes `null`, as `JSON.stringify` does.
pub fn write_number(number: f64, out: &mut String) {
    if !number.is_finite() {
        out.push_str("null");
        return;
    }
    if number == 0.0 {
        out.push('0');
        return;
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = match mantissa.strip_prefix('-') {
        Some(positive) => {
            out.push('-');
            positive
        }
        None => mantissa,
    };
    let digits = || mantissa.bytes().filter(u8::is_ascii_digit).map(char::from);
    let count = i32::try_from(digits().count()).unwrap_or(0);
    match exponent {
        0..21 => {
            // Digits before the point, zeros if there are too few, then the rest.
            for (place, digit) in (0..).zip(digits()) {
                if place == exponent + 1 {
                    out.push('.');
                }
                out.push(digit);
            }
            out.extend((count..=exponent).map(|_| '0'));
        }
        -6..0 => {
            out.push_str("0.");
            out.extend((exponent + 1..0).map(|_| '0'));
            out.extend(digits());
        }
        _ => {
            out.push_str(mantissa);
            out.push_str(if exponent < 0 { "e" } else { "e+" });
            let _ = write!(out, "{exponent}");
        }
    }
}
