//! Brings the webhooks of the configuration into the store.

use super::{ManagedBy, Settings, Webhook};
use crate::delivery::signing::Ed25519Key;
use crate::secrets::VaultFault;
use crate::store::{Store, StoreError, StoredWebhook, UnixMs};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

/// A name and a value of what is sealed of a webhook.
type Secret = (String, SecretString);

/// The name of the key of `v1a` among them.
const KEY: &str = ":ed25519";

/// What has changed in the store; ids of webhooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// New or changed.
    pub put: Vec<String>,
    /// Not in the configuration any more.
    pub removed: Vec<String>,
    /// Of `put`: their secrets could not be opened, and were sealed anew.
    pub replaced: Vec<String>,
}

/// Why it could not be done. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyFault {
    /// The store cannot do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Secrets of this webhook in the store cannot be opened: this relay has another master key than the one that sealed them, and they may
    /// be in use.
    #[error(
        "the secrets of webhook `{webhook}` in the database cannot be opened: {fault}; if that key is lost, start once with \
         `--replace-sealed`, which seals them anew from the configuration"
    )]
    Sealed {
        /// The webhook.
        webhook: String,
        /// Why.
        fault: VaultFault,
    },
    /// Secrets of this webhook cannot be sealed.
    #[error("the secrets of webhook `{webhook}` cannot be sealed: {fault}")]
    Seal {
        /// The webhook.
        webhook: String,
        /// Why.
        fault: VaultFault,
    },
    /// The management API has registered a webhook with this id.
    #[error(
        "webhook `{0}` of the configuration has the id of one that was registered by the management API; give it another id, or \
         remove that one: `cuehook-relay webhooks remove {0}`"
    )]
    Taken(String),
    /// Its settings cannot be written as JSON.
    #[error("the settings of webhook `{0}` cannot be written")]
    Settings(String),
}

/// Adds webhooks of the configuration to the store, replaces those that have changed, and removes those that are not in it, in one
/// transaction. Others are not touched, so that it costs nothing at the next start; nor are those that the management API has registered.
///
/// # Errors
/// If the store cannot do it, holds secrets that cannot be opened, or has another webhook under one of the ids.
pub async fn apply(store: &dyn Store, settings: &Settings, now: UnixMs) -> Result<Applied, ApplyFault> {
    let stored = store.webhooks().await?;
    let mut stored: BTreeMap<String, StoredWebhook> =
        stored.into_iter().map(|webhook| (webhook.id.clone(), webhook)).collect();
    let of_api: Vec<String> =
        stored.values().filter(|webhook| is_of_api(webhook)).map(|webhook| webhook.id.clone()).collect();
    for id in of_api {
        stored.remove(&id);
        if settings.webhooks.iter().any(|(webhook, _)| webhook.id == id) {
            return Err(ApplyFault::Taken(id));
        }
    }
    let (mut applied, mut put) = (Applied::default(), Vec::new());
    for (webhook, secrets) in &settings.webhooks {
        let id = webhook.id.clone();
        let text = serde_json::to_string(webhook).map_err(|_| ApplyFault::Settings(id.clone()))?;
        let old = stored.remove(&id);
        let held = match &old {
            Some(old) => settings.vault.unseal(&id, &old.sealed).map(Some),
            None => Ok(None),
        };
        let held = match held {
            Err(_) if settings.replace_sealed => {
                applied.replaced.push(id.clone());
                None
            }
            held => held.map_err(|fault| ApplyFault::Sealed { webhook: id.clone(), fault })?,
        };
        let secrets = with_key(webhook, secrets, held.as_deref().unwrap_or_default())
            .map_err(|fault| ApplyFault::Seal { webhook: id.clone(), fault })?;
        let same = held.is_some_and(|held| is_same(&held, &secrets));
        let sealed = match old {
            Some(old) if same && old.settings == text => continue,
            Some(old) if same => old.sealed,
            _ => settings
                .vault
                .seal(&id, &secrets)
                .map_err(|fault| ApplyFault::Seal { webhook: id.clone(), fault })?,
        };
        applied.put.push(id.clone());
        put.push(StoredWebhook { id, settings: text, sealed, updated_at: now });
    }
    applied.removed = stored.into_keys().collect();
    if !put.is_empty() || !applied.removed.is_empty() {
        store.put_webhooks(put, applied.removed.clone(), now).await?;
    }
    Ok(applied)
}

/// Whether the management API looks after it. What cannot be read was written by another version, from a file.
fn is_of_api(stored: &StoredWebhook) -> bool {
    let settings: Result<Webhook, _> = serde_json::from_str(&stored.settings);
    settings.is_ok_and(|settings| settings.managed_by == ManagedBy::Api)
}

/// With the key of `v1a`, if the webhook is signed like that: the one that it has, or a new one. It is in no file, since receivers need
/// only its public half.
fn with_key(webhook: &Webhook, secrets: &[Secret], held: &[Secret]) -> Result<Vec<Secret>, VaultFault> {
    let mut secrets = secrets.to_vec();
    if webhook.signing.ed25519 {
        let before = secrets.len();
        secrets.extend(held.iter().filter(|(name, _)| name == KEY).cloned());
        if secrets.len() == before {
            let key = Ed25519Key::generate().map_err(|_| VaultFault::Random)?;
            let text = format!("0,-,{}", key.to_text().expose_secret());
            secrets.push((KEY.to_owned(), text.into()));
        }
    }
    Ok(secrets)
}

/// Whether just these secrets are held.
fn is_same(held: &[Secret], secrets: &[Secret]) -> bool {
    let same = |(one, other): (&Secret, &Secret)| {
        one.0 == other.0 && one.1.expose_secret() == other.1.expose_secret()
    };
    held.len() == secrets.len() && held.iter().zip(secrets).all(same)
}
