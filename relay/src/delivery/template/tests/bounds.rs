//! What a template may take of memory, time and stack.

use super::*;

/// An event with a list of so many items, and a text of so many bytes.
fn large(items: usize, bytes: usize) -> String {
    json!({"type": "a.b", "timestamp": "2026-11-20T20:07:00Z", "id": "i",
        "data": {"list": vec![1; items], "text": "x".repeat(bytes), "keys": (0..items).map(|key| (key.to_string(), json!(key))).collect::<serde_json::Map<_, _>>()}})
    .to_string()
}

#[test]
fn work_and_output_are_bounded() {
    use TemplateFault::{TooLarge, TooMuch};
    let each = |depth: usize| {
        format!("{}x{}", "{% for i in data.list %}".repeat(depth), "{% endfor %}".repeat(depth))
    };
    for (body, input, expected) in [
        (each(1), large(1_000, 0), None),
        (each(3), large(1_000, 0), Some(TooMuch)),
        ("{% for i in data.list %}{{ data.list }}{% endfor %}".to_owned(), large(1_000, 0), Some(TooLarge)),
        ("{{ data.text }}".repeat(1_000), large(0, 100), None),
        ("{{ data.text }}".repeat(1_000), large(0, 1_000), Some(TooLarge)),
        // A longer text cannot be written, and is not looked at.
        ("{{ data.text }}".to_owned(), large(0, OUTPUT_BYTES), None),
        ("{{ data.text == data.text }}".to_owned(), large(0, OUTPUT_BYTES + 1), Some(TooMuch)),
        ("{% for i in data.list %}{{ data.list | json | length }}{% endfor %}".to_owned(), large(10_000, 0), Some(TooMuch)),
        ("{% for i in data.list %}{% if data.keys == data.list %}{% endif %}{{ data.keys | items | length }}{% endfor %}".to_owned(), large(3_000, 0), Some(TooMuch)),
        ("{% set t = data.text %}{% for i in data.list %}{{ t | length }}{% endfor %}".to_owned(), large(1_000, OUTPUT_BYTES), Some(TooMuch)),
        ("{% for i in data.list %}{% if 2 in data.list %}{% endif %}{% endfor %}".to_owned(), large(5_000, 0), Some(TooMuch)),
    ] {
        let result = fill(&template(&body, "text/plain"), &input, Input::Event);
        let shown = &body[..body.len().min(60)];
        match expected {
            None => assert!(result.is_ok(), "{shown}: {:?}", result.err()),
            Some(fault) => assert_eq!(result.map(|text| text.len()), Err(fault), "{shown}"),
        }
    }
    for body in [
        "{{ data.text | replace('x', data.text) | length }}",
        "{{ data.keys | join(data.text) }}{{ data.list | join(data.text) | length }}",
        "{% set a = data.text | replace('x', 'yy') %}{% set a = a | replace('y', 'xxxxxxxx') %}{{ a | length }}",
    ] {
        let result = fill(&template(body, "text/plain"), &large(100, 50_000), Input::Event);
        assert!(result.is_err(), "{body}: {result:?}");
    }
}

#[test]
fn keys_are_counted_when_they_are_gone_through() {
    let work = Arc::new(Work::default());
    let object = cuehook_json::check(large(10_000, 0).as_bytes(), 64).unwrap();
    let keys = work.value(object.get("data").unwrap().get("keys").unwrap()).unwrap();
    let rounds = (0..1_000).take_while(|_| keys.try_iter().unwrap().next().is_some()).count();
    assert!((50..200).contains(&rounds) && work.is_spent(), "{rounds}");
}

#[test]
fn deep_templates_are_refused_or_run() {
    for body in [
        format!("{{{{ {}1{} }}}}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("{{{{ {}1{} }}}}", "[".repeat(5_000), "]".repeat(5_000)),
        format!("{{{{ {}1 }}}}", "not ".repeat(4_000)),
        format!("{{{{ {}1 }}}}", "-".repeat(8_000)),
        format!("{{{{ a{} }}}}", ".a".repeat(8_000)),
        format!("{{{{ a{} }}}}", "|trim".repeat(3_000)),
        format!("{{{{ 1{} }}}}", "+1".repeat(8_000)),
        format!("{{{{ 1{} }}}}", " if 1 else 1".repeat(1_300)),
        "{% if 1 %}".repeat(1_600),
        "{% for i in x %}".repeat(1_000),
        format!("{}{}", "{% if 1 %}".repeat(700), "{% endif %}".repeat(700)),
        format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(1_300)),
        format!("{{{{ a{} }}}}", " and a".repeat(2_600)),
        format!("{{{{ a{} }}}}", "[a".repeat(2_600) + &"]".repeat(2_600)),
    ] {
        let _ = fill(&template(&body, "text/plain"), EVENT, Input::Event);
    }
}
