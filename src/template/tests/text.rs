//! Tests of templates for text: grammar, values, bounds.

use crate::diagnostic::DiagnosticKind;
use crate::json::{self, Json};
use crate::session::Context;
use crate::template::Work;
use crate::template::tests::context;
use crate::template::{Expressions, Markup, Missing, Rendered, Text};
use proptest::prelude::*;

fn shop() -> Context {
    let mut context = context(
        r#"{
            "discountCode": "SPRING", "empty": "", "nothing": null, "n": 3, "f": 2.5, "one": 1.0, "big": 1e21,
            "yes": true, "no": false, "list": [1, "two", {"three": 3}], "html": "<b>&amp;</b>",
            "user": {"userName": "jo", "age": 41, "tags": ["a", "b"], "nothing": null}, "a": {"b c": "spaced"}, "s": "7"
        }"#,
    );
    let Json::Object(answer) = json::parse(br#"{"code": "X1"}"#, 9).unwrap() else { panic!() };
    context.apply("shop", "https://shop.example", &answer);
    context
}

fn render(source: &str) -> Rendered {
    Text::compile(source)
        .unwrap_or_else(|error| panic!("{source}: {error}"))
        .render(&shop(), &Work::default())
        .unwrap()
}

#[test]
fn fills_in_placeholders() {
    let cases = [
        ("", ""),
        ("plain", "plain"),
        ("DiscountCode: ${discountCode! -}", "DiscountCode: SPRING"),
        ("DiscountCode: ${missing! -}", "DiscountCode: -"),
        ("$<discountCode!x>$<missing!y>", "SPRINGy"),
        ("{{ discountCode }}{{missing!y}}{{ missing ! y z }}", "SPRINGyy z"),
        ("${context.discountCode}${context[\"discountCode\"]}", "SPRINGSPRING"),
        ("${ discountCode }", "SPRING"),
        ("${\n discountCode\n}", "SPRING"),
        ("a {# c ${ #} b", "a  b"),
        ("$${discountCode} $ { } $5 {a} }} %}", "${discountCode} $ { } $5 {a} }} %}"),
        ("$$$${n}", "$$${n}"),
        ("${n} ${f} ${one} ${big} ${yes} ${no}", "3 2.5 1.0 1e21 true false"),
        ("${list}", r#"[1,"two",{"three":3}]"#),
        ("${list[2]} ${list[2].three} ${list.0}", r#"{"three":3} 3 1"#),
        ("${html}", "<b>&amp;</b>"),
        ("${empty!default}", ""),
        ("${webhooks.shop.code} ${code} ${context.webhooks.shop.code}", "X1 X1 X1"),
        ("${a['b c']}${a[\"b c\"]}", "spacedspaced"),
        // Defaults.
        ("${nothing!x}${user.nothing!x}${user.nothing.deep!x}${list[9]!x}${list[9].a.b!x}${n.a!x}", "xxxxxx"),
        ("${missing!}|${missing! }", "|"),
        ("${missing! two words }", "two words"),
        ("${missing!\" quoted } \"}", " quoted } "),
        ("${missing!' quoted \"}\" '}", " quoted \"}\" "),
        ("${missing!it's}", "it's"),
        ("${missing!a!b}", "a!b"),
        ("${missing!!x}", "!x"),
        ("$<missing!'>'>", ">"),
        ("{{ missing!a } b }}", "a } b"),
        ("${missing!&nbsp;}", "&nbsp;"),
        // Expressions.
        ("${n + 1} ${n * 2} ${n - 1} ${7 // 2} ${7 % 4} ${2 ** 3}", "4 6 2 3 3 8"),
        ("${f + 1} ${10 / 4} ${10 / 5}", "3.5 2.5 2"),
        ("${n != 3}${n!=3}${n != 4 }", "falsefalsetrue"),
        ("${missing == 'x'}${missing != 'x'}", "falsetrue"),
        ("${'a' if n > 2 else 'b'}${'a' if n < 2 else 'b'}", "ab"),
        ("${not missing}${yes and no}${yes or no}", "truefalsetrue"),
        ("${'}'}${\"}\"}${'!'}${'\\''}", "}}!'"),
        ("${[n, f, list]}", "[3,2.5,[1,\"two\",{\"three\":3}]]"),
        ("${list[-1].three}${list[n - 2]}", "3two"),
        ("${user.userName ~ '!' ~ n}", "jo!3"),
        ("${'x' ~ list ~ user.tags}", "x[1,\"two\",{\"three\":3}][\"a\",\"b\"]"),
        ("${'a' in user.tags}${'userName' in user}${'x' in user}", "truetruefalse"),
        ("${user == context.user}${user.tags == ['a', 'b']}", "truetrue"),
        ("${missing + 1!none yet}${missing.deep * 2!none yet}${nothing + 1!x}", "none yetnone yetx"),
        ("${none!x}", "x"),
        ("${(n > 2)!x}", "true"),
        ("${context == context}", "true"),
    ];
    for (source, text) in cases {
        let rendered = render(source);
        assert_eq!(rendered.text, text, "{source}");
        assert_eq!(rendered.missing, [], "{source}");
    }
}

#[test]
fn full_expressions_are_for_documents_that_ask_for_them() {
    for (source, text) in [
        ("${{'a': {'b': 1}}.a.b}${ {'a': n} }", "1{\"a\":3}"),
        ("${discountCode[0:3]}${user.tags[1:]}", "SPR[\"b\"]"),
        ("{% if list[1:] %}${n + 1}{% endif %}", "4"),
        ("${list[2:]|first} $<missing!x>", "{\"three\":3} x"),
    ] {
        let full =
            Text::compile_with(source, Expressions::Full).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert_eq!(full.render(&shop(), &Work::default()).unwrap().text, text, "{source}");
        let error = Text::compile(source).expect_err(source);
        assert_eq!(error.kind, DiagnosticKind::NeedsFullExpressions, "{source}: {error}");
        assert!(error.message.contains("`\"expressions\": \"full\"`"), "{source}: {error}");
        assert!(Markup::compile(source).is_err() && Markup::compile_with(source, Expressions::Full).is_ok());
    }
    assert_eq!(Text::compile("${a b}").unwrap_err().kind, DiagnosticKind::Expression);
    assert_eq!(Text::compile("${a").unwrap_err().kind, DiagnosticKind::Template);
    assert_eq!(
        Text::compile("${n / 0}").unwrap().render(&shop(), &Work::default()).unwrap_err().kind,
        DiagnosticKind::Expression
    );
}

#[test]
fn names_what_is_missing() {
    let missing = |expression: &str, near: Option<&str>| Missing {
        expression: expression.to_owned(),
        near_miss: near.map(str::to_owned),
    };
    let cases = [
        ("${a.b.c}", vec![missing("a.b.c", None)]),
        ("${ user.username } ${user.username}", vec![missing("user.username", Some("user.userName"))]),
        ("${nothing}${x + 1}", vec![missing("nothing", None), missing("x + 1", None)]),
        ("${context.DISCOUNTCODE}", vec![missing("context.DISCOUNTCODE", Some("context.discountCode"))]),
    ];
    for (source, expected) in cases {
        let rendered = render(source);
        assert_eq!(rendered.missing, expected, "{source}");
        assert_eq!(rendered.text.trim(), "", "{source}");
    }
    let many: String = (0..500).map(|number| format!("${{missing{number}}}")).collect();
    assert_eq!(render(&many).missing.len(), 32);
}

#[test]
fn keeps_the_type_of_a_lone_placeholder() {
    let cases = [
        ("${n + 5}", "8"),
        ("${n}", "3"),
        ("${10 / 5}", "2"),
        ("{{ list }}", r#"[1,"two",{"three":3}]"#),
        ("${yes}", "true"),
        ("${discountCode}", "\"SPRING\""),
        ("${missing}", "null"),
        ("${missing!0}", "\"0\""),
        (" ${n}", "\" 3\""),
        ("${n}${n}", "\"33\""),
        ("", "\"\""),
        ("${[n, 'k', yes]}", r#"[3,"k",true]"#),
    ];
    for (source, value) in cases {
        assert_eq!(
            Text::compile(source).unwrap().value(&shop(), &Work::default()).unwrap().to_text(),
            value,
            "{source}"
        );
    }
}

#[test]
fn refuses_with_place_and_remedy() {
    let deep = format!("${{{}1{}}}", "(".repeat(17), ")".repeat(17));
    let long = format!("${{{}}}", "a+".repeat(600));
    let cases: &[(&str, usize, usize, &str)] = &[
        ("a\nb ${x", 2, 3, "`}` is missing"),
        ("${x!y", 1, 1, "`}` is missing"),
        ("$<x", 1, 1, "`>` is missing"),
        ("{{ x }", 1, 6, "closes nothing"),
        ("{{ x", 1, 1, "`}}` is missing"),
        ("${'x}", 1, 3, "no closing '"),
        ("${x!'y}", 1, 5, "no closing '"),
        ("${x!'a' b}", 1, 9, "quote the whole default"),
        ("{# x", 1, 1, "`#}` is missing"),
        ("a {% if x %}", 1, 3, "`{% endif %}` is missing"),
        ("${}", 1, 1, "no expression"),
        ("${! x}", 1, 1, "a negation is"),
        ("{{}}", 1, 1, "no expression"),
        ("ä ${ a b }", 1, 6, "`a b` is not an expression"),
        ("${a && b}", 1, 3, "write `and`"),
        ("${a || b}", 1, 3, "write `or`"),
        ("${a === b}", 1, 3, "`==`"),
        ("${a ? b : c}", 1, 3, "`a if condition else b`"),
        ("${a &lt; b}", 1, 3, "write `<`"),
        ("${a|uper}", 1, 3, "did you mean `upper`?"),
        ("${(a)|uper}", 1, 3, "did you mean `upper`?"),
        ("${a|escape}", 1, 3, "never markup"),
        ("${a|shout}", 1, 3, "there are abs, currency,"),
        ("${a|replace('x')}", 1, 3, "cannot take these arguments; write it as in `code|replace('-', ' ')`"),
        ("${(a)|replace('x')}", 1, 3, "cannot take these arguments"),
        ("${a|upper(1)}", 1, 3, "cannot take these arguments"),
        ("${a|round('x')}", 1, 3, "cannot take these arguments"),
        ("${a|round(precision=1)}", 1, 3, "arguments have no names here"),
        ("${(a)|round(1, 2)}", 1, 3, "cannot take these arguments"),
        ("${a is define}", 1, 3, "did you mean `defined`?"),
        ("${(a) is null}", 1, 3, "write `none`"),
        ("${(a) is even 3}", 1, 3, "takes no arguments"),
        ("${len(a)}", 1, 3, "not available"),
        ("${'a'.upper()}", 1, 3, "not available"),
        ("$<a > b!c>", 1, 1, "`${…}`"),
        ("$<a>=b!c>", 1, 1, "`${…}`"),
        ("$<1 +>2!c>", 1, 3, "`${…}`"),
        ("${a)}", 1, 4, "closes nothing"),
        ("${a[1:2:3]}", 1, 3, "`[from:to]`"),
        (&deep, 1, 3, "too deep"),
        (&long, 1, 3, "1,000"),
        ("${1 +}", 1, 3, "not an expression"),
    ];
    for (source, line, column, words) in cases {
        let error = Text::compile(source).expect_err(source);
        assert!(error.message.contains(words), "{source}: {error}");
        assert_eq!((error.line, error.column), (*line, *column), "{source}: {error}");
    }
    let error = Text::compile(&"a".repeat(256 * 1024 + 1)).unwrap_err();
    assert!(error.message.contains("256 KiB"), "{error}");
}

#[test]
fn fails_with_place_and_reason() {
    let cases = [
        ("a\n ${discountCode / 2}", 2, 4, "`/` cannot be used with a text and a number"),
        ("${n / 0}", 1, 3, "divides by 0"),
        ("${10.0 ** 400}", 1, 3, "too large"),
        ("${1e308 * 10}", 1, 3, "too large"),
        ("${[1] * 20000}", 1, 3, "10,000"),
        ("${'ab' * 1000000}", 1, 3, "256 KiB"),
    ];
    for (source, line, column, words) in cases {
        let error = Text::compile(source).unwrap().render(&shop(), &Work::default()).expect_err(source);
        assert!(error.message.contains(words), "{source}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{source}: {error}");
    }
}

#[test]
fn bounds_the_output() {
    let large = "x".repeat(100_000);
    let context = context(&format!("{{\"large\": \"{large}\"}}"));
    assert_eq!(
        Text::compile("${large}${large}").unwrap().render(&context, &Work::default()).unwrap().text.len(),
        200_000
    );
    assert!(Text::compile("${large}${large}${large}").unwrap().render(&context, &Work::default()).is_err());
    assert!(
        Markup::compile("${large}<b>${large}</b><i title=\"${large}\"></i>")
            .unwrap()
            .render(&context, None, &Work::default())
            .is_err()
    );
}

#[test]
fn deep_expressions_need_little_stack() {
    // What a browser gives a module. Debug builds need several times what the module needs.
    let run = || {
        let bracket = |open: &str, close: &str| format!("{}a{}", open.repeat(16), close.repeat(16));
        for expression in [
            bracket("(", ")"),
            bracket("[", "]"),
            bracket("a[", "]"),
            format!("{}1", "-".repeat(990)),
            format!("{}a", "not ".repeat(240)),
            format!("a{}", "+a".repeat(490)),
            format!("a{}", "**a".repeat(330)),
            format!("a{}", " if a".repeat(190)),
            format!("a{}", " if a else a".repeat(80)),
            format!("a{}", "[a]".repeat(330)),
            format!("a{}", "()".repeat(490)),
            format!("a{}", "|a".repeat(490)),
            format!("a{}", ".a".repeat(490)),
            format!("a{}", " is a".repeat(190)),
            format!("a{}", " in a".repeat(190)),
            format!("a{}", "~a".repeat(490)),
        ] {
            if let Ok(text) = Text::compile(&format!("${{{expression}}}")) {
                let _ = text.render(&Context::default(), &Work::default());
            }
        }
    };
    std::thread::Builder::new().stack_size(2048 * 1024).spawn(run).unwrap().join().unwrap();
}

/// Pieces of expressions, names from [`shop`] among them.
fn expression() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "n",
        "f",
        "list",
        "user",
        "a",
        "missing",
        "nothing",
        "s",
        "yes",
        "context",
        "webhooks",
        ".",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "'x'",
        "\"",
        "'",
        "0",
        "1",
        "-1",
        "9223372036854775807",
        "1e308",
        " + ",
        " - ",
        " * ",
        " / ",
        " // ",
        " % ",
        " ** ",
        " ~ ",
        " == ",
        " != ",
        " < ",
        " and ",
        " or ",
        " not ",
        " in ",
        " if ",
        " else ",
        " is ",
        "|",
        ",",
        ":",
        "!",
        "=",
        " ",
        "userName",
        "tags",
        "x",
        "é",
        "\\",
        "true",
        "none",
        "loop",
        "self",
        "*",
    ]);
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

/// Pieces of templates.
fn template() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "${", "$<", "{{", "}", "}}", ">", "!", "$${", "{#", "#}", "{%", "text", "é", "\n", "\"", "'",
    ]);
    prop::collection::vec(prop_oneof![fixed.prop_map(str::to_owned), expression(), ".{0,4}"], 0..8)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(1_000)))]

    #[test]
    fn never_panics(source in template()) {
        if let Ok(text) = Text::compile(&source) {
            let _ = text.render(&shop(), &Work::default());
            let _ = text.value(&shop(), &Work::default());
        }
    }

    #[test]
    fn expressions_never_panic(expression in expression(), value in crate::json::arbitrary::any_json()) {
        if let Ok(text) = Text::compile(&format!("${{{expression}}}")) {
            let mut context = shop();
            context.set("x", value);
            let _ = text.render(&context, &Work::default());
            let _ = text.value(&context, &Work::default());
        }
    }

    #[test]
    fn paths_agree_with_the_engine(steps in prop::collection::vec(prop::sample::select(vec![
        "n", "list", "user", "missing", "nothing", "webhooks", "context", "userName", "tags", "shop", "code"
    ]), 1..4)) {
        // In brackets a path is a formula.
        let path = steps.join(".");
        let plain = Text::compile(&format!("${{{path}}}")).unwrap().value(&shop(), &Work::default()).unwrap();
        let formula = Text::compile(&format!("${{({path})}}")).unwrap().value(&shop(), &Work::default()).unwrap();
        prop_assert_eq!(plain, formula, "{}", path);
    }
}

