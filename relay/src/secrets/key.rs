//! The master key.

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::Sha256;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

/// 32 random bytes, under which secrets are sealed and from which other keys are derived. Cloning does not copy them.
#[derive(Clone)]
pub struct MasterKey {
    bytes: Arc<SecretBox<[u8; 32]>>,
    id: [u8; 8],
}

/// Why a key cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// It is no base64, or not of 32 bytes.
    #[error(
        "a master key is 32 random bytes as base64, 44 characters; `cuehook-relay key --master` makes one"
    )]
    Unreadable,
    /// All bytes are the same: somebody has filled in a placeholder.
    #[error("this master key is not random; `cuehook-relay key --master` makes one")]
    Placeholder,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
}

impl MasterKey {
    /// A key as it is written: base64, of either alphabet, with or without padding.
    ///
    /// # Errors
    /// If it is no base64 of 32 bytes, or obviously not random.
    pub fn parse(text: &SecretString) -> Result<Self, KeyFault> {
        const ENGINES: [GeneralPurpose; 4] = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
        let text = text.expose_secret();
        if text.len() > 64 {
            return Err(KeyFault::Unreadable);
        }
        let decoded = ENGINES.iter().find_map(|engine| engine.decode(text).ok().map(Zeroizing::new));
        let mut bytes = Box::new([0; 32]);
        let decoded = decoded.filter(|decoded| decoded.len() == bytes.len()).ok_or(KeyFault::Unreadable)?;
        bytes.copy_from_slice(&decoded);
        if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err(KeyFault::Placeholder);
        }
        Ok(Self::of(bytes))
    }

    /// A new random key.
    ///
    /// # Errors
    /// If the operating system gives no random bytes.
    pub fn generate() -> Result<Self, KeyFault> {
        let mut bytes = Box::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| KeyFault::Random)?;
        Ok(Self::of(bytes))
    }

    fn of(bytes: Box<[u8; 32]>) -> Self {
        let bytes = Arc::new(SecretBox::new(bytes));
        let mut id = [0; 8];
        for (to, from) in id.iter_mut().zip(hmac(bytes.expose_secret(), "cuehook-relay key id").iter()) {
            *to = *from;
        }
        Self { bytes, id }
    }

    /// Which key it is; says nothing about the key itself.
    pub fn id(&self) -> [u8; 8] {
        self.id
    }

    /// As it is written: base64.
    pub fn to_text(&self) -> SecretString {
        STANDARD.encode(self.bytes.expose_secret()).into()
    }

    /// A key for another purpose, 43 characters: HMAC-SHA-256 of the label under this key, as base64 for URLs.
    pub fn derive(&self, label: &str) -> SecretString {
        URL_SAFE_NO_PAD.encode(hmac(self.bytes.expose_secret(), label).as_slice()).into()
    }

    /// The key itself.
    pub(super) fn bytes(&self) -> &[u8; 32] {
        self.bytes.expose_secret()
    }
}

impl Debug for MasterKey {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "MasterKey({})", hex(&self.id))
    }
}

/// Bytes in hexadecimal, in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac(key: &[u8; 32], label: &str) -> Zeroizing<[u8; 32]> {
    // A key shorter than a block is one with zeros after it (RFC 2104); so there is no error to invent a name for.
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut hmac = Hmac::<Sha256>::new((&*block).into());
    hmac.update(label.as_bytes());
    Zeroizing::new(hmac.finalize().into_bytes().into())
}
