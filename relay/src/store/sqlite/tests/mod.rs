//! What SQLite alone has to keep.

mod backup;
mod damage;
mod full;
mod group;
mod kill;
mod lists;
mod removed;
mod restart;

use super::*;
use crate::store::NewDelivery;
use crate::store::{Becomes, CallState, conformance};
use std::sync::Arc;
use tokio::sync::oneshot;

const T0: UnixMs = 1_790_000_000_000;
const DAY: i64 = 86_400_000;

/// A folder that is removed at the end, and a database in it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn database(&self) -> PathBuf {
        self.file("relay.db")
    }

    fn open(&self) -> Result<SqliteStore> {
        SqliteStore::open(&self.database(), T0)
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn event(number: u128, body: &str) -> NewEvent {
    NewEvent {
        id: id(number),
        kind: "view.ended".to_owned(),
        project: "spring".to_owned(),
        source: "https://shop.example".to_owned(),
        at: T0,
        body: body.to_owned(),
        deliveries: vec![NewDelivery::to("a")],
    }
}

fn call(number: u128) -> NewCall {
    NewCall {
        id: id(number),
        webhook: "lead".to_owned(),
        project: "spring".to_owned(),
        origin: "https://shop.example".to_owned(),
        fingerprint: [7; 32],
        holder: conformance::holder(),
        lease_until: T0 + DAY,
    }
}

fn every() -> EventFilter {
    EventFilter { limit: 1_000_000, ..EventFilter::default() }
}

impl SqliteStore {
    /// Hands something in without waiting for it.
    fn hand_in<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl Fn(&mut Desk<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        self.with_open(|open| open.queue.ask(bytes, work))
    }

    /// Stops the writer, in the midst of its transaction, until what is returned is dropped.
    async fn stop(&self) -> std::sync::mpsc::Sender<()> {
        let (stopped, has_stopped) = oneshot::channel();
        let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
        let (stopped, goes_on) = (Mutex::new(Some(stopped)), Mutex::new(goes_on));
        let stop = move |_: &mut Desk<'_>| {
            if let Some(stopped) = stopped.lock().unwrap().take() {
                let _ = stopped.send(());
            }
            let _ = goes_on.lock().unwrap().recv();
            Ok(())
        };
        drop(self.hand_in(0, stop).unwrap());
        has_stopped.await.unwrap();
        go_on
    }

    /// Sets something on the writer's connection.
    async fn set(&self, pragma: &'static str) {
        let set = move |desk: &mut Desk<'_>| {
            desk.connection.execute_batch(pragma).unwrap();
            Ok(())
        };
        self.write(0, set).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_every_promise() {
    let place = Place::new();
    let number = std::sync::atomic::AtomicUsize::new(0);
    conformance::all(async || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Arc::new(SqliteStore::open(&place.file(&format!("{number}.db")), T0).unwrap()) as Arc<dyn Store>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_sequences_are_the_models() {
    for seed in 100..110 {
        let place = Place::new();
        let store: Arc<dyn Store> = Arc::new(place.open().unwrap());
        conformance::random::compare(Arc::clone(&store), seed, 250).await;
        store.close().await;
    }
}
