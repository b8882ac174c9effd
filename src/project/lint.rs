//! Looks through a sound document for what is probably not meant: in its templates, and in what it tells whom.

mod events;

use super::check::{in_order, offset};
use super::read::append_name;
use super::{
    Action, DEEPEST, Element, ElementKind, Frame, IncludeContext, Project, Setting, read, trigger_field,
};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::json::{self, Object};
use crate::protocol::Trigger;
use crate::template::{Known, Text};

/// Warnings about a document, in its order. With a sample response the variables that templates use are
/// checked against it; the project's own variables, those that its actions set, and `webhooks` are there as well.
/// A document that is not sound has none: [`check`](super::check) says what to do first.
pub fn lint(text: &str, sample: Option<&Object>) -> Vec<Diagnostic> {
    let Ok(document) = json::parse(text.as_bytes(), DEEPEST) else { return Vec::new() };
    let Ok(project) = read(&document) else { return Vec::new() };
    let Ok(tree) = json::spans(text, DEEPEST) else { return Vec::new() };
    let known = Some(&known(&project, sample));

    let mut warnings = Vec::new();
    let mut note = |path: &str, found: Vec<Diagnostic>| {
        warnings.extend(found.into_iter().map(|mut warning| {
            path.clone_into(&mut warning.path);
            warning
        }));
    };
    for (number, element) in project.elements.iter().enumerate() {
        for (path, text) in texts(&format!("elements[{number}]"), element) {
            note(&path, text.lint(known));
        }
        match &element.kind {
            ElementKind::Html { source, .. } => {
                note(&format!("elements[{number}].source"), source.lint(known))
            }
            ElementKind::Condition { when, .. } => {
                note(&format!("elements[{number}].when"), when.lint(known))
            }
            ElementKind::Area { .. } | ElementKind::Form(_) | ElementKind::Question(_) => {}
        }
        if !matches!(element.kind, ElementKind::Area { .. } | ElementKind::Condition { .. }) {
            note(&format!("elements[{number}].box"), over_controls(element.frame));
        }
    }
    all_actions(&project, &mut |path, action| match action {
        Action::ExecuteWebhook { params, .. } => {
            for (name, setting) in params {
                let mut path = format!("{path}.params");
                append_name(&mut path, name);
                templates(&path, setting, &mut |path, text| note(path, text.lint_value(known)));
            }
        }
        Action::SetVariable { value, .. } | Action::Callback { value, .. } => {
            templates(&format!("{path}.value"), value, &mut |path, text| note(path, text.lint_value(known)));
        }
        Action::If { when, .. } => note(&format!("{path}.when"), when.lint(known)),
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
    warnings.extend(events::lint(&document, &project));
    let placed = warnings.into_iter().map(|warning| (offset(text, &tree, &warning), warning));
    in_order(text, &tree, placed.collect())
}

/// The texts of an element with their places, but for an overlay's template.
fn texts<'e>(path: &str, element: &'e Element) -> Vec<(String, &'e Text)> {
    let mut texts: Vec<(String, &Text)> = Vec::new();
    let mut add = |name: &str, text: &'e Option<Text>| {
        texts.extend(text.iter().map(|text| (format!("{path}.{name}"), text)));
    };
    add("label", &element.label);
    match &element.kind {
        ElementKind::Area { .. } | ElementKind::Html { .. } | ElementKind::Condition { .. } => {}
        ElementKind::Form(form) => {
            add("submit", &form.submit);
            for (number, field) in form.fields.iter().enumerate() {
                let path = format!("{path}.fields[{number}]");
                texts.push((format!("{path}.label"), &field.label));
                texts.extend(field.hint.iter().map(|hint| (format!("{path}.hint"), hint)));
                for (number, option) in field.options.iter().enumerate() {
                    texts.push((format!("{path}.options[{number}].label"), &option.label));
                }
            }
        }
        ElementKind::Question(question) => {
            add("submit", &question.submit);
            texts.push((format!("{path}.text"), &question.text));
            for (number, choice) in question.choices.iter().enumerate() {
                let path = format!("{path}.choices[{number}]");
                texts.push((format!("{path}.label"), &choice.label));
                texts.extend(choice.feedback.iter().map(|text| (format!("{path}.feedback"), text)));
            }
        }
    }
    texts
}

/// The templates in a value of an action, with their places.
fn templates(path: &str, setting: &Setting, look: &mut dyn FnMut(&str, &Text)) {
    match setting {
        Setting::Fixed(_) => {}
        Setting::Template(text) => look(path, text),
        Setting::List(items) => {
            for (number, item) in items.iter().enumerate() {
                templates(&format!("{path}[{number}]"), item, look);
            }
        }
        Setting::Object(members) => {
            for (name, member) in members {
                let mut path = path.to_owned();
                append_name(&mut path, name);
                templates(&path, member, look);
            }
        }
    }
}

