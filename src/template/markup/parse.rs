//! A strict parser for markup. What it accepts, a browser parses to the same tree.

use super::allow::{self, BETWEEN_TAGS, Kind};
use super::attribute::{Content, place};
use super::reference::reference;
use super::tag;
use crate::diagnostic::explain;
use crate::template::TemplateError;
use crate::template::plan::{Attribute, AttributeValue, Block, Element, Node, Plan, Sink};
use crate::template::program::{Program, Step, find_dependencies};
use crate::template::syntax::control::{self, Tag, Turned, nothing_open};
use crate::template::syntax::parts::Part;
use crate::template::syntax::placeholder::{Special, special};
use crate::template::syntax::source::Source;

/// Elements inside elements.
const MAX_DEPTH: usize = 64;
/// Elements and text nodes.
const MAX_NODES: usize = 2_000;

/// What is open: an element whose end tag, or control flow whose end has not come yet.
enum Open {
    Element {
        element: Element,
        rule: allow::Element,
        /// Byte offset of its tag.
        at: usize,
    },
    /// The branch or loop body is the block that is being read.
    Flow(control::Open<usize>),
}

/// A block that is being read.
#[derive(Default)]
struct Building {
    number: usize,
    program: Program,
    /// Finished nodes of its top level.
    nodes: Vec<Node>,
}

struct MarkupParser<'a> {
    source: Source<'a>,
    /// The finished blocks; those that are being read have an empty place.
    blocks: Vec<Block>,
    programs: Vec<Program>,
    /// What is being read, and the blocks around it.
    current: Building,
    outer: Vec<Building>,
    open: Vec<Open>,
    /// How many nodes there are.
    count: usize,
    /// Fixed text that is not yet a node.
    text: String,
    /// Directly after `<pre>`, where browsers leave out a line end.
    after_pre: bool,
}

/// Reads the whole source: a plan, and for each of its blocks what it computes.
pub(in crate::template) fn parse(source: Source<'_>) -> Result<(Plan, Vec<Program>), TemplateError> {
    let mut parser = MarkupParser {
        source,
        blocks: vec![Block::default()],
        programs: vec![Program::default()],
        current: Building::default(),
        outer: Vec::new(),
        open: Vec::new(),
        count: 0,
        text: String::new(),
        after_pre: false,
    };
    while parser.source.peek().is_some() {
        parser.next()?;
    }
    parser.flush_text()?;
    match parser.open.last() {
        Some(Open::Element { element: Element { name, .. }, at, .. }) => {
            Err(parser.source.error(*at, explain!("`<{name}>` is not closed: `</{name}>` is missing")))
        }
        Some(Open::Flow(open)) => {
            let (name, end) = open.names();
            Err(parser.source.error(open.at, explain!("`{name}` is not closed: `{end}` is missing")))
        }
        None => {
            parser.finish();
            find_dependencies(&mut parser.programs);
            Ok((Plan { blocks: parser.blocks }, parser.programs))
        }
    }
}

