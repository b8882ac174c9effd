//! The attribute `style`: split into declarations, each of them checked.
//!
//! The shell sets every declaration with `style.setProperty`, not the attribute: a content security policy without
//! `'unsafe-inline'` forbids the attribute and allows the method. The method also keeps a value within its property. What is left
//! to guard against is a value that loads something, so `url(…)` is looked into, and what else could load is refused.

use super::attribute::{Content, place};
use super::url::{is_data, safe_image};
use crate::template::check::Check;
use crate::template::error::{Refused, RefusedKind};
use crate::template::plan::Sink;
use crate::template::syntax::parts::{Part, push_text};
use std::ops::Range;

/// Stands for a dynamic part while the rest is looked at. No character: Unicode keeps U+FFFF free for such use.
const HOLE: char = '\u{FFFF}';
/// Declarations of one attribute.
const MAX_DECLARATIONS: usize = 64;
/// Brackets inside brackets.
const MAX_BRACKETS: usize = 32;

/// Properties with which old browsers ran scripts.
const REFUSED_PROPERTIES: [&str; 2] = ["behavior", "-moz-binding"];

/// Functions that load from other notations than `url(…)`, or ran scripts in old browsers.
const REFUSED_FUNCTIONS: &str = "src image image-set cross-fade element paint expression";

/// Functions that a value from a placeholder may use: colours, mathematics, transforms, filters. None of them loads anything.
/// No `var`: what a variable of the page holds may.
const HARMLESS_FUNCTIONS: &str = "rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark calc min max \
    clamp round abs translate translatex translatey translate3d scale scalex scaley rotate rotatex rotatey rotatez \
    skew skewx skewy matrix perspective blur brightness contrast grayscale saturate opacity cubic-bezier steps";

/// Functions whose first argument names something of the page.
const NAMING_FUNCTIONS: &str = "var env attr";

/// What `position` may be: nothing that leaves the overlay's box. In a list, so that nothing else spells the others.
const POSITIONS: &str = "static relative absolute inherit initial unset revert";
const OUT_OF_BOX: &str = "overlays stay in their boxes: write `static`, `relative` or `absolute`, and `box` of the element for the place";

/// From where images may come.
pub(in crate::template) const IMAGES: &str =
    "images are https, http, relative, or data:image/png, jpeg, gif, webp, avif";
const NO_CHARACTER: &str = "U+FFFF is no character; take it out";
const UNBALANCED: &str = "its quotes or brackets do not match";

/// Splits `style` of an element into its declarations.
pub(in crate::template) fn compile(element: &str, parts: Vec<Part>) -> Result<Vec<(Sink, Content)>, Refused> {
    let refused =
        |place: &str, value: &str, fault: &str| Err(RefusedKind::Value.error(refusal(place, value, fault)));
    let mut text = String::new();
    let mut dynamic = Vec::new();
    for part in parts {
        match part {
            Part::Fixed(fixed) => text.push_str(&fixed),
            part => {
                dynamic.push(part);
                text.push(HOLE);
            }
        }
    }
    let whole = place(element, &Sink::Attribute("style".to_owned()));
    if text.chars().filter(|character| *character == HOLE).count() > dynamic.len() {
        return refused(&whole, &text, NO_CHARACTER);
    }
    let mut dynamic = dynamic.into_iter();
    let mut declarations: Vec<(Sink, Content)> = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (declaration, after) = rest.split_at_checked(end_of_declaration(rest)).unwrap_or((rest, ""));
        rest = after.strip_prefix(';').unwrap_or_default();
        let declaration = declaration.trim_ascii();
        if declaration.is_empty() {
            continue;
        }
        if declarations.len() >= MAX_DECLARATIONS {
            return refused(&whole, declaration, "an attribute may have 64 declarations");
        }
        let Some((name, value)) = declaration.split_once(':') else {
            return refused(
                &whole,
                declaration,
                "write `property: value`, and `;` after each, with placeholders only in the value",
            );
        };
        let Some(property) = property(name.trim_ascii_end()) else {
            return refused(
                &whole,
                declaration,
                "before the `:` stands no valid name of a property; \
                 a placeholder may stand only in the value: `color: ${color}`",
            );
        };
        let (value, important) = without_important(value.trim_ascii());
        let sink = Sink::Style { property, important };
        let Sink::Style { property, .. } = &sink else { continue };
        let check = if property == "position" { Check::Position } else { Check::Style };
        let content = content(value, check, &mut dynamic);
        // Two fixed ones are a fallback for old browsers; a slot that is taken out would take the other one with it.
        let twice = |(other, before): &(Sink, Content)| {
            matches!(other, Sink::Style { property: other, .. } if other == property)
                && (matches!(before, Content::Parts(..)) || matches!(content, Content::Parts(..)))
        };
        let fault = if REFUSED_PROPERTIES.contains(&property.as_str()) {
            Some("the property ran scripts in old browsers; take it out")
        } else if value.is_empty() {
            Some("a value is missing")
        } else if declarations.iter().any(twice) {
            Some("the property stands twice, once with a placeholder; leave one")
        } else if check == Check::Position && !has_hole(value) {
            fault_in_position(value)
        } else {
            fault_around_holes(value, &[], false)
        };
        if let Some(fault) = fault {
            return refused(&place(element, &sink), value, fault);
        }
        declarations.push((sink, content));
    }
    Ok(declarations)
}

