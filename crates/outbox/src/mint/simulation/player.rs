//! A player as browsers have them, with its quirks, and what it has really played.

use super::Dice;
use crate::input::Moment;
use crate::view::{MediaEvent, Report};
use serde_json::Value;

/// Seconds that pass at a time.
const TICK: f64 = 0.02;
/// What was played is noted in pieces of so many seconds of media time.
const PIECE: f64 = 0.02;

pub(super) struct Player {
    pub time: f64,
    duration: f64,
    is_paused: bool,
    pub is_loop: bool,
    rate: f64,
    is_hidden: bool,
    clock_ms: f64,
    pub wall_ms: f64,
    pub elapsed: f64,
    /// Seconds of `elapsed` until which nothing plays.
    stalled: f64,
    seeking: Option<f64>,
    /// Seconds of `elapsed` at which the time is reported next.
    next_update: f64,
    last_report: f64,
    fastest: f64,
    pub reports: Vec<(Report, Moment)>,
    /// By piece, whether it was played in the view that runs.
    played: Vec<bool>,
    /// Seconds that may be claimed without having been played: jumps that look like playing.
    excess: f64,
    /// Seconds that may have been played unseen: between the last report and an interruption.
    missed: f64,
}

impl Player {
    pub fn new(dice: &mut Dice) -> Self {
        let mut player = Self {
            time: 0.0,
            duration: f64::NAN,
            is_paused: true,
            is_loop: false,
            rate: 1.0,
            is_hidden: false,
            clock_ms: 1_000.0,
            wall_ms: 1.8e12,
            elapsed: 0.0,
            stalled: 0.0,
            seeking: None,
            next_update: 0.0,
            last_report: 0.0,
            fastest: 1.0,
            reports: Vec::new(),
            played: Vec::new(),
            excess: 0.0,
            missed: 0.0,
        };
        player.load_other(dice);
        player
    }

    pub fn now(&self) -> Moment {
        Moment { wall_ms: self.wall_ms, clock_ms: self.clock_ms }
    }

    fn report(&mut self, event: MediaEvent) {
        let report = Report {
            event,
            time: self.time,
            duration: self.duration,
            is_paused: self.is_paused,
            rate: self.rate,
        };
        self.reports.push((report, self.now()));
        self.last_report = self.elapsed;
        self.fastest = self.rate;
    }

    /// What was played since the last report is not heard of.
    pub fn interrupted(&mut self) {
        if !self.is_paused {
            self.missed += (self.elapsed - self.last_report) * self.fastest.max(self.rate) + TICK;
        }
        self.last_report = self.elapsed;
    }

    pub fn seekable(&self) -> f64 {
        if self.duration.is_finite() { self.duration } else { self.time + 100.0 }
    }

    pub fn play(&mut self) {
        if !self.duration.is_nan() && self.is_paused {
            self.toggle();
        }
    }

    pub fn toggle(&mut self) {
        if self.duration.is_nan() {
            return;
        }
        self.is_paused = !self.is_paused;
        if self.is_paused {
            self.report(MediaEvent::TimeUpdate);
            self.report(MediaEvent::Pause);
            return;
        }
        self.report(MediaEvent::Play);
        if self.time >= self.duration {
            self.jump(0.0);
        }
        self.report(MediaEvent::Playing);
    }

    fn jump(&mut self, to: f64) {
        self.interrupted();
        self.time = to;
        self.report(MediaEvent::Seeking);
    }

    pub fn seek(&mut self, to: f64, dice: &mut Dice) {
        let to = to.min(self.duration);
        if to.is_nan() {
            return;
        }
        if dice.one_in(4) {
            // A report that was on its way already tells the new time before the seek is known.
            self.interrupted();
            self.time = to;
            self.report(MediaEvent::TimeUpdate);
            self.excess += 1.2 + 0.1 * self.rate;
        }
        self.jump(to);
        self.seeking = Some(self.elapsed + dice.between(0.0, 0.8));
    }

    pub fn drag(&mut self, dice: &mut Dice) {
        for _ in 0..dice.below(40) {
            let step = dice.between(-0.6, 1.0);
            let to = (self.time + step).max(0.0);
            if self.duration.is_nan() || to >= self.duration {
                break;
            }
            self.time = to;
            // The report may come before the event that says so: it must not count either.
            if self.seeking.is_none() {
                self.jump(to);
            } else if dice.one_in(2) {
                self.report(MediaEvent::TimeUpdate);
                self.report(MediaEvent::Seeking);
            } else {
                self.report(MediaEvent::Seeking);
            }
            self.seeking = Some(self.elapsed + dice.between(0.1, 0.6));
            self.pass(dice.between(0.02, 0.09));
        }
    }

    pub fn set_rate(&mut self, rate: f64) {
        self.fastest = self.fastest.max(self.rate);
        self.rate = rate;
        self.report(MediaEvent::RateChange);
    }

    pub fn hide(&mut self) {
        self.is_hidden = !self.is_hidden;
    }

    pub fn toggle_visibility(&mut self) {
        self.is_hidden = false;
        self.played.clear();
        (self.excess, self.missed) = (0.0, 0.0);
    }

    pub fn stall(&mut self, seconds: f64) {
        self.stalled = self.elapsed + seconds;
    }

