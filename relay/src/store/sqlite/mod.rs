//! One relay, one file: SQLite within the process.
//!
//! - One thread writes (`writer`): all requests that wait become one transaction, and nobody is told before its log is on disk
//!   (`synchronous=FULL`). Two others read (`reader`).
//! - `lock`: a second relay on the same file is refused. `schema`: connections, tables, migrations. `backup`: copies while it runs.
//! - `events`, `calls`, `deliveries`, `list`, `replay`, `webhooks`, `health`, `manage`, `retain`: the verbs. `claims`: who holds which
//!   delivery, in memory alone.
//! - `fault`: what SQLite's errors mean.
//!
//! What it promises: what was acknowledged survives the process's end and, if disk and file system keep what they have synced, a power
//! cut. The disk itself it does not survive; hence the backup.

mod backup;
mod calls;
mod claims;
mod deliveries;
mod events;
mod fault;
mod health;
mod list;
mod lock;
mod manage;
mod reader;
mod replay;
mod retain;
mod schema;
#[cfg(test)]
mod tests;
mod webhooks;
mod writer;

pub use backup::backup;

use super::{
    Accepted, Audit, Begun, Call, CallOutcome, Change, Claimed, Counts, DeliveryFilter, DeliveryId,
    DeliveryState, DocumentKind, EventFilter, Fence, Health, NewCall, NewEvent, REPLAYED_AT_ONCE, Result,
    Retention, Settled, Settlement, Store, StoreError, StoredAudit, StoredDelivery, StoredDocument,
    StoredEvent, StoredWebhook, UnixMs, WebhookHealth, WholeDelivery,
};
use async_trait::async_trait;
use lock::{Lock, beside};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use uuid::Uuid;
use writer::Desk;

/// A store in a file of SQLite.
pub struct SqliteStore {
    database: PathBuf,
    /// None when it is closed.
    open: Mutex<Option<Open>>,
}

struct Open {
    queue: writer::Queue,
    questions: reader::Questions,
    threads: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SqliteStore").field("database", &self.database).finish_non_exhaustive()
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("it was closed".to_owned())
}

impl SqliteStore {
    /// Opens a file, or makes it. Calls that an earlier process had begun are unknown from now on, and what it had claimed is free.
    ///
    /// # Errors
    /// [`StoreError::Refused`] if another relay has it, or it is a newer relay's or something else's; [`StoreError::Damaged`] if it
    /// cannot be read; [`StoreError::Unavailable`] or [`StoreError::Full`] if the disk does not let us.
    pub fn open(path: &Path, _now: UnixMs) -> Result<Self> {
        // The lock first: nobody else looks at the file, or makes it, at the same time.
        let lock = Lock::take(path)?;
        schema::prepare(path)?;
        let database = beside(path, "");
        let (questions, mut threads) = reader::start(&database)?;
        let (queue, thread) = writer::start(database.clone(), lock)?;
        // The writer ends last: its connection's end moves the log into the file.
        threads.push(thread);
        Ok(Self { database, open: Mutex::new(Some(Open { queue, questions, threads })) })
    }

    /// Copies everything into a new file, while the relay goes on.
    ///
    /// # Errors
    /// As [`backup`].
    pub async fn backup(&self, to: &Path) -> Result<()> {
        let (from, to) = (self.database.clone(), to.to_owned());
        let copied = tokio::task::spawn_blocking(move || backup(&from, &to)).await;
        copied.map_err(|error| StoreError::Unavailable(error.to_string()))?
    }

