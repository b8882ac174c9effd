//! A strict parser for markup. What it accepts, a browser parses to the same tree.

use super::TemplateError;
use super::allow::{self, Kind};
use super::attribute::{Content, place};
use super::markup::Slot;
use super::parts::Part;
use super::placeholder::{Place, Special, special};
use super::plan::{Attribute, AttributeValue, Element, Node, Sink};
use super::reference::reference;
use super::source::Source;
use super::tag;

/// Elements inside elements.
const MAX_DEPTH: usize = 64;
/// Elements and text nodes.
const MAX_NODES: usize = 2_000;

/// An element whose end tag has not come yet.
struct Open {
    element: Element,
    rule: allow::Element,
    /// Byte offset of its tag.
    at: usize,
}

struct Parser<'a> {
    source: Source<'a>,
    /// Finished nodes of the top level.
    nodes: Vec<Node>,
    open: Vec<Open>,
    slots: Vec<Slot>,
    /// How many nodes there are.
    count: usize,
    /// Fixed text that is not yet a node.
    text: String,
    /// Directly after `<pre>`, where browsers leave out a line end.
    after_pre: bool,
}

/// Reads the whole source.
pub(super) fn parse(source: Source<'_>) -> Result<(Vec<Node>, Vec<Slot>), TemplateError> {
    let mut parser = Parser {
        source,
        nodes: Vec::new(),
        open: Vec::new(),
        slots: Vec::new(),
        count: 0,
        text: String::new(),
        after_pre: false,
    };
    while parser.source.peek().is_some() {
        parser.next()?;
    }
    parser.flush_text()?;
    match parser.open.last() {
        Some(open) => {
            let name = open.element.name;
            Err(parser.source.error(open.at, format!("`<{name}>` is not closed: `</{name}>` is missing")))
        }
        None => Ok((parser.nodes, parser.slots)),
    }
}

