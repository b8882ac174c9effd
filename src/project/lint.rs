//! Looks through the templates of a sound document for what is probably not meant.

use super::check::{DEEPEST, Finding, offset, strict};
use super::read::append_name;
use super::{Action, Kind, Problem, Project, Setting, read};
use crate::diagnostic::Diagnostic;
use crate::json::{self, Object, position};
use crate::template::Known;
use jsonc_parser::{CollectOptions, parse_to_ast};

/// Warnings about the templates of a document, in its order. With a sample answer the variables that templates use are
/// checked against it; the project's own variables, those that its actions set, and `webhooks` are there as well.
/// A document that is not sound has none: [`check`](super::check) says what to do first.
pub fn lint(text: &str, sample: Option<&Object>) -> Vec<Finding> {
    let Ok(document) = json::parse(text.as_bytes(), DEEPEST) else { return Vec::new() };
    let Ok(project) = read(&document) else { return Vec::new() };
    let Ok(parsed) = parse_to_ast(text, &CollectOptions::default(), &strict()) else { return Vec::new() };
    let Some(tree) = parsed.value else { return Vec::new() };
    let known = sample.map(|sample| known(&project, sample));
    let known = known.as_ref();

    let mut problems = Vec::new();
    let mut note = |path: &str, remarks: Vec<Diagnostic>| {
        problems.extend(remarks.into_iter().map(|remark| Problem {
            path: path.to_owned(),
            message: remark.message,
            template: remark.template.map(|place| (place.line, place.column)),
            at_name: false,
        }));
    };
    for (number, element) in project.elements.iter().enumerate() {
        if let Some(label) = &element.label {
            note(&format!("elements[{number}].label"), label.lint(known));
        }
        if let Kind::Html { source, .. } = &element.kind {
            note(&format!("elements[{number}].source"), source.lint(known));
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
        Action::SetVariable { value: Setting::Template(text), .. }
        | Action::Callback { value: Setting::Template(text), .. } => {
            note(&format!("{path}.value"), text.lint(known));
        }
        Action::OpenUrl { url, .. } => note(&format!("{path}.url"), url.lint_link(known)),
        _ => {}
    });

    let mut places: Vec<(usize, Problem)> =
        problems.into_iter().map(|problem| (offset(text, &tree, &problem), problem)).collect();
    places.sort_by_key(|(offset, _)| *offset);
    let finding = |(offset, problem): (usize, Problem)| {
        let (line, column) = position(text, offset);
        let mut message = problem.message;
        if let Some((line, column)) = problem.template {
            message = format!("line {line}, column {column} of the template: {message}");
        }
        Finding { line, column, path: problem.path, message }
    };
    places.into_iter().map(finding).collect()
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
        for (name, list) in [
            ("onClick", &element.on_click),
            ("onAppear", &element.on_appear),
            ("onDisappear", &element.on_disappear),
        ] {
            actions(&format!("{path}.{name}"), list, look);
        }
        if let Kind::Html { actions: lists, .. } = &element.kind {
            for (name, list) in lists {
                let mut path = format!("{path}.actions");
                append_name(&mut path, name);
                actions(&path, list, look);
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
