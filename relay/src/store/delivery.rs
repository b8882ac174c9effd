//! Deliveries: an event and a webhook that is to be sent it.

use super::UnixMs;
use uuid::Uuid;

/// Names a delivery within its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub i64);

/// Tells a claim of a delivery from the ones before: who was too slow holds an old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub i64);

/// A delivery that was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its name.
    pub id: DeliveryId,
    /// To be given when it is renewed or settled.
    pub fence: Fence,
    /// The event's id.
    pub event: Uuid,
    /// The event's type.
    pub kind: String,
    /// The whole event.
    pub body: String,
    /// The webhook.
    pub webhook: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When the event was taken.
    pub taken_at: UnixMs,
}

/// An attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: UnixMs,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// The response's status, if there was a response.
    pub status: Option<u16>,
    /// What went wrong, in words without secrets; empty if nothing did.
    pub fault: String,
}

/// What follows from an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// The delivery.
    pub id: DeliveryId,
    /// The claim's.
    pub fence: Fence,
    /// The attempt; none if there was none, because the delivery is skipped.
    pub attempt: Option<Attempt>,
    /// What becomes of the delivery.
    pub becomes: Becomes,
}

/// What becomes of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Becomes {
    /// The receiver has it.
    Delivered,
    /// It is tried again, not before then.
    Waiting(UnixMs),
    /// It is given up, for that reason.
    Dead(String),
    /// It is not to be sent after all, for that reason.
    Skipped(String),
}

/// Whether a settlement counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It did.
    Yes,
    /// Somebody else holds the delivery, or it was settled before: nothing has changed.
    Lost,
}

/// How many deliveries there are, of all time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Events that were taken.
    pub events: u64,
    /// Deliveries that followed from them.
    pub accepted: u64,
    /// Of these: receivers have them.
    pub delivered: u64,
    /// They wait, or are under way.
    pub pending: u64,
    /// They were not to be sent after all.
    pub skipped: u64,
    /// They were given up.
    pub dead: u64,
}
