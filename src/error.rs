//! What pages are told when something fails: `cuehook:error`, rejected promises.

pub use crate::protocol::ErrorCode;

/// A failure with its stable code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CuehookError {
    /// The stable code.
    pub code: ErrorCode,
    /// For developers: what was found and what was expected.
    pub message: String,
    /// The status of the response, if there was one.
    pub status: Option<u16>,
}

impl CuehookError {
    /// An error without a response.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: None }
    }
}
