//! Expressions: a plain path, or a formula for the expression engine.

use super::formula::Formula;
use super::path::Path;
use super::scope::Scope;
use crate::json::Json;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Expression {
    text: Box<str>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Path(Path),
    Formula(Formula),
}

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// A value; not null.
    Value(Json),
    /// Nothing, or null.
    Missing {
        /// The path that exists, if only the letter case differs.
        near_miss: Option<String>,
    },
}

impl Expression {
    /// Compiles an expression; the error says what is wrong and what to write instead.
    pub(super) fn compile(text: &str) -> Result<Expression, String> {
        let kind = match Path::parse(text) {
            Some(path) => Kind::Path(path),
            None => Kind::Formula(Formula::compile(text)?),
        };
        Ok(Expression { text: text.into(), kind })
    }

    /// What the author wrote.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The value for these names; the error says why there cannot be one.
    pub(super) fn evaluate(&self, scope: &Scope<'_>) -> Result<Outcome, String> {
        match &self.kind {
            Kind::Path(path) => Ok(path.walk(&self.text, scope)),
            Kind::Formula(formula) => formula.evaluate(scope),
        }
    }

    /// The names that paths in it begin with; `context` if it may use any variable.
    pub(super) fn names(&self) -> Vec<&str> {
        match &self.kind {
            Kind::Path(path) => vec![path.name(&self.text)],
            Kind::Formula(_) => vec!["context"],
        }
    }

    /// Whether the value counts as true; a missing one does not.
    pub(super) fn truth(&self, scope: &Scope<'_>) -> Result<bool, String> {
        Ok(match self.evaluate(scope)? {
            Outcome::Value(value) => is_true(&value),
            Outcome::Missing { .. } => false,
        })
    }
}

/// Whether a value counts as true: not null, false, zero, nor an empty text, list or object.
pub(super) fn is_true(value: &Json) -> bool {
    match value.read() {
        Json::Null | Json::Unread(_) => false,
        Json::Bool(value) => *value,
        Json::Integer(number) => *number != 0,
        Json::Float(number) => *number != 0.0,
        Json::String(text) => !text.is_empty(),
        Json::Array(list) => !list.is_empty(),
        Json::Object(object) => !object.is_empty(),
    }
}
