use super::*;
use crate::config::Template;
use proptest::prelude::*;
use serde_json::{Value, json};

const EVENT: &str = r#"{"type":"lead.captured","timestamp":"2026-11-20T20:07:00.123Z","id":"i","data":{
    "lead":{"email":"ada@example.org","name":"Ada \"A\" \\ Lovelace","price":1.50,"big":18446744073709551616},
    "list":[1,"a",null,{"b":true}],"empty":"","zero":0,"tags":["x","y"],"ratio":2.5,"text":"7","minus":-0,
    "attack":"\",\"admin\":true,\"x\":\"","line":"a\nb\t\u0001","slash":"\\","markup":"<a href='x'>&\"</a>"}}"#;

fn template(body: &str, content_type: &str) -> Template {
    Template { body: body.to_owned(), content_type: content_type.to_owned() }
}

fn filled(body: &str, content_type: &str) -> Result<String, TemplateFault> {
    fill(&template(body, content_type), EVENT, Input::Event)
}

fn plain(body: &str) -> String {
    filled(body, "text/plain").unwrap_or_else(|fault| panic!("{body}: {fault}"))
}

fn made(body: &str) -> String {
    filled(body, "application/json").unwrap_or_else(|fault| panic!("{body}: {fault}"))
}

fn fault(body: &str) -> String {
    filled(body, "text/plain").map(|text| text.chars().take(80).collect::<String>()).unwrap_err().to_string()
}

