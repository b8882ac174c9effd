//! What is sent when, and what becomes of it.

use super::super::machine::Now;
use super::judge::{Judged, Standing, judge};
use super::machine::{Dispatch, Phase, UnderWay};
use super::schedule::next_ms;
use super::{Effect, Sending, Sent};
use crate::core::webhooks::is_operational;
use crate::store::{Attempt, Becomes, Claimed, DeliveryId, UnixMs};

impl Dispatch {
    /// Sends what waits for its turn and has it now; what will not have it soon is given back.
    pub(super) fn send_what_waits(&mut self, now: Now, webhook: &str, effects: &mut Vec<Effect>) {
        if self.is_draining() {
            return;
        }
        while let Some(endpoint) = self.endpoints.get_mut(webhook) {
            let most = endpoint.most(&self.limits, self.load, now.clock_ms);
            if endpoint.under_way >= most {
                break;
            }
            let Some(id) = endpoint.queue.pop_front() else { break };
            self.send(now, id, effects);
        }
        if self.endpoints.get(webhook).is_some_and(|endpoint| endpoint.gives_back(now.clock_ms)) {
            self.give_back(now, webhook);
        }
    }

    fn send(&mut self, now: Now, id: DeliveryId, effects: &mut Vec<Effect>) {
        let op = self.op();
        let Some(held) = self.held.get_mut(&id) else { return };
        held.phase = Phase::Sending { at: now.wall_ms };
        let body = std::mem::take(&mut held.claimed.body);
        let delivery = Claimed { body, ..held.claimed.clone() };
        let (webhook, bytes) = (delivery.webhook.clone(), delivery.body.len());
        self.load.under_way += 1;
        let endpoint = self.endpoint(&webhook);
        endpoint.under_way += 1;
        endpoint.queued_ms = now.clock_ms;
        self.sending.insert(op, UnderWay { id, webhook, bytes });
        effects.push(Effect::Send(Sending { op, delivery, timeout_ms: self.limits.timeout_ms }));
    }

    /// An attempt has ended.
    pub(super) fn sent(&mut self, now: Now, op: u64, sent: Sent, effects: &mut Vec<Effect>) {
        let Some(UnderWay { id, webhook, bytes }) = self.sending.remove(&op) else { return };
        self.load.bytes = self.load.bytes.saturating_sub(bytes);
        self.load.under_way = self.load.under_way.saturating_sub(1);
        let limits = self.limits.clone();
        let endpoint = self.endpoint(&webhook);
        endpoint.under_way = endpoint.under_way.saturating_sub(1);
        let Some(held) = self.held.get(&id) else { return };
        let Phase::Sending { at, .. } = held.phase else { return };
        let claimed = held.claimed.clone();
        let took_ms = sent.took_ms;
        let judged = judge(sent, &claimed.event.to_string(), now.wall_ms);
        let is_replayed = claimed.replayed_after.is_some();
        let before = claimed.replayed_after.unwrap_or(0).min(claimed.attempts);
        let attempts = claimed.attempts.saturating_add(1) - before;
        let becomes = self.becomes(now, id, &judged, attempts, is_replayed);
        // Replays say nothing of how an endpoint is doing: they may be of what it could not take, or go to one that is disabled.
        if !is_replayed {
            let endpoint = self.endpoint(&webhook);
            endpoint.ended(&limits, judged.standing, judged.hint_ms, now.clock_ms);
            endpoint.condition.ended(now, judged.standing, &judged.fault, &claimed.kind, attempts);
        }
        let is_told = !is_replayed && !is_operational(&claimed.kind) && judged.standing != Standing::Gone;
        let is_exhausted = is_told && matches!(becomes, Becomes::Dead(_));
        let Judged { standing, status, fault, response, .. } = judged;
        let attempt = Attempt { at, took_ms, status, fault, response };
        let attempt = (standing != Standing::Nothing).then_some(attempt);
        self.settle_so(id, attempt, becomes, is_exhausted);
        self.look_at(now, &webhook, effects);
    }

    fn becomes(
        &mut self,
        now: Now,
        id: DeliveryId,
        judged: &Judged,
        attempts: u32,
        is_replayed: bool,
    ) -> Becomes {
        let fault = || judged.fault.clone();
        let at = |after_ms: u64| {
            let after_ms = UnixMs::try_from(after_ms).unwrap_or(UnixMs::MAX);
            Becomes::Waiting(now.wall_ms.saturating_add(after_ms))
        };
        match judged.standing {
            Standing::Delivered => return Becomes::Delivered,
            Standing::Unwanted | Standing::Nothing => return Becomes::Skipped(fault()),
            Standing::Gone | Standing::TooLarge => return Becomes::Dead(fault()),
            // It waits, and so do the others, for as long as the endpoint lets nobody in.
            Standing::Unauthorized if !is_replayed => return at(self.limits.pause_ms),
            _ => {}
        }
        let refusals = if judged.standing == Standing::Refused { self.refused(id) } else { 0 };
        let unit = self.chance.unit();
        match next_ms(&self.limits, judged.standing, attempts, refusals, judged.hint_ms, unit) {
            Some(after_ms) => at(after_ms),
            None => Becomes::Dead(format!("given up after {attempts} attempts: {}", judged.fault)),
        }
    }
}
