//! What is changed by hand: webhooks, documents, replays. Each change is one transaction with its line of the audit log.

use super::delivery::beginning;
use super::{NewEvent, StoredWebhook, UnixMs, WebhookHealth};

/// Of what is said besides in the audit log so many bytes are kept at most.
const DETAIL: usize = 1024;

/// Who has changed what, for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    /// The name of the API key.
    pub key: String,
    /// What was done, such as `webhook.updated`.
    pub action: String,
    /// To what: an id.
    pub target: String,
    /// What is to be said besides, in words without secrets; at most 1 KiB of it is kept.
    pub detail: String,
}

/// What is kept of what is said besides.
pub(super) fn brief(detail: &str) -> &str {
    beginning(detail, DETAIL)
}

/// A line of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAudit {
    /// Its place. The newest has the greatest.
    pub place: i64,
    /// When.
    pub at: UnixMs,
    /// Who and what.
    pub audit: Audit,
}

/// What sort of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// `/v1/projects/{id}`.
    Project,
    /// `/v1/editions/{id}`.
    Edition,
}

/// A document that servers have written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its id, among those of its sort.
    pub id: String,
    /// JSON.
    pub body: String,
    /// When it was written last.
    pub updated_at: UnixMs,
}

/// A change. What it changes is named with what it was: if it is not that any more nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds, replaces or removes a webhook. `updated_at` of what it becomes is set by the store. With a webhook its health goes, too.
    /// Its id stays: of two with different ids none is what the other was.
    Webhook {
        /// As it was; none if there was none.
        was: Option<StoredWebhook>,
        /// As it is to be; none to remove it.
        becomes: Option<StoredWebhook>,
    },
    /// Writes or removes a document, and takes the events that follow from it.
    Document {
        /// Its sort.
        kind: DocumentKind,
        /// Its id.
        id: String,
        /// Its body as it was; none if there was none.
        was: Option<String>,
        /// As it is to be; none to remove it.
        becomes: Option<String>,
        /// The events.
        events: Vec<NewEvent>,
    },
    /// Changes how a webhook is said to be doing: it is enabled or disabled.
    Health {
        /// As it was; the default with the webhook's id if nothing was known.
        was: WebhookHealth,
        /// As it is to be.
        becomes: WebhookHealth,
    },
}
