//! Our evaluator, and that minijinja gives the same.

use super::arithmetic::tests::DIFFERS;
use super::error::ExpressionErrorKind;
use super::formula::Formula;
use super::scope::Scope;
use super::{Expression, Expressions, Outcome, evaluate, parse};
use crate::json::Json;
use crate::session::Context;
use crate::template::expression::work::Work;
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
fn result(text: &str) -> String {
    let (context, work) = (shop(), Work::default());
    let scope = Scope::new(&context, &work);
    let expression =
        Expression::compile(text, Expressions::Default).unwrap_or_else(|error| panic!("{text}: {error}"));
    match expression.evaluate(&scope) {
        Ok(Outcome::Value(value)) => value.to_text(),
        Ok(Outcome::Missing) => match expression.near_miss(&scope) {
            None => "missing".to_owned(),
            Some(near) => format!("missing: {near}"),
        },
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
        assert_eq!(result(text), value, "{text}");
    }
}

/// What used to need minijinja.
#[test]
fn computes() {
    for (text, value) in [
        ("n + 1 * 2", "5"),
        ("(n + 1) * 2", "8"),
        ("n - 1 - 1", "1"),
        ("2 ** 3 ** 2", "64"),
        ("-2 ** 2", "4"),
        ("-n", "-3"),
        ("-(n + 1)", "-4"),
        ("--n", "3"),
        ("10 / 4", "2.5"),
        ("10 / 5", "2"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("7.5 // 2", "3"),
        ("yes + yes", "2"),
        ("1_000 + 1e3 + 2.5E-1", "2000.25"),
        ("'a' + 'b' * n", "\"abbb\""),
        ("tags + [n]", "[\"new\",\"vip\",3]"),
        ("2 * [0]", "[0,0]"),
        ("'ab' * -1", "error: `*` cannot be used with a text and a number"),
        ("name / 2", "error: `/` cannot be used with a text and a number"),
        ("-name", "error: `-` cannot be used with a text"),
        ("n / zero", "error: this divides by 0"),
        ("1e308 * 10", "error: the result is too large, or not a number"),
        ("n + missing", "missing"),
        ("n + nothing", "missing"),
        ("n + user.Age", "missing: n + user.age"),
        ("name ~ '!' ~ n ~ yes ~ f", "\"ada lovelace!3true2.5\""),
        ("'[' ~ missing ~ nothing ~ tags ~ ']'", "\"[[\\\"new\\\",\\\"vip\\\"]]\""),
        ("1 + 1 ~ 'x' * 2", "error: `+` cannot be used with a number and a text"),
        ("'vip' in tags and 'x' not in tags", "true"),
        ("'love' in name and 'age' in user and n in [1, 3]", "true"),
        ("n in (1, 2, 3) and 4 not in (1,)", "true"),
        ("missing in name", "false"),
        ("'x' in missing", "false"),
        ("'x' in n", "error: `in` looks into a list, an object or a text, not a number"),
        ("1 < n < 4 <= 4 != 5", "true"),
        ("1 < n < 2", "false"),
        ("1 < n in many", "true"),
        ("not n in many", "false"),
        ("'many' if n > 2 else 'few'", "\"many\""),
        ("'a' if no else 'b' if no else 'c'", "\"c\""),
        ("'a' if no", "missing"),
        ("name if no if yes", "missing"),
        ("[n, 'x', [f], []]", "[3,\"x\",[2.5],[]]"),
        ("(n, f)", "[3,2.5]"),
        ("()", "[]"),
        ("[n, missing]", "[3,null]"),
        ("many[n - 3]", "3"),
        ("many[-1]", "2"),
        ("many[-4]", "missing"),
        ("many[f]", "missing"),
        ("many[2.0]", "2"),
        ("name[zero]", "\"a\""),
        ("name[-1]", "\"e\""),
        ("user['user' ~ 'Name']", "\"jo\""),
        ("user[n]", "missing"),
        ("[user, n][0].userName", "\"jo\""),
        ("(user).userName|upper", "\"JO\""),
        ("tags [0]", "\"new\""),
        ("user . userName", "\"jo\""),
        ("name|truncate(n + 1, '')", "\"ada\""),
        ("missing|default(n * 2)", "6"),
        ("(missing or 'x')|upper", "\"X\""),
        ("'it\\'s' ' ' \"\\u00e9\"", "\"it's é\""),
        ("(n) is odd and (n + 1) is even", "true"),
        ("!(n in many)", "false"),
        ("größe * 2", "14"),
    ] {
        assert_eq!(result(text), value, "{text}");
    }
}

#[test]
fn says_what_needs_full() {
    for (text, construct) in [
        ("tags[1:]", "a slice `[1:]` needs"),
        ("tags[:n - 1]|join", "a slice `[:n - 1]` needs"),
        ("{'a': [1, {}]}.a", "an object `{'a': [1, {}]}` needs"),
        ("n + 0x10", "a number such as `0x10` needs"),
        ("n|round(*many)", "a list as arguments, `*` needs"),
    ] {
        let error = Expression::compile(text, Expressions::Default).unwrap_err();
        assert_eq!(error.kind, ExpressionErrorKind::NeedsFull, "{text}");
        assert!(error.message.starts_with(construct), "{text}: {error}");
        assert!(error.message.contains("write `\"expressions\": \"full\"`"), "{text}: {error}");
        let full = Expression::compile(text, Expressions::Full).unwrap();
        let _ = full.evaluate(&Scope::new(&shop(), &Work::default()));
    }
    let full = |text: &str| Expression::compile(text, Expressions::Full).unwrap();
    let Outcome::Value(value) =
        full("{'a': tags[1:]}").evaluate(&Scope::new(&shop(), &Work::default())).unwrap()
    else {
        panic!()
    };
    assert_eq!(value.to_text(), "{\"a\":[\"vip\"]}");
    assert_eq!(full("{'a': user.age, 'b': x|default(y)}.a").paths(), ["user.age", "x", "y"]);
}

#[test]
fn refuses() {
    use ExpressionErrorKind::{Arguments, Bound, Syntax, Unknown};
    let many = format!("a{}", "+a".repeat(200));
    let long = format!("a{}", " and a".repeat(200));
    for (text, kind, words) in [
        ("", Syntax, "something is missing at its end"),
        ("a +", Syntax, "something is missing at its end"),
        ("a b", Syntax, "`b` is not expected here"),
        ("a = b", Syntax, "`=` is not expected here; compare with `==`"),
        ("a=b", Syntax, "compare with `==`"),
        ("a == not b", Syntax, "`not` is not expected here"),
        ("a not b", Syntax, "`b` is not expected here"),
        ("a.", Syntax, "something is missing"),
        ("a.|upper", Syntax, "`|` is not expected"),
        ("a[]", Syntax, "`]` is not expected"),
        ("a[0", Syntax, "something is missing"),
        ("(a", Syntax, "something is missing"),
        ("if", Syntax, "`if` is not expected"),
        ("'\\x4'", Syntax, "says no character"),
        ("a||b", Syntax, "write `or`"),
        ("a &&b", Syntax, "write `and`"),
        ("a === b", Syntax, "compare with `==`"),
        ("a ? b : c", Syntax, "write `a if condition else b`"),
        ("a ?? b", Syntax, "put a default"),
        ("a &lt; b", Syntax, "write `<`"),
        ("!", Syntax, "something is missing"),
        ("f(a)", Unknown, "functions and methods are not available"),
        ("a.upper()", Unknown, "filters are"),
        ("a|shout", Unknown, "no filter `shout`"),
        ("a is nul", Unknown, "no test `nul`"),
        ("a|round(digits=1)", Arguments, "arguments have no names"),
        ("a|upper(b)", Arguments, "cannot take these arguments"),
        ("a|round('x')", Arguments, "cannot take these arguments"),
        ("a is odd 3", Arguments, "takes no arguments"),
        ("a is odd(3)", Arguments, "takes no arguments"),
        ("a is defined b", Arguments, "takes no arguments"),
        ("a[1:2:3]", Bound, "`[from:to]`"),
        (&many, Bound, "256 parts"),
        (&long, Bound, "1,000"),
        ("-----1", Bound, "minus signs"),
    ] {
        let error = Expression::compile(text, Expressions::Default).expect_err(text);
        assert_eq!(error.kind, kind, "{text}: {error}");
        assert!(error.message.contains(words), "{text}: {error}");
        // For minijinja words of the language may be names.
        assert!(text == "if" || Expression::compile(text, Expressions::Full).is_err(), "{text}");
    }
}

/// The values decide how large a result would be; they come from answers.
#[test]
fn hostile_values_make_nothing_large() {
    let mut context = shop();
    context.set("x", "x".repeat(1000).as_str().into());
    context.set("y", Json::Integer(900_000_000));
    context.set("list", Json::Array(vec!["y".repeat(1000).as_str().into(); 100].into()));
    for (text, words) in [
        ("x * y", "256 KiB"),
        ("y * x", "256 KiB"),
        ("(x * 200) ~ (x * 200)", "256 KiB"),
        ("list * y", "10,000"),
        ("list * 100", "256 KiB"),
        ("[list, list, list]", "256 KiB"),
        ("[1] * 9999 + [1, 2]", "10,000"),
        ("y ** y", "too large"),
    ] {
        let expression = Expression::compile(text, Expressions::Default).unwrap();
        let Err(error) = expression.evaluate(&Scope::new(&context, &Work::default())) else {
            panic!("{text}")
        };
        assert_eq!(error.kind, ExpressionErrorKind::TooMuch, "{text}: {error}");
        assert!(error.message.contains(words), "{text}: {error}");
    }
    for (text, value) in [("'' * y", "\"\""), ("[] * y", "[]"), ("y * (x * 0)", "\"\"")] {
        let expression = Expression::compile(text, Expressions::Default).unwrap();
        let Ok(Outcome::Value(found)) = expression.evaluate(&Scope::new(&context, &Work::default())) else {
            panic!("{text}")
        };
        assert_eq!(found.to_text(), value, "{text}");
    }
    let nested = |_| Expression::compile("[x]", Expressions::Default).unwrap();
    let failed = (0..100).map(nested).any(|expression| {
        match expression.evaluate(&Scope::new(&context, &Work::default())) {
            Ok(Outcome::Value(value)) => {
                context.set("x", value);
                false
            }
            _ => true,
        }
    });
    assert!(failed, "a list nested 100 levels deep");
}

#[test]
fn truth_is_that_of_conditions() {
    let context = shop();
    let work = Work::default();
    let scope = Scope::new(&context, &work);
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
        assert_eq!(
            Expression::compile(text, Expressions::Default).unwrap().truth(&scope).map_err(|_| ()),
            truth,
            "{text}"
        );
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
        let expression = Expression::compile(text, Expressions::Default).unwrap();
        assert_eq!(expression.names(), names, "{text}");
        assert_eq!(expression.paths(), paths, "{text}");
    }
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "n", "f", "zero", "yes", "no", "nothing", "missing", "empty", "name", "price", "tags", "none_at_all", "o",
            "user", "user.age", "user.missing", "name[0]", "name[99]", "name.foo", "n.foo", "tags[1]", "tags[9]", "big", "many", "mixed", "mixed[1]", "x", "x", "y",
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

/// Expressions of the whole language, in brackets where the grammar needs them, and now and then where it does not.
fn expression() -> impl Strategy<Value = String> {
    filtered().prop_recursive(4, 24, 3, |inner| {
        let sign = prop::sample::select(vec![
            "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "//", "%", "**", "~", "and", "or", "in", "not in",
        ]);
        let bracketed = prop_oneof![2 => inner.clone(), 1 => inner.clone().prop_map(|text| format!("({text})"))];
        prop_oneof![
            8 => (bracketed.clone(), sign, bracketed.clone())
                .prop_map(|(left, sign, right)| format!("{left} {sign} {right}")),
            1 => inner.clone().prop_map(|text| format!("not {text}")),
            1 => inner.clone().prop_map(|text| format!("-({text})")),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(then, condition, otherwise)| format!("({then} if ({condition}) else {otherwise})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(then, condition)| format!("({then} if ({condition}))")),
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            1 => (operand(), inner.clone()).prop_map(|(base, key)| format!("({base})[{key}]")),
            1 => (operand(), prop::sample::select(vec!["-1", "0", "-3", "'a'"]))
                .prop_map(|(base, key)| format!("{base} [{key}]")),
            1 => (inner.clone(), inner.clone())
                .prop_map(|(value, argument)| format!("({value})|default({argument})")),
            1 => inner.prop_map(|text| format!("({text})|length")),
        ]
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

fn mentions_list(text: &str) -> bool {
    ["[", "tags", "many", "mixed", "none_at_all", "x", "y"].iter().any(|name| text.contains(name))
}

/// Compares the results; `Err` says how they differ.
fn agree(text: &str, context: &Context) -> Result<(), String> {
    let work = Work::default();
    let scope = Scope::new(context, &work);
    let root = match parse::parse(text) {
        Ok(root) => root,
        // Filters and tests of no sense, too long, too many: both refuse them, or only we do.
        Err(error) if error.kind != ExpressionErrorKind::Syntax => return Ok(()),
        // Which minijinja takes for a variable.
        Err(error) if error.message.starts_with("`not` is not") => return Ok(()),
        Err(error) => {
            return match Formula::oracle(text) {
                Ok(_) => Err(format!("{error}; but minijinja accepts it")),
                Err(_) => Ok(()),
            };
        }
    };
    // Behind a test it takes `in`, `not` and `if` for the test's argument.
    if ["in", "not", "if"].iter().any(|word| {
        ["ined", "none", "number", "string", "odd", "even", "boolean"]
            .iter()
            .any(|test| text.contains(&format!("{test} {word} ")))
    }) {
        return Ok(());
    }
    DIFFERS.with(|differs| differs.set(false));
    let ours = evaluate::value(&root, text, &scope);
    if DIFFERS.with(std::cell::Cell::get) {
        return Ok(());
    }
    let theirs = Formula::oracle(text).and_then(|formula| formula.evaluate(&scope));
    let agree = match (&ours, &theirs) {
        (Ok(None | Some(Json::Null)), Ok(None | Some(Json::Null))) => true,
        (Ok(Some(ours)), Ok(Some(theirs))) => ours.to_text() == theirs.to_text(),
        (Err(_), Err(_)) => true,
        // Comparing lists and objects, the engine looks at nulls inside them, and so does a test whether a key is there.
        // The item of what has none is missing, too.
        (Ok(None), Err(_)) => text.contains('['),
        (Err(_), Ok(None | Some(Json::Null))) => {
            ["=", "<", ">", " in "].iter().any(|sign| text.contains(sign))
        }
        _ => false,
    };
    // For minijinja a repeated list is another kind of value than a list, and comes at another place in their order.
    let agree = agree || (text.contains('*') && text.contains(['<', '>']) && mentions_list(text));
    if agree { Ok(()) } else { Err(format!("{ours:?}, but minijinja: {theirs:?}")) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(5_000)))]

    #[test]
    fn agrees_with_minijinja(text in expression(), x in value(), y in value()) {
        let mut context = shop();
        context.set("x", x);
        context.set("y", y);
        if let Err(difference) = agree(&text, &context) {
            prop_assert!(false, "{}: {}", text, difference);
        }
    }

    /// Without brackets: how tightly operators bind.
    #[test]
    fn binds_like_minijinja(
        first in prop::sample::select(vec!["", "", "not ", "-"]),
        parts in prop::collection::vec((
            prop::sample::select(vec!["n", "f", "1", "2", "3", "-1", "tags", "many", "'a'", "x", "missing", "yes"]),
            prop::sample::select(vec!["", "", "", "|abs", "|default(1)", " is defined", " is not none", "[0]", "|first"]),
            prop::sample::select(vec![
                " or ", " and ", " == ", " < ", " >= ", " in ", " not in ", " + ", " - ", " ~ ", " * ", " / ", " // ", " % ",
                " ** ", " if ", " else ", " - -", " and not ",
            ]),
        ), 1..7),
        x in value(),
    ) {
        let mut text = first.to_owned();
        for (place, (operand, postfix, sign)) in parts.iter().enumerate() {
            text.extend([*operand, *postfix]);
            if place + 1 < parts.len() {
                text.push_str(sign);
            }
        }
        let mut context = shop();
        context.set("x", x);
        if let Err(difference) = agree(&text, &context) {
            prop_assert!(false, "{}: {}", text, difference);
        }
    }

    #[test]
    fn never_panics(text in "[a-z0-9 .,|()'\"!=<>\\[\\]{}:~*/%+_-]{0,20}|(not |and |or |is |in |if |else |a|b|\\||==|'|\\(|\\)|\\[|\\]|[-+*/%~]|[0-9.]|upper|none| ){0,12}") {
        for expressions in [Expressions::Default, Expressions::Full] {
            if let Ok(expression) = Expression::compile(&text, expressions) {
                let context = shop();
                let _ = expression.evaluate(&Scope::new(&context, &Work::default()));
                prop_assert!(expression.names().len() <= expression.paths().len());
                // The tree and the tokens see the same paths.
                let mut paths = Vec::new();
                for word in super::words::words(expression.text()) {
                    if let super::words::Word::Path(path) = word {
                        super::tree::add(path, &mut paths);
                    }
                }
                prop_assert_eq!(expression.paths(), paths, "{}", text);
            }
        }
    }
}
