//! JSON text looked at where it stands, without a tree: a tenth of the code of [`check`](crate::check), for the small module
//! that delivers events. Nothing is refused but what ends too early; whoever needs that a text is JSON has it checked.

use std::borrow::Cow;

/// One value in a JSON text. A text that is no JSON may give values that are none, but never a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<'a>(&'a str);

impl<'a> View<'a> {
    /// The value that `text` is, with blanks around it; none if it is empty, or ends before the value does.
    pub fn of(text: &'a str) -> Option<Self> {
        let mut cursor = Cursor { text, at: 0 };
        let value = cursor.value()?;
        cursor.blanks();
        (cursor.at == text.len()).then_some(value)
    }

    /// The value's text, as it stands.
    pub fn text(self) -> &'a str {
        self.0
    }

    /// The value of an object's key, the last if there are several, as JavaScript has it; none in what is no object.
    pub fn get(self, key: &str) -> Option<View<'a>> {
        let mut found = None;
        for (name, value) in self.members() {
            if name == key {
                found = Some(value);
            }
        }
        found
    }

    /// The text of an object's key, if it is one.
    pub fn str(self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key)?.as_str()
    }

    /// The number of an object's key, if it is one.
    pub fn number(self, key: &str) -> Option<f64> {
        self.get(key)?.as_f64()
    }

    /// Keys and values of an object, in their order; none of what is no object.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, View<'a>)> {
        let mut cursor = self.inside(b'{');
        std::iter::from_fn(move || {
            let cursor = cursor.as_mut()?;
            let key = cursor.value()?.as_str()?;
            cursor.sign(b':')?;
            let value = cursor.value()?;
            cursor.sign(b',');
            Some((key, value))
        })
    }

    /// Items of a list; none of what is no list.
    pub fn items(self) -> impl Iterator<Item = View<'a>> {
        let mut cursor = self.inside(b'[');
        std::iter::from_fn(move || {
            let cursor = cursor.as_mut()?;
            let value = cursor.value()?;
            cursor.sign(b',');
            Some(value)
        })
    }

    /// What is between the brackets, if the first is this one.
    fn inside(self, opening: u8) -> Option<Cursor<'a>> {
        let inner = self.0.get(1..self.0.len().checked_sub(1)?)?;
        (self.0.as_bytes().first() == Some(&opening)).then_some(Cursor { text: inner, at: 0 })
    }

    /// The text, if it is one. Lone surrogates become U+FFFD.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if !inner.as_bytes().contains(&b'\\') {
            return Some(Cow::Borrowed(inner));
        }
        let mut text = String::with_capacity(inner.len());
        let mut high = None;
        let mut rest = inner;
        while let Some(place) = rest.as_bytes().iter().position(|byte| *byte == b'\\') {
            text.push_str(rest.get(..place)?);
            let sign = *rest.as_bytes().get(place + 1)?;
            rest = rest.get(place + 2..)?;
            if place > 0 {
                high = None;
            }
            let character = match sign {
                b'b' => '\x08',
                b'f' => '\x0c',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => {
                    let unit = hexadecimal(rest.get(..4)?)?;
                    rest = rest.get(4..)?;
                    let (character, next) = joined(high, unit);
                    if high.is_some() && (0xDC00..0xE000).contains(&unit) {
                        // The first half has been written as what it is by itself.
                        text.pop();
                    }
                    high = next;
                    text.push(character);
                    continue;
                }
                other => char::from(other),
            };
            high = None;
            text.push(character);
        }
        text.push_str(rest);
        Some(Cow::Owned(text))
    }

    /// The number, if it is one: exact up to 15 digits, and so are all that we write. Larger ones come close.
    pub fn as_f64(self) -> Option<f64> {
        let (is_negative, digits) = match self.0.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, self.0),
        };
        let mut number = 0.0;
        let mut divisor = 1.0;
        let mut is_fraction = false;
        let mut bytes = digits.bytes();
        let mut power = 0_i32;
        while let Some(byte) = bytes.next() {
            match byte {
                b'0'..=b'9' => {
                    number = number * 10.0 + f64::from(byte - b'0');
                    if is_fraction {
                        divisor *= 10.0;
                    }
                }
                b'.' if !is_fraction => is_fraction = true,
                b'e' | b'E' => {
                    let mut sign = 1;
                    for byte in bytes.by_ref() {
                        match byte {
                            b'-' => sign = -1,
                            b'+' => {}
                            b'0'..=b'9' => {
                                power = power.saturating_mul(10).saturating_add(i32::from(byte - b'0'))
                            }
                            _ => return None,
                        }
                    }
                    power = power.min(400) * sign;
                }
                _ => return None,
            }
        }
        if !digits.as_bytes().first()?.is_ascii_digit() {
            return None;
        }
        number /= divisor;
        for _ in 0..power.abs() {
            if power > 0 {
                number *= 10.0;
            } else {
                number /= 10.0;
            }
        }
        number.is_finite().then_some(if is_negative { -number } else { number })
    }

    /// Whether it is `true`.
    pub fn is_true(self) -> bool {
        self.0 == "true"
    }
}

