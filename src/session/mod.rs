//! A viewer's session: what was done (the interaction log), what is known (the context), and what of all that a receiver
//! is told.

mod context;
mod log;
mod page;

pub use context::{Assignment, Context, IncludeContext, MAX_VARIABLES, RESERVED_NAMES};
pub use log::{Include, InteractionLog, MAX_BYTES, MAX_INTERACTIONS};
pub use page::PageAddress;
