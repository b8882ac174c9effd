//! From what a media element reports, the spans of media time that were played.
//!
//! Media time moves for other reasons than playing: the viewer seeks or drags, a live stream jumps to its end after a laptop has
//! slept. So a span between two reports counts only if playing can have moved the time so far.

use crate::input::Moment;
use cuehook_protocol::word_enum;

word_enum! {
    /// Events of a media element that matter here.
    pub enum MediaEvent {
        /// It is to play.
        Play = "play",
        /// It plays.
        Playing = "playing",
        /// It is paused.
        Pause = "pause",
        /// Its time has moved.
        TimeUpdate = "timeupdate",
        /// Its time is to be another.
        Seeking = "seeking",
        /// Its time is another.
        Seeked = "seeked",
        /// It has come to its end.
        Ended = "ended",
        /// It plays faster or slower.
        RateChange = "ratechange",
        /// How long it is has become known, or is something else.
        DurationChange = "durationchange",
        /// It holds nothing any more: something else is loaded.
        Emptied = "emptied",
    }
}

/// A media element at the instant of one of its events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// The event.
    pub event: MediaEvent,
    /// Media time in seconds.
    pub time: f64,
    /// Length in seconds; infinite for live streams, NaN while it is unknown.
    pub duration: f64,
    /// Whether it is paused.
    pub is_paused: bool,
    /// How fast it plays; NaN if it does not tell.
    pub rate: f64,
}

/// Reports that are further apart than this many seconds say nothing: the page or the whole computer has slept. A hidden
/// page hears of the time once a minute.
const LONGEST: f64 = 90.0;
/// Players are not exact, and some pass their time on only a few times a second: so many seconds more are believed.
const SLACK: f64 = 0.5;
/// A seek that has not ended after so many milliseconds has ended unheard.
const LONGEST_SEEK_MS: f64 = 5_000.0;

/// Follows a media element.
#[derive(Clone, Debug, Default)]
pub struct Playback {
    /// The last report, if it was playing.
    last: Option<(f64, f64, f64)>,
    /// Since when the viewer seeks.
    seeking_ms: Option<f64>,
}

impl Playback {
    /// The span that was played since the last report, if any: from where, and to where.
    pub fn heard(&mut self, report: &Report, now: Moment) -> Option<(f64, f64)> {
        let rate = if report.rate > 0.0 { report.rate } else { 1.0 };
        let span = self.last.take().and_then(|(time, clock_ms, last_rate)| {
            let elapsed = (now.clock_ms - clock_ms) / 1_000.0;
            if !(0.0..=LONGEST).contains(&elapsed) {
                return None;
            }
            let possible = elapsed * last_rate.max(rate);
            let is_cut = matches!(report.event, MediaEvent::Seeking | MediaEvent::Emptied);
            if !is_cut && report.time > time && report.time - time <= possible * 1.1 + SLACK {
                return Some((time, report.time));
            }
            // It plays in a loop: from the last report it has come to its end, and begun anew.
            let left = report.duration - time;
            let is_loop = report.time < 1.0 && left > 0.0 && left <= possible + 0.1;
            (is_loop && report.event != MediaEvent::Emptied).then_some((time, report.duration))
        });
        match report.event {
            MediaEvent::Seeking => self.seeking_ms = Some(now.clock_ms),
            MediaEvent::Seeked | MediaEvent::Playing | MediaEvent::Ended | MediaEvent::Emptied => {
                self.seeking_ms = None;
            }
            _ => {}
        }
        let is_seeking = self.seeking_ms.is_some_and(|since| now.clock_ms - since < LONGEST_SEEK_MS);
        let is_over = matches!(report.event, MediaEvent::Ended | MediaEvent::Emptied);
        if !report.is_paused && !is_seeking && !is_over && report.time >= 0.0 {
            self.last = Some((report.time, now.clock_ms, rate));
        }
        span
    }

    /// What comes next does not go on from here.
    pub fn interrupt(&mut self) {
        *self = Self::default();
    }
}
