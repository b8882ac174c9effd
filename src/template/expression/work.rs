//! What one evaluation may make. The one place to charge for work: whoever makes a text or a list comes here before any
//! memory is taken.

use super::error::ExpressionError;
use super::error::ExpressionErrorKind::TooMuch;
use crate::json::Json;

/// The most bytes of texts and lists that the operators of one evaluation make, all together.
const MAX_BYTES: usize = 256 * 1024;
/// The most values in one list that they make.
const MAX_VALUES: usize = 10_000;
/// The deepest list that they make.
const MAX_DEPTH: usize = 64;
/// What a value is counted as, however short it is.
const LEAST: usize = 8;

/// What is left of what one evaluation may make.
#[derive(Debug)]
pub(super) struct Work {
    left: usize,
}

impl Work {
    pub(super) fn new() -> Self {
        Self { left: MAX_BYTES }
    }

    /// Takes what is needed for so many copies of a text. Gives how many to make: nothing is not repeated for ever.
    pub(super) fn text(&mut self, bytes: usize, copies: usize) -> Result<usize, ExpressionError> {
        self.spend(bytes.checked_mul(copies))?;
        Ok(if bytes == 0 { 0 } else { copies })
    }

    /// The same for a list of so many copies of all these values: about what it takes as JSON text.
    pub(super) fn lists(&mut self, parts: &[&[Json]], copies: usize) -> Result<usize, ExpressionError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if length.checked_mul(copies).is_none_or(|length| length > MAX_VALUES) {
            return Err(TooMuch.error("the result has more than 10,000 values"));
        }
        let before = self.left;
        parts.iter().try_for_each(|part| self.values(part, MAX_DEPTH))?;
        // The first copy is counted already.
        self.spend((before - self.left).checked_mul(copies.saturating_sub(1)))?;
        Ok(if length == 0 { 0 } else { copies })
    }

    /// As deep as the values are nested; that is bounded.
    fn values(&mut self, values: &[Json], depth: usize) -> Result<(), ExpressionError> {
        values.iter().try_for_each(|value| self.value(value, depth))
    }

    fn value(&mut self, value: &Json, depth: usize) -> Result<(), ExpressionError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| TooMuch.error("the result is nested deeper than 64 levels"))?;
        self.spend(Some(LEAST))?;
        match value.read() {
            Json::String(text) => self.spend(Some(text.len())),
            Json::Array(list) => self.values(list, depth),
            Json::Object(object) => object.iter().try_for_each(|(key, value)| {
                self.spend(Some(key.len()))?;
                self.value(value, depth)
            }),
            Json::Null | Json::Bool(_) | Json::Integer(_) | Json::Float(_) | Json::Lazy(_) => Ok(()),
        }
    }

    fn spend(&mut self, bytes: Option<usize>) -> Result<(), ExpressionError> {
        let left = bytes.and_then(|bytes| self.left.checked_sub(bytes));
        self.left = left.ok_or_else(|| TooMuch.error("it makes more than 256 KiB of text and lists"))?;
        Ok(())
    }
}
