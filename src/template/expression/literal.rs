//! Texts and numbers as expressions write them.

use crate::json::{Json, parse_number};

/// The number, unless it is written in a way that only minijinja knows (`0x10`), or none at all.
pub(super) fn number(written: &str) -> Option<Json> {
    let digits: String = written.chars().filter(|character| *character != '_').collect();
    if written.ends_with('_') {
        return None;
    }
    match digits.parse() {
        Ok(number) => Some(Json::Integer(number)),
        Err(_) => parse_number(&digits).filter(|number| number.is_finite()).map(Json::Float),
    }
}

/// The text that stands in quotes; none if it has an escape that says no character.
pub(super) fn text(quoted: &str) -> Option<String> {
    let mut rest = quoted.get(1..quoted.len() - 1)?.chars();
    let mut out = String::with_capacity(quoted.len());
    // The first half of a surrogate pair.
    let mut half = 0;
    while let Some(character) = rest.next() {
        let code = match character {
            '\\' => match rest.next()? {
                'b' => 8,
                'f' => 12,
                'n' => 10,
                'r' => 13,
                't' => 9,
                'u' => digits(&mut rest, 0, 16, 4)?,
                'x' => digits(&mut rest, 0, 16, 2)?,
                octal @ '0'..='7' => {
                    let mut code = octal.to_digit(8)?;
                    for _ in 0..2 {
                        let mut next = rest.clone();
                        let Some(more) = digits(&mut next, code, 8, 1) else { break };
                        (code, rest) = (more, next);
                    }
                    (code < 256).then_some(code)?
                }
                known @ ('"' | '\'' | '\\' | '/') => known.into(),
                other if half == 0 => {
                    out.push('\\');
                    other.into()
                }
                _ => return None,
            },
            plain => plain.into(),
        };
        match (half, code) {
            (0, 0xD800..=0xDFFF) => half = code,
            (0, _) => out.push(char::from_u32(code)?),
            (0xD800..=0xDBFF, 0xDC00..=0xDFFF) => {
                out.push(char::from_u32(0x1_0000 + ((half - 0xD800) << 10) + (code - 0xDC00))?);
                half = 0;
            }
            _ => return None,
        }
    }
    (half == 0).then_some(out)
}

/// So many more digits of a number that has begun with `code`.
fn digits(rest: &mut std::str::Chars<'_>, mut code: u32, radix: u32, count: usize) -> Option<u32> {
    for _ in 0..count {
        code = code * radix + rest.next()?.to_digit(radix)?;
    }
    Some(code)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    #[test]
    fn reads_numbers() {
        for (written, number) in [
            ("0", Some("0")),
            ("1_000", Some("1000")),
            ("1_0.5", Some("10.5")),
            ("1e3", Some("1000")),
            ("2.5E-1", Some("0.25")),
            ("1.", Some("1")),
            ("99999999999999999999", Some("100000000000000000000")),
            ("1_", None),
            ("1.2.3", None),
            ("0x10", None),
            ("1e", None),
            ("1e999", None),
        ] {
            assert_eq!(super::number(written).map(|number| number.to_text()).as_deref(), number, "{written}");
        }
    }

    /// minijinja's own tests say the same.
    #[test]
    fn reads_texts() {
        for (quoted, text) in [
            (r"'it\'s'", Some("it's")),
            (r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t")),
            (r"'\u00e9\x41\101\0'", Some("éAA\0")),
            (r"'\q'", Some("\\q")),
            (r"'\uD83D\uDE00'", Some("😀")),
            (r"'\uD83D'", None),
            (r"'\uD83Dx'", None),
            (r"'\uDE00\uD83D'", None),
            (r"'\u12'", None),
            (r"'\x4'", None),
            (r"'\777'", None),
            ("''", Some("")),
        ] {
            assert_eq!(super::text(quoted).as_deref(), text, "{quoted}");
        }
    }
}
