//! What the build leaves out of the stylesheet. That browsers read the same in both is tested in `tests/web/stage.rs`.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../build/css.rs"]
mod css;

use css::compact;

#[test]
fn comments_and_indentation_are_left_out() {
    for (css, expected) in [
        ("/* why */\na { b: c; }\n", "a{b:c}"),
        ("@layer x {\n  a,\n  b { c: d; /* e; */ f : g }\n}", "@layer x{a,b{c:d;f :g}}"),
        ("a\tb  >  c::after {\n}", "a b > c::after{}"),
        // A blank begins another selector here, or separates words.
        ("a :hover { b: c/**/d }", "a :hover{b:c d}"),
        (
            "@media (forced-colors: active) { a { b: calc(1px + 2px) / 2 } }",
            "@media (forced-colors:active){a{b:calc(1px + 2px) / 2}}",
        ),
        // Texts stay as they are.
        (r#"a { content: "!" / ""; }"#, r#"a{content:"!" / ""}"#),
        (r#"a { content: "/* b  ; } \" {"; c: ' } ' }"#, r#"a{content:"/* b  ; } \" {";c:' } '}"#),
        (r"a\:b\  c { d: e }", r"a\:b\  c{d:e}"),
        ("a { b: 'é  é' }", "a{b:'é  é'}"),
        // What does not end.
        ("a { b: 'c", "a{b:'c"),
        ("a /* b", "a"),
        ("} ; }", "}}"),
        (r"a\", r"a\"),
        ("", ""),
    ] {
        assert_eq!(compact(css), expected, "{css}");
        assert_eq!(compact(expected), expected, "again");
    }
}