/// What a `\u` escape gives after the one before it, and what the next must know: the first half of a pair.
fn joined(high: Option<u32>, unit: u32) -> (char, Option<u32>) {
    let code = match high {
        Some(high) if (0xDC00..0xE000).contains(&unit) => 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00),
        _ => unit,
    };
    let next = Some(unit).filter(|unit| (0xD800..0xDC00).contains(unit));
    (char::from_u32(code).unwrap_or('\u{FFFD}'), next)
}

fn hexadecimal(digits: &str) -> Option<u32> {
    digits.chars().try_fold(0, |number, digit| Some(number * 16 + digit.to_digit(16)?))
}

/// A place in a text.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Takes a sign, if it is the next.
    fn sign(&mut self, sign: u8) -> Option<()> {
        self.blanks();
        (self.byte() == Some(sign)).then(|| self.at += 1)
    }

    /// Takes the next value, as far as its brackets and quotes tell where it ends.
    fn value(&mut self) -> Option<View<'a>> {
        self.blanks();
        let from = self.at;
        let mut depth = 0_usize;
        loop {
            match self.byte() {
                Some(b'"') => self.string()?,
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') if depth > 0 => {
                    depth -= 1;
                    self.at += 1;
                }
                Some(b',' | b':' | b' ' | b'\n' | b'\r' | b'\t') if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                _ => self.word(),
            }
            if depth == 0 || self.byte().is_none() {
                break;
            }
        }
        self.text.get(from..self.at).filter(|text| depth == 0 && !text.is_empty()).map(View)
    }

    /// Takes a text, its quotes included.
    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            let byte = self.byte()?;
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return Some(());
            }
        }
    }

    /// Takes a number or a name: all up to a sign that separates.
    fn word(&mut self) {
        while let Some(byte) = self.byte() {
            if matches!(byte, b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                break;
            }
            self.at += 1;
        }
    }
}

