//! What the shell tells the outbox.

use crate::effect::Timer;
use crate::endpoint::{Endpoint, Minted};
use cuehook_protocol::{Response, TransportFailure};
use std::rc::Rc;

/// Both clocks at the instant of an input.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Moment {
    /// Unix time in milliseconds, as the viewer's clock has it. It may jump.
    pub wall_ms: f64,
    /// Monotonic time in milliseconds since some fixed instant of this page.
    pub clock_ms: f64,
}

/// What the outbox of a page is started with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Chance, from the browser's cryptographic source.
    pub seed: [u64; 4],
    /// The session's UUIDv7.
    pub session: String,
    /// When it started: Unix time in milliseconds.
    pub started_ms: f64,
    /// Whether the session is that of an earlier load in this tab, so that its numbers go on. If what was stored of it cannot
    /// be read, a new session begins.
    pub is_resumed: bool,
    /// Origins that this page may send to, such as `https://shop.example`; all if nothing is said. Rows for others wait
    /// for another page.
    pub allow_origins: Option<Vec<String>>,
    /// Where the relays that this page names take events: rows for others wait for a page that names them.
    pub relays: Vec<String>,
    /// Origin of the page.
    pub origin: String,
    /// Whether this browser knows requests that go on when the page is left.
    pub keepalive: bool,
    /// Whether this browser knows `fetchLater`.
    pub fetch_later: bool,
    /// Whether this browser knows Web Locks. Without them [`Effect::Lock`](crate::Effect::Lock) is not used.
    pub locks: bool,
}

/// How well stored rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// In IndexedDB: they survive the end of the page and of the browser.
    Durable,
    /// In the page's memory alone: storage is denied or broken.
    Volatile,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// The transaction is complete.
    Done,
    /// There is no room.
    Full,
    /// The storage failed, also after it was opened again.
    Failed,
    /// The guard's key had another value, so nothing was written.
    Conflict,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The store is open, or stays closed. The first input that has effects; what comes before it waits.
    Opened(Storage),
    /// Answer to [`Effect::Read`](crate::Effect::Read): keys and values in ascending order of keys.
    Rows {
        /// The number that the effect carried.
        ticket: u32,
        /// What is stored.
        rows: Vec<(String, String)>,
    },
    /// Answer to [`Effect::Write`](crate::Effect::Write).
    Written {
        /// The number that the effect carried.
        ticket: u32,
        /// How it ended.
        outcome: WriteOutcome,
    },
    /// An event was made.
    Record {
        /// The event.
        event: Minted,
        /// Webhooks of its project; those that do not subscribe to it are passed over.
        endpoints: Rc<Vec<Endpoint>>,
        /// Somebody waits until it is durable.
        ticket: Option<u32>,
    },
    /// What is known of a view has changed, without an event: see [`Minted::kept_view`].
    View {
        /// The view's id.
        id: String,
        /// The record to keep.
        record: String,
    },
    /// An Execute Webhook that survives a reload is about to be sent.
    Keep {
        /// Its id.
        request: String,
        /// What the runtime needs to ask again.
        record: String,
        /// The runtime waits until it is durable.
        ticket: u32,
    },
    /// Such a request has settled, and needs not be kept.
    Forget {
        /// Its id.
        request: String,
    },
    /// The lock is held.
    Locked,
    /// The lock could not be had, or was taken by another page.
    LockLost,
    /// A delivery has ended.
    Ended {
        /// The number that the effect carried.
        delivery: u32,
        /// How.
        outcome: Result<Response, TransportFailure>,
    },
    /// A timer rang.
    Rang(Timer),
    /// The browser says that it is online, or not.
    Online(bool),
    /// The page is hidden, or can be seen again.
    Visible(bool),
    /// The page is being left: this may be the last input. Everything that waits is sent now.
    Left,
    /// The page has come back from the back/forward cache.
    Back,
    /// Send what waits now.
    Flush {
        /// Somebody waits until nothing is left that can be sent now.
        ticket: u32,
    },
    /// Delete everything that is stored, and forget what waits.
    Purge {
        /// Somebody waits until that is done.
        ticket: u32,
    },
}
