//! What holds for every input that a relay reads from outside. Each property panics where it does not hold: the fuzzer looks for inputs
//! that make it, and `relay/tests/corpus.rs` runs the inputs that were kept, and changed ones.
#![allow(dead_code, unused_imports)] // Each target uses one of them.

mod answers;
mod config;
mod requests;
mod templates;
mod tokens;
mod urls;

pub use answers::{relay_answer, relay_secrets};
pub use config::relay_config;
pub use requests::{relay_events, relay_head};
pub use templates::relay_template;
pub use tokens::relay_token;
pub use urls::relay_url;

/// What separates the parts of an input, on a line of its own.
const SEPARATOR: &[u8] = b"\n===\n";

/// What lies before the first separator, and after it.
fn split(input: &[u8]) -> (&[u8], &[u8]) {
    match input.windows(SEPARATOR.len()).position(|window| window == SEPARATOR) {
        Some(at) => (&input[..at], &input[at + SEPARATOR.len()..]),
        None => (input, &[]),
    }
}
