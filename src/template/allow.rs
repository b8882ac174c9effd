//! What a template may contain: elements, where they may stand, and their attributes.
//!
//! The rules of place are those under which a browser, given the same source, builds the same tree.

/// How an element behaves in the tree that a browser builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
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
}

/// An element that is allowed.
#[derive(Debug)]
pub(super) struct Element {
    /// Its name.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The only elements that it may stand in directly; empty: any.
    pub(super) parents: &'static [&'static str],
    /// Attributes besides the global ones.
    attributes: &'static [&'static str],
}

const fn inline(name: &'static str, attributes: &'static [&'static str]) -> Element {
    Element { name, kind: Kind::Inline, parents: &[], attributes }
}

const fn block(name: &'static str, attributes: &'static [&'static str]) -> Element {
    Element { name, kind: Kind::Block, parents: &[], attributes }
}

const fn heading(name: &'static str) -> Element {
    Element { name, kind: Kind::Heading, parents: &[], attributes: &[] }
}

const fn void(name: &'static str, attributes: &'static [&'static str]) -> Element {
    Element { name, kind: Kind::Void, parents: &[], attributes }
}

const fn child(
    name: &'static str,
    kind: Kind,
    parents: &'static [&'static str],
    attributes: &'static [&'static str],
) -> Element {
    Element { name, kind, parents, attributes }
}

const TABLE: &[&str] = &["table"];
const ROWS: &[&str] = &["thead", "tbody", "tfoot"];
const LISTS: &[&str] = &["ul", "ol", "menu"];
const CELL: &[&str] = &["colspan", "rowspan"];

/// All elements that are allowed.
const ELEMENTS: [Element; 73] = [
    // Structure.
    block("div", &[]),
    block("section", &[]),
    block("article", &[]),
    block("aside", &[]),
    block("nav", &[]),
    block("header", &[]),
    block("footer", &[]),
    block("hgroup", &[]),
    block("search", &[]),
    block("address", &[]),
    heading("h1"),
    heading("h2"),
    heading("h3"),
    heading("h4"),
    heading("h5"),
    heading("h6"),
    block("p", &[]),
    block("pre", &[]),
    block("blockquote", &["cite"]),
    block("figure", &[]),
    block("figcaption", &[]),
    block("details", &["open"]),
    block("summary", &[]),
    child("hr", Kind::Void, &[], &[]),
    // Text.
    inline("a", &["href", "target", "rel"]),
    inline("span", &[]),
    inline("abbr", &[]),
    inline("b", &[]),
    inline("bdi", &[]),
    inline("bdo", &[]),
    inline("cite", &[]),
    inline("code", &[]),
    inline("data", &["value"]),
    inline("del", &["cite", "datetime"]),
    inline("dfn", &[]),
    inline("em", &[]),
    inline("i", &[]),
    inline("ins", &["cite", "datetime"]),
    inline("kbd", &[]),
    inline("mark", &[]),
    inline("q", &["cite"]),
    inline("ruby", &[]),
    child("rt", Kind::Inline, &["ruby"], &[]),
    child("rp", Kind::Inline, &["ruby"], &[]),
    inline("s", &[]),
    inline("samp", &[]),
    inline("small", &[]),
    inline("strong", &[]),
    inline("sub", &[]),
    inline("sup", &[]),
    inline("time", &["datetime"]),
    inline("u", &[]),
    inline("var", &[]),
    void("br", &[]),
    void("wbr", &[]),
    // Images. Without `srcset` there is no use for `picture` and `source`.
    void("img", &["src", "alt", "width", "height", "loading", "decoding"]),
    // Lists.
    block("ul", &[]),
    block("ol", &["start", "reversed"]),
    block("menu", &[]),
    child("li", Kind::Block, LISTS, &["value"]),
    block("dl", &[]),
    // Also in a `div` inside a `dl`: see `misplaced`.
    child("dt", Kind::Block, &["dl", "div"], &[]),
    child("dd", Kind::Block, &["dl", "div"], &[]),
    // Tables.
    child("table", Kind::TablePart, &[], &[]),
    child("caption", Kind::Block, TABLE, &[]),
    child("colgroup", Kind::TablePart, TABLE, &[]),
    child("col", Kind::Void, &["colgroup"], &[]),
    child("thead", Kind::TablePart, TABLE, &[]),
    child("tbody", Kind::TablePart, TABLE, &[]),
    child("tfoot", Kind::TablePart, TABLE, &[]),
    child("tr", Kind::TablePart, ROWS, &[]),
    child("td", Kind::Block, &["tr"], CELL),
    child("th", Kind::Block, &["tr"], &["colspan", "rowspan", "scope"]),
];

/// Attributes that every element may have, besides `aria-*` and `data-*`.
const GLOBAL: [&str; 6] = ["class", "title", "lang", "dir", "role", "hidden"];

/// Elements that are refused, and what to do instead.
const REFUSED: [(&str, &str); 13] = [
    ("script noscript template slot", "templates run no scripts; use the actions of the project"),
    ("style link", "give the element a `class` and style it in the page's own CSS"),
    (
        "iframe frame frameset object embed applet portal",
        "foreign documents are not embedded; link to them with `<a href>`",
    ),
    (
        "form input button select option optgroup textarea label fieldset legend datalist",
        "controls in templates are not supported yet; use an element of kind `area` over the overlay",
    ),
    ("svg math", "inline SVG is not supported yet; use `<img src>`"),
    ("picture source", "there is no `srcset`; use `<img src>`"),
    (
        "video audio track canvas map area",
        "the overlay lies on a video already; use `<img src>` for a picture",
    ),
    ("html head body meta title base", "write only the content of the overlay, not a document"),
    ("main", "the page has its own; use `<section>` or `<div>`"),
    (
        "font center big tt strike marquee blink nobr",
        "give a `<span>` or `<div>` a `class` and style it in the page's own CSS",
    ),
    ("plaintext xmp listing", "use `<pre>`"),
    ("dialog", "use `<div>`; showing and hiding are actions of the project"),
    ("acronym", "use `<abbr>`"),
];

/// Attributes that are refused, and what to do instead.
const REFUSED_ATTRIBUTES: [(&str, &str); 8] = [
    ("style", "give the element a `class` and style it in the page's own CSS"),
    ("id", "names in the page could collide with it; use `class` or a `data-*` attribute"),
    ("name", "names in the page could collide with it; use `class` or a `data-*` attribute"),
    ("srcset", "use `src`"),
    ("srcdoc", "foreign documents are not embedded; link to them with `<a href>`"),
    ("data-execute-webhook", "it is not supported in templates yet; use `onClick` of the project's element"),
    ("data-action", "it is not supported in templates yet; use `onClick` of the project's element"),
    ("tabindex", "what can be focused is in the order of the document; use an element of kind `area`"),
];

/// What an attribute's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    /// Text.
    Plain,
    /// Counts by being there; its value does not matter.
    Boolean,
    /// The URL of a link.
    Link,
    /// The URL of an image.
    Image,
    /// Where a link opens.
    Target,
    /// How a link relates to its page.
    Relation,
}

