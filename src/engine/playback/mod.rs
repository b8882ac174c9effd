//! The playback lease: pausing is borrowed and given back, never a flag.
//!
//! A waiting request takes a lease, and so does an element with `pauseOnAppear`. The video goes on when the last valid lease is given back, unless the viewer (or
//! another script) played, changed the source, took the video away or reached the end meanwhile: that voids every lease.
//! Seeking voids none: where the seek ends decides (`seek`). So the video never resumes against the viewer's will, and
//! never stays paused because of us.

mod seek;
mod step;

pub(super) use seek::SEEK_SETTLES_AFTER_MS;
pub use step::ResumeReason;
pub(super) use step::{Holder, PlaybackStep};

use crate::engine::input::{Media, MediaEvent, PlayId, PlayOutcome};
use seek::ViewerSeek;
use std::ops::Range;

/// Whoever awaits `play()` waits no longer than so many milliseconds. Some adapters give a promise that never settles.
pub(super) const PLAY_SETTLES_WITHIN_MS: f64 = 5_000.0;

#[derive(Debug)]
struct Lease {
    holder: Holder,
    /// When the element that asked is there, in seconds of media time; nothing for calls of the page.
    range: Option<Range<f64>>,
    void: Option<ResumeReason>,
}

/// Who holds the video, and what of our own doing is still under way.
#[derive(Debug, Default)]
pub(super) struct Playback {
    leases: Vec<Lease>,
    /// Our `play()` has not settled yet.
    play_pending: bool,
    /// The number of our last `play()`.
    last_play: PlayId,
    /// `pause()` is owed as soon as our `play()` has settled.
    pause_owed: bool,
    /// Since our last `pause()` the element has said that it is paused. Some players take a while.
    pause_seen: bool,
    /// The element as it was when we paused it, moved by our own seeks.
    held: Media,
    /// `play` events to come that are our own.
    own_play_events: u32,
    /// `pause` events to come that are our own.
    own_pause_events: u32,
    seek: ViewerSeek,
    /// A source has been seen: data of it, or that it plays. The next one is another.
    has_source: bool,
    /// Requests whose lease was given back and whose outcome depends on the pending `play()`.
    resuming: Vec<Holder>,
    blocked: bool,
}

impl Playback {
    /// A waiting request starts: takes a lease and pauses, if the video plays or is only paused by us. `range` is the time
    /// range of the element that asked.
    pub(super) fn take(
        &mut self,
        holder: Holder,
        range: Option<Range<f64>>,
        media: Media,
        steps: &mut Vec<PlaybackStep>,
    ) {
        // What is not in the document could not be played again.
        let playing = self.is_playing(media) && !media.detached;
        let held = self.is_held();
        let reason = if media.detached { ResumeReason::Removed } else { ResumeReason::WasPaused };
        let void = (!playing && !held).then_some(reason);
        self.leases.push(Lease { holder, range, void });
        if playing {
            self.pause(media, steps);
            steps.push(PlaybackStep::Paused(holder));
        }
    }

    /// A waiting request has settled: gives its lease back, and resumes if it was the last valid one.
    ///
    /// A request without a lease changes nothing, so releasing twice is harmless.
    pub(super) fn release(&mut self, holder: Holder, media: Media, steps: &mut Vec<PlaybackStep>) {
        self.catch_up(holder, media, steps);
        let Some(place) = self.leases.iter().position(|lease| lease.holder == holder) else { return };
        let lease = self.leases.remove(place);
        if let Some(reason) = lease.void {
            steps.push(PlaybackStep::Released(holder, reason));
        } else if self.is_held() {
            steps.push(PlaybackStep::Released(holder, ResumeReason::Held));
        } else if self.pause_owed {
            // It has not been paused yet, because our own play() is still pending: let it go on.
            self.pause_owed = false;
            self.resuming.push(holder);
        } else {
            self.resuming.push(holder);
            self.play(media, steps);
        }
    }

    /// An action of the project, or the viewer through a button of ours, plays.
    pub(super) fn play_by_action(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        self.void(ResumeReason::ActionPlayed);
        self.play(media, steps);
    }

    /// An action of the project pauses.
    pub(super) fn pause_by_action(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        self.void(ResumeReason::ActionPaused);
        if self.is_playing(media) {
            self.pause(media, steps);
        }
    }

    /// An action of the project moves to a media time; leases stay as they are.
    pub(super) fn seek_by_action(&mut self, time: f64, media: Media, steps: &mut Vec<PlaybackStep>) {
        let time = time.min(media.duration.unwrap_or(f64::INFINITY));
        self.seek.ours();
        self.held.time = time;
        steps.push(PlaybackStep::Seek(time));
    }

