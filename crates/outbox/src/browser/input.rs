//! What the scripts say, as the types of the core.

use crate::effect::Timer;
use crate::input::{Input, Moment, Setup, Storage, WriteOutcome};
use crate::mint::Source;
use crate::subscription;
use crate::view::{MediaEvent, Report};
use cuehook_json::View;
use cuehook_protocol::{Response, TransportFailure};

/// A number that counts something.
pub fn whole(view: View<'_>) -> Option<u32> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Some(view.as_f64()? as u32)
}

fn text(view: View<'_>) -> Option<String> {
    Some(view.as_str()?.into_owned())
}

/// Chance: eight numbers of 32 bits.
fn seed(view: View<'_>) -> [u64; 4] {
    let mut seed = [0; 4];
    for (place, item) in view.items().take(8).enumerate() {
        if let (Some(part), Some(number)) = (seed.get_mut(place / 2), whole(item)) {
            *part = *part << 32 | u64::from(number);
        }
    }
    seed
}

/// Origins that an instance may send to; all if nothing is said.
pub fn origins(given: View<'_>) -> Option<Vec<String>> {
    let list = given.get("allowOrigins")?;
    (list.text() != "null").then(|| list.items().filter_map(text).collect())
}

/// What the outbox is started with.
pub fn setup(given: View<'_>) -> Option<Setup> {
    let is = |name: &str| given.get(name).is_some_and(View::is_true);
    Some(Setup {
        seed: seed(given.get("seed")?),
        session: given.str("id")?.into_owned(),
        started_ms: given.number("startedMs")?,
        is_resumed: is("isResumed"),
        // It is said by each source.
        allow_origins: Some(Vec::new()),
        relays: Vec::new(),
        origin: given.str("origin")?.into_owned(),
        keepalive: is("keepalive"),
        fetch_later: is("fetchLater"),
        locks: is("locks"),
    })
}

/// A source of events.
pub fn source(given: View<'_>, allow_origins: Option<&[String]>, now: Moment) -> Option<Source> {
    let relay = given.str("relay");
    let page = subscription::Page {
        address: &given.str("page")?,
        allow_origins,
        relay: relay.as_deref(),
        resolve: &super::resolve,
    };
    let defaults = given.str("defaults").unwrap_or_default();
    Some(Source::new(given.str("project")?.into_owned(), &defaults, &page, seed(given.get("seed")?), now))
}

/// What a media element reports: a word, then time, duration, whether it is paused, and its rate.
pub fn report<'a>(event: View<'a>, parts: &mut impl Iterator<Item = View<'a>>) -> Option<Report> {
    let event = event.as_str()?;
    let place = MediaEvent::WORDS.iter().position(|word| *word == event)?;
    let number = |part: Option<View<'a>>| part.and_then(View::as_f64).unwrap_or(f64::NAN);
    Some(Report {
        event: MediaEvent::at(place)?,
        time: number(parts.next()),
        duration: match number(parts.next()) {
            // JSON has no infinite numbers.
            endless if endless > 1e300 => f64::INFINITY,
            duration => duration,
        },
        is_paused: parts.next()?.is_true(),
        rate: number(parts.next()),
    })
}

/// What happened to the page, its store, its lock, its timers or its deliveries.
pub fn of_page<'a>(word: &str, parts: &mut impl Iterator<Item = View<'a>>) -> Option<Input> {
    Some(match word {
        "opened" => Input::Opened(match parts.next()?.is_true() {
            true => Storage::Durable,
            false => Storage::Volatile,
        }),
        "rows" => {
            let ticket = whole(parts.next()?)?;
            let mut texts = parts.next()?.items();
            let rows = std::iter::from_fn(|| Some((text(texts.next()?)?, text(texts.next()?)?)));
            Input::Rows { ticket, rows: rows.collect() }
        }
        "written" => Input::Written {
            ticket: whole(parts.next()?)?,
            outcome: match &*parts.next()?.as_str()? {
                "done" => WriteOutcome::Done,
                "full" => WriteOutcome::Full,
                "conflict" => WriteOutcome::Conflict,
                _ => WriteOutcome::Failed,
            },
        },
        "keep" => {
            let (request, record) = (text(parts.next()?)?, text(parts.next()?)?);
            Input::Keep { request, record, ticket: whole(parts.next()?)? }
        }
        "forget" => Input::Forget { request: text(parts.next()?)? },
        "locked" => Input::Locked,
        "lock lost" => Input::LockLost,
        "ended" => Input::Ended { delivery: whole(parts.next()?)?, outcome: outcome(parts.next()?) },
        "rang" => Input::Rang(match &*parts.next()?.as_str()? {
            "due" => Timer::Due,
            "lease" => Timer::Lease,
            _ => Timer::Later,
        }),
        "online" => Input::Online(parts.next()?.is_true()),
        "visible" => Input::Visible(parts.next()?.is_true()),
        "left" => Input::Left,
        "back" => Input::Back,
        "flush" => Input::Flush { ticket: whole(parts.next()?)? },
        "purge" => Input::Purge { ticket: whole(parts.next()?)? },
        _ => return None,
    })
}

/// How a delivery has ended: an object, or a word for why there is no response.
fn outcome(end: View<'_>) -> Result<Response, TransportFailure> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let status = match end.number("status") {
        Some(status) => status as u16,
        None => {
            return Err(match end.as_str().as_deref() {
                Some("aborted") => TransportFailure::Aborted,
                Some("csp") => TransportFailure::Csp,
                _ => TransportFailure::Network,
            });
        }
    };
    let field = |name: &str| Some(end.str(name)?.into_owned());
    match field("body") {
        Some(body) => Ok(Response {
            status,
            content_type: field("contentType"),
            retry_after: field("retryAfter"),
            outcome: None,
            body: body.into_bytes(),
        }),
        None => Err(TransportFailure::TooLarge { status }),
    }
}
