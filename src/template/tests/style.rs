//! Styles: their declarations, what values may not hold, why they are refused.

use crate::template::Work;
use crate::template::check::Check;
use crate::template::markup::attribute::checked;
use crate::template::tests::{Event, context, events};
use crate::template::{AttributeValue, Markup, Node};
use proptest::prelude::*;

/// What becomes of a style, with its warnings.
fn styled(style: &str, value: &str) -> (String, Vec<String>) {
    let markup = Markup::compile(&format!("<b style='{}'></b>", style.replace('\'', "&apos;")))
        .unwrap_or_else(|error| panic!("{style}: {error}"));
    let mut context = context("{}");
    context.set("v", value.into());
    let rendering = markup.render(&context, None, &Work::endless()).unwrap();
    let events = events(&markup, &rendering);
    let Some(Event::Start(_, attributes)) = events.first() else { panic!("{events:?}") };
    let style = attributes.iter().find(|(name, _)| name == "style");
    (style.map(|(_, text)| text.clone()).unwrap_or_default(), rendering.warnings)
}

#[test]
fn styles_become_declarations() {
    let cases = [
        ("", "", ""),
        (" ; ;", "", ""),
        ("color: red", "", "color: red"),
        ("COLOR:Red;;--My-Gap : 3px ;", "", "color: Red; --My-Gap: 3px"),
        ("-webkit-line-clamp: 2", "", "-webkit-line-clamp: 2"),
        ("color:red!IMPORTANT; top: 0 ! important", "", "color: red !important; top: 0 !important"),
        ("height: 100vh; height: 100dvh", "", "height: 100vh; height: 100dvh"),
        ("color: ${v}; width: calc(${v} * 1%) !important", "7", "color: 7; width: calc(7 * 1%) !important"),
        ("--a: ${v}${v}", "x y", "--a: x yx y"),
        ("font-family: \"A; B\", 'c'", "", "font-family: \"A; B\", 'c'"),
        ("grid-template: [a] 1fr [b] / auto", "", "grid-template: [a] 1fr [b] / auto"),
        ("content: \"(\"", "", "content: \"(\""),
        (
            "background: url(/a;b.png) url( \"c(1).png\" )",
            "",
            "background: url(/a;b.png) url( \"c(1).png\" )",
        ),
        (
            "background: URL(\"data:image/png;base64,AA\")",
            "",
            "background: URL(\"data:image/png;base64,AA\")",
        ),
        ("background: url(\"/${v}\")", "a(1);b!.png", "background: url(\"/a(1);b!.png\")"),
        (
            "background: url(\"${v}\")",
            "https://shop.example/a",
            "background: url(\"https://shop.example/a\")",
        ),
        ("background: url(${v}) ${v}", "/a", "background: url(/a) /a"),
        ("background: url(\"data:image/${v},AA\")", "png", "background: url(\"data:image/png,AA\")"),
        ("color: ${v}", "rgb(1 2 3 / 50%)", "color: rgb(1 2 3 / 50%)"),
        ("width: ${v}", "calc((1px + 2px) * 3)", "width: calc((1px + 2px) * 3)"),
        ("background: ${v} url(\"/a\") ${v}", "red", "background: red url(\"/a\") red"),
        ("color: ${v}", "", ""),
        ("color: ${v} ", " ", ""),
        ("color: ${none!url(\"/a\")}", "", "color: url(\"/a\")"),
        ("transform: translate(${v}) ${v}", "1px", "transform: translate(1px) 1px"),
    ];
    for (style, value, expected) in cases {
        let (found, warnings) = styled(style, value);
        assert_eq!(found, expected, "{style} {value}");
        assert_eq!(warnings, [""; 0], "{style} {value}");
    }
}

