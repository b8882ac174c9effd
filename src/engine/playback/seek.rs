//! Whether the viewer is seeking: a drag along the time line is many seeks, and only where the last one ends counts.

use super::step::PlaybackStep;
use crate::engine::input::Media;

/// A viewer's seek has ended when so many milliseconds have passed since the last `seeked`.
pub(in crate::engine) const SEEK_SETTLES_AFTER_MS: f64 = 250.0;

/// A paused video that is so many seconds away from where it was paused has been moved by somebody. Less may be a
/// player that takes a while to pause and says so too early.
pub(super) const UNHEARD: f64 = 1.0;

/// How far a seek of the viewer, or of another script, is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// There is none.
    #[default]
    None,
    /// `seeking`
    Moving,
    /// It has arrived, and the next one may follow at once.
    Settling,
}

/// Tells seeks of the viewer from our own.
#[derive(Debug, Default)]
pub(super) struct ViewerSeek {
    phase: Phase,
    /// `seeking` events to come that are our own.
    own: u32,
    /// The element may be seeking because of us.
    ours: bool,
}

impl ViewerSeek {
    /// We are about to seek.
    pub(super) fn ours(&mut self) {
        self.own += 1;
        self.ours = true;
    }

    /// Looks at the property `seeking`.
    pub(super) fn observe(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        if !media.seeking {
            self.ours &= self.own > 0;
            if self.phase == Phase::Moving {
                self.settle(steps);
            }
        } else if !self.ours && self.phase != Phase::Moving {
            self.forget(steps);
            self.phase = Phase::Moving;
        }
    }

    /// The event `seeking`.
    pub(super) fn seeking(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        if self.own > 0 {
            self.own -= 1;
            self.ours = media.seeking;
        } else if !media.seeking {
            // It has arrived already.
            self.forget(steps);
            self.settle(steps);
        } else if !self.ours {
            self.forget(steps);
            self.phase = Phase::Moving;
        }
    }

    /// Time may have moved.
    pub(super) fn time(&mut self, media: Media) {
        if !media.seeking {
            // A seek of ours to where the video already was may bring no event.
            self.own = 0;
            self.ours = false;
        }
    }

    /// What followed from it is decided.
    pub(super) fn decided(&mut self, steps: &mut Vec<PlaybackStep>) {
        self.forget(steps);
        self.phase = Phase::None;
    }

    /// Another source: nothing of the old one matters.
    pub(super) fn reset(&mut self, steps: &mut Vec<PlaybackStep>) {
        self.forget(steps);
        *self = Self::default();
    }

    /// Whether it is under way, or has arrived a moment ago.
    pub(super) fn is_undecided(&self) -> bool {
        self.phase != Phase::None
    }

    /// Whether it has arrived, and no next one has begun.
    pub(super) fn has_arrived(&self) -> bool {
        self.phase == Phase::Settling
    }

    /// Whether a movement cannot be our own.
    pub(super) fn is_foreign(&self) -> bool {
        self.own == 0
    }

    fn settle(&mut self, steps: &mut Vec<PlaybackStep>) {
        self.phase = Phase::Settling;
        steps.push(PlaybackStep::AwaitSeek);
    }

    fn forget(&mut self, steps: &mut Vec<PlaybackStep>) {
        if self.phase == Phase::Settling {
            steps.push(PlaybackStep::ForgetSeek);
        }
    }
}
