//! What a template may contain: elements, where they may stand, and the names of their attributes.
//!
//! The rules of place are those under which a browser, given the same source, builds the same tree. What attributes may
//! hold is in `attribute`.

use crate::diagnostic::explain;
use crate::template::error::{Refused, RefusedKind};
use crate::template::syntax::placeholder::Place;

/// Between tags.
pub(in crate::template) const BETWEEN_TAGS: Place = Place::Markup(may_follow_dollar);

/// Whether `$<name>` is a dollar sign and a tag. Nobody puts a dollar sign before a part of a drawing, and `$<title>` is a
/// likely variable.
fn may_follow_dollar(name: &str) -> bool {
    element(name).is_some_and(|rule| rule.kind != Kind::Svg)
}

/// How an element behaves in the tree that a browser builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::template) enum Kind {
    /// Within text.
    Inline,
    /// Ends a paragraph that is open.
    Block,
    /// `h1`–`h6`: a block that also ends a heading that is open directly around it.
    Heading,
    /// Parts of tables that hold only certain elements and no text: browsers move everything else out of the table.
    TablePart,
    /// Without content and end tag.
    Void,
    /// Part of a drawing. `<path/>` ends where it stands.
    Svg,
}

/// An element that is allowed.
#[derive(Clone, Copy, Debug)]
pub(in crate::template) struct Element {
    /// Its name.
    pub(in crate::template) name: &'static str,
    pub(in crate::template) kind: Kind,
    /// The only elements that it may stand in directly; empty: any.
    parents: &'static str,
    /// Attributes besides those that every element may have.
    attributes: &'static str,
}

use Kind::{Block, Heading, Inline, Svg, TablePart, Void};

/// All elements that are allowed: kind, names, the only elements that they may stand in directly (none: any),
/// attributes besides [`GLOBAL`] or [`SVG_GLOBAL`]. Lists are parted by blanks: small, and compressed well.
const ELEMENTS: &[(Kind, &str, &str, &str)] = &[
    // Structure.
    (Block, "div section article aside nav header footer hgroup search address", "", ""),
    (Block, "p pre figure figcaption summary", "", ""),
    (Heading, "h1 h2 h3 h4 h5 h6", "", ""),
    (Block, "blockquote", "", "cite"),
    (Block, "details", "", "open"),
    (Void, "hr", "", ""),
    // Text.
    (Inline, "a", "", "href target rel data-records"),
    (Inline, "span abbr b bdi bdo cite code dfn em i kbd mark ruby", "", ""),
    (Inline, "s samp small strong sub sup u var", "", ""),
    (Inline, "rt rp", "ruby", ""),
    (Inline, "q", "", "cite"),
    (Inline, "del ins", "", "cite datetime"),
    (Inline, "time", "", "datetime"),
    (Inline, "data", "", "value"),
    (Void, "br wbr", "", ""),
    // What reacts. The `type` of a button is always `button`: there is no form that another could send.
    (Inline, "button", "", "type disabled data-execute-webhook data-action data-records"),
    (Inline, "progress", "", "value max"),
    (Inline, "meter", "", "value min max low high optimum"),
    // Images.
    (Void, "img", "", "src srcset sizes alt width height loading decoding"),
    (Inline, "picture", "", ""),
    // Sound and film. No `autoplay`: there is a film already, so the viewer starts another one.
    (Inline, "audio", "", "src controls loop muted preload"),
    (Inline, "video", "", "src controls loop muted preload playsinline poster width height"),
    (Void, "source", "picture audio video", "src srcset sizes media type"),
    (Void, "track", "audio video", "src kind srclang label default"),
    // Lists.
    (Block, "ul menu dl", "", ""),
    (Block, "ol", "", "start reversed"),
    (Block, "li", "ul ol menu", "value"),
    // Also in a `div` inside a `dl`: see `misplaced`.
    (Block, "dt dd", "dl div", ""),
    // Tables. Without `tbody` browsers would put one in.
    (TablePart, "table", "", ""),
    (Block, "caption", "table", ""),
    (TablePart, "colgroup thead tbody tfoot", "table", ""),
    (Void, "col", "colgroup", ""),
    (TablePart, "tr", "thead tbody tfoot", ""),
    (Block, "td", "tr", "colspan rowspan"),
    (Block, "th", "tr", "colspan rowspan scope"),
    // Drawings, as far as they do without `id`: ids would have to be unique in the whole page.
    (Svg, "svg", "", "xmlns viewBox preserveAspectRatio x y width height"),
    (Svg, "g", "svg g", ""),
    (Svg, "path", "svg g", "d pathLength"),
    (Svg, "circle", "svg g", "cx cy r pathLength"),
    (Svg, "ellipse", "svg g", "cx cy rx ry pathLength"),
    (Svg, "rect", "svg g", "x y width height rx ry pathLength"),
    (Svg, "line", "svg g", "x1 y1 x2 y2 pathLength"),
    (Svg, "polyline polygon", "svg g", "points pathLength"),
    (Svg, "text", "svg g", "x y dx dy"),
    (Svg, "tspan", "text tspan", "x y dx dy"),
    (Svg, "title desc", "svg g path circle ellipse rect line polyline polygon text tspan", ""),
];

