//! What Cuehook itself says to the viewer.

use crate::protocol::ErrorCode;
use schemars::JsonSchema;

/// What Cuehook itself says to the viewer. The document's `words` replaces single texts, to translate them.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields, default)]
pub struct Words {
    /// While a response is awaited.
    #[schemars(regex(pattern = r"\S"))]
    pub waiting: String,
    /// Said when the response is in.
    #[schemars(regex(pattern = r"\S"))]
    pub done: String,
    /// Button that gives up waiting.
    #[schemars(regex(pattern = r"\S"))]
    pub cancel: String,
    /// Shown when there was no connection.
    #[schemars(regex(pattern = r"\S"))]
    pub network: String,
    /// Shown when there was no response in time.
    #[schemars(regex(pattern = r"\S"))]
    pub timeout: String,
    /// Shown for every other failure.
    #[schemars(regex(pattern = r"\S"))]
    pub failed: String,
    /// Button that tries again.
    #[schemars(regex(pattern = r"\S"))]
    pub retry: String,
    /// Button that closes a message.
    #[schemars(regex(pattern = r"\S"))]
    pub dismiss: String,
    /// Shown when the browser refused to go on playing.
    #[schemars(regex(pattern = r"\S"))]
    pub blocked: String,
    /// Button that goes on playing.
    #[schemars(regex(pattern = r"\S"))]
    pub resume: String,
}

impl Words {
    /// What is said of a failure.
    pub fn of(&self, code: ErrorCode) -> &str {
        match code {
            ErrorCode::Network => &self.network,
            ErrorCode::Timeout => &self.timeout,
            _ => &self.failed,
        }
    }
}

impl Default for Words {
    fn default() -> Self {
        Self {
            waiting: "Waiting for the answer…".into(),
            done: "The answer is here.".into(),
            cancel: "Cancel".into(),
            network: "There was no connection.".into(),
            timeout: "The answer took too long.".into(),
            failed: "That did not work.".into(),
            retry: "Try again".into(),
            dismiss: "Close".into(),
            blocked: "The video is waiting for you.".into(),
            resume: "Continue".into(),
        }
    }
}
