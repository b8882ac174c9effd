//! The stable error codes that pages, authors and logs see.

/// A stable code: the same word in DOM events, in rejected promises and in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The project document has errors; each one names its place.
    ConfigInvalid,
    /// The WASM module could not be loaded.
    WasmLoad,
    /// The page's Content-Security-Policy refused something.
    Csp,
    /// No response: offline, DNS, TLS, CORS, blocked or reset; browsers do not tell these apart.
    Network,
    /// The time budget of the webhook ran out, retries included.
    Timeout,
    /// Cancelled by the viewer, the page, a newer request or `destroy()`.
    Aborted,
    /// The response's status was not 2xx. (A redirect is `network`: browsers do not tell.)
    HttpStatus,
    /// The response was not a JSON object.
    BadJson,
    /// The response's body was over the limit.
    TooLarge,
    /// The page does not allow posting to that origin.
    OriginDenied,
    /// A template could not be compiled or evaluated.
    Template,
    /// The browser refused `play()` until the viewer acts.
    PlayBlocked,
    /// A fault of Cuehook itself.
    Internal,
}

impl ErrorCode {
    /// All codes.
    pub const ALL: [ErrorCode; 13] = [
        ErrorCode::ConfigInvalid,
        ErrorCode::WasmLoad,
        ErrorCode::Csp,
        ErrorCode::Network,
        ErrorCode::Timeout,
        ErrorCode::Aborted,
        ErrorCode::HttpStatus,
        ErrorCode::BadJson,
        ErrorCode::TooLarge,
        ErrorCode::OriginDenied,
        ErrorCode::Template,
        ErrorCode::PlayBlocked,
        ErrorCode::Internal,
    ];

    /// The code as it is written everywhere outside Rust.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::ConfigInvalid => "config-invalid",
            ErrorCode::WasmLoad => "wasm-load",
            ErrorCode::Csp => "csp",
            ErrorCode::Network => "network",
            ErrorCode::Timeout => "timeout",
            ErrorCode::Aborted => "aborted",
            ErrorCode::HttpStatus => "http-status",
            ErrorCode::BadJson => "bad-json",
            ErrorCode::TooLarge => "too-large",
            ErrorCode::OriginDenied => "origin-denied",
            ErrorCode::Template => "template",
            ErrorCode::PlayBlocked => "play-blocked",
            ErrorCode::Internal => "internal",
        }
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}
