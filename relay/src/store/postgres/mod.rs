//! A store in PostgreSQL, which any number of relays share.
//!
//! Each verb is one short transaction, as a rule one statement: nothing is locked while something else is waited for. `queues` keeps
//! deliveries in order, `days` has the partitions, `schema` the versions, `connect` what holds for a connection, `address` and `tls` how it is encrypted, `fault` what an error
//! means.

mod address;
mod calls;
mod connect;
mod days;
mod deliveries;
mod events;
mod fault;
mod health;
mod list;
mod manage;
mod queues;
mod replay;
mod schema;
#[cfg(test)]
mod tests;
mod text;
mod tls;
mod webhook_health;
mod webhooks;

pub use self::address::{Address, AddressFault};
use self::days::Day;
use self::fault::{Cause, Fault};
use super::{
    Accepted, Audit, Begun, Call, CallOutcome, Change, Claimed, Counts, DeliveryFilter, DeliveryId,
    DocumentKind, EventFilter, Fence, Health, NewCall, NewEvent, Result, Retention, Settled, Settlement,
    Store, StoredAudit, StoredDelivery, StoredDocument, StoredEvent, StoredWebhook, UnixMs, WebhookHealth,
    WholeDelivery,
};
use async_trait::async_trait;
use deadpool_postgres::{Client, Pool};
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// So many rows are removed at a time.
const AT_ONCE: i64 = 5_000;
/// So many days are removed at a time.
const DAYS_AT_ONCE: usize = 4;
/// How often something is done again that was in another transaction's way.
const TRIES: usize = 5;

/// A store in PostgreSQL.
pub struct PostgresStore {
    pool: Pool,
    /// Days whose partitions are there, as far as is known.
    days: Mutex<BTreeSet<Day>>,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PostgresStore")
            .field("connections", &self.pool.status())
            .finish_non_exhaustive()
    }
}

/// Does something with a connection: within a time, and again if it was in another's way. A connection that is broken is not given back.
/// The expression is evaluated for each try.
macro_rules! with {
    ($store:expr, $client:ident => $work:expr) => {{
        let store: &PostgresStore = $store;
        let mut tries = 0;
        loop {
            tries += 1;
            let mut lent = store.pool.get().await.map_err(Fault::from)?;
            #[allow(unused_mut, reason = "some verbs only read it")]
            let ended = {
                let $client = &mut lent;
                tokio::time::timeout(connect::PATIENCE, async { $work.await }).await
            };
            let ended = ended.unwrap_or_else(|_| Err(Fault::late()));
            match ended {
                Err(fault) => {
                    if fault.is_broken() {
                        drop(Client::take(lent));
                    }
                    let again = matches!(fault.cause, Cause::Conflict | Cause::Outdated);
                    if !again || tries >= TRIES {
                        break Err(fault);
                    }
                }
                Ok(value) => break Ok(value),
            }
        }
    }};
}

/// Does something with a connection that takes events: the partition of the day is there.
macro_rules! on_day {
    ($store:expr, $now:expr, $client:ident => $work:expr) => {{
        let store: &PostgresStore = $store;
        let day = Day::of($now);
        store.ensure(day).await?;
        let ended = with!(store, $client => $work);
        if ended.as_ref().is_err_and(|fault: &Fault| fault.cause == Cause::NoPartition) {
            // Another relay, whose clock is ahead, has dropped it.
            store.known_days(|days| days.remove(&day));
            store.ensure(day).await?;
            with!(store, $client => $work)
        } else {
            ended
        }
    }};
}

impl PostgresStore {
    /// Connects to what an address names, and brings the schema to the last version. Several hosts may be named, of which the one that
    /// takes writes is used.
    ///
    /// # Errors
    /// [`StoreError::Refused`](super::StoreError::Refused) if the address cannot be read, or if the database is not one that can be used: of a newer relay, without
    /// syncs, not in UTF-8. [`StoreError::Unavailable`](super::StoreError::Unavailable) if it is not there.
    pub async fn open(url: &SecretString, now: UnixMs) -> Result<Self> {
        let store = Self { pool: connect::pool(url)?, days: Mutex::default() };
        let mut client = store.pool.get().await.map_err(Fault::from)?;
        schema::migrate(&mut client, schema::MIGRATIONS).await?;
        drop(client);
        store.prepare(now).await?;
        Ok(store)
    }

    /// Makes the partitions of today and the next days, unless they are known to be there.
    async fn prepare(&self, now: UnixMs) -> Result<()> {
        for day in Day::of(now).ahead() {
            self.ensure(day).await?;
        }
        Ok(())
    }

    async fn ensure(&self, day: Day) -> Result<()> {
        if self.known_days(|days| days.contains(&day)) {
            return Ok(());
        }
        with!(self, client => days::make(client, day))?;
        self.known_days(|days| days.insert(day));
        Ok(())
    }

