//! Brings the webhooks of the configuration into the store.

use super::{ManagedBy, Settings, Webhook};
use crate::secrets::{Vault, VaultFault};
use crate::store::{Store, StoreError, StoredWebhook, UnixMs};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

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
        let same = match &old {
            Some(old) => holds(&settings.vault, old, secrets),
            None => Ok(false),
        };
        let same = match same {
            Err(_) if settings.replace_sealed => {
                applied.replaced.push(id.clone());
                false
            }
            same => same.map_err(|fault| ApplyFault::Sealed { webhook: id.clone(), fault })?,
        };
        let sealed = match old {
            Some(old) if same && old.settings == text => continue,
            Some(old) if same => old.sealed,
            _ => settings
                .vault
                .seal(&id, secrets)
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

/// Whether a stored webhook holds just these secrets.
fn holds(
    vault: &Vault,
    stored: &StoredWebhook,
    secrets: &[(String, SecretString)],
) -> Result<bool, VaultFault> {
    let held = vault.unseal(&stored.id, &stored.sealed)?;
    let same = |(one, other): (&(String, SecretString), &(String, SecretString))| {
        one.0 == other.0 && one.1.expose_secret() == other.1.expose_secret()
    };
    Ok(held.len() == secrets.len() && held.iter().zip(secrets).all(same))
}
