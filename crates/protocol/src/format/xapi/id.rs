//! Identifiers: UUIDs that record stores take, and texts that fit into identifiers.

/// The same UUID, called one of version 4. The profile's pattern for `session-id` takes no other version, and a session's id is
/// that of its first statement; the digit says nothing of the rest, so two ids that differ go on differing.
pub(super) fn version_4(id: &str) -> String {
    match (id.get(..14), id.get(15..)) {
        (Some(start), Some(end)) => [start, "4", end].concat(),
        _ => id.to_owned(),
    }
}

/// The id of another statement of the same event: the last digit is another, the same at each attempt.
pub(super) fn derived(id: &str, number: u32) -> String {
    let last = id.chars().last().and_then(|digit| digit.to_digit(16)).unwrap_or(0);
    let digit = char::from_digit((last ^ number) & 15, 16).unwrap_or('0');
    let mut derived = id.to_owned();
    derived.pop();
    derived.push(digit);
    derived
}

/// What follows the scheme of an address on the web.
pub(super) fn after_scheme(address: &str) -> Option<&str> {
    address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))
}

/// Whether a text is an address on the web that a store takes as an identifier.
pub(super) fn is_address(text: &str) -> bool {
    let is_allowed = |sign: char| !sign.is_whitespace() && !"<>\"{}|\\^`".contains(sign);
    after_scheme(text).is_some_and(|rest| !rest.is_empty()) && text.chars().all(is_allowed)
}

/// The text with `%20` and the like instead of what an identifier must not hold (RFC 3986, section 2.3).
pub(super) fn encoded(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.push(DIGITS.get(usize::from(half)).copied().map_or('0', char::from));
            }
        }
    }
    out
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_apart() {
        let id = version_4("01934c0b-291b-7a11-8b22-0123456789af");
        assert_eq!(id, "01934c0b-291b-4a11-8b22-0123456789af");
        assert_eq!(derived(&id, 1), "01934c0b-291b-4a11-8b22-0123456789ae");
        assert_eq!(derived(&id, 2), "01934c0b-291b-4a11-8b22-0123456789ad");
        assert_eq!((version_4("é").as_str(), derived("", 1).as_str()), ("é", "1"));
    }

    #[test]
    fn identifiers_are_encoded() {
        assert_eq!(encoded("spring-shop_1.a~"), "spring-shop_1.a~");
        assert_eq!(encoded("a b#/é"), "a%20b%23%2F%C3%A9");
    }

    #[test]
    fn addresses_are_of_the_web() {
        for text in ["https://shop.example/buy?a=b#c", "http://a/é"] {
            assert!(is_address(text), "{text}");
        }
        for text in ["https://", "javascript:1", "/buy", "https://a/b c", "https://a/{b}", "HTTPS://a", ""] {
            assert!(!is_address(text), "{text}");
        }
    }
}