    fn known_days<T>(&self, work: impl FnOnce(&mut BTreeSet<Day>) -> T) -> T {
        work(&mut self.days.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn remove_days(&self, until: UnixMs) -> Result<u64> {
        let (mut removed, mut days) = (0_u64, 0);
        let over = with!(self, client => days::over(client, until))?;
        for day in over {
            self.known_days(|days| days.remove(&day));
            let count = with!(self, client => days::remove(client, day))?.unwrap_or_default();
            removed = removed.saturating_add(count);
            days += usize::from(count > 0);
            if days == DAYS_AT_ONCE {
                break;
            }
        }
        Ok(removed)
    }
}

/// A place in a batch. Nobody has batches of two billions.
fn count_of(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[async_trait]
impl Store for PostgresStore {
    async fn accept(&self, events: Vec<NewEvent>, now: UnixMs) -> Result<Vec<Accepted>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        Ok(on_day!(self, now, client => events::accept(client, &events, now))?)
    }

    async fn call_begin(&self, call: NewCall, now: UnixMs) -> Result<Begun> {
        Ok(with!(self, client => calls::begin(client, &call, now))?)
    }

    async fn call_finish(&self, id: Uuid, outcome: CallOutcome, _now: UnixMs) -> Result<bool> {
        Ok(with!(self, client => calls::finish(client, id, &outcome))?)
    }

    async fn call(&self, id: Uuid, now: UnixMs) -> Result<Option<Call>> {
        Ok(with!(self, client => calls::find(client, id, now))?)
    }

    async fn claim(
        &self,
        limit: usize,
        each: usize,
        without: &[String],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<Claimed>> {
        Ok(with!(self, client => deliveries::claim(client, (limit, each), without, until, now))?)
    }

    async fn renew(
        &self,
        held: &[(DeliveryId, Fence)],
        until: UnixMs,
        _now: UnixMs,
    ) -> Result<Vec<DeliveryId>> {
        Ok(with!(self, client => deliveries::renew(client, held, until))?)
    }

    async fn settle(&self, settlements: Vec<Settlement>, now: UnixMs) -> Result<Vec<Settled>> {
        if settlements.is_empty() {
            return Ok(Vec::new());
        }
        Ok(with!(self, client => deliveries::settle(client, &settlements, now))?)
    }

    async fn due(&self, now: UnixMs) -> Result<Option<UnixMs>> {
        Ok(with!(self, client => deliveries::due(client, now))?)
    }

    async fn counts(&self) -> Result<Counts> {
        Ok(with!(self, client => deliveries::counts(client))?)
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>> {
        Ok(with!(self, client => events::find(client, filter))?)
    }

    async fn webhooks(&self) -> Result<Vec<StoredWebhook>> {
        Ok(with!(self, client => webhooks::all(client))?)
    }

    async fn put_webhooks(&self, put: Vec<StoredWebhook>, remove: Vec<String>, now: UnixMs) -> Result<()> {
        Ok(with!(self, client => webhooks::put(client, &put, &remove, now))?)
    }

    async fn reseal(&self, sealed: Vec<(String, Vec<u8>, Vec<u8>)>) -> Result<bool> {
        Ok(with!(self, client => webhooks::reseal(client, &sealed))?)
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<StoredDelivery>> {
        Ok(with!(self, client => list::list(client, filter, false))?)
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<WholeDelivery>> {
        Ok(with!(self, client => list::whole(client, id))?)
    }

    async fn replay(
        &self,
        filter: &DeliveryFilter,
        audit: Audit,
        now: UnixMs,
    ) -> Result<(u64, Option<DeliveryId>)> {
        Ok(with!(self, client => replay::replay(client, filter, &audit, now))?)
    }

    async fn webhook_health(&self) -> Result<Vec<WebhookHealth>> {
        Ok(with!(self, client => webhook_health::all(client))?)
    }

    async fn put_health(
        &self,
        was: WebhookHealth,
        becomes: WebhookHealth,
        events: Vec<NewEvent>,
        now: UnixMs,
    ) -> Result<bool> {
        Ok(on_day!(self, now, client => manage::put_health(client, &was, &becomes, &events, now))?)
    }

    async fn change(&self, change: Change, audit: Audit, now: UnixMs) -> Result<bool> {
        Ok(on_day!(self, now, client => manage::change(client, &change, &audit, now))?)
    }

    async fn documents(
        &self,
        kind: DocumentKind,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredDocument>> {
        Ok(with!(self, client => manage::documents(client, kind, after, limit))?)
    }

    async fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<StoredDocument>> {
        Ok(with!(self, client => manage::document(client, kind, id))?)
    }

    async fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<StoredAudit>> {
        Ok(with!(self, client => manage::audit(client, before, limit))?)
    }

    async fn retain(&self, retention: Retention, now: UnixMs) -> Result<u64> {
        self.prepare(now).await?;
        let calls = now.saturating_sub(retention.calls_ms);
        let calls = with!(self, client => calls::retain(client, calls, now, AT_ONCE))?;
        let ids = now.saturating_sub(retention.ids_ms);
        let ids = with!(self, client => events::retain_ids(client, ids, AT_ONCE))?;
        let until = now.saturating_sub(retention.events_ms);
        let lines = with!(self, client => manage::retain(client, until, AT_ONCE))?;
        let days = self.remove_days(until).await?;
        Ok([calls, ids, lines, days].into_iter().fold(0, u64::saturating_add))
    }

    async fn health(&self) -> Result<Health> {
        Ok(with!(self, client => health::health(client))?)
    }

    async fn close(&self) {
        self.pool.close();
    }
}
