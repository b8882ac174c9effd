//! The members of an object in JSON text that was checked, looked at without reading the object.
//!
//! A list of a thousand rows is compared with the one before, and a few fields of each row are shown: for that no tree is
//! made.

use super::lazy::{Lazy, Nested, common_prefix};
use super::scan::Scanner;

/// In longer objects searching the text would take longer than reading it once.
const MAX_LENGTH: usize = 1024;

impl Lazy {
    /// The text of a member, as [`Json::to_text`](super::Json::to_text) would give it, or a string's content. Only what is
    /// there to be copied: nothing of null, lists, objects, strings with escapes, and long objects, which the caller reads
    /// instead.
    pub fn member_text(&self, key: &str) -> Option<&str> {
        plain(self.member(key)??)
    }

    /// Whether a member is there and neither null, false, 0 nor empty text. Nothing where that is not seen at once.
    pub fn member_truth(&self, key: &str) -> Option<bool> {
        match self.member(key)?.map(str::as_bytes) {
            None | Some(b"null" | b"false" | b"0" | b"\"\"") => Some(false),
            Some(b"true" | [b'"', ..]) => Some(true),
            Some(number) => is_canonical(number).then_some(true),
        }
    }

    /// The text of a member's value; `None` if the object has to be read, `Some(None)` if there is no such member.
    fn member(&self, key: &str) -> Option<Option<&str>> {
        let mut found = None;
        // Of equal keys the last one counts.
        for (name, value) in Members::of(self, MAX_LENGTH)? {
            if name.contains('\\') {
                return None;
            }
            if name == key {
                found = Some(value);
            }
        }
        Some(found)
    }

    /// The one member that makes the difference to `other`: its key, and its text if [`member_text`](Self::member_text) gives
    /// it. Nothing if the two are the same, or if there may be other differences.
    pub fn only_change(&self, other: &Lazy) -> Option<(&str, Option<&str>)> {
        let (text, other_text) = (self.text(), other.text());
        let same = common_prefix(text.as_bytes(), other_text.as_bytes());
        if same == text.len() {
            return None;
        }
        let (mut members, mut others) = (Members::of(self, MAX_LENGTH)?, Members::of(other, MAX_LENGTH)?);
        let (start, other_start) = (members.scanner.at(), others.scanner.at());
        let mut first = members.next()?;
        // All that ends before the difference is the same. A number that ends where it begins may go on in the other.
        while members.scanner.at() - start < same {
            first = members.next()?;
        }
        let (key, value) = first;
        let (end, value_start) = (members.scanner.at() - start, members.scanner.at() - start - value.len());
        if value_start > same {
            return None;
        }
        // The other is the same up to the value, so its value begins at the same place.
        others.next = others.next + members.before - (members.number + 1);
        others.scanner.jump(other_start + value_start);
        others.skip_value()?;
        let other_end = others.scanner.at() - other_start;
        let is_same_behind = text.get(end..)? == other_text.get(other_end..)?;
        // Of equal keys the last one counts.
        let is_only = is_same_behind
            && !key.contains('\\')
            && members.all(|(name, _)| name != key && !name.contains('\\'));
        is_only.then(|| (key, plain(value)))
    }

    /// Calls `changed` with the key of each member whose text differs from the one in `other`. Returns false, after some
    /// calls or none, if the two do not have the same keys in the same order, or are no objects.
    pub fn changed_members<'a>(&'a self, other: &'a Lazy, changed: &mut dyn FnMut(&'a str)) -> bool {
        let (Some(mut ours), Some(mut theirs)) =
            (Members::of(self, usize::MAX), Members::of(other, usize::MAX))
        else {
            return false;
        };
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some((key, value)), Some((other_key, other_value))) if key == other_key => {
                    if value != other_value {
                        if key.contains('\\') {
                            return false;
                        }
                        changed(key);
                    }
                }
                _ => return false,
            }
        }
    }
}

/// The text of a value that can simply be copied.
fn plain(value: &str) -> Option<&str> {
    match value.as_bytes() {
        [b'"', .., b'"'] if !value.contains('\\') => value.get(1..value.len() - 1),
        b"true" | b"false" | [b'-' | b'0'..=b'9', ..] => Some(value),
        _ => None,
    }
}

/// Whether a number is written as we write it: at most 15 digits, no exponent, no zero too many.
pub(super) fn is_canonical(number: &[u8]) -> bool {
    let digits = match number {
        [b'-', b'0'] => return false,
        [b'-', digits @ ..] => digits,
        digits => digits,
    };
    let has_point = digits.contains(&b'.');
    let is_small = digits.starts_with(b"0.") && digits.len() > 8;
    !digits.is_empty()
        && digits.len() <= 15 + usize::from(has_point)
        && digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && !(has_point && digits.ends_with(b"0"))
        && !is_small
}

