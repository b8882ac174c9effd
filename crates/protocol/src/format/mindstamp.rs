//! As Mindstamp documents its view and interaction webhooks: flat objects. Its lead webhook is not documented.
//!
//! Sources: <https://mindstamp.readme.io/reference/view-webhooks>, <https://mindstamp.readme.io/reference/interaction-webhooks>.
//! Assumed, because they do not say: that what is unknown is `null`, all of the lead's body, the words in `style` but
//! `multiple`, `click_action`, and that several answers or right answers are joined with `, `. Their `time` and `finish` say when
//! an interaction appears and disappears; events do not, so `time` is when it was used.

use super::parts::Parts;
use super::writer::Writer;
use crate::{EventType, rfc3339, timestamp};
use cuehook_json::View;
use std::borrow::Cow;

/// The body.
pub(super) fn body(parts: &Parts<'_>) -> Option<String> {
    let write = match EventType::named(&parts.kind)? {
        EventType::ViewEnded => view,
        EventType::LeadCaptured => lead,
        EventType::InteractionClicked
        | EventType::CtaClicked
        | EventType::AnnotationClicked
        | EventType::QuestionAnswered => interaction,
        _ => return None,
    };
    let mut writer = Writer::default();
    writer.item(|out| write(parts, out));
    Some(writer.finish())
}

fn view(parts: &Parts<'_>, out: &mut Writer) {
    let started = parts.text("view", "startedAt");
    let started_ms = started.as_deref().and_then(timestamp::parse).map(|(ms, _)| ms);
    out.text_or_null("id", parts.text("view", "id").as_deref());
    out.null("owner_id");
    video(parts, out);
    out.text_or_null("started", started_ms.map(date).as_deref());
    out.text("finished", &date(parts.happened_ms()));
    out.whole_or_null("elapsed", started_ms.map(|started| (parts.happened_ms() - started) / 1_000.0));
    out.whole_or_null("percentage", parts.number("watched", "percent").map(f64::round));
    out.whole_or_null("last_point", parts.number("video", "currentTime"));
    out.whole_or_null("furthest_point", parts.number("watched", "furthest"));
    out.text_or_null("viewer_id", parts.text("session", "id").as_deref());
    viewer(parts, out);
    for unknown in ["interaction_count", "city", "region", "country", "flag"] {
        out.null(unknown);
    }
    let url = parts.text("session", "page").or_else(|| parts.text("video", "shareUrl"));
    out.text_or_null("url", url.as_deref());
    for unknown in ["browser", "screen_width", "screen_height", "participation"] {
        out.null(unknown);
    }
}

fn interaction(parts: &Parts<'_>, out: &mut Writer) {
    let label = parts.text("interaction", "label");
    let is_answer = parts.kind == EventType::QuestionAnswered.as_str();
    let question = parts.data.get("question").filter(|_| is_answer);
    let choices = |is_wanted: &dyn Fn(View<'_>) -> bool| -> Vec<Cow<'_, str>> {
        let choices = question.and_then(|question| question.get("choices"));
        let wanted = choices.into_iter().flat_map(View::items).filter(|choice| is_wanted(*choice));
        wanted.filter_map(|choice| choice.str("label")).collect()
    };
    let value = match question {
        Some(question) => {
            let answers = question.get("answers");
            let is_chosen = |choice: View<'_>| {
                let id = choice.str("id");
                answers.into_iter().flat_map(View::items).any(|answer| answer.as_str() == id)
            };
            Some(Cow::Owned(choices(&is_chosen).join(", ")))
        }
        None if is_answer => {
            let entries = parts.entries();
            Some(Cow::Owned(
                entries.into_iter().filter(|entry| !entry.is_empty()).collect::<Vec<_>>().join(", "),
            ))
        }
        None => label.clone(),
    };
    out.text("id", &parts.id);
    out.text_or_null("video_title", parts.text("video", "title").as_deref());
    out.text("type_of", "click");
    out.text_or_null("value", value.filter(|value| !value.is_empty()).as_deref());
    out.whole_or_null("time", parts.number("interaction", "mediaTime"));
    out.null("finish");
    out.text_or_null("parent_id", parts.text("interaction", "element").as_deref());
    out.text("parent_type", if is_answer { "question" } else { "button" });
    let prompt = question.and_then(|question| question.str("text")).or(label);
    out.text_or_null("parent_value", prompt.as_deref());
    out.null("click_action");
    out.text_or_null("click_value", parts.text("interaction", "url").as_deref());
    viewer(parts, out);
    let style = match question {
        Some(_) => Some("multiple"),
        None => is_answer.then_some("free"),
    };
    out.text_or_null("style", style);
    out.list("answers", |out| choices(&|_| true).iter().for_each(|label| out.text_item(label)));
    let correct = choices(&|choice| choice.get("correct").is_some_and(View::is_true)).join(", ");
    out.text_or_null("correct_answer", Some(&*correct).filter(|correct| !correct.is_empty()));
}