    fn with_open<T>(&self, ask: impl FnOnce(&Open) -> Result<T>) -> Result<T> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        ask(open.as_ref().ok_or_else(closed)?)
    }

    /// Has the writer do something; `bytes` is the size of what it brings.
    async fn write<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl Fn(&mut Desk<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = self.with_open(|open| open.queue.ask(bytes, work))?;
        answer.await.map_err(|_| StoreError::Unavailable("its writer has ended".to_owned()))?
    }

    /// Has a reader look something up.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let answer = self.with_open(|open| open.questions.ask(read))?;
        answer.await.map_err(|_| StoreError::Unavailable("its reader has ended".to_owned()))?
    }

    /// Says of deliveries that are under way when their claims end, which the writer alone knows.
    async fn with_claims<'a>(
        &self,
        found: impl Iterator<Item = &'a mut StoredDelivery> + Send,
    ) -> Result<()> {
        let pending: Vec<_> = found.filter(|it| it.state == DeliveryState::Pending).collect();
        if pending.is_empty() {
            return Ok(());
        }
        let ids: Vec<DeliveryId> = pending.iter().map(|it| it.id).collect();
        let bytes = size_of_val(ids.as_slice());
        let until = self.write(bytes, move |desk| Ok(deliveries::held_until(desk, &ids))).await?;
        for (delivery, until) in pending.into_iter().zip(until) {
            delivery.due_at = until.or(delivery.due_at);
        }
        Ok(())
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn accept(&self, new: Vec<NewEvent>, now: UnixMs) -> Result<Vec<Accepted>> {
        let bytes = new.iter().map(events::size).sum();
        self.write(bytes, move |desk| events::accept(desk, &new, now)).await
    }

    async fn call_begin(&self, call: NewCall, now: UnixMs) -> Result<Begun> {
        self.write(calls::size(&call), move |desk| calls::begin(desk, &call, now)).await
    }

    async fn call_finish(&self, id: Uuid, outcome: CallOutcome, _: UnixMs) -> Result<bool> {
        self.write(calls::outcome_size(&outcome), move |desk| calls::finish(desk, id, &outcome)).await
    }

    async fn call(&self, id: Uuid, now: UnixMs) -> Result<Option<Call>> {
        self.read(move |connection| calls::find(connection, id, now)).await
    }

    async fn claim(
        &self,
        limit: usize,
        each: usize,
        without: &[String],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<Claimed>> {
        let bytes = without.iter().map(|webhook| webhook.len() + 64).sum();
        let without = without.iter().cloned().collect();
        let wish = deliveries::Wish { limit, each, without, until };
        self.write(bytes, move |desk| deliveries::claim(desk, &wish, now)).await
    }

    async fn renew(&self, held: &[(DeliveryId, Fence)], until: UnixMs, _: UnixMs) -> Result<Vec<DeliveryId>> {
        let held = held.to_vec();
        self.write(size_of_val(held.as_slice()), move |desk| Ok(deliveries::renew(desk, &held, until))).await
    }

    async fn settle(&self, settlements: Vec<Settlement>, now: UnixMs) -> Result<Vec<Settled>> {
        let bytes = settlements.iter().map(deliveries::size).sum();
        self.write(bytes, move |desk| deliveries::settle(desk, &settlements, now)).await
    }

    async fn due(&self, now: UnixMs) -> Result<Option<UnixMs>> {
        self.write(0, move |desk| deliveries::due(desk, now)).await
    }

    async fn counts(&self) -> Result<Counts> {
        self.read(deliveries::counts).await
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>> {
        let filter = filter.clone();
        self.read(move |connection| events::list(connection, &filter)).await
    }

    async fn webhooks(&self) -> Result<Vec<StoredWebhook>> {
        self.read(webhooks::list).await
    }

    async fn put_webhooks(&self, put: Vec<StoredWebhook>, remove: Vec<String>, now: UnixMs) -> Result<()> {
        let bytes = put.iter().map(webhooks::size).chain(remove.iter().map(|id| id.len() + 64)).sum();
        self.write(bytes, move |desk| webhooks::put(desk, &put, &remove, now)).await
    }

    async fn reseal(&self, sealed: Vec<(String, Vec<u8>, Vec<u8>)>) -> Result<bool> {
        let bytes = sealed.iter().map(webhooks::sealed_size).sum();
        self.write(bytes, move |desk| webhooks::reseal(desk, &sealed)).await
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<StoredDelivery>> {
        let filter = filter.clone();
        let mut found = self.read(move |connection| list::list(connection, &filter, false)).await?;
        self.with_claims(found.iter_mut()).await?;
        Ok(found)
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<WholeDelivery>> {
        let mut found = self.read(move |connection| list::whole(connection, id)).await?;
        self.with_claims(found.iter_mut().map(|whole| &mut whole.delivery)).await?;
        Ok(found)
    }

    async fn replay(
        &self,
        filter: &DeliveryFilter,
        audit: Audit,
        now: UnixMs,
    ) -> Result<(u64, Option<DeliveryId>)> {
        let limit = filter.limit.min(REPLAYED_AT_ONCE);
        let filter = DeliveryFilter { limit, ..filter.clone() };
        // Looking for them takes its time: the writer is not kept from others by it.
        let found = self.read(move |connection| list::list(connection, &filter, true)).await?;
        let found: Vec<(DeliveryId, DeliveryState)> = found.into_iter().map(|it| (it.id, it.state)).collect();
        let next = found.last().filter(|_| found.len() == limit).map(|(id, _)| *id);
        let bytes = size_of_val(found.as_slice()) + manage::line_size(&audit);
        let count = self.write(bytes, move |desk| replay::replay(desk, &found, &audit, now)).await?;
        Ok((count, next))
    }

    async fn webhook_health(&self) -> Result<Vec<WebhookHealth>> {
        self.read(health::list).await
    }

    async fn put_health(
        &self,
        was: WebhookHealth,
        becomes: WebhookHealth,
        new: Vec<NewEvent>,
        now: UnixMs,
    ) -> Result<bool> {
        let bytes = new.iter().map(events::size).sum::<usize>() + health::size(&was) + health::size(&becomes);
        let put = move |desk: &mut Desk<'_>| {
            let is_made = health::put(desk, &was, &becomes)?;
            if is_made {
                events::accept(desk, &new, now)?;
            }
            Ok(is_made)
        };
        self.write(bytes, put).await
    }

    async fn change(&self, change: Change, audit: Audit, now: UnixMs) -> Result<bool> {
        let bytes = manage::size(&change) + manage::line_size(&audit);
        self.write(bytes, move |desk| manage::change(desk, &change, &audit, now)).await
    }

    async fn documents(
        &self,
        kind: DocumentKind,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredDocument>> {
        let after = after.map(str::to_owned);
        self.read(move |connection| manage::documents(connection, kind, after.as_deref(), limit)).await
    }

    async fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<StoredDocument>> {
        let id = id.to_owned();
        self.read(move |connection| manage::document(connection, kind, &id)).await
    }

    async fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<StoredAudit>> {
        self.read(move |connection| manage::audit(connection, before, limit)).await
    }

    async fn retain(&self, retention: Retention, now: UnixMs) -> Result<u64> {
        self.write(0, move |desk| retain::retain(desk, retention, now)).await
    }

    async fn health(&self) -> Result<Health> {
        self.write(0, deliveries::touch).await?;
        let size = |path: PathBuf| path.metadata().map_or(0, |file| file.len());
        let bytes = size(self.database.clone()).saturating_add(size(beside(&self.database, "-wal")));
        Ok(Health { bytes, oldest_snapshot_ms: None })
    }

    async fn close(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Open { queue, questions, threads }) = open else { return };
        // What waits is still done; then the threads end.
        drop((queue, questions));
        let ended = tokio::task::spawn_blocking(|| threads.into_iter().try_for_each(JoinHandle::join));
        if !matches!(ended.await, Ok(Ok(()))) {
            tracing::error!("a thread of the database has not ended well");
        }
    }
}
