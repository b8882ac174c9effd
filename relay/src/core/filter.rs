//! Filters of webhooks: a path into an event, and the texts of which it has to find one.
//!
//! Of JSONPath (RFC 9535) there is what names a place: `.name`, `['name']`, `[2]`, `[-1]`, `[*]`, `.*`, and one `..`. There are neither
//! expressions nor slices, so that a filter costs no more than looking at each value of the event a few times.

use crate::config::Filter;
use cuehook_json::{Parts, Span, View};
use std::borrow::Cow;

/// Bytes of a path at most.
const MAX_PATH: usize = 256;
/// Values of an event that are looked at for one filter at most: an event has no more than 64 KiB, and a path one `..`.
const MAX_LOOKS: usize = 200_000;

/// A filter that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    steps: Vec<Step>,
    any_of: Vec<String>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The member of this name.
    Name(String),
    /// The item at this place; negative ones are counted from the end.
    Item(i64),
    /// All members or items.
    All,
    /// The value itself, and all that is in it.
    Within,
}

/// What is wrong with the path of a filter, and what to write instead.
pub fn path_fault(path: &str) -> Option<&'static str> {
    read(path).err()
}

impl Wanted {
    /// Reads a filter.
    ///
    /// # Errors
    /// If its path cannot be read.
    pub(super) fn read(filter: &Filter) -> Result<Self, &'static str> {
        Ok(Self { steps: read(&filter.path)?, any_of: filter.any_of.clone() })
    }

    /// Whether one of the values that it finds is wanted.
    pub(super) fn holds(&self, text: &str, event: &Span) -> bool {
        let mut looks = MAX_LOOKS;
        self.holds_from(&self.steps, text, event, &mut looks)
    }

    fn holds_from(&self, steps: &[Step], text: &str, value: &Span, looks: &mut usize) -> bool {
        let Some(left) = looks.checked_sub(1) else { return false };
        *looks = left;
        let Some((step, rest)) = steps.split_first() else { return self.wants(text, value) };
        let mut holds = |value: &Span, steps: &[Step]| self.holds_from(steps, text, value, looks);
        match (step, &value.parts) {
            // As JavaScript has it, the last one of several with one name counts.
            (Step::Name(name), Parts::Fields(fields)) => {
                let field = fields.iter().rev().find(|field| field.name == *name);
                field.is_some_and(|field| holds(&field.value, rest))
            }
            (Step::Item(place), Parts::Items(items)) => {
                let from_end = usize::try_from(place.unsigned_abs()).ok();
                let place = match *place < 0 {
                    true => from_end.and_then(|from_end| items.len().checked_sub(from_end)),
                    false => from_end,
                };
                place.and_then(|place| items.get(place)).is_some_and(|item| holds(item, rest))
            }
            (Step::All, Parts::Fields(fields)) => fields.iter().any(|field| holds(&field.value, rest)),
            (Step::All, Parts::Items(items)) => items.iter().any(|item| holds(item, rest)),
            (Step::Within, parts) => {
                holds(value, rest)
                    || match parts {
                        Parts::Fields(fields) => fields.iter().any(|field| holds(&field.value, steps)),
                        Parts::Items(items) => items.iter().any(|item| holds(item, steps)),
                        Parts::Word | Parts::Text => false,
                    }
            }
            _ => false,
        }
    }

    fn wants(&self, text: &str, value: &Span) -> bool {
        let found = text_of(text, value);
        found.is_some_and(|found| self.any_of.iter().any(|wanted| *wanted == found))
    }
}

/// A text without quotes and escapes; of numbers, `true`, `false` and `null` their JSON text. Lists and objects have none.
fn text_of<'t>(text: &'t str, value: &Span) -> Option<Cow<'t, str>> {
    let written = text.get(value.start..value.end)?;
    match value.parts {
        Parts::Word => Some(Cow::Borrowed(written)),
        Parts::Text => View::of(written)?.as_str(),
        Parts::Items(_) | Parts::Fields(_) => None,
    }
}

/// The text at a place of names, such as `data`, `session`, `id`.
pub(super) fn text_at<'t>(text: &'t str, event: &Span, names: &[&str]) -> Option<Cow<'t, str>> {
    let mut value = event;
    for name in names {
        let Parts::Fields(fields) = &value.parts else { return None };
        value = &fields.iter().rev().find(|field| field.name == *name)?.value;
    }
    text_of(text, value)
}

fn read(path: &str) -> Result<Vec<Step>, &'static str> {
    if path.len() > MAX_PATH {
        return Err("a path has at most 256 bytes");
    }
    let Some(mut rest) = path.strip_prefix('$') else {
        return Err("a path begins with `$`, such as `$.data.video.id`");
    };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            if steps.contains(&Step::Within) {
                return Err("a path has at most one `..`");
            }
            steps.push(Step::Within);
            rest = if after.starts_with('[') { after } else { name(after, &mut steps)? };
        } else if let Some(after) = rest.strip_prefix('.') {
            rest = name(after, &mut steps)?;
        } else if let Some(after) = rest.strip_prefix('[') {
            rest = bracket(after, &mut steps)?;
        } else {
            return Err("write `.name`, `['name']`, `[0]` or `[*]` after `$`");
        }
    }
    match steps.last() {
        None => Err("the path names the whole event; write what of it, such as `$.data.video.id`"),
        _ => Ok(steps),
    }
}

