//! Attributes: what becomes of their values, when the template is compiled and each time it is evaluated.

use super::TemplateError;
use super::allow::{self, Attribute as Kind};
use super::parts::Part;
use super::plan::Sink;
use super::source::Source;
use super::url::{BLOCKED, is_data, safe_image, safe_url};
use std::ops::Range;

/// How the value of an attribute is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Any text.
    Text,
    /// The URL of a link.
    Link,
    /// The URL of an image.
    Image,
    /// The attribute is there or not.
    Truth,
}

/// The value of an attribute.
#[derive(Debug)]
pub(super) enum Content {
    /// It stays.
    Fixed(String),
    /// It changes.
    Parts(Vec<Part>, Check),
}

/// Compiles one attribute.
pub(super) fn compile(
    source: &Source<'_>,
    at: usize,
    rule: &allow::Element,
    name: &str,
    parts: Vec<Part>,
) -> Result<Vec<(Sink, Content)>, TemplateError> {
    let kind = rule.attribute(name).map_err(|message| source.error(at, message))?;
    let fixed = match parts.as_slice() {
        [] => Some(""),
        [Part::Fixed(text)] => Some(text.as_str()),
        _ => None,
    };
    let place = || format!("`{name}` of `<{}>`", rule.name);
    let check = match kind {
        Kind::Link => Check::Link,
        Kind::Image => Check::Image,
        Kind::Boolean => Check::Truth,
        _ => Check::Text,
    };
    let safe = |url: &str| match check {
        Check::Link => safe_url(url),
        Check::Image => safe_image(url),
        _ => true,
    };
    let sink = Sink::Attribute(name.to_owned());
    if let Some(text) = fixed {
        if !safe(text) {
            return Err(source.error(at, refused_url(&place(), text)));
        }
        let tokens = || text.split_ascii_whitespace();
        if kind == Kind::Relation
            && !tokens().all(|token| {
                ["nofollow", "noopener", "noreferrer"].iter().any(|known| token.eq_ignore_ascii_case(known))
            })
        {
            return Err(source.error(at, "`rel` may be `nofollow`, `noopener` and `noreferrer`"));
        }
        return Ok(vec![(sink, Content::Fixed(text.to_owned()))]);
    }
    if kind == Kind::Relation {
        return Err(source.error(at, format!("{} takes no placeholder", place())));
    }
    if check == Check::Truth && !matches!(parts.as_slice(), [Part::Placeholder(_)]) {
        return Err(source.error(
            at,
            format!("{} is there or not; bind it to exactly one placeholder: `{name}=\"${{…}}\"`", place()),
        ));
    }
    if let Some(Part::Fixed(beginning)) = parts.first() {
        // The part before the placeholder may show a scheme already. Of an image's `data:` URL the rest decides.
        let undecided = check == Check::Image && is_data(beginning);
        if !undecided && !safe(beginning) {
            return Err(source.error(at, refused_url(&place(), beginning)));
        }
    }
    Ok(vec![(sink, Content::Parts(parts, check))])
}

/// The text as it is set, or none to leave the attribute out; and a warning. `values` are the bytes of `text` that came
/// from placeholders.
pub(super) fn checked(
    check: Check,
    place: &str,
    text: String,
    _values: &[Range<usize>],
) -> (Option<String>, Option<String>) {
    let safe = match check {
        Check::Link => safe_url(&text),
        Check::Image => safe_image(&text),
        Check::Text | Check::Truth => true,
    };
    match safe {
        true => (Some(text), None),
        false => (Some(BLOCKED.to_owned()), Some(refused_url(place, &text))),
    }
}

/// Says that a URL is not allowed at `place`, with its beginning.
pub(super) fn refused_url(place: &str, url: &str) -> String {
    let printable = |character: char| if character.is_ascii_control() { '?' } else { character };
    let beginning: String = url.chars().take(40).map(printable).collect();
    format!(
        "{place}: the URL `{beginning}` is not allowed; links are https, http, mailto, tel or relative, images also data:image/png, jpeg, gif, webp, avif"
    )
}
