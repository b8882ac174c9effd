//! Signatures, by which a receiver knows whose a request is, and that nobody has changed it.
//!
//! - [`sign`]: the header fields of a request. Always `webhook-signature` as Standard Webhooks 1.0 has it: `v1` (HMAC-SHA-256), and
//!   `v1a` (ed25519) where settings ask for it. Besides, for receivers of other systems, an HMAC in a field of the author's choice.
//! - [`SigningSecret`], [`Ed25519Key`], [`CompatibleSecret`]: what signs, one for each of these.
//! - [`KeyRing`]: several secrets at a time, while receivers go over from one to the next.
//! - [`Secrets`]: all of them for one webhook, and how they lie in its sealed list beside the values of secret header fields.

mod ed25519;
mod mac;
mod ring;
mod sealed;
mod secret;
mod sign;
#[cfg(test)]
mod tests;

pub use ed25519::Ed25519Key;
pub use ring::{KeyRing, MAX_LIVE, MAX_OVERLAP_MS, OVERLAP_MS, Ringed, RotateFault};
pub use sealed::{SealedFault, Secrets};
pub use secret::{CompatibleSecret, MAX_COMPATIBLE, SecretFault, SigningSecret};
pub use sign::{SIGNATURE_FIELD, sign};
