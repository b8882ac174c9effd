//! The stable error codes that pages, authors and logs see.

use crate::word_enum;

word_enum! {
    /// A stable code: the same word in DOM events, in rejected promises and in the documentation.
    pub enum ErrorCode {
        /// The project document has errors; each one names its place.
        ConfigInvalid = "config-invalid",
        /// The WASM module could not be loaded.
        WasmLoad = "wasm-load",
        /// The page's Content-Security-Policy refused something.
        Csp = "csp",
        /// No response: offline, DNS, TLS, CORS, blocked or reset; browsers do not tell these apart.
        Network = "network",
        /// The time budget of the webhook ran out, retries included.
        Timeout = "timeout",
        /// Cancelled by the viewer, the page, a newer request or `destroy()`.
        Aborted = "aborted",
        /// The response's status was not 2xx. (A redirect is `network`: browsers do not tell.)
        HttpStatus = "http-status",
        /// The response was neither a JSON object nor plain text nor empty.
        BadJson = "bad-json",
        /// The response's body was over the limit.
        TooLarge = "too-large",
        /// The page does not allow posting to that origin.
        OriginDenied = "origin-denied",
        /// The relay refuses the page: its token is missing, has run out, or is for another page.
        RelayAuth = "relay-auth",
        /// The relay could not be reached, or takes nothing at the moment; what answered may be no relay.
        RelayUnavailable = "relay-unavailable",
        /// The webhook may have been called: the relay has ended before it heard of it. It does not call it again.
        OutcomeUnknown = "outcome-unknown",
        /// A template could not be compiled or evaluated.
        Template = "template",
        /// The browser refused `play()` until the viewer acts.
        PlayBlocked = "play-blocked",
        /// A fault of Cuehook itself.
        Internal = "internal",
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn codes_are_shown_as_their_words() {
        for (code, word) in ErrorCode::ALL.into_iter().zip(ErrorCode::WORDS) {
            assert_eq!(code.to_string(), word);
            assert_eq!(ErrorCode::WORDS.into_iter().filter(|other| *other == word).count(), 1, "{word}");
        }
    }
}