/// A value without its `!important`, and whether that was there.
fn without_important(value: &str) -> (&str, bool) {
    let sign = value.bytes().rposition(|byte| byte == b'!').unwrap_or(value.len());
    let (before, after) = value.split_at_checked(sign).unwrap_or((value, ""));
    let important = after.get(1..).is_some_and(|word| word.trim_ascii().eq_ignore_ascii_case("important"));
    if important { (before.trim_ascii_end(), true) } else { (value, false) }
}

/// A value with its dynamic parts back in their places.
fn content(value: &str, check: Check, dynamic: &mut impl Iterator<Item = Part>) -> Content {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((fixed, after)) = rest.split_once(HOLE) {
        push_text(&mut parts, fixed);
        parts.extend(dynamic.next());
        rest = after;
    }
    if parts.is_empty() {
        return Content::Fixed(value.to_owned());
    }
    push_text(&mut parts, rest);
    Content::Parts(parts, check)
}

/// Where the first declaration ends: at a `;` outside of quotes and brackets.
fn end_of_declaration(text: &str) -> usize {
    let mut quote = None;
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (_, Some(open)) if byte == open => quote = None,
            (_, Some(_)) => {}
            (b'"' | b'\'', None) => quote = Some(byte),
            (b'(' | b'[', None) => depth += 1,
            (b')' | b']', None) => depth = depth.saturating_sub(1),
            (b';', None) if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// The name as `setProperty` wants it: custom properties as they are, others in lower case.
fn property(name: &str) -> Option<String> {
    let custom = name.strip_prefix("--");
    let letters = custom.unwrap_or_else(|| name.strip_prefix('-').unwrap_or(name));
    let valid = letters.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && letters.bytes().next().is_some_and(|first| custom.is_some() || first.is_ascii_alphabetic());
    let name = if custom.is_some() { name.to_owned() } else { name.to_ascii_lowercase() };
    valid.then_some(name)
}

/// Why a value of `position` is refused, if so.
pub(in crate::template) fn fault_in_position(text: &str) -> Option<&'static str> {
    (!listed(POSITIONS, text.trim_ascii())).then_some(OUT_OF_BOX)
}

/// Says why a value is refused at a place, with its beginning.
pub(in crate::template) fn refusal(place: &str, value: &str, fault: &str) -> String {
    let mut beginning = String::new();
    for character in value.chars().take(40) {
        beginning.push(match character {
            HOLE => '…',
            character if character.is_ascii_control() => '?',
            character => character,
        });
    }
    format!("{place}: `{beginning}` is not allowed: {fault}")
}

