//! What nobody is shown: keys, what is sealed under them, and taking secrets out of texts.
//!
//! - [`MasterKey`]: 32 random bytes, from which everything else follows. [`Vault`]: seals the values of secret header fields.
//! - [`key_file()`]: a master key that is made when there is none. [`secret()`]: what `env:NAME` and `file:/path` stand for.
//! - [`redact()`]: takes secrets out of what somebody else has written, before anybody reads it.

mod key;
mod key_file;
mod redact;
mod source;
#[cfg(test)]
mod tests;
mod vault;

pub(crate) use key::hex;
pub use key::{KeyFault, MasterKey};
pub use key_file::{KeyFileFault, key_file, read_key_file};
pub use redact::{REMOVED, Redacted, SHORTEST_SECRET, redact, redact_text};
pub use source::{MAX_SECRET, SourceFault, secret};
pub use vault::{Vault, VaultFault};
