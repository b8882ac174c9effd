//! Statements of the Experience API 1.0.3, for a Learning Record Store.
//!
//! What is said of the video itself follows the video profile (<https://w3id.org/xapi/video>, version 1.0.3; its data model:
//! <https://github.com/liveaspankaj/xapi-video-cop>): a view is a session of the profile and a registration, it begins with
//! `initialized` and `played`, and ends with `paused`, `completed` if all was seen, and `terminated`. One event may be several
//! statements, then the body is a list. What the profile has no words for (how far a view has come, answers, clicks) has the
//! general verbs of ADL and does not claim to follow the profile.

mod activity;
mod agent;
mod answer;
mod id;

use super::parts::Parts;
use super::writer::Writer;
use crate::EventType;
use cuehook_json::View;
use id::{derived, version_4};

/// The profile, and the start of its identifiers.
const PROFILE: &str = "https://w3id.org/xapi/video";

/// A verb: its identifier, and what people read.
type Verb = (&'static str, &'static str);

const INITIALIZED: Verb = ("http://adlnet.gov/expapi/verbs/initialized", "initialized");
const PLAYED: Verb = ("https://w3id.org/xapi/video/verbs/played", "played");
const PAUSED: Verb = ("https://w3id.org/xapi/video/verbs/paused", "paused");
const COMPLETED: Verb = ("http://adlnet.gov/expapi/verbs/completed", "completed");
const TERMINATED: Verb = ("http://adlnet.gov/expapi/verbs/terminated", "terminated");
const PROGRESSED: Verb = ("http://adlnet.gov/expapi/verbs/progressed", "progressed");
const ANSWERED: Verb = ("http://adlnet.gov/expapi/verbs/answered", "answered");
const INTERACTED: Verb = ("http://adlnet.gov/expapi/verbs/interacted", "interacted");

/// The body: a statement, or a list of them.
pub(super) fn body(parts: &Parts<'_>) -> Option<String> {
    let view = version_4(&parts.text("view", "id")?);
    let id = version_4(&parts.id);
    let statements = Statements { parts, view: &view };
    let mut out = Writer::default();
    match EventType::named(&parts.kind)? {
        EventType::ViewStarted => out.items(|out| {
            // The profile: the id of a session is that of its first statement.
            statements.of_video(out, &view, INITIALIZED, &[]);
            statements.of_video(out, &id, PLAYED, &[Part::Time]);
        }),
        EventType::ViewProgressed => {
            statements.of_video(&mut out, &id, PROGRESSED, &[Part::Time, Part::Progress]);
        }
        EventType::ViewEnded => out.items(|out| {
            let all = [Part::Time, Part::Progress, Part::Segments];
            statements.of_video(out, &derived(&id, 1), PAUSED, &all);
            if parts.number("watched", "percent").is_some_and(|percent| percent >= 100.0) {
                statements.of_video(out, &derived(&id, 2), COMPLETED, &all);
            }
            statements.of_video(out, &id, TERMINATED, &all);
        }),
        EventType::QuestionAnswered => statements.of_element(&mut out, &id, ANSWERED),
        _ => statements.of_element(&mut out, &id, INTERACTED),
    }
    Some(out.finish())
}

/// What a result says of the video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Where the video stands.
    Time,
    /// The share that was seen.
    Progress,
    /// What was seen.
    Segments,
}

struct Statements<'p> {
    parts: &'p Parts<'p>,
    /// The id of the view as a UUID of version 4.
    view: &'p str,
}

