//! What the outbox tells the shell to do.

/// Something to do, in order.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Read what is stored under keys that begin with `prefix`, in ascending order of keys. Reads and writes happen in the
    /// order in which they are asked for.
    Read {
        /// Number to answer with.
        ticket: u32,
        /// With what keys begin.
        prefix: &'static str,
        /// Only keys behind this one; empty: from the first.
        after: String,
        /// At most so many rows.
        limit: usize,
    },
    /// Write in one transaction: it is done completely or not at all. What is deleted is deleted first.
    Write {
        /// Number to answer with, once the transaction is complete.
        ticket: u32,
        /// Only if this key has this value, or is not there: it is read in the same transaction.
        guard: Option<(String, Option<String>)>,
        /// Keys and values to put.
        puts: Vec<(String, String)>,
        /// Keys to delete. One that ends with `/` deletes all that begin with it.
        deletes: Vec<String>,
        /// Wait until it is on the disk itself (`durability: "strict"`), not only with the operating system.
        strict: bool,
    },
    /// Ask for the lock that all pages of the origin share, and wait for it; [`Input::Locked`](crate::Input::Locked) follows.
    Lock {
        /// Take it from a page that holds it: it has been frozen.
        steal: bool,
    },
    /// Release the lock, or ask for it no longer.
    Unlock,
    /// Send one delivery: a POST without credentials, redirects or cache.
    Send(Delivery),
    /// Abort a delivery that is under way. No input follows.
    Abort(u32),
    /// What `fetchLater` is to send if the page is never heard of again. Replaces what was given before; nothing: cancels.
    Later(Vec<Delivery>),
    /// Ring after so many milliseconds, once; replaces what is left of it.
    StartTimer {
        /// Which timer.
        timer: Timer,
        /// Milliseconds.
        after_ms: f64,
    },
    /// Do not ring.
    StopTimer(Timer),
    /// Settle the promise of whoever waits.
    Settle {
        /// The number they gave.
        ticket: u32,
        /// Nothing, or code and message.
        result: Result<(), (&'static str, String)>,
    },
    /// An Execute Webhook of an earlier load of this page is to be asked for again.
    Restore(String),
    /// Tell the page: `cuehook:delivery`.
    Report(Report),
    /// The session is another one from now on: what was stored of it could not be read.
    Session(String),
}

/// A request with one event or several.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Number to report its end with.
    pub number: u32,
    /// Where to.
    pub url: String,
    /// All header fields, `content-type` included.
    pub headers: Vec<(String, String)>,
    /// The body, the same in all attempts.
    pub body: String,
    /// Which token of the page the shell adds: as the header `authorization`, or in the address (`?token=`) if there is no
    /// header but the content type.
    pub token: Token,
    /// Go on when the page is left meanwhile.
    pub keepalive: bool,
    /// Give up after so many milliseconds, the body of the response included.
    pub timeout_ms: f64,
}

/// A token of the page, which only its relay is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// None: it is no relay.
    None = 0,
    /// The one that is at hand, or the first.
    Known = 1,
    /// Another one: that at hand was refused.
    Fresh = 2,
}

/// Timers of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// Something is due: events that waited for company, or the next attempt.
    Due,
    /// The lease of the lock is renewed, or looked at.
    Lease,
    /// What waits is given to `fetchLater`.
    Later,
}

/// Something that the page may want to know: `detail` of `cuehook:delivery`.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What has become of the events.
    pub state: ReportState,
    /// Id of the webhook; empty if it is about all.
    pub webhook: String,
    /// Ids of the events.
    pub events: Vec<String>,
    /// The event's type, when it is recorded.
    pub kind: Option<String>,
    /// Status of the response, if there was one.
    pub status: Option<u16>,
    /// Attempts so far.
    pub attempts: u32,
    /// Milliseconds until the next attempt, if there will be one.
    pub next_ms: Option<f64>,
    /// Why, as a word.
    pub reason: Option<&'static str>,
}

/// What can become of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// They are stored.
    Recorded,
    /// They were acknowledged.
    Delivered,
    /// They are tried again.
    Retrying,
    /// The receiver refuses us; they wait until it does not.
    Paused,
    /// They will not be sent: the receiver refuses them for good.
    Dead,
    /// They could not be kept.
    Lost,
}

impl ReportState {
    /// As pages read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Delivered => "delivered",
            Self::Retrying => "retrying",
            Self::Paused => "paused",
            Self::Dead => "dead",
            Self::Lost => "lost",
        }
    }
}