/// Why a declaration's value is refused, if so. `values` are the byte ranges that came from placeholders, in their order.
pub(in crate::template) fn fault_in(text: &str, values: &[Range<usize>]) -> Option<&'static str> {
    if has_hole(text) { Some(NO_CHARACTER) } else { fault_around_holes(text, values, false) }
}

/// As [`fault_in`]; where a [`HOLE`] is, anything may come. `var`: whether values may use variables of the page, since they are
/// the author's after all.
fn fault_around_holes(text: &str, values: &[Range<usize>], var: bool) -> Option<&'static str> {
    let urls = match scan(text, values, var) {
        Ok(urls) => urls,
        Err(fault) => return Some(fault),
    };
    for url in &urls {
        let url = text.get(url.clone()).unwrap_or_default();
        let beginning = url.split_once(HOLE).map_or(url, |(beginning, _)| beginning);
        // Of a `data:` URL that goes on with a placeholder, the rest decides.
        let undecided = beginning.len() < url.len() && is_data(beginning);
        if !undecided && !safe_image(beginning) {
            return Some(IMAGES);
        }
    }
    let mut urls = urls.as_slice();
    for value in values {
        while let [url, rest @ ..] = urls
            && url.end < value.end
        {
            urls = rest;
        }
        // The author's own `url("…")` around it has been looked at as a whole.
        if urls.first().is_some_and(|url| url.start <= value.start) {
            continue;
        }
        if let Some(fault) = fault_in_piece(text.get(value.clone()).unwrap_or_default()) {
            return Some(fault);
        }
    }
    None
}

/// Why a value from a placeholder is refused, if so, wherever it stands outside of `url(…)`.
fn fault_in_piece(piece: &str) -> Option<&'static str> {
    let mut depth = 0_usize;
    for byte in piece.bytes() {
        match byte {
            b'"' | b'\'' | b'\\' | b';' | b'{' | b'}' | b'<' | b'>' | b'!' | b'@' => {
                return Some("a value from a placeholder may not contain quotes or any of \\ ; { } < > ! @");
            }
            b'(' | b'[' => depth += 1,
            b')' | b']' if depth == 0 => return Some(UNBALANCED),
            b')' | b']' => depth -= 1,
            _ => {}
        }
    }
    (depth > 0).then_some(UNBALANCED)
}

/// Reads a value as CSS does, and gives the byte ranges of its URLs.
fn scan(text: &str, values: &[Range<usize>], var: bool) -> Result<Vec<Range<usize>>, &'static str> {
    let bytes = text.as_bytes();
    let mut values = values;
    let mut urls = Vec::new();
    let mut closing = Vec::new();
    let is_harmless =
        |name: &str| listed(HARMLESS_FUNCTIONS, name) || (var && name.eq_ignore_ascii_case("var"));
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' | b'\'' => at = after_string(text, at, byte)?,
            b'(' => {
                let start = name_before(text, at - 1);
                let name = text.get(start..at - 1).unwrap_or_default();
                while let [value, rest @ ..] = values
                    && value.end <= start
                {
                    values = rest;
                }
                if values.first().is_some_and(|value| value.start < at)
                    && !name.is_empty()
                    && !is_harmless(name)
                {
                    return Err("a value from a placeholder may use functions for colours and sizes only");
                }
                if has_hole(name) {
                    return Err("the name of a function may not come from a placeholder");
                }
                if listed(REFUSED_FUNCTIONS, without_vendor(name)) {
                    return Err("of the functions that load something only `url(…)` is allowed");
                }
                let argument = text.get(at..).and_then(|rest| rest.split([',', ')']).next());
                if listed(NAMING_FUNCTIONS, name) && argument.is_some_and(has_hole) {
                    return Err("the name in `var(…)` may not come from a placeholder");
                }
                if name.eq_ignore_ascii_case("url") {
                    let url = url(text, at)?;
                    at = url.1;
                    urls.push(url.0);
                    continue;
                }
                closing.push(b')');
            }
            b'[' => closing.push(b']'),
            b')' | b']' => {
                if closing.pop() != Some(byte) {
                    return Err(UNBALANCED);
                }
            }
            b'/' if bytes.get(at) == Some(&b'*') => return Err("comments are not allowed here"),
            b';' | b'{' | b'}' | b'<' | b'!' | b'@' => {
                return Err("none of ; { } < ! @ may stand in it, but for `!important` at its end");
            }
            byte => allowed(byte)?,
        }
        if closing.len() > MAX_BRACKETS {
            return Err("its brackets are nested too deep");
        }
    }
    if closing.is_empty() { Ok(urls) } else { Err(UNBALANCED) }
}

