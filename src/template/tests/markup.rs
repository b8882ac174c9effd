//! Tables of markup: what it becomes, why it is refused; slots and their changes.

use crate::json::Json;
use crate::template::Work;
use crate::template::tests::{context, events, serialise};
use crate::template::{Change, Markup, Missing, Node};

pub(super) fn html(source: &str) -> String {
    let context = context(
        r#"{"imageUrl": "https://shop.example/a.png", "name": "Jo & <b>", "evil": "javascript:alert(1)", "n": 3, "yes": true, "no": false, "zero": 0, "list": [], "object": {}, "evilPaint": "url(//evil.example)", "dataUrl": "data:image/png;base64,AA"}"#,
    );
    let markup = Markup::compile(source).unwrap_or_else(|error| panic!("{source}: {error}"));
    let rendering = markup.render(&context, None, &Work::default()).unwrap();
    serialise(&events(&markup, &rendering))
}

#[test]
fn accepts() {
    let cases = [
        ("", ""),
        ("DiscountCode: ${code! -}", "DiscountCode: -"),
        ("<img src=\"${imageUrl}\" alt=\"\">", "<img alt=\"\" src=\"https://shop.example/a.png\">"),
        ("<IMG SRC='${imageUrl}' Alt>", "<img alt=\"\" src=\"https://shop.example/a.png\">"),
        ("<img src=${imageUrl} alt=x>", "<img alt=\"x\" src=\"https://shop.example/a.png\">"),
        ("<img alt=${ missing ! a b }>", "<img alt=\"a b\">"),
        ("<img alt=a${n}b${n}>", "<img alt=\"a3b3\">"),
        ("<img alt=${\"a>b\"}>", "<img alt=\"a&gt;b\">"),
        ("<img alt=\"${missing!\"x\"}\">", "<img alt=\"x\">"),
        ("<img src=a.png><br/><br /><hr>", "<img src=\"a.png\"><br><br><hr>"),
        ("<p>Hello <b>${name}</b>!</p>", "<p>Hello <b>Jo &amp; &lt;b&gt;</b>!</p>"),
        ("<p title=\"${name}\">x</p >", "<p title=\"Jo &amp; &lt;b&gt;\">x</p>"),
        ("a<!-- ${ <b> -- -->b", "ab"),
        ("<!---->x", "x"),
        ("a{# <b> #}b", "ab"),
        ("$<b>5</b> $<missing!x> $</b>".trim_end_matches(" $</b>"), "$<b>5</b> x"),
        ("<i>$</i>", "<i>$</i>"),
        ("$<a href=\"/\">x</a>", "$<a href=\"/\">x</a>"),
        ("$<i!x>", "x"),
        ("$${x} { } {a} $ %}", "${x} { } {a} $ %}"),
        ("&lt;b&gt; &amp;amp; &quot;&apos; R&D & x &;", "&lt;b&gt; &amp;amp; &quot;' R&amp;D &amp; x &amp;;"),
        ("&hellip;&#8212;&#x2014;&#X2014;&nbsp;&euro;", "…———\u{a0}€"),
        ("&dollar;{n} &lbrace;{n}} $&lbrace;n} &szlig;&Auml;", "${n} {{n}} ${n} ßÄ"),
        ("&#0;&#xD800;&#x110000;&#99999999999999;&#x80;&#x9f;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}€Ÿ"),
        ("<a href=\"?a=1&b=2&copy=3\">x</a>", "<a href=\"?a=1&amp;b=2&amp;copy=3\">x</a>"),
        ("<a href='/x' target=_blank>x</a>", "<a href=\"/x\" rel=\"noopener\" target=\"_blank\">x</a>"),
        ("<a target=_blank rel='nofollow'>x</a>", "<a rel=\"nofollow noopener\" target=\"_blank\">x</a>"),
        ("<a rel='NoOpener' target=_BLANK>x</a>", "<a rel=\"NoOpener\" target=\"_BLANK\">x</a>"),
        ("<a rel target=news>x</a>", "<a rel=\"noopener\" target=\"news\">x</a>"),
        ("<a target=_self>x</a>", "<a target=\"_self\">x</a>"),
        ("<a target=${n}>x</a>", "<a rel=\"noopener\" target=\"3\">x</a>"),
        ("<a href=\"${evil}\">x</a>", "<a href=\"about:blank#blocked\">x</a>"),
        ("<a href=\"${dataUrl}\">x</a>", "<a href=\"about:blank#blocked\">x</a>"),
        ("<a href=\"java${missing!script}:x\">x</a>", "<a href=\"about:blank#blocked\">x</a>"),
        ("<a href=\"/${evil}\">x</a>", "<a href=\"/javascript:alert(1)\">x</a>"),
        ("<img src=\"${dataUrl}\">", "<img src=\"data:image/png;base64,AA\">"),
        ("<img src=\"data:image/${missing!png},x\">", "<img src=\"data:image/png,x\">"),
        ("<img src=\"data:text/${missing!html},x\">", "<img>"),
        ("<q cite=\"${evil}\">x</q>", "<q cite=\"about:blank#blocked\">x</q>"),
        (
            "<div hidden class=\"a ${n}\" data-x-y=1 aria-label='x' role=note></div>",
            "<div aria-label=\"x\" class=\"a 3\" data-x-y=\"1\" hidden=\"\" role=\"note\"></div>",
        ),
        (
            "<ul><li value=2>a</li><li><ol start=3 reversed><li>b</li></ol></li></ul>",
            "<ul><li value=\"2\">a</li><li><ol reversed=\"\" start=\"3\"><li>b</li></ol></li></ul>",
        ),
        ("<dl><dt>a</dt><div><dd>b</dd></div></dl>", "<dl><dt>a</dt><div><dd>b</dd></div></dl>"),
        (
            "<table>\n<caption>c</caption><colgroup><col></colgroup><tbody><tr><th scope=row>a</th> <td colspan=2><p>b</p></td></tr></tbody></table>",
            "<table>\n<caption>c</caption><colgroup><col></colgroup><tbody><tr><th scope=\"row\">a</th> <td colspan=\"2\"><p>b</p></td></tr></tbody></table>",
        ),
        (
            "<figure><img src=a><figcaption>x</figcaption></figure>",
            "<figure><img src=\"a\"><figcaption>x</figcaption></figure>",
        ),
        (
            "<details open><summary>s</summary>x</details>",
            "<details open=\"\"><summary>s</summary>x</details>",
        ),
        ("<ruby>a<rt>b</rt></ruby>", "<ruby>a<rt>b</rt></ruby>"),
        ("<pre>\n\na\r\nb\rc</pre>", "<pre>\na\nb\nc</pre>"),
        ("<pre>&#10;a</pre>", "<pre>a</pre>"),
        ("<pre>${n}\n</pre>", "<pre>3\n</pre>"),
        ("<p\n class=\"a\r\nb\"\t>x</p\n>", "<p class=\"a\nb\">x</p>"),
        ("<p><a href=/x><b>x</b></a> <a>y</a></p>", "<p><a href=\"/x\"><b>x</b></a> <a>y</a></p>"),
        ("<a href=\"mailto:a@b.example\">x</a>", "<a href=\"mailto:a@b.example\">x</a>"),
    ];
    for (source, expected) in cases {
        assert_eq!(html(source), expected, "{source}");
    }
}

