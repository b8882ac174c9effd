//! Tables of attributes: what becomes of them, why they are refused; buttons, media, drawings.

use crate::template::tests::markup::html;
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
        // Boolean attributes.
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
    let [Node::Element(b)] = markup.plan().blocks[0].nodes.as_slice() else { panic!() };
    let [Node::Element(svg)] = b.children.as_slice() else { panic!() };
    let [Node::Element(path)] = svg.children.as_slice() else { panic!() };
    assert_eq!([b.svg, svg.svg, path.svg], [false, true, true]);
}

#[test]
fn refuses_with_place_and_remedy() {
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
        ("<svg><a></a></svg>", 1, 6, "beside the `<svg>`"),
        ("<svg><title><b>x</b></title></svg>", 1, 13, "beside the `<svg>`"),
        ("<svg><text><br></text></svg>", 1, 12, "beside the `<svg>`"),
        ("<path/>", 1, 1, "directly in <svg> or <g>"),
        ("<title>x</title>", 1, 1, "directly in <svg>"),
        ("<svg><tspan>x</tspan></svg>", 1, 6, "directly in <text>"),
        ("<svg><path><path/></path></svg>", 1, 12, "directly in <svg>"),
        ("<svg><text><svg/></text></svg>", 1, 12, "close that first"),
        ("<svg><path></svg>", 1, 12, "write `</path>` first"),
        ("<table><svg/></table>", 1, 8, "put it into a cell"),
        ("<button><button></button></button>", 1, 9, "in `<button>`"),
        ("<a><b><button></button></b></a>", 1, 7, "in `<a>`"),
        ("<button><a></a></button>", 1, 9, "in `<button>`"),
        ("<a><video controls></video></a>", 1, 4, "in `<a>`"),
        ("<button><details></details></button>", 1, 9, "in `<button>`"),
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
        // Boolean attributes.
        ("<button disabled=false></button>", 1, 9, "leave it out, or bind it"),
        ("<div hidden='FALSE'></div>", 1, 6, "leave it out"),
        ("<details open=0></details>", 1, 10, "leave it out"),
        ("<div hidden=' ${x}'></div>", 1, 6, "no text around it"),
        ("<div hidden='${x}${y}'></div>", 1, 6, "no text around it"),
        // URLs.
        ("<img srcset='a, javascript:x 2x'>", 1, 6, "`javascript:x` is not allowed: images are"),
        ("<video src='data:video/webm,x'></video>", 1, 8, "sound and film are"),
        ("<video src='data:${x}'></video>", 1, 8, "sound and film are"),
        ("<video poster='data:text/html,x'></video>", 1, 8, "images are"),
        ("<audio><source src='javascript:${x}'></audio>", 1, 16, "not allowed"),
        // Drawings.
        ("<svg xmlns='http://www.w3.org/1999/xhtml'></svg>", 1, 6, "is always"),
        ("<svg xmlns='${x}'></svg>", 1, 6, "is always"),
        ("<svg xlink:href='#a'></svg>", 1, 6, "has no attribute"),
        ("<svg hidden></svg>", 1, 6, "has no attribute"),
        ("<svg><path href=x /></svg>", 1, 12, "allowed are `d`, `pathLength`, `class`"),
        ("<svg><circle x=1 /></svg>", 1, 14, "allowed are `cx`"),
        ("<svg fill='url(#a)'></svg>", 1, 6, "colours and sizes"),
        ("<svg stroke='u\\72l(#a)'></svg>", 1, 6, "`\\`"),
        ("<b viewBox=x></b>", 1, 4, "has no attribute"),
    ];
    for (source, line, column, words) in cases {
        let error = Markup::compile(source).expect_err(source);
        assert!(error.message.contains(words), "{source}: {error}");
        assert_eq!((error.line, error.column), (*line, *column), "{source}: {error}");
    }
}