impl MarkupParser<'_> {
    fn next(&mut self) -> Result<(), TemplateError> {
        let at = self.source.at();
        match self.source.peek() {
            Some(b'<') => self.markup(at),
            Some(b'&') => {
                let character = reference(&mut self.source, false)?;
                self.push(at, character.encode_utf8(&mut [0; 4]))
            }
            Some(b'$' | b'{') => match special(&mut self.source, BETWEEN_TAGS)? {
                Some(Special::Literal(text)) => self.push(at, text),
                Some(Special::Comment) => Ok(()),
                Some(Special::Control(tag)) => self.control(at, tag),
                Some(Special::Placeholder(placeholder)) => {
                    self.refuse_text(at)?;
                    self.flush_text()?;
                    self.after_pre = false;
                    let slot = self.current.program.slot(Step::Text(placeholder));
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
        let ancestors: Vec<_> = self.open.iter().filter_map(Open::rule).collect();
        if let Some(message) = tag.rule.misplaced(&ancestors) {
            return Err(self.source.error(at, message));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.source.error(at, "the elements are nested deeper than 64 levels"));
        }
        if let Some((at, key)) = tag.key {
            self.key(at, key)?;
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
                explain!("`<{name}/>` does not end here for browsers; write `<{name}></{name}>`"),
            ));
        }
        self.open.push(Open::Element { element, rule: tag.rule, at });
        Ok(())
    }

    fn attribute(&mut self, element: &str, sink: Sink, content: Content) -> Attribute {
        let value = match content {
            Content::Fixed(text) => AttributeValue::Fixed(text),
            Content::Parts(parts, check) => {
                let place = place(element, &sink);
                AttributeValue::Slot(self.current.program.slot(Step::Attribute { parts, check, place }))
            }
        };
        Attribute { sink, value }
    }

    fn end_tag(&mut self, at: usize) -> Result<(), TemplateError> {
        self.flush_text()?;
        self.after_pre = false;
        let name = tag::end(&mut self.source, at)?;
        let message = match self.open.last() {
            Some(Open::Element { element, .. }) if element.name == name => {
                if let Some(Open::Element { element, .. }) = self.open.pop() {
                    self.add(at, Node::Element(element))?;
                }
                return Ok(());
            }
            _ if allow::element(&name).is_some_and(|rule| rule.kind == Kind::Void) => {
                explain!("`<{name}>` has no end tag; take `</{name}>` out")
            }
            Some(Open::Element { element, .. }) => {
                explain!(
                    "`</{name}>` does not match `<{0}>`, which is open; write `</{0}>` first",
                    element.name
                )
            }
            Some(Open::Flow(open)) => {
                let (begin, end) = open.names();
                explain!(
                    "`</{name}>` closes an element that was not opened inside `{begin}`; control flow encloses whole elements: write `{end}` first"
                )
            }
            None => explain!("`</{name}>` closes nothing; take it out, or write `<{name}>` before it"),
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
        match self.open.iter().rev().find_map(Open::rule) {
            Some(rule) if rule.kind == Kind::TablePart => Err(self.source.error(
                at,
                explain!(
                    "text may not stand directly in `<{}>`: browsers would move it out of the table; put it into a cell",
                    rule.name
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
        self.current.program.nodes += 1;
        match self.open.last_mut() {
            Some(Open::Element { element, .. }) => element.children.push(node),
            _ => self.current.nodes.push(node),
        }
        Ok(())
    }

    /// Begins a block.
    fn begin(&mut self) {
        let number = self.blocks.len();
        self.blocks.push(Block::default());
        self.programs.push(Program::default());
        let outer = std::mem::replace(&mut self.current, Building { number, ..Building::default() });
        self.outer.push(outer);
    }

    /// Ends the block that is being read; returns its number.
    fn finish(&mut self) -> usize {
        let outer = self.outer.pop().unwrap_or_default();
        let Building { number, program, nodes } = std::mem::replace(&mut self.current, outer);
        let block = Block { nodes, slots: program.slots, regions: program.regions };
        if let (Some(place), Some(programs)) = (self.blocks.get_mut(number), self.programs.get_mut(number)) {
            *place = block;
            *programs = program;
        }
        number
    }

    /// `{% … %}`
    fn control(&mut self, at: usize, tag: Tag) -> Result<(), TemplateError> {
        control::trim_layout(&mut self.text);
        self.flush_text()?;
        self.after_pre = false;
        let open = match tag {
            Tag::Set(name, value) => {
                self.current.program.steps.push(Step::Set(name, value));
                return Ok(());
            }
            Tag::If(condition) => control::Open::choice(at, condition),
            Tag::For(name, list) => control::Open::repeat(at, name, list),
            tag => return self.turn(at, tag),
        };
        if self.open.len() >= MAX_DEPTH {
            return Err(self.source.error(at, "elements and control flow are nested deeper than 64 levels"));
        }
        self.open.push(Open::Flow(open));
        self.begin();
        Ok(())
    }

    /// `{% elif %}`, `{% else %}`, `{% endif %}`, `{% endfor %}`
    fn turn(&mut self, at: usize, tag: Tag) -> Result<(), TemplateError> {
        let open = match self.open.pop() {
            Some(Open::Flow(open)) => open,
            Some(Open::Element { element: Element { name, .. }, .. }) => {
                return Err(self.source.error(
                    at,
                    explain!("`<{name}>` is open here, and control flow encloses whole elements; write `</{name}>` before this tag"),
                ));
            }
            None => return Err(self.source.error(at, nothing_open(&tag))),
        };
        let number = self.finish();
        match open.turn(tag, number).map_err(|message| self.source.error(at, message))? {
            Turned::Open(open) => {
                self.open.push(Open::Flow(open));
                self.begin();
                Ok(())
            }
            Turned::Closed(flow) => {
                let region = self.current.program.region(flow);
                self.add(at, Node::Region(region))
            }
        }
    }

    /// `key="${item.id}"` on an element directly in a loop.
    fn key(&mut self, at: usize, key: Vec<Part>) -> Result<(), TemplateError> {
        let in_loop = matches!(self.open.last(), Some(Open::Flow(open)) if open.in_loop());
        let known = &mut self.current.program.key;
        match (in_loop, known.is_some()) {
            (true, false) => {
                *known = Some(key);
                Ok(())
            }
            (true, true) => Err(self.source.error(at, "this row has a `key` already; one element of it says which row it is")),
            (false, _) => Err(self.source.error(
                at,
                "`key` says which row of a loop this is, so it stands on an element directly inside `{% for %}`; for anything else use `data-key`",
            )),
        }
    }
}

impl Open {
    fn rule(&self) -> Option<allow::Element> {
        match self {
            Open::Element { rule, .. } => Some(*rule),
            Open::Flow(_) => None,
        }
    }
}