#[test]
fn refuses_with_place_and_remedy() {
    let deep = format!("{}{}", "<b>".repeat(65), "</b>".repeat(65));
    let many = "<br>".repeat(2001);
    let crowded = format!("<b {}></b>", (0..65).map(|number| format!("data-{number} ")).collect::<String>());
    let cases: &[(&str, usize, usize, &str)] = &[
        // Tags.
        ("x\n <b>y", 2, 2, "`</b>` is missing"),
        ("<b></i>", 1, 4, "write `</b>` first"),
        ("<p>a</b>", 1, 5, "write `</p>` first"),
        ("</b>", 1, 1, "closes nothing"),
        ("<br></br>", 1, 5, "no end tag"),
        ("<b/>", 1, 1, "`<b></b>`"),
        ("<b", 1, 3, "`>` is missing"),
        ("<b class", 1, 9, "`>` is missing"),
        ("<b class=", 1, 10, "`>` is missing"),
        ("<b></b", 1, 4, "an end tag is"),
        ("<b></b x>", 1, 4, "an end tag is"),
        ("<b></>", 1, 4, "an end tag is"),
        ("a < b", 1, 3, "`&lt;`"),
        ("a <3", 1, 3, "`&lt;`"),
        ("<", 1, 1, "`&lt;`"),
        ("<!doctype html>", 1, 1, "only elements and comments"),
        ("<![CDATA[x]]>", 1, 1, "only elements and comments"),
        ("<?x?>", 1, 1, "only elements and comments"),
        ("<!-- x", 1, 1, "`-->` is missing"),
        ("<!--> x -->", 1, 1, "may not begin"),
        ("<!---> x -->", 1, 1, "may not begin"),
        ("<!-- --!> x -->", 1, 1, "`--!>`"),
        ("a\u{0}b", 1, 2, "NUL"),
        ("<b title='\u{0}'>", 1, 11, "NUL"),
        (&deep, 1, 193, "64 levels"),
        (&many, 1, 8001, "2,000"),
        // Attributes.
        ("<b class='a' class='b'></b>", 1, 14, "twice"),
        ("<b class='a' CLASS='b'></b>", 1, 14, "twice"),
        ("<b class='a'title='b'></b>", 1, 18, "a blank is missing"),
        ("<b class='a></b>", 1, 10, "not closed"),
        ("<b class=a\"b></b>", 1, 11, "quotes"),
        ("<b class=a=b></b>", 1, 11, "quotes"),
        ("<b class=></b>", 1, 10, "a value is missing"),
        ("<img src=${x}/>", 1, 14, "put quotes"),
        ("<b /x></b>", 1, 4, "`/`"),
        ("<b \"x\"></b>", 1, 4, "`\"`"),
        ("<b x\"y></b>", 1, 5, "`\"`"),
        ("<b =x></b>", 1, 4, "`=`"),
        ("<bé></b>", 1, 3, "attribute's name"),
        (&crowded, 1, 506, "64 attributes"),
        // Placeholders where none may be.
        ("<${tag}>", 1, 1, "element's name"),
        ("<{{tag}}>", 1, 1, "element's name"),
        ("<b ${x}></b>", 1, 4, "only in an attribute's value"),
        ("<b x${x}='1'></b>", 1, 5, "only in an attribute's value"),
        ("<b ${x}=1></b>", 1, 4, "only in an attribute's value"),
        ("<b>${x</b>", 1, 4, "`}` is missing"),
        ("<b title=\"${x\"></b>", 1, 14, "no closing \""),
        ("{% for x in xs %}", 1, 1, "is missing"),
        ("<b title='{% x %}'></b>", 1, 14, "is not known"),
        ("<a rel=${x}></a>", 1, 4, "without placeholders"),
        // Character references.
        ("&foo;", 1, 1, "write the character itself"),
        ("a &copy b", 1, 3, "`;` is missing"),
        ("AT&Talk", 1, 3, "`&amp;`"),
        ("<b title='&copy'></b>", 1, 11, "`;` is missing"),
        ("&#x;", 1, 1, "`&#8211;`"),
        ("&#12", 1, 1, "`&#8211;`"),
        ("&#a;", 1, 1, "`&#8211;`"),
        // Elements.
        ("<script>alert(1)</script>", 1, 1, "use the actions of the project"),
        ("<ScRiPt>", 1, 1, "use the actions of the project"),
        ("<iframe src=x></iframe>", 1, 1, "`<a href>`"),
        ("<object></object>", 1, 1, "`<a href>`"),
        ("<embed>", 1, 1, "`<a href>`"),
        ("<body></body>", 1, 1, "content of the overlay"),
        ("<my-thing></my-thing>", 1, 1, "`<div>` or `<span>`"),
        // Attributes that are not allowed.
        ("<b onclick='x'></b>", 1, 4, "`onClick`"),
        ("<b ONCLICK></b>", 1, 4, "`onClick`"),
        ("<b id=x></b>", 1, 4, "`data-*`"),
        ("<a name=x></a>", 1, 4, "`data-*`"),
        ("<b srcdoc=x></b>", 1, 4, "`<a href>`"),
        ("<b href=x></b>", 1, 4, "allowed are `class`"),
        ("<b data-=x></b>", 1, 4, "allowed are"),
        ("<a rel=opener></a>", 1, 4, "`noopener`"),
        // URLs.
        ("<a href='javascript:x'></a>", 1, 4, "not allowed"),
        ("<a href=' &#106;ava&#9;script&#x3a;x'></a>", 1, 4, "not allowed"),
        ("<a href='javascript:${x}'></a>", 1, 4, "not allowed"),
        ("<a href='data:image/png,${x}'></a>", 1, 4, "not allowed"),
        ("<img src='mailto:x'>", 1, 6, "not allowed"),
        ("<img src='data:image/svg+xml,x'>", 1, 6, "not allowed"),
        ("<blockquote cite='vbscript:x'></blockquote>", 1, 13, "not allowed"),
        // Places.
        ("<p><div></div></p>", 1, 4, "close the `<p>` first"),
        ("<p><b><ul></ul></b></p>", 1, 7, "close the `<p>` first"),
        ("<p><hr></p>", 1, 4, "close the `<p>` first"),
        ("<p><table></table></p>", 1, 4, "close the `<p>` first"),
        ("<p><p></p></p>", 1, 4, "close the `<p>` first"),
        ("<h1><h2></h2></h1>", 1, 5, "in `<h1>`: close that first"),
        ("<a><b><a></a></b></a>", 1, 7, "in `<a>`"),
        ("<li></li>", 1, 1, "<ul> or <ol>"),
        ("<ul><li><li></li></li></ul>", 1, 9, "<ul> or <ol>"),
        ("<ul><b><li></li></b></ul>", 1, 8, "<ul> or <ol>"),
        ("<div><dt></dt></div>", 1, 6, "<dl>"),
        ("<dl><dd><div><dd></dd></div></dd></dl>", 1, 14, "<dl>"),
        ("<table><tr></tr></table>", 1, 8, "<thead> or <tbody>"),
        ("<td></td>", 1, 1, "<tr>"),
        ("<table><tbody><td></td></tbody></table>", 1, 15, "<tr>"),
        ("<table><b></b></table>", 1, 8, "put it into a cell"),
        ("<table><tbody><tr><br></tr></tbody></table>", 1, 19, "put it into a cell"),
        ("<table><table></table></table>", 1, 8, "put it into a cell"),
        ("<table>x</table>", 1, 8, "put it into a cell"),
        ("<table>&nbsp;</table>", 1, 8, "put it into a cell"),
        ("<table><tbody><tr>${x}</tr></tbody></table>", 1, 19, "put it into a cell"),
        ("<rt></rt>", 1, 1, "<ruby>"),
        ("<ruby><rt><rt></rt></rt></ruby>", 1, 11, "<ruby>"),
    ];
    for (source, line, column, words) in cases {
        let error = Markup::compile(source).expect_err(source);
        assert!(error.message.contains(words), "{source}: {error}");
        assert_eq!((error.line, error.column), (*line, *column), "{source}: {error}");
    }
}