#[test]
fn a_hostile_answer_cannot_multiply_lists() {
    let mut context = shop();
    context.set("xs", crate::json::parse(b"[1,2,3]", 8).unwrap());
    context.set("many", crate::json::Json::Integer(90_000_000));
    let multiplied = Text::compile("${xs * many == xs * many}").unwrap();
    assert!(multiplied.render(&context, &Work::default()).is_err());
    let item = Text::compile("${xs[1] * 21}").unwrap();
    assert_eq!(item.render(&context, &Work::default()).unwrap().text, "42");
}

#[test]
fn a_hostile_answer_cannot_multiply_texts() {
    let mut context = shop();
    context.set("price", "x".repeat(100).as_str().into());
    context.set("many", crate::json::Json::Integer(900_000));
    for source in [
        "${price * many}",
        "${many * price}",
        "${price|default(0) * many}",
        "${(price|trim) * many}",
        "${(price ~ '') and price * many}",
    ] {
        let error = Text::compile(source).unwrap().render(&context, &Work::default()).unwrap_err();
        assert!(error.message.contains("256 KiB"), "{source}: {error}");
    }
    // What else formulas do with texts goes on.
    for (source, text) in [
        ("${n * 2 ~ ' ' ~ discountCode}", "6 SPRING"),
        ("${discountCode|lower if discountCode else n * 2}", "spring"),
        ("${empty or n * 2}", "6"),
        ("${n * 2 if discountCode == 'SPRING' else 0}", "6"),
        ("${n * 2 if 'S' in discountCode else 0}", "6"),
        ("${n * 2 if discountCode is string else 0}", "6"),
        ("${(n * 2 and discountCode)|title}", "Spring"),
        ("${'*' * n}", "***"),
    ] {
        assert_eq!(render(source).text, text, "{source}");
    }
}
