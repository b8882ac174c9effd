//! Everything in memory: the model that the engines are compared with, and a store for trying things out. It keeps every promise but
//! the one that something is still there after a restart.

use super::{
    Accepted, Becomes, Begun, Call, CallOutcome, CallState, Claimed, Counts, DeliveryId, EventFilter, Fence,
    Health, NewCall, NewDelivery, NewEvent, Result, Retention, Settled, Settlement, Store, StoreError,
    StoredEvent, StoredWebhook, UnixMs,
};
use async_trait::async_trait;
use std::collections::{BTreeMap, HashMap};
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
    calls: HashMap<Uuid, Known>,
    webhooks: BTreeMap<String, StoredWebhook>,
    counts: Counts,
}

#[derive(Debug)]
struct Delivery {
    /// The event's place.
    event: i64,
    webhook: String,
    attempts: u32,
    /// None if it has ended.
    waits: Option<Waits>,
}

#[derive(Clone, Copy, Debug)]
struct Waits {
    /// If it is claimed, when the claim ends.
    due_at: UnixMs,
    /// The current claim's, if there is one.
    fence: Option<i64>,
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

    fn accept(&mut self, event: NewEvent, now: UnixMs) -> Accepted {
        if self.ids.contains_key(&event.id) {
            return Accepted::Duplicate;
        }
        self.ids.insert(event.id, now);
        self.counts.events += 1;
        let place = self.next();
        for NewDelivery { webhook, .. } in event.deliveries {
            let waits = Some(Waits { due_at: now, fence: None });
            let id = self.next();
            self.deliveries.insert(id, Delivery { event: place, webhook, attempts: 0, waits });
            self.counts.accepted += 1;
            self.counts.pending += 1;
        }
        let NewEvent { id, kind, project, source, at, body, .. } = event;
        self.events.insert(place, StoredEvent { place, id, kind, project, source, at, taken_at: now, body });
        Accepted::New
    }

    fn settle(&mut self, settlement: Settlement) -> Settled {
        let Some(delivery) = self.deliveries.get_mut(&settlement.id.0) else { return Settled::Lost };
        if delivery.waits.and_then(|waits| waits.fence) != Some(settlement.fence.0) {
            return Settled::Lost;
        }
        if settlement.attempt.is_some() {
            delivery.attempts = delivery.attempts.saturating_add(1);
        }
        delivery.waits = None;
        match settlement.becomes {
            Becomes::Waiting(due_at) => {
                delivery.waits = Some(Waits { due_at, fence: None });
                return Settled::Yes;
            }
            Becomes::Delivered => self.counts.delivered += 1,
            Becomes::Dead(_) => self.counts.dead += 1,
            Becomes::Skipped(_) => self.counts.skipped += 1,
        }
        self.counts.pending -= 1;
        Settled::Yes
    }

    /// The events that need not be kept, at most so many.
    fn outdated(&self, until: UnixMs) -> Vec<i64> {
        let waiting: std::collections::HashSet<i64> =
            self.deliveries.values().filter(|delivery| delivery.waits.is_some()).map(|it| it.event).collect();
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
        let mut kept = self.kept()?;
        let mut due: Vec<(UnixMs, i64, String)> = Vec::new();
        for (id, delivery) in &kept.deliveries {
            if let Some(waits) = delivery.waits.filter(|waits| waits.due_at <= now) {
                due.push((waits.due_at, *id, delivery.webhook.clone()));
            }
        }
        due.sort();
        let mut of: HashMap<String, usize> = HashMap::new();
        due.retain(|(_, _, webhook)| {
            let count = of.entry(webhook.clone()).or_default();
            *count += 1;
            *count <= each && !without.contains(webhook)
        });
        due.truncate(limit);
        let mut claimed = Vec::new();
        for (_, id, _) in due {
            let fence = kept.next();
            let kept = &mut *kept;
            let Some(delivery) = kept.deliveries.get_mut(&id) else { continue };
            let Some(event) = kept.events.get(&delivery.event) else { continue };
            delivery.waits = Some(Waits { due_at: until, fence: Some(fence) });
            claimed.push(Claimed {
                id: DeliveryId(id),
                fence: Fence(fence),
                event: event.id,
                kind: event.kind.clone(),
                project: event.project.clone(),
                body: event.body.clone(),
                webhook: delivery.webhook.clone(),
                attempts: delivery.attempts,
                replayed_after: None,
                taken_at: event.taken_at,
            });
        }
        Ok(claimed)
    }

    async fn renew(&self, held: &[(DeliveryId, Fence)], until: UnixMs, _: UnixMs) -> Result<Vec<DeliveryId>> {
        let mut kept = self.kept()?;
        let mut renewed = Vec::new();
        for (id, fence) in held {
            let waits = kept.deliveries.get_mut(&id.0).and_then(|delivery| delivery.waits.as_mut());
            if let Some(waits) = waits.filter(|waits| waits.fence == Some(fence.0)) {
                waits.due_at = until;
                renewed.push(*id);
            }
        }
        Ok(renewed)
    }

    async fn settle(&self, settlements: Vec<Settlement>, _: UnixMs) -> Result<Vec<Settled>> {
        let mut kept = self.kept()?;
        Ok(settlements.into_iter().map(|settlement| kept.settle(settlement)).collect())
    }

    async fn due(&self, now: UnixMs) -> Result<Option<UnixMs>> {
        let kept = self.kept()?;
        let waiting = kept.deliveries.values().filter_map(|delivery| delivery.waits);
        let free = waiting.filter(|waits| waits.fence.is_none() || waits.due_at <= now);
        Ok(free.map(|waits| waits.due_at).min())
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
        let events = kept.outdated(now.saturating_sub(retention.events_ms));
        let count = calls.len() + ids.len() + events.len();
        for id in calls {
            kept.calls.remove(&id);
        }
        for id in ids {
            kept.ids.remove(&id);
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
