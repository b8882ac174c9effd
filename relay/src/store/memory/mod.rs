//! Everything in memory: the model that the engines are compared with, and a store for trying things out. It keeps every promise but
//! the one that something is still there after a restart.

mod deliveries;
mod manage;

use super::{
    Accepted, Audit, Begun, Call, CallOutcome, CallState, Change, Claimed, Counts, DeliveryFilter,
    DeliveryId, DocumentKind, EventFilter, Fence, Health, NewCall, NewEvent, Result, Retention, Settled,
    Settlement, Store, StoreError, StoredAudit, StoredDelivery, StoredDocument, StoredEvent, StoredWebhook,
    UnixMs, WebhookHealth, WholeDelivery,
};
use async_trait::async_trait;
use deliveries::{Delivery, Wish};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// So much is removed at a time.
const AT_ONCE: usize = 1000;

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    closed: bool,
    /// The last place, delivery and fence that were given.
    last: i64,
    ids: HashMap<Uuid, UnixMs>,
    /// By place.
    events: BTreeMap<i64, StoredEvent>,
    deliveries: BTreeMap<i64, Delivery>,
    /// The deliveries that wait or are under way.
    pending: BTreeSet<i64>,
    calls: HashMap<Uuid, Known>,
    webhooks: BTreeMap<String, StoredWebhook>,
    health: BTreeMap<String, WebhookHealth>,
    documents: BTreeMap<(DocumentKind, String), StoredDocument>,
    /// By place.
    audit: BTreeMap<i64, StoredAudit>,
    counts: Counts,
}

#[derive(Debug)]
struct Known {
    call: NewCall,
    begun_at: UnixMs,
    outcome: Option<CallOutcome>,
}

impl MemoryStore {
    fn kept(&self) -> Result<MutexGuard<'_, Kept>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.closed {
            return Err(StoreError::Unavailable("it was closed".to_owned()));
        }
        Ok(kept)
    }
}

impl Kept {
    fn next(&mut self) -> i64 {
        self.last += 1;
        self.last
    }

    /// The events that need not be kept, at most so many.
    fn outdated(&self, until: UnixMs) -> Vec<i64> {
        let waiting = self.pending.iter().filter_map(|id| self.deliveries.get(id));
        let waiting: HashSet<i64> = waiting.map(|delivery| delivery.event).collect();
        let old = self.events.values().filter(|event| event.taken_at <= until);
        old.map(|event| event.place).filter(|place| !waiting.contains(place)).take(AT_ONCE).collect()
    }
}

impl Known {
    fn state(&self, now: UnixMs) -> CallState {
        match &self.outcome {
            Some(outcome) => CallState::Finished(outcome.clone()),
            None if now < self.call.lease_until => {
                CallState::InProgress { lease_until: self.call.lease_until }
            }
            None => CallState::Unknown,
        }
    }

