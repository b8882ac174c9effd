//! Opens the store, and waits for one that is not there yet.

use super::catalog::read_projects;
use super::late::LateStore;
use super::{Driver, Webhooks, wall_ms};
use crate::config::{Applied, ApplyFault, Database, Settings, apply};
use crate::store::memory::MemoryStore;
use crate::store::postgres::PostgresStore;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError, UnixMs};
use std::sync::Arc;
use std::time::Duration;

/// Longest time between two attempts to open a store.
const MOST_BETWEEN: Duration = Duration::from_secs(10);

/// Why a relay cannot start.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenFault {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Webhooks(ApplyFault),
}

impl OpenFault {
    /// Whether it can pass by itself.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_) | StoreError::Full))
    }
}

impl From<ApplyFault> for OpenFault {
    fn from(fault: ApplyFault) -> Self {
        match fault {
            ApplyFault::Store(error) => Self::Store(error),
            fault => Self::Webhooks(fault),
        }
    }
}

/// Opens a database.
///
/// # Errors
/// If it cannot be opened now.
pub async fn open(database: &Database, now: UnixMs) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match database {
        Database::Memory => Arc::new(MemoryStore::default()),
        Database::Sqlite(path) => {
            let path = path.clone();
            let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&path, now)).await;
            Arc::new(opened.map_err(|error| StoreError::Unavailable(error.to_string()))??)
        }
        Database::Postgres(url) => Arc::new(PostgresStore::open(url, now).await?),
    })
}

/// Opens the store once, with its webhooks. `given` is one that is open already.
pub(super) async fn prepare(
    settings: &Settings,
    given: Option<&Arc<dyn Store>>,
    store: &LateStore,
    driver: &Arc<Driver>,
) -> Result<(), OpenFault> {
    let opened = match given {
        Some(given) => Arc::clone(given),
        None => open(&settings.database, wall_ms()).await?,
    };
    let since = driver.now();
    let stored = async {
        let applied = apply(&*opened, settings, wall_ms()).await?;
        if applied != Applied::default() {
            let Applied { put, removed, replaced } = applied;
            tracing::info!(?put, ?removed, ?replaced, "the webhooks of the configuration have changed");
        }
        let projects = read_projects(&*opened).await?;
        let health = opened.webhook_health().await?;
        Ok::<_, ApplyFault>((opened.webhooks().await?, health, projects))
    };
    match stored.await {
        Ok((stored, health, projects)) => {
            driver.set_projects(projects);
            store.arrive(opened);
            let webhooks = Webhooks::open(&stored, &settings.vault);
            driver.set_known(Some(webhooks), Vec::new(), Some(health), since);
            Ok(())
        }
        Err(fault) => {
            opened.close().await;
            Err(fault.into())
        }
    }
}

/// Whether a store that could not be opened is waited for: PostgreSQL may start later than the relay, a file is there or is not.
pub(super) fn is_waited_for(settings: &Settings, fault: &OpenFault) -> bool {
    matches!(settings.database, Database::Postgres(_)) && fault.may_pass()
}

/// Opens the store as soon as it is there. Ends with an error if that will never be.
pub(super) async fn keep_trying(
    settings: &Settings,
    store: &LateStore,
    driver: &Arc<Driver>,
) -> Result<(), OpenFault> {
    let mut pause = Duration::from_millis(500);
    loop {
        tokio::time::sleep(pause).await;
        match prepare(settings, None, store, driver).await {
            Ok(()) => {
                tracing::info!("the store is there");
                return Ok(());
            }
            Err(fault) if is_waited_for(settings, &fault) => {
                pause = (pause * 2).min(MOST_BETWEEN);
                let next_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(%fault, next_ms, "the store cannot be opened yet");
            }
            Err(fault) => return Err(fault),
        }
    }
}
