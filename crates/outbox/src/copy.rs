//! JSON text that comes from outside, put into events: bounded in depth, and without half surrogate pairs, which many receivers
//! refuse.

use cuehook_json::{View, write_string};

/// Deeper lists and objects are refused.
const DEEPEST: usize = 16;

/// The object that a text is, written anew without blanks. None if it is no object, is nested too deep, or has a word in it
/// that is no value. Whoever hands it over has made it of values: of a text that is no JSON the beginning may be taken.
pub fn copied_object(text: &str) -> Option<String> {
    let value = View::of(text)?;
    let mut out = String::with_capacity(text.len());
    value.text().starts_with('{').then(|| copy(value, DEEPEST, &mut out))??;
    Some(out)
}

fn copy(value: View<'_>, depth: usize, out: &mut String) -> Option<()> {
    match value.text().as_bytes().first()? {
        b'"' => write_string(&value.as_str()?, out),
        b'{' => {
            let mut sign = '{';
            for (name, value) in value.members() {
                out.push(sign);
                write_string(&name, out);
                out.push(':');
                copy(value, depth.checked_sub(1)?, out)?;
                sign = ',';
            }
            out.push_str(if sign == '{' { "{}" } else { "}" });
        }
        b'[' => {
            let mut sign = '[';
            for value in value.items() {
                out.push(sign);
                copy(value, depth.checked_sub(1)?, out)?;
                sign = ',';
            }
            out.push_str(if sign == '[' { "[]" } else { "]" });
        }
        _ => {
            let is_value = matches!(value.text(), "true" | "false" | "null") || value.as_f64().is_some();
            is_value.then(|| out.push_str(value.text()))?;
        }
    }
    Some(())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn objects_are_written_anew() {
        for (text, expected) in [
            ("{}", Some("{}")),
            (" { \"a\" : [ 1 , 2.50 , -3e2 , [ ] , { } ] } ", Some(r#"{"a":[1,2.50,-3e2,[],{}]}"#)),
            (
                r#"{"a":true,"b":false,"c":null,"é":"\u00e9\n\u0001\ud83d\ude00"}"#,
                Some("{\"a\":true,\"b\":false,\"c\":null,\"é\":\"é\\n\\u0001😀\"}"),
            ),
            (r#"{"a":"\ud83dx\ude00","\ud800":1}"#, Some("{\"a\":\"\u{fffd}x\u{fffd}\",\"\u{fffd}\":1}")),
            ("[]", None),
            ("\"{}\"", None),
            ("7", None),
            ("", None),
            ("{\"a\":undefined}", None),
            ("{\"a\":NaN}", None),
            ("{\"a\":[tru]}", None),
            ("{\"a\"", None),
        ] {
            assert_eq!(copied_object(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| ["{\"a\":".repeat(depth), "1".into(), "}".repeat(depth)].concat();
        assert!(copied_object(&nested(16)).is_some());
        assert!(copied_object(&nested(17)).is_none());
        assert!(copied_object(&nested(100_000)).is_none());
    }
}
