//! What is in hand, who deals with which input, and when it wakes up.

use super::super::machine::Now;
use super::super::webhooks::Webhooks;
use super::claims::Claims;
use super::endpoint::{Endpoint, Load};
use super::settling::{Renewing, Settling};
use super::{Effect, Input, Known, Limits};
use crate::store::{Becomes, Claimed, DeliveryId, Settlement};
use cuehook_protocol::IdSource;
use std::collections::{BTreeMap, HashMap};

/// Of so many deliveries it is remembered how often they were refused.
const MAX_REFUSALS: usize = 10_000;
/// A wall clock that has moved by more than this against the other one was set, in milliseconds.
const JUMP_MS: i64 = 5_000;

/// How much is in hand, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Requests that are under way.
    pub under_way: usize,
    /// Deliveries that are claimed, those under way included.
    pub held: usize,
    /// Bytes of events that are to be sent.
    pub bytes: usize,
    /// Webhooks that are left alone because they fail.
    pub open: usize,
    /// Webhooks that are left alone because they let nobody in.
    pub paused: usize,
    /// Webhooks that were disabled.
    pub disabled: usize,
}

/// The state of deliveries.
#[derive(Debug)]
pub struct Dispatch {
    pub(super) limits: Limits,
    pub(super) chance: IdSource,
    /// None until they were read.
    pub(super) webhooks: Option<Webhooks>,
    /// When they were, by the wall clock.
    pub(super) known_at: i64,
    pub(super) endpoints: BTreeMap<String, Endpoint>,
    pub(super) held: BTreeMap<DeliveryId, Held>,
    /// What is being sent, by its number.
    pub(super) sending: HashMap<u64, UnderWay>,
    pub(super) load: Load,
    pub(super) refusals: HashMap<DeliveryId, u32>,
    pub(super) claims: Claims,
    pub(super) settling: Settling,
    pub(super) renewing: Renewing,
    /// It is known which of the webhooks are disabled.
    pub(super) is_health_known: bool,
    last_op: u64,
    /// When all endpoints are looked at.
    pub(super) scan_ms: Option<u64>,
    /// For when the timer is set.
    rings_ms: Option<u64>,
    /// By how much the wall clock is ahead.
    offset_ms: Option<i64>,
    is_draining: bool,
    is_drained: bool,
}

/// A delivery that is in hand.
#[derive(Debug)]
pub(super) struct Held {
    /// Without its event, once that was sent.
    pub(super) claimed: Claimed,
    /// When the claim runs out, by the clock that only goes on; none if it was lost.
    pub(super) lease_ms: Option<u64>,
    pub(super) phase: Phase,
}

/// A request that is under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    pub(super) id: DeliveryId,
    pub(super) webhook: String,
    pub(super) bytes: usize,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// It waits for its turn.
    Queued,
    /// It is being sent.
    Sending { at: i64 },
    /// What became of it is to be written down.
    Settling { settlement: Settlement, is_exhausted: bool },
}

impl Dispatch {
    /// Nothing is in hand. Until it is told of the webhooks it claims nothing; `seed` is for jitter and ids.
    pub fn new(limits: Limits, seed: [u32; 4]) -> Self {
        Self {
            limits,
            chance: IdSource::new(seed.map(u64::from)),
            webhooks: None,
            known_at: i64::MIN,
            endpoints: BTreeMap::new(),
            held: BTreeMap::new(),
            sending: HashMap::new(),
            load: Load::default(),
            refusals: HashMap::new(),
            claims: Claims::default(),
            settling: Settling::default(),
            renewing: Renewing::default(),
            is_health_known: false,
            last_op: 0,
            scan_ms: None,
            rings_ms: None,
            offset_ms: None,
            is_draining: false,
            is_drained: false,
        }
    }

