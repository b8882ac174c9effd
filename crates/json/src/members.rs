//! The members of an object in JSON text that was checked, looked at without reading the object.
//!
//! A list of a thousand rows is compared with the one before, and a few fields of each row are shown: for that no tree is
//! made.

use super::lazy::{Lazy, Nested};
use super::scan::Scanner;

/// In longer objects searching the text would take longer than reading it once.
const MAX_LENGTH: usize = 1024;

impl Lazy {
    /// The text of a member, as [`Json::to_text`](super::Json::to_text) would give it, or a string's content. Only what is
    /// there to be copied: nothing of null, lists, objects, strings with escapes, numbers in another spelling than ours,
    /// and long objects, which the caller reads instead.
    pub fn member_text(&self, key: &str) -> Option<&str> {
        let text = self.member(key)??;
        match text.as_bytes() {
            [b'"', .., b'"'] if !text.contains('\\') => text.get(1..text.len() - 1),
            b"true" | b"false" => Some(text),
            number if is_canonical(number) => Some(text),
            _ => None,
        }
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

/// Whether a number is written as we write it: at most 15 digits, no exponent, no zero too many.
fn is_canonical(number: &[u8]) -> bool {
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
    /// The number of the list or object that begins next.
    next: usize,
}

impl<'a> Members<'a> {
    /// Nothing if it is no object, or one with a longer text.
    fn of(lazy: &'a Lazy, max_length: usize) -> Option<Self> {
        let (document, start, number) = lazy.place();
        if !lazy.is_object() || lazy.end() - start > max_length {
            return None;
        }
        let scanner = Scanner::new(&document.text, start);
        Some(Members { scanner, nested: &document.nested, next: number + 1 })
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    #[inline]
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
        Some((key, scanner.since(start)))
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
            value @ (Json::Bool(_) | Json::Integer(_) | Json::Float(_)) => Some(value.to_text()),
            _ => None,
        }
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
        let expected = [Some("y"), Some("1.5"), None, None, None, Some("true"), None, None, None, None];
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

    proptest! {
        #[test]
        fn numbers_are_as_we_write_them(number in "-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?") {
            let Json::Lazy(object) = lazy(&format!("{{\"n\":{number}}}")) else { unreachable!() };
            if let Some(text) = object.member_text("n") {
                prop_assert_eq!(Some(text.to_owned()), text_of(&lazy(&number)));
            }
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
