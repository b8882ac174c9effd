//! The state machine: [`Input`]s in, [`Effect`]s out. No clock, no DOM, no network.
//!
//! [`Engine::handle`] takes an input with the [`Moment`] at which it happened and appends effects, in the order in
//! which the shell carries them out. What an input leads to is decided in three steps: state changes (`machine`;
//! `clicks`; `trigger`, `requests` and `settle`; `playback`), chains of actions until none is left (`chain`), and the stage
//! (`stage`, `notices`). `survive` has requests written down before they are sent, and
//! `relay` knows what a relay says of its webhooks. Last of all the page may be left (`leaving`).

mod chain;
mod clicks;
mod detail;
mod effect;
mod entries;
mod event;
mod heard;
mod input;
mod kept;
mod leaving;
mod machine;
mod notices;
mod playback;
mod relay;
mod requests;
mod schedule;
mod settle;
mod stage;
mod survive;
mod trigger;

pub use effect::{Attempt, Effect, Mark, Notice, NoticeButton, NoticeKind, Saying, Token, Verdict};
pub use event::{Event, EventName};
pub use input::{
    Command, Control, Cue, Input, Media, MediaEvent, Moment, PlayId, PlayOutcome, RequestId, Target, Timer,
};
pub use kept::{Kept, MAX_RECORD};
pub use machine::{Engine, Setup};
pub use playback::ResumeReason;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod simulation;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