/// Attributes that every element of HTML may have, besides `aria-*` and `data-*`.
const GLOBAL: &str = "class style title lang dir role hidden";

/// Attributes that every part of a drawing may have, besides `aria-*` and `data-*`. No `title`: that is an element there.
const SVG_GLOBAL: &str = "class style lang role fill fill-rule fill-opacity stroke stroke-width stroke-linecap \
    stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset stroke-opacity opacity transform \
    vector-effect font-family font-size font-weight text-anchor dominant-baseline";

/// Elements that are refused, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    ("script noscript template slot", "templates run no scripts; use the actions of the project"),
    (
        "style link",
        "write `style=\"…\"` at the element, or give it a `class` and style it in the page's own CSS",
    ),
    (
        "iframe frame frameset object embed applet portal",
        "foreign documents are not embedded; link to them with `<a href>`",
    ),
    (
        "form input select option optgroup textarea label fieldset legend datalist output",
        "templates have no fields; offer each choice as a `<button data-execute-webhook=\"…\">`",
    ),
    ("math", "use `<sub>`, `<sup>` and characters, or `<img src>`"),
    (
        "canvas map area",
        "use `<svg>` or `<img src>` for a picture, and `<button>` or `<a href>` for what is clicked",
    ),
    ("html head body meta base", "write only the content of the overlay, not a document"),
    ("main", "the page has its own; use `<section>` or `<div>`"),
    ("font center big tt strike marquee blink nobr", "give a `<span>` or `<div>` a `style` or a `class`"),
    ("plaintext xmp listing", "use `<pre>`"),
    ("dialog", "use `<div>`; showing and hiding are actions of the project"),
    ("acronym", "use `<abbr>`"),
    // Drawings.
    ("use symbol defs marker switch", "there are no ids to refer to; write the shapes where they are shown"),
    (
        "lineargradient radialgradient stop pattern clippath mask filter",
        "there are no ids to refer to; use plain colours and `opacity`, CSS of the page, or `<img src>` for the whole picture",
    ),
    ("image", "use `<img src>` beside the `<svg>`"),
    ("foreignobject", "put the HTML beside the `<svg>`, or write text with `<text>`"),
    ("textpath", "use `<text>`"),
    (
        "animate animatemotion animatetransform set",
        "give the shape a `class` and animate it in the page's own CSS",
    ),
];

/// Attributes that are refused, and what to do instead.
const REFUSED_ATTRIBUTES: &[(&str, &str)] = &[
    ("id name", "names in the page could collide with it; use `class` or a `data-*` attribute"),
    ("srcdoc", "foreign documents are not embedded; link to them with `<a href>`"),
    ("autoplay", "there is a film already; write `controls`, and the viewer starts this one"),
    ("tabindex", "what can be focused is in the order of the document; use `<button>` or `<a href>`"),
    (
        "data-execute-webhook data-action",
        "only a `<button>` is reached with the keyboard, too; write the attribute there",
    ),
    ("data-records", "only clicks on an `<a>` or a `<button>` count; write the attribute there"),
];

/// Elements that react to clicks. They do not stand in links and buttons, where a click could mean either.
const INTERACTIVE: &str = "a button audio video details";

fn has(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known == name)
}

/// The element with this name, in lower case.
pub(in crate::template) fn element(name: &str) -> Option<Element> {
    ELEMENTS.iter().find_map(|&(kind, names, parents, attributes)| {
        let name = names.split(' ').find(|known| *known == name)?;
        Some(Element { name, kind, parents, attributes })
    })
}

