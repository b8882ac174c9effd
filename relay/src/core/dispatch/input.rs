//! What happens to deliveries.

use crate::config::Webhook;
use crate::store::{Claimed, DeliveryId, Settled, StoreError, UnixMs, WebhookHealth};
use cuehook_protocol::Response;
use std::sync::Arc;

/// Something that happens. What answers an effect says its number again.
#[derive(Clone, Debug)]
pub enum Input {
    /// The webhooks and how they are doing were read in the store.
    Known(Known),
    /// Deliveries may have become due: events were taken, something was replayed, a webhook was enabled.
    Stirred,
    /// [`Effect::Claim`](super::Effect::Claim) has ended.
    Claimed {
        /// Its number.
        op: u64,
        /// How.
        result: Result<Vec<Claimed>, StoreError>,
    },
    /// [`Effect::Due`](super::Effect::Due) has ended.
    Due {
        /// Its number.
        op: u64,
        /// How.
        result: Result<Option<UnixMs>, StoreError>,
    },
    /// [`Effect::Send`](super::Effect::Send) has ended.
    Sent {
        /// Its number.
        op: u64,
        /// How.
        sent: Sent,
    },
    /// [`Effect::Settle`](super::Effect::Settle) has ended.
    Settled {
        /// Its number.
        op: u64,
        /// How: one for each, in their order.
        result: Result<Vec<Settled>, StoreError>,
    },
    /// [`Effect::Renew`](super::Effect::Renew) has ended.
    Renewed {
        /// Its number.
        op: u64,
        /// How: those that still were this relay's.
        result: Result<Vec<DeliveryId>, StoreError>,
    },
    /// [`Effect::PutHealth`](super::Effect::PutHealth) has ended.
    HealthPut {
        /// Its number.
        op: u64,
        /// How; whether it was known as it was.
        result: Result<bool, StoreError>,
    },
    /// [`Effect::Timer`](super::Effect::Timer) has rung.
    Rang,
    /// The relay is to end: nothing more is claimed, what is under way is completed.
    Drain,
}

/// What was read in the store.
#[derive(Clone, Debug)]
pub struct Known {
    /// The webhooks, if they have changed since the last time.
    pub webhooks: Option<Arc<[Webhook]>>,
    /// Those that were written since the last time, also if only their secrets have changed.
    pub renewed: Vec<String>,
    /// How they are doing, if that was read, too; of those that are left out nothing is known.
    pub health: Option<Vec<WebhookHealth>>,
    /// When reading began, by the wall clock.
    pub wall_ms: UnixMs,
    /// When reading began, by the clock that only goes on.
    pub clock_ms: u64,
}

/// How an attempt has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// How it ended.
    pub end: End,
}

/// How an attempt has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With a response of any status, secrets replaced. Of a large body the beginning is there.
    Answered(Response),
    /// Without one.
    Failed {
        /// Because it took too long.
        is_late: bool,
        /// What went wrong, in words without secrets.
        fault: String,
    },
    /// The request could not be made: this is the relay's fault, or the template's.
    Unprepared(String),
    /// There is nothing to be sent, for that reason.
    Nothing(String),
}
