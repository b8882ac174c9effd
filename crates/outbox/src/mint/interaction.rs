//! What events say of something that the viewer did.

use super::form;
use crate::text::{copy, items, key, raw, text, write};
use cuehook_json::View;
use cuehook_protocol::EventType;

/// The most specific type.
pub(super) fn kind(interaction: View<'_>) -> EventType {
    let is_submit = text(interaction, "type") == "submit";
    match &*text(interaction, "records") {
        "cta" => EventType::CtaClicked,
        "annotation" => EventType::AnnotationClicked,
        "lead" if is_submit => EventType::LeadCaptured,
        "answer" if is_submit => EventType::QuestionAnswered,
        // Of a question.
        _ if interaction.get("value").is_some() && !is_submit => EventType::QuestionAnswered,
        _ => EventType::InteractionClicked,
    }
}

/// The members of the event, and those for receivers that name its type where they differ. Texts of more than `longest` bytes
/// are cut.
pub(super) fn describe(
    project: View<'_>,
    kind: EventType,
    interaction: View<'_>,
    longest: usize,
) -> (String, Option<String>) {
    let mut out = String::new();
    key("interaction", &mut out);
    out.push('{');
    for (name, value) in interaction.members() {
        if name != "seq" && name != "value" {
            key(&name, &mut out);
            write(value, longest, &mut out);
        }
    }
    out.push('}');
    let id = text(interaction, "element");
    // What is no element has neither fields nor choices.
    let element =
        items(project, "elements").find(|element| text(*element, "id") == id).unwrap_or(interaction);
    let value = interaction.get("value").unwrap_or(interaction);
    let mut private = None;
    if interaction.get("records").is_none() && kind == EventType::QuestionAnswered {
        question(element, value, longest, &mut out);
    } else if matches!(kind, EventType::QuestionAnswered | EventType::LeadCaptured) {
        let mut all = out.clone();
        if kind == EventType::LeadCaptured {
            form::lead(element, value, longest, &mut all);
        }
        form::form(&id, element, Some(value), longest, &mut all);
        form::form(&id, element, None, longest, &mut out);
        private = Some(all);
    }
    (out, private)
}

/// The question as its author wrote it: placeholders in it stand as they are. And the answer.
fn question(element: View<'_>, outcome: View<'_>, longest: usize, out: &mut String) {
    key("question", out);
    out.push('{');
    copy("text", element, longest, out);
    if element.get("choices").is_some() {
        key("choices", out);
        out.push('[');
        for choice in items(element, "choices") {
            if !out.ends_with('[') {
                out.push(',');
            }
            out.push('{');
            for name in ["id", "label", "correct"] {
                copy(name, choice, longest, out);
            }
            out.push('}');
        }
        out.push(']');
    }
    copy("multiple", element, longest, out);
    for (name, value) in outcome.members() {
        raw(&name, value.text(), out);
    }
    out.push('}');
}
