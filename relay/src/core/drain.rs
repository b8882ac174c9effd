//! The end of a relay: nothing new is begun, what was begun is completed, and then that is said, once.

use super::Effect;

/// How far the end is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Drain {
    /// Not in sight.
    #[default]
    No,
    /// What was begun is being completed.
    Begun,
    /// It was said that all is complete.
    Said,
}

impl Drain {
    pub(super) fn begin(&mut self) {
        if *self == Self::No {
            *self = Self::Begun;
        }
    }

    pub(super) fn is_begun(self) -> bool {
        self != Self::No
    }

    /// Says it when nothing is left. Calls whose outcome is still to be stored are left, too.
    pub(super) fn look(&mut self, is_idle: bool, effects: &mut Vec<Effect>) {
        if *self == Self::Begun && is_idle {
            *self = Self::Said;
            effects.push(Effect::Drained);
        }
    }
}