    /// The computer sleeps; clocks may stand still meanwhile, and a live stream goes to its end afterwards.
    pub fn sleep(&mut self, dice: &mut Dice) {
        self.interrupted();
        let seconds = dice.between(200.0, 30_000.0);
        self.wall_ms += seconds * 1_000.0;
        let clock_runs = dice.one_in(2);
        if clock_runs {
            self.clock_ms += seconds * 1_000.0;
        }
        if self.duration == f64::INFINITY {
            self.time += seconds;
        }
        self.report(MediaEvent::TimeUpdate);
    }

    /// Another file of the same film.
    pub fn switch_quality(&mut self) {
        if self.duration.is_nan() {
            return;
        }
        let (time, duration) = (self.time, self.duration);
        self.interrupted();
        (self.time, self.duration) = (0.0, f64::NAN);
        self.report(MediaEvent::Emptied);
        self.duration = duration;
        self.report(MediaEvent::DurationChange);
        self.jump(time);
        self.seeking = Some(self.elapsed + 0.2);
    }

    /// Another film.
    pub fn load_other(&mut self, dice: &mut Dice) {
        self.interrupted();
        (self.time, self.duration, self.seeking) = (0.0, f64::NAN, None);
        self.report(MediaEvent::Emptied);
        self.is_paused = true;
        let durations = [4.0, 30.0, 60.0, 300.0, 7_200.0, f64::INFINITY];
        self.duration = durations[dice.below(6)] + dice.between(2.0, 9.0);
        self.report(MediaEvent::DurationChange);
    }

    /// It turns out to be longer.
    pub fn stretch(&mut self, dice: &mut Dice) {
        self.duration += dice.between(0.0, 20.0);
        if !self.duration.is_nan() {
            self.report(MediaEvent::DurationChange);
        }
    }

    fn pass(&mut self, seconds: f64) {
        self.elapsed += seconds;
        self.clock_ms += seconds * 1_000.0;
        self.wall_ms += seconds * 1_000.0;
    }

    pub fn tick(&mut self, dice: &mut Dice) {
        self.pass(TICK);
        if self.seeking.is_some_and(|end| end <= self.elapsed) {
            self.seeking = None;
            self.report(MediaEvent::Seeked);
        }
        if self.is_paused || self.stalled > self.elapsed || self.seeking.is_some() {
            return;
        }
        let to = self.time + TICK * self.rate;
        self.note(self.time, to.min(self.duration));
        self.time = to.min(self.duration);
        if to >= self.duration {
            if self.is_loop {
                self.time = 0.0;
                self.report(MediaEvent::Seeking);
                self.report(MediaEvent::Seeked);
            } else {
                self.report(MediaEvent::TimeUpdate);
                self.is_paused = dice.one_in(2);
                if self.is_paused {
                    self.report(MediaEvent::Pause);
                }
                self.is_paused = true;
                self.report(MediaEvent::Ended);
            }
        } else if self.elapsed >= self.next_update {
            self.report(MediaEvent::TimeUpdate);
            let wait = if self.is_hidden { dice.between(1.0, 62.0) } else { dice.between(0.1, 0.3) };
            self.next_update = self.elapsed + wait;
        }
    }

    fn note(&mut self, from: f64, to: f64) {
        let (from, to) = ((from / PIECE) as usize, (to / PIECE).ceil() as usize);
        if self.played.len() < to {
            self.played.resize(to, false);
        }
        self.played[from..to].fill(true);
    }

    /// A view has begun. What was played before it, after the page had come back, is nobody's.
    pub fn begun(&mut self) {
        self.missed += self.played.iter().filter(|played| **played).count() as f64 * PIECE;
    }

    /// Compares the end of a view with what was played in it, and begins to note for another one.
    pub fn check(&mut self, data: &Value, milestones: &[u64], seed: u64) {
        let watched = &data["watched"];
        let mut claimed = vec![false; self.played.len()];
        let mut sum = 0.0;
        let mut last = -1.0;
        for range in watched["ranges"].as_array().unwrap() {
            let (from, to) = (range[0].as_f64().unwrap(), range[1].as_f64().unwrap());
            assert!(last < from && from <= to, "seed {seed}: in order and apart");
            last = to;
            sum += to - from;
            let (from, to) = ((from / PIECE).ceil() as usize, (to / PIECE) as usize);
            if claimed.len() < to {
                claimed.resize(to, false);
            }
            claimed[from.min(to)..to].fill(true);
        }
        let seconds = watched["seconds"].as_f64().unwrap();
        assert!((seconds - sum).abs() < 0.2, "seed {seed}: {seconds} {sum}");
        assert_eq!(watched["furthest"].as_f64().unwrap(), last.max(0.0));
        self.played.resize(claimed.len(), false);
        let pieces = |wanted: (bool, bool)| {
            let pairs = self.played.iter().zip(&claimed);
            pairs.filter(|(played, claimed)| (**played, **claimed) == wanted).count() as f64 * PIECE
        };
        let (missed, excess) = (pieces((true, false)), pieces((false, true)));
        let ranges = watched["ranges"].as_array().unwrap().len() as f64;
        assert!(
            missed <= self.missed + 0.1 * ranges + 0.1,
            "seed {seed}: missed {missed} > {}\n{data}",
            self.missed
        );
        assert!(
            excess <= self.excess + 0.3 * ranges + 0.1,
            "seed {seed}: claims {excess} > {}\n{data}",
            self.excess
        );
        match watched["percent"].as_f64() {
            Some(percent) => assert!((0.0..=100.0).contains(&percent)),
            None => assert!(milestones.is_empty()),
        }
        self.played.clear();
        (self.excess, self.missed) = (0.0, 0.0);
    }
}
