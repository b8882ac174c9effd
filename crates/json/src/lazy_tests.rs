//! Tests of reading little by little, against reading all at once.

use super::tests::{nearly_json, shared_cases};
use super::*;
use crate::arbitrary::any_json;
use proptest::prelude::*;

/// The tree of a value, whatever of it was read.
fn tree(value: &Json) -> Json {
    match value.read() {
        Json::Array(list) => Json::Array(list.iter().map(tree).collect::<Vec<_>>().into()),
        Json::Object(object) => {
            let mut read = Object::new();
            for (key, value) in object.iter() {
                read.set(key, tree(value));
            }
            read.into()
        }
        scalar => scalar.clone(),
    }
}

/// Whatever is done with the two of them, it comes to the same.
fn agree(bytes: &[u8], depth: usize) {
    match (check(bytes, depth), parse(bytes, depth)) {
        (Ok(lazy), Ok(parsed)) => explore(&lazy, &parsed),
        (lazy, parsed) => assert_eq!(lazy, parsed, "{bytes:?}"),
    }
}

fn explore(lazy: &Json, parsed: &Json) {
    assert_eq!(tree(lazy), *parsed);
    assert_eq!(lazy, parsed);
    assert_eq!(parsed, lazy);
    assert_eq!(lazy.kind(), parsed.kind());
    if let Json::Lazy(_) = lazy {
        assert_eq!(parse(lazy.to_text().as_bytes(), 128).as_ref(), Ok(parsed), "{lazy:?}");
    }
    let depends = |read: &Json| match read {
        Json::Object(object) => {
            assert!(object.iter().all(|(key, value)| lazy.get(key) == Some(value)), "{lazy:?}");
            object.len()
        }
        Json::Array(list) => {
            let items = list.iter().enumerate();
            assert!(items.clone().all(|(at, value)| lazy.item(at) == Some(value)), "{lazy:?}");
            list.len()
        }
        _ => 0,
    };
    let length = depends(parsed);
    assert_eq!(length, depends(lazy.read()));
    assert_eq!((lazy.get("no such key"), lazy.item(length)), (None, None));
    match parsed {
        Json::Object(object) => object.iter().for_each(|(key, parsed)| {
            explore(lazy.get(key).unwrap(), parsed);
        }),
        Json::Array(list) => list.iter().enumerate().for_each(|(at, parsed)| {
            explore(lazy.item(at).unwrap(), parsed);
        }),
        Json::Float(_) => assert_eq!(lazy.as_f64(), parsed.as_f64()),
        _ => assert!(!matches!(lazy, Json::Lazy(_))),
    }
}

#[test]
fn agrees_on_the_shared_cases() {
    let Some(folder) = shared_cases() else {
        println!("skipped: ../shared/data/json is not there");
        return;
    };
    for entry in std::fs::read_dir(folder).unwrap() {
        agree(&std::fs::read(entry.unwrap().path()).unwrap(), 128);
    }
}

