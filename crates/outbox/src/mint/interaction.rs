//! What events say of something that the viewer did.

use super::form;
use crate::subscription::{Subscription, cut};
use cuehook_json::{View, write_string};
use cuehook_protocol::EventType;

/// The most specific type.
pub(super) fn kind(interaction: View<'_>) -> EventType {
    let done = interaction.str("type").unwrap_or_default();
    let records = interaction.str("records").unwrap_or_default();
    match (&*done, &*records) {
        (_, "cta") => EventType::CtaClicked,
        (_, "annotation") => EventType::AnnotationClicked,
        ("submit", "lead") => EventType::LeadCaptured,
        ("answer", _) | ("submit", "answer") => EventType::QuestionAnswered,
        _ => EventType::InteractionClicked,
    }
}

/// The members of the event, and those for receivers that name its type where they differ. Together with the rest they have
/// room: long texts are cut.
pub(super) fn describe(
    subscription: &Subscription,
    kind: EventType,
    interaction: View<'_>,
    room: usize,
) -> (String, Option<String>) {
    let mut longest = 16 * 1024;
    loop {
        let (open, private) = members(subscription, kind, interaction, longest);
        // Nothing is left to cut; it cannot come to that.
        if open.len().max(private.as_ref().map_or(0, String::len)) <= room || longest < 16 {
            return (open, private);
        }
        longest /= 2;
    }
}

fn members(
    subscription: &Subscription,
    kind: EventType,
    interaction: View<'_>,
    longest: usize,
) -> (String, Option<String>) {
    let mut out = ",\"interaction\":{".to_owned();
    let mut sign = "\"";
    for (name, value) in interaction.members().filter(|(name, _)| name != "seq" && name != "value") {
        out.extend([sign, &*name, "\":"]);
        write(value, longest, &mut out);
        sign = ",\"";
    }
    out.push('}');
    let id = interaction.str("element").unwrap_or_default();
    let element = subscription.element(&id);
    let value = interaction.get("value");
    match kind {
        EventType::QuestionAnswered if interaction.get("records").is_none() => {
            out.push_str(",\"question\":{");
            if let Some(element) = element {
                write_question(element, longest, &mut out);
            }
            for (name, value) in value.into_iter().flat_map(View::members) {
                out.extend([if out.ends_with('{') { "\"" } else { ",\"" }, &*name, "\":", value.text()]);
            }
            out.push('}');
            (out, None)
        }
        EventType::QuestionAnswered | EventType::LeadCaptured => {
            let mut private = out.clone();
            if kind == EventType::LeadCaptured {
                form::write_lead(element, value, longest, &mut private);
            }
            form::write_form(&id, element, value, longest, &mut private);
            form::write_form(&id, element, None, longest, &mut out);
            (out, Some(private))
        }
        _ => (out, None),
    }
}

/// The question as its author wrote it: placeholders in it stand as they are.
fn write_question(element: View<'_>, longest: usize, out: &mut String) {
    out.push_str("\"text\":");
    write_member(element, "text", longest, out);
    out.push_str(",\"choices\":[");
    for choice in element.get("choices").into_iter().flat_map(View::items) {
        out.push_str(if out.ends_with('[') { "{\"id\":" } else { ",{\"id\":" });
        write_member(choice, "id", longest, out);
        out.push_str(",\"label\":");
        write_member(choice, "label", longest, out);
        if choice.get("correct").is_some_and(View::is_true) {
            out.push_str(",\"correct\":true");
        }
        out.push('}');
    }
    out.push(']');
    if element.get("multiple").is_some_and(View::is_true) {
        out.push_str(",\"multiple\":true");
    }
}

/// A member's value, or nothing.
pub(super) fn write_member(object: View<'_>, name: &str, longest: usize, out: &mut String) {
    match object.get(name) {
        Some(value) => write(value, longest, out),
        None => out.push_str("null"),
    }
}

/// A value; a text that is too long is cut, and ends with `…`.
pub(super) fn write(value: View<'_>, longest: usize, out: &mut String) {
    match value.as_str() {
        Some(text) => write_text(&text, longest, out),
        None => out.push_str(value.text()),
    }
}

/// The same of a text.
pub(super) fn write_text(text: &str, longest: usize, out: &mut String) {
    match text.len() > longest {
        true => write_string(&[cut(text, longest), "…"].concat(), out),
        false => write_string(text, out),
    }
}
