//! What a relay keeps: one trait with whole transactions as verbs, and the engines that keep it.
//!
//! - [`call`]: calls of webhooks and what became of them. [`event`]: events that were taken. [`delivery`]: who is still to be
//!   sent them. [`webhook`]: the webhooks' settings. [`health`]: how they are doing. [`manage`]: what is changed by hand.
//! - [`memory`]: the model that the engines are compared with. [`sqlite`]: one relay, one file. `postgres`: any number of relays.
//!
//! What an engine promises: when a verb has returned `Ok`, what it says is on disk. When it has returned an error nothing of it has
//! happened, or all of it has; whoever repeats it under the same ids gets the same.

pub mod call;
#[cfg(test)]
pub(crate) mod conformance;
pub mod delivery;
pub mod event;
pub mod health;
pub mod manage;
pub mod memory;
pub mod postgres;
pub mod sqlite;
pub mod webhook;

pub use call::{Answer, Begun, Call, CallFailure, CallOutcome, CallState, NewCall};
use delivery::excerpt;
pub use delivery::{
    Attempt, Becomes, Claimed, Counts, DeliveryFilter, DeliveryId, DeliveryState, EXCERPT, Fence, LOGGED,
    REPLAYED_AT_ONCE, Settled, Settlement, StoredDelivery, WholeDelivery,
};
pub use event::{Accepted, EventFilter, NewDelivery, NewEvent, StoredEvent};
pub use health::WebhookHealth;
pub use manage::{Audit, Change, DocumentKind, StoredAudit, StoredDocument};
pub use webhook::StoredWebhook;

use async_trait::async_trait;
use std::fmt::Debug;
use uuid::Uuid;

/// Unix time in milliseconds.
pub type UnixMs = i64;

/// For how long what is kept is kept, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Calls and their answers.
    pub calls_ms: i64,
    /// Events, their deliveries and the log of attempts. What still waits is kept for longer.
    pub events_ms: i64,
    /// Ids of events, by which duplicates are recognised.
    pub ids_ms: i64,
}

impl Default for Retention {
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        Self { calls_ms: DAY_MS, events_ms: 30 * DAY_MS, ids_ms: 8 * DAY_MS }
    }
}

/// How a store is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Bytes on disk.
    pub bytes: u64,
    /// PostgreSQL: milliseconds since the oldest snapshot that a transaction still holds, by which dead rows stay.
    pub oldest_snapshot_ms: Option<i64>,
}

/// Why a verb has failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database is not there, or does not take anything at the moment: to be tried again.
    #[error("the database cannot be used at the moment: {0}")]
    Unavailable(String),
    /// The disk is full.
    #[error("the database's disk is full")]
    Full,
    /// What is stored cannot be read: somebody has to look.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The database belongs to another relay that is running, or is of a newer version.
    #[error("{0}")]
    Refused(String),
}

