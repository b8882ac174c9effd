//! The relay's decisions, without a clock, a database or a network: [`Input`] in, [`Effect`]s out.
//!
//! Whoever drives it does what the effects say and tells how that ended, in any order. What a player waits for has a [`Ticket`]; each
//! ticket gets exactly one [`Reply`]. What is told twice, or too late, changes nothing.
//!
//! - [`machine`]: what is under way, and who deals with which input.
//! - `call`: the way of a call. `doubt`: calls of which nobody knows whether they were begun. `answer`: what a webhook's answer means.
//!   `ask`: what became of a call.
//! - `intake`: events. `webhooks`: who is sent them, and who may be called; `filter`, [`projects`]: what of them.
//! - [`dispatch`]: deliveries of events, by a machine of its own.
//! - [`limits`]: how much is taken of whom. `drain`: the end.

pub(crate) mod answer;
mod ask;
mod call;
pub mod dispatch;
mod doubt;
mod drain;
pub mod effect;
mod filter;
pub mod input;
mod intake;
pub mod limits;
pub mod machine;
pub mod projects;
mod refusal;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod webhooks;

pub use effect::{Effect, Refusal, Reply};
pub use filter::path_fault;
pub use input::{Attempted, CallRequest, EventRequest, Input, Player, Sender, Ticket};
pub use limits::{Limits, Rate};
pub use machine::{Core, Figures, Now};
pub use projects::Projects;
