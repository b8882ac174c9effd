//! What is done about deliveries.

use crate::store::{Claimed, DeliveryId, Fence, NewEvent, Settlement, UnixMs, WebhookHealth};

/// Something that is to be done. The number is said again by what answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// [`Store::claim`](crate::store::Store::claim). One at a time.
    Claim {
        /// Its number.
        op: u64,
        /// So many at most.
        limit: usize,
        /// So many of one webhook at most.
        each: usize,
        /// Webhooks that are not to be sent anything at the moment.
        without: Vec<String>,
        /// Until then.
        until: UnixMs,
    },
    /// [`Store::due`](crate::store::Store::due). One at a time.
    Due {
        /// Its number.
        op: u64,
    },
    /// A delivery is to be attempted.
    Send(Sending),
    /// [`Store::settle`](crate::store::Store::settle). One at a time.
    Settle {
        /// Its number.
        op: u64,
        /// The settlements.
        settlements: Vec<Settlement>,
    },
    /// [`Store::renew`](crate::store::Store::renew). One at a time.
    Renew {
        /// Its number.
        op: u64,
        /// What is held.
        held: Vec<(DeliveryId, Fence)>,
        /// Until then.
        until: UnixMs,
    },
    /// [`Store::put_health`](crate::store::Store::put_health). One at a time for each webhook.
    PutHealth {
        /// Its number.
        op: u64,
        /// As it was.
        was: WebhookHealth,
        /// As it is to be.
        becomes: WebhookHealth,
        /// What tells of it.
        events: Vec<NewEvent>,
    },
    /// The webhooks and how they are doing are to be read now: [`Input::Known`](super::Input::Known).
    Look,
    /// [`Input::Rang`](super::Input::Rang) after so many milliseconds. There is one timer: this is instead of the one before.
    Timer {
        /// When.
        after_ms: u64,
    },
    /// Everything is complete, after [`Input::Drain`](super::Input::Drain).
    Drained,
}

/// A delivery that is to be attempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The number.
    pub op: u64,
    /// The delivery.
    pub delivery: Claimed,
    /// It is to be given up after so many milliseconds.
    pub timeout_ms: u32,
}