/// Why an element is not allowed, and what to use instead.
pub(in crate::template) fn refused_element(name: &str) -> String {
    match REFUSED.iter().find(|(names, _)| has(names, name)) {
        Some((_, advice)) => explain!("`<{name}>` is not allowed: {advice}"),
        None => explain!(
            "`<{name}>` is not an element that templates know; use `<div>` or `<span>` with a `class`"
        ),
    }
}

impl Element {
    /// The attribute's name in the letters that browsers use, from the name in lower case; or why it is not allowed, and
    /// what to use instead.
    pub(in crate::template) fn attribute(&self, name: &str) -> Result<String, Refused> {
        let refused = |message: String| Err(RefusedKind::Attribute.error(message));
        let global = if self.kind == Svg { SVG_GLOBAL } else { GLOBAL };
        let mut known = self.attributes.split(' ').chain(global.split(' '));
        if let Some(known) = known.find(|known| known.eq_ignore_ascii_case(name)) {
            return Ok(known.to_owned());
        }
        if let Some((_, advice)) = REFUSED_ATTRIBUTES.iter().find(|(names, _)| has(names, name)) {
            return refused(explain!("the attribute `{name}` is not allowed: {advice}"));
        }
        if name.starts_with("on") {
            return refused(explain!(
                "the attribute `{name}` is not allowed: templates run no scripts; use `<button data-execute-webhook=\"…\">`, or the triggers of the project's element, such as `onClick`"
            ));
        }
        // Cuehook's own, such as `data-cuehook-for`, would let a template speak for the page.
        let open =
            ["aria-", "data-"].iter().any(|prefix| name.len() > prefix.len() && name.starts_with(prefix));
        if open && !name.starts_with("data-cuehook") {
            return Ok(name.to_owned());
        }
        let mut message = explain!("`<{}>` has no attribute `{name}` here; allowed are ", self.name);
        for allowed in self.attributes.split_ascii_whitespace().chain(global.split(' ')) {
            message.push('`');
            message.push_str(allowed);
            message.push_str("`, ");
        }
        message.push_str("`aria-*` and `data-*`");
        refused(message)
    }

    /// Why this element may not stand inside `ancestors` (the innermost last), if so.
    pub(in crate::template) fn misplaced(&self, ancestors: &[Element]) -> Option<String> {
        let name = self.name;
        let parent = ancestors.last();
        let parent_name = parent.map_or("", |parent| parent.name);
        let parent_kind = parent.map(|parent| parent.kind);
        let grandparent = ancestors.iter().rev().nth(1).map_or("", |grandparent| grandparent.name);
        let foreign = parent_kind == Some(Svg) && self.kind != Svg;
        if !self.parents.is_empty()
            && !foreign
            && (!has(self.parents, parent_name) || (parent_name == "div" && grandparent != "dl"))
        {
            let mut message = explain!("`<{name}>` stands directly in");
            for (place, parent) in self.parents.split(' ').enumerate() {
                message.push_str(if place == 0 { " <" } else { " or <" });
                message.push_str(parent);
                message.push('>');
            }
            return Some(message);
        }
        let around = |names: &str| ancestors.iter().find(|ancestor| has(names, ancestor.name));
        let (outer, reason) = if foreign {
            (
                parent,
                "browsers would end the drawing before it; put it beside the `<svg>`, or write text with `<text>`",
            )
        } else if parent_kind == Some(TablePart) && !has(self.parents, parent_name) {
            (parent, "browsers would move it out of the table; put it into a cell")
        } else if parent_kind == Some(Svg) && name == "svg" && !has("svg g", parent_name)
            || parent_kind == Some(Heading) && self.kind == Heading
        {
            (parent, "close that first")
        } else if self.ends_paragraph() && around("p").is_some() {
            (
                around("p"),
                "browsers would end the paragraph before it; close the `<p>` first, or use `<div>` in its place",
            )
        } else if has(INTERACTIVE, name) {
            (around("a button"), "a click could mean either; close that first")
        } else {
            return None;
        };
        let outer = outer?.name;
        Some(explain!("`<{name}>` may not stand in `<{outer}>`: {reason}"))
    }

    fn ends_paragraph(&self) -> bool {
        matches!(self.kind, Block | Heading) || matches!(self.name, "hr" | "table")
    }
}
