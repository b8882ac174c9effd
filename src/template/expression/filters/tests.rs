//! What each filter gives.

use crate::json::{self, Json};
use crate::session::Context;
use crate::template::expression::filters::{FILTERS, FOREIGN, Filter, TESTS};
use crate::template::expression::scope::Scope;
use crate::template::expression::work::Work;
use crate::template::expression::{Expression, Expressions, Outcome};

fn apply(text: &str) -> String {
    let variables = r#"{"list": [3, "b", null, [1], true], "o": {"a": 1}, "s": "a b", "nothing": null,
        "story": "The quick brown fox jumps", "eszett": "straße ŒUVRE", "t": 1795251600000}"#;
    let Json::Object(variables) = json::parse(variables.as_bytes(), 9).unwrap() else { panic!() };
    let context = Context::new((*variables).clone());
    match Expression::compile(text, Expressions::Default)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .evaluate(&Scope::new(&context, &Work::default()))
    {
        Ok(Outcome::Value(value)) => value.to_text(),
        Ok(Outcome::Missing) => "missing".to_owned(),
        Err(error) => error.message,
    }
}

#[test]
fn gives_what_the_documentation_says() {
    for (text, result) in [
        ("eszett|upper", "\"STRASSE ŒUVRE\""),
        ("eszett|lower", "\"straße œuvre\""),
        ("'émile ZOLA-jr (œuvre)'|title", "\"Émile Zola-Jr (Œuvre)\""),
        ("12|upper", "\"12\""),
        ("list|upper", "`upper` needs a text, not a list; write it as in `code|upper`"),
        ("' a '|trim", "\"a\""),
        ("nothing|default('d')", "\"d\""),
        ("''|default('d')", "\"\""),
        ("''|default('d', true)", "\"d\""),
        ("0|default(5, true)", "5"),
        ("'größe'|length", "5"),
        ("list|length", "5"),
        ("o|length", "1"),
        (
            "5|length",
            "`length` needs a text, a list or an object, not a number; write it as in `tags|length`",
        ),
        ("list|join('-')", "\"3-b--[1]-true\""),
        ("s|join", "`join` needs a list, not a text; write it as in `tags|join(', ')`"),
        ("list|first", "3"),
        ("list|last", "true"),
        ("'äb'|first", "\"ä\""),
        ("'bä'|last", "\"ä\""),
        ("''|first", "missing"),
        ("2.5|round", "2"),
        ("3.5|round", "4"),
        ("-0.5|round", "0"),
        ("3.14159|round(2)", "3.14"),
        ("'12.346'|round(2)", "12.35"),
        ("1234|round(-2)", "1200"),
        ("1250|round(-2)", "1200"),
        ("7|round(2)", "7"),
        ("1.5|round(400)", "1.5"),
        ("'3 apples'|round", "`round` needs a number, not a text; write it as in `price|round(2)`"),
        ("'3.9'|int", "3"),
        ("' 42 '|int", "42"),
        ("-3.9|int", "-3"),
        ("true|int", "1"),
        ("'x'|int(0)", "0"),
        ("'x'|int", "`int` needs a number, not a text; write it as in `score|int`"),
        ("'1e300'|int", "`int` cannot hold so large a number; write it as in `score|int`"),
        ("'3'|float", "3"),
        ("'inf'|float", "`float` needs a number, not a text; write it as in `score|float`"),
        ("'x'|float(1.5)", "1.5"),
        ("-3|abs", "3"),
        ("-2.5|abs", "2.5"),
        ("-9223372036854775808|abs", "9223372036854776000"),
        ("list|min", "true"),
        ("''|json|min", "`min` needs a list, not a text; write it as in `prices|min`"),
        ("list|max", "[1]"),
        ("'a/b?c=d&e ü~'|urlencode", "\"a/b%3Fc%3Dd%26e%20%C3%BC~\""),
        ("o|json", "\"{\\\"a\\\":1}\""),
        ("s|json", "\"\\\"a b\\\"\""),
        ("s|replace(' ', '')", "\"ab\""),
        (
            "s|replace('', 'x')",
            "`replace` needs a text to look for, not an empty one; write it as in `code|replace('-', ' ')`",
        ),
        ("story|truncate(25)", "\"The quick brown fox jumps\""),
        ("story|truncate(24)", "\"The quick brown fox…\""),
        ("story|truncate(12)", "\"The quick…\""),
        ("story|truncate(10)", "\"The quick…\""),
        ("story|truncate(9, '')", "\"The quick\""),
        ("story|truncate(3)", "\"Th…\""),
        ("story|truncate(0)", "\"…\""),
        ("story|truncate(12, ' [more]')", "\"The [more]\""),
        (
            "story|truncate(-1)",
            "`truncate` needs a length that is not negative; write it as in `story|truncate(80)`",
        ),
        // Without a platform that knows countries.
        ("1234.5|number", "\"1234.5\""),
        ("1234.5|number(2)", "\"1234.50\""),
        ("1234.5|number('de')", "\"1234.5\""),
        ("1234.5|number(0, 'de')", "\"1235\""),
        ("'12'|number(1)", "\"12.0\""),
        ("1|number(20)", "`number` shows 0 to 15 digits after the point; write it as in `price|number(2)`"),
        ("12.5|currency('EUR')", "\"EUR 12.50\""),
        ("'12.5'|currency('EUR', 'de')", "\"EUR 12.50\""),
        (
            "12|currency('EURO')",
            "`currency` needs a code of three letters, not `EURO`; write it as in `price|currency('EUR')`",
        ),
        ("'2026-11-21T09:00:00Z'|date", "\"2026-11-21\""),
        ("'2026-11-21T09:00:00Z'|date('time')", "\"09:00\""),
        ("'2026-11-21T09:00:00+02:00'|date('datetime', 'de')", "\"2026-11-21 07:00\""),
        ("'2026-11-21'|date('long')", "\"2026-11-21\""),
        ("t|date('datetime')", "\"2026-11-21 09:00\""),
        (
            "'21.11.2026'|date",
            "`date` needs a date such as `2026-11-21` or `2026-11-21T09:00:00Z`, not `21.11.2026`; write it as in `until|date('long')`",
        ),
        (
            "t|date('%d.%m.')",
            "`date` knows short, medium, long, full, time, datetime, not `%d.%m.`; write it as in `until|date('long')`",
        ),
        (
            "true|date",
            "`date` needs a date as text, or milliseconds since 1970, not a boolean; write it as in `until|date('long')`",
        ),
        (
            "'1e300'|float|date",
            "`date` needs a date within 270,000 years; write it as in `until|date('long')`",
        ),
    ] {
        assert_eq!(apply(text), result, "{text}");
        // The expression engine uses the same.
        assert_eq!(apply(&format!("({text})")), result, "({text})");
    }
}