/// The element with this name, in lower case.
pub(super) fn element(name: &str) -> Option<&'static Element> {
    ELEMENTS.iter().find(|element| element.name == name)
}

/// Why an element is not allowed, and what to use instead.
pub(super) fn refused_element(name: &str) -> String {
    let advice = REFUSED.iter().find(|(names, _)| names.split(' ').any(|refused| refused == name));
    match advice {
        Some((_, advice)) => format!("`<{name}>` is not allowed: {advice}"),
        None => format!(
            "`<{name}>` is not an element that templates know; use `<div>` or `<span>` with a `class`"
        ),
    }
}

impl Element {
    /// What the attribute with this name, in lower case, is; or why it is not allowed, and what to use instead.
    pub(super) fn attribute(&self, name: &str) -> Result<Attribute, String> {
        let refused = REFUSED_ATTRIBUTES.iter().find(|(refused, _)| *refused == name);
        if let Some((_, advice)) = refused {
            return Err(format!("the attribute `{name}` is not allowed: {advice}"));
        }
        if name.starts_with("on") {
            return Err(format!(
                "the attribute `{name}` is not allowed: templates run no scripts; use the triggers of the project's element, such as `onClick`"
            ));
        }
        let open =
            ["aria-", "data-"].iter().any(|prefix| name.len() > prefix.len() && name.starts_with(prefix));
        if !open && !GLOBAL.contains(&name) && !self.attributes.contains(&name) {
            let mut message = format!("`<{}>` has no attribute `{name}` here; allowed are ", self.name);
            for allowed in self.attributes.iter().chain(&GLOBAL) {
                message.push('`');
                message.push_str(allowed);
                message.push_str("`, ");
            }
            message.push_str("`aria-*` and `data-*`");
            return Err(message);
        }
        Ok(match name {
            "href" | "cite" => Attribute::Link,
            "src" => Attribute::Image,
            "hidden" | "open" | "reversed" => Attribute::Boolean,
            "target" => Attribute::Target,
            "rel" => Attribute::Relation,
            _ => Attribute::Plain,
        })
    }

    /// Why this element may not stand inside `ancestors` (the innermost last), if so.
    pub(super) fn misplaced(&self, ancestors: &[&'static Element]) -> Option<String> {
        let name = self.name;
        let parent = ancestors.last();
        let parent_name = parent.map_or("", |parent| parent.name);
        let grandparent = ancestors.iter().rev().nth(1).map_or("", |grandparent| grandparent.name);
        if !self.parents.is_empty()
            && (!self.parents.contains(&parent_name) || (parent_name == "div" && grandparent != "dl"))
        {
            let mut message = format!("`<{name}>` stands directly in");
            for (place, parent) in self.parents.iter().enumerate() {
                message.push_str(if place == 0 { " <" } else { " or <" });
                message.push_str(parent);
                message.push('>');
            }
            return Some(message);
        }
        let in_table = parent.is_some_and(|parent| parent.kind == Kind::TablePart);
        if in_table && !self.parents.contains(&parent_name) {
            return Some(format!(
                "`<{name}>` may not stand directly in `<{parent_name}>`: browsers would move it out of the table; put it into a cell"
            ));
        }
        if self.ends_paragraph() && ancestors.iter().any(|ancestor| ancestor.name == "p") {
            return Some(format!(
                "`<{name}>` may not stand inside `<p>`: browsers would end the paragraph before it; close the `<p>` first, or use `<div>` in its place"
            ));
        }
        if self.kind == Kind::Heading && parent.is_some_and(|parent| parent.kind == Kind::Heading) {
            return Some(format!(
                "`<{name}>` may not stand directly in another heading; close `<{parent_name}>` first"
            ));
        }
        if name == "a" && ancestors.iter().any(|ancestor| ancestor.name == "a") {
            return Some("a link may not stand inside a link; close the `<a>` before it".to_owned());
        }
        None
    }

    fn ends_paragraph(&self) -> bool {
        matches!(self.kind, Kind::Block | Kind::Heading) || matches!(self.name, "hr" | "table")
    }
}
