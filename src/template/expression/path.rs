//! Plain paths such as `user.items[0].name`, the most common expressions: walked without the expression engine.

use super::lexer::name_end;
use super::scope::Scope;
use crate::json::{Json, Object};
use crate::template::expression::work::Work;

use std::ops::Range;

/// Words of the expression language, which are no names.
const WORDS: [&str; 13] =
    ["true", "false", "none", "True", "False", "None", "not", "and", "or", "if", "else", "in", "is"];

/// A path into the context, as a part of an expression's text.
#[derive(Debug)]
pub(in crate::template) struct Path {
    /// Where the keys stand in the expression's text, without a leading `context`, which is the context itself.
    pub(in crate::template) keys: Vec<Range<usize>>,
    /// Whether `context` stood before them.
    pub(in crate::template) whole: bool,
    /// Where it begins and ends.
    span: Range<usize>,
}

impl Path {
    /// The path that `text` is, unless it is another kind of expression.
    pub(in crate::template) fn parse(text: &str) -> Option<Path> {
        Path::prefix(text, 0).filter(|(_, end)| *end == text.len()).map(|(path, _)| path)
    }

    /// The path that begins at byte `start` of an expression, and the byte at which it ends.
    pub(in crate::template) fn prefix(text: &str, start: usize) -> Option<(Path, usize)> {
        let mut keys = Vec::new();
        let mut at = name_end(text, start)?;
        let first = text.get(start..at)?;
        if !is_name(first) {
            return None;
        }
        if first != "context" {
            keys.push(start..at);
        }
        while let Some(byte) = text.as_bytes().get(at) {
            let key = match byte {
                b'.' => name_end(text, at + 1).map(|end| at + 1..end),
                b'[' => bracketed(text, at + 1),
                _ => None,
            };
            let Some(key) = key else { break };
            at = key.end;
            if *byte == b'[' {
                // A quoted key ends at its quote, an index at the bracket.
                at += usize::from(text.as_bytes().get(at) != Some(&b']')) + 1;
            }
            keys.push(key);
        }
        Some((Path { keys, whole: first == "context", span: start..at }, at))
    }

    /// What the author wrote; `text` is the expression that the path was made from.
    pub(in crate::template) fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.span.clone()).unwrap_or_default()
    }

    /// The value at the path, which may be null; `text` is the expression that the path was made from.
    pub(in crate::template) fn value(&self, text: &str, scope: &Scope<'_>) -> Option<Json> {
        let mut keys = self.keys.iter().map(|key| text.get(key.clone()).unwrap_or_default());
        let Some(first) = keys.next() else {
            return Some(scope.context().variables().clone().into());
        };
        let root = match first {
            // No object is made for `loop.index`.
            "loop" if !self.whole && scope.turn().is_some() => match keys.next() {
                Some(member) => scope.turn()?.member(member)?,
                None => scope.get(first)?,
            },
            // Inner names hide variables, except for `context.name`.
            _ if self.whole => scope.context().get(first)?,
            _ => scope.get(first)?,
        };
        let rest = keys.clone();
        let work = scope.work();
        match keys.try_fold(&root, |value, key| step(value, key, work)) {
            Some(value) => Some(value.clone()),
            // The characters of a text have to be made.
            None => rest.into_iter().try_fold(root, |value, key| {
                let found = step(&value, key, work).cloned();
                found.or_else(|| character(value.as_str()?, key.parse().ok()?, work))
            }),
        }
    }

    /// Whether there is no value, or null.
    pub(in crate::template) fn misses(&self, text: &str, scope: &Scope<'_>) -> bool {
        matches!(self.value(text, scope), None | Some(Json::Null))
    }

    /// The expression with the letter case of keys that do exist in this path, if it has no value.
    pub(in crate::template) fn near_miss(&self, text: &str, scope: &Scope<'_>) -> Option<String> {
        let work = scope.work();
        let mut corrected = String::new();
        let mut copied = 0;
        let mut value = None;
        for range in &self.keys {
            let key = text.get(range.clone())?;
            let (name, inner) = match &value {
                None => match scope.get(key) {
                    Some(inner) => (key.to_owned(), inner),
                    None if key.eq_ignore_ascii_case("webhooks") => {
                        ("webhooks".to_owned(), scope.context().get("webhooks")?)
                    }
                    None => ignoring_case(scope.context().variables(), key, work)?,
                },
                Some(value) => match step(value, key, work) {
                    Some(inner) => (key.to_owned(), inner.clone()),
                    None => ignoring_case(value.as_object()?, key, work)?,
                },
            };
            corrected.push_str(text.get(copied..range.start)?);
            corrected.push_str(&name);
            copied = range.end;
            value = Some(inner);
        }
        corrected.push_str(text.get(copied..)?);
        match value {
            None | Some(Json::Null) => None,
            Some(_) if corrected == text => None,
            Some(_) => Some(corrected),
        }
    }
}

