//! A webhook's settings.

use serde::{Deserialize, Serialize};

/// A webhook's settings, as they are stored and shown. The values of secret header fields are not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Webhook {
    /// Its id, which documents name: letters, digits, `-`, `_` and `.`, at most 64.
    pub id: String,
    /// Its name, which people read.
    pub name: String,
    /// Where it is called.
    pub url: String,
    /// Header fields that are added.
    #[serde(default)]
    pub headers: Vec<Header>,
    /// The video waits for the answer.
    #[serde(default)]
    pub wait_for_response: bool,
    /// Which interactions go along.
    #[serde(default)]
    pub include_interactions: IncludeInteractions,
    /// How long a viewer waits at most, retries included, in milliseconds.
    #[serde(default = "timeout_ms")]
    pub timeout_ms: u32,
    /// How often an attempt is repeated that has failed for the moment.
    #[serde(default)]
    pub retries: u8,
    /// The projects that may call it; all if it is empty.
    #[serde(default)]
    pub projects: Vec<String>,
    /// Events that it is sent, as patterns.
    #[serde(default)]
    pub events: Vec<String>,
}

/// A header field that is added to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value; none if it is secret: then it is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// Which interactions go along with a request, as in the project document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IncludeInteractions {
    /// `"none"` or `"all"`.
    Word(IncludeWord),
    /// Those of some elements.
    Elements(Vec<String>),
    /// As the document says, or its default.
    #[default]
    Unsaid,
}

/// A word for which interactions go along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IncludeWord {
    /// None.
    None,
    /// All.
    All,
}

fn timeout_ms() -> u32 {
    8_000
}
