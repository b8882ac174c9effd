//! What a response means. (When an attempt is repeated, and what it carries, is the protocol's: [`crate::protocol`].)

mod relay;
mod response;

pub use crate::protocol::RESPONSE_DEPTH as JSON_DEPTH;
pub use relay::{Next, hear};
pub use response::classify;
