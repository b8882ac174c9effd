//! Webhooks and projects as the store has them, and as the driver uses them.

use super::{Driver, Webhooks};
use crate::core::Projects;
use crate::secrets::Vault;
use crate::store::{DocumentKind, Store, StoreError, StoredWebhook};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How often it is looked what projects say, at most.
const PROJECTS: Duration = Duration::from_secs(5);
/// So many projects are read at a time.
const PAGE: usize = 500;

/// Tells the driver what has changed in the store. One at a time, so that what is older never comes later.
#[derive(Debug)]
pub struct Catalog {
    store: Arc<dyn Store>,
    vault: Vault,
    driver: Arc<Driver>,
    known: Mutex<Option<Vec<StoredWebhook>>>,
    /// When it is looked again what projects say.
    projects_at: Mutex<Instant>,
}

impl Catalog {
    /// Nothing is known yet.
    pub fn new(store: Arc<dyn Store>, vault: Vault, driver: Arc<Driver>) -> Arc<Self> {
        let (known, projects_at) = (Mutex::default(), Mutex::new(Instant::now()));
        Arc::new(Self { store, vault, driver, known, projects_at })
    }

    /// Brings into use which webhooks there are now, and how they are doing.
    ///
    /// # Errors
    /// If the store does not say: what was known before is the best there is.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let mut known = self.known.lock().await;
        let since = self.driver.now();
        let stored = self.store.webhooks().await?;
        let is_new = known.as_ref() != Some(&stored);
        let renewed =
            if is_new { renewed(known.as_deref().unwrap_or_default(), &stored) } else { Vec::new() };
        let webhooks = is_new.then(|| Webhooks::open(&stored, &self.vault));
        if is_new {
            *known = Some(stored);
        }
        self.driver.set_known(webhooks, renewed, self.store.webhook_health().await.ok(), since);
        Ok(())
    }

    /// Brings into use what projects say now, if that is wanted or was not done for a while.
    ///
    /// # Errors
    /// If the store does not say.
    pub async fn refresh_projects(&self, is_wanted: bool) -> Result<(), StoreError> {
        let mut projects_at = self.projects_at.lock().await;
        let started = Instant::now();
        if is_wanted || *projects_at <= started {
            self.driver.set_projects(read_projects(&*self.store).await?);
            // Many projects take long to be read: that is a twentieth of the time at most.
            *projects_at = Instant::now() + PROJECTS.max(20 * started.elapsed());
        }
        Ok(())
    }
}

/// Those that are not as they were, by their settings or by what is sealed of them.
fn renewed(before: &[StoredWebhook], now: &[StoredWebhook]) -> Vec<String> {
    let before: HashMap<&str, &StoredWebhook> = before.iter().map(|was| (was.id.as_str(), was)).collect();
    let is_renewed = |now: &&StoredWebhook| before.get(now.id.as_str()).is_some_and(|was| was != now);
    now.iter().filter(is_renewed).map(|now| now.id.clone()).collect()
}

/// What all projects say about webhooks.
pub(super) async fn read_projects(store: &dyn Store) -> Result<Projects, StoreError> {
    let mut projects = Projects::default();
    let mut after: Option<String> = None;
    loop {
        let page = store.documents(DocumentKind::Project, after.as_deref(), PAGE).await?;
        for document in &page {
            projects.add(&document.id, &document.body);
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.id.clone()),
            _ => return Ok(projects),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_secrets_renew_a_webhook_as_new_settings_do() {
        let stored = |id: &str, settings: &str, sealed: &[u8]| StoredWebhook {
            id: id.into(),
            settings: settings.into(),
            sealed: sealed.into(),
            updated_at: 1,
        };
        let before = [
            stored("a", "{}", b"1"),
            stored("b", "{}", b"1"),
            stored("c", "{}", b"1"),
            stored("d", "{}", b"1"),
        ];
        let now = [
            stored("a", "{}", b"2"),
            stored("b", "{ }", b"1"),
            stored("c", "{}", b"1"),
            stored("e", "{}", b"1"),
        ];
        assert_eq!(renewed(&before, &now), ["a", "b"]);
        assert_eq!(renewed(&[], &now), Vec::<String>::new());
    }
}