    /// Something has happened. What is to be done is appended to `effects`, in its order.
    pub fn handle(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        if self.is_drained {
            return;
        }
        self.look_at_clocks(now);
        match input {
            Input::Known(known) => self.known(now, known, effects),
            Input::Stirred => self.claims.is_stirred = true,
            Input::Claimed { op, result } => self.claimed(now, op, result, effects),
            Input::Due { op, result } => self.due(now, op, result),
            Input::Sent { op, sent } => self.sent(now, op, sent, effects),
            Input::Settled { op, result } => self.settled(now, op, result, effects),
            Input::Renewed { op, result } => self.renewed(now, op, result),
            Input::HealthPut { op, result } => self.health_put(now, op, result, effects),
            Input::Rang => {
                if self.rings_ms.is_some_and(|rings_ms| rings_ms <= now.clock_ms) {
                    self.rings_ms = None;
                }
            }
            Input::Drain => self.drain(now),
        }
        if self.scan_ms.is_some_and(|scan_ms| scan_ms <= now.clock_ms) {
            self.scan(now, effects);
        }
        self.renew(now, effects);
        self.settle(now, effects);
        self.claim(now, effects);
        self.set_timer(now, effects);
        self.look_for_the_end(effects);
    }

    /// How much is in hand.
    pub fn figures(&self, clock_ms: u64) -> Figures {
        let count = |is: &dyn Fn(&Endpoint) -> bool| self.endpoints.values().filter(|it| is(it)).count();
        Figures {
            under_way: self.load.under_way,
            held: self.held.len(),
            bytes: self.load.bytes,
            open: count(&|endpoint| endpoint.is_open(clock_ms)),
            paused: count(&|endpoint| endpoint.paused_until_ms.is_some()),
            disabled: count(&|endpoint| endpoint.condition.is_disabled()),
        }
    }

    pub(super) fn is_draining(&self) -> bool {
        self.is_draining
    }

    pub(super) fn op(&mut self) -> u64 {
        self.last_op += 1;
        self.last_op
    }

    /// The endpoint of a webhook, which is remembered from now on.
    pub(super) fn endpoint(&mut self, webhook: &str) -> &mut Endpoint {
        if !self.endpoints.contains_key(webhook) {
            self.endpoints.insert(webhook.to_owned(), Endpoint::new(webhook));
        }
        // It is there now.
        self.endpoints.entry(webhook.to_owned()).or_insert_with(|| Endpoint::new(webhook))
    }

    /// The endpoints are looked at then, or before.
    pub(super) fn scan_at(&mut self, at_ms: u64) {
        self.scan_ms = Some(self.scan_ms.map_or(at_ms, |scan_ms| scan_ms.min(at_ms)));
    }

    /// What is due of one endpoint is done, and it is noted when to look at it again.
    pub(super) fn look_at(&mut self, now: Now, webhook: &str, effects: &mut Vec<Effect>) {
        self.send_what_waits(now, webhook, effects);
        self.tell_of(now, webhook, effects);
        let Some(endpoint) = self.endpoints.get(webhook) else { return };
        let clock_ms = now.clock_ms;
        if endpoint.has_more && endpoint.has_room(&self.limits, self.load, clock_ms) {
            self.claims.is_stirred = true;
        }
        let patience = (!endpoint.queue.is_empty())
            .then(|| endpoint.queued_ms.saturating_add(super::endpoint::PATIENCE_MS).max(clock_ms + 100));
        // Others make room without a word to this one.
        let waits = endpoint.has_more && endpoint.most(&self.limits, self.load, clock_ms) == 0;
        let blocked = waits.then(|| endpoint.blocked_until_ms(clock_ms).unwrap_or(clock_ms + 250));
        let next = [patience, blocked, endpoint.condition.again_ms()].into_iter().flatten().min();
        if let Some(at_ms) = next {
            self.scan_at(at_ms);
        }
    }

    fn scan(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.scan_ms = None;
        let all: Vec<String> = self.endpoints.keys().cloned().collect();
        for webhook in all {
            self.look_at(now, &webhook, effects);
        }
    }

