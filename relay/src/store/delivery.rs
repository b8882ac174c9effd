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
    /// The event's project; empty if it has none.
    pub project: String,
    /// The whole event.
    pub body: String,
    /// The webhook.
    pub webhook: String,
    /// Attempts so far.
    pub attempts: u32,
    /// How many of these were made when it was replayed last; none if it never was.
    pub replayed_after: Option<u32>,
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
    /// How the response's body began, without secrets: at most [`EXCERPT`] bytes. Empty if there was none.
    pub response: String,
}

/// Of a response's body so many bytes are kept at most.
pub const EXCERPT: usize = 1024;

/// So many attempts of a delivery are shown at most, the last ones. Only who replays it again and again makes more.
pub const LOGGED: usize = 1000;

/// So many deliveries are replayed in one transaction at most, however many are asked for.
pub const REPLAYED_AT_ONCE: usize = 1000;

/// What is kept of a response's body: at most [`EXCERPT`] bytes, whole characters.
pub(super) fn excerpt(response: &str) -> &str {
    beginning(response, EXCERPT)
}

/// How a text begins: at most so many bytes, whole characters.
pub(super) fn beginning(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
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

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// It waits, or is under way.
    Pending,
    /// The receiver has it.
    Delivered,
    /// It was not to be sent after all.
    Skipped,
    /// It was given up.
    Dead,
}

/// A delivery as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDelivery {
    /// Its name.
    pub id: DeliveryId,
    /// The event's id.
    pub event: Uuid,
    /// The event's type.
    pub kind: String,
    /// The event's project; empty if it has none.
    pub project: String,
    /// The webhook.
    pub webhook: String,
    /// How it stands.
    pub state: DeliveryState,
    /// Why it was given up or is not to be sent; empty otherwise.
    pub reason: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When the event was taken.
    pub taken_at: UnixMs,
    /// When it is due; while it is under way: when the claim ends. None if it has ended.
    pub due_at: Option<UnixMs>,
    /// When it ended; none if it has not.
    pub ended_at: Option<UnixMs>,
}

/// Which deliveries are asked for. What is none does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// To this webhook.
    pub webhook: Option<String>,
    /// Of this event.
    pub event: Option<Uuid>,
    /// Of events of this type.
    pub kind: Option<String>,
    /// Of events of this project.
    pub project: Option<String>,
    /// Those that stand like this.
    pub state: Option<DeliveryState>,
    /// Of events that were taken then or later.
    pub from: Option<UnixMs>,
    /// Of events that were taken before then.
    pub to: Option<UnixMs>,
    /// Below this one.
    pub before: Option<DeliveryId>,
    /// So many at most.
    pub limit: usize,
}

/// A delivery with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeDelivery {
    /// The delivery.
    pub delivery: StoredDelivery,
    /// The whole event.
    pub body: String,
    /// Its attempts, the first one first; the last [`LOGGED`] of them.
    pub log: Vec<Attempt>,
}
