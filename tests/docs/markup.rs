//! Elements and attributes: the tables name what is allowed, no more and no less.

use crate::{quoted, rows, text_of};
use cuehook::template::Markup;
use std::collections::BTreeSet;

/// All elements of HTML, obsolete ones too, and the roots of foreign content.
const HTML: &str = "a abbr acronym address applet area article aside audio b base bdi bdo big blink blockquote body br \
    button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed \
    fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img \
    input ins kbd label legend li link listing main map mark marquee math menu meta meter nav nobr noscript object ol \
    optgroup option output p param picture plaintext portal pre progress q rp rt ruby s samp script search section select \
    slot small source span strike strong style sub summary sup table tbody td template textarea tfoot th thead time \
    tr track tt u ul var video wbr xmp";

/// Elements of SVG, as far as people would try them.
const SVG: &str = "animate animateMotion animateTransform circle clipPath defs desc ellipse feBlend filter foreignObject g \
    image line linearGradient marker mask metadata mpath path pattern polygon polyline radialGradient rect set stop svg \
    switch symbol text textPath title tspan use view";

fn refusal(source: &str) -> String {
    Markup::compile(source).err().map(|error| error.message).unwrap_or_default()
}

#[test]
fn documented_elements_and_attributes_are_those_that_are_allowed() {
    let page = text_of("docs/markup.md");
    let allowed = |name: &&str| {
        let message = refusal(&format!("<{name}>"));
        !message.contains("is not allowed") && !message.contains("is not an element")
    };
    let html: BTreeSet<&str> = HTML.split_whitespace().filter(allowed).collect();
    let drawings: BTreeSet<&str> = SVG.split_whitespace().filter(allowed).collect();
    let table = rows(&page, "## Elements");
    let documented: BTreeSet<&str> = table.iter().flat_map(|row| quoted(&row[1])).collect();
    assert_eq!(documented, html.union(&drawings).copied().collect());

    let mut names = BTreeSet::new();
    let mut documented = BTreeSet::new();
    for row in rows(&page, "## Attributes") {
        let elements = row[1].split(';').next().unwrap();
        let elements: Vec<&str> = match elements {
            "all elements but those of drawings" => html.iter().copied().collect(),
            "all elements of drawings" => drawings.iter().copied().collect(),
            names => quoted(names),
        };
        for attribute in quoted(&row[0]) {
            let attribute = attribute.replace('*', "x");
            documented.extend(elements.iter().map(|element| format!("{element} {attribute}")));
            names.insert(attribute);
        }
    }
    // What people would try besides.
    names.extend(
        [
            "align",
            "autoplay",
            "background",
            "border",
            "crossorigin",
            "download",
            "for",
            "filter",
            "id",
            "ping",
        ]
        .map(str::to_owned),
    );
    let mut expected = BTreeSet::new();
    for element in html.union(&drawings) {
        for name in &names {
            let message = refusal(&format!("<{element} {name}=\"nofollow\">"));
            if !message.contains("has no attribute") && !message.contains("the attribute `") {
                expected.insert(format!("{element} {name}"));
            }
        }
    }
    let difference: Vec<_> = documented.symmetric_difference(&expected).collect();
    assert!(difference.is_empty(), "documented, or allowed, and not the other: {difference:?}");

    for row in rows(&page, "## What is refused") {
        for name in quoted(&row[0]) {
            let source = match name.strip_prefix('<') {
                Some(_) => name.to_owned(),
                None if name.starts_with("on") => "<p onclick=\"x\">".to_owned(),
                None => format!("<p {}>", name.split('=').next().unwrap()),
            };
            assert!(refusal(&source).contains("is not allowed"), "{name}: {}", refusal(&source));
        }
    }
    for name in quoted(page.split_once("## Characters").unwrap().1) {
        let source = if name.starts_with('&') { name.to_owned() } else { format!("&{name};") };
        assert_eq!(refusal(&source), "", "{name}");
    }
}
