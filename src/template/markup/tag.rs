//! Tags, attributes and comments of markup.

use super::allow;
use super::attribute::{self, Content};
use super::reference::reference;
use crate::diagnostic::explain;
use crate::search::find;
use crate::template::TemplateError;
use crate::template::plan::Sink;
use crate::template::syntax::parts::{Builder, Part};
use crate::template::syntax::placeholder::{Place, special};
use crate::template::syntax::source::Source;

/// Attributes of one element.
const MAX_ATTRIBUTES: usize = 64;

/// A start tag.
pub(in crate::template) struct Start {
    pub(in crate::template) rule: allow::Element,
    /// Attributes and declarations of `style` in their order, without duplicates.
    pub(in crate::template) attributes: Vec<(Sink, Content)>,
    /// `key="…"`, with the byte offset where it stands.
    pub(in crate::template) key: Option<(usize, Vec<Part>)>,
    /// Whether it ends with `/>`.
    pub(in crate::template) self_closing: bool,
}

/// What HTML calls whitespace.
fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0xc)
}

/// An error for the NUL character here.
pub(in crate::template) fn nul(source: &Source<'_>) -> TemplateError {
    source.error(source.at(), "here is a NUL character (U+0000); take it out")
}

/// Reads a comment whose `<!--` has been read; it leaves nothing.
pub(in crate::template) fn comment(source: &mut Source<'_>, at: usize) -> Result<(), TemplateError> {
    let text = source
        .take_until("-->")
        .ok_or_else(|| source.error(at, "this comment is not closed: `-->` is missing"))?;
    // Browsers end a comment here, some way or other.
    if text.starts_with('>') || text.starts_with("->") || find(text, "--!>").is_some() {
        return Err(source.error(at, "a comment may not begin with `>` or `->`, nor contain `--!>`"));
    }
    Ok(())
}

/// Reads an end tag whose `</` has been read, and gives its name.
pub(in crate::template) fn end(source: &mut Source<'_>, at: usize) -> Result<String, TemplateError> {
    let name = source.take_while(|byte| byte.is_ascii_alphanumeric()).to_ascii_lowercase();
    source.take_while(blank);
    if name.is_empty() || !source.take(">") {
        return Err(
            source.error(at, "an end tag is a name between `</` and `>`; for a mere `<` write `&lt;`")
        );
    }
    Ok(name)
}

/// Reads a start tag, from its `<`.
pub(in crate::template) fn start(source: &mut Source<'_>) -> Result<Start, TemplateError> {
    let at = source.at();
    source.take("<");
    let name = source.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'-').to_ascii_lowercase();
    let rule = allow::element(&name).ok_or_else(|| source.error(at, allow::refused_element(&name)))?;
    let mut names: Vec<String> = Vec::new();
    let mut attributes = Vec::new();
    let mut key = None;
    let self_closing = loop {
        let spaced = !source.take_while(blank).is_empty();
        let at = source.at();
        if source.take(">") {
            break false;
        }
        if source.take("/>") {
            break true;
        }
        let name = attribute_name(source, &rule, spaced)?;
        if names.contains(&name) {
            return Err(
                source.error(at, explain!("`{name}` stands twice in this tag; browsers ignore the second"))
            );
        }
        if names.len() >= MAX_ATTRIBUTES {
            return Err(source.error(at, "an element may have 64 attributes"));
        }
        if name == "key" {
            key = Some((at, value(source)?));
        } else {
            // Before its value, so that an attribute that is not allowed is the first error.
            rule.attribute(&name).map_err(|message| source.error(at, message))?;
            let parts = value(source)?;
            attributes.extend(attribute::compile(source, at, &rule, &name, parts)?);
        }
        names.push(name);
    };
    if rule.name == "a" {
        add_noopener(&mut attributes);
    }
    if rule.name == "button" {
        attributes.push((Sink::Attribute("type".to_owned()), Content::Fixed("button".to_owned())));
    }
    Ok(Start { rule, attributes, key, self_closing })
}

