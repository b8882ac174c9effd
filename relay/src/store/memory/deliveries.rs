//! Deliveries of the model: every question is answered by looking at all of them, or at all that wait.

use super::Kept;
use crate::store::{
    Accepted, Attempt, Audit, Becomes, Claimed, DeliveryFilter, DeliveryId, DeliveryState, Fence,
    NewDelivery, NewEvent, REPLAYED_AT_ONCE, Settled, Settlement, StoredDelivery, StoredEvent, UnixMs,
    WholeDelivery, excerpt,
};
use std::collections::{HashMap, HashSet};

/// A delivery.
#[derive(Debug)]
pub(super) struct Delivery {
    /// The event's place.
    pub(super) event: i64,
    webhook: String,
    order: Option<String>,
    log: Vec<Attempt>,
    attempts: u32,
    replayed_after: Option<u32>,
    stands: Stands,
}

#[derive(Clone, Debug)]
enum Stands {
    Waits(Waits),
    Ended { state: DeliveryState, reason: String, at: UnixMs },
}

#[derive(Clone, Copy, Debug)]
struct Waits {
    /// If it is claimed, when the claim ends.
    due_at: UnixMs,
    /// The current claim's, if there is one.
    fence: Option<i64>,
}

/// What is asked for.
#[derive(Debug)]
pub(super) struct Wish<'a> {
    pub(super) limit: usize,
    /// Of one webhook.
    pub(super) each: usize,
    pub(super) without: &'a [String],
    pub(super) until: UnixMs,
}

impl Delivery {
    fn waits(&self) -> Option<Waits> {
        match self.stands {
            Stands::Waits(waits) => Some(waits),
            Stands::Ended { .. } => None,
        }
    }

    fn waits_mut(&mut self) -> Option<&mut Waits> {
        match &mut self.stands {
            Stands::Waits(waits) => Some(waits),
            Stands::Ended { .. } => None,
        }
    }
}

impl Kept {
    pub(super) fn accept(&mut self, event: NewEvent, now: UnixMs) -> Accepted {
        if self.ids.contains_key(&event.id) {
            return Accepted::Duplicate;
        }
        self.ids.insert(event.id, now);
        self.counts.events += 1;
        let place = self.next();
        for NewDelivery { webhook, order } in event.deliveries {
            let id = self.next();
            let delivery = Delivery {
                event: place,
                webhook,
                order,
                log: Vec::new(),
                attempts: 0,
                replayed_after: None,
                stands: Stands::Waits(Waits { due_at: now, fence: None }),
            };
            self.deliveries.insert(id, delivery);
            self.pending.insert(id);
            self.counts.accepted += 1;
            self.counts.pending += 1;
        }
        let NewEvent { id, kind, project, source, at, body, .. } = event;
        self.events.insert(place, StoredEvent { place, id, kind, project, source, at, taken_at: now, body });
        Accepted::New
    }

    /// Those that wait or are under way, without those that an earlier one comes before.
    fn first(&self) -> Vec<(i64, &Delivery, Waits)> {
        let mut orders = HashSet::new();
        let mut first = Vec::new();
        for id in &self.pending {
            let Some(delivery) = self.deliveries.get(id) else { continue };
            let is_first =
                delivery.order.as_ref().is_none_or(|order| orders.insert((&delivery.webhook, order)));
            if let Some(waits) = delivery.waits().filter(|_| is_first) {
                first.push((*id, delivery, waits));
            }
        }
        first
    }

    pub(super) fn claim(&mut self, wish: &Wish<'_>, now: UnixMs) -> Vec<Claimed> {
        let mut due: Vec<(UnixMs, i64, String)> = Vec::new();
        for (id, delivery, waits) in self.first() {
            if waits.due_at <= now && !wish.without.contains(&delivery.webhook) {
                due.push((waits.due_at, id, delivery.webhook.clone()));
            }
        }
        due.sort();
        let mut of: HashMap<String, usize> = HashMap::new();
        due.retain(|(_, _, webhook)| {
            let count = of.entry(webhook.clone()).or_default();
            *count += 1;
            *count <= wish.each
        });
        due.truncate(wish.limit);
        let mut claimed = Vec::new();
        for (_, id, _) in due {
            let fence = self.next();
            let Some(delivery) = self.deliveries.get_mut(&id) else { continue };
            let Some(event) = self.events.get(&delivery.event) else { continue };
            delivery.stands = Stands::Waits(Waits { due_at: wish.until, fence: Some(fence) });
            claimed.push(Claimed {
                id: DeliveryId(id),
                fence: Fence(fence),
                event: event.id,
                kind: event.kind.clone(),
                project: event.project.clone(),
                body: event.body.clone(),
                webhook: delivery.webhook.clone(),
                attempts: delivery.attempts,
                replayed_after: delivery.replayed_after,
                taken_at: event.taken_at,
            });
        }
        claimed
    }

    pub(super) fn renew(&mut self, held: &[(DeliveryId, Fence)], until: UnixMs) -> Vec<DeliveryId> {
        let mut renewed = Vec::new();
        for (id, fence) in held {
            let waits = self.deliveries.get_mut(&id.0).and_then(Delivery::waits_mut);
            if let Some(waits) = waits.filter(|waits| waits.fence == Some(fence.0)) {
                waits.due_at = until;
                renewed.push(*id);
            }
        }
        renewed
    }

