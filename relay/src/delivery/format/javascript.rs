//! JSON as JavaScript writes it: what `JSON.stringify(JSON.parse(text))` gives is the same text again.
//!
//! `tests/formats` has Node confirm it.

use cuehook_json::{Json, write_number, write_string};

/// Appends a value.
pub(super) fn write(value: &Json, out: &mut String) {
    match value.read() {
        // All its numbers are doubles. None of ours is too large for one.
        #[allow(clippy::cast_precision_loss)]
        Json::Integer(number) => write_number(*number as f64, out),
        Json::Float(number) => write_number(*number, out),
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
            let mut members: Vec<(&str, &Json)> = object.iter().collect();
            // Stable: the others keep their order.
            members.sort_by_key(|(key, _)| index(key).map_or((true, 0), |index| (false, index)));
            for (place, (key, item)) in members.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
        plain => cuehook_json::write(plain, out),
    }
}

/// The number that a key is to an object of JavaScript: those come first, in ascending order, wherever they stood.
fn index(key: &str) -> Option<u32> {
    let is_plain = key == "0" || !key.starts_with('0') && key.bytes().all(|byte| byte.is_ascii_digit());
    // 2^32 - 1 is none: it is the largest length of a list.
    key.parse().ok().filter(|index| is_plain && *index != u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = String::new();
        write(&cuehook_json::parse(text.as_bytes(), 64).unwrap(), &mut out);
        out
    }

    #[test]
    fn keys_that_are_numbers_come_first() {
        assert_eq!(
            written(
                r#"{"b":1,"10":2,"2":3,"01":4,"4294967295":5,"4294967294":6,"-1":7,"+1":8,"":9,"0":10,"1.5":11}"#
            ),
            r#"{"0":10,"2":3,"10":2,"4294967294":6,"b":1,"01":4,"4294967295":5,"-1":7,"+1":8,"":9,"1.5":11}"#
        );
    }

    #[test]
    fn numbers_are_doubles() {
        for (text, expected) in [
            ("1.10", "1.1"),
            ("-0", "0"),
            ("1e21", "1e+21"),
            ("1e20", "100000000000000000000"),
            ("9007199254740993", "9007199254740992"),
            ("18446744073709551615", "18446744073709552000"),
            ("1e-7", "1e-7"),
            ("0.000001", "0.000001"),
            ("5e-324", "5e-324"),
            ("-1.0E+2", "-100"),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }
}
