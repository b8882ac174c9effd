//! What is taken from the store: no more than may be sent soon. What cannot be is given back.

use super::super::machine::Now;
use super::Effect;
use super::endpoint::Load;
use super::judge::GONE;
use super::machine::{Dispatch, Held, Phase};
use super::settling::backoff_ms;
use crate::store::{Becomes, Claimed, DeliveryId, StoreError, UnixMs};
use std::collections::BTreeMap;

/// So many are claimed at a time at most.
const BATCH: usize = 256;
/// The store is asked when the next one is due no more often than this, in milliseconds.
const DUE_MS: u64 = 200;
/// Nothing is waited for longer than this, in milliseconds.
const LONGEST_MS: u64 = 24 * 3_600_000;
/// What cannot be judged yet, because the webhooks are to be read anew, is claimed again after so many milliseconds.
const LATER_MS: UnixMs = 2_500;

/// How far claiming is.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// There may be something to be claimed.
    pub(super) is_stirred: bool,
    under_way: Option<Asked>,
    /// After failures: not before then.
    again_ms: u64,
    failures: u32,
    /// When it is looked for what others have taken.
    poll_ms: u64,
    /// When the next one is due, as far as is known.
    due_ms: Option<u64>,
    due_under_way: Option<u64>,
    /// It is to be asked when the next one is due, not before then.
    due_wanted_ms: Option<u64>,
    due_asked_ms: Option<u64>,
}

/// What was asked for.
#[derive(Debug)]
struct Asked {
    op: u64,
    limit: usize,
    each: usize,
    without: Vec<String>,
}

impl Claims {
    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_none()
    }

    pub(super) fn wakes_ms(&self, clock_ms: u64, is_draining: bool) -> Option<u64> {
        if is_draining || self.under_way.is_some() {
            return None;
        }
        if clock_ms < self.again_ms {
            return Some(self.again_ms);
        }
        let is_asked = self.is_stirred || self.due_under_way.is_some();
        let wanted_ms = self.due_wanted_ms.filter(|_| !is_asked);
        [Some(self.poll_ms), self.due_ms, wanted_ms].into_iter().flatten().min()
    }

    /// The number of the claim that is under way.
    #[cfg(test)]
    pub(super) fn op(&self) -> Option<u64> {
        self.under_way.as_ref().map(|asked| asked.op)
    }

    /// Something is due then.
    pub(super) fn due_at(&mut self, at_ms: u64) {
        self.due_ms = Some(self.due_ms.map_or(at_ms, |due_ms| due_ms.min(at_ms)));
    }
}

impl Dispatch {
    /// Claims what may be sent, if there may be something.
    pub(super) fn claim(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let clock_ms = now.clock_ms;
        if self.is_draining() || self.claims.under_way.is_some() || clock_ms < self.claims.again_ms {
            return;
        }
        if self.webhooks.is_none() || !self.is_health_known {
            self.claims.poll_ms = clock_ms.saturating_add(self.limits.poll_ms);
            return;
        }
        let is_due = self.claims.due_ms.is_some_and(|due_ms| due_ms <= clock_ms);
        if is_due || self.claims.poll_ms <= clock_ms {
            self.claims.is_stirred = true;
            self.claims.poll_ms = clock_ms.saturating_add(self.limits.poll_ms);
            self.claims.due_ms = self.claims.due_ms.filter(|_| !is_due);
        }
        if !self.claims.is_stirred {
            return self.ask_when(now, effects);
        }
        let limit = self.room();
        if limit == 0 {
            return;
        }
        let (limits, load) = (&self.limits, self.load);
        let mut without = Vec::new();
        for (id, endpoint) in &mut self.endpoints {
            let has_room = match endpoint.condition.is_disabled() {
                // Most of it is not sent at all.
                true => endpoint.queue.len() < limits.per_webhook,
                false => endpoint.has_room(limits, load, clock_ms),
            };
            if !has_room {
                endpoint.has_more = true;
                without.push(id.clone());
                let blocked = endpoint.blocked_until_ms(clock_ms);
                let at_ms = match blocked {
                    Some(until_ms) => until_ms,
                    // Somebody else has to make room first.
                    None if endpoint.under_way == 0 => clock_ms + 250,
                    None => continue,
                };
                self.scan_ms = Some(self.scan_ms.map_or(at_ms, |scan_ms| scan_ms.min(at_ms)));
            }
        }
        self.claims.is_stirred = false;
        let (op, each) = (self.op(), self.limits.per_webhook.max(1));
        let lease_ms = UnixMs::try_from(self.limits.lease_ms()).unwrap_or(UnixMs::MAX);
        let until = now.wall_ms.saturating_add(lease_ms);
        effects.push(Effect::Claim { op, limit, each, without: without.clone(), until });
        self.claims.under_way = Some(Asked { op, limit, each, without });
    }

    /// How many more may be claimed.
    fn room(&self) -> usize {
        let Load { bytes, .. } = self.load;
        // What ended is written down before much more is begun.
        let open = self.held.len() - self.settling.count().min(self.held.len());
        if self.settling.count() > self.limits.at_once {
            return 0;
        }
        let by_count = self.limits.at_once.saturating_sub(open);
        let by_bytes = self.limits.bytes.saturating_sub(bytes) / self.limits.event_bytes.max(1);
        by_count.min(by_bytes).min(BATCH)
    }

    fn ask_when(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let claims = &mut self.claims;
        if claims.due_under_way.is_some() || claims.due_wanted_ms.is_none_or(|at_ms| now.clock_ms < at_ms) {
            return;
        }
        claims.due_wanted_ms = None;
        claims.due_asked_ms = Some(now.clock_ms);
        let op = self.op();
        self.claims.due_under_way = Some(op);
        effects.push(Effect::Due { op });
    }