/// Appends a number, rounded to 3 decimals; `null` if JSON cannot hold it. Exact up to 2^53 thousandths.
pub fn write_rounded(number: f64, out: &mut String) {
    if number < 0.0 {
        out.push('-');
    }
    let thousandths = number.abs() * 1_000.0 + 0.5;
    if number.is_nan() || thousandths >= 1.8e19 {
        out.push_str("null");
        return;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let thousandths = thousandths as u64;
    write_integer(thousandths / 1_000, out);
    let mut rest = thousandths % 1_000;
    if rest > 0 {
        out.push('.');
    }
    let mut place = 100;
    while rest > 0 {
        write_integer(rest / place, out);
        rest %= place;
        place /= 10;
    }
}

/// Appends an integer.
pub fn write_integer(mut number: u64, out: &mut String) {
    let mut digits = [0_u8; 20];
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        used += 1;
        if number == 0 {
            break;
        }
    }
    for digit in digits.iter().skip(20 - used) {
        out.push(char::from(*digit));
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use crate::arbitrary::any_json;
    use crate::{Json, write};
    use proptest::prelude::*;

    /// The same value, as the tree has it.
    fn agrees(view: View<'_>, tree: &Json) -> bool {
        match tree.read() {
            Json::String(text) => view.as_str().as_deref() == Some(&**text),
            Json::Integer(number) => {
                let (seen, number) = (view.as_f64().unwrap(), *number as f64);
                (seen - number).abs() <= number.abs() * 1e-14
            }
            Json::Float(number) => (view.as_f64().unwrap() - number).abs() <= number.abs() * 1e-12 + 1e-300,
            Json::Array(list) => {
                view.items().count() == list.len()
                    && view.items().zip(list.iter()).all(|(view, item)| agrees(view, item))
            }
            Json::Object(object) => {
                view.members().count() == object.iter().count()
                    && view.members().zip(object.iter()).all(|((name, view), (key, item))| {
                        name == key && agrees(view, item) && agrees(view, tree.get(&name).unwrap())
                    })
            }
            Json::Bool(truth) => view.is_true() == *truth,
            _ => view.text() == "null",
        }
    }

    proptest! {
        #[test]
        fn what_is_seen_is_what_is_read(value in any_json()) {
            let mut text = String::new();
            write(&value, &mut text);
            prop_assert!(agrees(View::of(&text).unwrap(), &value), "{text}");
        }

        /// Whatever is stored or answered, looking at it does not fail.
        #[test]
        fn any_text_can_be_looked_at(text in r#"([\[\]{}":,\\ue0-9a.-]|[a-z]{1,3}|é|😀| ){0,30}"#) {
            if let Some(view) = View::of(&text) {
                for value in view.items().chain(view.members().map(|(_, value)| value)).chain([view]) {
                    let _ = (value.as_str(), value.as_f64(), value.get("a"), value.items().count());
                }
            }
        }
    }

    #[test]
    fn blanks_and_escapes() {
        let text = " {\n \"a\" : [ 1 , -2.5e1, \"\\u0041\\n\\\"\\ud83d\\ude00\\ud83dx\\ude00\" ] , \"\\u0061\": true }\r\n";
        let view = View::of(text).unwrap();
        assert!(view.get("a").unwrap().is_true());
        let (_, list) = view.members().next().unwrap();
        let items: Vec<_> = list.items().collect();
        assert_eq!(items[0].as_f64(), Some(1.0));
        assert_eq!(items[1].as_f64(), Some(-25.0));
        assert_eq!(items[2].as_str().unwrap(), "A\n\"😀\u{FFFD}x\u{FFFD}");
        for text in ["", " ", "[", "{\"a\":1", "\"", "\"\\\"", "1 2", "[]]"] {
            assert_eq!(View::of(text), None, "{text}");
        }
        for text in ["-", "1x", "1.2.3", "", "true", "\"1\"", "1e999"] {
            assert_eq!(View(text).as_f64(), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_written_short() {
        for (number, expected) in [
            (0.0, "0"),
            (12.0, "12"),
            (1.5, "1.5"),
            (0.05, "0.05"),
            (2.0 / 3.0, "0.667"),
            (0.9996, "1"),
            (-3.25, "-3.25"),
            (1_732_147_620_123.0, "1732147620123"),
            (f64::NAN, "null"),
            (1e300, "null"),
        ] {
            let mut out = String::new();
            write_rounded(number, &mut out);
            assert_eq!(out, expected);
        }
        let mut out = String::new();
        write_integer(u64::MAX, &mut out);
        assert_eq!(out, u64::MAX.to_string());
    }
}