    pub(super) fn settle(&mut self, settlement: Settlement, now: UnixMs) -> Settled {
        let Some(delivery) = self.deliveries.get_mut(&settlement.id.0) else { return Settled::Lost };
        if delivery.waits().and_then(|waits| waits.fence) != Some(settlement.fence.0) {
            return Settled::Lost;
        }
        if let Some(attempt) = settlement.attempt {
            delivery.attempts = delivery.attempts.saturating_add(1);
            delivery.log.push(Attempt { response: excerpt(&attempt.response).to_owned(), ..attempt });
        }
        let (state, reason) = match settlement.becomes {
            Becomes::Waiting(due_at) => {
                delivery.stands = Stands::Waits(Waits { due_at, fence: None });
                return Settled::Yes;
            }
            Becomes::Delivered => (DeliveryState::Delivered, String::new()),
            Becomes::Dead(reason) => (DeliveryState::Dead, reason),
            Becomes::Skipped(reason) => (DeliveryState::Skipped, reason),
        };
        delivery.stands = Stands::Ended { state, reason, at: now };
        self.pending.remove(&settlement.id.0);
        *self.count(state) += 1;
        self.counts.pending -= 1;
        Settled::Yes
    }

    fn count(&mut self, state: DeliveryState) -> &mut u64 {
        match state {
            DeliveryState::Pending => &mut self.counts.pending,
            DeliveryState::Delivered => &mut self.counts.delivered,
            DeliveryState::Skipped => &mut self.counts.skipped,
            DeliveryState::Dead => &mut self.counts.dead,
        }
    }

    pub(super) fn due(&self, now: UnixMs) -> Option<UnixMs> {
        let waiting = self.first().into_iter().map(|(_, _, waits)| waits);
        let free = waiting.filter(|waits| waits.fence.is_none() || waits.due_at <= now);
        free.map(|waits| waits.due_at).min()
    }

    fn stored(&self, id: i64, delivery: &Delivery) -> Option<StoredDelivery> {
        let event = self.events.get(&delivery.event)?;
        let (state, reason, due_at, ended_at) = match &delivery.stands {
            Stands::Waits(waits) => (DeliveryState::Pending, "", Some(waits.due_at), None),
            Stands::Ended { state, reason, at } => (*state, reason.as_str(), None, Some(*at)),
        };
        Some(StoredDelivery {
            id: DeliveryId(id),
            event: event.id,
            kind: event.kind.clone(),
            project: event.project.clone(),
            webhook: delivery.webhook.clone(),
            state,
            reason: reason.to_owned(),
            attempts: delivery.attempts,
            taken_at: event.taken_at,
            due_at,
            ended_at,
        })
    }

    /// Those that a filter asks for, the newest first, however many.
    fn asked<'a>(&'a self, filter: &'a DeliveryFilter) -> impl Iterator<Item = StoredDelivery> + 'a {
        let stored = self.deliveries.iter().rev().filter_map(|(id, delivery)| self.stored(*id, delivery));
        stored.filter(|it| {
            filter.webhook.as_ref().is_none_or(|webhook| *webhook == it.webhook)
                && filter.event.is_none_or(|event| event == it.event)
                && filter.kind.as_ref().is_none_or(|kind| *kind == it.kind)
                && filter.project.as_ref().is_none_or(|project| *project == it.project)
                && filter.state.is_none_or(|state| state == it.state)
                && filter.from.is_none_or(|from| it.taken_at >= from)
                && filter.to.is_none_or(|to| it.taken_at < to)
                && filter.before.is_none_or(|before| it.id < before)
        })
    }

    pub(super) fn list(&self, filter: &DeliveryFilter) -> Vec<StoredDelivery> {
        self.asked(filter).take(filter.limit).collect()
    }

    pub(super) fn whole(&self, id: DeliveryId) -> Option<WholeDelivery> {
        let delivery = self.deliveries.get(&id.0)?;
        let body = self.events.get(&delivery.event)?.body.clone();
        let log = delivery.log.iter().rev().take(crate::store::LOGGED).rev().cloned().collect();
        Some(WholeDelivery { delivery: self.stored(id.0, delivery)?, body, log })
    }

    pub(super) fn replay(
        &mut self,
        filter: &DeliveryFilter,
        audit: Audit,
        now: UnixMs,
    ) -> (u64, Option<DeliveryId>) {
        let limit = filter.limit.min(REPLAYED_AT_ONCE);
        let ended = self.asked(filter).filter(|it| it.state != DeliveryState::Pending).take(limit);
        let ended: Vec<(i64, DeliveryState)> = ended.map(|it| (it.id.0, it.state)).collect();
        for (id, state) in &ended {
            let Some(delivery) = self.deliveries.get_mut(id) else { continue };
            delivery.replayed_after = Some(delivery.attempts);
            delivery.stands = Stands::Waits(Waits { due_at: now, fence: None });
            self.pending.insert(*id);
            *self.count(*state) -= 1;
            self.counts.pending += 1;
        }
        self.write_down(audit, now);
        let last = ended.last().filter(|_| ended.len() == limit);
        (ended.len() as u64, last.map(|(id, _)| DeliveryId(*id)))
    }
}
