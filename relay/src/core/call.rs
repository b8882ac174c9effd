//! The way of a call: asked → begun in the store → attempts → answered → stored.
//!
//! The webhook is called only after the store has said that the id was new: that is durable, and no other relay, and no later life of
//! this one, is told so again. The player is answered as soon as the outcome is known; it is stored after that.
//!
//! The store may have written a call down and not be heard, because a connection broke. So each attempt to begin has a name of its own,
//! the holder: under the same name the store says once more that the id is new. A name is one ticket's at a time.

use super::answer::judge;
use super::ask::Ask;
use super::machine::{Core, Now, Other, parties, refuse, reply};
use super::refusal;
use super::{Attempted, CallRequest, Effect, Reply, Ticket};
use crate::store::{Begun, CallFailure, CallOutcome, NewCall, StoreError, UnixMs};
use cuehook_protocol::{TransportFailure, delay_ms, is_retryable};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// A store that has failed within so many milliseconds is asked once more at once: the connection was cut, and the next one is a new one.
const QUICK_MS: u64 = 1_000;
/// For so long it is tried to store an outcome, in milliseconds.
pub(super) const STORING_MS: u64 = 10_000;
/// The lease is longer than the viewer's patience by so much: storing takes part of it, and clocks of relays differ.
pub(super) const LEASE_MARGIN_MS: UnixMs = 15_000;
/// For so long after the viewer's patience a begin of which nobody knows is remembered, in milliseconds: as long as its lease.
const DOUBT_MS: u64 = LEASE_MARGIN_MS.unsigned_abs();
/// The wait before an outcome is stored anew is at most this, then twice that, and so on, in milliseconds.
const STORING_BASE_MS: u64 = 100;
/// No wait of these is longer.
const STORING_CAP_MS: u64 = 2_000;

/// A call that is under way.
#[derive(Debug)]
pub(super) struct Call {
    id: Uuid,
    request_id: Uuid,
    webhook: String,
    project: String,
    origin: String,
    fingerprint: [u8; 32],
    /// Under which name it is begun.
    holder: Uuid,
    body: Arc<str>,
    retries: u8,
    /// When the viewer does not wait any more, by the clock that only goes on.
    deadline_ms: u64,
    /// How many were begun.
    attempts: u32,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// The store is asked whether the id is new. Until then it is asked once more if it fails.
    Beginning { again_until_ms: u64 },
    /// An attempt is under way.
    Attempting,
    /// The next one is not due yet.
    Waiting { until_ms: u64 },
    /// It was answered; the outcome is being stored.
    Storing {
        outcome: CallOutcome,
        since_ms: u64,
        tries: u32,
        /// When it is tried anew; none while it is being tried.
        again_ms: Option<u64>,
    },
}

impl Call {
    pub(super) fn is_of(&self, project: &str, origin: &str) -> bool {
        self.project == project && self.origin == origin
    }

    /// As whoever asks is told that it stands.
    pub(super) fn standing(&self) -> Reply {
        match &self.phase {
            Phase::Storing { outcome, .. } => outcome_reply(outcome.clone()),
            _ => Reply::Refused(refusal::in_progress()),
        }
    }

    fn is_same(&self, request: &CallRequest, fingerprint: &[u8; 32]) -> bool {
        self.is_of(&request.player.project, &request.player.origin)
            && self.webhook == request.webhook
            && self.fingerprint == *fingerprint
    }

    /// Asks the store whether the id is new.
    fn begin(&self, now: Now, ticket: Ticket, effects: &mut Vec<Effect>) {
        let left_ms = self.deadline_ms.saturating_sub(now.clock_ms);
        let left_ms = UnixMs::try_from(left_ms).unwrap_or(UnixMs::MAX);
        let call = NewCall {
            id: self.id,
            webhook: self.webhook.clone(),
            project: self.project.clone(),
            origin: self.origin.clone(),
            fingerprint: self.fingerprint,
            holder: self.holder,
            lease_until: now.wall_ms.saturating_add(left_ms).saturating_add(LEASE_MARGIN_MS),
        };
        effects.push(Effect::Begin { ticket, call });
    }

    fn attempt(&mut self, now: Now, ticket: Ticket, effects: &mut Vec<Effect>) {
        self.attempts = self.attempts.saturating_add(1);
        self.phase = Phase::Attempting;
        let left_ms = self.deadline_ms.saturating_sub(now.clock_ms);
        effects.push(Effect::Attempt {
            ticket,
            attempt: self.attempts,
            webhook: self.webhook.clone(),
            id: self.id,
            request_id: self.request_id,
            body: Arc::clone(&self.body),
            timeout_ms: u32::try_from(left_ms).unwrap_or(u32::MAX),
        });
    }

    /// The outcome is known: whoever waits is told, and then it is stored.
    fn answer(&mut self, now: Now, ticket: Ticket, outcome: CallOutcome, effects: &mut Vec<Effect>) {
        self.phase =
            Phase::Storing { outcome: outcome.clone(), since_ms: now.clock_ms, tries: 1, again_ms: None };
        // It is needed for no further attempt.
        self.body = Arc::from("");
        reply(ticket, outcome_reply(outcome.clone()), effects);
        effects.push(Effect::Finish { ticket, id: self.id, outcome });
    }
}

