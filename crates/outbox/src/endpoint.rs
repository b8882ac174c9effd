//! Events on their way from where they are made to where they are stored, and who receives them.

use cuehook_protocol::{Format, format, subscribes};

/// A webhook that is sent events.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// The webhook's id.
    pub webhook: String,
    /// Where to POST: an absolute URL, which the page allows.
    pub url: String,
    /// The author's own header fields.
    pub headers: Vec<(String, String)>,
    /// Send `text/plain` without header fields of our own, which needs no CORS preflight.
    pub simple: bool,
    /// Several events in one request.
    pub batch: bool,
    /// It is the events' address of a relay, which is shown a token of the page. The token itself is never in here.
    pub relay: bool,
    /// How events look.
    pub format: Format,
    /// The types it is sent, as [`subscribes`](cuehook_protocol::subscribes) reads them.
    pub events: Vec<String>,
    /// The page's address, as much of it as this receiver may know.
    pub page: Option<String>,
}

impl Endpoint {
    /// Whether it is sent events of a type.
    pub fn receives(&self, kind: &str) -> bool {
        format::has_body(self.format, kind) && self.events.iter().any(|pattern| subscribes(pattern, kind))
    }

    /// Whether it names a type, be it by its beginning: `*` says nothing of what viewers typed.
    fn names(&self, kind: &str) -> bool {
        self.events.iter().any(|pattern| pattern != "*" && subscribes(pattern, kind))
    }
}

/// An event that has been made, before it is numbered for each receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Minted {
    /// Its type.
    pub kind: String,
    /// UUIDv7.
    pub id: String,
    /// When it happened: Unix time in milliseconds.
    pub at_ms: f64,
    /// The video as a JSON object.
    pub video: String,
    /// The view as a JSON object.
    pub view: String,
    /// Who watches, as a JSON object.
    pub viewer: Option<String>,
    /// The other members of `data`, a comma before each.
    pub more: String,
    /// What receivers that name the type are sent instead of `more`: with what the viewer typed. See [`Minted::more_for`].
    pub private: Option<String>,
    /// What is kept of the view from now on, so that it can be ended after a crash: its id, and a record that
    /// [`view`](crate::view) reads; no record once it has ended. Stored in the same transaction.
    pub kept_view: Option<(String, Option<String>)>,
}

impl Minted {
    /// The other members of `data` for a receiver: [`Event::more`](cuehook_protocol::Event::more). None if it does not
    /// receive the event.
    pub fn more_for(&self, endpoint: &Endpoint) -> Option<&str> {
        let names = || endpoint.names(&self.kind);
        let more = self.private.as_ref().filter(|_| names()).unwrap_or(&self.more);
        endpoint.receives(&self.kind).then_some(more)
    }

    /// Bytes of `data`, but for the session.
    pub(crate) fn length(&self) -> usize {
        let more = self.private.as_ref().map_or(0, String::len).max(self.more.len());
        // The names of the members and their signs.
        40 + self.video.len() + self.view.len() + self.viewer.as_ref().map_or(0, |viewer| viewer.len()) + more
    }
}
