//! Writes compact JSON text.

use super::Json;

/// Appends `value` as compact JSON.
pub fn write(value: &Json, out: &mut String) {
    let _ = (value, out);
}

/// Appends `text` as a JSON string, quoted and escaped.
pub fn write_string(text: &str, out: &mut String) {
    let _ = (text, out);
}

/// Appends a finite number.
pub fn write_number(number: f64, out: &mut String) {
    let _ = (number, out);
}
