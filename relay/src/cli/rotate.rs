//! Seals everything anew under the first master key.

use crate::secrets::{Vault, VaultFault};
use crate::store::{Store, StoreError};

/// So often somebody else may have changed something meanwhile.
const ROUNDS: usize = 20;

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Webhooks whose secrets were sealed anew.
    pub sealed: usize,
    /// Webhooks whose secrets were sealed under the first master key before.
    pub kept: usize,
}

/// Why it could not be done. What was sealed can still be opened with the keys as before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateFault {
    /// The store cannot do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Secrets of this webhook cannot be opened or sealed.
    #[error("webhook `{0}`: {1}")]
    Webhook(String, VaultFault),
    /// Others have changed webhooks all the time.
    #[error("others change the webhooks all the time; try again")]
    Busy,
}

/// Seals the secrets of all webhooks under the first master key of the vault, all or none. Whoever changes a webhook meanwhile is not
/// overwritten: what was read must still be there, or it is read again.
///
/// # Errors
/// If the store cannot do it, or something is sealed under a key that is not here.
pub async fn rotate(store: &dyn Store, vault: &Vault) -> Result<Rotated, RotateFault> {
    for _ in 0..ROUNDS {
        let webhooks = store.webhooks().await?;
        let held = webhooks.iter().filter(|webhook| !webhook.sealed.is_empty()).count();
        let mut changes = Vec::new();
        for webhook in webhooks.into_iter().filter(|webhook| !vault.is_current(&webhook.sealed)) {
            let id = webhook.id;
            let fault = |fault| RotateFault::Webhook(id.clone(), fault);
            let secrets = vault.unseal(&id, &webhook.sealed).map_err(fault)?;
            let sealed = vault.seal(&id, &secrets).map_err(fault)?;
            changes.push((id, webhook.sealed, sealed));
        }
        let sealed = changes.len();
        if sealed == 0 || store.reseal(changes).await? {
            return Ok(Rotated { sealed, kept: held - sealed });
        }
    }
    Err(RotateFault::Busy)
}
