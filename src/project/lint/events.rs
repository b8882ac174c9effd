//! What is probably not meant in what a document says of events.

use super::{Diagnostic, DiagnosticKind, all_actions};
use crate::json::Json;
use crate::project::{Action, ElementKind, Form, FormRecord, Project};
use crate::protocol::{EventType, Format, format, subscribes};

/// What of a lead is told by name, whatever its fields are called.
const MAPPED: [&str; 6] = ["given-name", "family-name", "name", "email", "tel", "organization"];

/// A webhook, as the document has it.
struct Sent<'d> {
    webhook: &'d Json,
    path: String,
    patterns: Vec<&'d str>,
}

impl Sent<'_> {
    fn is_sent(&self, kind: EventType) -> bool {
        self.patterns.iter().any(|pattern| subscribes(pattern, kind.as_str()))
    }

    fn warning(&self, field: &str, message: &str) -> Diagnostic {
        Diagnostic::new(DiagnosticKind::Warning, [&self.path, ".", field].concat(), message.to_owned())
    }
}

/// Warnings about webhooks and forms. `document` is sound.
pub(super) fn lint(document: &Json, project: &Project) -> Vec<Diagnostic> {
    let webhooks = document.get("webhooks").and_then(Json::as_array).unwrap_or_default();
    let sent: Vec<Sent<'_>> = webhooks
        .iter()
        .enumerate()
        .map(|(number, webhook)| Sent {
            webhook,
            path: format!("webhooks[{number}]"),
            patterns: webhook
                .get("events")
                .and_then(Json::as_array)
                .unwrap_or_default()
                .iter()
                .filter_map(Json::as_str)
                .collect(),
        })
        .collect();
    let has_defaults = document.get("defaults").is_some();
    let mut warnings = Vec::new();
    for webhook in &sent {
        if webhook.patterns.is_empty() {
            if !has_defaults {
                warnings.extend(without_effect(webhook));
            }
        } else {
            warnings.extend(typed(webhook, project));
            warnings.extend(unsafe_address(webhook));
            warnings.extend(nothing_to_say(webhook));
        }
        warnings.extend(never_executed(webhook, project));
    }
    warnings.extend(leads(&sent, project));
    warnings
}

/// Fields that say how events are sent, where none are.
fn without_effect(sent: &Sent<'_>) -> Vec<Diagnostic> {
    let there = ["format", "batch", "enabled"].into_iter().filter(|name| sent.webhook.get(name).is_some());
    let message = "this webhook is sent no events, so this has no effect; write `events`, or take this out";
    there.map(|name| sent.warning(name, message)).collect()
}

/// A pattern that names neither leads nor answers is sent them without what was typed.
fn typed(sent: &Sent<'_>, project: &Project) -> Option<Diagnostic> {
    let place = sent.patterns.iter().position(|pattern| *pattern == "*")?;
    let is_named = |kind: EventType| {
        let mut others = sent.patterns.iter().filter(|pattern| **pattern != "*");
        others.any(|pattern| subscribes(pattern, kind.as_str()))
    };
    let left_out = forms(project).find_map(|(_, form)| match form.records? {
        FormRecord::Lead => (!is_named(EventType::LeadCaptured)).then_some("lead.captured"),
        FormRecord::Answer => (!is_named(EventType::QuestionAnswered)).then_some("question.answered"),
    })?;
    let message = format!(
        "`*` leaves out what viewers type; write \"{left_out}\" besides if this webhook may know that"
    );
    Some(sent.warning(&format!("events[{place}]"), &message))
}

/// Pages of https may not send there. A computer itself is exempt.
fn unsafe_address(sent: &Sent<'_>) -> Option<Diagnostic> {
    let url = sent.webhook.get("url")?.as_str()?;
    let rest = url.get(..7).filter(|start| start.eq_ignore_ascii_case("http://")).and(url.get(7..))?;
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let is_own =
        host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]";
    let message = "from a page of https no event arrives there: browsers do not send to http; write https";
    (!is_own).then(|| sent.warning("url", message))
}

/// The format has no body for anything that is asked for.
fn nothing_to_say(sent: &Sent<'_>) -> Vec<Diagnostic> {
    let word = sent.webhook.get("format").and_then(Json::as_str).unwrap_or_default();
    let place = Format::WORDS.iter().position(|known| *known == word);
    let Some(format) = place.and_then(Format::at) else { return Vec::new() };
    let is_told = |pattern: &str| {
        let mut kinds =
            EventType::WORDS.into_iter().chain([pattern]).filter(|kind| subscribes(pattern, kind));
        kinds.any(|kind| format::has_body(format, kind))
    };
    let untold = sent.patterns.iter().enumerate().filter(|(_, pattern)| !is_told(pattern));
    untold
        .map(|(place, pattern)| {
            let message =
                format!("`{word}` has no form for `{pattern}`, so nothing is sent for it; take it out");
            sent.warning(&format!("events[{place}]"), &message)
        })
        .collect()
}

/// What survives is a request that something makes. Events survive anyway.
fn never_executed(sent: &Sent<'_>, project: &Project) -> Option<Diagnostic> {
    let id = sent.webhook.get("id")?.as_str()?;
    let is_set = matches!(sent.webhook.get("survive"), Some(Json::Bool(true)));
    let mut is_executed = false;
    all_actions(project, &mut |_, action| {
        is_executed |= matches!(action, Action::ExecuteWebhook { webhook, .. } if webhook == id);
    });
    for element in &project.elements {
        if let ElementKind::Html { source, .. } = &element.kind {
            is_executed |= source.fixed_values("data-execute-webhook").contains(&id);
        }
    }
    let message = "no action executes this webhook, and events survive anyway; `survive` is of use only if the page executes it";
    (is_set && !is_executed).then(|| sent.warning("survive", message))
}

/// Leads whose fields nobody can tell apart.
fn leads(sent: &[Sent<'_>], project: &Project) -> Vec<Diagnostic> {
    if !sent.iter().any(|sent| sent.is_sent(EventType::LeadCaptured)) {
        return Vec::new();
    }
    let is_mapped = |form: &Form| {
        let words = form.fields.iter().filter_map(|field| field.autocomplete.as_deref());
        words.flat_map(str::split_whitespace).any(|word| MAPPED.contains(&word))
    };
    let unmapped =
        forms(project).filter(|(_, form)| form.records == Some(FormRecord::Lead) && !is_mapped(form));
    unmapped
        .map(|(number, _)| {
            let message = "the event `lead.captured` has no name and no e-mail address: no field says by `autocomplete` what it \
                           is; write such as \"given-name\" or \"email\"";
            Diagnostic::new(DiagnosticKind::Warning, format!("elements[{number}].fields"), message.to_owned())
        })
        .collect()
}

fn forms(project: &Project) -> impl Iterator<Item = (usize, &Form)> {
    project.elements.iter().enumerate().filter_map(|(number, element)| match &element.kind {
        ElementKind::Form(form) => Some((number, form)),
        _ => None,
    })
}