fn attribute_name(
    source: &mut Source<'_>,
    rule: &allow::Element,
    spaced: bool,
) -> Result<String, TemplateError> {
    let at = source.at();
    let name =
        source.take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'));
    let message = match source.peek() {
        None => explain!("the tag `<{}` is not closed: `>` is missing", rule.name),
        Some(b'$' | b'{') => {
            "a placeholder may stand only in an attribute's value: `title=\"${name}\"`".to_owned()
        }
        Some(byte) if name.is_empty() || !(blank(byte) || matches!(byte, b'=' | b'>' | b'/')) => {
            let found = source.next().filter(|found| !found.is_ascii_control()).unwrap_or(' ');
            explain!("`{found}` may not stand in an attribute's name; is a quote or `>` missing before it?")
        }
        Some(_) if !spaced => explain!("a blank is missing before the attribute `{name}`"),
        Some(_) => return Ok(name.to_ascii_lowercase()),
    };
    Err(source.error(at + name.len(), message))
}

/// Reads an attribute's value, if there is one, with its `=`.
fn value(source: &mut Source<'_>) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Builder::default();
    let after_name = source.at();
    source.take_while(blank);
    if !source.take("=") {
        source.go_to(after_name);
        return parts.finish(source);
    }
    source.take_while(blank);
    let start = source.at();
    let quote = source.peek().filter(|byte| matches!(byte, b'"' | b'\''));
    if quote.is_some() {
        source.next();
    }
    loop {
        let at = source.at();
        match (source.peek(), quote) {
            (None, Some(_)) => return Err(source.error(start, "this quote is not closed")),
            (None, None) => return Err(source.error(start, "the tag is not closed: `>` is missing")),
            (Some(byte), Some(quote)) if byte == quote => {
                source.next();
                return parts.finish(source);
            }
            (Some(byte), None) if blank(byte) || byte == b'>' => break,
            (Some(b'"' | b'\'' | b'<' | b'=' | b'`'), None) => {
                return Err(source.error(at, "this character needs quotes around the attribute's value"));
            }
            (Some(b'/'), None) if source.looking_at("/>") => {
                return Err(source
                    .error(at, "browsers take this `/` as part of the value; put quotes around the value"));
            }
            (Some(0), _) => return Err(nul(source)),
            (Some(b'&'), _) => {
                let character = reference(source, true)?;
                parts.text(character.encode_utf8(&mut [0; 4]));
            }
            (Some(b'\r'), Some(_)) => {
                source.take("\r");
                source.take("\n");
                parts.text("\n");
            }
            (Some(b'{'), None) if source.looking_at("{%") => {
                return Err(source.error(at, "control flow needs quotes around the attribute's value"));
            }
            (Some(b'$' | b'{'), _) => {
                let special = special(source, Place::Text)?;
                parts.special(source, at, special)?;
            }
            (Some(_), _) => parts.text(source.next().unwrap_or_default().encode_utf8(&mut [0; 4])),
        }
    }
    if source.at() == start {
        return Err(source.error(start, "after `=` a value is missing; an empty one is `\"\"`"));
    }
    parts.finish(source)
}

/// Whether a link with this target opens a window that could reach back into the page.
fn opens_elsewhere(target: &Content) -> bool {
    match target {
        Content::Fixed(name) => {
            !["", "_self", "_parent", "_top"].iter().any(|own| name.eq_ignore_ascii_case(own))
        }
        Content::Parts(..) => true,
    }
}

/// Adds `rel="noopener"` to a link that opens a window.
fn add_noopener(attributes: &mut Vec<(Sink, Content)>) {
    let place = |attributes: &[(Sink, Content)], name: &str| {
        attributes.iter().position(|(sink, _)| matches!(sink, Sink::Attribute(known) if known == name))
    };
    let target = place(attributes, "target").and_then(|target| attributes.get(target));
    if !target.is_some_and(|(_, target)| opens_elsewhere(target)) {
        return;
    }
    let rel = place(attributes, "rel").and_then(|rel| attributes.get_mut(rel));
    let Some((_, Content::Fixed(tokens))) = rel else {
        attributes.push((Sink::Attribute("rel".to_owned()), Content::Fixed("noopener".to_owned())));
        return;
    };
    if !tokens.split_ascii_whitespace().any(|token| token.eq_ignore_ascii_case("noopener")) {
        if !tokens.is_empty() {
            tokens.push(' ');
        }
        tokens.push_str("noopener");
    }
}
