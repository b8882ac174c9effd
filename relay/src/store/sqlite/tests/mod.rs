//! What SQLite alone has to keep.

use super::*;
use crate::store::conformance;
use std::sync::Arc;

const T0: UnixMs = 1_790_000_000_000;

/// A folder that is removed at the end, and a database in it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("relay.db")
    }

    fn open(&self) -> Result<SqliteStore> {
        SqliteStore::open(&self.database(), T0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_every_promise() {
    let place = Place::new();
    let number = std::sync::atomic::AtomicUsize::new(0);
    conformance::all(async || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = place.folder.path().join(format!("{number}.db"));
        Arc::new(SqliteStore::open(&path, T0).unwrap()) as Arc<dyn Store>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_sequences_are_the_models() {
    for seed in 100..130 {
        let place = Place::new();
        let store: Arc<dyn Store> = Arc::new(place.open().unwrap());
        conformance::random::compare(Arc::clone(&store), seed, 250).await;
        store.close().await;
    }
}
