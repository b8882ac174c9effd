//! Tables of attributes: what becomes of them, why they are refused; buttons, media, drawings, styles.

use super::markup::html;
use super::{attributes_of, context};
use crate::template::{Markup, Node};

#[test]
fn buttons_media_and_drawings_are_accepted() {
    let cases = [
        // Buttons.
        (
            "<button data-execute-webhook=discount data-param-sku='${n}' disabled>x</button>",
            "<button data-execute-webhook=\"discount\" data-param-sku=\"3\" disabled=\"\" type=\"button\">x</button>",
        ),
        (
            "<button type=BUTTON data-action='more'>x</button>",
            "<button data-action=\"more\" type=\"button\">x</button>",
        ),
        (
            "<progress max=5 value='${n}'></progress><meter min=0 max=5 low=1 high=4 optimum=3 value='${n}'></meter>",
            "<progress max=\"5\" value=\"3\"></progress><meter high=\"4\" low=\"1\" max=\"5\" min=\"0\" optimum=\"3\" value=\"3\"></meter>",
        ),
        // Attributes that count by being there.
        ("<div hidden=hidden></div>", "<div hidden=\"hidden\"></div>"),
        ("<div hidden=\"until-found\"></div>", "<div hidden=\"until-found\"></div>"),
        ("<div hidden='${n}'></div><div hidden='${missing!}'></div>", "<div hidden=\"\"></div><div></div>"),
        (
            "<p hidden=${no}></p><p hidden=${zero}></p><p hidden=${none!false}></p><p hidden=${none!x}></p>",
            "<p></p><p></p><p></p><p hidden=\"\"></p>",
        ),
        (
            "<p hidden=${list}></p><p hidden=${object}></p><p hidden=${yes}></p>",
            "<p></p><p></p><p hidden=\"\"></p>",
        ),
        (
            "<p aria-hidden=${no} aria-pressed=${yes}></p>",
            "<p aria-hidden=\"false\" aria-pressed=\"true\"></p>",
        ),
        ("<p class='a ${n} b${n}'></p>", "<p class=\"a 3 b3\"></p>"),
        // Images.
        (
            "<picture><source srcset='a.avif 1x, ${imageUrl} 2x' type='image/avif' media='(min-width: 1px)'><img src=a alt=''></picture>",
            "<picture><source media=\"(min-width: 1px)\" srcset=\"a.avif 1x, https://shop.example/a.png 2x\" type=\"image/avif\"><img alt=\"\" src=\"a\"></picture>",
        ),
        ("<img srcset='a 1x, ${evil} 2x' sizes=50vw alt=''>", "<img alt=\"\" sizes=\"50vw\">"),
        (
            "<img src='${evil}' srcset='${dataUrl}' alt=''>",
            "<img alt=\"\" srcset=\"data:image/png;base64,AA\">",
        ),
        ("<img src='${missing!}' alt=''>", "<img alt=\"\">"),
        // Sound and film.
        (
            "<video src='${imageUrl}' poster='${dataUrl}' controls loop muted=${yes} playsinline preload=none><track src=a.vtt kind=captions srclang=en label=English default></video>",
            "<video controls=\"\" loop=\"\" muted=\"\" playsinline=\"\" poster=\"data:image/png;base64,AA\" preload=\"none\" src=\"https://shop.example/a.png\"><track default=\"\" kind=\"captions\" label=\"English\" src=\"a.vtt\" srclang=\"en\"></video>",
        ),
        (
            "<audio controls><source src='${dataUrl}'><source src='/a.mp3' type='audio/mpeg'></audio>",
            "<audio controls=\"\"><source><source src=\"/a.mp3\" type=\"audio/mpeg\"></audio>",
        ),
        // Drawings.
        (
            "<svg xmlns='http://www.w3.org/2000/svg' VIEWBOX='0 0 9 9' preserveaspectratio=none fill=none stroke=currentColor><g><path d='M0 0L9 9' pathlength=1 /><CIRCLE cx=1 cy=1 r='${n}' /></g></svg>",
            "<svg fill=\"none\" preserveAspectRatio=\"none\" stroke=\"currentColor\" viewBox=\"0 0 9 9\"><g><path d=\"M0 0L9 9\" pathLength=\"1\"></path><circle cx=\"1\" cy=\"1\" r=\"3\"></circle></g></svg>",
        ),
        (
            "<p><svg role=img><title>T &amp; ${n}</title><text x=1>a<tspan dy='1'>${name}</tspan></text><rect fill='rgb(${n} 0 0)' stroke='${evilPaint}'/></svg></p>",
            "<p><svg role=\"img\"><title>T &amp; 3</title><text x=\"1\">a<tspan dy=\"1\">Jo &amp; &lt;b&gt;</tspan></text><rect fill=\"rgb(3 0 0)\"></rect></svg></p>",
        ),
        (
            "<svg><svg/><polygon points='0,0 1,1'><title>x</title></polygon></svg>",
            "<svg><svg></svg><polygon points=\"0,0 1,1\"><title>x</title></polygon></svg>",
        ),
        ("$<title!x> $<path!y> $<a>5</a>", "x y $<a>5</a>"),
    ];
    for (source, expected) in cases {
        assert_eq!(html(source), expected, "{source}");
    }
    let markup = Markup::compile("<b><svg><path/></svg></b>").unwrap();
    let [Node::Element(b)] = markup.plan().nodes.as_slice() else { panic!() };
    let [Node::Element(svg)] = b.children.as_slice() else { panic!() };
    let [Node::Element(path)] = svg.children.as_slice() else { panic!() };
    assert_eq!([b.svg, svg.svg, path.svg], [false, true, true]);
}

