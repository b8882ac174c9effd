//! What attributes may hold: checked when the template is compiled as far as the text is fixed, otherwise when it is filled.

use super::allow;
use super::style::{self, IMAGES, fault_in, fault_in_paint, fault_in_position, refusal};
use super::url::{is_data, safe_image, safe_media, safe_url, unsafe_candidate};
use crate::template::TemplateError;
use crate::template::check::Check;
use crate::template::error::{Refused, RefusedKind};
use crate::template::expression::compare::is_nothing;
use crate::template::plan::Sink;
use crate::template::syntax::parts::Part;
use crate::template::syntax::source::Source;
use std::ops::Range;

/// What a link shows instead of a URL that is not allowed. Where something would be loaded, the attribute is left out:
/// loading this would violate a content security policy such as `img-src 'self'`.
const BLOCKED: &str = "about:blank#blocked";

/// The namespace of SVG, the only one that `xmlns` may name.
const SVG: &str = "http://www.w3.org/2000/svg";

/// Boolean attributes.
const BOOLEAN: [&str; 9] =
    ["disabled", "hidden", "open", "reversed", "controls", "loop", "muted", "playsinline", "default"];

/// What an attribute or a declaration in `style` holds.
#[derive(Debug)]
pub(in crate::template) enum Content {
    /// A text that never changes; already checked.
    Fixed(String),
    /// What is filled in, and how the result is checked.
    Parts(Vec<Part>, Check),
}

/// The whole text of parts that never change.
pub(in crate::template) fn fixed(parts: &[Part]) -> Option<&str> {
    match parts {
        [] => Some(""),
        [Part::Fixed(text)] => Some(text),
        _ => None,
    }
}

/// How messages name a place in an element.
pub(in crate::template) fn place(element: &str, sink: &Sink) -> String {
    match sink {
        Sink::Attribute(name) => format!("`{name}` of `<{element}>`"),
        Sink::Style { property, .. } => format!("`{property}` in `style` of `<{element}>`"),
    }
}

/// Compiles one attribute, whose name is in lower case and begins at byte `at`: one entry, one for each declaration of
/// `style`, none for what the shell does by itself.
///
/// # Errors
/// An attribute that the element may not have, or a value that is not allowed.
pub(in crate::template) fn compile(
    source: &Source<'_>,
    at: usize,
    rule: &allow::Element,
    name: &str,
    parts: Vec<Part>,
) -> Result<Vec<(Sink, Content)>, TemplateError> {
    compile_checked(rule, name, parts).map_err(|message| source.error(at, message))
}

fn compile_checked(
    rule: &allow::Element,
    name: &str,
    parts: Vec<Part>,
) -> Result<Vec<(Sink, Content)>, Refused> {
    let name = rule.attribute(name)?;
    if name == "style" {
        return style::compile(rule.name, parts);
    }
    let check = check(rule, &name);
    let sink = Sink::Attribute(name);
    let place = place(rule.name, &sink);
    let Sink::Attribute(name) = &sink else { return Ok(Vec::new()) };
    let constant = constant(rule, name);
    let refuse = |reason: &str| Err(RefusedKind::Value.error(format!("{place}: {reason}")));
    let Some(text) = fixed(&parts) else {
        if let Some(reason) = constant {
            return refuse(reason);
        }
        if check == Check::Truth && parts.len() > 1 {
            return refuse("it counts by being there; bind it to one placeholder, with no text around it");
        }
        if let Some(Part::Fixed(beginning)) = parts.first() {
            // What stands before the placeholder may show a scheme already. Of an image's `data:` URL the rest decides.
            let undecided = match check {
                Check::Link | Check::Media => false,
                Check::Image => is_data(beginning),
                _ => true,
            };
            if !undecided && let Some(fault) = fault(check, &place, beginning, &[]) {
                return Err(RefusedKind::Value.error(fault));
            }
        }
        return Ok(vec![(sink, Content::Parts(parts, check))]);
    };
    if let Some(reason) = constant {
        if !sound(name, text) {
            return refuse(reason);
        }
        // The shell makes both by itself: every button gets the type, every drawing the namespace.
        if matches!(name.as_str(), "type" | "xmlns") {
            return Ok(Vec::new());
        }
    }
    if check == Check::Truth && ["false", "0", "no", "off"].iter().any(|no| text.eq_ignore_ascii_case(no)) {
        return refuse(
            "it counts by being there, so this value does not take it away; leave it out, or bind it to a placeholder",
        );
    }
    match fault(check, &place, text, &[]) {
        Some(fault) => Err(RefusedKind::Value.error(fault)),
        None => Ok(vec![(sink, Content::Fixed(text.to_owned()))]),
    }
}

