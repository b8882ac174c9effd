//! What became of deliveries is written down, many at a time, and what is held for long is renewed.

use super::super::machine::Now;
use super::Effect;
use super::machine::{Dispatch, Phase};
use crate::store::{Becomes, DeliveryId, Fence, Settled, Settlement, StoreError, UnixMs};
use std::collections::{HashSet, VecDeque};

/// So many are written down at a time at most.
const BATCH: usize = 256;
/// The wait after a store has failed is at most this, then twice that, and so on, in milliseconds.
const BASE_MS: u64 = 100;
/// No wait of these is longer.
const CAP_MS: u64 = 2_000;

/// How long to wait after a store has failed so often: half of it at least, so that one that comes back is not asked by all at once.
pub(super) fn backoff_ms(failures: u32, unit: f64) -> u64 {
    let most_ms = (BASE_MS << failures.saturating_sub(1).min(10)).min(CAP_MS);
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let ms = (most_ms as f64 * (0.5 + unit / 2.0)) as u64;
    ms
}

/// How far writing down is.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// What is to be written down next.
    pub(super) waiting: VecDeque<DeliveryId>,
    batch: Option<Batch>,
}

/// What is being written down. It is tried until it is.
#[derive(Debug)]
struct Batch {
    /// None while it is not being tried.
    op: Option<u64>,
    ids: Vec<DeliveryId>,
    known: HashSet<DeliveryId>,
    failures: u32,
    again_ms: u64,
}

impl Settling {
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.batch.is_none()
    }

    pub(super) fn count(&self) -> usize {
        self.waiting.len() + self.batch.as_ref().map_or(0, |batch| batch.ids.len())
    }

    pub(super) fn is_under_way(&self, id: DeliveryId) -> bool {
        self.batch.as_ref().is_some_and(|batch| batch.known.contains(&id))
    }

    pub(super) fn wakes_ms(&self) -> Option<u64> {
        self.batch.as_ref().filter(|batch| batch.op.is_none()).map(|batch| batch.again_ms)
    }
}

/// How far renewing is.
#[derive(Debug, Default)]
pub(super) struct Renewing {
    under_way: Option<Asked>,
    /// When it is looked for claims that run out.
    at_ms: u64,
    is_forced: bool,
}

/// What was asked for.
#[derive(Debug)]
struct Asked {
    op: u64,
    since_ms: u64,
    held: Vec<(DeliveryId, Fence)>,
}

impl Renewing {
    /// All claims are renewed now: the store's clock was set.
    pub(super) fn all_at_once(&mut self) {
        self.is_forced = true;
        self.at_ms = 0;
    }

    pub(super) fn wakes_ms(&self) -> Option<u64> {
        (self.under_way.is_none() && self.at_ms > 0).then_some(self.at_ms)
    }
}

impl Dispatch {
    /// Writes down what has ended, if nothing is being written down.
    pub(super) fn settle(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.settling.batch.is_none() && !self.settling.waiting.is_empty() {
            let count = self.settling.waiting.len().min(BATCH);
            let ids: Vec<DeliveryId> = self.settling.waiting.drain(..count).collect();
            let known = ids.iter().copied().collect();
            self.settling.batch = Some(Batch { op: None, ids, known, failures: 0, again_ms: 0 });
        }
        let is_next = |batch: &Batch| batch.op.is_none() && batch.again_ms <= now.clock_ms;
        if !self.settling.batch.as_ref().is_some_and(is_next) {
            return;
        }
        let op = self.op();
        let Some(batch) = &mut self.settling.batch else { return };
        batch.op = Some(op);
        let settlements: Vec<Settlement> =
            batch.ids.iter().filter_map(|id| self.held.get(id)?.settlement().cloned()).collect();
        effects.push(Effect::Settle { op, settlements });
    }

