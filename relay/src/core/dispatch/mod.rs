//! Deliveries of events, decided without a clock, a database or a network: [`Input`] in, [`Effect`]s out.
//!
//! Whoever drives it does what the effects say and tells how that ended, in any order. What is told twice, or too late, changes
//! nothing. The way of a delivery: due in the store → claimed → sent → settled. Who is to be sent an event was decided when it was
//! taken (`core/intake`).
//!
//! - [`machine`]: what is in hand, who deals with which input, and when it wakes up. [`limits`]: how much is in hand at most.
//! - `claims`: what is taken from the store, and what is given back. `sending`: what is sent when. `settling`: what became of it is
//!   written down, and what is held for long is renewed.
//! - `judge`: what the end of an attempt means. `schedule`: when the next one is.
//! - `endpoint`: how many requests an endpoint gets at once. `breaker`: none for a while, if it fails. `health`: what is remembered of
//!   it, when it is disabled, and the events that tell of that.

mod breaker;
mod claims;
mod effect;
mod endpoint;
mod health;
mod input;
mod judge;
pub mod limits;
pub mod machine;
mod schedule;
mod sending;
mod settling;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use effect::{Effect, Sending};
pub use input::{End, Input, Known, Sent};
pub use limits::Limits;
pub use machine::{Dispatch, Figures};