/// How the value of an attribute is checked.
fn check(rule: &allow::Element, name: &str) -> Check {
    match name {
        "href" | "cite" => Check::Link,
        "src" if rule.name == "img" => Check::Image,
        "src" => Check::Media,
        "poster" => Check::Image,
        "srcset" => Check::ImageSet,
        "fill" | "stroke" => Check::Paint,
        name if BOOLEAN.contains(&name) => Check::Truth,
        _ => Check::Text,
    }
}

/// What an attribute that takes no placeholder is, and why; `None` for all others.
fn constant(rule: &allow::Element, name: &str) -> Option<&'static str> {
    Some(match (rule.name, name) {
        (_, "data-execute-webhook") => "an answer must not choose what runs; write the id of a webhook",
        (_, "data-action") => "an answer must not choose what runs; write the name of an action",
        (_, "data-records") => "it is `cta` or `annotation`, without placeholders",
        ("a", "rel") => "it may be `nofollow`, `noopener` and `noreferrer`, without placeholders",
        ("button", "type") => "it is always `button`, for there is no form; take it out",
        ("svg", "xmlns") => "it is always `http://www.w3.org/2000/svg`; take it out",
        _ => return None,
    })
}

/// Whether an attribute that takes no placeholder may have this text.
fn sound(name: &str, text: &str) -> bool {
    match name {
        "rel" => text.split_ascii_whitespace().all(|token| {
            ["nofollow", "noopener", "noreferrer"].iter().any(|known| token.eq_ignore_ascii_case(known))
        }),
        "data-records" => matches!(text, "cta" | "annotation"),
        "type" => text.eq_ignore_ascii_case("button"),
        "xmlns" => text == SVG,
        _ => !text.trim_ascii().is_empty(),
    }
}

/// The text as it is set; `None`: the attribute or property is left out. And a warning for the author, if the text was refused.
/// `values` are the byte ranges of `text` that came from placeholders, in their order.
pub(in crate::template) fn checked(
    check: Check,
    place: &str,
    text: String,
    values: &[Range<usize>],
) -> (Option<String>, Option<String>) {
    match check {
        Check::Text => return (Some(text), None),
        Check::Truth => {
            // What prints like this is nothing. A default is a text: `disabled="${soldOut!false}"`.
            return ((!is_nothing(&text)).then(String::new), None);
        }
        // A link to nowhere is a link to this page; everything else with nothing to load or show is left out.
        Check::Link => {}
        _ if text.trim_ascii().is_empty() => return (None, None),
        _ => {}
    }
    match fault(check, place, &text, values) {
        None => (Some(text), None),
        Some(mut warning) => {
            let link = check == Check::Link;
            warning.push_str(if link { "; the link leads nowhere" } else { "; it is left out" });
            (link.then(|| BLOCKED.to_owned()), Some(warning))
        }
    }
}

/// Says why a text is refused, if so.
fn fault(check: Check, place: &str, text: &str, values: &[Range<usize>]) -> Option<String> {
    let (url, fault) = match check {
        Check::Text | Check::Truth => return None,
        Check::Style => (Some(text), fault_in(text, values)?),
        Check::Position => (Some(text), fault_in_position(text)?),
        Check::Paint => (Some(text), fault_in_paint(text, values)?),
        Check::Link => ((!safe_url(text)).then_some(text), "links are https, http, mailto, tel or relative"),
        Check::Image => ((!safe_image(text)).then_some(text), IMAGES),
        Check::ImageSet => (unsafe_candidate(text), IMAGES),
        Check::Media => ((!safe_media(text)).then_some(text), "sound and film are https, http or relative"),
    };
    Some(refusal(place, url?, fault))
}