/// Keys and values of an object as they are written: the keys without their quotes, with their escapes.
struct Members<'a> {
    scanner: Scanner<'a>,
    nested: &'a [Nested],
    /// The number of the object itself.
    number: usize,
    /// The number of the list or object that begins next.
    next: usize,
    /// What that was before the value that came last.
    before: usize,
}

impl<'a> Members<'a> {
    /// Nothing if it is no object, or one with a longer text.
    fn of(lazy: &'a Lazy, max_length: usize) -> Option<Self> {
        let (document, start, number) = lazy.place();
        if !lazy.is_object() || lazy.end() - start > max_length {
            return None;
        }
        let scanner = Scanner::new(&document.text, start);
        Some(Members { scanner, nested: &document.nested, number, next: number + 1, before: number + 1 })
    }

    /// Goes past the value that comes next.
    #[inline(never)]
    fn skip_value(&mut self) -> Option<()> {
        let scanner = &mut self.scanner;
        self.before = self.next;
        match scanner.peek() {
            Some(b'"') => drop(scanner.skip_string().ok()?),
            Some(b'{' | b'[') => {
                let nested = self.nested.get(self.next)?;
                scanner.jump(nested.end);
                self.next = nested.next;
            }
            _ => {
                while !matches!(scanner.peek(), None | Some(b',' | b'}' | b' ' | b'\t' | b'\n' | b'\r')) {
                    scanner.advance();
                }
            }
        }
        Some(())
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        let scanner = &mut self.scanner;
        scanner.skip_blanks();
        // The opening brace, or the comma behind the member before.
        if matches!(scanner.peek(), Some(b'{' | b',')) {
            scanner.advance();
            scanner.skip_blanks();
        }
        if scanner.peek() != Some(b'"') {
            return None;
        }
        let key = scanner.at() + 1;
        scanner.skip_string().ok()?;
        let key = scanner.text().get(key..scanner.at() - 1)?;
        scanner.skip_blanks();
        scanner.advance();
        scanner.skip_blanks();
        let start = scanner.at();
        self.skip_value()?;
        Some((key, self.scanner.since(start)))
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use crate::{Json, check};
    use proptest::prelude::*;

    fn lazy(text: &str) -> Json {
        check(text.as_bytes(), 64).unwrap()
    }

    fn text_of(value: &Json) -> Option<String> {
        match value.read() {
            Json::String(text) => Some(text.to_string()),
            // Not what was read: that has lost its spelling.
            Json::Bool(_) | Json::Integer(_) | Json::Float(_) => Some(value.to_text()),
            _ => None,
        }
    }

    /// Objects of which two are often alike.
    fn row() -> impl Strategy<Value = String> {
        let value = prop::sample::select(vec![
            "1",
            "11",
            "-1",
            "1.5",
            "[]",
            "[1]",
            "[[1],{}]",
            "{\"a\":1}",
            "\"\"",
            "\"1\"",
            "\"\\\"\"",
            "null",
            "true",
        ]);
        let key = prop::sample::select(vec!["a", "b", "ab", "a", "\\u0061"]);
        (prop::collection::vec((key, value), 0..4), prop::sample::select(vec!["", " "])).prop_map(
            |(members, blank)| {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("\"{key}\":{blank}{value}")).collect();
                format!("{{{}}}", members.join(","))
            },
        )
    }

    fn changed(one: &str, other: &str) -> Option<Vec<String>> {
        let (Json::Lazy(one), Json::Lazy(other)) = (lazy(one), lazy(other)) else { return None };
        let mut keys = Vec::new();
        one.changed_members(&other, &mut |key| keys.push(key.to_owned())).then_some(keys)
    }

    #[test]
    fn copies_what_is_there_to_be_copied() {
        let Json::Lazy(object) = lazy(
            r#" { "a" : "x" ,"b":1.5, "c" :[1,{"a":2}], "d":{"b":[]}, "e":null,"f":true, "g":1.50, "h":"\n", "a":"y","i":-0} "#,
        ) else {
            unreachable!()
        };
        let texts = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].map(|key| object.member_text(key));
        let expected =
            [Some("y"), Some("1.5"), None, None, None, Some("true"), Some("1.50"), None, Some("-0"), None];
        assert_eq!(texts, expected);
        let Json::Lazy(escaped) = lazy(r#"{"a":1,"\u0061":2}"#) else { unreachable!() };
        assert_eq!(escaped.member_text("a"), None, "the second is the one that counts");
        let Json::Lazy(list) = lazy("[1]") else { unreachable!() };
        assert_eq!(list.member_text("0"), None);
    }