#[test]
fn values_that_a_style_may_not_have_are_left_out() {
    let cases = [
        ("color: ${v}", "red; position: fixed", "none of"),
        ("color: ${v}", "red !important", "none of"),
        ("color: ${v}", "\"", "do not match"),
        ("color: ${v}", "'x'", "may not contain"),
        ("font-family: \"${v}\"", "a\", url(//evil), \"b", "colours and sizes"),
        ("font-family: \"${v}\"", "a\" \"b", "quotes"),
        ("font-family: \"${v}\"", "<", "`<`"),
        ("color: ${v}", "\\75rl(//evil)", "`\\`"),
        ("color: ${v}", "a\u{0}b", "control characters"),
        ("color: ${v}", "a\u{1}b", "control characters"),
        ("color: ${v}", "a\u{ffff}b", "U+FFFF"),
        ("color: ${v}", "/* x", "comments"),
        ("color: /${v}", "* x", "comments"),
        ("color: ${v}", "red}", "none of"),
        ("color: ${v}", "red>", "may not contain"),
        ("color: ${v}", "@import", "none of"),
        ("background: ${v}", "url(//evil.example/x)", "colours and sizes"),
        ("background: ${v}", "-webkit-image-set(1x)", "colours and sizes"),
        ("background: ${v}", "expression(alert(1))", "colours and sizes"),
        ("background: ${v}", "attr(x)", "colours and sizes"),
        ("background: ${v}", "var(--x, url(//evil))", "colours and sizes"),
        ("background: u${v}", "rl(//evil)", "colours and sizes"),
        ("background: ${v}", "(1", "do not match"),
        ("width: calc(${v} * 1px)", "1) + (2", "do not match"),
        ("width: calc(${v} * 1px)", "1]", "do not match"),
        ("background: url(${v})", "javascript:alert", "images are"),
        ("background: url(${v})", "data:image/svg+xml,x", "images are"),
        ("background: url(\"data:image/${v},x\")", "svg+xml", "images are"),
        ("background: url(\"data:image/${v},x\")", "\u{ffff}", "U+FFFF"),
        ("background: url(\"${v}\")", "a\") url(\"//evil", "colours and sizes"),
        ("background: url(\"${v}\")", "a\" b", "nothing but `)`"),
        ("background: url(${v})", "a) url(b", "colours and sizes"),
        ("background: url(${v})", "a b", "needs quotes"),
        ("background: url(${v})", "a) b", "do not match"),
        ("background: url(\"${v}\")", "a\nb", "line end"),
        ("background: url(\"${v}\")", "a\\b", "`\\`"),
        ("--x: ${v}", "image-set(a)", "colours and sizes"),
        // Whatever the page keeps in its variables.
        ("background: ${v}", "var(--page)", "colours and sizes"),
        ("background: ${v}", "VAR(--page)", "colours and sizes"),
        ("--x: ${v}", "calc(var(--page))", "colours and sizes"),
        ("color: ${v}", "env(x)", "colours and sizes"),
        ("position: ${v}", "fixed", "overlays stay in their boxes"),
        ("position: ${v}", " FIXED ", "overlays stay in their boxes"),
        ("position: ${v}", "-webkit-sticky", "overlays stay in their boxes"),
        ("position: ${v}", "var(--page)", "overlays stay in their boxes"),
        ("position: ${v}", "calc(1px)", "overlays stay in their boxes"),
        ("position: fi${v}", "xed", "overlays stay in their boxes"),
        ("position: {% if v %}fixed{% endif %}", "x", "overlays stay in their boxes"),
        ("position: ${no!sticky}", "x", "overlays stay in their boxes"),
        ("POSITION: ${v} !important", "sticky", "overlays stay in their boxes"),
    ];
    for (style, value, words) in cases {
        let (found, warnings) = styled(style, value);
        assert_eq!(found, "", "{style} {value}");
        let [warning] = warnings.as_slice() else { panic!("{style} {value}: {warnings:?}") };
        assert!(warning.contains(words), "{style} {value}: {warning}");
        assert!(warning.contains("in `style` of `<b>`: `"), "{warning}");
    }
    let (_, warnings) = styled("width: ${v}", &format!("\"{}", "x".repeat(100_000)));
    assert!(warnings[0].len() < 250, "{}", warnings[0]);
    // Bounded: neither many brackets nor many functions take long.
    for hostile in ["(".repeat(100_000), "rgb()".repeat(20_000), "a".repeat(100_000), "url(".repeat(25_000)] {
        styled("width: ${v}", &hostile);
        styled("background: url(/a/${v})", &hostile);
    }
}

