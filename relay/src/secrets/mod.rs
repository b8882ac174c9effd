//! What nobody is shown: keys, what is sealed under them, and taking secrets out of texts.
//!
//! - [`MasterKey`]: 32 random bytes, from which everything else follows. [`Vault`]: seals the values of secret header fields.
//! - [`redact()`]: takes secrets out of what somebody else has written, before anybody reads it.

mod key;
mod redact;
mod vault;

pub use key::{KeyFault, MasterKey};
pub use redact::{REMOVED, Redacted, SHORTEST_SECRET, redact, redact_text};
pub use vault::{Vault, VaultFault};
