//! A viewer's session: what was done (the interaction log), what is known (the context), and identifiers.

mod context;
pub use context::Context;
