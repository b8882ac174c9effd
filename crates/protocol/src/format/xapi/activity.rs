//! What was watched or used: activities.

use super::super::parts::Parts;
use super::super::writer::Writer;
use super::id::{encoded, is_address};
use super::{PROFILE, answer};

/// The video.
pub(super) fn video(parts: &Parts<'_>, out: &mut Writer) {
    out.text("objectType", "Activity");
    out.text("id", &video_id(parts));
    out.object("definition", |out| {
        out.text("type", &[PROFILE, "/activity-type/video"].concat());
        if let Some(title) = parts.text("video", "title") {
            out.object("name", |out| out.text(LANGUAGE, &title));
        }
    });
}

/// Of no text do we know the language: `und` of RFC 5646.
pub(super) const LANGUAGE: &str = "und";

/// The identifier of the video: where it is shared, so that all who know it mean the same; else one made of its name.
pub(super) fn video_id(parts: &Parts<'_>) -> String {
    let shared = parts.text("video", "shareUrl").filter(|address| is_address(address));
    match shared {
        Some(address) => address.into_owned(),
        None => ["urn:cuehook:video:", &encoded(&parts.text("video", "id").unwrap_or_default())].concat(),
    }
}

/// A question, a form, or what was clicked.
pub(super) fn element(parts: &Parts<'_>, is_answer: bool, out: &mut Writer) {
    let label = parts.text("interaction", "label");
    let name = parts.text("interaction", "element").or_else(|| label.clone()).unwrap_or_default();
    let video = video_id(parts);
    // An address has one fragment at most.
    let sign = if video.contains('#') { "/" } else { "#" };
    out.text("objectType", "Activity");
    out.text("id", &[&video, sign, &encoded(&name)].concat());
    out.object("definition", |out| {
        let kind = if is_answer { "cmi.interaction" } else { "interaction" };
        out.text("type", &["http://adlnet.gov/expapi/activities/", kind].concat());
        if let Some(label) = label {
            out.object("name", |out| out.text(LANGUAGE, &label));
        }
        if let Some(text) = parts.text("question", "text") {
            out.object("description", |out| out.text(LANGUAGE, &text));
        }
        let address = parts.text("interaction", "url");
        out.text_if_any("moreInfo", address.filter(|address| is_address(address)).as_deref());
        if is_answer {
            answer::definition(parts, out);
        }
    });
}
