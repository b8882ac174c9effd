//! The state machine: [`Input`]s in, [`Effect`]s out. No clock, no DOM, no network.

mod effect;
#[allow(clippy::module_inception)]
mod engine;
mod input;

pub use effect::{Change, Effect, Event, Notice, NoticeButton, NoticeKind, Request};
pub use engine::{Engine, Setup};
pub use input::{
    Answer, Input, Media, MediaEvent, Moment, PlayOutcome, RequestId, Target, Timer, TransportFailure,
};
