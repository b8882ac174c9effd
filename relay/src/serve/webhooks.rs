//! Webhooks: from the file into the store, and from the store to where they are used.

use super::wall_ms;
use crate::config::{Settings, Webhook};
use crate::secrets::{Vault, VaultFault};
use crate::store::{Store, StoreError, StoredWebhook};
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::Arc;

/// A webhook as it is called.
#[derive(Debug)]
pub struct Loaded {
    /// What may be shown of it.
    pub settings: Webhook,
    /// All header fields, those with secret values, too.
    pub headers: Vec<(String, SecretString)>,
    /// The secret values, which nobody is to see.
    pub secrets: Vec<SecretString>,
}

/// All webhooks that are known.
#[derive(Debug, Default)]
pub struct Webhooks {
    by_id: HashMap<String, Loaded>,
}

impl Webhooks {
    /// Opens what is stored. What cannot be opened or read is left out, and the log says so.
    pub fn open(stored: &[StoredWebhook], vault: &Vault) -> Self {
        let opened = stored.iter().filter_map(|stored| match load(stored, vault) {
            Ok(loaded) => Some((stored.id.clone(), loaded)),
            Err(reason) => {
                tracing::error!(webhook = stored.id, reason, "a webhook cannot be used");
                None
            }
        });
        Self { by_id: opened.collect() }
    }

    /// The one with this id.
    pub fn get(&self, id: &str) -> Option<&Loaded> {
        self.by_id.get(id)
    }

    /// Those of all, without secrets.
    pub(super) fn settings(&self) -> Arc<[Webhook]> {
        self.by_id.values().map(|webhook| webhook.settings.clone()).collect()
    }
}

fn load(stored: &StoredWebhook, vault: &Vault) -> Result<Loaded, String> {
    let settings: Webhook = serde_json::from_str(&stored.settings).map_err(|error| error.to_string())?;
    let sealed = vault.unseal(&stored.id, &stored.sealed).map_err(|fault| fault.to_string())?;
    let mut headers = Vec::with_capacity(settings.headers.len());
    for header in &settings.headers {
        let value = match &header.value {
            Some(value) => SecretString::from(value.as_str()),
            None => {
                let secret = sealed.iter().find(|(name, _)| name.eq_ignore_ascii_case(&header.name));
                // Calling it without would be calling it as somebody else.
                let (_, value) = secret.ok_or_else(|| format!("the value of its header `{}` is missing", header.name))?;
                value.clone()
            }
        };
        headers.push((header.name.clone(), value));
    }
    let secrets = sealed.into_iter().map(|(_, value)| value).collect();
    Ok(Loaded { settings, headers, secrets })
}

/// Why the webhooks of the file cannot be stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum ApplyFault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the webhook `{0}` cannot be sealed or opened: {1}")]
    Vault(String, VaultFault),
    #[error("the webhook `{0}` cannot be written: {1}")]
    Settings(String, serde_json::Error),
}

/// Stores the webhooks of the file, and removes those that are not in it any more. What has not changed is not written.
pub(super) async fn apply(settings: &Settings, store: &dyn Store) -> Result<(), ApplyFault> {
    let stored = store.webhooks().await?;
    let mut put = Vec::new();
    for (webhook, secrets) in &settings.webhooks {
        let text = serde_json::to_string(webhook).map_err(|error| ApplyFault::Settings(webhook.id.clone(), error))?;
        let before = stored.iter().find(|stored| stored.id == webhook.id);
        if let Some(before) = before
            && is_same(before, &text, secrets, settings)?
        {
            continue;
        }
        let sealed = settings.vault.seal(&webhook.id, secrets);
        let sealed = sealed.map_err(|fault| ApplyFault::Vault(webhook.id.clone(), fault))?;
        put.push(StoredWebhook { id: webhook.id.clone(), settings: text, sealed, updated_at: wall_ms() });
    }
    let is_left = |id: &str| !settings.webhooks.iter().any(|(webhook, _)| webhook.id == id);
    let remove: Vec<String> = stored.into_iter().map(|stored| stored.id).filter(|id| is_left(id)).collect();
    if put.is_empty() && remove.is_empty() {
        return Ok(());
    }
    tracing::info!(written = put.len(), removed = remove.len(), "the webhooks of the file have changed");
    Ok(store.put_webhooks(put, remove, wall_ms()).await?)
}

/// Whether a webhook is stored as it stands in the file.
fn is_same(
    before: &StoredWebhook,
    text: &str,
    secrets: &[(String, SecretString)],
    settings: &Settings,
) -> Result<bool, ApplyFault> {
    let sealed = match settings.vault.unseal(&before.id, &before.sealed) {
        Ok(sealed) => sealed,
        Err(_) if settings.replace_sealed => return Ok(false),
        Err(fault) => return Err(ApplyFault::Vault(before.id.clone(), fault)),
    };
    let is_equal = |(one, other): (&(String, SecretString), &(String, SecretString))| {
        one.0 == other.0 && one.1.expose_secret() == other.1.expose_secret()
    };
    let has_same_secrets = sealed.len() == secrets.len() && sealed.iter().zip(secrets).all(is_equal);
    Ok(before.settings == text && has_same_secrets && settings.vault.is_current(&before.sealed))
}
