//! Writes compact JSON text.

use super::Json;
use super::number::shortest;
use std::fmt::Write;

/// Appends `value` as compact JSON. What is lazy keeps its spelling of numbers, and keys that it has twice.
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
        Json::Lazy(lazy) => lazy.write(out),
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
    if number < 0.0 {
        out.push('-');
    }
    let (digits, power) = shortest(number.abs());
    let digits = digits.to_string();
    // The point stands after so many digits.
    let point = digits.len() as i32 + power;
    match usize::try_from(point) {
        Ok(point) if (1..=21).contains(&point) => {
            let (whole, fraction) = digits.split_at_checked(point).unwrap_or((&digits, ""));
            out.push_str(whole);
            out.extend(std::iter::repeat_n('0', point - whole.len()));
            if !fraction.is_empty() {
                out.push('.');
                out.push_str(fraction);
            }
        }
        _ if (-5..=0).contains(&point) => {
            out.push_str("0.");
            out.extend((point..0).map(|_| '0'));
            out.push_str(&digits);
        }
        _ => {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
            let rest = rest.trim_end_matches('0');
            out.push_str(first);
            if !rest.is_empty() {
                out.push('.');
                out.push_str(rest);
            }
            let sign = if point > 0 { '+' } else { '-' };
            let _ = write!(out, "e{sign}{}", (point - 1).unsigned_abs());
        }
    }
}
