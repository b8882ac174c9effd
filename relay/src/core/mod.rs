//! The relay's decisions, without a clock, a database or a network: [`Input`] in, [`Effect`]s out.
//!
//! Whoever drives it does what the effects say and tells how that ended, in any order. What a player waits for has a [`Ticket`]; each
//! ticket gets exactly one [`Reply`].

pub mod effect;
pub mod input;

pub use effect::{Effect, Refusal, Reply};
pub use input::{Attempted, CallRequest, EventRequest, Input, Player, Sender, Ticket};