#[test]
fn refuses_with_place_and_remedy() {
    let long = format!("<b style='{}'></b>", "color: red;".repeat(65));
    let deep = format!("<b style='width: {}1{}'></b>", "calc(".repeat(33), ")".repeat(33));
    let cases: &[(&str, usize, usize, &str)] = &[
        ("<b style='red'></b>", 1, 4, "write `property: value`"),
        ("<b style='${x}'></b>", 1, 4, "with placeholders only in the value"),
        ("<b style='color: red; ${x}: 1'></b>", 1, 4, "only in the value"),
        ("<b style='col${x}: 1'></b>", 1, 4, "only in the value"),
        ("<b style=': 1'></b>", 1, 4, "no valid name"),
        ("<b style='--: 1'></b>", 1, 4, "no valid name"),
        ("<b style='1a: 1'></b>", 1, 4, "no valid name"),
        ("<b style='col or: 1'></b>", 1, 4, "no valid name"),
        (
            "<b style='color:'></b>",
            1,
            4,
            "`color` in `style` of `<b>`: `` is not allowed: a value is missing",
        ),
        ("<b style='color: !important'></b>", 1, 4, "a value is missing"),
        ("<b style='color: red /* x */'></b>", 1, 4, "comments"),
        ("<b style='/* x */ color: red'></b>", 1, 4, "no valid name"),
        ("<b style='color: r\\65 d'></b>", 1, 4, "write the character itself"),
        ("<b style='color: \"red'></b>", 1, 4, "do not match"),
        ("<b style='color: rgb(1'></b>", 1, 4, "do not match"),
        ("<b style='color: 1)'></b>", 1, 4, "do not match"),
        ("<b style='color: (1]'></b>", 1, 4, "do not match"),
        ("<b style='color: red!x'></b>", 1, 4, "at its end"),
        ("<b style='color: {}'></b>", 1, 4, "none of"),
        ("<b style='color: a&lt;b'></b>", 1, 4, "none of"),
        ("<b style='color: a&#1;b'></b>", 1, 4, "control characters"),
        ("<b style='color: a&#xffff;b'></b>", 1, 4, "U+FFFF"),
        ("<b style='behavior: url(x)'></b>", 1, 4, "old browsers"),
        ("<b style='-moz-binding: url(x)'></b>", 1, 4, "old browsers"),
        ("<b style='width: expression(alert(1))'></b>", 1, 4, "only `url(…)`"),
        ("<b style='background: image-set(\"a\" 1x)'></b>", 1, 4, "only `url(…)`"),
        ("<b style='background: -WEBKIT-image-set(\"a\" 1x)'></b>", 1, 4, "only `url(…)`"),
        ("<b style='background: src(\"a\")'></b>", 1, 4, "only `url(…)`"),
        ("<b style='background: url(javascript:x)'></b>", 1, 4, "images are"),
        ("<b style='background: url(\"javascript:${x}\")'></b>", 1, 4, "images are"),
        ("<b style='background: url(a b)'></b>", 1, 4, "needs quotes"),
        ("<b style='background: url(\"a\" b)'></b>", 1, 4, "nothing but `)`"),
        ("<b style='background: ${x}(\"a\")'></b>", 1, 4, "name of a function"),
        ("<b style='color: red; color: ${x}'></b>", 1, 4, "twice"),
        ("<b style='color: ${x}; COLOR: red !important'></b>", 1, 4, "twice"),
        ("<b style='position: fixed'></b>", 1, 4, "write `static`, `relative` or `absolute`"),
        ("<b style='top: 0; POSITION : Sticky !important'></b>", 1, 4, "overlays stay in their boxes"),
        ("<b style='position: -webkit-sticky'></b>", 1, 4, "overlays stay in their boxes"),
        ("<b style='position: f\\69xed'></b>", 1, 4, "overlays stay in their boxes"),
        ("<b style='position: fix/**/ed'></b>", 1, 4, "overlays stay in their boxes"),
        ("<b style='position: var(--p)'></b>", 1, 4, "overlays stay in their boxes"),
        ("<b style='background: var(--${x})'></b>", 1, 4, "may not come from a placeholder"),
        (&long, 1, 4, "64 declarations"),
        (&deep, 1, 4, "too deep"),
    ];
    for (source, line, column, words) in cases {
        let error = Markup::compile(source).expect_err(source);
        assert!(error.message.contains(words), "{source}: {error}");
        assert_eq!((error.line, error.column), (*line, *column), "{source}: {error}");
    }
}