/// Native controls take the lowest 72 pixels of a video; that is how much of one that is 360 pixels high, in percent.
const CONTROLS: f64 = 20.0;

/// An overlay that lies where native controls are. (An area lies on something that was filmed, so its place is given.)
fn over_controls(frame: Frame) -> Vec<Diagnostic> {
    // Without what sums of fractions have behind the last digit.
    let bottom = ((frame.top + frame.height) * 1e6).round() / 1e6;
    let limit = 100.0 - CONTROLS;
    if bottom <= limit {
        return Vec::new();
    }
    let message = format!(
        "the box ends at {bottom} % of the picture's height, where a video of 360 pixels has its native controls: the overlay \
         moves up while they are shown; let `top` + `height` be {limit} at most, or leave it so for players that have \
         none"
    );
    vec![Diagnostic::new(DiagnosticKind::Warning, String::new(), message)]
}

/// The host of a URL that is not relative to the page's own origin.
fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("//")?;
    let letters = |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphabetic());
    let absolute = scheme.is_empty() || scheme.strip_suffix(':').is_some_and(letters);
    absolute.then(|| rest.split(['/', '?', '#']).next()).flatten()
}

/// What is known of the project's variables. Without a sample there may be any, but forms and questions are the project's own.
fn known(project: &Project, sample: Option<&Object>) -> Known {
    let mut forms = Vec::new();
    let mut questions = Vec::new();
    for element in &project.elements {
        match &element.kind {
            ElementKind::Form(form) => {
                let names = form.fields.iter().map(|field| field.name.clone());
                forms.push((element.id.clone(), names.collect()));
            }
            ElementKind::Question(_) => questions.push(element.id.clone()),
            ElementKind::Area { .. } | ElementKind::Html { .. } | ElementKind::Condition { .. } => {}
        }
    }
    let (forms, questions) = (Some(forms), Some(questions));
    let Some(sample) = sample else {
        return Known { forms, questions, others: true, ..Known::default() };
    };
    let mut names = Vec::new();
    all_actions(project, &mut |_, action| {
        if let Action::SetVariable { name, .. } = action
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    });
    let webhooks = project.webhooks.iter().map(|webhook| webhook.id.clone()).collect();
    Known {
        samples: vec![project.variables.clone(), sample.clone()],
        names,
        webhooks: Some(webhooks),
        forms,
        questions,
        others: false,
    }
}

/// Shows all actions with their places.
fn all_actions(project: &Project, look: &mut dyn FnMut(&str, &Action)) {
    for (number, element) in project.elements.iter().enumerate() {
        let path = format!("elements[{number}]");
        for trigger in Trigger::ALL {
            actions(&format!("{path}.{}", trigger_field(trigger)), element.actions(trigger), look);
        }
        if let ElementKind::Html { actions: lists, .. } = &element.kind {
            for (name, list) in lists {
                let mut path = format!("{path}.actions");
                append_name(&mut path, name);
                actions(&path, list, look);
            }
        }
    }
}

/// As deep as actions are nested; the reader bounds that.
fn actions(path: &str, list: &[Action], look: &mut dyn FnMut(&str, &Action)) {
    for (number, action) in list.iter().enumerate() {
        let path = format!("{path}[{number}]");
        look(&path, action);
        match action {
            Action::ExecuteWebhook { on_error, .. } => actions(&format!("{path}.onError"), on_error, look),
            Action::If { then, otherwise, .. } => {
                actions(&format!("{path}.then"), then, look);
                actions(&format!("{path}.else"), otherwise, look);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_over_native_controls_are_told_but_areas_are_not() {
        let bottom = |kind: &str, top: f64, height: f64| {
            let document = format!(
                r#"{{ "cuehook": 1, "elements": [{{ "id": "a", {kind},
                     "box": {{ "left": 0, "top": {top}, "width": 10, "height": {height} }} }}] }}"#
            );
            let warnings = lint(&document, None);
            warnings.into_iter().map(|warning| (warning.path, warning.message)).collect::<Vec<_>>()
        };
        let html = r#""kind": "html", "source": "x""#;
        for (top, height) in [(0.0, 80.0), (79.9, 0.1), (75.2, 4.8), (79.9999, 0.0001)] {
            assert_eq!(bottom(html, top, height), [], "{top} {height}");
        }
        let warnings = bottom(html, 70.0, 28.0);
        assert_eq!(warnings[0].0, "elements[0].box");
        assert!(warnings[0].1.starts_with("the box ends at 98 % of"), "{warnings:?}");
        assert_eq!(bottom(html, 0.0, 100.0).len(), 1);
        assert_eq!(bottom(html, 60.0, 20.01).len(), 1);
        assert_eq!(bottom(r#""kind": "area", "label": "x""#, 0.0, 100.0), []);
    }
}
