//! How much of a request is read, and for how long its sender is waited for. What operators choose is in
//! [`Limits`](crate::config::Limits).

use cuehook_protocol::RESPONSE_DEPTH;
use std::time::Duration;

/// Most bytes of a beacon: browsers themselves send no more than this.
pub const BEACON_BYTES: usize = 64 * 1024;
/// Deepest nesting of a body. Answers may be [`RESPONSE_DEPTH`] deep, and come back inside the context of a call or the data of an
/// event.
pub const BODY_DEPTH: usize = RESPONSE_DEPTH + 8;
/// Most bytes of a request's address.
pub const TARGET_BYTES: usize = 8 * 1024;
/// Most header fields of a request.
pub const HEADER_FIELDS: usize = 64;
/// Most bytes of all header fields together.
pub const HEADER_BYTES: usize = 16 * 1024;
/// Header fields that the parser reads before it gives up without a word. More than [`HEADER_FIELDS`], so that somebody who is a
/// little over it is told.
pub const PARSED_FIELDS: usize = 100;
/// Bytes of a request's head that the parser reads before it gives up without a word.
pub const PARSED_BYTES: usize = 64 * 1024;
/// Most webhooks in one request for settings.
pub const SETTINGS_WEBHOOKS: usize = 100;
/// Most events in one page.
pub const PAGE_EVENTS: usize = 500;
/// A page of events ends after so many bytes.
pub const PAGE_BYTES: usize = 4 * 1024 * 1024;
/// Most bytes of a body of the management API.
pub const MANAGE_BYTES: usize = 64 * 1024;
/// Most entries in one page of the management API.
pub const PAGE_MANAGED: usize = 200;
/// Entries of a page of the management API, if nothing is said.
pub const PAGE_MANAGED_USUAL: usize = 50;
/// Most webhooks that the management API registers.
pub const MANAGED_WEBHOOKS: usize = 1_000;
/// Most projects; and most editions.
pub const MANAGED_DOCUMENTS: usize = 10_000;
/// Deliveries that are looked at in one transaction of a replay.
pub const REPLAY_PAGE: usize = 500;
/// Most deliveries that one request for a replay looks at.
pub const REPLAYED: usize = 10_000;
/// Most bytes of a response that a test shows.
pub const TEST_BYTES: usize = 16 * 1024;
/// KiB of all bodies that are read or worked on at the same time.
pub const ROOM_KIB: usize = 64 * 1024;
/// Most connections from one address that is no proxy: a quarter of all.
pub const CONNECTIONS_PART: usize = 4;

/// How long a slow sender is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, and for the next request of a connection.
    pub head: Duration,
    /// For the next bytes of a body.
    pub pause: Duration,
    /// For a whole body.
    pub body: Duration,
    /// For those who still send when they were refused, until their connection is cut.
    pub linger: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            pause: Duration::from_secs(10),
            body: Duration::from_secs(30),
            linger: Duration::from_secs(2),
        }
    }
}
