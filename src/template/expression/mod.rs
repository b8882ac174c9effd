//! Expressions: a plain path, a simple expression, or a formula for the expression engine.

pub(in crate::template) mod compare;
pub(in crate::template) mod filters;
#[cfg(feature = "expressions")]
pub(in crate::template) mod formula;
#[cfg(not(feature = "expressions"))]
#[path = "no_formula.rs"]
pub(in crate::template) mod formula;
pub(in crate::template) mod locale;
pub(in crate::template) mod path;
pub(in crate::template) mod scope;
pub(in crate::template) mod simple;
#[cfg(feature = "expressions")]
pub(in crate::template) mod value;
pub(in crate::template) mod words;

use self::compare::truthy;
use self::formula::Formula;
use self::path::{Path, name_end};
use self::scope::Scope;
use self::simple::Simple;
use self::words::{Word, words};
use crate::json::Json;

/// A compiled expression.
#[derive(Debug)]
pub(in crate::template) struct Expression {
    text: Box<str>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Path(Path),
    Simple(Simple),
    Formula(Formula),
}

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::template) enum Outcome {
    /// A value; not null.
    Value(Json),
    /// Nothing, or null.
    Missing {
        /// The path that exists, if only the letter case differs.
        near_miss: Option<String>,
    },
}

impl Expression {
    /// Compiles an expression; the error says what is wrong and what to write instead. A leading `!` is `not`.
    pub(in crate::template) fn compile(text: &str) -> Result<Expression, String> {
        let negated;
        let text = match text.strip_prefix('!') {
            Some(operand) if !operand.starts_with(['=', ' ', '!']) => {
                negated = ["not ", operand].concat();
                &negated
            }
            _ => text,
        };
        let kind = match Path::parse(text) {
            Some(path) => Kind::Path(path),
            None => match Simple::parse(text)? {
                Some(simple) => Kind::Simple(simple),
                None => Kind::Formula(Formula::compile(text)?),
            },
        };
        Ok(Expression { text: text.into(), kind })
    }

    /// What the author wrote.
    pub(in crate::template) fn text(&self) -> &str {
        &self.text
    }

    /// The value for these names; the error says why there cannot be one.
    pub(in crate::template) fn evaluate(&self, scope: &Scope<'_>) -> Result<Outcome, String> {
        match &self.kind {
            Kind::Path(path) => Ok(path.walk(&self.text, scope)),
            Kind::Simple(simple) => simple.evaluate(&self.text, scope),
            Kind::Formula(formula) => formula.evaluate(scope),
        }
    }

    /// Whether the value counts as true: what is missing, null, false, 0 or empty does not.
    pub(in crate::template) fn truth(&self, scope: &Scope<'_>) -> Result<bool, String> {
        let value = match &self.kind {
            Kind::Path(path) => path.value(&self.text, scope),
            Kind::Simple(simple) => simple.value(&self.text, scope)?,
            Kind::Formula(formula) => match formula.evaluate(scope)? {
                Outcome::Value(value) => Some(value),
                Outcome::Missing { .. } => None,
            },
        };
        Ok(value.as_ref().is_some_and(truthy))
    }

    /// The paths that the expression reads, as far as they are fixed, each once: `items` for `items[n].name`.
    pub(in crate::template) fn paths(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        for word in words(&self.text) {
            if let Word::Path(path) = word
                && !paths.contains(&path)
            {
                paths.push(path);
            }
        }
        paths
    }

    /// The names that its paths start with, each once. `context` is among them where it stands before a variable: no
    /// loop and no `set` gives that another meaning.
    pub(in crate::template) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for path in self.paths() {
            let name = name_end(path, 0).and_then(|end| path.get(..end)).unwrap_or(path);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
