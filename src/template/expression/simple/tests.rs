//! Simple expressions, and that minijinja gives the same.

use crate::json::Json;
use crate::session::Context;
use crate::template::expression::formula::Formula;
use crate::template::expression::scope::Scope;
use crate::template::expression::simple::Simple;
use crate::template::expression::{Expression, Outcome};
use proptest::prelude::*;

fn context(text: &str) -> Context {
    let Json::Object(variables) = crate::json::parse(text.as_bytes(), 9).unwrap() else { panic!("{text}") };
    Context::new((*variables).clone())
}

fn shop() -> Context {
    context(
        r#"{"n": 3, "f": 2.5, "zero": 0, "yes": true, "no": false, "nothing": null, "empty": "", "name": "ada lovelace",
            "price": "12.50", "tags": ["new", "vip"], "none_at_all": [], "o": {}, "user": {"userName": "jo", "age": 41},
            "größe": 7, "big": 9007199254740993, "many": [3, 1, 2], "mixed": [1, null, "x", [2]]}"#,
    )
}

/// The value as JSON, `missing`, or an error.
fn evaluate(text: &str) -> String {
    let context = shop();
    match Expression::compile(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .evaluate(&Scope::new(&context))
    {
        Ok(Outcome::Value(value)) => value.to_text(),
        Ok(Outcome::Missing { near_miss: None }) => "missing".to_owned(),
        Ok(Outcome::Missing { near_miss: Some(near) }) => format!("missing: {near}"),
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn evaluates() {
    for (text, value) in [
        ("n > 2 and not no", "true"),
        ("n>=3", "true"),
        ("f < 2.5 or f == 2.5", "true"),
        ("n == 3.0", "true"),
        ("yes == 1", "true"),
        ("name != 'x'", "true"),
        ("missing", "missing"),
        ("missing == 'x'", "false"),
        ("missing or name|upper", "\"ADA LOVELACE\""),
        ("missing and name", "missing"),
        ("nothing or 'x'", "\"x\""),
        ("zero or empty or none_at_all or o or 'all empty'", "\"all empty\""),
        ("not missing", "true"),
        ("not n == 3", "false"),
        ("f|currency(code)", "missing"),
        ("f|currency('EUR')", "\"EUR 2.50\""),
        (
            "n|currency(n)",
            "error: `currency` cannot take these arguments; write it as in `price|currency('EUR')`",
        ),
        ("missing|default(name)", "\"ada lovelace\""),
        ("missing|default(user.username)", "missing: missing|default(user.userName)"),
        ("f|round(zero)", "2"),
        ("!yes", "false"),
        ("!missing", "true"),
        ("!tags", "false"),
        ("!n == 3", "false"),
        ("!(n == 3 and yes)", "false"),
        ("größe == 7 and 'ü' == \"ü\"", "true"),
        ("missing is defined", "false"),
        ("missing is not defined", "true"),
        ("nothing is defined and nothing is none", "true"),
        ("nothing is undefined", "false"),
        ("n is number and name is string and yes is boolean", "true"),
        ("n is odd and zero is even and f is not odd and f is not even", "true"),
        ("n is odd == true", "true"),
        ("tags|length > 1", "true"),
        ("tags|first|upper|length", "3"),
        ("name | title", "\"Ada Lovelace\""),
        ("missing|upper|default('guest')", "\"guest\""),
        ("missing|upper", "missing"),
        ("none_at_all|first", "missing"),
        ("user.username|upper", "missing: user.userName|upper"),
        ("user.username == 'jo' and missing", "false"),
        ("-1|abs", "1"),
        ("n > -1", "true"),
        ("True and not False and None is none", "true"),
        ("android", "missing"),
        ("n|round(1,)", "3"),
        ("user['userName']|default( 'x' )", "\"jo\""),
        ("'9' > 10", "true"),
        ("missing < 1", "true"),
        ("tags|round or n", "error: `round` needs a number, not a list; write it as in `price|round(2)`"),
        ("missing or tags|round", "missing"),
    ] {
        assert_eq!(evaluate(text), value, "{text}");
    }
}

#[test]
fn is_simple() {
    for text in [
        "a == 1",
        "a|upper",
        "not a",
        "'x'",
        "a is defined",
        " a ",
        "a.b[0]|join(', ') != \"\"",
        "-1.5",
        "none",
    ] {
        assert!(Simple::parse(text).unwrap().is_some(), "{text}");
    }
}

#[test]
fn leaves_the_rest_to_the_engine() {
    let long = format!("a{}", " and a".repeat(70));
    for text in [
        "",
        "a + 1",
        "a - 1",
        "a -1",
        "(a)",
        "a in b",
        "a not in b",
        "a < b < c",
        "a if b else c",
        "a ~ b",
        "[a]",
        "{}",
        "'\\n'",
        "'a' 'b'",
        "'open",
        "a|round(digits=1)",
        "a|round(n + 1)",
        "a[n]",
        "a .b",
        "1e5",
        "0x10",
        "1.",
        "1.2.3",
        "99999999999999999999",
        "a.b.",
        "a == not b",
        "f(a)",
        "a is defined b",
        "a and",
        "a b",
        "a|default((1))",
        "a|default(1 2)",
        "- 1",
        "--1",
        "a &&b",
        "a || b",
        "a = b",
        "!",
        &long,
    ] {
        assert!(matches!(Simple::parse(text), Ok(None)), "{text}");
    }
}

#[test]
fn truth_is_that_of_conditions() {
    let context = shop();
    let scope = Scope::new(&context);
    for (text, truth) in [
        ("missing", Ok(false)),
        ("nothing", Ok(false)),
        ("zero", Ok(false)),
        ("empty", Ok(false)),
        ("none_at_all", Ok(false)),
        ("o", Ok(false)),
        ("no", Ok(false)),
        ("f", Ok(true)),
        ("name", Ok(true)),
        ("tags", Ok(true)),
        ("user", Ok(true)),
        ("n > 2", Ok(true)),
        ("missing|length", Ok(false)),
        ("n + missing", Ok(false)),
        ("n - 3", Ok(false)),
        ("(n + 1)", Ok(true)),
        ("missing|length > 2", Ok(false)),
        ("name|round", Err(())),
        ("name / 2", Err(())),
    ] {
        assert_eq!(Expression::compile(text).unwrap().truth(&scope).map_err(|_| ()), truth, "{text}");
    }
}

#[test]
fn names_what_it_reads() {
    for (text, names, paths) in [
        ("user.address.city", vec!["user"], vec!["user.address.city"]),
        (
            "p.price > 3 and p.name|upper == context.p",
            vec!["p", "context"],
            vec!["p.price", "p.name", "context.p"],
        ),
        ("items[loop.index0].x + items[0]", vec!["items", "loop"], vec!["items", "loop.index0", "items[0]"]),
        ("'a' if ok else b", vec!["ok", "b"], vec!["ok", "b"]),
        ("!ok", vec!["ok"], vec!["ok"]),
        ("1 < 2", vec![], vec![]),
    ] {
        let expression = Expression::compile(text).unwrap();
        assert_eq!(expression.names(), names, "{text}");
        assert_eq!(expression.paths(), paths, "{text}");
    }
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "n", "f", "zero", "yes", "no", "nothing", "missing", "empty", "name", "price", "tags", "none_at_all", "o",
            "user", "user.age", "user.missing", "tags[1]", "tags[9]", "big", "many", "mixed", "mixed[1]", "x", "x", "y",
            "context.n", "missing.a.b",
        ]),
        1 => prop::sample::select(vec![
            "'ada'", "\"\"", "'3'", "0", "1", "3", "-1", "2.5", "0.0", "9007199254740992.0", "9007199254740993",
            "true", "false", "none",
        ]),
    ]
    .prop_map(str::to_owned)
}

