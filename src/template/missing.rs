//! What had no value although the template gives no default for it.

use crate::template::expression::Expression;
use crate::template::expression::scope::Scope;

/// The most different missing expressions that are named.
const MAX_MISSING: usize = 32;

/// A path that had no value although the template gives no default for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The expression as the author wrote it, e.g. `user.username`.
    pub expression: String,
    /// A key that differs only in letter case, e.g. `user.userName`.
    pub near_miss: Option<String>,
}

/// Notes that an expression has no value.
pub(in crate::template) fn note_missing(
    missing: &mut Vec<Missing>,
    expression: &Expression,
    scope: &Scope<'_>,
) {
    let text = expression.text();
    if missing.len() < MAX_MISSING && !missing.iter().any(|known| known.expression == text) {
        missing.push(Missing { expression: text.to_owned(), near_miss: expression.near_miss(scope) });
    }
}
