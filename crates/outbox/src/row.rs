//! What is stored: keys and values.
//!
//! A value is lines of fields, the first of which is the version of its form, and what may be long comes last. A value of
//! another version is passed over and kept: a newer build of this code has written it.

use cuehook_json::{View, write_integer, write_string};
use cuehook_protocol::Format;

/// The version of all values.
const VERSION: &str = "1";

/// Where events wait: `event/<priority>/<event id>/<receiver's key>`. So the order of keys is that in which they are sent.
pub(crate) const EVENT: &str = "event/";
/// Where receivers are described: `endpoint/<receiver's key>`.
pub(crate) const ENDPOINT: &str = "endpoint/";
/// Where sessions keep their numbers: `session/<id>`.
pub(crate) const SESSION: &str = "session/";
/// Where batches are sealed: `delivery/<id>`.
pub(crate) const DELIVERY: &str = "delivery/";
/// Where views are kept that have not ended: `view/<id>`.
pub(crate) const VIEW: &str = "view/";
/// Where requests are kept that are to survive a reload: `request/<id>`.
pub(crate) const REQUEST: &str = "request/";
/// Where events end that a receiver refuses: `dead/<event id>/<receiver's key>`.
pub(crate) const DEAD: &str = "dead/";
/// Who sends: a name of the page, and how often it has said that it is alive.
pub(crate) const LEASE: &str = "lease";

/// Writes the fields of a value.
pub(crate) struct Fields(String);

impl Fields {
    pub(crate) fn new() -> Self {
        Self(VERSION.to_owned())
    }

    /// Adds a field: a line.
    pub(crate) fn text(&mut self, field: &str) {
        self.0.push('\n');
        self.0.push_str(field);
    }

    /// Adds a whole number that is not negative.
    pub(crate) fn number(&mut self, field: f64) {
        self.0.push('\n');
        write_whole(field, &mut self.0);
    }

    pub(crate) fn done(self) -> String {
        self.0
    }
}

/// Appends a whole number that is not negative.
pub(crate) fn write_whole(number: f64, out: &mut String) {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    write_integer(number as u64, out);
}

/// The fields of a value, if it has the form of this version. At most `count`: the last is the rest, with its line breaks.
pub(crate) fn fields(value: &str, count: usize) -> Option<impl Iterator<Item = &str>> {
    let mut fields = value.splitn(count + 1, '\n');
    (fields.next()? == VERSION).then_some(fields)
}

/// A number that [`Fields::number`] wrote.
pub(crate) fn number(field: Option<&str>) -> Option<f64> {
    View::of(field?)?.as_f64().filter(|number| *number >= 0.0)
}

/// An event for one receiver.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// Where it is stored.
    pub(crate) key: String,
    /// The session that numbered it.
    pub(crate) session: String,
    /// Its number among all that this receiver is sent in that session.
    pub(crate) seq: f64,
    /// When it happened: Unix time in milliseconds.
    pub(crate) at_ms: f64,
    /// Its type.
    pub(crate) kind: String,
    /// Attempts so far.
    pub(crate) attempts: f64,
    /// How many of them the receiver refused.
    pub(crate) refusals: f64,
    /// Not before: Unix time in milliseconds.
    pub(crate) next_ms: f64,
    /// What the receiver is sent, the same in all attempts.
    pub(crate) body: String,
}

impl Row {
    /// The key of an event for a receiver.
    pub(crate) fn key(priority: char, id: &str, receiver: &str) -> String {
        let mut key = String::with_capacity(EVENT.len() + id.len() + receiver.len() + 3);
        key.push_str(EVENT);
        key.push(priority);
        for part in [id, receiver] {
            key.push('/');
            key.push_str(part);
        }
        key
    }

    /// Whether it is dropped when there is no room: leads and answers are not.
    pub(crate) fn is_lead(&self) -> bool {
        self.class() == b'0'
    }

    /// `0` for leads and answers, `1`, or `2` for how far a view has come.
    pub(crate) fn class(&self) -> u8 {
        self.key.as_bytes().get(EVENT.len()).copied().unwrap_or_default()
    }

    /// Bytes that it takes, about.
    #[allow(clippy::cast_precision_loss)]
    pub(crate) fn size(&self) -> f64 {
        (self.key.len() + self.body.len() + 100) as f64
    }

    /// The event's id.
    pub(crate) fn id(&self) -> &str {
        self.key.split('/').nth(2).unwrap_or_default()
    }

    /// The receiver's key.
    pub(crate) fn receiver(&self) -> &str {
        self.key.split('/').nth(3).unwrap_or_default()
    }