#[test]
fn json_has_values_where_they_stand() {
    for (body, expected) in [
        (r#"{"a": {{ data.lead.email }}}"#, r#"{"a": "ada@example.org"}"#),
        (r#"{"a": "{{ data.lead.email }}"}"#, r#"{"a": "ada@example.org"}"#),
        (r#"{"a": "<{{ data.lead.name }}>"}"#, r#"{"a": "<Ada \"A\" \\ Lovelace>"}"#),
        (r#"{"a": {{ data.lead.name }}}"#, r#"{"a": "Ada \"A\" \\ Lovelace"}"#),
        (r#"{"a": {{ data.list }}}"#, r#"{"a": [1,"a",null,{"b":true}]}"#),
        (r#"{"a": "{{ data.list }}"}"#, r#"{"a": "[1,\"a\",null,{\"b\":true}]"}"#),
        (r#"{"a": {{ data.nothing.at.all }}, "b": "{{ data.nothing }}"}"#, r#"{"a": null, "b": ""}"#),
        (r#"{"a": {{ data.list[2] }}, "b": "{{ data.list[2] }}"}"#, r#"{"a": null, "b": ""}"#),
        (r#"{"{{ data.lead.name }}": 1}"#, r#"{"Ada \"A\" \\ Lovelace": 1}"#),
        (r#"{"a": "\"{{ data.lead.email }}"}"#, r#"{"a": "\"ada@example.org"}"#),
        (r#"{"a": "\\{{ data.slash }}"}"#, r#"{"a": "\\\\"}"#),
        (r#"{"a": "{{ data.line }}"}"#, r#"{"a": "a\nb\t\u0001"}"#),
        (
            r#"{"a": {{ data.list | json }}, "b": {{ data.list | tojson }}}"#,
            r#"{"a": [1,"a",null,{"b":true}], "b": [1,"a",null,{"b":true}]}"#,
        ),
        (r#"{"a": "{{ data.tags | json }}"}"#, r#"{"a": "[\"x\",\"y\"]"}"#),
        (r#"{{ [data.zero, {"k": data.tags}] }}"#, r#"[0,{"k":["x","y"]}]"#),
        ("{{ event }}", EVENT),
    ] {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert_eq!(value(&made(body)), value(expected), "{body}");
        if body != "{{ event }}" {
            assert_eq!(made(body), expected);
        }
    }
}

#[test]
fn a_value_cannot_break_out_of_json() {
    for body in [
        r#"{"a": "{{ data.attack }}"}"#,
        r#"{"a": {{ data.attack }}}"#,
        r#"{"a": "{{ data.attack | upper | lower }}"}"#,
        r#"{"a": {{ data.attack | urlencode }}}"#,
        r#"{"a": "{% for tag in [data.attack] %}{{ tag }}{% endfor %}"}"#,
        r#"{"a": "{% set x = data.attack | json %}{{ x }}"}"#,
    ] {
        let value: Value = serde_json::from_str(&made(body)).unwrap();
        assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), ["a"], "{body}");
        assert!(value["a"].is_string());
    }
    let error = filled(r#"{"a": "\{{ data.attack }}"}"#, "application/json").unwrap_err().to_string();
    assert_eq!(
        error,
        "line 1, column 12: a placeholder cannot stand after a backslash, which would swallow its first character"
    );
}

#[test]
fn numbers_keep_their_spelling() {
    assert_eq!(
        made(
            "[{{ data.lead.price }}, {{ data.lead.big }}, {{ data.ratio }}, {{ data.minus }}, {{ [data.lead.price] }}]"
        ),
        "[1.50, 18446744073709551616, 2.5, -0, [1.50]]"
    );
    assert_eq!(
        plain("{{ data.lead.price + 1 }} {{ data.lead.big - 1 }} {{ data.zero }}"),
        "2.5 18446744073709551615 0"
    );
    assert_eq!(
        plain("{{ 10 / 4 }} {{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 10 }} {{ 1e300 * 1e300 }}"),
        "2.5 3 3 1024 null"
    );
}

#[test]
fn the_whole_has_a_name() {
    assert_eq!(
        plain("{{ type }} {{ event.type }} {{ event.data.zero }} {{ call }}"),
        "lead.captured lead.captured 0 "
    );
    let call = r#"{"type":"webhook.executed","params":{"sku":"A-17"},"loop":{"index":"x"}}"#;
    let body = template("{{ call.params.sku }} {{ params.sku }} {{ event }} {{ loop.index }}", "text/plain");
    assert_eq!(fill(&body, call, Input::Call).unwrap(), "A-17 A-17  ");
}

#[test]
fn forms_markup_and_plain_texts_are_escaped_each_in_its_way() {
    let form = "application/x-www-form-urlencoded";
    assert_eq!(
        filled("email={{ data.lead.email }}&\n  name={{ data.lead.name }}&x={{ data.nothing }}", form)
            .unwrap(),
        "email=ada%40example.org&name=Ada+%22A%22+%5C+Lovelace&x="
    );
    assert_eq!(
        filled("a={{ data.lead.name | urlencode }}", form).unwrap(),
        "a=Ada%20%22A%22%20%5C%20Lovelace"
    );
    assert_eq!(
        filled("{{ {'b c': data.zero, 'd': data.nothing, 'e': data.attack} | urlencode }}", form).unwrap(),
        "b+c=0&e=%22%2C%22admin%22%3Atrue%2C%22x%22%3A%22"
    );
    assert_eq!(filled("a={{ data.tags | json }}", form).unwrap(), "a=%5B%22x%22%2C%22y%22%5D");
    assert_eq!(
        filled("<a>{{ data.markup }}</a>", "application/xml").unwrap(),
        "<a>&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;</a>"
    );
    assert_eq!(filled("{{ data.markup }}", "text/plain; charset=utf-8").unwrap(), "<a href='x'>&\"</a>");
}

#[test]
fn filters_do_what_they_say() {
    for (body, expected) in [
        ("{{ data.lead.email | upper }}", "ADA@EXAMPLE.ORG"),
        ("{{ 'ÄB' | lower }}", "äb"),
        ("{{ '  a ' | trim }}.", "a."),
        (
            "{{ data.nothing | default('-') }}{{ data.empty | default('-') }}{{ data.empty | default('-', true) }}",
            "--",
        ),
        ("{{ data.list[2] | default('null too') }}", "null too"),
        (
            "{{ data.tags | join(', ') }} {{ data.list | join }} {{ data.nothing | join }}",
            r#"x, y 1a{"b":true} "#,
        ),
        ("{{ [data.lead.email, data.zero] | join('/') }}", "ada@example.org/0"),
        ("{{ data.tags | first }}{{ data.tags | last }}{{ 'äö' | last }}{{ data.nothing | first }}", "xyö"),
        (
            "{{ data.tags | length }} {{ 'äö' | length }} {{ data.lead | length }} {{ data.nothing | length }}",
            "2 2 4 0",
        ),
        ("{{ 'a-b-c' | replace('-', '') }}", "abc"),
        ("{{ 'The quick brown fox' | truncate(12) }}", "The quick…"),
        (
            "{{ 'The quick brown fox' | truncate(3, '') }} {{ 'abc' | truncate(2) }} {{ 'ab' | truncate(2) }}",
            "The a… ab",
        ),
        (
            "{{ 2.5 | round }} {{ 3.5 | round }} {{ 2.345 | round(2) }} {{ data.text | round(1) }} {{ -0.4 | round }}",
            "2 4 2.35 7 0",
        ),
        (
            "{{ 41.9 | int }} {{ 'x' | int(3) }} {{ data.text | float + 1 }} {{ data.lead.big | int }}",
            "41 3 8 18446744073709551616",
        ),
        ("{{ -3 | abs }} {{ data.text | abs }} {{ data.minus | abs }}", "3 7 0"),
        ("{{ timestamp | unix_ms }} {{ (timestamp | unix_ms) // 1000 }}", "1795205220123 1795205220"),
        (
            "{% for key, value in data.lead | items %}{{ key }}={{ value }};{% endfor %}",
            "email=ada@example.org;name=Ada \"A\" \\ Lovelace;price=1.50;big=18446744073709551616;",
        ),
        (
            "{% for key in data.lead %}{{ loop.index }}{{ key }}{% if not loop.last %},{% endif %}{% endfor %}",
            "1email,2name,3price,4big",
        ),
        (
            "{{ data.lead is object }} {{ data.tags is list }} {{ data.zero is number }} {{ data.nothing is defined }} {{ data.list[2] is none }} {{ data.text is string }} {{ true is boolean }} {{ data.x is undefined }}",
            "true true true false true true true true",
        ),
        ("{% set lead = data.lead %}{% with mail = lead.email %}{{ mail }}{% endwith %}", "ada@example.org"),
        (
            "{{ 'x' in data.tags }} {{ 'ada' in data.lead.email }} {{ data.zero == 0 }} {{ data.tags == data.tags }} {{ data.tags == ['x', 'y'] }}",
            "true true true true true",
        ),
        ("{{ data.zero or 'other' }} {{ 'a' if data.zero else 'b' }}", "other b"),
        ("{{ loop.index }}{% for x in data.nothing %}{{ x }}{% else %}none{% endfor %}", "none"),
        ("{% raw %}{{ x }}{% endraw %}{# a comment #}", "{{ x }}"),
    ] {
        assert_eq!(plain(body), expected, "{body}");
    }
}

#[test]
fn faults_say_where_and_what_to_write() {
    for (body, expected) in [
        ("a\n  {{ data.", "line 2, column "),
        ("{% if %}", "line 1, column "),
        ("{{ a ~ b }}", "line 1, column 4: `~` is not available; write one after the other"),
        ("x\n{{ a + b }}", "line 2, column 4: `+` is for numbers"),
        ("{{ 2 * b }}", "line 1, column 4: `*` is for numbers: say that both are"),
        ("{{ a[1:] }}", "line 1, column 4: `[from:to]` is not available"),
        ("{{ range(3) }}", "line 1, column 4: functions and methods are not available"),
        ("{{ a.items() }}", "functions and methods are not available"),
        ("{{ a | uper }}", "there is no filter `uper`; did you mean `upper`?"),
        ("{{ a | safe }}", "there is no filter `safe`"),
        ("{{ a is odd }}", "there is no test `odd`"),
        ("{{ a | truncate(length=3) }}", "arguments of filters have no names"),
        ("{{ a | upper(*b) }}", "arguments of filters have no names and no `*`"),
        ("{% set x %}a{% endset %}", "this is not available"),
        ("{% autoescape false %}{{ a }}{% endautoescape %}", "this is not available"),
        ("{% filter upper %}a{% endfilter %}", "this is not available"),
        ("{% do a() %}", "this is not available"),
        ("{% macro a() %}{% endmacro %}", "line 1"),
        ("{% include 'x' %}", "line 1"),
        ("{% for x in a recursive %}{% endfor %}", "`recursive` is not available"),
        ("{% set loop = 1 %}", "line 1, column 8: cannot assign to reserved variable name loop"),
        ("{% set a.b = 1 %}", "line 1"),
        (
            "{% set x = [1] %}{% set y = [x, x] %}",
            "a list or object that is given a name cannot have `x` in it",
        ),
        ("{% for x in a %}{% for y in [x] %}{% endfor %}{% endfor %}", "cannot have `x` in it"),
        ("{% set x = a %}{% set y = b | default([{'k': [x]}]) %}", "cannot have `x` in it"),
        (
            "{{ data.text + 1 }}",
            "line 1, column 4: tried to use + operator on unsupported types string and number",
        ),
        ("{{ data.lead | upper | abs }}", "the filter `abs` needs a number; this is a text"),
        ("{{ data.empty | int }}", "line 1, column 17: the filter `int` needs a number; this is a text"),
        ("{{ data.nothing | float }}", "the filter `float` needs a number; this is nothing"),
        ("{{ data.zero | join }}", "the filter `join` needs a list; this is number"),
        ("{{ data.text | unix_ms }}", "the filter `unix_ms` needs a date and time"),
        ("{{ data.text | upper(1) }}", "takes 0 arguments at most"),
        ("{{ data.text | replace('') }}", ": missing argument"),
        ("{{ 1 // 0 }}", "line 1, column 4: unable to calculate 1 // 0"),
    ] {
        let fault = fault(body);
        assert!(fault.contains(expected), "{body}: {fault}");
    }
}

#[test]
fn what_is_no_json_says_where() {
    for (body, expected) in [
        ("{\n  \"a\": {{ data.zero }},\n}", "what it makes is no JSON: line 3, column 1 of that: "),
        ("{{ data.tags }}{{ data.tags }}", "what it makes is no JSON: line 1, column 10 of that: "),
        ("", "what it makes is no JSON: line 1, column 1 of that: "),
        ("{'a': 1}", "no JSON: line 1, column 2"),
    ] {
        let fault = filled(body, "application/json").unwrap_err().to_string();
        assert!(fault.contains(expected), "{body}: {fault}");
    }
    assert_eq!(fill(&template("1", "application/json"), "[1]", Input::Event), Err(TemplateFault::NoInput));
    assert_eq!(fill(&template("1", "application/json"), "{", Input::Event), Err(TemplateFault::NoInput));
}

#[test]
fn settings_are_checked_before_they_are_taken() {
    for (body, content_type, expected) in [
        ("{\"a\": {{ data.lead.email }}}", "application/json", None),
        (
            "{% if type == 'edition.scheduled' %}{\"id\": {{ data.edition.id }}}{% endif %}",
            "application/json",
            None,
        ),
        ("{{ params }}", "application/json; charset=utf-8", None),
        ("{{ data.score + 1 }}", "text/plain", Some("line 1, column 4")),
        ("{\"a\": {{ data }}", "application/json", Some("what it makes is no JSON")),
        ("{\"a\": {{ data }}", "application/vnd.api+json", Some("what it makes is no JSON")),
        ("{\"a\": {{ data }}", "text/plain", None),
        ("{{ a", "application/json", Some("line 1")),
        ("{}", "json", Some("`json` is no content type")),
        ("{}", "application/json\r\nx: y", Some("is no content type")),
        ("{}", "", Some("is no content type")),
        ("{}", "a/b/c", Some("is no content type")),
    ] {
        let fault = template_fault(&template(body, content_type));
        match expected {
            None => assert_eq!(fault, None, "{body} {content_type}"),
            Some(part) => {
                assert!(fault.clone().unwrap_or_default().contains(part), "{body} {content_type}: {fault:?}")
            }
        }
    }
    let long = "x".repeat(SOURCE_BYTES + 1);
    assert_eq!(
        template_fault(&template(&long, "text/plain")).unwrap(),
        "it has 16385 bytes; at most 16384 are taken"
    );
    assert_eq!(template_fault(&template(&long[1..], "text/plain")), None);
}

#[test]
fn the_page_has_every_filter_and_test_with_what_it_makes() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/payload-templates.md"))
        .unwrap();
    let filters = page.split("\n## Filters\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let event = crate::delivery::sample::sample("lead.captured", Uuid::from_u128(1), 1_795_205_220_123);
    let mut told = Vec::new();
    for line in filters.lines().filter(|line| line.starts_with("| `")) {
        let line = line.replace("\\|", "\u{1}");
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
        let [names, _, example, result] = &cells[..] else { panic!("{line}") };
        let plain = |cell: &str| cell.trim_matches('`').to_owned();
        let example = template(&plain(example), "text/plain");
        assert_eq!(fill(&example, &event, Input::Event).unwrap(), plain(result), "{}", example.body);
        told.extend(names.split(", ").map(|name| plain(name).split('(').next().unwrap().to_owned()));
    }
    // Those with two arguments are cut at the comma.
    told.retain(|name| filters::FILTERS.contains(&name.as_str()));
    told.sort();
    assert_eq!(told, filters::FILTERS);
    let tests: Vec<String> = filters::TESTS.map(|name| format!("`{name}`")).to_vec();
    assert!(page.contains(&tests.join(", ")));
    for number in
        ["16 KiB", "400 words", "50 levels", "200,000 bytes", "128 levels", "30,000 instructions", "16 MiB"]
    {
        assert!(page.contains(number), "{number}");
    }
}

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

/// Words that templates are made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{{ ",
        " }}",
        "{% ",
        " %}",
        "data",
        ".lead",
        ".email",
        ".attack",
        "[0]",
        "['tags']",
        " | ",
        "upper",
        "json",
        "join",
        "default",
        "('x')",
        "for x in ",
        "endfor",
        "if ",
        "else",
        "endif",
        "set x = ",
        "with x = ",
        "endwith",
        "x",
        "loop.index",
        "\"",
        "\\",
        "{",
        "}",
        ":",
        ",",
        "[",
        "]",
        "1",
        "null",
        " + ",
        " * ",
        " ~ ",
        " == ",
        " in ",
        "not ",
        "{#",
        "#}",
        "\n",
        "é",
        "raw",
        "endraw",
        "{%- ",
        " -%}",
        "replace('a', 'b')",
        "truncate(3)",
        "items",
        "length",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_template_ends_with_json_or_a_fault(body in pieces()) {
        if let Ok(text) = filled(&body, "application/json") {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
        }
        let _ = filled(&body, "text/plain");
    }

    /// Whatever a value is, it stays in its place.
    #[test]
    fn any_text_stays_within_its_quotes(text in any::<String>()) {
        let event = json!({"type": "a.b", "data": {"text": text}}).to_string();
        let body = r#"{"a": "{{ data.text }}", "b": {{ data.text }}, "c": "x{{ data.text }}y{{ data.text }}", "d": "{{ data }}"}"#;
        let made = fill(&template(body, "application/json"), &event, Input::Event).unwrap();
        let value: Value = serde_json::from_str(&made).unwrap();
        prop_assert_eq!(&value["a"], &json!(text));
        prop_assert_eq!(&value["b"], &json!(text));
        prop_assert_eq!(&value["c"], &json!(format!("x{text}y{text}")));
        prop_assert_eq!(value.as_object().unwrap().len(), 4);
        let form = fill(&template("a={{ data.text }}&b=1", "application/x-www-form-urlencoded"), &event, Input::Event).unwrap();
        let pairs: Vec<_> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        prop_assert_eq!(pairs, vec![("a".to_owned(), text), ("b".to_owned(), "1".to_owned())]);
    }
}
