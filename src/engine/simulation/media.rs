//! A media element as the HTML standard describes it, with events that arrive later as tasks.

use crate::engine::{Media, MediaEvent, PlayId, PlayOutcome};
use std::collections::VecDeque;

/// Something that the element will report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Task {
    Event(MediaEvent),
    /// The promise of the engine's own `play()`.
    Settled(PlayId, PlayOutcome),
    SeekDone,
}

#[derive(Debug)]
pub(super) struct MediaElement {
    pub(super) state: Media,
    pub(super) tasks: VecDeque<Task>,
    /// The engine's `play()` has not settled, and the element has not said that it plays.
    pub(super) own_play_pending: bool,
    last_play: PlayId,
    /// The promises of `play()` never settle, as with some adapters.
    pub(super) hangs: bool,
    /// `play()` is refused until the viewer acts.
    pub(super) refuses: bool,
    /// The engine paused it, and nobody else has touched it since.
    pub(super) paused_by_engine: bool,
}

impl MediaElement {
    pub(super) fn new() -> Self {
        let state = Media { duration: Some(30.0), paused: true, ..Media::default() };
        Self {
            state,
            tasks: VecDeque::new(),
            own_play_pending: false,
            last_play: 0,
            hangs: false,
            refuses: false,
            paused_by_engine: false,
        }
    }

    /// `play()` of the engine.
    pub(super) fn play_by_engine(&mut self, play: PlayId) {
        assert!(!self.own_play_pending, "play() while our own play() is pending");
        assert!(!self.state.detached, "play() of what is not in the document");
        self.own_play_pending = true;
        self.last_play = play;
        if self.refuses && self.state.paused {
            self.settle(PlayOutcome::Blocked);
        } else {
            self.paused_by_engine = false;
            self.start();
            if !self.hangs {
                self.tasks.push_back(Task::Event(MediaEvent::Playing));
                self.settle(PlayOutcome::Playing);
            }
        }
    }

    /// `pause()` of the engine.
    pub(super) fn pause_by_engine(&mut self) {
        assert!(!self.own_play_pending, "pause() while our own play() is pending");
        if !self.state.paused {
            self.stop();
            self.paused_by_engine = true;
        }
    }

    pub(super) fn play_by_viewer(&mut self) {
        self.paused_by_engine = false;
        self.refuses = false;
        self.start();
    }

    pub(super) fn pause_by_viewer(&mut self) {
        // A viewer sees a paused video as paused: pressing the button there plays.
        if !self.state.paused {
            self.paused_by_engine = false;
            self.stop();
        }
    }

    pub(super) fn seek(&mut self, time: f64) {
        self.state.time = time;
        self.state.ended = false;
        self.state.seeking = true;
        self.tasks.push_back(Task::Event(MediaEvent::Seeking));
        self.tasks.push_back(Task::SeekDone);
    }

    pub(super) fn change_source(&mut self) {
        self.paused_by_engine = false;
        self.tasks.retain(|task| *task != Task::SeekDone);
        self.tasks.push_back(Task::Event(MediaEvent::SourceChanged));
        self.interrupt();
        self.state = Media { paused: true, detached: self.state.detached, ..Media::default() };
    }

    /// It is taken out of the document, and so is paused, or it is put back.
    pub(super) fn remove(&mut self, removed: bool) {
        self.state.detached = removed;
        if removed && !self.state.paused {
            self.stop();
        }
    }

    /// Lets time pass.
    pub(super) fn advance(&mut self, seconds: f64) {
        if self.state.paused || self.state.seeking {
            return;
        }
        self.state.time += seconds;
        if self.state.time >= 30.0 {
            self.state.time = 30.0;
            self.state.ended = true;
            self.stop();
            self.tasks.push_back(Task::Event(MediaEvent::Ended));
        }
    }

    /// The next thing that the element reports.
    pub(super) fn next_task(&mut self) -> Option<Task> {
        let task = self.tasks.pop_front()?;
        match task {
            Task::Settled(play, _) if play != self.last_play => {}
            Task::Settled(..) | Task::Event(MediaEvent::Playing) => self.own_play_pending = false,
            Task::SeekDone => {
                self.state.seeking = self.tasks.contains(&Task::SeekDone);
            }
            Task::Event(MediaEvent::SourceChanged) => self.state.duration = Some(30.0),
            Task::Event(_) => {}
        }
        Some(task)
    }

    fn start(&mut self) {
        if self.state.ended {
            self.seek(0.0);
        }
        if self.state.paused {
            self.state.paused = false;
            self.tasks.push_back(Task::Event(MediaEvent::Play));
        }
    }

    fn stop(&mut self) {
        self.state.paused = true;
        self.tasks.push_back(Task::Event(MediaEvent::Pause));
        self.interrupt();
    }

    /// Pending promises are rejected.
    fn interrupt(&mut self) {
        if !std::mem::take(&mut self.own_play_pending) {
            return;
        }
        self.tasks.retain(|task| *task != Task::Event(MediaEvent::Playing));
        let pending =
            self.tasks.iter().position(|task| matches!(task, Task::Settled(_, PlayOutcome::Playing)));
        if let Some(place) = pending {
            self.tasks.remove(place);
            self.settle(PlayOutcome::Interrupted);
        }
    }

    fn settle(&mut self, outcome: PlayOutcome) {
        self.tasks.push_back(Task::Settled(self.last_play, outcome));
    }
}
