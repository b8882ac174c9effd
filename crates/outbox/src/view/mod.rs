//! A view: what has been watched, from what the media element reports.

mod playback;
mod ranges;

pub use playback::{MediaEvent, Playback, Report};
pub use ranges::Ranges;

use crate::text::{key, number};

/// Percent of which each is told once.
const MILESTONES: [u8; 4] = [25, 50, 75, 90];
/// Progress is told after so many new distinct seconds.
const PROGRESS: f64 = 10.0;
/// What is kept for a crash is renewed after so many new distinct seconds.
const KEEP: f64 = 5.0;

/// What was watched in one view.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    ranges: Ranges,
    /// Seconds that were told last.
    told: f64,
    /// Seconds that were kept last.
    kept: f64,
    /// How many of [`MILESTONES`] were told.
    milestones: usize,
}

/// Something to tell of a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The percentage that was reached, if it is one of [`MILESTONES`].
    milestone: Option<u8>,
}

impl Watched {
    /// A span was played.
    pub fn add(&mut self, (from, to): (f64, f64)) {
        self.ranges.add(from, to);
    }

    /// What there is to tell now; asked until there is nothing more.
    pub fn progress(&mut self, duration: f64) -> Option<Progress> {
        let seconds = self.ranges.seconds();
        let milestone = MILESTONES.get(self.milestones).copied();
        let reached = |milestone: &u8| self.percent(duration).is_some_and(|it| it >= f64::from(*milestone));
        let milestone = milestone.filter(reached);
        self.milestones += usize::from(milestone.is_some());
        if milestone.is_none() && seconds - self.told < PROGRESS {
            return None;
        }
        self.told = seconds;
        Some(Progress { milestone })
    }

    /// Whether enough is new to be kept in case of a crash; when the video is paused, anything.
    pub fn is_to_keep(&self, is_pause: bool) -> bool {
        let new = self.ranges.seconds() - self.kept;
        new >= KEEP || is_pause && new > 0.0
    }

    /// It is kept.
    pub fn keep(&mut self) {
        self.kept = self.ranges.seconds();
    }

    /// Distinct seconds in percent; none of what has no length.
    fn percent(&self, duration: f64) -> Option<f64> {
        let has_length = duration > 0.0 && duration.is_finite();
        has_length.then(|| (self.ranges.seconds() / duration * 100.0).min(100.0))
    }

    fn write_sums(&self, duration: f64, out: &mut String) {
        if let Some(percent) = self.percent(duration) {
            number("percent", percent, out);
        }
        number("seconds", self.ranges.seconds().max(0.0), out);
        number("furthest", self.ranges.furthest(), out);
    }

    /// Appends `{"ranges":…}`, the `watched` of events.
    pub fn write(&self, duration: f64, out: &mut String) {
        out.push('{');
        key("ranges", out);
        self.ranges.write(out);
        self.write_sums(duration, out);
        out.push('}');
    }

    /// Appends `{"milestone":…}`, the `progress` of events, at a media time.
    pub fn write_progress(&self, progress: Progress, duration: f64, position: f64, out: &mut String) {
        out.push('{');
        if let Some(milestone) = progress.milestone {
            number("milestone", milestone.into(), out);
        }
        self.write_sums(duration, out);
        number("position", position, out);
        out.push('}');
    }
}
