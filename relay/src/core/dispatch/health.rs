//! What is remembered of an endpoint over restarts, and shared by relays: since when it fails, how far that was told, and whether it was
//! disabled. Each change is stored together with the event that tells of it, if it still is what it was: of several relays one tells.

use super::super::machine::Now;
use super::judge::Standing;
use super::machine::Dispatch;
use super::settling::backoff_ms;
use super::{Effect, Limits};
use crate::core::webhooks::{DELIVERY_EXHAUSTED, ENDPOINT_DISABLED, ENDPOINT_FAILING, ENDPOINT_RECOVERED};
use crate::store::{Claimed, NewEvent, Settlement, StoreError, UnixMs, WebhookHealth};
use cuehook_json::write_string;
use cuehook_protocol::rfc3339;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Of the time after which an endpoint is disabled, so many percent are told of.
const TOLD: [u8; 3] = [90, 70, 50];
/// That an endpoint fails is told when a delivery has failed so often…
const TOLD_AT_ATTEMPT: u32 = 4;
/// … and nothing went well for so many milliseconds.
const TOLD_AFTER_MS: u64 = 60_000;
/// An endpoint that lets nobody in for so many milliseconds is disabled.
const UNAUTHORIZED_MS: u64 = 24 * 3_600_000;
/// So many events about deliveries wait to be stored at most.
const MAX_WAITING: usize = 1_000;
/// So many are stored at a time.
const BATCH: usize = 100;
/// Bytes of what went wrong last.
const MAX_FAULT: usize = 512;

/// How an endpoint is doing.
#[derive(Debug)]
pub(super) struct Condition {
    /// As the store has it, as far as is known.
    stored: WebhookHealth,
    /// When that became so, by the clock that only goes on.
    stored_ms: u64,
    failing: Option<Failing>,
    /// Events about deliveries that are to be stored.
    exhausted: Vec<NewEvent>,
    put: Put,
    failures: u32,
}

#[derive(Debug)]
enum Put {
    Idle,
    UnderWay {
        op: u64,
        becomes: Box<WebhookHealth>,
        exhausted: usize,
    },
    /// It is to be read how it is doing first, and then there is this time.
    Waiting {
        since_ms: u64,
        again_ms: u64,
    },
}

/// Nothing went well since then.
#[derive(Debug)]
struct Failing {
    since: UnixMs,
    /// How long it had been failing at this time of the clock that only goes on: the wall clock may be set.
    had_ms: u64,
    at_ms: u64,
    /// When an attempt failed last.
    last_ms: u64,
    /// An attempt has failed since this is known.
    is_seen: bool,
    attempts: u32,
    /// When it first let nobody in, if it still does.
    unauthorized_ms: Option<u64>,
    is_gone: bool,
    fault: String,
    topic: String,
}

impl Failing {
    /// For how long it had been failing when an attempt failed last: while nothing is sent nobody knows.
    fn for_ms(&self) -> u64 {
        self.had_ms.saturating_add(self.last_ms.saturating_sub(self.at_ms))
    }
}

/// An event that is to tell of a change.
struct Told {
    kind: &'static str,
    percent: Option<u64>,
}

impl Condition {
    pub(super) fn new(webhook: &str) -> Self {
        Self {
            stored: WebhookHealth { webhook: webhook.to_owned(), ..WebhookHealth::default() },
            stored_ms: 0,
            failing: None,
            exhausted: Vec::new(),
            put: Put::Idle,
            failures: 0,
        }
    }

    pub(super) fn is_disabled(&self) -> bool {
        self.stored.disabled_at.is_some()
    }

    /// Why it was disabled, if it was.
    pub(super) fn disabled_reason(&self) -> Option<&str> {
        self.stored.disabled_at.map(|_| self.stored.disabled_reason.as_str())
    }