impl Parser<'_> {
    fn next(&mut self) -> Result<(), TemplateError> {
        let at = self.source.at();
        match self.source.peek() {
            Some(b'<') => self.markup(at),
            Some(b'&') => {
                let character = reference(&mut self.source, false)?;
                self.push(at, character.encode_utf8(&mut [0; 4]))
            }
            Some(b'$' | b'{') => match special(&mut self.source, Place::Markup)? {
                Some(Special::Literal(text)) => self.push(at, text),
                Some(Special::Comment) => Ok(()),
                Some(Special::Placeholder(placeholder)) => {
                    self.refuse_text(at)?;
                    self.flush_text()?;
                    self.after_pre = false;
                    let slot = self.slots.len();
                    self.slots.push(Slot { parts: vec![Part::Placeholder(placeholder)], attribute: None });
                    self.add(at, Node::Slot(slot))
                }
                None => {
                    let character = self.source.next().unwrap_or_default();
                    self.push(at, character.encode_utf8(&mut [0; 4]))
                }
            },
            Some(b'\r') => {
                self.source.take("\r");
                self.source.take("\n");
                self.push(at, "\n")
            }
            Some(0) => Err(tag::nul(&self.source)),
            _ => {
                let text =
                    self.source.take_while(|byte| !matches!(byte, b'<' | b'&' | b'$' | b'{' | b'\r' | 0));
                self.push(at, text)
            }
        }
    }

    /// Reads what begins with `<`.
    fn markup(&mut self, at: usize) -> Result<(), TemplateError> {
        if self.source.take("<!--") {
            self.after_pre = false;
            return tag::comment(&mut self.source, at);
        }
        if self.source.take("</") {
            return self.end_tag(at);
        }
        match self.source.rest().as_bytes().get(1) {
            Some(byte) if byte.is_ascii_alphabetic() => self.start_tag(at),
            Some(b'!' | b'?') => {
                Err(self.source.error(at, "only elements and comments `<!-- … -->` may stand here"))
            }
            Some(b'$' | b'{') => Err(self.source.error(
                at,
                "a placeholder may not stand in an element's name; write the name, or `&lt;` for `<`",
            )),
            _ => Err(self.source.error(at, "for a mere `<` write `&lt;`")),
        }
    }

    fn start_tag(&mut self, at: usize) -> Result<(), TemplateError> {
        self.flush_text()?;
        let tag = tag::start(&mut self.source)?;
        let ancestors: Vec<_> = self.open.iter().map(|open| open.rule).collect();
        if let Some(message) = tag.rule.misplaced(&ancestors) {
            return Err(self.source.error(at, message));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.source.error(at, "the elements are nested deeper than 64 levels"));
        }
        let name = tag.rule.name;
        let svg = tag.rule.kind == Kind::Svg;
        let attributes =
            tag.attributes.into_iter().map(|(sink, content)| self.attribute(name, sink, content));
        let element = Element { name, svg, attributes: attributes.collect(), children: Vec::new() };
        self.after_pre = element.name == "pre";
        if tag.rule.kind == Kind::Void || (svg && tag.self_closing) {
            return self.add(at, Node::Element(element));
        }
        if tag.self_closing {
            let name = element.name;
            return Err(self.source.error(
                at,
                format!("`<{name}/>` does not end here for browsers; write `<{name}></{name}>`"),
            ));
        }
        self.open.push(Open { element, rule: tag.rule, at });
        Ok(())
    }

    fn attribute(&mut self, element: &str, sink: Sink, content: Content) -> Attribute {
        let value = match content {
            Content::Fixed(text) => AttributeValue::Fixed(text),
            Content::Parts(parts, check) => {
                self.slots.push(Slot { parts, attribute: Some((check, place(element, &sink))) });
                AttributeValue::Slot(self.slots.len() - 1)
            }
        };
        Attribute { sink, value }
    }

    fn end_tag(&mut self, at: usize) -> Result<(), TemplateError> {
        self.flush_text()?;
        self.after_pre = false;
        let name = tag::end(&mut self.source, at)?;
        let message = match self.open.last() {
            Some(open) if open.element.name == name => {
                if let Some(open) = self.open.pop() {
                    self.add(at, Node::Element(open.element))?;
                }
                return Ok(());
            }
            _ if allow::element(&name).is_some_and(|rule| rule.kind == Kind::Void) => {
                format!("`<{name}>` has no end tag; take `</{name}>` out")
            }
            Some(open) => {
                format!(
                    "`</{name}>` does not match `<{0}>`, which is open; write `</{0}>` first",
                    open.element.name
                )
            }
            None => format!("`</{name}>` closes nothing; take it out, or write `<{name}>` before it"),
        };
        Err(self.source.error(at, message))
    }

    /// Adds fixed text.
    fn push(&mut self, at: usize, text: &str) -> Result<(), TemplateError> {
        let text =
            if std::mem::take(&mut self.after_pre) { text.strip_prefix('\n').unwrap_or(text) } else { text };
        // What HTML calls whitespace; a no-break space is text.
        if text.bytes().any(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | 0xc)) {
            self.refuse_text(at)?;
        }
        self.text.push_str(text);
        Ok(())
    }

    fn refuse_text(&self, at: usize) -> Result<(), TemplateError> {
        match self.open.last() {
            Some(open) if open.rule.kind == Kind::TablePart => Err(self.source.error(
                at,
                format!(
                    "text may not stand directly in `<{}>`: browsers would move it out of the table; put it into a cell",
                    open.element.name
                ),
            )),
            _ => Ok(()),
        }
    }

    fn flush_text(&mut self) -> Result<(), TemplateError> {
        if self.text.is_empty() {
            return Ok(());
        }
        let text = std::mem::take(&mut self.text);
        self.add(self.source.at(), Node::Text(text))
    }

    fn add(&mut self, at: usize, node: Node) -> Result<(), TemplateError> {
        self.count += 1;
        if self.count > MAX_NODES {
            return Err(self.source.error(
                at,
                "the template has more than 2,000 elements and texts; split it into several elements",
            ));
        }
        match self.open.last_mut() {
            Some(open) => open.element.children.push(node),
            None => self.nodes.push(node),
        }
        Ok(())
    }
}
