//! What follows from a change of the lease, and why a lease was given back.

use crate::engine::input::{PlayId, RequestId};
use crate::protocol::word_enum;

word_enum! {
    /// Why the video did or did not go on when a lease was given back: `detail.reason` of `cuehook:resume`.
    pub enum ResumeReason {
        /// It plays again.
        Resumed = "resumed",
        /// Another request still holds it.
        Held = "held",
        /// It was not playing when the request started.
        WasPaused = "was-paused",
        /// The viewer, or another script, played it.
        ViewerPlayed = "viewer-played",
        /// The viewer, or another script, paused it before we did.
        ViewerPaused = "viewer-paused",
        /// The viewer, or another script, moved to a time at which the element that asked is not there. It plays on.
        Seeked = "seeked",
        /// It has another source.
        SourceChanged = "source-changed",
        /// It is not in the document any more.
        Removed = "removed",
        /// It reached its end.
        Ended = "ended",
        /// An action of the project played it.
        ActionPlayed = "action-played",
        /// An action of the project paused it.
        ActionPaused = "action-paused",
        /// `play()` was called, and somebody paused before it took effect.
        Interrupted = "interrupted",
        /// The browser refused `play()` until the viewer acts.
        Blocked = "blocked",
        /// `play()` failed, as with a source that cannot be played.
        Failed = "failed",
    }
}

/// For whom the video stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Holder {
    /// A request that waits for its response.
    Request(RequestId),
    /// An element with `pauseOnAppear`, by its place in the document.
    Element(usize),
    /// The same of a project that was replaced.
    Replaced(usize),
}

/// What is to be done or told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) enum PlaybackStep {
    /// Call `play()`.
    Play(PlayId),
    /// Call `pause()`.
    Pause,
    /// Set the media time, in seconds.
    Seek(f64),
    /// Ask again in [`SEEK_SETTLES_AFTER_MS`](super::SEEK_SETTLES_AFTER_MS) whether the viewer's seek has ended; not asked for twice.
    AwaitSeek,
    /// No need to ask any more.
    ForgetSeek,
    /// Give up waiting for `play()` in [`PLAY_SETTLES_WITHIN_MS`](super::PLAY_SETTLES_WITHIN_MS).
    AwaitPlay,
    /// `play()` has settled.
    ForgetPlay,
    /// The video was paused for a request, or for an element that has appeared.
    Paused(Holder),
    /// A lease has been given back.
    Released(Holder, ResumeReason),
    /// `play()` was refused until the viewer acts.
    Blocked,
    /// The viewer is needed no longer: the video plays.
    Unblocked,
}