    /// Whether it has said that it is gone, which is to be written down.
    pub(super) fn is_gone(&self) -> bool {
        !self.is_disabled() && self.failing.as_ref().is_some_and(|failing| failing.is_gone)
    }

    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.put, Put::UnderWay { .. })
    }

    /// When it is to be looked at again.
    pub(super) fn again_ms(&self) -> Option<u64> {
        match &self.put {
            Put::Waiting { again_ms, .. } => Some(*again_ms),
            Put::Idle | Put::UnderWay { .. } => None,
        }
    }

    /// The store was read, beginning at `read_ms`. Whether it was disabled or enabled, or somebody
    /// has found it well.
    pub(super) fn known(
        &mut self,
        now: Now,
        read_ms: u64,
        webhook: &str,
        stored: Option<WebhookHealth>,
    ) -> bool {
        // It is older than what is known.
        if self.is_under_way() || read_ms < self.stored_ms {
            return false;
        }
        let was = std::mem::replace(
            &mut self.stored,
            stored
                .unwrap_or_else(|| WebhookHealth { webhook: webhook.to_owned(), ..WebhookHealth::default() }),
        );
        if let Put::Waiting { since_ms, .. } = self.put
            && read_ms >= since_ms
        {
            self.put = Put::Idle;
        }
        let is_enabled = was.disabled_at.is_some() && self.stored.disabled_at.is_none();
        match self.stored.failing_since {
            // Somebody else has found it well, or whoever has enabled it believes so.
            None if was.failing_since.is_some() || is_enabled => self.failing = None,
            Some(since) if self.failing.is_none() || is_enabled => {
                let had_ms = u64::try_from(now.wall_ms.saturating_sub(since)).unwrap_or(0);
                self.failing = Some(Failing {
                    since,
                    had_ms: if is_enabled { 0 } else { had_ms },
                    at_ms: now.clock_ms,
                    last_ms: now.clock_ms,
                    is_seen: false,
                    attempts: 0,
                    unauthorized_ms: None,
                    is_gone: false,
                    fault: self.stored.fault.clone(),
                    topic: String::new(),
                });
            }
            _ => {}
        }
        let is_well = was.failing_since.is_some() && self.stored.failing_since.is_none();
        is_well || was.disabled_at.is_some() != self.stored.disabled_at.is_some()
    }

    /// An attempt has ended.
    pub(super) fn ended(&mut self, now: Now, standing: Standing, fault: &str, topic: &str, attempts: u32) {
        if standing == Standing::Delivered || standing == Standing::Unwanted {
            self.failing = None;
            return;
        }
        if !standing.is_failing() {
            return;
        }
        let failing = self.failing.get_or_insert_with(|| Failing {
            since: now.wall_ms,
            had_ms: 0,
            at_ms: now.clock_ms,
            last_ms: now.clock_ms,
            is_seen: true,
            attempts: 0,
            unauthorized_ms: None,
            is_gone: false,
            fault: String::new(),
            topic: String::new(),
        });
        failing.is_seen = true;
        failing.last_ms = now.clock_ms;
        failing.attempts = failing.attempts.max(attempts);
        failing.is_gone = standing == Standing::Gone;
        if standing == Standing::Unauthorized {
            // After a restart: what was stored says it.
            let is_known = failing.fault == fault && failing.unauthorized_ms.is_none() && failing.had_ms > 0;
            let since_ms =
                if is_known { now.clock_ms.saturating_sub(failing.for_ms()) } else { now.clock_ms };
            failing.unauthorized_ms.get_or_insert(since_ms);
        } else {
            failing.unauthorized_ms = None;
        }
        failing.fault = fault.chars().take(MAX_FAULT).collect();
        topic.clone_into(&mut failing.topic);
    }

    /// What is to be stored, and what tells of it; none if it is stored.
    fn wish(&self, limits: &Limits, now: Now) -> Option<(WebhookHealth, Option<Told>)> {
        let mut becomes = self.stored.clone();
        let mut told = None;
        if !self.is_disabled() {
            match &self.failing {
                None if self.stored.failing_since.is_some() => {
                    let webhook = std::mem::take(&mut becomes.webhook);
                    becomes = WebhookHealth { webhook, ..WebhookHealth::default() };
                    told = Some(Told { kind: ENDPOINT_RECOVERED, percent: None });
                }
                Some(failing) if failing.is_seen => told = wish_of(failing, limits, now, &mut becomes),
                _ => {}
            }
        }
        (becomes != self.stored || !self.exhausted.is_empty()).then_some((becomes, told))
    }
}