/// All of it is assumed: fields of the other two bodies, with what was entered for the viewer's.
fn lead(parts: &Parts<'_>, out: &mut Writer) {
    out.text("id", &parts.id);
    out.null("owner_id");
    video(parts, out);
    out.text_or_null("viewer_id", parts.text("session", "id").as_deref());
    let given = [parts.text("lead", "givenName"), parts.text("lead", "familyName")];
    let given = given.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let given = (!given.is_empty()).then_some(Cow::Owned(given));
    let name = parts.text("lead", "name").or(given).or_else(|| parts.viewer(&["name"]));
    out.text_or_null("viewer_name", name.as_deref());
    let email = parts.text("lead", "email").or_else(|| parts.viewer(&["email"]));
    out.text_or_null("viewer_email", email.as_deref());
    let phone = parts.text("lead", "tel").or_else(|| parts.viewer(&["phone", "tel"]));
    out.text_or_null("viewer_phone", phone.as_deref());
    out.text_or_null("viewer_custom_id", parts.viewer(&["id"]).as_deref());
}

fn video(parts: &Parts<'_>, out: &mut Writer) {
    let id = parts.text("video", "id");
    out.text_or_null("video_id", id.as_deref());
    out.text_or_null("video_token", id.as_deref());
    out.text_or_null("video_title", parts.text("video", "title").as_deref());
}

fn viewer(parts: &Parts<'_>, out: &mut Writer) {
    out.text_or_null("viewer_name", parts.viewer(&["name"]).as_deref());
    out.text_or_null("viewer_email", parts.viewer(&["email"]).as_deref());
    out.text_or_null("viewer_phone", parts.viewer(&["phone", "tel"]).as_deref());
    out.text_or_null("viewer_custom_id", parts.viewer(&["id"]).as_deref());
}

/// Unix milliseconds as its examples have it: `Sat, 1 Jan 2022 05:12:32 UTC +00:00`.
fn date(ms: f64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = rfc3339(ms);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).bytes().fold(0, |sum, digit| sum * 10 + usize::from(digit.wrapping_sub(b'0')));
    // 1970-01-01 was a Thursday.
    #[allow(clippy::cast_possible_truncation)]
    let weekday = (ms as i64).div_euclid(86_400_000).rem_euclid(7).unsigned_abs() as usize;
    let of = |names: &'static [&'static str], place: usize| names.get(place).copied().unwrap_or_default();
    [
        of(&DAYS, weekday),
        ", ",
        part(8, 10).trim_start_matches('0'),
        " ",
        of(&MONTHS, month.wrapping_sub(1)),
        " ",
        part(0, 4),
        " ",
        part(11, 19),
        " UTC +00:00",
    ]
    .concat()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::date;

    #[test]
    fn dates_look_as_in_the_example() {
        for (ms, text) in [
            (1_641_013_952_000.0, "Sat, 1 Jan 2022 05:12:32 UTC +00:00"),
            (0.0, "Thu, 1 Jan 1970 00:00:00 UTC +00:00"),
            (-1.0, "Wed, 31 Dec 1969 23:59:59 UTC +00:00"),
            (951_782_400_000.0, "Tue, 29 Feb 2000 00:00:00 UTC +00:00"),
        ] {
            assert_eq!(date(ms), text);
        }
    }
}