/// Whether `text`, made of the characters of names, can be a name at the beginning of a path.
pub(in crate::template) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| !first.is_ascii_digit()) && !WORDS.contains(&text)
}

/// What `key` leads to inside `value`.
fn step<'a>(value: &'a Json, key: &str, work: &Work) -> Option<&'a Json> {
    let value = work.read(value);
    value.get(key).or_else(|| value.item(key.parse().ok()?))
}

/// The character of a text at `index`, from 0.
pub(in crate::template) fn character(text: &str, index: usize, work: &Work) -> Option<Json> {
    if !work.spend(text.len().min(index)) {
        return None;
    }
    text.chars().nth(index).map(|character| Json::from(&*character.encode_utf8(&mut [0; 4])))
}

fn ignoring_case(object: &Object, key: &str, work: &Work) -> Option<(String, Json)> {
    work.spend(object.len());
    let (name, value) = object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    Some((name.to_owned(), value.clone()))
}

/// The key of `["key"]` or `[0]`, whose bracket stands before `start`.
fn bracketed(text: &str, start: usize) -> Option<Range<usize>> {
    let inside = text.get(start..)?.split_once(']').map(|(inside, _)| inside)?;
    let quote = *inside.as_bytes().first()?;
    if matches!(quote, b'"' | b'\'') {
        let rest = text.get(start + 1..)?;
        let (key, after) = rest.split_once(char::from(quote))?;
        // Escapes are left to the expression engine.
        return (after.starts_with(']') && !key.contains('\\')).then(|| start + 1..start + 1 + key.len());
    }
    inside.bytes().all(|byte| byte.is_ascii_digit()).then(|| start..start + inside.len())
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::session::Context;

    fn context() -> Context {
        let text = r#"{"user": {"userName": "jo", "nothing": null, "b c": [10, {"X": 1}], "0": "zero"}, "Total": 5, "größe": 7}"#;
        let Json::Object(variables) = crate::json::parse(text.as_bytes(), 9).unwrap() else { unreachable!() };
        let mut context = Context::new((*variables).clone());
        context.apply("shop", "https://shop.example", &Object::new());
        context
    }

    /// The value, or the near miss.
    fn walk(text: &str) -> Result<Json, Option<String>> {
        let path = Path::parse(text).unwrap_or_else(|| panic!("{text}"));
        let (context, work) = (context(), Work::default());
        let scope = Scope::new(&context, &work);
        let value = path.value(text, &scope).filter(|value| *value != Json::Null);
        value.ok_or_else(|| path.near_miss(text, &scope))
    }

    #[test]
    fn walks() {
        let cases = [
            ("user.userName", "\"jo\""),
            ("context.user.userName", "\"jo\""),
            ("user[\"userName\"]", "\"jo\""),
            ("context['user']['userName']", "\"jo\""),
            ("user[\"b c\"][0]", "10"),
            ("user['b c'].0", "10"),
            ("user['b c'].1.X", "1"),
            ("user.0", "\"zero\""),
            ("user.userName[1]", "\"o\""),
            ("user[0]", "\"zero\""),
            ("größe", "7"),
            ("webhooks.shop", "{}"),
            ("context.webhooks", "{\"shop\":{}}"),
        ];
        for (text, value) in cases {
            assert_eq!(walk(text).unwrap().to_text(), value, "{text}");
        }
        assert_eq!(walk("context").unwrap().as_object(), Some(context().variables()));
    }

    #[test]
    fn names_the_near_miss() {
        let cases = [
            ("user.username", Some("user.userName")),
            ("USER.USERNAME", Some("user.userName")),
            ("context.User['B C'][1].x", Some("context.user['b c'][1].X")),
            ("total", Some("Total")),
            ("WebHooks.shop", Some("webhooks.shop")),
            ("user.NOTHING", None),
            ("user.nothing", None),
            ("user.nothing.x", None),
            ("user.userName.x", None),
            ("user.other", None),
            ("user['b c'][2]", None),
            ("user['b c'][99999999999999999999]", None),
            ("other", None),
        ];
        for (text, near) in cases {
            assert_eq!(walk(text), Err(near.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn leaves_other_expressions_alone() {
        for text in [
            "", "1", "0.5", "true", "none", "not", "a b", "a .b", "a.", ".a", "a..b", "a[", "a[]", "a[b]",
            "a['b]", "a['b'", "a['b'x]", "a['\\n']", "a[-1]", "a[0", "a[0]b", "a-b", "a+b", "f()", "a|b",
            "'a'", "[0]", "a[0 ]",
        ] {
            assert!(Path::parse(text).is_none(), "{text}");
        }
    }
}
