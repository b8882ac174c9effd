//! What signs: secrets that the receiver has, too.

use super::mac::mac;
use crate::config::{SignatureEncoding, SignatureHash};
use crate::secrets::hex;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use std::ops::RangeInclusive;

/// How a signing secret begins.
const PREFIX: &str = "whsec_";

/// Bytes of a signing secret, as Standard Webhooks has it.
const BYTES: RangeInclusive<usize> = 24..=64;

/// Bytes of one that is made here.
const USUAL: usize = 32;

/// Bytes of a compatible secret at most.
pub const MAX_COMPATIBLE: usize = 1024;

/// Why something is no secret that could sign. None of it says what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// It does not begin with `whsec_`, or what follows is no base64.
    #[error(
        "a signing secret is `whsec_` and 24 to 64 random bytes as base64 with padding; `echo whsec_$(openssl rand -base64 32)` makes one"
    )]
    Signing,
    /// It is too short or too long.
    #[error(
        "this signing secret has {0} bytes after `whsec_`, and 24 to 64 are allowed; `echo whsec_$(openssl rand -base64 32)` makes one"
    )]
    SigningLength(usize),
    /// All bytes are the same: somebody has filled in a placeholder.
    #[error("this signing secret is not random; `echo whsec_$(openssl rand -base64 32)` makes one")]
    Placeholder,
    /// It does not begin with `whsk_`, or what follows is not base64 of 64 bytes.
    #[error("an ed25519 key is `whsk_` and 64 bytes as base64 with padding: its seed, and its public half")]
    Ed25519,
    /// It is what receivers have.
    #[error(
        "this is the public half of an ed25519 key, with which nobody can sign; the key itself begins with `whsk_`"
    )]
    Ed25519Public,
    /// The public half belongs to another key.
    #[error("the two halves of this ed25519 key do not belong together; copy the whole key anew")]
    Ed25519Halves,
    /// There is nothing, or too much.
    #[error("a compatible secret is a text of 1 to 1024 bytes")]
    Compatible,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
}

/// The secret of a `v1` signature.
#[derive(Debug)]
pub struct SigningSecret(SecretSlice<u8>);

impl SigningSecret {
    /// A secret as it is written: `whsec_` and base64, of the alphabet with `+` and `/`, with padding, since that is what all receivers
    /// read.
    ///
    /// # Errors
    /// If it is none, with what to write instead.
    pub fn parse(text: &SecretString) -> Result<Self, SecretFault> {
        let encoded = text.expose_secret().strip_prefix(PREFIX).ok_or(SecretFault::Signing)?;
        let bytes = STANDARD.decode(encoded).map(Zeroizing::new).map_err(|_| SecretFault::Signing)?;
        if !BYTES.contains(&bytes.len()) {
            return Err(SecretFault::SigningLength(bytes.len()));
        }
        if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err(SecretFault::Placeholder);
        }
        Ok(Self::of(&bytes))
    }

    /// A new random secret of 32 bytes.
    ///
    /// # Errors
    /// If the operating system gives no random bytes.
    pub fn generate() -> Result<Self, SecretFault> {
        let mut bytes = Zeroizing::new([0; USUAL]);
        getrandom::fill(&mut *bytes).map_err(|_| SecretFault::Random)?;
        Ok(Self::of(&*bytes))
    }

    fn of(bytes: &[u8]) -> Self {
        Self(SecretSlice::new(Box::from(bytes)))
    }

    /// As it is written, for the receiver.
    pub fn to_text(&self) -> SecretString {
        let encoded = Zeroizing::new(STANDARD.encode(self.0.expose_secret()));
        format!("{PREFIX}{}", *encoded).into()
    }

    /// The signature, as base64.
    pub(super) fn sign(&self, parts: &[&[u8]]) -> String {
        STANDARD.encode(mac::<Sha256>(self.0.expose_secret(), parts))
    }
}

/// The secret of a compatible signature: a text that the author has chosen, or another system.
#[derive(Debug)]
pub struct CompatibleSecret(SecretString);

impl CompatibleSecret {
    /// Any text that is not empty.
    ///
    /// # Errors
    /// If it is empty, or longer than [`MAX_COMPATIBLE`].
    pub fn parse(text: SecretString) -> Result<Self, SecretFault> {
        match text.expose_secret().len() {
            1..=MAX_COMPATIBLE => Ok(Self(text)),
            _ => Err(SecretFault::Compatible),
        }
    }

    /// As it was given.
    pub fn text(&self) -> &SecretString {
        &self.0
    }

    /// The HMAC of a body under the bytes of the text.
    pub(super) fn sign(&self, hash: SignatureHash, encoding: SignatureEncoding, body: &[u8]) -> String {
        let (key, parts) = (self.0.expose_secret().as_bytes(), [body]);
        let signature = match hash {
            SignatureHash::Sha1 => mac::<Sha1>(key, &parts),
            SignatureHash::Sha256 => mac::<Sha256>(key, &parts),
            SignatureHash::Sha512 => mac::<Sha512>(key, &parts),
        };
        match encoding {
            SignatureEncoding::Hex => hex(&signature),
            SignatureEncoding::Base64 => STANDARD.encode(signature),
        }
    }
}