impl Statements<'_> {
    /// A statement about the video.
    fn of_video(&self, out: &mut Writer, id: &str, verb: Verb, result: &[Part]) {
        out.item(|out| {
            self.begin(out, id, verb);
            out.object("object", |out| activity::video(self.parts, out));
            if !result.is_empty() {
                out.object("result", |out| self.result_of_video(out, verb, result));
            }
            let category = (verb != PROGRESSED).then_some(PROFILE);
            self.end(out, "category", category);
        });
    }

    fn result_of_video(&self, out: &mut Writer, verb: Verb, result: &[Part]) {
        let parts = self.parts;
        if verb == COMPLETED {
            out.boolean("completion", true);
            let seconds = parts.number("watched", "seconds").unwrap_or(0.0);
            out.text("duration", &["PT", &rounded(seconds), "S"].concat());
        }
        out.object("extensions", |out| {
            for part in result {
                match part {
                    Part::Time => {
                        let time = parts.number("progress", "position");
                        let time = time.or_else(|| parts.number("video", "currentTime"));
                        out.number(&extension("time"), time.unwrap_or(0.0));
                    }
                    Part::Progress => {
                        let percent = parts.number("watched", "percent");
                        let percent = percent.or_else(|| parts.number("progress", "percent"));
                        // Of what has no length, nobody knows the share.
                        if let Some(percent) = percent {
                            out.number(&extension("progress"), percent / 100.0);
                        }
                    }
                    Part::Segments => out.text(&extension("played-segments"), &segments(parts)),
                }
            }
        });
    }

    /// A statement about something in the video.
    fn of_element(&self, out: &mut Writer, id: &str, verb: Verb) {
        out.item(|out| {
            self.begin(out, id, verb);
            out.object("object", |out| activity::element(self.parts, verb == ANSWERED, out));
            out.object("result", |out| {
                if verb == ANSWERED {
                    answer::result(self.parts, out);
                }
                out.object("extensions", |out| {
                    let time = self.parts.number("interaction", "mediaTime").unwrap_or(0.0);
                    out.number(&extension("time"), time);
                });
            });
            self.end(out, "parent", Some(&activity::video_id(self.parts)));
        });
    }

    fn begin(&self, out: &mut Writer, id: &str, verb: Verb) {
        out.text("id", id);
        out.text("timestamp", &self.parts.timestamp);
        out.object("actor", |out| agent::agent(self.parts, out));
        out.object("verb", |out| {
            out.text("id", verb.0);
            out.object("display", |out| out.text("en", verb.1));
        });
    }

    /// The context; `activity` is related as `relation` says.
    fn end(&self, out: &mut Writer, relation: &str, activity: Option<&str>) {
        out.object("context", |out| {
            out.text("registration", self.view);
            if let Some(activity) = activity {
                out.object("contextActivities", |out| {
                    out.list(relation, |out| out.item(|out| out.text("id", activity)));
                });
            }
            out.object("extensions", |out| {
                out.text(&extension("session-id"), self.view);
                // Of live streams nobody knows it.
                if let Some(length) = self.parts.number("video", "duration") {
                    out.number(&extension("length"), length);
                }
            });
        });
    }
}

/// The identifier of an extension of the profile.
fn extension(name: &str) -> String {
    [PROFILE, "/extensions/", name].concat()
}

/// What was seen: `0.000[.]12.000[,]14.000[.]21.000`.
fn segments(parts: &Parts<'_>) -> String {
    let mut text = String::new();
    for range in parts.field("watched", "ranges").into_iter().flat_map(View::items) {
        let mut ends = range.items().filter_map(View::as_f64);
        if let (Some(from), Some(to)) = (ends.next(), ends.next()) {
            if !text.is_empty() {
                text.push_str("[,]");
            }
            text.push_str(&[&thousandths(from), "[.]", &thousandths(to)].concat());
        }
    }
    text
}

/// Seconds with at most 3 decimals.
fn rounded(seconds: f64) -> String {
    let mut text = String::new();
    cuehook_json::write_rounded(seconds, &mut text);
    text
}

/// Seconds with 3 decimals, as the profile's example has them.
fn thousandths(seconds: f64) -> String {
    let mut text = rounded(seconds);
    let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    if decimals == 0 {
        text.push('.');
    }
    text.extend(std::iter::repeat_n('0', 3_usize.saturating_sub(decimals)));
    text
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::thousandths;

    #[test]
    fn segments_have_three_decimals() {
        for (seconds, text) in
            [(0.0, "0.000"), (12.0, "12.000"), (7.4, "7.400"), (0.056, "0.056"), (31.0004, "31.000")]
        {
            assert_eq!(thousandths(seconds), text);
        }
    }
}
