//! How much work one input may make templates do. The one place that counts: whoever reads a value, compares it or makes
//! another one comes here first, before anything is read and before any memory is taken.

use crate::json::Json;
use crate::template::expression::error::ExpressionError;
use crate::template::expression::error::ExpressionErrorKind::TooMuch;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What all templates may do together for one input, in bytes that are read or made. Measured: `benches/README.md`.
const PER_INPUT: usize = 4 * 1024 * 1024;
/// What one step costs, whatever is in it: a value that is looked up, an operator, a turn of a loop.
pub(in crate::template) const STEP: usize = 24;
/// What looking at a value costs that is there already.
const LOOK: usize = 8;
/// What a byte costs that is shown: the browser has to lay it out.
pub(in crate::template) const SHOWN: usize = 32;
/// What a new element or text costs, for the same reason.
pub(in crate::template) const NODE: usize = 240;
/// The most bytes of a text or a list that an expression makes.
pub(in crate::template) const MAX_BYTES: usize = 256 * 1024;
/// The most values in one list that it makes.
const MAX_VALUES: usize = 10_000;
/// The deepest list that it makes.
const MAX_DEPTH: usize = 64;

/// The work that is left. Once it is used up, everything that needs some is refused: whoever spends in passing need not look,
/// since each expression looks at its end.
///
/// A clone counts with the original: minijinja holds one, and what it holds must be allowed to go to other threads.
#[derive(Clone, Debug)]
pub struct Work(Arc<AtomicUsize>);

impl Default for Work {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(PER_INPUT)))
    }
}

impl Work {
    /// More than any test needs.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(crate) fn endless() -> Self {
        Self(Arc::new(AtomicUsize::new(usize::MAX / 2)))
    }

    /// Another input begins.
    pub fn refill(&self) {
        self.set(PER_INPUT);
    }

    /// Whether nothing was spent of it.
    pub fn is_whole(&self) -> bool {
        self.left() == PER_INPUT
    }

    /// Whether something was refused, or would be.
    pub fn is_used_up(&self) -> bool {
        self.left() == 0
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, left: usize) {
        self.0.store(left, Ordering::Relaxed);
    }

    /// Takes so many bytes. False: no more than that was left, and now nothing is.
    pub(in crate::template) fn spend(&self, bytes: usize) -> bool {
        let left = self.left().saturating_sub(bytes);
        self.set(left);
        left > 0
    }

    /// The value as [`Json::read`] gives it; null if reading it is too much.
    pub(in crate::template) fn read<'j>(&self, value: &'j Json) -> &'j Json {
        if self.spend(LOOK + READ * value.unread()) { value.read() } else { &Json::Null }
    }

    /// Takes what going through all of a value costs, or writing it.
    pub(in crate::template) fn whole(&self, value: &Json) -> bool {
        self.whole_within(value, &mut usize::MAX.clone(), usize::MAX).is_ok()
    }

    /// Whether two values are written the same; `==` of what is not read yet is a comparison of texts, eight bytes at a time.
    pub(in crate::template) fn same(&self, old: &Json, new: &Json) -> bool {
        let is_affordable = match (old, new) {
            _ if old.is_shared(new) => return true,
            (Json::Lazy(old), Json::Lazy(new)) => {
                old.length() == new.length() && self.spend(LOOK + new.length() / 8)
            }
            _ => self.whole(new),
        };
        is_affordable && old == new
    }

    /// Takes what so many copies of a text cost. Gives how many to make: nothing is not repeated for ever.
    pub(in crate::template) fn text(&self, bytes: usize, copies: usize) -> Result<usize, ExpressionError> {
        let all = bytes.checked_mul(copies).filter(|all| *all <= MAX_BYTES).ok_or_else(too_large)?;
        self.make(all)?;
        Ok(if bytes == 0 { 0 } else { copies })
    }

    /// The same for a list of so many copies of all these values: about what it takes as JSON text.
    pub(in crate::template) fn lists(
        &self,
        parts: &[&[Json]],
        copies: usize,
    ) -> Result<usize, ExpressionError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if length.checked_mul(copies).is_none_or(|length| length > MAX_VALUES) {
            return Err(TooMuch.error("the result has more than 10,000 values"));
        }
        let mut within = MAX_BYTES;
        for value in parts.iter().copied().flatten() {
            self.whole_within(value, &mut within, MAX_DEPTH)?;
        }
        // The first copy is counted already.
        let more = (MAX_BYTES - within).checked_mul(copies.saturating_sub(1));
        self.make(more.filter(|more| *more <= within).ok_or_else(too_large)?)?;
        Ok(if length == 0 { 0 } else { copies })
    }

    fn make(&self, bytes: usize) -> Result<(), ExpressionError> {
        if self.spend(bytes) { Ok(()) } else { Err(used_up()) }
    }

    /// Takes what going through all of a value costs, which must be less than `within` and nested less than `depth`. As
    /// deep as the value is nested; that is bounded.
    fn whole_within(&self, value: &Json, within: &mut usize, depth: usize) -> Result<(), ExpressionError> {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| TooMuch.error("the result is nested deeper than 64 levels"))?;
        let mut spend = |bytes: usize| {
            *within = within.checked_sub(bytes).ok_or_else(too_large)?;
            self.make(bytes)
        };
        match value {
            Json::Null | Json::Bool(_) | Json::Integer(_) => spend(LEAST),
            Json::Float(number) => spend(written(*number)),
            Json::String(text) => spend(LEAST + text.len()),
            // Its text is copied, and compared, as it is.
            Json::Lazy(lazy) => spend(LEAST + lazy.length()),
            Json::Array(list) => {
                spend(LEAST)?;
                list.iter().try_for_each(|value| self.whole_within(value, within, depth))
            }
            Json::Object(object) => {
                spend(LEAST)?;
                object.iter().try_for_each(|(key, value)| {
                    *within = within.checked_sub(key.len()).ok_or_else(too_large)?;
                    self.make(key.len())?;
                    self.whole_within(value, within, depth)
                })
            }
        }
    }
}

/// What writing a number costs: those far from 1 take long division, and with each digit the smallest ones.
fn written(number: f64) -> usize {
    match number.to_bits() >> 52 & 0x7ff {
        0 if number == 0.0 => LEAST,
        0 => 16 * 1024,
        1007..=1075 => 64,
        exponent => 2048 + 2 * usize::try_from(exponent.abs_diff(1023)).unwrap_or(0),
    }
}

/// How often the bytes count that are read from JSON text: keys are put in order, and each value takes memory.
const READ: usize = 2;
/// What a value is counted as, however short it is.
const LEAST: usize = 8;

#[cold]
fn too_large() -> ExpressionError {
    TooMuch.error("it makes more than 256 KiB of text and lists")
}

/// The error of whatever was refused because nothing is left.
#[cold]
pub(in crate::template) fn used_up() -> ExpressionError {
    TooMuch.error(
        "templates would read or make more than 4 MiB at once; show less of the values, or loop over less",
    )
}
