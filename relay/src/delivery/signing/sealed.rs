//! How secrets for signing lie in a webhook's sealed list: beside the values of its secret header fields, under names that no field can
//! have.

use super::ed25519::Ed25519Key;
use super::ring::{KeyRing, Ringed};
use super::secret::{CompatibleSecret, SecretFault, SigningSecret};
use crate::config::Signing;
use crate::store::UnixMs;
use secrecy::{ExposeSecret as _, SecretString};

/// With this begins what is no header field.
const MARK: char = ':';

/// A secret of `v1`: `<created>,<until>,<whsec_…>`, times in milliseconds, `-` for none. Several, the newest one first.
const STANDARD: &str = ":standard";

/// A key of `v1a`, likewise with `whsk_…`.
const ED25519: &str = ":ed25519";

/// The secret of the compatible signature: its text alone.
const COMPATIBLE: &str = ":compatible";

/// What of a webhook's sealed list is for signing.
#[derive(Debug, Default)]
pub struct Secrets {
    /// For `v1`.
    pub standard: KeyRing<SigningSecret>,
    /// For `v1a`.
    pub ed25519: KeyRing<Ed25519Key>,
    /// For the compatible signature. A field has one value, so there is one.
    pub compatible: Option<CompatibleSecret>,
}

/// A name and a value of a sealed list.
type Pair = (String, SecretString);

/// Why a sealed list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedFault {
    /// A later relay has written it.
    #[error("its secret `{0}` is of a kind that this relay does not know")]
    Unknown(String),
    /// It is not as it was written.
    #[error("its secret `{0}` cannot be read")]
    Unreadable(&'static str),
}

impl Secrets {
    /// What of a sealed list is for signing, and the values of header fields, which is the rest.
    ///
    /// # Errors
    /// If there is anything that cannot be read: to sign with what is left would be to sign as somebody else.
    pub fn split(sealed: Vec<Pair>) -> Result<(Self, Vec<Pair>), SealedFault> {
        let (mut secrets, mut headers) = (Self::default(), Vec::new());
        for (name, value) in sealed {
            match name.as_str() {
                STANDARD => read(&mut secrets.standard, &value, STANDARD, SigningSecret::parse)?,
                ED25519 => read(&mut secrets.ed25519, &value, ED25519, Ed25519Key::parse)?,
                COMPATIBLE if secrets.compatible.is_none() => {
                    let secret = CompatibleSecret::parse(value);
                    secrets.compatible = Some(secret.map_err(|_| SealedFault::Unreadable(COMPATIBLE))?);
                }
                COMPATIBLE => return Err(SealedFault::Unreadable(COMPATIBLE)),
                _ if name.starts_with(MARK) => return Err(SealedFault::Unknown(name)),
                _ => headers.push((name, value)),
            }
        }
        Ok((secrets, headers))
    }

    /// The sealed list: these, and the values of header fields.
    pub fn join(&self, headers: Vec<Pair>) -> Vec<Pair> {
        let standard = self.standard.all().iter().map(|one| written(STANDARD, one, one.key.to_text()));
        let ed25519 = self.ed25519.all().iter().map(|one| written(ED25519, one, one.key.to_text()));
        let compatible = self.compatible.iter().map(|secret| (COMPATIBLE.to_owned(), secret.text().clone()));
        standard.chain(ed25519).chain(compatible).chain(headers).collect()
    }

    /// Drops those that have run out. Says whether there were any: then the list is worth sealing anew.
    pub fn retire(&mut self, now: UnixMs) -> bool {
        // Not `||`, which would leave the second alone.
        self.standard.retire(now) | self.ed25519.retire(now)
    }

    /// What the settings ask for and is not there, in words: a request without it would be refused, or worse, believed.
    pub fn lacks(&self, settings: &Signing) -> Option<&'static str> {
        if settings.ed25519 && self.ed25519.all().is_empty() {
            return Some("the ed25519 key of its signature is missing");
        }
        let lacks = settings.compatible.is_some() && self.compatible.is_none();
        lacks.then_some("the secret of its compatible signature is missing")
    }
}

fn read<K>(
    ring: &mut KeyRing<K>,
    value: &SecretString,
    name: &'static str,
    parse: impl Fn(&SecretString) -> Result<K, SecretFault>,
) -> Result<(), SealedFault> {
    let ringed = || {
        let (created, rest) = value.expose_secret().split_once(',')?;
        let (until, text) = rest.split_once(',')?;
        let until = match until {
            "-" => None,
            until => Some(until.parse().ok()?),
        };
        Some(Ringed { key: parse(&text.into()).ok()?, created: created.parse().ok()?, until })
    };
    let ringed = ringed().ok_or(SealedFault::Unreadable(name))?;
    ring.push(ringed).map_err(|_| SealedFault::Unreadable(name))
}

fn written<K>(name: &str, ringed: &Ringed<K>, text: SecretString) -> Pair {
    let until = ringed.until.map_or_else(|| "-".to_owned(), |until| until.to_string());
    (name.to_owned(), format!("{},{until},{}", ringed.created, text.expose_secret()).into())
}
