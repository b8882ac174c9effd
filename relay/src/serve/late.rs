//! A store that may not be there yet: until it is, every verb says so.

use crate::store::{
    Accepted, Audit, Begun, Call, CallOutcome, Change, Claimed, Counts, DeliveryFilter, DeliveryId,
    DocumentKind, EventFilter, Fence, Health, NewCall, NewEvent, Result, Retention, Settled, Settlement,
    Store, StoreError, StoredAudit, StoredDelivery, StoredDocument, StoredEvent, StoredWebhook, UnixMs,
    WebhookHealth, WholeDelivery,
};
use async_trait::async_trait;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// A store that is opened while the relay already says that it is not ready.
#[derive(Debug, Default)]
pub(super) struct LateStore(OnceLock<Arc<dyn Store>>);

impl LateStore {
    /// It is there. Only the first one counts.
    pub(super) fn arrive(&self, store: Arc<dyn Store>) {
        let _ = self.0.set(store);
    }

    fn store(&self) -> Result<&dyn Store> {
        let away = || StoreError::Unavailable("it could not be opened yet".to_owned());
        self.0.get().map(|store| &**store).ok_or_else(away)
    }
}

#[async_trait]
impl Store for LateStore {
    async fn accept(&self, events: Vec<NewEvent>, now: UnixMs) -> Result<Vec<Accepted>> {
        self.store()?.accept(events, now).await
    }

    async fn call_begin(&self, call: NewCall, now: UnixMs) -> Result<Begun> {
        self.store()?.call_begin(call, now).await
    }

    async fn call_finish(&self, id: Uuid, outcome: CallOutcome, now: UnixMs) -> Result<bool> {
        self.store()?.call_finish(id, outcome, now).await
    }

    async fn call(&self, id: Uuid, now: UnixMs) -> Result<Option<Call>> {
        self.store()?.call(id, now).await
    }

    async fn claim(
        &self,
        limit: usize,
        each: usize,
        without: &[String],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<Claimed>> {
        self.store()?.claim(limit, each, without, until, now).await
    }

    async fn renew(
        &self,
        held: &[(DeliveryId, Fence)],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<DeliveryId>> {
        self.store()?.renew(held, until, now).await
    }

    async fn settle(&self, settlements: Vec<Settlement>, now: UnixMs) -> Result<Vec<Settled>> {
        self.store()?.settle(settlements, now).await
    }

    async fn due(&self, now: UnixMs) -> Result<Option<UnixMs>> {
        self.store()?.due(now).await
    }

    async fn counts(&self) -> Result<Counts> {
        self.store()?.counts().await
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>> {
        self.store()?.events(filter).await
    }

    async fn webhooks(&self) -> Result<Vec<StoredWebhook>> {
        self.store()?.webhooks().await
    }

    async fn put_webhooks(&self, put: Vec<StoredWebhook>, remove: Vec<String>, now: UnixMs) -> Result<()> {
        self.store()?.put_webhooks(put, remove, now).await
    }

    async fn reseal(&self, sealed: Vec<(String, Vec<u8>, Vec<u8>)>) -> Result<bool> {
        self.store()?.reseal(sealed).await
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<StoredDelivery>> {
        self.store()?.deliveries(filter).await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<WholeDelivery>> {
        self.store()?.delivery(id).await
    }

    async fn replay(
        &self,
        filter: &DeliveryFilter,
        audit: Audit,
        now: UnixMs,
    ) -> Result<(u64, Option<DeliveryId>)> {
        self.store()?.replay(filter, audit, now).await
    }

    async fn webhook_health(&self) -> Result<Vec<WebhookHealth>> {
        self.store()?.webhook_health().await
    }

    async fn put_health(
        &self,
        was: WebhookHealth,
        becomes: WebhookHealth,
        events: Vec<NewEvent>,
        now: UnixMs,
    ) -> Result<bool> {
        self.store()?.put_health(was, becomes, events, now).await
    }

    async fn change(&self, change: Change, audit: Audit, now: UnixMs) -> Result<bool> {
        self.store()?.change(change, audit, now).await
    }

    async fn documents(
        &self,
        kind: DocumentKind,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredDocument>> {
        self.store()?.documents(kind, after, limit).await
    }

    async fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<StoredDocument>> {
        self.store()?.document(kind, id).await
    }

    async fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<StoredAudit>> {
        self.store()?.audit(before, limit).await
    }

    async fn retain(&self, retention: Retention, now: UnixMs) -> Result<u64> {
        self.store()?.retain(retention, now).await
    }

    async fn health(&self) -> Result<Health> {
        self.store()?.health().await
    }

    async fn close(&self) {
        if let Ok(store) = self.store() {
            store.close().await;
        }
    }
}
