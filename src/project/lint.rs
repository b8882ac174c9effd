//! Looks through a sound document for what is probably not meant: in its templates, and in what it tells whom.

use super::check::{DEEPEST, in_order, offset};
use super::read::append_name;
use super::{Action, ElementKind, IncludeContext, Project, Setting, read, trigger_field};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::json::{self, Object};
use crate::protocol::Trigger;
use crate::template::Known;

/// Warnings about a document, in its order. With a sample response the variables that templates use are
/// checked against it; the project's own variables, those that its actions set, and `webhooks` are there as well.
/// A document that is not sound has none: [`check`](super::check) says what to do first.
pub fn lint(text: &str, sample: Option<&Object>) -> Vec<Diagnostic> {
    let Ok(document) = json::parse(text.as_bytes(), DEEPEST) else { return Vec::new() };
    let Ok(project) = read(&document) else { return Vec::new() };
    let Ok(tree) = json::spans(text, DEEPEST) else { return Vec::new() };
    let known = sample.map(|sample| known(&project, sample));
    let known = known.as_ref();

    let mut warnings = Vec::new();
    let mut note = |path: &str, found: Vec<Diagnostic>| {
        warnings.extend(found.into_iter().map(|mut warning| {
            path.clone_into(&mut warning.path);
            warning
        }));
    };
    for (number, element) in project.elements.iter().enumerate() {
        if let Some(label) = &element.label {
            note(&format!("elements[{number}].label"), label.lint(known));
        }
        match &element.kind {
            ElementKind::Area => {}
            ElementKind::Html { source, .. } => {
                note(&format!("elements[{number}].source"), source.lint(known));
            }
        }
    }
    all_actions(&project, &mut |path, action| match action {
        Action::ExecuteWebhook { params, .. } => {
            for (name, setting) in params {
                if let Setting::Template(text) = setting {
                    let mut path = format!("{path}.params");
                    append_name(&mut path, name);
                    note(&path, text.lint(known));
                }
            }
        }
        Action::SetVariable { value, .. } | Action::Callback { value, .. } => match value {
            Setting::Template(text) => note(&format!("{path}.value"), text.lint(known)),
            Setting::Fixed(_) => {}
        },
        Action::OpenUrl { url, .. } => note(&format!("{path}.url"), url.lint_link(known)),
        Action::Play
        | Action::Pause
        | Action::Seek { .. }
        | Action::Rate { .. }
        | Action::Mute
        | Action::Unmute
        | Action::Show { .. }
        | Action::Hide { .. } => {}
    });
    for (number, webhook) in project.webhooks.iter().enumerate() {
        if let (IncludeContext::All, Some(host)) = (&webhook.include_context, host(&webhook.url)) {
            let message = format!(
                "{host} gets what all other webhooks answered, too; write the names of the variables that it needs, or \"own\""
            );
            let path = format!("webhooks[{number}].includeContext");
            warnings.push(Diagnostic::new(DiagnosticKind::Warning, path, message));
        }
    }
    let placed = warnings.into_iter().map(|warning| (offset(text, &tree, &warning), warning));
    in_order(text, &tree, placed.collect())
}

/// The host of a URL that is not relative to the page's own origin.
fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("//")?;
    let letters = |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
    let absolute = scheme.is_empty() || scheme.strip_suffix(':').is_some_and(letters);
    absolute.then(|| rest.split(['/', '?', '#']).next()).flatten()
}

/// What is known of the project's variables.
fn known(project: &Project, sample: &Object) -> Known {
    let mut names = Vec::new();
    all_actions(project, &mut |_, action| {
        if let Action::SetVariable { name, .. } = action
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    });
    let webhooks = project.webhooks.iter().map(|webhook| webhook.id.clone()).collect();
    Known { samples: vec![project.variables.clone(), sample.clone()], names, webhooks: Some(webhooks) }
}

/// Shows all actions with their places.
fn all_actions(project: &Project, look: &mut dyn FnMut(&str, &Action)) {
    for (number, element) in project.elements.iter().enumerate() {
        let path = format!("elements[{number}]");
        for trigger in Trigger::ALL {
            actions(&format!("{path}.{}", trigger_field(trigger)), element.actions(trigger), look);
        }
        match &element.kind {
            ElementKind::Area => {}
            ElementKind::Html { actions: lists, .. } => {
                for (name, list) in lists {
                    let mut path = format!("{path}.actions");
                    append_name(&mut path, name);
                    actions(&path, list, look);
                }
            }
        }
    }
}

/// As deep as `onError` is nested; the reader bounds that.
fn actions(path: &str, list: &[Action], look: &mut dyn FnMut(&str, &Action)) {
    for (number, action) in list.iter().enumerate() {
        let path = format!("{path}[{number}]");
        look(&path, action);
        if let Action::ExecuteWebhook { on_error, .. } = action {
            actions(&format!("{path}.onError"), on_error, look);
        }
    }
}