/// What an author may write around values.
const FRAMES: [[&str; 2]; 6] = [
    ["", ""],
    ["u", "l(a)"],
    ["url(\"/", "\")"],
    ["url(/", ")"],
    ["calc(1px + ", ") url(/a)"],
    ["\"", "\" url('b')"],
];

/// Pieces that could become something together.
fn css() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "url",
        "(",
        ")",
        "u",
        "rl",
        "URL(",
        "\"",
        "'",
        " ",
        ",",
        "/",
        "*",
        "\\",
        ";",
        "{",
        "}",
        "[",
        "]",
        "<",
        "!",
        "@",
        "a",
        "//evil.example",
        "rgb(",
        "calc(",
        "image-set(",
        "-webkit-",
        "src(",
        "javascript:",
        "data:image/svg+xml,",
        "1px",
        "\n",
        "\u{0}",
        "\u{ffff}",
        "é",
        "expression(",
        "important",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(3_000)))]

    /// A value adds no URL to a style, and takes no part in one that is not the author's own.
    #[test]
    fn a_value_adds_no_url_to_a_style(value in css(), other in css()) {
        for frame in FRAMES {
            let mut text = frame[0].to_owned();
            let mut values = Vec::new();
            for value in [&value, &other] {
                values.push(text.len()..text.len() + value.len());
                text.push_str(value);
            }
            text.push_str(frame[1]);
            let urls = frame.concat().matches("url(").count();
            if let (Some(text), _) = checked(Check::Style, "place", text, &values) {
                let text = text.to_lowercase();
                // In quotes and in the author's own `url(…)` it says nothing.
                let quoted = frame[0] == "\"" || frame[0].starts_with("url(");
                let inside = if quoted { format!("{value}{other}").to_lowercase() } else { String::new() };
                prop_assert_eq!(text.matches("url(").count() - inside.matches("url(").count(), urls, "{}", &text);
                for refused in ["\\", "<", "\0"] {
                    prop_assert!(!text.contains(refused), "{}", &text);
                }
                if inside.is_empty() {
                    for refused in ["image-set(", "src(", "expression(", ";", "{", "!", "@", "/*"] {
                        prop_assert!(!text.contains(refused), "{}", &text);
                    }
                }
            }
            if let (Some(text), _) = checked(Check::Paint, "place", value.clone(), &[]) {
                prop_assert!(!text.to_lowercase().contains("url(") && !text.contains(['\\', '"', '\'']), "{}", text);
            }
        }
    }

    /// What is accepted as fixed is accepted when it is filled in, too.
    #[test]
    fn fixed_styles_are_split_or_refused(style in css()) {
        // The quotes of the attribute are its own.
        let style = style.replace('\'', "&apos;");
        if let Ok(markup) = Markup::compile(&format!("<b style='color: {style}; top: {style}${{v}}'></b>")) {
            let [Node::Element(element)] = markup.plan().blocks[0].nodes.as_slice() else { panic!() };
            for attribute in &element.attributes {
                if let AttributeValue::Fixed(text) = &attribute.value {
                    prop_assert_eq!(checked(Check::Style, "place", text.clone(), &[]), (Some(text.clone()), None));
                }
            }
        }
    }
}
