//! Tests of reading and writing together, against `serde_json` as oracle.

use super::*;
use crate::arbitrary::any_json;
use proptest::prelude::*;
use std::path::PathBuf;

fn read(text: &str) -> Result<Json, ParseError> {
    parse(text.as_bytes(), 64)
}

/// Whether our value says the same as the oracle's. Integers beyond 64 bits are floats here.
fn same(ours: &Json, oracle: &serde_json::Value) -> bool {
    use serde_json::Value;
    match (ours, oracle) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::Integer(ours), Value::Number(theirs)) => theirs.as_i64() == Some(*ours),
        (Json::Float(ours), Value::Number(theirs)) => {
            // serde_json reads floats a little inexactly without its `float_roundtrip` feature.
            theirs.as_f64().is_some_and(|theirs| (ours - theirs).abs() <= ours.abs() * 1e-15)
        }
        (Json::String(ours), Value::String(theirs)) => &**ours == theirs,
        (Json::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(key, ours)| theirs.get(key).is_some_and(|theirs| same(ours, theirs)))
        }
        _ => false,
    }
}

#[test]
fn accepts() {
    let cases = [
        ("null", Json::Null),
        (" true\r\n", Json::Bool(true)),
        ("\tfalse", Json::Bool(false)),
        ("0", Json::Integer(0)),
        ("-12", Json::Integer(-12)),
        ("9223372036854775807", Json::Integer(i64::MAX)),
        ("-9223372036854775808", Json::Integer(i64::MIN)),
        ("9223372036854775808", Json::Float(9_223_372_036_854_775_808.0)),
        ("1.0", Json::Float(1.0)),
        ("1e3", Json::Float(1000.0)),
        ("1E+2", Json::Float(100.0)),
        ("25e-1", Json::Float(2.5)),
        ("1e-400", Json::Float(0.0)),
        (r#""""#, "".into()),
        (r#""aé😀""#, "aé😀".into()),
        (r#""\"\\\/\b\f\n\r\t\u0041\u00e9""#, "\"\\/\u{8}\u{c}\n\r\tAé".into()),
        (r#""\uD83D\uDE00""#, "😀".into()),
        (r#""\uD800""#, "\u{fffd}".into()),
        (r#""\uDC00x""#, "\u{fffd}x".into()),
        (r#""\uD800\uD83D\uDE00""#, "\u{fffd}😀".into()),
        (r#""\uD800\n""#, "\u{fffd}\n".into()),
        ("[]", Json::Array(Arc::default())),
        ("[1, [2]]", Json::Array(vec![Json::Integer(1), Json::Array(vec![Json::Integer(2)].into())].into())),
        ("{}", Object::new().into()),
    ];
    for (text, value) in cases {
        assert_eq!(read(text), Ok(value), "{text}");
    }
    let Ok(Json::Float(zero)) = read("-0") else { panic!("-0 is a float") };
    assert!(zero == 0.0 && zero.is_sign_negative());
}

#[test]
fn last_of_equal_keys_counts_in_the_place_of_the_first() {
    let value = read(r#"{"a": 1, "b": 2, "a": 3, "__proto__": 4}"#).unwrap();
    assert_eq!(value.to_text(), r#"{"a":3,"b":2,"__proto__":4}"#);
}

#[test]
fn refuses() {
    let cases = [
        ("", 1, 1, "the end of the text"),
        ("  \n ", 2, 2, "the end of the text"),
        ("\u{feff}1", 1, 1, "byte order mark"),
        ("nul", 1, 1, "found `n`"),
        ("True", 1, 1, "found `T`"),
        ("1 2", 1, 3, "nothing after the value"),
        ("01", 1, 1, "start with 0"),
        ("-", 1, 2, "a digit"),
        ("1.", 1, 3, "a digit"),
        ("1e", 1, 3, "a digit"),
        (".5", 1, 1, "a value"),
        ("+1", 1, 1, "a value"),
        ("1e999", 1, 1, "too large"),
        ("[1,]", 1, 4, "found `]`"),
        ("[1 2]", 1, 4, "`,` or `]`"),
        ("[1", 1, 3, "the end of the text"),
        ("{a:1}", 1, 2, "double quotes"),
        ("{\"a\" 1}", 1, 6, "`:`"),
        ("{\"a\":1,}", 1, 8, "a key"),
        ("{\"a\":1", 1, 7, "`,` or `}`"),
        ("'a'", 1, 1, "double quotes"),
        ("[\n \"a\tb\"]", 2, 4, "escaped"),
        ("\"a", 1, 1, "no closing"),
        ("\"\\x\"", 1, 2, "backslash"),
        ("\"\\u12g4\"", 1, 6, "hexadecimal"),
        ("NaN", 1, 1, "a value"),
        ("\u{0}", 1, 1, "control character 0"),
    ];
    for (text, line, column, words) in cases {
        let error = read(text).expect_err(text);
        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
        assert!(error.message.contains(words), "{text}: {error}");
    }
    let error = parse(b"[\n\"\xff\"]", 64).unwrap_err();
    assert_eq!((error.line, error.column), (2, 2), "{error}");
    assert!(error.message.contains("UTF-8"));
}

#[test]
fn bounds_depth() {
    let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(parse(&nested(5), 5).is_ok());
    assert!(parse(&nested(6), 5).unwrap_err().message.contains("too deep"));
    assert!(parse(b"1", 0).is_ok());
    assert!(parse(&nested(128), usize::MAX).is_ok());
    assert!(parse(&nested(129), usize::MAX).is_err());
    assert!(parse(&vec![b'['; 1_000_000], usize::MAX).is_err());
    assert!(parse("{\"\":".repeat(100_000).as_bytes(), usize::MAX).is_err());
}

#[test]
fn writes_numbers_as_javascript_does() {
    let cases = [
        (1.0, "1"),
        (-1.0, "-1"),
        (0.1, "0.1"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (123.456, "123.456"),
        (100.0, "100"),
        (1e20, "100000000000000000000"),
        (123_456_789_012_345_680_000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.000_001, "0.000001"),
        (0.000_001_5, "0.0000015"),
        (1e-7, "1e-7"),
        (-2.5e-10, "-2.5e-10"),
        (0.1 + 0.2, "0.30000000000000004"),
        (f64::MAX, "1.7976931348623157e+308"),
        (5e-324, "5e-324"),
        (f64::NAN, "null"),
    ];
    for (number, text) in cases {
        assert_eq!(Json::Float(number).to_text(), text);
    }
    assert_eq!(Json::Integer(i64::MIN).to_text(), "-9223372036854775808");
}

#[test]
fn escapes_little() {
    let text = "\"\\\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\u{7f}/\u{2028}é";
    let mut out = String::new();
    write_string(text, &mut out);
    assert_eq!(out, "\"\\\"\\\\\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\u{7f}/\u{2028}é\"");
}

/// The collection of cases that lies beside the project on some machines.
pub(super) fn shared_cases() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    ["../../../shared/data/json", "../../../../shared/data/json"]
        .iter()
        .map(|path| root.join(path))
        .find(|path| path.is_dir())
}

#[test]
fn agrees_with_the_shared_cases() {
    let Some(folder) = shared_cases() else {
        println!("skipped: ../shared/data/json is not there");
        return;
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let ours = parse(&bytes, 128);
        match name.get(..2) {
            Some("y_") => {
                let ours = ours.unwrap_or_else(|error| panic!("{name}: {error}"));
                let oracle: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                assert!(same(&ours, &oracle), "{name}: {ours:?} {oracle:?}");
            }
            Some("n_") => assert!(ours.is_err(), "{name}"),
            _ => {
                if let (Ok(ours), Ok(oracle)) = (ours, serde_json::from_slice(&bytes)) {
                    assert!(same(&ours, &oracle), "{name}: {ours:?} {oracle:?}");
                }
            }
        }
        seen += 1;
    }
    assert!(seen > 300);
}

/// Text that is nearly JSON.
pub(super) fn nearly_json() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\\"),
        Just("\\u00"),
        Just("\\ud83d"),
        Just("\\ude00"),
        Just("0"),
        Just("12"),
        Just("-"),
        Just("."),
        Just("e"),
        Just("true"),
        Just("null"),
        Just(" "),
        Just("\n"),
        Just("a"),
        Just("é"),
        Just("\"k\":"),
        Just("\"s\""),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn reads_back_what_it_writes(value in any_json()) {
        let text = value.to_text();
        prop_assert_eq!(read(&text), Ok(value.clone()));
        let oracle: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert!(same(&value, &oracle));
    }

    #[test]
    fn agrees_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let oracle = serde_json::from_slice::<serde_json::Value>(&bytes);
        prop_assert_eq!(parse(&bytes, 64).is_ok(), oracle.is_ok());
    }

    #[test]
    fn agrees_on_nearly_json(text in nearly_json()) {
        match (read(&text), serde_json::from_str::<serde_json::Value>(&text)) {
            (Ok(ours), Ok(oracle)) => prop_assert!(same(&ours, &oracle), "{:?} {:?}", ours, oracle),
            // The oracle refuses halves of surrogate pairs.
            (Ok(ours), Err(_)) => prop_assert!(ours.to_text().contains(char::REPLACEMENT_CHARACTER)),
            (Err(error), Ok(_)) => return Err(TestCaseError::fail(error.to_string())),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn floats_keep_their_value(number in any::<f64>().prop_filter("finite", |number| number.is_finite())) {
        let text = Json::Float(number).to_text();
        prop_assert_eq!(read(&text).unwrap().as_f64(), Some(number));
    }
}
