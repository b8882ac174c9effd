//! What is kept of a view while it runs, so that it can be ended after a crash.

use super::{Running, Source};
use crate::endpoint::Minted;
use crate::input::Moment;
use crate::text::{key, member, number, raw};
use cuehook_json::View;
use cuehook_protocol::EventType;

/// What is kept.
pub(super) fn record(source: &Source, running: &Running, now: Moment) -> String {
    let mut out = "{".to_owned();
    member("ended", &running.ended, &mut out);
    number("at", now.wall_ms, &mut out);
    raw("video", &source.video(), &mut out);
    raw("view", &source.view, &mut out);
    if let Some(viewer) = &source.viewer {
        raw("viewer", viewer, &mut out);
    }
    key("watched", &mut out);
    running.watched.write(source.duration, &mut out);
    out.push('}');
    out
}

/// The end of a view of which nobody has told: as of the last record, and under the id that was minted when the view began. None
/// if the record is none.
pub fn recovered(record: &str, now: Moment) -> Option<Minted> {
    let record = View::of(record)?;
    let view = record.get("view")?;
    let mut more = String::new();
    raw("watched", record.get("watched")?.text(), &mut more);
    member("reason", "recovered", &mut more);
    Some(Minted {
        kind: EventType::ViewEnded.as_str().to_owned(),
        id: record.str("ended")?.into_owned(),
        // What is past is past, whatever the viewer's clock says now.
        at_ms: record.number("at")?.min(now.wall_ms),
        video: record.get("video")?.text().into(),
        view: view.text().into(),
        viewer: record.get("viewer").map(|viewer| viewer.text().into()),
        more,
        private: None,
        kept_view: Some((view.str("id")?.into_owned(), None)),
    })
}
