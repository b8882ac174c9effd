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
    /// The field `Retry-After`, if it can be read.
    pub retry_after: Option<String>,
    /// The body, at most [`RESPONSE_LIMIT`] bytes.
    pub body: Vec<u8>,
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
