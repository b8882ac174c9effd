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
    // All digits, of the largest numbers some 300: an exponent would cost more code than this costs time.
    let decimal = format!("{number}");
    let decimal = match decimal.strip_prefix('-') {
        Some(positive) => {
            out.push('-');
            positive
        }
        None => &decimal,
    };
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let zeros = fraction.bytes().take_while(|digit| *digit == b'0').count();
    if whole.len() > 21 {
        write_exponent(whole.trim_end_matches('0'), "e+", whole.len() - 1, out);
    } else if whole == "0" && zeros >= 6 {
        write_exponent(fraction.get(zeros..).unwrap_or_default(), "e-", zeros + 1, out);
    } else {
        out.push_str(decimal);
    }
}

/// Appends `d.dddde+n`.
fn write_exponent(digits: &str, sign: &str, exponent: usize, out: &mut String) {
    let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
    out.push_str(first);
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    let _ = write!(out, "{sign}{exponent}");
}