fn has_hole(text: &str) -> bool {
    text.chars().any(|character| character == HOLE)
}

/// Control characters but whitespace, and what could spell other characters.
fn allowed(byte: u8) -> Result<(), &'static str> {
    match byte {
        b'\t' | b'\n' | b'\r' | 0xc => Ok(()),
        b'\\' => Err("it may not contain `\\`; write the character itself"),
        0..=0x1f | 0x7f => Err("it may not contain control characters"),
        _ => Ok(()),
    }
}

/// Goes past the end of a string, whose quote has been read.
fn after_string(text: &str, start: usize, quote: u8) -> Result<usize, &'static str> {
    for (length, byte) in text.bytes().skip(start).enumerate() {
        match byte {
            byte if byte == quote => return Ok(start + length + 1),
            b'\n' | b'\r' | 0xc => return Err("a text in quotes may not contain a line end"),
            b'<' => return Err("none of its texts in quotes may contain `<`"),
            byte => allowed(byte)?,
        }
    }
    Err(UNBALANCED)
}

/// What stands between `url(`, which ends before `start`, and its `)`, and where it goes on after that.
fn url(text: &str, start: usize) -> Result<(Range<usize>, usize), &'static str> {
    let after_blanks = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        at + (rest.len() - rest.trim_ascii_start().len())
    };
    let start = after_blanks(start);
    let bytes = text.as_bytes();
    if let Some(&quote @ (b'"' | b'\'')) = bytes.get(start) {
        let after = after_string(text, start + 1, quote)?;
        let end = after_blanks(after);
        return match bytes.get(end) {
            Some(b')') => Ok((start + 1..after - 1, end + 1)),
            _ => Err("after the text in `url(\"…\")` nothing but `)` may stand"),
        };
    }
    let length = bytes.iter().skip(start).position(|byte| *byte == b')').ok_or(UNBALANCED)?;
    let url = text.get(start..start + length).unwrap_or_default().trim_ascii_end();
    for byte in url.bytes() {
        if matches!(byte, b'"' | b'\'' | b'(' | b'<') || byte.is_ascii_whitespace() {
            return Err("this URL needs quotes: `url(\"…\")`");
        }
        allowed(byte)?;
    }
    Ok((start..start + url.len(), start + length + 1))
}

/// Where the name begins that ends at `end`; at `end` if there is none.
fn name_before(text: &str, end: usize) -> usize {
    let before = text.as_bytes().get(..end).unwrap_or_default();
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || *byte >= 0x80;
    before.iter().rposition(|byte| !in_name(byte)).map_or(0, |place| place + 1)
}

/// A function's name without a browser's prefix, such as `-webkit-`.
fn without_vendor(name: &str) -> &str {
    let Some(rest) = name.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else { return name };
    rest.split_once('-').map_or(name, |(_, plain)| plain)
}

fn listed(names: &str, name: &str) -> bool {
    names.split(' ').any(|known| known.eq_ignore_ascii_case(name))
}

/// Why a colour of a drawing is refused, if so: `fill` and `stroke` are CSS, too, but nothing in them may load.
/// Without `values` it is all the author's own.
pub(in crate::template) fn fault_in_paint(text: &str, values: &[Range<usize>]) -> Option<&'static str> {
    let all = 0..text.len();
    let all = std::slice::from_ref(&all);
    if has_hole(text) { Some(NO_CHARACTER) } else { fault_around_holes(text, all, values.is_empty()) }
}
