//! Stands in for the expression engine in the build without it: there are no formulas, only paths and simple expressions.

use super::PATHS_ONLY;
use super::expression::Outcome;
use super::scope::Scope;
use std::convert::Infallible;

/// A formula, of which there are none.
#[derive(Debug)]
pub(super) struct Formula(Infallible);

impl Formula {
    /// Refuses the expression.
    pub(super) fn compile(_text: &str) -> Result<Formula, String> {
        Err(PATHS_ONLY.to_owned())
    }

    /// Cannot be called.
    pub(super) fn evaluate(&self, _scope: &Scope<'_>) -> Result<Outcome, String> {
        match self.0 {}
    }
}