/// What becomes of a style, with its warnings.
fn styled(style: &str, value: &str) -> (String, Vec<String>) {
    let markup = Markup::compile(&format!("<b style='{}'></b>", style.replace('\'', "&apos;")))
        .unwrap_or_else(|error| panic!("{style}: {error}"));
    let mut context = context("{}");
    context.set("v", value.into());
    let slots = markup.evaluate(&context).unwrap();
    let [Node::Element(element)] = markup.plan().nodes.as_slice() else { panic!() };
    let style = attributes_of(element, &slots).into_iter().next();
    (style.map(|(_, text)| text).unwrap_or_default(), slots.warnings)
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
    ];
    for (style, value, words) in cases {
        let (found, warnings) = styled(style, value);
        assert_eq!(found, "", "{style} {value}");
        let [warning] = warnings.as_slice() else { panic!("{style} {value}: {warnings:?}") };
        assert!(warning.contains(words), "{style} {value}: {warning}");
        assert!(warning.contains("in `style` of `<b>`: the value `"), "{warning}");
    }
    let (_, warnings) = styled("width: ${v}", &format!("\"{}", "x".repeat(100_000)));
    assert!(warnings[0].len() < 250, "{}", warnings[0]);
    // Bounded: neither many brackets nor many functions take long.
    for hostile in ["(".repeat(200_000), "rgb()".repeat(40_000), "a".repeat(200_000), "url(".repeat(50_000)] {
        styled("width: ${v}", &hostile);
        styled("background: url(/a/${v})", &hostile);
    }
}