    fn is_same(&self, other: &NewCall) -> bool {
        let call = &self.call;
        (&call.webhook, &call.project, &call.origin, call.fingerprint)
            == (&other.webhook, &other.project, &other.origin, other.fingerprint)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn accept(&self, events: Vec<NewEvent>, now: UnixMs) -> Result<Vec<Accepted>> {
        let mut kept = self.kept()?;
        Ok(events.into_iter().map(|event| kept.accept(event, now)).collect())
    }

    async fn call_begin(&self, call: NewCall, now: UnixMs) -> Result<Begun> {
        let mut kept = self.kept()?;
        let Some(known) = kept.calls.get_mut(&call.id) else {
            kept.calls.insert(call.id, Known { call, begun_at: now, outcome: None });
            return Ok(Begun::New);
        };
        if !known.is_same(&call) {
            return Ok(Begun::Other);
        }
        if known.outcome.is_none() && known.call.holder == call.holder {
            known.call.lease_until = known.call.lease_until.max(call.lease_until);
            return Ok(Begun::New);
        }
        Ok(match known.state(now) {
            CallState::InProgress { lease_until } => Begun::InProgress { lease_until },
            CallState::Finished(outcome) => Begun::Finished(outcome),
            CallState::Unknown => Begun::Unknown,
        })
    }

    async fn call_finish(&self, id: Uuid, outcome: CallOutcome, _: UnixMs) -> Result<bool> {
        let mut kept = self.kept()?;
        let Some(known) = kept.calls.get_mut(&id).filter(|known| known.outcome.is_none()) else {
            return Ok(false);
        };
        known.outcome = Some(outcome);
        Ok(true)
    }

    async fn call(&self, id: Uuid, now: UnixMs) -> Result<Option<Call>> {
        let kept = self.kept()?;
        Ok(kept.calls.get(&id).map(|known| Call {
            webhook: known.call.webhook.clone(),
            project: known.call.project.clone(),
            origin: known.call.origin.clone(),
            begun_at: known.begun_at,
            state: known.state(now),
        }))
    }

    async fn claim(
        &self,
        limit: usize,
        each: usize,
        without: &[String],
        until: UnixMs,
        now: UnixMs,
    ) -> Result<Vec<Claimed>> {
        Ok(self.kept()?.claim(&Wish { limit, each, without, until }, now))
    }

    async fn renew(&self, held: &[(DeliveryId, Fence)], until: UnixMs, _: UnixMs) -> Result<Vec<DeliveryId>> {
        Ok(self.kept()?.renew(held, until))
    }

    async fn settle(&self, settlements: Vec<Settlement>, now: UnixMs) -> Result<Vec<Settled>> {
        let mut kept = self.kept()?;
        Ok(settlements.into_iter().map(|settlement| kept.settle(settlement, now)).collect())
    }

    async fn due(&self, now: UnixMs) -> Result<Option<UnixMs>> {
        Ok(self.kept()?.due(now))
    }

    async fn counts(&self) -> Result<Counts> {
        Ok(self.kept()?.counts)
    }

    async fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>> {
        let kept = self.kept()?;
        let found = kept.events.values().rev().filter(|event| {
            filter.kind.as_ref().is_none_or(|kind| *kind == event.kind)
                && filter.project.as_ref().is_none_or(|project| *project == event.project)
                && filter.id.is_none_or(|id| id == event.id)
                && filter.before.is_none_or(|place| event.place < place)
        });
        Ok(found.take(filter.limit).cloned().collect())
    }

    async fn webhooks(&self) -> Result<Vec<StoredWebhook>> {
        Ok(self.kept()?.webhooks.values().cloned().collect())
    }

    async fn put_webhooks(&self, put: Vec<StoredWebhook>, remove: Vec<String>, now: UnixMs) -> Result<()> {
        let mut kept = self.kept()?;
        for id in remove {
            kept.webhooks.remove(&id);
            kept.health.remove(&id);
        }
        for webhook in put {
            kept.webhooks.insert(webhook.id.clone(), StoredWebhook { updated_at: now, ..webhook });
        }
        Ok(())
    }

    async fn reseal(&self, sealed: Vec<(String, Vec<u8>, Vec<u8>)>) -> Result<bool> {
        let mut kept = self.kept()?;
        let still = |(id, was, _): &(String, Vec<u8>, Vec<u8>)| {
            kept.webhooks.get(id).is_some_and(|webhook| webhook.sealed == *was)
        };
        if !sealed.iter().all(still) {
            return Ok(false);
        }
        for (id, _, becomes) in sealed {
            if let Some(webhook) = kept.webhooks.get_mut(&id) {
                webhook.sealed = becomes;
            }
        }
        Ok(true)
    }

    async fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<StoredDelivery>> {
        Ok(self.kept()?.list(filter))
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<WholeDelivery>> {
        Ok(self.kept()?.whole(id))
    }

    async fn replay(
        &self,
        filter: &DeliveryFilter,
        audit: Audit,
        now: UnixMs,
    ) -> Result<(u64, Option<DeliveryId>)> {
        Ok(self.kept()?.replay(filter, audit, now))
    }

    async fn webhook_health(&self) -> Result<Vec<WebhookHealth>> {
        Ok(self.kept()?.health.values().cloned().collect())
    }

    async fn put_health(
        &self,
        was: WebhookHealth,
        becomes: WebhookHealth,
        events: Vec<NewEvent>,
        now: UnixMs,
    ) -> Result<bool> {
        let mut kept = self.kept()?;
        let is_made = kept.put_health(&was, becomes);
        if is_made {
            kept.accept_all(events, now);
        }
        Ok(is_made)
    }

    async fn change(&self, change: Change, audit: Audit, now: UnixMs) -> Result<bool> {
        Ok(self.kept()?.change(change, audit, now))
    }

    async fn documents(
        &self,
        kind: DocumentKind,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StoredDocument>> {
        let kept = self.kept()?;
        let of_kind = kept.documents.iter().filter(|((of, _), _)| *of == kind).map(|(_, document)| document);
        let next = of_kind.filter(|document| after.is_none_or(|after| document.id.as_str() > after));
        Ok(next.take(limit).cloned().collect())
    }

    async fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<StoredDocument>> {
        Ok(self.kept()?.documents.get(&(kind, id.to_owned())).cloned())
    }

    async fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<StoredAudit>> {
        let kept = self.kept()?;
        let older = kept.audit.range(..before.unwrap_or(i64::MAX)).rev();
        Ok(older.take(limit).map(|(_, line)| line.clone()).collect())
    }

    async fn retain(&self, retention: Retention, now: UnixMs) -> Result<u64> {
        let mut kept = self.kept()?;
        let until = now.saturating_sub(retention.calls_ms);
        let calls = kept.calls.iter().filter(|(_, known)| {
            known.begun_at <= until && !matches!(known.state(now), CallState::InProgress { .. })
        });
        let calls: Vec<Uuid> = calls.map(|(id, _)| *id).take(AT_ONCE).collect();
        let until = now.saturating_sub(retention.ids_ms);
        let ids = kept.ids.iter().filter(|(_, taken_at)| **taken_at <= until);
        let ids: Vec<Uuid> = ids.map(|(id, _)| *id).take(AT_ONCE).collect();
        let until = now.saturating_sub(retention.events_ms);
        let events = kept.outdated(until);
        let lines = kept.audit.values().filter(|line| line.at <= until).map(|line| line.place);
        let lines: Vec<i64> = lines.take(AT_ONCE).collect();
        let count = calls.len() + ids.len() + events.len() + lines.len();
        for id in calls {
            kept.calls.remove(&id);
        }
        for id in ids {
            kept.ids.remove(&id);
        }
        for place in lines {
            kept.audit.remove(&place);
        }
        for place in &events {
            kept.events.remove(place);
        }
        let kept = &mut *kept;
        kept.deliveries.retain(|_, delivery| kept.events.contains_key(&delivery.event));
        Ok(count as u64)
    }

    async fn health(&self) -> Result<Health> {
        self.kept().map(|_| Health::default())
    }

    async fn close(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance;
    use std::sync::Arc;

    #[tokio::test(flavor = "multi_thread")]
    async fn keeps_every_promise() {
        conformance::all(async || Arc::new(MemoryStore::default()) as Arc<dyn Store>).await;
    }
}