    pub(crate) fn value(&self) -> String {
        let mut fields = Fields::new();
        fields.text(&self.session);
        fields.number(self.seq);
        fields.number(self.at_ms);
        fields.text(&self.kind);
        fields.number(self.attempts);
        fields.number(self.refusals);
        fields.number(self.next_ms);
        fields.text(&self.body);
        fields.done()
    }

    pub(crate) fn read(key: String, value: &str) -> Option<Self> {
        let mut fields = fields(value, 8)?;
        Some(Self {
            session: fields.next()?.to_owned(),
            seq: number(fields.next())?,
            at_ms: number(fields.next())?,
            kind: fields.next()?.to_owned(),
            attempts: number(fields.next())?,
            refusals: number(fields.next())?,
            next_ms: number(fields.next())?,
            body: fields.next()?.to_owned(),
            key,
        })
        .filter(|row| row.key.split('/').count() == 4)
    }
}

/// A receiver as it is stored, so that a later visit to any page of the origin can send to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Address {
    pub(crate) webhook: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) simple: bool,
    pub(crate) relay: bool,
    pub(crate) batch: bool,
    pub(crate) format: Format,
}

impl Address {
    /// What tells receivers apart: webhook, URL and format. Its header fields may change.
    pub(crate) fn key(&self) -> String {
        // FNV-1a with 64 bits.
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for part in [&*self.webhook, "\n", &*self.url, "\n", self.format.as_str()] {
            for byte in part.bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
            }
        }
        let mut key = String::with_capacity(16);
        for place in (0..16).rev() {
            key.push(char::from_digit((hash >> (4 * place) & 0xF) as u32, 16).unwrap_or('0'));
        }
        key
    }

    pub(crate) fn value(&self) -> String {
        let mut text = String::from("{\"webhook\":");
        write_string(&self.webhook, &mut text);
        text.push_str(",\"url\":");
        write_string(&self.url, &mut text);
        text.push_str(",\"format\":");
        write_string(self.format.as_str(), &mut text);
        text.push_str(if self.simple { ",\"simple\":true" } else { "" });
        text.push_str(if self.relay { ",\"relay\":true" } else { "" });
        text.push_str(if self.batch { ",\"batch\":true" } else { "" });
        text.push_str(",\"headers\":{");
        for (place, (name, value)) in self.headers.iter().enumerate() {
            text.push_str(if place > 0 { "," } else { "" });
            write_string(name, &mut text);
            text.push(':');
            write_string(value, &mut text);
        }
        text.push_str("}}");
        let mut fields = Fields::new();
        fields.text(&text);
        fields.done()
    }

    pub(crate) fn read(value: &str) -> Option<Self> {
        let view = View::of(fields(value, 1)?.next()?)?;
        let text = |key: &str| Some(view.str(key)?.into_owned());
        let is_true = |key: &str| view.get(key).is_some_and(View::is_true);
        let format = text("format")?;
        let mut headers = Vec::new();
        if let Some(fields) = view.get("headers") {
            for (name, value) in fields.members() {
                headers.push((name.into_owned(), value.as_str()?.into_owned()));
            }
        }
        Some(Self {
            webhook: text("webhook")?,
            url: text("url")?,
            headers,
            simple: is_true("simple"),
            relay: is_true("relay"),
            batch: is_true("batch"),
            format: Format::at(Format::WORDS.iter().position(|word| *word == format)?)?,
        })
    }
}

/// Several events in one request, as it was sealed before the first attempt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sealed {
    /// Where it is stored.
    pub(crate) key: String,
    /// The receiver's key.
    pub(crate) receiver: String,
    /// Attempts so far.
    pub(crate) attempts: f64,
    /// How many of them the receiver refused.
    pub(crate) refusals: f64,
    /// Not before: Unix time in milliseconds.
    pub(crate) next_ms: f64,
    /// Where its events are stored, a blank between two.
    pub(crate) keys: String,
    /// What the receiver is sent, the same in all attempts.
    pub(crate) body: String,
}

impl Sealed {
    /// Whether an event is in it.
    pub(crate) fn holds(&self, key: &str) -> bool {
        self.keys.split(' ').any(|known| known == key)
    }

    pub(crate) fn value(&self) -> String {
        let mut fields = Fields::new();
        fields.text(&self.receiver);
        fields.number(self.attempts);
        fields.number(self.refusals);
        fields.number(self.next_ms);
        fields.text(&self.keys);
        fields.text(&self.body);
        fields.done()
    }

    pub(crate) fn read(key: String, value: &str) -> Option<Self> {
        let mut fields = fields(value, 6)?;
        Some(Self {
            receiver: fields.next()?.to_owned(),
            attempts: number(fields.next())?,
            refusals: number(fields.next())?,
            next_ms: number(fields.next())?,
            keys: fields.next()?.to_owned(),
            body: fields.next()?.to_owned(),
            key,
        })
    }
}