fn filtered() -> impl Strategy<Value = String> {
    let postfix = prop::sample::select(vec![
        "",
        "",
        "",
        "",
        "|upper",
        "|lower",
        "|title",
        "|trim",
        "|length",
        "|first",
        "|last",
        "|round",
        "|round(1)",
        "|round(-1)",
        "|int",
        "|float",
        "|int(0)",
        "|abs",
        "|join",
        "|join('-')",
        "|json",
        "|min",
        "|max",
        "|default('d')",
        "|default(0, true)",
        "|truncate(4)",
        "|truncate(4, '')",
        "|replace('a', 'b')",
        "|urlencode",
        "|number",
        "|number(1)",
        "|currency('EUR')",
        "|currency(name)",
        "|round(n)",
        "|default(x)",
        "|default(missing)",
        "|join(y)",
        "|truncate(user.age)",
        "|date",
        "|date('time')",
        " is defined",
        " is not none",
        " is undefined",
        " is number",
        " is string",
        " is odd",
        " is not even",
        " is boolean",
    ]);
    (operand(), prop::collection::vec(postfix, 0..3)).prop_map(|(operand, rest)| operand + &rest.concat())
}

fn simple() -> impl Strategy<Value = String> {
    let comparison = (
        prop::sample::select(vec!["", "", "not "]),
        filtered(),
        prop::option::weighted(
            0.6,
            (prop::sample::select(vec![" == ", "!=", " < ", "<=", ">", " >= "]), filtered()),
        ),
    )
        .prop_map(|(not, left, right)| match right {
            Some((sign, right)) => format!("{not}{left}{sign}{right}"),
            None => format!("{not}{left}"),
        });
    prop::collection::vec((comparison, prop::sample::select(vec![" and ", " or "])), 1..4).prop_map(|parts| {
        let mut text: String = parts.iter().map(|(part, word)| format!("{part}{word}")).collect();
        text.truncate(text.trim_end().rfind(' ').unwrap_or(0));
        text
    })
}

