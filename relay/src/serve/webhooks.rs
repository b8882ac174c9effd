//! Webhooks: from the store to where they are used.

use crate::config::Webhook;
use crate::delivery::prepare::Recipient;
use crate::delivery::signing::Secrets;
use crate::secrets::Vault;
use crate::store::StoredWebhook;
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::Arc;

/// A webhook as it is called.
#[derive(Debug)]
pub struct Loaded {
    /// What may be shown of it.
    pub settings: Webhook,
    /// All header fields, those with secret values, too.
    pub headers: Vec<(String, SecretString)>,
    /// With what it signs.
    pub signing: Secrets,
    /// The secret values, which nobody is to see.
    pub secrets: Vec<SecretString>,
}

impl Loaded {
    /// To whom a request goes; `url` is the address that a project has chosen instead of its own.
    pub(super) fn recipient<'a>(&'a self, url: Option<&'a str>) -> Recipient<'a> {
        Recipient { webhook: &self.settings, headers: &self.headers, secrets: &self.signing, url }
    }
}

/// All webhooks that are known.
#[derive(Debug)]
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
    let (signing, sealed) = Secrets::split(sealed).map_err(|fault| fault.to_string())?;
    if let Some(missing) = signing.lacks(&settings.signing) {
        return Err(missing.to_owned());
    }
    let mut headers = Vec::with_capacity(settings.headers.len());
    for header in &settings.headers {
        let value = match &header.value {
            Some(value) => SecretString::from(value.as_str()),
            None => {
                let secret = sealed.iter().find(|(name, _)| name.eq_ignore_ascii_case(&header.name));
                // Calling it without would be calling it as somebody else.
                let (_, value) =
                    secret.ok_or_else(|| format!("the value of its header `{}` is missing", header.name))?;
                value.clone()
            }
        };
        headers.push((header.name.clone(), value));
    }
    let mut secrets: Vec<SecretString> = sealed.into_iter().map(|(_, value)| value).collect();
    secrets.extend(signing.standard.all().iter().map(|ringed| ringed.key.to_text()));
    secrets.extend(signing.ed25519.all().iter().map(|ringed| ringed.key.to_text()));
    secrets.extend(signing.compatible.iter().map(|secret| secret.text().clone()));
    Ok(Loaded { settings, headers, signing, secrets })
}
