//! Why a request gets no more than an error, and how that looks.

use crate::config::rules::RuleFault;
use crate::core::Refusal;
use crate::store::StoreError;
use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use cuehook_protocol::{OUTCOME_HEADER, RelayOutcome};
use std::borrow::Cow;

/// How long somebody waits while the store is away, in milliseconds.
const STORE_AWAY_MS: u32 = 2_000;

/// Codes of the management API, besides those of [`RelayOutcome`], which players know, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ManageCode {
    /// What is named in the address is not there, or not for this key.
    NotFound,
    /// It was changed by somebody else at the same time, or is not in the state for this.
    Conflict,
    /// The webhook is in `relay.toml`, and is changed there.
    ManagedByFile,
    /// There are as many as there may be.
    TooMany,
    /// The body can be read, and something in it means nothing.
    Invalid,
}

impl ManageCode {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 5] =
        [Self::NotFound, Self::Conflict, Self::ManagedByFile, Self::TooMany, Self::Invalid];

    /// As it is written.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::ManagedByFile => "managed-by-file",
            Self::TooMany => "too-many",
            Self::Invalid => "invalid",
        }
    }

    /// The status of a response with it.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict | Self::ManagedByFile | Self::TooMany => StatusCode::CONFLICT,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// Why a request gets no more than an error.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// The stable code.
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    pub(crate) message: Cow<'static, str>,
    pub(crate) retry_after_ms: Option<u32>,
    /// What is left of the request is not read, so that nothing else can come over its connection.
    pub(crate) is_last: bool,
    /// What is wrong in the body, setting by setting.
    pub(crate) settings: Vec<RuleFault>,
}

impl Fault {
    /// An error with the status of its code.
    pub(crate) fn new(outcome: RelayOutcome, message: impl Into<Cow<'static, str>>) -> Self {
        let status = StatusCode::from_u16(outcome.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::of(outcome.as_str(), status, message)
    }

    fn of(code: &'static str, status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        let (message, settings) = (message.into(), Vec::new());
        Self { code, status, message, retry_after_ms: None, is_last: false, settings }
    }

    /// An error of the management API.
    pub(crate) fn manage(code: ManageCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self::of(code.as_str(), code.status(), message)
    }

    /// Settings that mean nothing; none are no fault.
    pub(crate) fn invalid(settings: Vec<RuleFault>) -> Option<Self> {
        let message = settings.first()?.message.clone();
        Some(Self { settings, ..Self::manage(ManageCode::Invalid, message) })
    }

    /// A request that cannot be read.
    pub(crate) fn bad(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RelayOutcome::BadRequest, message)
    }

    /// Nobody who is known, or a token that is not valid.
    pub(crate) fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RelayOutcome::RelayAuth, message)
    }

    /// Somebody who is known, but may not.
    pub(crate) fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(RelayOutcome::RelayAuth, message).with_status(StatusCode::FORBIDDEN)
    }

    /// More than is read.
    pub(crate) fn too_large(message: impl Into<Cow<'static, str>>) -> Self {
        Self { is_last: true, ..Self::new(RelayOutcome::TooLarge, message) }
    }

    /// There is no such route.
    pub(crate) fn not_found() -> Self {
        Self::bad("there is nothing at this address").with_status(StatusCode::NOT_FOUND)
    }

    /// The route does not know the method.
    pub(crate) fn method_not_allowed() -> Self {
        Self::bad("this method is not allowed here; the field `Allow` names those that are")
            .with_status(StatusCode::METHOD_NOT_ALLOWED)
    }

    /// Nothing can be done at the moment.
    pub(crate) fn unavailable(message: impl Into<Cow<'static, str>>) -> Self {
        Self { retry_after_ms: Some(STORE_AWAY_MS), ..Self::new(RelayOutcome::Unavailable, message) }
    }

    /// Another status than that of the code.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The error's JSON, with the name of its request.
    pub(crate) fn body(&self, request: &str) -> String {
        let mut body = serde_json::json!({
            "error": { "code": self.code, "message": self.message, "requestId": request },
        });
        if let (Some(first), Some(error)) = (self.settings.first(), body.get_mut("error")) {
            let all = self.settings.iter().map(|fault| {
                serde_json::json!({"path": fault.path, "code": fault.code.as_str(), "message": fault.message})
            });
            if let Some(error) = error.as_object_mut() {
                error.insert("path".to_owned(), first.path.clone().into());
                error.insert("faults".to_owned(), all.collect());
            }
        }
        // Not every page can read the field of the header.
        if let (Some(ms), Some(body)) = (self.retry_after_ms, body.as_object_mut()) {
            body.insert("retry_after_ms".to_owned(), ms.into());
        }
        body.to_string()
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let Refusal { outcome, message, retry_after_ms } = refusal;
        Self { retry_after_ms, ..Self::new(outcome, message) }
    }
}

impl From<StoreError> for Fault {
    /// What exactly is wrong with the database is in the log, not in the response.
    fn from(error: StoreError) -> Self {
        tracing::warn!(%error, "the store has failed");
        Self::unavailable("the relay cannot read what it has stored at the moment")
    }
}

impl IntoResponse for Fault {
    /// Without the body: [`around`](super::around) writes it, which knows the name of the request.
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        let fields = response.headers_mut();
        fields.insert(HeaderName::from_static(OUTCOME_HEADER), HeaderValue::from_static(self.code));
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(ms) = self.retry_after_ms {
            fields.insert(RETRY_AFTER, HeaderValue::from(ms.div_ceil(1_000).max(1)));
        }
        if self.is_last {
            fields.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_to_wait_is_told_twice() {
        for (ms, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (60_000, "60")] {
            let fault = Fault { retry_after_ms: Some(ms), ..Fault::unavailable("later") };
            let body: serde_json::Value = serde_json::from_str(&fault.body("r-1")).unwrap();
            assert_eq!(body["retry_after_ms"], ms);
            assert_eq!(
                body["error"],
                serde_json::json!({"code": "unavailable", "message": "later", "requestId": "r-1"})
            );
            let response = fault.into_response();
            assert_eq!(response.headers()[RETRY_AFTER], seconds);
            assert_eq!(response.headers()[OUTCOME_HEADER], "unavailable");
            assert_eq!(response.status(), 503);
        }
    }

    #[test]
    fn what_is_not_read_ends_the_connection() {
        assert_eq!(Fault::too_large("x").into_response().headers()[CONNECTION], "close");
        assert!(!Fault::bad("x").into_response().headers().contains_key(CONNECTION));
    }
}
