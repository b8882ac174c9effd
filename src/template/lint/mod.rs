//! Help for authors: what compiles, but is probably not meant. Not in what viewers download.

mod spelling;
mod tags;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod variables;

use crate::diagnostic::{Diagnostic, DiagnosticKind, Position};
use crate::json::position;
use crate::session::Context;
use crate::template::expression::Expression;
use crate::template::expression::filters::Filter;
use crate::template::expression::scope::Scope;
use crate::template::expression::words::{Word, words};
use crate::template::expression::work::Work;
use crate::template::program::{Program, Step};
use crate::template::syntax::control::{Flow, Located};
use crate::template::syntax::parts::Part;
use crate::template::syntax::placeholder::Placeholder;
use std::collections::BTreeSet;
use std::sync::Arc;
pub use variables::Known;
use variables::Variables;

/// More remarks on one template are not worth listing.
const MOST_REMARKS: usize = 100;
/// More paths of one template are not worth listing, nor are longer ones.
const MOST_PATHS: usize = 500;
const LONGEST_PATH: usize = 200;

/// What a template is made of.
#[derive(Clone, Copy)]
pub(in crate::template) enum Subject<'a> {
    /// Markup, by its programs.
    Markup(&'a [Program]),
    /// A text.
    Text(&'a [Part]),
    /// A text that is the value of something: a variable, a parameter.
    Value(&'a [Part]),
    /// A text that is the URL of a link.
    Link(&'a [Part]),
    /// An expression by itself.
    #[cfg_attr(target_arch = "wasm32", allow(dead_code))]
    When(&'a Expression),
}

/// Looks through a template: remarks in the order of the source, and the paths that it reads.
pub(in crate::template) fn lint(
    source: &str,
    subject: Subject<'_>,
    known: Option<&Known>,
) -> (Vec<Diagnostic>, Vec<String>) {
    let programs = if let Subject::Markup(programs) = subject { programs } else { &[] };
    let mut lint =
        Lint { source, programs, variables: Variables::new(known), found: Vec::new(), paths: Vec::new() };
    match subject {
        Subject::Markup(_) => {
            lint.block(0);
            tags::check(source, &mut lint.found);
            spelling::braces(source, known, &mut lint.found);
        }
        Subject::Text(parts) | Subject::Value(parts) => {
            lint.parts(parts);
            let is_value = matches!(subject, Subject::Value(_));
            lint.found.extend(spelling::arithmetic(parts, is_value));
            spelling::braces(source, known, &mut lint.found);
        }
        Subject::When(expression) => lint.expression(0, expression, true),
        Subject::Link(parts) => {
            lint.parts(parts);
            tags::check_link(source, parts, &mut lint.found);
        }
    }
    let Lint { mut found, paths, .. } = lint;
    found.sort_by_key(|(at, _)| *at);
    found.truncate(MOST_REMARKS);
    let remarks = found.into_iter().map(|(at, message)| {
        let (line, column) = position(source, at);
        Diagnostic {
            kind: DiagnosticKind::Warning,
            path: String::new(),
            position: None,
            template: Some(Position { line, column }),
            message,
        }
    });
    (remarks.collect(), paths)
}

/// A walk through what a template computes, in the order of the source.
struct Lint<'a> {
    source: &'a str,
    programs: &'a [Program],
    variables: Variables<'a>,
    /// Byte offsets and messages.
    found: Vec<(usize, String)>,
    paths: Vec<String>,
}

impl<'a> Lint<'a> {
    /// As deep as control flow is nested; the compiler bounds that.
    fn block(&mut self, number: usize) {
        let programs: &'a [Program] = self.programs;
        let Some(program) = programs.get(number) else { return };
        for step in &program.steps {
            match step {
                Step::Text(placeholder) => self.placeholder(placeholder),
                Step::Attribute { parts, .. } => self.parts(parts),
                Step::Region(flow) => self.flow(flow, &|lint, block| lint.block(*block)),
                Step::Set(name, value) => self.set(name, value),
            }
        }
        self.parts(program.key.as_deref().unwrap_or_default());
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Fixed(_) => {}
                Part::Placeholder(placeholder) => self.placeholder(placeholder),
                Part::Flow(flow) => self.flow(flow, &|lint, parts| lint.parts(parts)),
                Part::Set(name, value) => self.set(name, value),
            }
        }
    }

    fn placeholder(&mut self, placeholder: &Placeholder) {
        if let Some(filter) = self.filter_in_default(placeholder) {
            let text = placeholder.expression().text();
            let message = format!(
                "`|{filter}` stands in the default, which is shown as it is; filters stand before the `!`: `${{{text}|{filter}!…}}`, or put the default in quotes"
            );
            self.found.push((placeholder.at, message));
        }
        self.expression(placeholder.at, placeholder.expression(), placeholder.default.is_some());
    }

    /// The filter that somebody wrote behind the default: `${name!guest|upper}`. In quotes it is meant.
    fn filter_in_default<'p>(&self, placeholder: &'p Placeholder) -> Option<&'p str> {
        let default = placeholder.default.as_deref()?;
        let text = placeholder.expression().text();
        let written =
            self.source.get(placeholder.at..)?.strip_prefix(text)?.trim_start().strip_prefix('!')?;
        if written.trim_start().starts_with(['"', '\'']) {
            return None;
        }
        words(default).into_iter().find_map(|word| match word {
            Word::Filter(name) if Filter::find(name).is_ok() => Some(name),
            _ => None,
        })
    }

    fn set(&mut self, name: &Arc<str>, value: &Located) {
        self.expression(value.at, &value.expression, false);
        self.variables.set(name);
    }

    fn flow<B>(&mut self, flow: &Flow<B>, body_lint: &dyn Fn(&mut Self, &B)) {
        match flow {
            Flow::Choice(branches) => {
                let mut above = BTreeSet::new();
                for (number, (condition, body)) in branches.iter().enumerate() {
                    if let Some(condition) = condition {
                        let more = number + 1 < branches.len();
                        if !above.insert(condition.expression.text()) {
                            self.remark(condition.at, "this condition stands above already, so this branch is never shown; write another condition, or take the branch out".to_owned());
                        } else {
                            self.constant(condition, number == 0, more);
                        }
                        // Whoever asks for something knows that it may be missing.
                        self.expression(condition.at, &condition.expression, true);
                    }
                    body_lint(self, body);
                }
            }
            Flow::Loop { name, list, body, otherwise } => {
                self.expression(list.at, &list.expression, otherwise.is_some());
                let mark = self.variables.enter(name, list.expression.text());
                body_lint(self, body);
                self.variables.leave(mark);
                if let Some(otherwise) = otherwise {
                    body_lint(self, otherwise);
                }
            }
        }
    }

    /// Remarks on a condition that does not depend on anything.
    fn constant(&mut self, condition: &Located, first: bool, more: bool) {
        let expression = &condition.expression;
        if !expression.paths().is_empty() {
            return;
        }
        let Ok(holds) = expression.truth(&Scope::new(&Context::default(), &Work::default())) else { return };
        let advice = match (holds, more, first) {
            (true, true, _) => {
                "always holds, so the branches after this one are never shown; take them out, or write a condition that can be false"
            }
            (true, false, true) => {
                "always holds; take the `{% if %}` out, or write a condition that can be false"
            }
            (true, false, false) => "always holds; write `{% else %}`",
            (false, ..) => {
                "never holds, so this branch is never shown; take it out, or write a condition that can be true"
            }
        };
        self.remark(condition.at, format!("`{}` {advice}", expression.text()));
    }

    /// Looks at what an expression reads. `foreseen`: the author has said what is shown when something is missing.
    fn expression(&mut self, at: usize, expression: &Expression, foreseen: bool) {
        let text = expression.text();
        // A `!` in the source has become `not `.
        let negated = !self.source.get(at..).is_some_and(|rest| rest.starts_with(text));
        let place = |offset: usize| at + if negated { offset.saturating_sub(3) } else { offset };
        let foreseen = foreseen
            || words(text).iter().any(|word| {
                matches!(word, Word::Test("defined" | "undefined" | "none") | Word::Filter("default"))
            });
        for path in expression.paths() {
            // It is a part of the text.
            let start = (path.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            if let Some(message) = variables::subtraction(text, path, start) {
                self.remark(place(start), message);
                return;
            }
            if let Some(origin) = self.variables.origin(path)
                && origin.len() <= LONGEST_PATH
                && self.paths.len() < MOST_PATHS
                && !self.paths.contains(&origin)
            {
                self.paths.push(origin);
            }
            if self.found.len() < MOST_REMARKS
                && let Some((message, whole)) = self.variables.check(text, path, start, foreseen)
            {
                self.remark(place(start), message);
                if whole {
                    return;
                }
            }
        }
    }

    fn remark(&mut self, at: usize, message: String) {
        if self.found.len() < MOST_REMARKS {
            self.found.push((at, message));
        }
    }
}
