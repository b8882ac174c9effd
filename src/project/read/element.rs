//! Reads elements.

use super::action::actions;
use super::fields::Fields;
use super::id;
use super::reader::{Reader, Reference};
use super::values::{PERCENT, SIDE, time};
use crate::diagnostic::DiagnosticKind;
use crate::json::Json;
use crate::project::{Actions, Element, ElementKind, Frame, KindName, WhenMissing, trigger_field};
use crate::protocol::Trigger;

const BOX: &str = "an object with `left`, `top`, `width` and `height`";
const LABEL: &str = "a text that tells people who cannot see it what a click does";
/// Lists in `actions`.
const MOST_LISTS: usize = 50;
/// Sums of percentages such as 33.3 + 66.7 are not exact.
const ROUNDING: f64 = 1e-6;

/// Reads the element at place `number`. What could not be read is empty: a document with problems is never used.
pub(super) fn element<'d>(reader: &mut Reader<'d>, value: &'d Json, number: usize) -> Element {
    let mut fields = Fields::new(reader, value, "an element, which is an object");
    let id = id(&mut fields, Reference::Element, number);
    let kind = fields.required("kind", "`area` or `html`", kind);
    let label = fields.optional("label", |reader, value| {
        let source = reader.text(value, LABEL)?;
        reader.template(source)
    });
    let from = fields.optional("from", time).unwrap_or(0.0);
    let to = fields.optional("to", |reader, value| {
        let to = time(reader, value)?;
        if to <= from {
            let [to, from] = [to, from].map(|seconds| Json::Float(seconds).to_text());
            let message =
                [&to, " seconds is not after `from`, which is ", &from, " seconds; write a later time"];
            reader.problem(&message.concat());
        }
        Some(to)
    });
    let frame = fields.required("box", BOX, frame);
    let visible = fields.boolean("visible", true);
    let element_kind = match kind {
        None | Some(KindName::Area) => ElementKind::Area,
        Some(KindName::Html) => html(&mut fields),
    };
    let mut list = |trigger| {
        let list = fields.optional(trigger_field(trigger), |reader, value| Some(actions(reader, value, 0)));
        list.unwrap_or_default()
    };
    let on_click = list(Trigger::Click);
    let on_appear = list(Trigger::Appear);
    let on_disappear = list(Trigger::Disappear);
    for trigger in ["onSubmit", "onTrue"] {
        let [click, appear, disappear] = Trigger::ALL.map(trigger_field);
        let message = [
            "this trigger is not part of this version; there are `",
            click,
            "`, `",
            appear,
            "` and `",
            disappear,
            "`",
        ];
        fields.refuse(trigger, &message.concat());
    }
    let needs_label = match kind {
        None => false,
        Some(KindName::Area) => true,
        Some(KindName::Html) => !on_click.is_empty(),
    };
    if needs_label && !fields.has("label") {
        fields.missing("label", LABEL);
    }
    // What else belongs to an element depends on its kind.
    if kind.is_some() {
        fields.finish();
    }
    let to = to.unwrap_or(f64::INFINITY);
    Element {
        id,
        label,
        from,
        to,
        frame: frame.unwrap_or(Frame { left: 0.0, top: 0.0, width: 0.0, height: 0.0 }),
        visible,
        kind: element_kind,
        on_click,
        on_appear,
        on_disappear,
    }
}

fn kind<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<KindName> {
    if let Some(word @ ("form" | "condition")) = value.as_str() {
        reader.problem(
            &["the kind `", word, "` is not part of this version; there are `area` and `html`"].concat(),
        );
        return None;
    }
    reader.choice(value, &KindName::WORDS).and_then(KindName::at)
}

fn html(fields: &mut Fields<'_, '_>) -> ElementKind {
    let named = fields.optional("actions", named_actions).unwrap_or_default();
    let expected = "HTML with placeholders, as a text";
    let source = fields.required("source", expected, |reader, value| {
        let source = reader.text(value, expected)?;
        let markup = reader.markup(source)?;
        for webhook in markup.fixed_values("data-execute-webhook") {
            reader.known(webhook, Reference::Webhook);
        }
        for name in markup.fixed_values("data-action") {
            if !named.iter().any(|(known, _)| known == name) {
                let known: Vec<&str> = named.iter().map(|(known, _)| known.as_str()).collect();
                let what =
                    ["a button has `data-action=\"", name, "\"`, but `actions` has no such list"].concat();
                let otherwise = if known.is_empty() { "there is none" } else { "the lists are" };
                reader.unknown(DiagnosticKind::UnknownReference, &what, name, otherwise, &known);
            }
        }
        Some(markup)
    });
    let when_missing = fields.choice("whenMissing", &WhenMissing::WORDS);
    let when_missing = when_missing.and_then(WhenMissing::at).unwrap_or_default();
    match source {
        Some(source) => ElementKind::Html { source, when_missing, actions: named },
        None => ElementKind::Area,
    }
}

fn named_actions<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<Vec<(String, Actions)>> {
    let Some(object) = value.as_object() else {
        reader.wrong(value, "an object with a list of actions for each name");
        return None;
    };
    if object.len() > MOST_LISTS {
        reader.too_much(object.len(), MOST_LISTS);
    }
    let mut named = Vec::new();
    for (number, (name, value)) in object.iter().enumerate().take(MOST_LISTS) {
        reader.enter_field(number, name);
        named.push((name.to_owned(), actions(reader, value, 0)));
        reader.leave();
    }
    Some(named)
}

fn frame<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<Frame> {
    let mut fields = Fields::new(reader, value, BOX);
    let left = fields.required_number("left", &PERCENT);
    let top = fields.required_number("top", &PERCENT);
    let width = fields.required_number("width", &SIDE);
    let height = fields.required_number("height", &SIDE);
    for (name, start, start_name, length) in [("width", left, "left", width), ("height", top, "top", height)]
    {
        let (Some(start), Some(length)) = (start, length) else { continue };
        if start + length > 100.0 + ROUNDING {
            let message =
                ["the box leaves the picture; `", start_name, "` + `", name, "` must not be above 100"];
            fields.problem(name, &message.concat());
        }
    }
    fields.finish();
    Some(Frame { left: left?, top: top?, width: width?, height: height? })
}