/// How an endpoint that fails is to be stored.
fn wish_of(failing: &Failing, limits: &Limits, now: Now, becomes: &mut WebhookHealth) -> Option<Told> {
    let for_ms = failing.for_ms();
    let percent = for_ms.saturating_mul(100) / limits.disable_after_ms.max(1);
    let shut_ms = failing.unauthorized_ms.map_or(0, |since_ms| failing.last_ms.saturating_sub(since_ms));
    let is_disabled = failing.is_gone || percent >= 100 || shut_ms >= UNAUTHORIZED_MS;
    let level = TOLD.into_iter().find(|level| percent >= u64::from(*level)).unwrap_or(0);
    let is_told = failing.unauthorized_ms.is_some()
        || failing.attempts >= TOLD_AT_ATTEMPT && for_ms >= TOLD_AFTER_MS
        || level > 0;
    let is_new = becomes.failing_since.is_none() && is_told;
    if !is_disabled && !is_new && (becomes.failing_since.is_none() || level <= becomes.warned) {
        return None;
    }
    becomes.failing_since.get_or_insert(failing.since);
    becomes.fault.clone_from(&failing.fault);
    becomes.warned = becomes.warned.max(level);
    if is_disabled {
        becomes.disabled_at = Some(now.wall_ms);
        becomes.disabled_reason = match failing.is_gone {
            true => failing.fault.clone(),
            false => {
                format!("it has failed for {} hours: {}", for_ms.max(shut_ms) / 3_600_000, failing.fault)
            }
        };
        return Some(Told { kind: ENDPOINT_DISABLED, percent: Some(100) });
    }
    Some(Told { kind: ENDPOINT_FAILING, percent: Some(percent) })
}

impl Dispatch {
    /// Stores how an endpoint is doing, if that has changed.
    pub(super) fn tell_of(&mut self, now: Now, webhook: &str, effects: &mut Vec<Effect>) {
        let Some(endpoint) = self.endpoints.get_mut(webhook) else { return };
        match endpoint.condition.put {
            Put::Idle => {}
            Put::UnderWay { .. } => return,
            Put::Waiting { again_ms, .. } if now.clock_ms < again_ms => return,
            // Reading it was not possible.
            Put::Waiting { since_ms, .. } => {
                let again_ms = now.clock_ms.saturating_add(2_000);
                endpoint.condition.put = Put::Waiting { since_ms, again_ms };
                return effects.push(Effect::Look);
            }
        }
        let Some((becomes, told)) = endpoint.condition.wish(&self.limits, now) else { return };
        let was = endpoint.condition.stored.clone();
        let count = endpoint.condition.exhausted.len().min(BATCH);
        let mut events: Vec<NewEvent> = endpoint.condition.exhausted.iter().take(count).cloned().collect();
        let topic =
            endpoint.condition.failing.as_ref().map(|failing| failing.topic.clone()).unwrap_or_default();
        if let Some(Told { kind, percent }) = told {
            let id = self.event_id(now);
            let of = if kind == ENDPOINT_RECOVERED { &was } else { &becomes };
            let reason = if kind == ENDPOINT_DISABLED { &of.disabled_reason } else { &of.fault };
            let mut data = Data::about(webhook);
            data.text("topic", &topic);
            data.text("reason", reason);
            data.text("since", &time(of.failing_since.unwrap_or(now.wall_ms)));
            if let Some(percent) = percent {
                data.number("percent", percent);
            }
            events.push(self.operational(now, id, kind, webhook, data));
        }
        let op = self.op();
        if let Some(endpoint) = self.endpoints.get_mut(webhook) {
            let becomes = Box::new(becomes.clone());
            endpoint.condition.put = Put::UnderWay { op, becomes, exhausted: count };
        }
        effects.push(Effect::PutHealth { op, was, becomes, events });
    }

