//! What is kept of a view while it runs, so that it can be ended after a crash.

use super::*;

/// What is kept.
pub(super) fn record(source: &Source, running: &Running, now: Moment) -> String {
    let mut out = ["{\"ended\":\"", &running.ended, "\",\"at\":"].concat();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    write_integer(now.wall_ms.max(0.0) as u64, &mut out);
    out.extend([",\"video\":", &source.video(source.time), ",\"view\":", &source.view]);
    if let Some(viewer) = &source.viewer {
        out.extend([",\"viewer\":", viewer]);
    }
    out.push_str(",\"watched\":");
    running.watched.write(source.duration, &mut out);
    out.push('}');
    out
}

/// The end of a view that nobody has told of: as of the last record of it, and under the id that was minted when it began. None
/// if the record is none.
pub fn recovered(record: &str, now: Moment) -> Option<Minted> {
    let record = View::of(record)?;
    let object = |name: &str| copied_object(record.get(name)?.text());
    let view = object("view")?;
    let id = View::of(&view)?.str("id")?.into_owned();
    Some(Minted {
        kind: EventType::ViewEnded.as_str().to_owned(),
        id: record.str("ended")?.into_owned(),
        // What is past is past, whatever the viewer's clock says now.
        at_ms: record.number("at")?.min(now.wall_ms),
        video: object("video")?.into(),
        view: view.into(),
        viewer: object("viewer").map(Into::into),
        more: [",\"watched\":", &object("watched")?, ",\"reason\":\"recovered\""].concat(),
        private: None,
        kept_view: Some((id, None)),
    })
}
