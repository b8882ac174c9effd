//! The header fields of a request: which are sent, and which names and values they may have.

/// Header fields of one attempt.
///
/// `id` is constant across retries, so that a receiver can tell a repetition from a new request; `wall_ms` is the
/// time of this attempt (`webhook-timestamp`, Unix seconds, as Standard Webhooks has it). `added` are the author's fields
/// and then the page's: of equal names the last one counts. With `simple` nothing but the content type is sent,
/// because any other field would cost a CORS preflight; the body carries the id as well.
pub fn request_headers(
    simple: bool,
    id: &str,
    wall_ms: f64,
    added: &[(&str, &str)],
) -> Vec<(String, String)> {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    if simple {
        return vec![field("content-type", "text/plain;charset=UTF-8")];
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = (wall_ms / 1000.0) as u64;
    let mut fields = vec![
        field("content-type", "application/json"),
        field("webhook-id", id),
        field("idempotency-key", id),
        field("webhook-timestamp", &seconds.to_string()),
    ];
    for &(name, value) in added {
        match fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            // The page may replace the author's fields, but not ours: receivers rely on them.
            Some((known, old)) if !is_ours(known) => value.clone_into(old),
            Some(_) => {}
            None => fields.push(field(name, value)),
        }
    }
    fields
}

/// Why `fetch` would refuse a field that the page adds (Fetch Standard, section 2.2.2); it would fail as if there was no
/// network.
pub fn unsendable(name: &str, value: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("the name of a header must not be empty");
    }
    header_name_fault(name).or_else(|| header_value_fault(value))
}

/// What is wrong with the characters of the name of a header field.
pub fn header_name_fault(name: &str) -> Option<&'static str> {
    // RFC 9110, section 5.6.2.
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (!name.bytes().all(token)).then_some("the name of a header consists of letters, digits and `-`")
}

/// What is wrong with the value of a header field.
pub fn header_value_fault(value: &str) -> Option<&'static str> {
    if value.contains(['\r', '\n', '\0']) {
        return Some("the value of a header is one line; take out the line breaks and NUL");
    }
    // `fetch` takes values as ByteString.
    if value.chars().any(|character| character > '\u{ff}') {
        return Some("browsers send only the characters of Latin-1 in a header; percent-encode the others");
    }
    None
}

fn is_ours(name: &str) -> bool {
    matches!(name, "content-type" | "webhook-id" | "idempotency-key" | "webhook-timestamp")
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    /// The author's field, and then those of the page.
    fn headers(simple: bool, id: &str, wall_ms: f64, page: &[(&str, &str)]) -> Vec<(String, String)> {
        request_headers(simple, id, wall_ms, &[&[("X-Shop", "spring")], page].concat())
    }

    fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[test]
    fn carries_the_id_twice_and_the_time_in_seconds() {
        let fields = headers(false, "0192-abc", 1_732_147_620_999.0, &[]);
        assert_eq!(value(&fields, "content-type"), Some("application/json"));
        assert_eq!(value(&fields, "webhook-id"), Some("0192-abc"));
        assert_eq!(value(&fields, "idempotency-key"), Some("0192-abc"));
        assert_eq!(value(&fields, "webhook-timestamp"), Some("1732147620"));
        assert_eq!(value(&fields, "X-Shop"), Some("spring"));
    }

    #[test]
    fn the_page_adds_and_replaces_but_not_what_receivers_rely_on() {
        let added = [("authorization", "Bearer short-lived"), ("x-shop", "autumn"), ("Webhook-Id", "forged")];
        let fields = headers(false, "id", 0.0, &added);
        assert_eq!(value(&fields, "authorization"), Some("Bearer short-lived"));
        assert_eq!(value(&fields, "X-Shop"), Some("autumn"));
        assert_eq!(value(&fields, "webhook-id"), Some("id"));
        assert_eq!(fields.len(), 6);
    }

    #[test]
    fn simple_mode_needs_no_preflight() {
        let fields = headers(true, "id", 0.0, &[("authorization", "x")]);
        assert_eq!(fields, [("content-type".to_owned(), "text/plain;charset=UTF-8".to_owned())]);
    }

    #[test]
    fn values_are_one_line_of_latin_1() {
        assert_eq!(header_value_fault("Bearer ünïÿ"), None);
        assert!(header_value_fault("Ā").is_some(), "the first character beyond Latin-1");
        assert_eq!(header_value_fault(""), None);
        for value in ["a\r\nX: y", "a\nb", "\0", "€"] {
            assert!(header_value_fault(value).is_some(), "{value:?}");
        }
        assert!(unsendable("", "x").is_some() && unsendable("X Shop", "x").is_some());
        assert_eq!(unsendable("X-Shop", "x"), None);
    }
}