#[test]
fn sees_through() {
    let text = br#" {"user" : {"name":"Jo", "tags":[ ], "n\u0061me":"J\u00f6", "": [1, {"x":[2.50]} ]}, "rest" :[1,2 ]} "#;
    let value = check(text, 9).unwrap();
    assert!(matches!(value, Json::Lazy(_)));
    let user = value.get("user").unwrap();
    assert_eq!(
        user.get("name"),
        Some(&"Jö".into()),
        "of equal keys the last one counts, however it is spelled"
    );
    assert_eq!(user.get("n\\u0061me"), None);
    assert_eq!(user.get("tags"), Some(&Json::Array(Arc::default())));
    assert_eq!(user.get("").unwrap().item(0), Some(&Json::Integer(1)));
    assert_eq!(user.get("").unwrap().item(2), None);
    assert_eq!((user.item(0), value.get("rest").unwrap().get("0")), (None, None), "no list, no object");
    assert_eq!(user.get("").unwrap().to_text(), r#"[1,{"x":[2.50]}]"#);
    assert_eq!(value.get("rest").unwrap().kind(), "a list");
    let one_and_two = Json::Array(vec![Json::Integer(1), Json::Integer(2)].into());
    assert_eq!(value.get("rest"), Some(&one_and_two));
    assert!(matches!(value.get("rest"), Some(Json::Lazy(_))));
    assert_eq!(value.clone().as_object().map(Object::len), Some(2));
}

#[test]
fn what_was_read_stays_read() {
    let value = check(br#"{"a":[[1]]}"#, 9).unwrap();
    let clone = value.clone();
    let inner = |value: &Json| std::ptr::from_ref(value.get("a").unwrap().item(0).unwrap().item(0).unwrap());
    assert_eq!(inner(&value), inner(&clone), "for all clones");
}

#[test]
fn reads_scalars_at_once() {
    for text in ["null", " true ", "1", "-0", "1.50", "\"\\u0041\""] {
        assert_eq!(check(text.as_bytes(), 0), parse(text.as_bytes(), 0), "{text}");
        assert!(!matches!(check(text.as_bytes(), 0), Ok(Json::Lazy(_))), "{text}");
    }
}

#[test]
fn numbers_keep_their_spelling() {
    for text in ["18446744073709551615", "1.50", "-0", "0.0", "1E3", "1e21", "-2.5e-7", "0.30000000000000004"]
    {
        let value = check(format!("{{\"n\": {text} ,\"list\":[{text}]}}").as_bytes(), 9).unwrap();
        let clone = value.clone();
        for number in [value.get("n").unwrap(), clone.get("list").unwrap().item(0).unwrap()] {
            assert_eq!(number.to_text(), text);
            assert_eq!(number.kind(), "a number");
            assert_eq!(number.as_f64(), text.parse().ok(), "{text}");
            assert_eq!(*number, parse(text.as_bytes(), 0).unwrap());
            assert_eq!((number.get("n"), number.item(0), number.as_str()), (None, None, None));
        }
        let Json::Lazy(object) = &value else { panic!("{value:?}") };
        assert_eq!(object.member_text("n"), Some(text));
    }
    // Those that are written as we write them need no memory of their own.
    let value = check(br#"[0,1,-7,9223372036854775807,1.5,0.000001,19.99,"1.50"]"#, 9).unwrap();
    let list = value.as_array().unwrap();
    assert!(list.iter().all(|number| !matches!(number, Json::Lazy(_))), "{list:?}");
    assert_ne!(check(b"[1.50]", 9).unwrap().item(0), check(b"[1.25]", 9).unwrap().item(0));
}

#[test]
fn compares_texts() {
    let read = |text: &str| check(text.as_bytes(), 9).unwrap();
    assert_eq!(read("[1,2]"), read(" [1,2] "));
    assert_ne!(read("[1,2]"), read("[1, 2]"), "another spelling is another value");
    assert_eq!(read("[1, 2]"), parse(b"[1,2]", 9).unwrap());
    assert_ne!(read("[1,2]"), parse(b"[1,3]", 9).unwrap());
    assert_ne!(read("[]"), read("{}"));
    assert_ne!(read("[]"), Object::new().into());
    assert_ne!(read("[]"), Json::Null);
}

#[test]
fn writes_what_everybody_can_read() {
    let value = check(b"[ \"\\ud800\\/\" , 12345678901234567890, {\"a\\ud83d\\ude00\": \"b c\", \"k\\\"\":1, \"k\\u0022\":\"\t\"\n}]", 9);
    assert!(value.is_err(), "a tab");
    let text = b"[ \"\\ud800\\/\" , 12345678901234567890,\r\n\t{\"a\\ud83d\\ude00\": \"b c\", \"k\\\"\":1, \"k\\u0022\":\"\"}]";
    let text = check(text, 9).unwrap().to_text();
    assert_eq!(text, "[\"\u{fffd}/\",12345678901234567890,{\"a😀\":\"b c\",\"k\\\"\":1,\"k\\\"\":\"\"}]");
    let _: serde_json::Value = serde_json::from_str(&text).unwrap();
}

#[test]
fn bounds_depth_as_reading_does() {
    let nested = |depth: usize| [b"{\"a\":".repeat(depth), b"1".to_vec(), b"}".repeat(depth)].concat();
    for (depth, max) in [(5, 5), (6, 5), (128, usize::MAX), (129, usize::MAX), (1, 0)] {
        agree(&nested(depth), max);
        agree(&[vec![b'['; depth], vec![b']'; depth]].concat(), max);
    }
    agree(&vec![b'['; 1_000_000], usize::MAX);
}

/// JSON text in all its spellings: blanks, escapes, keys twice, halves of surrogate pairs.
fn any_text() -> impl Strategy<Value = String> {
    let blank = || prop_oneof![4 => Just(""), 1 => Just(" "), 1 => Just("\n\t \r")];
    let string = prop::collection::vec(
        prop_oneof![
            Just("a"),
            Just("key"),
            Just("é😀"),
            Just("a longer run of text"),
            Just("\\\""),
            Just("\\\\"),
            Just("\\n"),
            Just("\\u0061"),
            Just("\\ud83d\\ude00"),
            Just("\\uDC00"),
            Just("\\ud800"),
            Just("[{,:}]"),
            Just(" "),
            Just("\u{7f}"),
        ],
        0..5,
    )
    .prop_map(|pieces| format!("\"{}\"", pieces.concat()));
    let string = move || string.clone();
    let leaf = prop_oneof![
        prop_oneof![
            Just("null"),
            Just("true"),
            Just("false"),
            Just("0"),
            Just("-0"),
            Just("1.50"),
            Just("1E3"),
            Just("12345678901234567890"),
            Just("-2.5e-7"),
        ]
        .prop_map(str::to_owned),
        string(),
    ];
    let spaced = move |text: BoxedStrategy<String>| {
        (blank(), text, blank()).prop_map(|(before, text, after)| format!("{before}{text}{after}")).boxed()
    };
    let around = spaced;
    let nested = leaf.prop_recursive(4, 64, 8, move |inner| {
        let value = spaced(inner.boxed());
        let entry =
            (spaced(string().boxed()), value.clone()).prop_map(|(key, value)| format!("{key}:{value}"));
        prop_oneof![
            prop::collection::vec(value, 0..6).prop_map(|list| format!("[{}]", list.join(","))),
            prop::collection::vec(entry, 0..20).prop_map(|entries| format!("{{{}}}", entries.join(","))),
        ]
    });
    around(nested.boxed())
}

proptest! {
    #[test]
    fn agrees_on_values(value in any_json()) {
        agree(value.to_text().as_bytes(), 64);
    }

    #[test]
    fn agrees_on_spellings(text in any_text()) {
        prop_assert!(check(text.as_bytes(), 64).is_ok(), "{}", text);
        agree(text.as_bytes(), 64);
        let written = check(text.as_bytes(), 64).unwrap().to_text();
        prop_assert_eq!(check(written.as_bytes(), 64).unwrap().to_text(), written, "compact is compact");
    }

    #[test]
    fn agrees_on_damaged_text(text in any_text(), at in any::<prop::sample::Index>(), byte in any::<u8>(), depth in 0..6_usize) {
        let mut bytes = text.into_bytes();
        agree(&bytes, depth);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        agree(&bytes, 64);
        bytes.truncate(at);
        agree(&bytes, 64);
    }

    #[test]
    fn agrees_on_nearly_json(text in nearly_json()) {
        agree(text.as_bytes(), 64);
    }
}
