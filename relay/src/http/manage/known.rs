//! Webhooks as they are stored, opened.

use super::{Asked, ROUNDS, changed_meanwhile, not_found};
use crate::config::{ManagedBy, Webhook};
use crate::delivery::signing::Secrets;
use crate::http::Shared;
use crate::http::fault::{Fault, ManageCode};
use crate::secrets::Vault;
use crate::serve::wall_ms;
use crate::store::{Change, StoredWebhook, WebhookHealth};
use crate::token::ApiKey;
use secrecy::SecretString;

/// A webhook with everything that is known of it.
#[derive(Debug)]
pub(super) struct Known {
    /// As it is stored.
    pub stored: StoredWebhook,
    /// Its settings.
    pub webhook: Webhook,
    /// With what it signs.
    pub secrets: Secrets,
    /// The values of its secret header fields.
    pub headers: Vec<(String, SecretString)>,
}

impl Known {
    fn open(stored: StoredWebhook, vault: &Vault) -> Result<Self, Fault> {
        let webhook = settings(&stored)?;
        let unusable = |reason: String| {
            tracing::error!(webhook = stored.id, reason, "a webhook cannot be used");
            Fault::unavailable("what is stored of this webhook cannot be opened; the relay's log says why")
        };
        let sealed = vault.unseal(&stored.id, &stored.sealed).map_err(|fault| unusable(fault.to_string()))?;
        let (secrets, headers) = Secrets::split(sealed).map_err(|fault| unusable(fault.to_string()))?;
        Ok(Self { stored, webhook, secrets, headers })
    }

    /// The webhook with this id, if this key is for it.
    pub(super) async fn find(shared: &Shared, key: &ApiKey, id: &str) -> Result<Self, Fault> {
        let stored = shared.store.webhooks().await?.into_iter().find(|stored| stored.id == id);
        let known = Self::open(stored.ok_or_else(|| not_found("webhook"))?, &shared.vault)?;
        if is_for(key, &known.webhook) { Ok(known) } else { Err(not_found("webhook")) }
    }

    /// How it is doing.
    pub(super) async fn health(&self, shared: &Shared) -> Result<WebhookHealth, Fault> {
        health_of(shared, &self.stored.id).await
    }

    /// What must not stand in what the webhook answers.
    pub(super) fn unshown(&self) -> Vec<SecretString> {
        let mut secrets: Vec<SecretString> = self.headers.iter().map(|(_, value)| value.clone()).collect();
        secrets.extend(self.secrets.standard.all().iter().map(|ringed| ringed.key.to_text()));
        secrets.extend(self.secrets.ed25519.all().iter().map(|ringed| ringed.key.to_text()));
        secrets.extend(self.secrets.compatible.iter().map(|secret| secret.text().clone()));
        secrets
    }

    /// Refuses to change what `relay.toml` says.
    pub(super) fn of_api(&self) -> Result<(), Fault> {
        match self.webhook.managed_by {
            ManagedBy::Api => Ok(()),
            ManagedBy::File => Err(Fault::manage(
                ManageCode::ManagedByFile,
                "this webhook is in relay.toml; change it there, and start the relay again",
            )),
        }
    }
}

/// How a webhook is doing.
pub(super) async fn health_of(shared: &Shared, id: &str) -> Result<WebhookHealth, Fault> {
    let all = shared.store.webhook_health().await?;
    let known = all.into_iter().find(|health| health.webhook == id);
    Ok(known.unwrap_or_else(|| WebhookHealth { webhook: id.to_owned(), ..WebhookHealth::default() }))
}

/// The settings of a stored webhook.
pub(super) fn settings(stored: &StoredWebhook) -> Result<Webhook, Fault> {
    serde_json::from_str(&stored.settings).map_err(|error| {
        tracing::error!(webhook = stored.id, %error, "a webhook cannot be used");
        Fault::unavailable("what is stored of this webhook cannot be read; the relay's log says why")
    })
}

/// Whether a key is for a webhook: one that is for a project is for those webhooks alone that are for just this project.
pub(super) fn is_for(key: &ApiKey, webhook: &Webhook) -> bool {
    key.project.as_ref().is_none_or(|own| webhook.projects.as_slice() == std::slice::from_ref(own))
}

/// What a webhook is to be stored as.
pub(super) fn sealed(
    shared: &Shared,
    webhook: &Webhook,
    secrets: &Secrets,
    headers: Vec<(String, SecretString)>,
) -> Result<StoredWebhook, Fault> {
    let broken = |reason: String| {
        tracing::error!(webhook = webhook.id, reason, "a webhook cannot be stored");
        Fault::unavailable("the relay cannot seal this webhook's secrets; its log says why")
    };
    let settings = serde_json::to_string(webhook).map_err(|error| broken(error.to_string()))?;
    let sealed = shared.vault.seal(&webhook.id, &secrets.join(headers));
    let sealed = sealed.map_err(|fault| broken(fault.to_string()))?;
    Ok(StoredWebhook { id: webhook.id.clone(), settings, sealed, updated_at: wall_ms() })
}

/// Changes a webhook of the management API: says what it becomes, as often as others come before. Returns what it has become.
pub(super) async fn change(
    shared: &Shared,
    asked: &Asked,
    id: &str,
    action: &str,
    detail: String,
    mut becomes: impl FnMut(Known) -> Result<Option<StoredWebhook>, Fault>,
) -> Result<Option<StoredWebhook>, Fault> {
    for _ in 0..ROUNDS {
        let known = Known::find(shared, &asked.key, id).await?;
        known.of_api()?;
        let was = known.stored.clone();
        let becomes = becomes(known)?;
        let change = Change::Webhook { was: Some(was), becomes: becomes.clone() };
        let audit = asked.audit(action, id, detail.clone());
        if shared.store.change(change, audit, wall_ms()).await? {
            refresh(shared).await;
            return Ok(becomes);
        }
    }
    Err(changed_meanwhile())
}

/// Brings what has changed into use here. Other relays look every few seconds; so does this one, if it cannot be done now.
pub(super) async fn refresh(shared: &Shared) {
    let _ = shared.catalog.refresh().await;
}

/// A webhook that was just stored.
pub(super) fn reopen(shared: &Shared, stored: StoredWebhook) -> Result<Known, Fault> {
    Known::open(stored, &shared.vault)
}