fn value() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        "null",
        "true",
        "0",
        "-0.0",
        "1",
        "1.0",
        "-3",
        "1e300",
        "9223372036854775807",
        "9223372036854775808.0",
        "9007199254740992",
        "\"\"",
        "\"a\"",
        "\"1\"",
        "\"Ärger\"",
        "\"2026-11-21\"",
        "\"2026-11-21T09:00:00Z\"",
        "[]",
        "[0]",
        "[1]",
        "[1,\"a\"]",
        "[[1],{}]",
        "{}",
        "{\"a\":1}",
        "{\"a\":1.0,\"b\":[2]}",
        "{\"b\":[2],\"a\":true}",
        "[null]",
    ])
    .prop_map(|text| crate::json::parse(text.as_bytes(), 9).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn agrees_with_the_engine(text in simple(), x in value(), y in value()) {
        let mut context = shop();
        context.set("x", x);
        context.set("y", y);
        let scope = Scope::new(&context);
        let ours = Simple::parse(&text).unwrap().unwrap_or_else(|| panic!("{text}")).evaluate(&text, &scope);
        let theirs = Formula::compile(&text).unwrap().evaluate(&scope);
        let agree = match (&ours, &theirs) {
            (Ok(Outcome::Missing { .. }), Ok(Outcome::Missing { .. })) => true,
            (Ok(Outcome::Value(ours)), Ok(Outcome::Value(theirs))) => ours.to_text() == theirs.to_text(),
            (Err(ours), Err(theirs)) => ours == theirs,
            // Comparing lists and objects, the engine looks at nulls inside them.
            (Err(_), Ok(Outcome::Missing { .. })) => ["=", "<", ">"].iter().any(|sign| text.contains(sign)),
            _ => false,
        };
        prop_assert!(agree, "{}: {:?}, but the engine: {:?}", text, ours, theirs);
    }

    #[test]
    fn never_panics(text in "[a-z0-9 .,|()'\"!=<>\\[\\]-]{0,20}|(not |and |or |is |a|b|\\||==|'|\\(|\\)|[0-9.]|upper|none| ){0,9}") {
        if let Ok(expression) = Expression::compile(&text) {
            let context = shop();
            let _ = expression.evaluate(&Scope::new(&context));
            prop_assert!(expression.names().len() <= expression.paths().len());
        }
    }
}
