//! A viewer's session: what was done (the interaction log), what is known (the context), and identifiers.

mod context;
mod id;
mod log;
pub(crate) mod timestamp;

pub use context::{Context, MAX_VARIABLES};
pub use id::IdSource;
pub use log::{Interaction, InteractionLog, MAX_BYTES, MAX_INTERACTIONS};
pub use timestamp::rfc3339;