    /// Looks at the element's properties, which tell more than its events: those arrive as tasks, later. Comes before
    /// whatever else an input does.
    pub(super) fn observe(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        self.pause_seen |= media.paused;
        // What was under way when we paused is over at some time; a later seek is somebody's.
        self.held.seeking &= media.seeking;
        self.has_source |= media.duration.is_some() || media.time > 0.0;
        self.seek.observe(media, steps);
        if media.detached {
            self.void(ResumeReason::Removed);
            self.unblock(steps);
        }
    }

    /// The media element reported something. Returns whether it has another source than before.
    pub(super) fn media(&mut self, event: MediaEvent, media: Media, steps: &mut Vec<PlaybackStep>) -> bool {
        // Events keep their order, so what is reported before our own pause happened before it, too; unless the
        // element has been paused since and plays again.
        let before_our_pause = self.own_pause_events > 0 && (media.paused || !self.pause_seen);
        match event {
            MediaEvent::Play => {
                self.unblock(steps);
                if self.own_play_events > 0 {
                    self.own_play_events -= 1;
                } else if !before_our_pause {
                    self.void(ResumeReason::ViewerPlayed);
                }
            }
            // The standard settles the promise with this event; some adapters never settle it.
            MediaEvent::Playing if !media.paused => {
                self.settle_play(PlayOutcome::Playing, media, steps);
                self.seek.time(media);
            }
            MediaEvent::Seeking => self.seek.seeking(media, steps),
            // A viewer may have started it again before this is reported.
            MediaEvent::Ended if media.ended => self.void(ResumeReason::Ended),
            MediaEvent::Ended => {}
            MediaEvent::SourceChanged => {
                self.seek.reset(steps);
                self.void(ResumeReason::SourceChanged);
                // Browsers reject the promise then.
                self.settle_play(PlayOutcome::Interrupted, media, steps);
                self.own_play_events = 0;
                self.own_pause_events = 0;
                self.unblock(steps);
                return std::mem::take(&mut self.has_source);
            }
            MediaEvent::Pause => {
                if self.own_pause_events > 0 {
                    self.own_pause_events -= 1;
                    if !media.seeking {
                        // Some players go on for seconds before they stand still; nobody has sought then.
                        self.held.time = media.time;
                    }
                } else {
                    if std::mem::take(&mut self.pause_owed) {
                        self.void(ResumeReason::ViewerPaused);
                    }
                    if media.paused {
                        // So says the promise, too, a moment later; or never.
                        self.settle_play(PlayOutcome::Interrupted, media, steps);
                    }
                }
            }
            MediaEvent::Playing | MediaEvent::Time => self.seek.time(media),
        }
        false
    }

    /// The promise of a `play()` of ours has settled; if we have stopped waiting for it, that changes nothing.
    pub(super) fn play_settled(
        &mut self,
        play: PlayId,
        outcome: PlayOutcome,
        media: Media,
        steps: &mut Vec<PlaybackStep>,
    ) {
        if play == self.last_play {
            self.settle_play(outcome, media, steps);
        }
    }

    fn settle_play(&mut self, outcome: PlayOutcome, media: Media, steps: &mut Vec<PlaybackStep>) {
        if !std::mem::take(&mut self.play_pending) {
            return;
        }
        steps.push(PlaybackStep::ForgetPlay);
        let reason = match outcome {
            PlayOutcome::Playing => ResumeReason::Resumed,
            PlayOutcome::Interrupted => ResumeReason::Interrupted,
            PlayOutcome::Blocked => ResumeReason::Blocked,
            PlayOutcome::Failed => ResumeReason::Failed,
        };
        // The element fires `play` before it settles the promise, and we never pause before that.
        self.own_play_events = 0;
        self.own_pause_events = 0;
        if outcome == PlayOutcome::Playing {
            self.unblock(steps);
        }
        for holder in std::mem::take(&mut self.resuming) {
            steps.push(PlaybackStep::Released(holder, reason));
        }
        if outcome == PlayOutcome::Blocked && !self.blocked {
            self.blocked = true;
            steps.push(PlaybackStep::Blocked);
        }
        if std::mem::take(&mut self.pause_owed) {
            if media.paused && matches!(outcome, PlayOutcome::Interrupted | PlayOutcome::Failed) {
                self.void(ResumeReason::ViewerPaused);
            } else {
                self.pause(media, steps);
            }
        }
    }

    /// Our `play()` has taken too long to settle.
    pub(super) fn play_overdue(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        let outcome = if media.paused { PlayOutcome::Failed } else { PlayOutcome::Playing };
        self.settle_play(outcome, media, steps);
    }

    /// The viewer's seek has ended here, unless the next one has begun.
    pub(super) fn seek_settled(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        if !self.seek.has_arrived() {
            return;
        }
        self.seek.decided(steps);
        self.notice_unheard(media);
        self.held.time = media.time;
        self.give_back_outside(None, media, steps);
    }

