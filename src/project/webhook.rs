//! Webhooks: endpoints that actions call.

use super::schema;
use crate::protocol::word_enum;
use crate::session::{Include, IncludeContext, PageAddress};
use schemars::JsonSchema;

/// An endpoint that actions call.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields, transform = schema::webhook)]
pub struct Webhook {
    /// Name for references.
    #[schemars(length(max = 200), regex(pattern = r"\S"))]
    pub id: String,
    /// Name for people.
    #[schemars(with = "String", default, regex(pattern = r"\S"))]
    pub name: Option<String>,
    /// Where to POST; relative URLs are relative to the page. Empty if it has a relay.
    #[schemars(regex(pattern = r"\S"))]
    pub url: String,
    /// Instead of `url`: the id by which the page's relay knows the webhook.
    #[schemars(with = "String", default, length(max = 64), regex(pattern = r"^[A-Za-z0-9._-]+$"))]
    pub relay: Option<String>,
    /// The author's own headers. Everybody who can see the page can read them.
    #[schemars(default, length(max = 50))]
    pub headers: Vec<Header>,
    /// Pause the video until the response is in. Without this as the relay says, if it has one, or else not.
    #[schemars(with = "bool", default)]
    pub wait_for_response: Option<bool>,
    /// Which recorded interactions the body carries. Without this those that the relay says, if it has one, or else none.
    #[schemars(default, schema_with = "schema::include")]
    pub include_interactions: Option<Include>,
    /// Which variables the body carries. Without this: what the project, the page and actions wrote, and what this webhook's
    /// own origin answered.
    #[schemars(default, schema_with = "schema::include_context")]
    pub include_context: IncludeContext,
    /// How much of the page's address the body carries: origin and path, all of it, or nothing.
    #[schemars(default, schema_with = "schema::page_address")]
    pub page: PageAddress,
    /// Total time for all attempts including the body, in milliseconds.
    #[schemars(default, range(min = 500, max = 60000), extend("default" = 8000))]
    pub timeout_ms: u32,
    /// How often a failed attempt is repeated.
    #[schemars(default, range(max = 5), extend("default" = 2))]
    pub retries: u8,
    /// What a second trigger does while a request is running.
    #[schemars(default, extend("default" = "drop"))]
    pub while_running: WhileRunning,
    /// Send `text/plain` without custom headers, which needs no CORS preflight.
    #[schemars(default, extend("default" = false))]
    pub simple: bool,
    /// Ask again after a reload or a crash: the same id and bytes, until there is an answer.
    #[schemars(default, extend("default" = false))]
    pub survive: bool,
    /// Whether it is sent events, and how. All else that a document says of them is the concern of `crates/outbox`.
    #[schemars(skip)]
    pub events: Subscribed,
}

/// Whether a webhook is sent events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subscribed {
    /// It is not, or it is switched off.
    #[default]
    No,
    /// In a format of our own.
    Yes,
    /// In a format of another system, which only the larger outbox knows.
    Foreign,
}

impl Webhook {
    /// What it needs of the outbox: a sum of 1 (it is sent events), 2 (its requests survive a reload) and 4 (the format of
    /// another system).
    pub fn needs(&self) -> u32 {
        let events = match self.events {
            Subscribed::No => 0,
            Subscribed::Yes => 1,
            Subscribed::Foreign => 5,
        };
        events | if self.survive { 2 } else { 0 }
    }
}

/// A request header.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Header {
    /// Field name (RFC 9110 token).
    #[schemars(regex(pattern = r"^[!#-'*+.^_`|~0-9A-Za-z-]+$"))]
    pub name: String,
    /// Field value.
    #[schemars(regex(pattern = r"^[^\r\n\x00]*$"))]
    pub value: String,
}

word_enum! {
    /// What a second trigger of a webhook does while its request is running.
    #[derive(Default, JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    pub enum WhileRunning {
        /// Nothing.
        #[default]
        Drop = "drop",
        /// The running request is aborted and the new one starts.
        Replace = "replace",
        /// The new one starts when the running one has settled.
        Queue = "queue",
    }
}
