//! What signs: a key whose public half is all that a receiver needs.

use super::secret::SecretFault;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::ed25519::signature::MultipartSigner as _;
use ed25519_dalek::{KEYPAIR_LENGTH, SECRET_KEY_LENGTH, SigningKey};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

/// How a key begins.
const PREFIX: &str = "whsk_";

/// How its public half begins.
const PUBLIC_PREFIX: &str = "whpk_";

/// The key of a `v1a` signature. `Debug` shows its public half.
#[derive(Debug)]
pub struct Ed25519Key(SigningKey);

impl Ed25519Key {
    /// A key as it is written: `whsk_`, and base64 of its seed and its public half, 32 bytes each.
    ///
    /// # Errors
    /// If it is none, with what to write instead.
    pub fn parse(text: &SecretString) -> Result<Self, SecretFault> {
        let text = text.expose_secret();
        if text.starts_with(PUBLIC_PREFIX) {
            return Err(SecretFault::Ed25519Public);
        }
        let encoded = text.strip_prefix(PREFIX).ok_or(SecretFault::Ed25519)?;
        let bytes = STANDARD.decode(encoded).map(Zeroizing::new).map_err(|_| SecretFault::Ed25519)?;
        let bytes: &[u8; KEYPAIR_LENGTH] = bytes.as_slice().try_into().map_err(|_| SecretFault::Ed25519)?;
        SigningKey::from_keypair_bytes(bytes).map(Self).map_err(|_| SecretFault::Ed25519Halves)
    }

    /// A new random key.
    ///
    /// # Errors
    /// If the operating system gives no random bytes.
    pub fn generate() -> Result<Self, SecretFault> {
        let mut seed = Zeroizing::new([0; SECRET_KEY_LENGTH]);
        getrandom::fill(&mut *seed).map_err(|_| SecretFault::Random)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// As it is written. Nobody but the relay needs it.
    pub fn to_text(&self) -> SecretString {
        let encoded = Zeroizing::new(STANDARD.encode(*Zeroizing::new(self.0.to_keypair_bytes())));
        format!("{PREFIX}{}", *encoded).into()
    }

    /// Its public half as it is written, for receivers: `whpk_` and base64. It is no secret.
    pub fn public(&self) -> String {
        format!("{PUBLIC_PREFIX}{}", STANDARD.encode(self.0.verifying_key().as_bytes()))
    }

    /// The signature, as base64.
    pub(super) fn sign(&self, parts: &[&[u8]]) -> String {
        STANDARD.encode(self.0.multipart_sign(parts).to_bytes())
    }
}
