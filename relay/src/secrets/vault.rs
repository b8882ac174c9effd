//! Seals the values of secret header fields, so that a copy of the database says nothing.
//!
//! What is sealed looks like this: version (1 byte, `1`), id of the master key (8 bytes), nonce (24 bytes, random), and what
//! XChaCha20-Poly1305 makes of the fields. Version, key and the webhook's id are its associated data: what is sealed for one webhook
//! cannot be put into the row of another.

use super::key::{KeyFault, MasterKey, hex};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
const LABEL: &[u8] = b"cuehook-relay webhook secrets";

/// The bytes of the secret header fields of one webhook, names and values together, are fewer than this.
pub const MAX_SECRETS: usize = 256 * 1024;

/// Seals under the first of its master keys, and opens what was sealed under any of them.
#[derive(Clone)]
pub struct Vault {
    first: MasterKey,
    others: Arc<[MasterKey]>,
}

/// Why something cannot be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultFault {
    /// It was sealed under a master key that is not configured.
    #[error(
        "it is sealed under the master key {0}, which is not among the configured ones; add it after the first one"
    )]
    UnknownKey(String),
    /// It is shorter than anything that was sealed.
    #[error("what is sealed is cut off")]
    Truncated,
    /// It is of a version that this relay does not know.
    #[error("what is sealed is of version {0}, which this relay does not know")]
    UnknownVersion(u8),
    /// Bytes were changed, or it was sealed for another webhook.
    #[error("what is sealed was changed, or belongs to another webhook")]
    Changed,
    /// It can be opened, and there is something else inside.
    #[error("what is sealed is not a list of header fields")]
    Unreadable,
    /// There is too much to be sealed.
    #[error("the secret header fields of a webhook are less than 256 KiB together")]
    TooLarge,
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random,
}

impl Vault {
    /// Seals under `first`; opens what was sealed under `first` or `others`.
    pub fn new(first: MasterKey, others: Vec<MasterKey>) -> Self {
        Self { first, others: others.into() }
    }

    /// Seals header fields of a webhook. Of none it makes nothing.
    ///
    /// # Errors
    /// If there is too much, or the operating system gives no random bytes.
    pub fn seal(&self, webhook: &str, headers: &[(String, SecretString)]) -> Result<Vec<u8>, VaultFault> {
        if headers.is_empty() {
            return Ok(Vec::new());
        }
        let mut buffer = write(headers)?;
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| VaultFault::Random)?;
        let head = head(&self.first);
        cipher(&self.first)
            .encrypt_in_place(&XNonce::from(nonce), &associated(&head, webhook), &mut *buffer)
            .map_err(|_| VaultFault::TooLarge)?;
        Ok([head.as_slice(), &nonce, &buffer].concat())
    }

    /// Opens what was sealed for a webhook.
    ///
    /// # Errors
    /// If its key is not here, or it is not what was sealed for this webhook.
    pub fn unseal(&self, webhook: &str, sealed: &[u8]) -> Result<Vec<(String, SecretString)>, VaultFault> {
        if sealed.is_empty() {
            return Ok(Vec::new());
        }
        let (version, after) = sealed.split_first().ok_or(VaultFault::Truncated)?;
        if *version != VERSION {
            return Err(VaultFault::UnknownVersion(*version));
        }
        let (id, after) = after.split_first_chunk::<8>().ok_or(VaultFault::Truncated)?;
        let (nonce, ciphertext) = after.split_first_chunk::<NONCE>().ok_or(VaultFault::Truncated)?;
        if ciphertext.len() < TAG {
            return Err(VaultFault::Truncated);
        }
        if ciphertext.len() > MAX_SECRETS + TAG {
            return Err(VaultFault::TooLarge);
        }
        let key = self.keys().find(|key| key.id() == *id).ok_or_else(|| VaultFault::UnknownKey(hex(id)))?;
        let mut buffer = Zeroizing::new(ciphertext.to_vec());
        cipher(key)
            .decrypt_in_place(&XNonce::from(*nonce), &associated(&head(key), webhook), &mut *buffer)
            .map_err(|_| VaultFault::Changed)?;
        read(&buffer).ok_or(VaultFault::Unreadable)
    }

    /// Whether it is sealed under the first master key, or there is nothing to be sealed.
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.is_empty() || sealed.starts_with(&head(&self.first))
    }

    /// The master keys, the first one first.
    fn keys(&self) -> impl Iterator<Item = &MasterKey> {
        [&self.first].into_iter().chain(self.others.iter())
    }
}

impl Debug for Vault {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.keys()).finish()
    }
}

impl From<KeyFault> for VaultFault {
    fn from(_: KeyFault) -> Self {
        Self::Random
    }
}

fn cipher(key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

/// Version and key: how what is sealed begins.
fn head(key: &MasterKey) -> [u8; 9] {
    let mut head = [VERSION; 9];
    for (to, from) in head.iter_mut().skip(1).zip(key.id()) {
        *to = from;
    }
    head
}

fn associated(head: &[u8], webhook: &str) -> Vec<u8> {
    [LABEL, head, webhook.as_bytes()].concat()
}

/// Names and values, each after its length in four bytes. With room for the tag: growing would leave a copy behind.
fn write(headers: &[(String, SecretString)]) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
    let texts = || headers.iter().flat_map(|(name, value)| [name.as_str(), value.expose_secret()]);
    let size = texts().fold(0_usize, |size, text| size.saturating_add(text.len()).saturating_add(4));
    if size > MAX_SECRETS {
        return Err(VaultFault::TooLarge);
    }
    let mut buffer = Zeroizing::new(Vec::with_capacity(size + TAG));
    for text in texts() {
        let length = u32::try_from(text.len()).map_err(|_| VaultFault::TooLarge)?;
        buffer.extend_from_slice(&length.to_le_bytes());
        buffer.extend_from_slice(text.as_bytes());
    }
    Ok(buffer)
}

fn read(mut bytes: &[u8]) -> Option<Vec<(String, SecretString)>> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let name = read_text(&mut bytes)?.to_owned();
        headers.push((name, read_text(&mut bytes)?.into()));
    }
    Some(headers)
}

fn read_text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    let (length, after) = bytes.split_first_chunk::<4>()?;
    let (text, after) = after.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    *bytes = after;
    std::str::from_utf8(text).ok()
}
