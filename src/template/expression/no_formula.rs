//! Stands in for the expression engine in the build without it: there are no formulas, only paths and simple expressions.

use super::Outcome;
use super::scope::Scope;
use crate::template::PATHS_ONLY;
use std::convert::Infallible;

/// A formula, of which there are none.
#[derive(Debug)]
pub(in crate::template) struct Formula(Infallible);

impl Formula {
    /// Refuses the expression.
    pub(in crate::template) fn compile(_text: &str) -> Result<Formula, String> {
        Err(PATHS_ONLY.to_owned())
    }

    /// Cannot be called.
    pub(in crate::template) fn evaluate(&self, _scope: &Scope<'_>) -> Result<Outcome, String> {
        match self.0 {}
    }
}