#[test]
fn slots_are_numbered_in_order_and_diffed() {
    let markup = Markup::compile("<p title='${a}-${b}'>${a}, <b>${c!x}</b></p>${d.E}").unwrap();
    assert_eq!(markup.plan().blocks[0].slots, 4);
    let mut context = context(r#"{"a": "A", "b": 1, "d": {"e": 1}}"#);
    let mut first = markup.render(&context, None, &Work::default()).unwrap();
    let texts: Vec<_> = first.root.values.iter().flatten().map(|text| &**text).collect();
    assert_eq!(texts, ["A-1", "A", "x", ""]);
    assert_eq!(first.missing, [Missing { expression: "d.E".into(), near_miss: Some("d.e".into()) }]);
    assert_eq!(first.changes_since(None).len(), 4);
    context.set("b", Json::Integer(2));
    context.set("c", "C".into());
    let mut second = markup.render(&context, Some(&first), &Work::default()).unwrap();
    let set = |slot, text: &str| Change::Set { instance: 0, slot, text: Some(text.into()) };
    assert_eq!(second.changes_since(Some(&first)), [set(0, "A-2"), set(2, "C")]);
    assert_eq!(second.clone().changes_since(Some(&second)), []);
    let plan = Markup::compile("a${b}").unwrap();
    assert_eq!(plan.plan().blocks[0].nodes, [Node::Text("a".into()), Node::Slot(0)]);
}

#[test]
fn blocked_urls_are_named() {
    let markup = Markup::compile("<a href='${x}'>x</a>").unwrap();
    let rendering = markup
        .render(
            &context(r#"{"x": "javascript:alert('a very long script that goes on')\n"}"#),
            None,
            &Work::default(),
        )
        .unwrap();
    assert_eq!(rendering.root.values, [Some("about:blank#blocked".into())]);
    let [warning] = rendering.warnings.as_slice() else { panic!("{:?}", rendering.warnings) };
    assert!(warning.starts_with("`href` of `<a>`: `javascript:alert("), "{warning}");
    assert!(warning.len() < 250 && !warning.contains('\n'), "{warning}");
}
