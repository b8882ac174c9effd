//! JSON text that pages give, put into events: bounded in depth, and without half surrogate pairs, which many receivers refuse.

/// Deeper lists and objects are refused.
const DEEPEST: usize = 16;

/// An object as `JSON.stringify` has written it, without half surrogate pairs. None if it is no object, or nested too deep.
#[inline(never)]
pub fn copied_object(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let (mut at, mut from, mut depth, mut is_text) = (0, 0, 0_usize, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => is_text = !is_text,
            b'\\' => {
                let unit = surrogate(bytes, at);
                let is_pair = unit == Some(true) && surrogate(bytes, at + 6) == Some(false);
                if is_pair {
                    at += 6;
                } else if unit.is_some() {
                    out.push_str(text.get(from..at)?);
                    out.push_str("\\ufffd");
                    from = at + 6;
                }
                // What is escaped is neither the end of a text nor another escape.
                at += if unit.is_some() { 5 } else { 1 };
            }
            b'{' | b'[' if !is_text => {
                depth += 1;
                if depth > DEEPEST {
                    return None;
                }
            }
            b'}' | b']' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

/// Whether the escape here is the first half of a surrogate pair; none if it is neither half.
fn surrogate(bytes: &[u8], at: usize) -> Option<bool> {
    match bytes.get(at..at + 4)? {
        [b'\\', b'u', b'd' | b'D', half] => match half | 0x20 {
            b'8' | b'9' | b'a' | b'b' => Some(true),
            b'c'..=b'f' => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn half_pairs_are_replaced() {
        for (text, expected) in [
            ("{}", Some("{}")),
            (r#"{"a":[1,"[{\"",2.50],"b":"\\ud800"}"#, Some(r#"{"a":[1,"[{\"",2.50],"b":"\\ud800"}"#)),
            (
                r#"{"a":"\ud83d\ude00 é \u00e9 \ud7ff \ue000"}"#,
                Some(r#"{"a":"\ud83d\ude00 é \u00e9 \ud7ff \ue000"}"#),
            ),
            (
                r#"{"a":"\ud83dx\ude00","\ud800":"\uDBFF\uDBFF\uDFFF\\\udc00"}"#,
                Some(r#"{"a":"\ufffdx\ufffd","\ufffd":"\ufffd\uDBFF\uDFFF\\\ufffd"}"#),
            ),
            (r#"{"a":"\ud83d\n\ud83d"}"#, Some(r#"{"a":"\ufffd\n\ufffd"}"#)),
            ("[]", None),
            ("\"{}\"", None),
            ("7", None),
            ("", None),
        ] {
            assert_eq!(copied_object(text).as_deref(), expected, "{text}");
            if let Some(text) = expected {
                serde_json::from_str::<serde_json::Value>(text).unwrap();
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| ["{\"a\":".repeat(depth), "1".into(), "}".repeat(depth)].concat();
        assert!(copied_object(&nested(16)).is_some());
        assert!(copied_object(&nested(17)).is_none());
        let flat = ["{\"a\":[", &"{},".repeat(100), "{}],\"b\":\"[[[[[[[[[[[[[[[[[[[\"}"].concat();
        assert!(copied_object(&flat).is_some());
    }

    #[test]
    fn what_breaks_off_does_not_panic() {
        let text = r#"{"é":"\ud83d\ude00\ud800"}"#;
        for (end, _) in text.char_indices() {
            copied_object(&text[..end]);
        }
        copied_object("{}}}}}]]");
    }
}