/// What verbs return.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Where a relay keeps what it has promised.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Takes events, and the deliveries that follow from them, in one durable transaction. For each, in their order, whether it is new.
    /// Of two with one id, in one batch or in the last eight days, the first one counts.
    async fn accept(&self, events: Vec<NewEvent>, now: UnixMs) -> Result<Vec<Accepted>>;

    /// Writes down that a webhook is about to be called, unless its id is known. A holder that has not heard the answer asks again, and is
    /// told that it is new, with the longer of the leases, for as long as there is no outcome.
    async fn call_begin(&self, call: NewCall, now: UnixMs) -> Result<Begun>;

    /// Writes down what became of a call. The first outcome counts; says whether it was this one. An outcome after the lease has run out
    /// counts, too: better late than unknown. One of a call that was never begun, or is not kept any more, does not.
    async fn call_finish(&self, id: Uuid, outcome: CallOutcome, now: UnixMs) -> Result<bool>;

    /// A call, if it is known.
    async fn call(&self, id: Uuid, now: UnixMs) -> Result<Option<Call>>;

    /// Takes deliveries that are due, at most `limit`, at most `each` of one webhook, those first that have been due for longest, of
    /// these the one that was taken first (of one event in the order of its webhooks): nobody else gets them before `until`. Then they
    /// are due again, unless they were renewed or
    /// settled. `without` are the webhooks that are not to be sent anything at the moment. One that is kept in order is passed over, and not
    /// counted, while an earlier one of its webhook and order waits or is under way.
    async fn claim(
        &self,
        limit: usize,
        each: usize,
        without: &[String],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<Claimed>>;

    /// Keeps deliveries claimed until then. Those whose fence is not the current one any more belong to somebody else, and are left
    /// out of what is returned.
    async fn renew(
        &self,
        held: &[(DeliveryId, Fence)],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<DeliveryId>>;

    /// Writes down attempts and what follows from them, in one durable transaction. For each, in their order, whether it counted.
    async fn settle(&self, settlements: Vec<Settlement>, now: UnixMs) -> Result<Vec<Settled>>;

    /// When the next delivery is due that nobody holds and that no earlier one keeps waiting, if there is one.
    async fn due(&self, now: UnixMs) -> Result<Option<UnixMs>>;

    /// How many deliveries there are of which sort. Exact: accepted = delivered + pending + skipped + dead.
    async fn counts(&self) -> Result<Counts>;

    /// Events, the newest first.
    async fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>>;

    /// All webhooks, by id.
    async fn webhooks(&self) -> Result<Vec<StoredWebhook>>;

    /// Adds webhooks or replaces them, and removes others, in one transaction. They were written last `now`, whatever `put` says. What is
    /// known of how the removed ones are doing goes with them; deliveries to them stay.
    async fn put_webhooks(&self, put: Vec<StoredWebhook>, remove: Vec<String>, now: UnixMs) -> Result<()>;

    /// Replaces what is sealed of webhooks, all or none. For each what it was and what it becomes; says whether all still were that.
    async fn reseal(&self, sealed: Vec<(String, Vec<u8>, Vec<u8>)>) -> Result<bool>;

    /// Deliveries, the newest first. A filter that a few of very many match may take too long: then it is
    /// [`StoreError::Unavailable`], and to be narrowed.
    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<StoredDelivery>>;

    /// A delivery with its event and its attempts, if it is kept.
    async fn delivery(&self, id: DeliveryId) -> Result<Option<WholeDelivery>>;

    /// Makes deliveries that have ended due again, `filter.limit` and [`REPLAYED_AT_ONCE`] at most, the newest first, under the ids of their
    /// events, with a line of the audit log, in one durable transaction. Those that wait stay as they are. Says how many it was, and where
    /// to go on: the last one that was looked at, if there may be more.
    async fn replay(
        &self,
        filter: &DeliveryFilter,
        audit: Audit,
        now: UnixMs,
    ) -> Result<(u64, Option<DeliveryId>)>;

    /// How webhooks are doing, by id; those that nothing is known of are left out.
    async fn webhook_health(&self) -> Result<Vec<WebhookHealth>>;

    /// Writes down how a webhook is doing, and takes the events that tell of it, in one durable transaction, if it is known as `was`: the
    /// default with its id if nothing is. Says whether it was. What is the default again is forgotten.
    async fn put_health(
        &self,
        was: WebhookHealth,
        becomes: WebhookHealth,
        events: Vec<NewEvent>,
        now: UnixMs,
    ) -> Result<bool>;

    /// Makes a change with its line of the audit log, in one durable transaction. Says whether it was made; it is not if what it changes is
    /// not what it was any more.
    async fn change(&self, change: Change, audit: Audit, now: UnixMs) -> Result<bool>;

    /// Documents of a sort, by id, after this one, so many at most.
    async fn documents(
        &self,
        kind: DocumentKind,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredDocument>>;

    /// A document.
    async fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<StoredDocument>>;

    /// The audit log, the newest line first, before this place, so many lines at most. It is kept as long as events are.
    async fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<StoredAudit>>;

    /// Removes what need not be kept any more, a bounded amount at a time; how much it was. To be called again until it is nothing. A
    /// call is kept from when it was begun, and while it is in progress; an event from when it was taken. An engine that keeps events by
    /// the day may keep them for a day longer; ids and calls it may not.
    async fn retain(&self, retention: Retention, now: UnixMs) -> Result<u64>;

    /// Whether it can be written to, and how it is doing.
    async fn health(&self) -> Result<Health>;

    /// Ends: what was begun is completed, files are closed. Whatever is asked afterwards is [`StoreError::Unavailable`].
    async fn close(&self);
}
