//! How an attempt ends: with a response, or without one.

/// The most bytes of a response's body that are read.
pub const RESPONSE_LIMIT: usize = 256 * 1024;
/// The deepest nesting of a response that is read.
pub const RESPONSE_DEPTH: usize = 64;

/// An HTTP response, read completely.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// The field `Content-Type`, if there is one.
    pub content_type: Option<String>,
    /// The field `Retry-After`, if it can be read.
    pub retry_after: Option<String>,
    /// The field [`OUTCOME_HEADER`](crate::OUTCOME_HEADER), which a relay's responses have.
    pub outcome: Option<String>,
    /// The body, at most [`RESPONSE_LIMIT`] bytes.
    pub body: Vec<u8>,
}

impl Response {
    /// The body without a byte order mark, which some senders put before their JSON.
    pub fn content(&self) -> &[u8] {
        self.body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.body)
    }

    /// Whether the response says that it is plain text, in whatever character set.
    pub fn is_plain_text(&self) -> bool {
        let field = self.content_type.as_deref().unwrap_or_default();
        let essence = field.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case("text/plain")
    }
}

/// Why an attempt ended without a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportFailure {
    /// It failed; browsers say no more than that.
    Network,
    /// The page's Content-Security-Policy refused the request.
    Csp,
    /// The body went over the limit; reading was stopped.
    TooLarge {
        /// The response's status.
        status: u16,
    },
    /// It was aborted on purpose.
    Aborted,
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn plain_text_says_so() {
        for (field, plain) in [
            (Some("text/plain"), true),
            (Some(" Text/Plain ; charset=utf-8"), true),
            (Some("text/plainer"), false),
            (Some("text/html; a=text/plain"), false),
            (Some("application/json"), false),
            (Some(""), false),
            (None, false),
        ] {
            let response = Response { content_type: field.map(str::to_owned), ..Response::default() };
            assert_eq!(response.is_plain_text(), plain, "{field:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_content() {
        let content = |body: &[u8]| Response { body: body.into(), ..Response::default() }.content().to_vec();
        assert_eq!(content(b"\xEF\xBB\xBF{}"), b"{}");
        assert_eq!(content(b"\xEF\xBB\xBF"), b"");
        assert_eq!(content(b"\xEF\xBB{}"), b"\xEF\xBB{}");
        assert_eq!(content(b"{}\xEF\xBB\xBF"), b"{}\xEF\xBB\xBF", "only at the beginning");
    }
}