    #[test]
    fn names_what_differs() {
        let same = Some(Vec::new());
        assert_eq!(changed("{}", "{ }"), same);
        assert_eq!(changed(r#"{"a":[1], "b":2}"#, r#"{"a":[1],"b":2}"#), same);
        let list = |keys: &[&str]| Some(keys.iter().map(|key| (*key).to_owned()).collect());
        assert_eq!(changed(r#"{"a":[1],"b":2}"#, r#"{"a":[2],"b":2}"#), list(&["a"]));
        assert_eq!(changed(r#"{"a":[[]],"b":2,"c":""}"#, r#"{"a":{},"b":2,"c":"x"}"#), list(&["a", "c"]));
        assert_eq!(changed(r#"{"a":1}"#, r#"{"a":1,"b":2}"#), None);
        assert_eq!(changed(r#"{"a":1,"b":1}"#, r#"{"b":1,"a":1}"#), None);
        assert_eq!(changed(r#"{"\u0061":1}"#, r#"{"\u0061":2}"#), None);
        assert_eq!(changed("[1]", "[2]"), None);
    }

    #[test]
    fn finds_the_only_change() {
        let only = |one: &str, other: &str| {
            let (Json::Lazy(one), Json::Lazy(other)) = (lazy(one), lazy(other)) else { unreachable!() };
            one.only_change(&other).map(|(key, text)| (key.to_owned(), text.map(str::to_owned)))
        };
        let change = |key: &str, text: Option<&str>| Some((key.to_owned(), text.map(str::to_owned)));
        for (one, other, expected) in [
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":2}"#, None),
            (r#"{"a":1,"b":2}"#, r#"{"a":11,"b":2}"#, change("a", Some("1"))),
            (r#"{"a":11,"b":2}"#, r#"{"a":1,"b":2}"#, change("a", Some("11"))),
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":22}"#, change("b", Some("2"))),
            (r#"{"a":"x","b":2}"#, r#"{"a":"","b":2}"#, change("a", Some("x"))),
            (
                r#"{"a":[1,[2]],"b":{"c":3},"d":4}"#,
                r#"{"a":[1,[2]],"b":[{"c":3},4],"d":4}"#,
                change("b", None),
            ),
            (r#"{"a":1,"b":2}"#, r#"{"a":2,"b":3}"#, None),
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"c":2}"#, None),
            (r#"{"a":1,"b":2}"#, r#"{"a":1}"#, None),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, None),
            (r#"{"a":1,"a":2}"#, r#"{"a":3,"a":2}"#, None),
            (r#"{"a":1,"\u0061":2}"#, r#"{"a":3,"\u0061":2}"#, None),
            (r#"{"a":"x\n"}"#, r#"{"a":"y"}"#, change("a", None)),
            (r#"{"a":"1\",","b":1}"#, r#"{"a":"1","b":1}"#, change("a", None)),
            (r#"{"a":"1","b":1}"#, r#"{"a":"1\",\"b\":1","b":1}"#, change("a", Some("1"))),
        ] {
            assert_eq!(only(one, other), expected, "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn the_only_change_is_the_difference_of_the_trees(one in row(), other in row()) {
            let (Json::Lazy(new), Json::Lazy(old)) = (lazy(&one), lazy(&other)) else { unreachable!() };
            if let Some((key, text)) = new.only_change(&old) {
                for (name, member) in new.read().as_object().unwrap().iter() {
                    let before = old.read().get(name).unwrap();
                    prop_assert!(name == key || member == before, "{one} {other}: {name} differs as well");
                    if let (Some(text), true) = (text, name == key) {
                        prop_assert_eq!(Some(text.to_owned()), text_of(member));
                    }
                }
                prop_assert_eq!(new.read().as_object().unwrap().len(), old.read().as_object().unwrap().len());
            }
        }

        #[test]
        fn numbers_are_as_they_are_written(number in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?") {
            let Json::Lazy(object) = lazy(&format!("{{\"n\":{number}}}")) else { unreachable!() };
            prop_assert_eq!(object.member_text("n"), Some(&*number));
            prop_assert_eq!(Json::Lazy(object.clone()).get("n").and_then(text_of), Some(number.clone()));
            // A number that is not lazy is written anew.
            let is_lazy = matches!(object.read().get("n"), Some(Json::Lazy(_)));
            prop_assert!(is_lazy || lazy(&number).to_text() == number);
        }

        #[test]
        fn members_are_those_of_the_tree(value in crate::arbitrary::any_json()) {
            let text = value.to_text();
            if let (Json::Lazy(object), Json::Object(tree)) = (lazy(&text), value.read()) {
                for (key, member) in tree.iter() {
                    if let Some(text) = object.member_text(key) {
                        prop_assert_eq!(Some(text.to_owned()), text_of(member));
                    }
                }
            }
        }
    }
}