#[test]
fn refuses_with_place_and_remedy() {
    let long = format!("<b style='{}'></b>", "color: red;".repeat(65));
    let deep = format!("<b style='width: {}1{}'></b>", "calc(".repeat(33), ")".repeat(33));
    let cases: &[(&str, usize, usize, &str)] = &[
        // Elements.
        ("<style>b{}</style>", 1, 1, "`style=\"…\"`"),
        ("<form></form>", 1, 1, "<button data-execute-webhook"),
        ("<input>", 1, 1, "<button data-execute-webhook"),
        ("<label>x</label>", 1, 1, "<button data-execute-webhook"),
        ("<math></math>", 1, 1, "`<img src>`"),
        ("<canvas></canvas>", 1, 1, "`<svg>`"),
        ("<svg><use href='#a'/></svg>", 1, 6, "write the shapes"),
        ("<svg><image href=a/></svg>", 1, 6, "`<img src>`"),
        ("<svg><foreignObject></foreignObject></svg>", 1, 6, "beside the `<svg>`"),
        ("<svg><animate/></svg>", 1, 6, "page's own CSS"),
        ("<svg><set attributeName=href /></svg>", 1, 6, "page's own CSS"),
        ("<svg><linearGradient/></svg>", 1, 6, "plain colours"),
        ("<svg><script>x</script></svg>", 1, 6, "the actions of the project"),
        ("<svg><style>x</style></svg>", 1, 6, "`style=\"…\"`"),
        ("<svg><textPath/></svg>", 1, 6, "use `<text>`"),
        // Places.
        ("<svg><a></a></svg>", 1, 6, "may not stand inside `<svg>`"),
        ("<svg><title><b>x</b></title></svg>", 1, 13, "may not stand inside `<svg>`"),
        ("<svg><text><br></text></svg>", 1, 12, "may not stand inside `<svg>`"),
        ("<path/>", 1, 1, "directly in <svg> or <g>"),
        ("<title>x</title>", 1, 1, "directly in <svg>"),
        ("<svg><tspan>x</tspan></svg>", 1, 6, "directly in <text>"),
        ("<svg><path><path/></path></svg>", 1, 12, "directly in <svg>"),
        ("<svg><text><svg/></text></svg>", 1, 12, "close that first"),
        ("<svg><path></svg>", 1, 12, "write `</path>` first"),
        ("<table><svg/></table>", 1, 8, "put it into a cell"),
        ("<button><button></button></button>", 1, 9, "inside `<button>`"),
        ("<a><b><button></button></b></a>", 1, 7, "inside `<a>`"),
        ("<button><a></a></button>", 1, 9, "inside `<button>`"),
        ("<a><video controls></video></a>", 1, 4, "inside `<a>`"),
        ("<button><details></details></button>", 1, 9, "inside `<button>`"),
        ("<source src=a>", 1, 1, "directly in <picture> or <audio> or <video>"),
        ("<p><track></p>", 1, 4, "directly in <audio> or <video>"),
        // What runs.
        ("<b data-execute-webhook=x></b>", 1, 4, "only a `<button>`"),
        ("<a data-action=x></a>", 1, 4, "only a `<button>`"),
        ("<button data-execute-webhook='${x}'></button>", 1, 9, "an answer must not choose"),
        ("<button data-action='a${x}'></button>", 1, 9, "an answer must not choose"),
        ("<button data-execute-webhook></button>", 1, 9, "the id of a webhook"),
        ("<button data-action=' '></button>", 1, 9, "the name of an action"),
        ("<button data-cuehook-for=x></button>", 1, 9, "has no attribute"),
        ("<button type=submit></button>", 1, 9, "always `button`"),
        ("<button type='${x}'></button>", 1, 9, "always `button`"),
        ("<button formaction=x></button>", 1, 9, "has no attribute"),
        ("<button onclick=x></button>", 1, 9, "<button data-execute-webhook"),
        ("<b tabindex=0></b>", 1, 4, "use `<button>`"),
        ("<video autoplay></video>", 1, 8, "`controls`"),
        // Attributes that count by being there.
        ("<button disabled=false></button>", 1, 9, "leave it out, or bind it: `disabled=\"${…}\"`"),
        ("<div hidden='FALSE'></div>", 1, 6, "leave it out"),
        ("<details open=0></details>", 1, 10, "leave it out"),
        ("<div hidden=' ${x}'></div>", 1, 6, "no text around it"),
        ("<div hidden='${x}${y}'></div>", 1, 6, "no text around it"),
        // URLs.
        ("<img srcset='a, javascript:x 2x'>", 1, 6, "`javascript:x` is not allowed; images are"),
        ("<video src='data:video/webm,x'></video>", 1, 8, "sound and film are"),
        ("<video src='data:${x}'></video>", 1, 8, "sound and film are"),
        ("<video poster='data:text/html,x'></video>", 1, 8, "images are"),
        ("<audio><source src='javascript:${x}'></audio>", 1, 16, "not allowed"),
        // Drawings.
        ("<svg xmlns='http://www.w3.org/1999/xhtml'></svg>", 1, 6, "is always"),
        ("<svg xmlns='${x}'></svg>", 1, 6, "takes no placeholder"),
        ("<svg xlink:href='#a'></svg>", 1, 6, "has no attribute"),
        ("<svg hidden></svg>", 1, 6, "has no attribute"),
        ("<svg><path href=x /></svg>", 1, 12, "allowed are `d`, `pathLength`, `class`"),
        ("<svg><circle x=1 /></svg>", 1, 14, "allowed are `cx`"),
        ("<svg fill='url(#a)'></svg>", 1, 6, "colours and sizes"),
        ("<svg stroke='u\\72l(#a)'></svg>", 1, 6, "`\\`"),
        ("<b viewBox=x></b>", 1, 4, "has no attribute"),
        // Styles.
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
            "`color` in `style` of `<b>`: the value `` is not allowed: a value is missing",
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
        (&long, 1, 4, "64 declarations"),
        (&deep, 1, 4, "too deep"),
    ];
    for (source, line, column, words) in cases {
        let error = Markup::compile(source).expect_err(source);
        assert!(error.message.contains(words), "{source}: {error}");
        assert_eq!((error.line, error.column), (*line, *column), "{source}: {error}");
    }
}
