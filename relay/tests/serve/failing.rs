//! A store that is away when a test says so.

use async_trait::async_trait;
use cuehook_relay::store::memory::MemoryStore;
use cuehook_relay::store::{
    Accepted, Audit, Begun, Call, CallOutcome, Change, Claimed, Counts, DeliveryFilter, DeliveryId,
    DocumentKind, EventFilter, Fence, Health, NewCall, NewEvent, Result, Retention, Settled, Settlement,
    Store, StoreError, StoredAudit, StoredDelivery, StoredDocument, StoredEvent, StoredWebhook, UnixMs,
    WebhookHealth, WholeDelivery,
};
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

#[derive(Debug, Default)]
pub struct Failing {
    store: MemoryStore,
    is_away: AtomicBool,
    pub is_closed: AtomicBool,
}

impl Failing {
    pub fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::SeqCst);
    }

    fn there(&self) -> Result<&MemoryStore> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("postgres://user:hunter2@database is away".to_owned()));
        }
        Ok(&self.store)
    }
}

#[async_trait]
impl Store for Failing {
    async fn accept(&self, events: Vec<NewEvent>, now: UnixMs) -> Result<Vec<Accepted>> {
        self.there()?.accept(events, now).await
    }
    async fn call_begin(&self, call: NewCall, now: UnixMs) -> Result<Begun> {
        self.there()?.call_begin(call, now).await
    }
    async fn call_finish(&self, id: Uuid, outcome: CallOutcome, now: UnixMs) -> Result<bool> {
        self.there()?.call_finish(id, outcome, now).await
    }
    async fn call(&self, id: Uuid, now: UnixMs) -> Result<Option<Call>> {
        self.there()?.call(id, now).await
    }
    async fn claim(
        &self,
        limit: usize,
        each: usize,
        without: &[String],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<Claimed>> {
        self.there()?.claim(limit, each, without, until, now).await
    }
    async fn renew(
        &self,
        held: &[(DeliveryId, Fence)],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<DeliveryId>> {
        self.there()?.renew(held, until, now).await
    }
    async fn settle(&self, settlements: Vec<Settlement>, now: UnixMs) -> Result<Vec<Settled>> {
        self.there()?.settle(settlements, now).await
    }
    async fn due(&self, now: UnixMs) -> Result<Option<UnixMs>> {
        self.there()?.due(now).await
    }
    async fn counts(&self) -> Result<Counts> {
        self.there()?.counts().await
    }
    async fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>> {
        self.there()?.events(filter).await
    }
    async fn webhooks(&self) -> Result<Vec<StoredWebhook>> {
        self.there()?.webhooks().await
    }
    async fn put_webhooks(&self, put: Vec<StoredWebhook>, remove: Vec<String>, now: UnixMs) -> Result<()> {
        self.there()?.put_webhooks(put, remove, now).await
    }
    async fn reseal(&self, sealed: Vec<(String, Vec<u8>, Vec<u8>)>) -> Result<bool> {
        self.there()?.reseal(sealed).await
    }
    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<StoredDelivery>> {
        self.there()?.deliveries(filter).await
    }
    async fn delivery(&self, id: DeliveryId) -> Result<Option<WholeDelivery>> {
        self.there()?.delivery(id).await
    }
    async fn replay(
        &self,
        filter: &DeliveryFilter,
        audit: Audit,
        now: UnixMs,
    ) -> Result<(u64, Option<DeliveryId>)> {
        self.there()?.replay(filter, audit, now).await
    }
    async fn webhook_health(&self) -> Result<Vec<WebhookHealth>> {
        self.there()?.webhook_health().await
    }
    async fn put_health(
        &self,
        was: WebhookHealth,
        becomes: WebhookHealth,
        events: Vec<NewEvent>,
        now: UnixMs,
    ) -> Result<bool> {
        self.there()?.put_health(was, becomes, events, now).await
    }
    async fn change(&self, change: Change, audit: Audit, now: UnixMs) -> Result<bool> {
        self.there()?.change(change, audit, now).await
    }
    async fn documents(
        &self,
        kind: DocumentKind,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredDocument>> {
        self.there()?.documents(kind, after, limit).await
    }
    async fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<StoredDocument>> {
        self.there()?.document(kind, id).await
    }
    async fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<StoredAudit>> {
        self.there()?.audit(before, limit).await
    }
    async fn retain(&self, retention: Retention, now: UnixMs) -> Result<u64> {
        self.there()?.retain(retention, now).await
    }
    async fn health(&self) -> Result<Health> {
        self.there()?.health().await
    }
    async fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.store.close().await;
    }
}