    pub(super) fn due(&mut self, now: Now, op: u64, result: Result<Option<UnixMs>, StoreError>) {
        if self.claims.due_under_way != Some(op) {
            return;
        }
        self.claims.due_under_way = None;
        // What is due already belongs to webhooks that are not sent anything at the moment, or was taken just now: both stir.
        if let Ok(Some(at)) = result
            && let Ok(after_ms @ 1..) = u64::try_from(at.saturating_sub(now.wall_ms))
        {
            self.claims.due_at(now.clock_ms.saturating_add(after_ms.min(LONGEST_MS)));
        }
    }

    pub(super) fn claimed(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Vec<Claimed>, StoreError>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(asked) = self.claims.under_way.take_if(|asked| asked.op == op) else { return };
        let claimed = match result {
            Ok(claimed) => claimed,
            Err(_) => {
                self.claims.failures = self.claims.failures.saturating_add(1);
                let wait_ms = backoff_ms(self.claims.failures, self.chance.unit());
                self.claims.again_ms = now.clock_ms.saturating_add(wait_ms);
                self.claims.is_stirred = true;
                return;
            }
        };
        (self.claims.failures, self.claims.again_ms) = (0, 0);
        self.claims.poll_ms = now.clock_ms.saturating_add(self.limits.poll_ms);
        let is_full = claimed.len() >= asked.limit;
        self.claims.is_stirred |= is_full;
        if !is_full {
            let soonest = self.claims.due_asked_ms.map_or(0, |at_ms| at_ms.saturating_add(DUE_MS));
            self.claims.due_wanted_ms = Some(now.clock_ms.max(soonest));
        }
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for delivery in claimed {
            *counts.entry(delivery.webhook.clone()).or_default() += 1;
            self.take(now, delivery, effects);
        }
        for (id, endpoint) in &mut self.endpoints {
            // Those that were left out may have more: that is known already.
            if asked.without.binary_search(id).is_err() {
                let count = counts.get(id).copied().unwrap_or(0);
                endpoint.has_more = count >= asked.each || is_full && endpoint.has_more;
            }
        }
        for webhook in counts.keys() {
            self.look_at(now, webhook, effects);
        }
    }

    /// A delivery is in hand. It is sent when its turn comes, unless it is not to be sent at all.
    fn take(&mut self, now: Now, claimed: Claimed, effects: &mut Vec<Effect>) {
        let lease_ms = Some(now.clock_ms.saturating_add(self.limits.lease_ms()));
        let id = claimed.id;
        if let Some(held) = self.held.get_mut(&id) {
            // The claim ran out for the store, because its clock was set: this is the new one.
            held.claimed.fence = claimed.fence;
            held.lease_ms = lease_ms;
            if let Phase::Settling { settlement, .. } = &mut held.phase
                && !self.settling.is_under_way(id)
            {
                settlement.fence = claimed.fence;
            }
            return;
        }
        self.load.bytes = self.load.bytes.saturating_add(claimed.body.len());
        let webhook = claimed.webhook.clone();
        let not_to_be_sent = self.not_to_be_sent(now, &claimed);
        self.held.insert(id, Held { claimed, lease_ms, phase: Phase::Queued });
        if self.is_draining() {
            return self.settle_as(id, None, Becomes::Waiting(now.wall_ms));
        }
        match not_to_be_sent {
            None => {
                let endpoint = self.endpoint(&webhook);
                if endpoint.queue.is_empty() {
                    endpoint.queued_ms = now.clock_ms;
                }
                endpoint.queue.push_back(id);
            }
            Some(becomes) => {
                if matches!(becomes, Becomes::Waiting(_)) && !effects.contains(&Effect::Look) {
                    effects.push(Effect::Look);
                }
                self.settle_as(id, None, becomes);
            }
        }
    }

    /// What becomes of a delivery that is not to be sent; none if it is.
    fn not_to_be_sent(&self, now: Now, claimed: &Claimed) -> Option<Becomes> {
        let condition = self.endpoints.get(&claimed.webhook).map(|endpoint| &endpoint.condition);
        let is_replayed = claimed.replayed_after.is_some();
        let disabled = condition.filter(|_| !is_replayed).and_then(|condition| condition.disabled_reason());
        let becomes = match self.webhooks.as_ref().and_then(|webhooks| webhooks.get(&claimed.webhook)) {
            None => Becomes::Skipped("the webhook was removed".into()),
            Some(webhook) if !webhook.active && !is_replayed => {
                Becomes::Skipped("the webhook is not active".into())
            }
            Some(_) => match disabled? {
                GONE => Becomes::Dead(GONE.into()),
                reason => Becomes::Skipped(format!("the webhook was disabled: {reason}")),
            },
        };
        // It may have been added or enabled, by another relay, after what is known here was read and before the event was taken.
        let is_known = self.known_at >= claimed.taken_at || claimed.taken_at > now.wall_ms;
        Some(if is_known { becomes } else { Becomes::Waiting(now.wall_ms.saturating_add(LATER_MS)) })
    }

    /// What waits for its turn is there for others again.
    pub(super) fn give_back(&mut self, now: Now, webhook: &str) {
        let Some(endpoint) = self.endpoints.get_mut(webhook) else { return };
        endpoint.has_more |= !endpoint.queue.is_empty();
        let queued: Vec<DeliveryId> = endpoint.queue.drain(..).collect();
        for id in queued {
            self.settle_as(id, None, Becomes::Waiting(now.wall_ms));
        }
    }
}