    /// Gives back the leases (or `only` this request's) of elements that are not there at this time. If these were the
    /// last valid ones, the video plays on from here.
    fn give_back_outside(&mut self, only: Option<Holder>, media: Media, steps: &mut Vec<PlaybackStep>) {
        let before = steps.len();
        self.leases.retain(|lease| {
            let outside = lease.range.as_ref().is_some_and(|range| !range.contains(&media.time));
            let concerned = only.is_none_or(|holder| holder == lease.holder);
            let stays = lease.void.is_some() || !outside || !concerned;
            if !stays {
                steps.push(PlaybackStep::Released(lease.holder, ResumeReason::Seeked));
            }
            stays
        });
        if steps.len() > before && !self.is_held() && !std::mem::take(&mut self.pause_owed) {
            self.play(media, steps);
        }
    }

    /// Whether the viewer is seeking, or has sought a moment ago and may go on.
    pub(super) fn viewer_seeks(&self) -> bool {
        self.seek.is_undecided()
    }

    /// Everything ends: all leases are given back.
    pub(super) fn end(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        self.seek.reset(steps);
        self.notice_unheard(media);
        let held = self.is_held();
        for lease in std::mem::take(&mut self.leases) {
            steps.push(PlaybackStep::Released(lease.holder, lease.void.unwrap_or(ResumeReason::Resumed)));
        }
        for holder in std::mem::take(&mut self.resuming) {
            steps.push(PlaybackStep::Released(holder, ResumeReason::Resumed));
        }
        if std::mem::take(&mut self.play_pending) {
            steps.push(PlaybackStep::ForgetPlay);
        }
        if held && !std::mem::take(&mut self.pause_owed) && !media.detached {
            self.last_play = self.last_play.wrapping_add(1);
            steps.push(PlaybackStep::Play(self.last_play));
        }
    }

    /// Whether this one has a valid lease.
    pub(super) fn holds(&self, holder: Holder) -> bool {
        self.leases.iter().any(|lease| lease.holder == holder && lease.void.is_none())
    }

    /// Whether a valid lease exists.
    pub(super) fn is_held(&self) -> bool {
        self.leases.iter().any(|lease| lease.void.is_none())
    }

    /// Whether it plays, as the viewer sees it: a pause that is owed counts as done, and so does one that was asked for
    /// and that the element does not know of yet. (Asked twice, it would report once.)
    fn is_playing(&self, media: Media) -> bool {
        let pausing =
            self.pause_owed || (self.own_pause_events > 0 && !self.pause_seen && !self.play_pending);
        (!media.paused || self.play_pending) && !media.ended && !pausing
    }

    /// Voids every lease, and with them the pause that is owed for them.
    fn void(&mut self, reason: ResumeReason) {
        self.pause_owed = false;
        for lease in &mut self.leases {
            lease.void.get_or_insert(reason);
        }
    }

    /// Comes before a request settles: what no event has told yet, and where a seek that goes on has led so far.
    pub(super) fn catch_up(&mut self, holder: Holder, media: Media, steps: &mut Vec<PlaybackStep>) {
        self.notice_unheard(media);
        if self.seek.is_undecided() || self.was_moved(media) {
            self.give_back_outside(Some(holder), media, steps);
        }
    }

    fn notice_unheard(&mut self, media: Media) {
        if !self.is_held() || self.pause_owed {
            return;
        }
        if media.ended {
            self.void(ResumeReason::Ended);
        } else if !media.paused && self.pause_seen && !self.play_pending {
            self.void(ResumeReason::ViewerPlayed);
        } else if self.held.duration.is_some() && media.duration.is_none() {
            self.void(ResumeReason::SourceChanged);
        }
    }

    /// Whether a video that we have paused is elsewhere than where we left it.
    fn was_moved(&self, media: Media) -> bool {
        !self.pause_owed
            && self.seek.is_foreign()
            && ((media.seeking && !self.held.seeking)
                || (self.pause_seen && (media.time - self.held.time).abs() > seek::UNHEARD))
    }

    /// `pause()`, but never while our own `play()` is pending: its promise would be rejected.
    fn pause(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        if self.play_pending {
            self.pause_owed = true;
        } else {
            self.pause_seen = media.paused;
            self.held = media;
            if !media.paused {
                self.own_pause_events += 1;
                steps.push(PlaybackStep::Pause);
            }
        }
    }

    /// `play()`, but never of what is not in the document: nobody could see it or stop it.
    fn play(&mut self, media: Media, steps: &mut Vec<PlaybackStep>) {
        if self.play_pending || media.detached {
            return;
        }
        self.play_pending = true;
        // This overtakes a pause that has not been seen yet.
        self.pause_seen = true;
        if media.paused {
            self.own_play_events += 1;
        }
        steps.push(PlaybackStep::AwaitPlay);
        self.last_play = self.last_play.wrapping_add(1);
        steps.push(PlaybackStep::Play(self.last_play));
    }

    fn unblock(&mut self, steps: &mut Vec<PlaybackStep>) {
        if std::mem::take(&mut self.blocked) {
            steps.push(PlaybackStep::Unblocked);
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
