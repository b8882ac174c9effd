//! From a trigger to bytes and back: the body of a request, what an answer means, and when to try again.

mod answer;
mod body;
mod headers;
mod retry;

pub use answer::{BODY_LIMIT, Fault, JSON_DEPTH, classify};
pub use body::{BodyFields, body};
pub use headers::{headers, unsendable};
pub use retry::{delay_ms, is_retryable};