    pub(super) fn health_put(
        &mut self,
        now: Now,
        op: u64,
        result: Result<bool, StoreError>,
        effects: &mut Vec<Effect>,
    ) {
        let unit = self.chance.unit();
        let is_this = |put: &Put| matches!(put, Put::UnderWay { op: known, .. } if *known == op);
        let found = self.endpoints.iter_mut().find(|(_, endpoint)| is_this(&endpoint.condition.put));
        let Some((webhook, endpoint)) = found else { return };
        let condition = &mut endpoint.condition;
        let Put::UnderWay { becomes, exhausted, .. } = std::mem::replace(&mut condition.put, Put::Idle)
        else {
            return;
        };
        if result == Ok(true) {
            let is_disabled = !condition.is_disabled() && becomes.disabled_at.is_some();
            condition.stored = *becomes;
            condition.stored_ms = now.clock_ms;
            condition.failures = 0;
            condition.exhausted.drain(..exhausted.min(condition.exhausted.len()));
            if is_disabled {
                // Nothing but replays is sent any more, and those whenever somebody wants it.
                endpoint.forgive();
            }
            // The events are to be delivered.
            self.claims.is_stirred = true;
        } else {
            // Another relay was faster, or nobody knows: how is it?
            condition.failures = condition.failures.saturating_add(1);
            let wait_ms = backoff_ms(condition.failures.saturating_add(3), unit);
            let again_ms = now.clock_ms.saturating_add(wait_ms);
            condition.put = Put::Waiting { since_ms: now.clock_ms, again_ms };
            effects.push(Effect::Look);
        }
        let webhook = webhook.clone();
        self.look_at(now, &webhook, effects);
    }

    /// A delivery was given up: that is told, under an id that follows from it, so that it is told once.
    pub(super) fn tell_of_exhausted(&mut self, now: Now, claimed: &Claimed, settlement: &Settlement) {
        let mut digest = Sha256::new();
        digest.update(DELIVERY_EXHAUSTED);
        digest.update(claimed.event);
        digest.update(&claimed.webhook);
        let mut half = [0; 16];
        half.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
        let id = uuid::Builder::from_custom_bytes(half).into_uuid();
        let mut data = Data::about(&claimed.webhook);
        data.text("topic", &claimed.kind);
        data.text("reason", settlement.attempt.as_ref().map_or("", |attempt| &attempt.fault));
        data.text("since", &time(claimed.taken_at));
        data.text("event", &claimed.event.to_string());
        data.number("attempts", u64::from(claimed.attempts).saturating_add(1));
        let event = self.operational(now, id, DELIVERY_EXHAUSTED, &claimed.webhook, data);
        let waiting = &mut self.endpoint(&claimed.webhook).condition.exhausted;
        if waiting.len() < MAX_WAITING {
            waiting.push(event);
        }
    }

    fn operational(&self, now: Now, id: Uuid, kind: &str, webhook: &str, data: Data) -> NewEvent {
        let mut body = String::from("{\"type\":");
        write_string(kind, &mut body);
        body.push_str(",\"timestamp\":");
        write_string(&time(now.wall_ms), &mut body);
        body.push_str(",\"id\":");
        write_string(&id.to_string(), &mut body);
        body.push_str(",\"data\":");
        body.push_str(&data.0);
        body.push_str("}}");
        let deliveries =
            self.webhooks.as_ref().map(|webhooks| webhooks.told_of(kind, webhook)).unwrap_or_default();
        NewEvent {
            id,
            kind: kind.to_owned(),
            project: String::new(),
            source: "cuehook-relay".to_owned(),
            at: now.wall_ms,
            body,
            deliveries,
        }
    }

    fn event_id(&mut self, now: Now) -> Uuid {
        #[allow(clippy::cast_precision_loss)]
        let text = self.chance.uuid(now.wall_ms as f64);
        text.parse().unwrap_or_default()
    }
}

/// The members of an event's `data`, as they are written; its end is missing.
struct Data(String);

impl Data {
    fn about(webhook: &str) -> Self {
        let mut data = Self(String::from("{\"webhook\":"));
        write_string(webhook, &mut data.0);
        data
    }

    fn text(&mut self, key: &str, value: &str) {
        self.0.push(',');
        write_string(key, &mut self.0);
        self.0.push(':');
        write_string(value, &mut self.0);
    }

    fn number(&mut self, key: &str, value: u64) {
        self.0.push(',');
        write_string(key, &mut self.0);
        self.0.push_str(&format!(":{value}"));
    }
}

fn time(wall_ms: UnixMs) -> String {
    #[allow(clippy::cast_precision_loss)]
    rfc3339(wall_ms as f64)
}
