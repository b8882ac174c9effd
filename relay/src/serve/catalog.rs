//! Webhooks as the store has them, and as the driver uses them.

use super::{Driver, Webhooks};
use crate::secrets::Vault;
use crate::store::{Store, StoreError, StoredWebhook};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Tells the driver of webhooks that have changed in the store. One at a time, so that what is older never comes later.
#[derive(Debug)]
pub struct Catalog {
    store: Arc<dyn Store>,
    vault: Vault,
    driver: Arc<Driver>,
    known: Mutex<Option<Vec<StoredWebhook>>>,
}

impl Catalog {
    /// Nothing is known yet.
    pub fn new(store: Arc<dyn Store>, vault: Vault, driver: Arc<Driver>) -> Arc<Self> {
        Arc::new(Self { store, vault, driver, known: Mutex::default() })
    }

    /// Brings into use what the store has now.
    ///
    /// # Errors
    /// If the store does not say: what was known before is the best there is.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let mut known = self.known.lock().await;
        let stored = self.store.webhooks().await?;
        if known.as_ref() != Some(&stored) {
            self.driver.set_webhooks(Webhooks::open(&stored, &self.vault));
            *known = Some(stored);
        }
        Ok(())
    }
}
