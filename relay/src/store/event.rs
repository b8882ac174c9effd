//! Events that were taken.

use super::UnixMs;
use uuid::Uuid;

/// An event that is to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id, by which duplicates are recognised.
    pub id: Uuid,
    /// Its type, such as `view.ended`.
    pub kind: String,
    /// The project of the token or API key it came with; empty if that has none.
    pub project: String,
    /// Who sent it: a player's origin, or the name of an API key.
    pub source: String,
    /// When it happened, as its sender says.
    pub at: UnixMs,
    /// The whole event as it was received, compact JSON.
    pub body: String,
    /// The webhooks that are to be sent it.
    pub deliveries: Vec<NewDelivery>,
}

/// A webhook that is to be sent an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// The webhook.
    pub webhook: String,
    /// What it is kept in order within, the event's session as a rule: while an earlier delivery of the webhook with the same text waits
    /// or is under way, this one is not claimed. None if order does not matter.
    pub order: Option<String>,
}

impl NewDelivery {
    /// One for which order does not matter.
    pub fn to(webhook: impl Into<String>) -> Self {
        Self { webhook: webhook.into(), order: None }
    }
}

/// Whether an event was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It was, and is stored.
    New,
    /// One with its id was taken before.
    Duplicate,
}

/// An event that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the order in which events were taken. Not dense, and not comparable between stores.
    pub place: i64,
    /// Its id.
    pub id: Uuid,
    /// Its type.
    pub kind: String,
    /// The project.
    pub project: String,
    /// Who sent it.
    pub source: String,
    /// When it happened.
    pub at: UnixMs,
    /// When it was taken.
    pub taken_at: UnixMs,
    /// The whole event.
    pub body: String,
}

/// Which events are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this type alone.
    pub kind: Option<String>,
    /// Of this project alone.
    pub project: Option<String>,
    /// This one alone.
    pub id: Option<Uuid>,
    /// Taken before the one at this place.
    pub before: Option<i64>,
    /// So many at most.
    pub limit: usize,
}