/// What makes a request another one under the same id: its body, and its own id where that is another than the call's.
fn fingerprint(request: &CallRequest) -> [u8; 32] {
    let mut digest = Sha256::new();
    if request.request_id != request.id {
        digest.update(request.request_id);
    }
    digest.update(request.body.as_bytes());
    digest.finalize().into()
}

impl Core {
    pub(super) fn call_asked(
        &mut self,
        now: Now,
        ticket: Ticket,
        request: CallRequest,
        effects: &mut Vec<Effect>,
    ) {
        if self.is_known(ticket) {
            return;
        }
        let Some(webhooks) = &self.webhooks else {
            return refuse(ticket, refusal::starting(), effects);
        };
        let webhook = webhooks.of_project(&request.webhook, &request.player.project);
        let Some((timeout_ms, retries)) = webhook.map(|webhook| (webhook.timeout_ms, webhook.retries)) else {
            return self.unknown_asked(now, ticket, request, effects);
        };
        if request.id.is_nil() {
            let message = "webhook-id is all zeros; use a new UUID for each call, such as one of version 7";
            return refuse(ticket, refusal::bad_request(message), effects);
        }
        if request.budget_ms == Some(0) {
            let message = "cuehook-budget-ms is 0: nobody waits for this call; say how many milliseconds the viewer waits";
            return refuse(ticket, refusal::bad_request(message), effects);
        }
        if let Err(refusal) = self.admit_call(now, &request.player, request.body.len()) {
            return refuse(ticket, refusal, effects);
        }
        let fingerprint = fingerprint(&request);
        if let Some(call) = self.own_call(request.id) {
            let answer = match call.is_same(&request, &fingerprint) {
                true => call.standing(),
                false => Reply::Refused(refusal::id_reused()),
            };
            return reply(ticket, answer, effects);
        }
        let budget_ms = request.budget_ms.unwrap_or(u32::MAX).min(timeout_ms).min(self.limits.budget_ms);
        let CallRequest { id, request_id, webhook, body, player, .. } = request;
        let holder = self.doubts.take(now.clock_ms, id, &fingerprint).unwrap_or_else(|| self.new_holder());
        let call = Call {
            id,
            request_id,
            webhook,
            project: player.project,
            origin: player.origin,
            fingerprint,
            holder,
            body,
            retries,
            deadline_ms: now.clock_ms.saturating_add(u64::from(budget_ms)),
            attempts: 0,
            phase: Phase::Beginning { again_until_ms: now.clock_ms.saturating_add(QUICK_MS) },
        };
        call.begin(now, ticket, effects);
        self.calls.insert(ticket, call);
    }

    /// A call of a webhook that is not known: never begun, unless it is repeated and was removed since. Then it has an outcome, and
    /// whoever repeats it must not hear that nothing was done.
    fn unknown_asked(&mut self, now: Now, ticket: Ticket, request: CallRequest, effects: &mut Vec<Effect>) {
        let CallRequest { id, webhook, body, player, .. } = request;
        if let Err(refusal) = self.admit_other(now, &parties(&player), body.len()) {
            return refuse(ticket, refusal, effects);
        }
        if let Some(call) = self.own_call(id) {
            let is_same = call.is_of(&player.project, &player.origin) && call.webhook == webhook;
            let answer = if is_same { call.standing() } else { Reply::Refused(refusal::id_reused()) };
            return reply(ticket, answer, effects);
        }
        self.others.insert(ticket, Other::Ask(Ask { player, repeated: Some(webhook) }));
        effects.push(Effect::Find { ticket, id });
    }

    /// The store has said whether the id is new.
    pub(super) fn call_begun(
        &mut self,
        now: Now,
        ticket: Ticket,
        result: Result<Begun, StoreError>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(call) = self.calls.get_mut(&ticket) else { return };
        let Phase::Beginning { again_until_ms } = &mut call.phase else { return };
        let answer = match result {
            // Whatever a store says: two tickets never call for one id.
            Ok(Begun::New) if self.own.contains_key(&call.id) => Reply::Refused(refusal::in_progress()),
            Ok(Begun::New) => {
                self.own.insert(call.id, ticket);
                if now.clock_ms < call.deadline_ms {
                    call.attempt(now, ticket, effects);
                } else {
                    // The store took longer than the viewer waits. That nothing was sent is the outcome of this id from now on.
                    call.answer(now, ticket, CallOutcome::Failed(CallFailure::Timeout), effects);
                }
                return;
            }
            Ok(Begun::InProgress { .. }) => Reply::Refused(refusal::in_progress()),
            Ok(Begun::Finished(outcome)) => outcome_reply(outcome),
            Ok(Begun::Unknown) => Reply::Refused(refusal::outcome_unknown()),
            Ok(Begun::Other) => Reply::Refused(refusal::id_reused()),
            Err(StoreError::Unavailable(_)) if now.clock_ms < call.deadline_ms.min(*again_until_ms) => {
                *again_until_ms = 0;
                return call.begin(now, ticket, effects);
            }
            // It may have been written down all the same. The webhook was not called; whoever asks again may call it.
            Err(error) => {
                let until_ms = call.deadline_ms.saturating_add(DOUBT_MS);
                self.doubts.add(now.clock_ms, call.id, call.fingerprint, call.holder, until_ms);
                Reply::Refused(refusal::unavailable(&error))
            }
        };
        self.calls.remove(&ticket);
        reply(ticket, answer, effects);
    }