#[test]
fn a_missing_value_stays_missing() {
    for filter in FILTERS {
        let arguments = ["", "('a')", "('a', 'b')", "(1)"];
        let fitting = arguments.iter().find_map(|arguments| {
            let text = format!("missing|{}{arguments}", filter.name);
            Expression::compile(&text, Expressions::Default).ok().map(|_| text)
        });
        let expected = if filter.name == "default" { "\"a\"" } else { "missing" };
        assert_eq!(apply(&fitting.unwrap()), expected, "{}", filter.name);
    }
}

#[test]
fn tables_are_in_order_and_their_examples_compile() {
    assert!(FILTERS.is_sorted_by_key(|filter| filter.name));
    assert!(TESTS.is_sorted_by_key(|(name, _)| *name));
    for filter in FILTERS {
        let expression = Expression::compile(filter.example, Expressions::Default);
        assert!(expression.is_ok() && filter.example.contains(filter.name), "{}", filter.example);
    }
    for (name, _) in FOREIGN {
        assert!(Filter::find(name).is_err(), "{name}");
    }
}

#[test]
fn bounds_what_they_make() {
    let filter = |name: &str| Filter::find(name).unwrap();
    let text = Json::from("x".repeat(100_000).as_str());
    let list = Json::Array(vec![text.clone(); 3].into());
    for (name, value, arguments) in [
        ("replace", &text, vec!["x".into(), "yyyyyyyyyy".into()]),
        ("replace", &text, vec!["x".into(), text.clone()]),
        ("join", &list, vec![]),
        ("join", &Json::Array(vec![Json::Null; 100_000].into()), vec!["long separator".into()]),
        ("urlencode", &Json::from("ü".repeat(50_000).as_str()), vec![]),
    ] {
        let error = filter(name).apply(value, &arguments, &Work::default()).unwrap_err();
        assert!(error.message.contains("256 KiB"), "{error}");
    }
}