    /// The webhooks and how they are doing were read.
    fn known(&mut self, now: Now, known: Known, effects: &mut Vec<Effect>) {
        let is_first = self.webhooks.is_none();
        if let Some(webhooks) = known.webhooks {
            let webhooks = Webhooks::new(webhooks);
            if self.webhooks.is_some() {
                for id in &known.renewed {
                    if let Some(endpoint) = self.endpoints.get_mut(id) {
                        endpoint.forgive();
                    }
                }
            }
            self.endpoints.retain(|id, endpoint| webhooks.get(id).is_some() || !endpoint.is_at_rest());
            self.webhooks = Some(webhooks);
            self.claims.is_stirred = true;
        } else if is_first {
            return;
        }
        // Without it nobody knows which of them are disabled.
        let Some(health) = known.health else { return };
        self.is_health_known = true;
        self.known_at = known.wall_ms;
        let mut health: BTreeMap<String, _> =
            health.into_iter().map(|health| (health.webhook.clone(), health)).collect();
        for (id, endpoint) in &mut self.endpoints {
            let stored = health.remove(id);
            if endpoint.condition.known(now, known.clock_ms, id, stored) {
                endpoint.forgive();
            }
        }
        for (id, stored) in health {
            if self.webhooks.as_ref().is_some_and(|webhooks| webhooks.get(&id).is_some()) {
                self.endpoint(&id).condition.known(now, known.clock_ms, &id, Some(stored));
            }
        }
        self.scan(now, effects);
    }

    /// Durations are measured by the clock that only goes on. The store knows the wall clock alone: when that was set, claims may have
    /// run out for it.
    fn look_at_clocks(&mut self, now: Now) {
        let offset_ms = now.wall_ms.saturating_sub(i64::try_from(now.clock_ms).unwrap_or(i64::MAX));
        let before = self.offset_ms.replace(offset_ms).unwrap_or(offset_ms);
        if offset_ms.abs_diff(before) > JUMP_MS.unsigned_abs() {
            self.renewing.all_at_once();
            self.claims.is_stirred = true;
        }
    }

    fn drain(&mut self, now: Now) {
        self.is_draining = true;
        let all: Vec<String> = self.endpoints.keys().cloned().collect();
        for webhook in all {
            self.give_back(now, &webhook);
        }
    }

    fn look_for_the_end(&mut self, effects: &mut Vec<Effect>) {
        let is_idle = self.held.is_empty()
            && self.claims.is_idle()
            && self.settling.is_idle()
            && self.endpoints.values().all(|endpoint| !endpoint.condition.is_under_way());
        if self.is_draining && !self.is_drained && is_idle {
            self.is_drained = true;
            effects.push(Effect::Drained);
        }
    }

    fn set_timer(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let wakes = [
            self.scan_ms,
            self.claims.wakes_ms(now.clock_ms, self.is_draining),
            self.settling.wakes_ms(),
            self.renewing.wakes_ms(),
        ];
        let Some(at_ms) = wakes.into_iter().flatten().min() else { return };
        if self.rings_ms.is_none_or(|rings_ms| at_ms < rings_ms) {
            let at_ms = at_ms.max(now.clock_ms + 1);
            if self.rings_ms == Some(at_ms) {
                return;
            }
            self.rings_ms = Some(at_ms);
            effects.push(Effect::Timer { after_ms: at_ms - now.clock_ms });
        }
    }

    /// How often this delivery was refused, this time included.
    pub(super) fn refused(&mut self, id: DeliveryId) -> u32 {
        if self.refusals.len() >= MAX_REFUSALS && !self.refusals.contains_key(&id) {
            self.refusals.clear();
        }
        let count = self.refusals.entry(id).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// What is held is to be written down like this.
    pub(super) fn settle_as(
        &mut self,
        id: DeliveryId,
        attempt: Option<crate::store::Attempt>,
        becomes: Becomes,
    ) {
        self.settle_so(id, attempt, becomes, false);
    }

    /// The same; `is_exhausted`: it is given up after all attempts, which is told.
    pub(super) fn settle_so(
        &mut self,
        id: DeliveryId,
        attempt: Option<crate::store::Attempt>,
        becomes: Becomes,
        is_exhausted: bool,
    ) {
        let Some(held) = self.held.get_mut(&id) else { return };
        if !held.claimed.body.is_empty() {
            self.load.bytes = self.load.bytes.saturating_sub(held.claimed.body.len());
            held.claimed.body = String::new();
        }
        if !matches!(becomes, Becomes::Waiting(_)) {
            self.refusals.remove(&id);
        }
        let settlement = Settlement { id, fence: held.claimed.fence, attempt, becomes };
        held.phase = Phase::Settling { settlement, is_exhausted };
        self.settling.waiting.push_back(id);
    }
}
