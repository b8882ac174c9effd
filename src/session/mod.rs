//! A viewer's session: what was done (the interaction log), and what is known (the context).

mod context;
mod log;

pub use context::{Assignment, Context, MAX_VARIABLES};
pub use log::{Include, InteractionLog, MAX_BYTES, MAX_INTERACTIONS};
