//! What is probably not meant in tags.

use crate::template::TemplateError;
use crate::template::expression::Expressions;
use crate::template::expression::words::{Word, words};
use crate::template::lint::MOST_REMARKS;
use crate::template::markup::allow::BETWEEN_TAGS;
use crate::template::markup::attribute::Content;
use crate::template::markup::tag;
use crate::template::plan::Sink;
use crate::template::syntax::control::Flow;
use crate::template::syntax::parts::Part;
use crate::template::syntax::placeholder::{Placeholder, special};
use crate::template::syntax::source::Source;

/// Looks at the tags of markup that compiles.
pub(super) fn check(text: &str, found: &mut Vec<(usize, String)>) {
    // There is no error in what compiles.
    let _ = walk(text, found);
}

/// Looks at a text that is a URL.
pub(super) fn check_link(text: &str, parts: &[Part], found: &mut Vec<(usize, String)>) {
    if let Some(placeholder) = beginning(parts).filter(|placeholder| decides(text, placeholder)) {
        let message = "the answer decides where this leads; write a beginning that stays, such as `https://shop.example/${path}`, or say why that is right in a comment before it: `{# only our shop answers #}`";
        found.push((placeholder.at, message.to_owned()));
    }
}

fn walk(text: &str, found: &mut Vec<(usize, String)>) -> Result<(), TemplateError> {
    let mut source = Source::new(text, Expressions::Full)?;
    while let Some(byte) = source.peek()
        && found.len() < 2 * MOST_REMARKS
    {
        let at = source.at();
        match byte {
            b'<' if source.take("<!--") => tag::comment(&mut source, at)?,
            b'<' if source.take("</") => drop(tag::end(&mut source, at)?),
            b'<' => element(text, at, &tag::start(&mut source)?, found),
            b'$' | b'{' if special(&mut source, BETWEEN_TAGS)?.is_some() => {}
            _ => drop(source.next()),
        }
    }
    Ok(())
}

fn element(text: &str, at: usize, tag: &tag::Start, found: &mut Vec<(usize, String)>) {
    let value = |name: &str| {
        let is = |sink: &Sink| matches!(sink, Sink::Attribute(known) if known == name);
        tag.attributes.iter().find(|(sink, _)| is(sink)).map(|(_, content)| content)
    };
    match tag.rule.name {
        "img" if value("alt").is_none() => {
            let message = "`<img>` has no `alt`; write what the picture shows, as in `alt=\"${product.name}\"`, or `alt=\"\"` if it only decorates";
            found.push((at, message.to_owned()));
        }
        "a" => {
            if let Some(Content::Parts(parts, _)) = value("href") {
                check_link(text, parts, found);
            }
        }
        _ => {}
    }
}

/// The placeholder with which a text begins, in some branch.
fn beginning(parts: &[Part]) -> Option<&Placeholder> {
    for part in parts {
        match part {
            Part::Fixed(text) if text.trim_ascii().is_empty() => {}
            Part::Set(..) => {}
            Part::Fixed(_) => return None,
            Part::Placeholder(placeholder) => return Some(placeholder),
            Part::Flow(Flow::Choice(branches)) => {
                return branches.iter().find_map(|(_, parts)| beginning(parts));
            }
            Part::Flow(Flow::Loop { body, .. }) => return beginning(body),
        }
    }
    None
}

/// Whether the placeholder, which begins a URL, can give a scheme or a host, and no comment stands before it.
fn decides(source: &str, placeholder: &Placeholder) -> bool {
    let text = placeholder.expression().text();
    let fixed = text.starts_with(['"', '\'']);
    let encoded = words(text).contains(&Word::Filter("urlencode"));
    let before = source.get(..placeholder.at).unwrap_or_default().trim_ascii_end();
    let before = ["${", "{{", "$<"].iter().find_map(|sign| before.strip_suffix(sign)).unwrap_or(before);
    !fixed && !encoded && !before.trim_ascii_end().ends_with("#}")
}