    /// An attempt has ended.
    pub(super) fn call_attempted(
        &mut self,
        now: Now,
        ticket: Ticket,
        attempt: u32,
        attempted: Attempted,
        effects: &mut Vec<Effect>,
    ) {
        let Some(call) = self.calls.get_mut(&ticket) else { return };
        if !matches!(call.phase, Phase::Attempting) || call.attempts != attempt {
            return;
        }
        let ended = match attempted {
            Attempted::Response(response) => Ok(response),
            Attempted::Failed(CallFailure::Network) => Err(TransportFailure::Network),
            // None of these passes by itself.
            Attempted::Failed(failure) => {
                return call.answer(now, ticket, CallOutcome::Failed(failure), effects);
            }
        };
        if call.attempts <= u32::from(call.retries) && is_retryable(&ended) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let after_ms = delay_ms(call.attempts, self.chance.unit(), &ended).ceil() as u32;
            let until_ms = now.clock_ms.saturating_add(u64::from(after_ms));
            if until_ms < call.deadline_ms {
                call.phase = Phase::Waiting { until_ms };
                effects.push(Effect::Timer { ticket, after_ms });
                return;
            }
        }
        let outcome = ended.as_ref().map_or(CallOutcome::Failed(CallFailure::Network), judge);
        call.answer(now, ticket, outcome, effects);
    }

    /// Time has passed: for the next attempt, or for storing anew.
    pub(super) fn call_rang(&mut self, now: Now, ticket: Ticket, effects: &mut Vec<Effect>) {
        let Some(call) = self.calls.get_mut(&ticket) else { return };
        let due_ms = match &call.phase {
            Phase::Waiting { until_ms } => *until_ms,
            Phase::Storing { again_ms: Some(again_ms), .. } => *again_ms,
            _ => return,
        };
        if now.clock_ms < due_ms {
            // It was another one's, or rang too early.
            let after_ms = u32::try_from(due_ms - now.clock_ms).unwrap_or(u32::MAX);
            effects.push(Effect::Timer { ticket, after_ms });
            return;
        }
        match &mut call.phase {
            Phase::Waiting { .. } if now.clock_ms < call.deadline_ms => call.attempt(now, ticket, effects),
            Phase::Waiting { .. } => {
                call.answer(now, ticket, CallOutcome::Failed(CallFailure::Timeout), effects);
            }
            Phase::Storing { outcome, tries, again_ms, .. } => {
                *tries = tries.saturating_add(1);
                *again_ms = None;
                effects.push(Effect::Finish { ticket, id: call.id, outcome: outcome.clone() });
            }
            Phase::Beginning { .. } | Phase::Attempting => {}
        }
    }

    /// The outcome is stored, or could not be.
    pub(super) fn call_finished(
        &mut self,
        now: Now,
        ticket: Ticket,
        result: &Result<bool, StoreError>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(call) = self.calls.get_mut(&ticket) else { return };
        let Phase::Storing { since_ms, tries, again_ms, .. } = &mut call.phase else { return };
        if result.is_err() {
            if again_ms.is_some() {
                return;
            }
            let most_ms = (STORING_BASE_MS << (*tries).saturating_sub(1).min(10)).min(STORING_CAP_MS);
            // Half of it at least, so that a database that comes back is not asked by all at once.
            #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let after_ms = (most_ms as f64 * (0.5 + self.chance.unit() / 2.0)) as u32;
            let until_ms = now.clock_ms.saturating_add(u64::from(after_ms));
            if until_ms.saturating_sub(*since_ms) <= STORING_MS {
                *again_ms = Some(until_ms);
                effects.push(Effect::Timer { ticket, after_ms });
                return;
            }
            // It is given up. When the lease has run out, whoever asks is told that the outcome is unknown.
        }
        let id = call.id;
        self.own.remove(&id);
        self.calls.remove(&ticket);
    }

    /// A name that nobody else has.
    fn new_holder(&mut self) -> Uuid {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let mut half = || (self.chance.unit() * 9_007_199_254_740_992.0) as u64;
        Uuid::from_u64_pair(half(), half())
    }

    /// The call with this id that this relay makes, or has made and not stored yet.
    pub(super) fn own_call(&self, id: Uuid) -> Option<&Call> {
        self.calls.get(self.own.get(&id)?)
    }
}

/// As the player is told it.
pub(super) fn outcome_reply(outcome: CallOutcome) -> Reply {
    match outcome {
        CallOutcome::Answer(answer) => Reply::Answer(answer),
        CallOutcome::Failed(failure) => Reply::Failed(failure),
    }
}
