//! Reads elements.

use super::action::{WHEN, actions, when};
use super::fields::Fields;
use super::form::form;
use super::id;
use super::question::question;
use super::reader::{Reader, Reference};
use super::values::{PERCENT, SIDE, time};
use crate::diagnostic::DiagnosticKind;
use crate::json::Json;
use crate::project::{
    Actions, Element, ElementKind, Frame, Keyframe, KindName, Look, Record, WhenMissing, trigger_field,
};
use crate::protocol::Trigger;

const BOX: &str = "an object with `left`, `top`, `width` and `height`";
const LABEL: &str = "a text that tells people who cannot see it what a click does";
const ICON: &str = "an inline drawing, `<svg>…</svg>`, and nothing else";
const NOT_CLICKED: &str = "forms, questions and conditions are not clicked; they have triggers of their own";
/// Lists in `actions`.
const MOST_LISTS: usize = 50;
/// Places of a moving area.
const MOST_KEYFRAMES: usize = 1_000;
/// Sums of percentages such as 33.3 + 66.7 are not exact.
const ROUNDING: f64 = 1e-6;

/// Reads the element at place `number`. What could not be read is empty: a document with problems is never used.
pub(super) fn element<'d>(reader: &mut Reader<'d>, value: &'d Json, number: usize) -> Element {
    let mut fields = Fields::new(reader, value, "an element, which is an object");
    let id = id(&mut fields, Reference::Element, number);
    let kind = fields.choice("kind", &KindName::WORDS).and_then(KindName::at);
    if kind.is_none() && !fields.has("kind") {
        fields.missing("kind", "`area`, `html`, `form`, `question` or `condition`");
    }
    let is_seen = kind != Some(KindName::Condition);
    let label = fields.optional("label", |reader, value| {
        let source = reader.text(value, LABEL)?;
        reader.template(source)
    });
    let (from, to, cue) = when_it_is_there(&mut fields);
    let visible = fields.boolean("visible", true);
    let element_kind = match kind {
        None => ElementKind::Area { look: Look::default(), icon: None, path: Vec::new(), records: None },
        Some(KindName::Area) => area(&mut fields),
        Some(KindName::Html) => html(&mut fields),
        Some(KindName::Form) => ElementKind::Form(form(&mut fields)),
        Some(KindName::Question) => question(&mut fields),
        Some(KindName::Condition) => condition(&mut fields),
    };
    let mut frame = Frame::default();
    let (mut pause_on_appear, mut modal, mut announce) = (false, false, true);
    if is_seen {
        let moves = matches!(&element_kind, ElementKind::Area { path, .. } if !path.is_empty());
        frame = match fields.optional("box", read_frame) {
            Some(frame) => frame,
            None => {
                if !moves && kind.is_some() && !fields.has("box") {
                    fields.missing("box", BOX);
                }
                frame
            }
        };
        pause_on_appear = fields.boolean("pauseOnAppear", false);
        announce = fields.boolean("announce", true);
        if kind != Some(KindName::Area) {
            modal = fields.boolean("modal", false);
        }
    } else {
        for name in ["box", "pauseOnAppear", "modal", "announce"] {
            fields.refuse(name, "a condition is not seen; take this out");
        }
    }
    let is_clickable = matches!(kind, None | Some(KindName::Area | KindName::Html));
    let on_click = match is_clickable {
        true => list(&mut fields, Trigger::Click),
        false => {
            fields.refuse(trigger_field(Trigger::Click), NOT_CLICKED);
            Actions::default()
        }
    };
    let on_appear = list(&mut fields, Trigger::Appear);
    let on_disappear = list(&mut fields, Trigger::Disappear);
    let needs_label = kind == Some(KindName::Area) || !on_click.is_empty();
    if needs_label && !fields.has("label") {
        fields.missing("label", LABEL);
    }
    // What else belongs to an element depends on its kind.
    if kind.is_some() {
        fields.finish();
    }
    Element {
        id,
        label,
        from,
        to,
        cue,
        frame,
        visible,
        pause_on_appear,
        modal,
        announce,
        kind: element_kind,
        on_click,
        on_appear,
        on_disappear,
    }
}

/// `from` and `to`, or `cue`.
fn when_it_is_there(fields: &mut Fields<'_, '_>) -> (f64, f64, Option<String>) {
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
    let cue = fields.text("cue").map(str::to_owned);
    if cue.is_some() && (fields.has("from") || fields.has("to")) {
        fields.problem("cue", "a cue says when it begins and ends; take out `cue`, or `from` and `to`");
    }
    (from, to.unwrap_or(f64::INFINITY), cue)
}

/// The list of actions of a trigger.
pub(super) fn list(fields: &mut Fields<'_, '_>, trigger: Trigger) -> Actions {
    let list = fields.optional(trigger_field(trigger), |reader, value| Some(actions(reader, value, 0)));
    list.unwrap_or_default()
}

fn area(fields: &mut Fields<'_, '_>) -> ElementKind {
    let look = fields.choice("look", &Look::WORDS).and_then(Look::at).unwrap_or_default();
    let icon = fields.optional("icon", |reader, value| {
        let source = reader.text(value, ICON)?;
        let markup = reader.markup(source)?;
        if !markup.is_drawing() {
            reader.wrong(value, ICON);
        }
        Some(markup)
    });
    let mut path: Vec<Keyframe> = Vec::new();
    fields.optional("path", |reader, value| -> Option<()> {
        let items =
            reader.list(value, MOST_KEYFRAMES, "a list of places: `[{ \"at\": 2, \"box\": { … } }, …]`");
        for (number, item) in items.iter().enumerate() {
            reader.enter_item(number);
            path.extend(keyframe(reader, item, path.last().map(|last| last.at)));
            reader.leave();
        }
        if items.len() == 1 {
            reader
                .problem("found one place; write at least two, or `box` for an area that stays where it is");
        }
        None
    });
    let records = fields.choice("records", &Record::WORDS).and_then(Record::at);
    ElementKind::Area { look, icon, path, records }
}

fn keyframe<'d>(reader: &mut Reader<'d>, value: &'d Json, after: Option<f64>) -> Option<Keyframe> {
    let mut fields = Fields::new(reader, value, "an object with `at` and `box`");
    let at = fields.required("at", "a time", |reader, value| {
        let at = time(reader, value)?;
        if after.is_some_and(|after| at <= after) {
            reader.problem(
                "this is not after the place before it; write the places in the order of their times",
            );
        }
        Some(at)
    });
    let frame = fields.required("box", BOX, read_frame);
    fields.finish();
    Some(Keyframe { at: at?, frame: frame? })
}

fn condition(fields: &mut Fields<'_, '_>) -> ElementKind {
    let expression = fields.required("when", WHEN, when);
    let on_true = list(fields, Trigger::True);
    let on_false = list(fields, Trigger::False);
    match expression {
        Some(when) => ElementKind::Condition { when, on_true, on_false },
        None => NOTHING,
    }
}

/// Stands for what could not be read.
pub(super) const NOTHING: ElementKind =
    ElementKind::Area { look: Look::Pulse, icon: None, path: Vec::new(), records: None };

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
        None => NOTHING,
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

fn read_frame<'d>(reader: &mut Reader<'d>, value: &'d Json) -> Option<Frame> {
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