/// Reads a name, or `*`.
fn name<'p>(text: &'p str, steps: &mut Vec<Step>) -> Result<&'p str, &'static str> {
    if let Some(after) = text.strip_prefix('*') {
        steps.push(Step::All);
        return Ok(after);
    }
    let is_of_name =
        |character: char| character.is_alphanumeric() || character == '_' || !character.is_ascii();
    let end = text.find(|character| !is_of_name(character)).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        return Err("after a dot comes a name of letters, digits and `_`; write others as `['a name']`");
    }
    steps.push(Step::Name(name.to_owned()));
    Ok(after)
}

/// Reads what follows `[`.
fn bracket<'p>(text: &'p str, steps: &mut Vec<Step>) -> Result<&'p str, &'static str> {
    const FORMS: &str = "between `[` and `]` there is a name in quotes, a number, or `*`; no expressions, no slices, no lists";
    let closed = |after: &'p str| after.strip_prefix(']').ok_or(FORMS);
    if let Some(after) = text.strip_prefix('*') {
        steps.push(Step::All);
        return closed(after);
    }
    if let Some(quote @ ('\'' | '"')) = text.chars().next() {
        let inner = text.get(1..).unwrap_or_default();
        let (name, after) = inner.split_once(quote).ok_or(FORMS)?;
        if name.contains('\\') {
            return Err("names with `\\` are not supported");
        }
        steps.push(Step::Name(name.to_owned()));
        return closed(after);
    }
    let (number, after) = text.split_once(']').ok_or(FORMS)?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_number =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && !(digits.len() > 1 && digits.starts_with('0'));
    let number = if is_number && number != "-0" { number.parse().ok() } else { None };
    steps.push(Step::Item(number.ok_or(FORMS)?));
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cuehook_json::spans;
    use proptest::prelude::*;

    const EVENT: &str = r#"{"type":"lead.captured","data":{"video":{"id":"v\u0031"},"n":1.50,"yes":true,
        "list":[{"id":"a"},{"id":"b","deep":{"id":"c"}}],"two words":"x","nothing":null,"twice":1,"twice":2}}"#;

    fn holds(path: &str, wanted: &[&str]) -> bool {
        let any_of = wanted.iter().map(|text| (*text).to_owned()).collect();
        let wanted = Wanted::read(&Filter { path: path.into(), any_of }).unwrap();
        wanted.holds(EVENT, &spans(EVENT, 64).unwrap())
    }

    #[test]
    fn a_path_finds_values() {
        for (path, found, others) in [
            ("$.data.video.id", "v1", &["v2", "\"v1\"", "v\\u0031"][..]),
            ("$.type", "lead.captured", &["lead"]),
            ("$['data'][\"two words\"]", "x", &["y"]),
            ("$.data.n", "1.50", &["1.5"]),
            ("$.data.yes", "true", &["True"]),
            ("$.data.nothing", "null", &[""]),
            ("$.data.twice", "2", &["1"]),
            ("$.data.list[0].id", "a", &["b"]),
            ("$.data.list[-1].id", "b", &["a"]),
            ("$.data.list[*].id", "b", &["c"]),
            ("$.data.list.*.id", "a", &["c"]),
            ("$..id", "c", &["d"]),
            ("$.data.list..id", "c", &["v1"]),
            ("$..['id']", "v1", &["x"]),
            ("$..*", "x", &["two words"]),
        ] {
            assert!(holds(path, &[found]), "{path}");
            assert!(holds(path, &["other", found]), "{path}");
            for other in others {
                assert!(!holds(path, &[other]), "{path} {other}");
            }
            assert!(!holds(path, &[]), "{path}");
        }
        for path in [
            "$.data",
            "$.data.list",
            "$.data.list[9]",
            "$.data.list[-3]",
            "$.gone.id",
            "$.type.id",
            "$.data[0]",
        ] {
            assert!(!holds(path, &["", "a", "v1", "[]"]), "{path}");
        }
    }

    #[test]
    fn paths_that_are_none_are_refused() {
        let long = format!("$.{}", "a".repeat(MAX_PATH));
        for path in [
            "",
            "data.id",
            "$",
            "$x",
            "$.",
            "$..",
            "$.1a",
            "$.a-b",
            "$.a b",
            "$[",
            "$[]",
            "$[a]",
            "$['a",
            "$['a'",
            "$['a']b",
            "$[?@.a]",
            "$[1:2]",
            "$[1,2]",
            "$[-]",
            "$[-0]",
            "$[01]",
            "$[1.5]",
            "$[99999999999999999999]",
            "$..a..b",
            "$...a",
            "$['a\\'b']",
            "$.a.",
            "$.a[*",
            &long,
        ] {
            assert!(path_fault(path).is_some(), "{path}");
        }
        for path in ["$.a", "$.größe", "$._a1", "$['']", "$[0]", "$[-12]", "$..*", "$.a..b[*].c"] {
            assert_eq!(path_fault(path), None, "{path}");
        }
    }

    #[test]
    fn looking_ends() {
        let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
        let wide = format!("[{}]", vec!["[[[[1,1]]]]"; 5_000].join(","));
        let path = format!("$..{}", "[*]".repeat(84));
        for text in [deep, wide] {
            let wanted = Wanted::read(&Filter { path: path.clone(), any_of: vec!["2".into()] }).unwrap();
            assert!(!wanted.holds(&text, &spans(&text, 72).unwrap()));
        }
    }

    proptest! {
        #[test]
        fn any_path_is_read_or_refused(path in "\\$?[.\\[\\]'\"*0-9a-z\\-\\\\?@ö ]{0,40}") {
            if let Ok(wanted) = Wanted::read(&Filter { path: path.clone(), any_of: vec!["a".into()] }) {
                wanted.holds(EVENT, &spans(EVENT, 64).unwrap());
            }
            prop_assert_eq!(path_fault(&path).is_none(), read(&path).is_ok());
        }
    }
}