    pub(super) fn settled(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Vec<Settled>, StoreError>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(batch) = &mut self.settling.batch else { return };
        if batch.op != Some(op) {
            return;
        }
        let Ok(settled) = result else {
            batch.op = None;
            batch.failures = batch.failures.saturating_add(1);
            let wait_ms = backoff_ms(batch.failures, self.chance.unit());
            batch.again_ms = now.clock_ms.saturating_add(wait_ms);
            return;
        };
        let (ids, is_first) = (std::mem::take(&mut batch.ids), batch.failures == 0);
        self.settling.batch = None;
        let mut touched = Vec::new();
        for (place, id) in ids.into_iter().enumerate() {
            let settled = settled.get(place).copied().unwrap_or(Settled::Lost);
            let Some(held) = self.held.remove(&id) else { continue };
            let fence = held.claimed.fence;
            let Phase::Settling { mut settlement, is_exhausted } = held.phase else { continue };
            if settled == Settled::Lost && settlement.fence != fence {
                // It was claimed anew by this relay meanwhile, because the store's clock was set.
                settlement.fence = fence;
                let phase = Phase::Settling { settlement, is_exhausted };
                self.held.insert(id, super::machine::Held { phase, ..held });
                self.settling.waiting.push_back(id);
                continue;
            }
            if let (Settled::Yes, Becomes::Waiting(due)) = (settled, &settlement.becomes) {
                let after_ms = u64::try_from(due.saturating_sub(now.wall_ms)).unwrap_or(0);
                if after_ms > 0 {
                    self.claims.due_at(now.clock_ms.saturating_add(after_ms));
                }
            }
            // If the first try was done and not heard, this one is lost.
            if is_exhausted && (settled == Settled::Yes || !is_first) {
                self.tell_of_exhausted(now, &held.claimed, &settlement);
                touched.push(held.claimed.webhook);
            }
        }
        // Those of a session that waited for one that has ended are due now.
        self.claims.is_stirred = true;
        for webhook in touched {
            self.look_at(now, &webhook, effects);
        }
    }

    /// Renews claims that run out, if nothing is being renewed.
    pub(super) fn renew(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let renewing = &mut self.renewing;
        if renewing.under_way.is_some() || now.clock_ms < renewing.at_ms {
            return;
        }
        let lease_ms = self.limits.lease_ms();
        let soon = if renewing.is_forced { u64::MAX } else { now.clock_ms.saturating_add(lease_ms / 2) };
        let held: Vec<(DeliveryId, Fence)> = self
            .held
            .iter()
            .filter(|(_, held)| held.lease_ms.is_some_and(|until_ms| until_ms <= soon))
            .map(|(id, held)| (*id, held.claimed.fence))
            .collect();
        renewing.at_ms = if self.held.is_empty() { 0 } else { now.clock_ms.saturating_add(lease_ms / 6) };
        if held.is_empty() {
            return;
        }
        renewing.is_forced = false;
        let op = self.op();
        self.renewing.under_way = Some(Asked { op, since_ms: now.clock_ms, held: held.clone() });
        let until = now.wall_ms.saturating_add(UnixMs::try_from(lease_ms).unwrap_or(UnixMs::MAX));
        effects.push(Effect::Renew { op, held, until });
    }

    pub(super) fn renewed(&mut self, now: Now, op: u64, result: Result<Vec<DeliveryId>, StoreError>) {
        let Some(asked) = self.renewing.under_way.take_if(|asked| asked.op == op) else { return };
        let Ok(renewed) = result else {
            self.renewing.at_ms = now.clock_ms.saturating_add(backoff_ms(4, self.chance.unit()));
            return;
        };
        let until_ms = asked.since_ms.saturating_add(self.limits.lease_ms());
        let renewed: HashSet<DeliveryId> = renewed.into_iter().collect();
        for (id, fence) in asked.held {
            let Some(held) = self.held.get_mut(&id).filter(|held| held.claimed.fence == fence) else {
                continue;
            };
            if renewed.contains(&id) {
                held.lease_ms = Some(until_ms);
                continue;
            }
            held.lease_ms = None;
            // It is somebody else's: what is under way ends, what is not is not begun.
            if matches!(held.phase, Phase::Queued) {
                self.load.bytes = self.load.bytes.saturating_sub(held.claimed.body.len());
                if let Some(endpoint) = self.endpoints.get_mut(&held.claimed.webhook) {
                    endpoint.queue.retain(|queued| *queued != id);
                }
                self.held.remove(&id);
            }
        }
    }
}

impl super::machine::Held {
    fn settlement(&self) -> Option<&Settlement> {
        match &self.phase {
            Phase::Settling { settlement, .. } => Some(settlement),
            Phase::Queued | Phase::Sending { .. } => None,
        }
    }
}
