//! Webhook requests, from trigger to settling: each one settles exactly once.
//!
//! ```text
//! trigger ─► queued ─► proposed ─► sending ─► answered ─► proposed ─► settled
//!                                   ▲    │ may pass
//!                                   └ backoff
//! ```

use super::chain::{Chain, Origin};
use super::detail::Detail;
use super::effect::{self, Effect};
use super::input::{Answer, RequestId, Timer, TransportFailure};
use super::machine::{Engine, Proposal};
use crate::delivery::{self, BODY_LIMIT, Facts, Fault};
use crate::error::ErrorCode;
use crate::json::{Json, Object};
use crate::project::{Actions, Webhook, WhileRunning};
use crate::session::rfc3339;
use std::rc::Rc;

/// A viewer is told that something is awaited after so many milliseconds…
pub(super) const WAITING_AFTER_MS: f64 = 1_200.0;
/// …and offered to give up after so many.
pub(super) const CANCEL_AFTER_MS: f64 = 3_000.0;
/// With `whileRunning: "drop"` a second click on the same element within so many milliseconds is a double click, even if
/// the answer to the first is in already.
const DOUBLE_CLICK_MS: f64 = 500.0;
/// With `whileRunning: "queue"` at most so many requests of one webhook wait their turn.
const MAX_QUEUED: usize = 8;
/// At most so many failed calls are offered for another try.
const MAX_FAILED: usize = 3;

/// What a trigger asks for.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Place of the webhook in the project.
    pub(super) webhook: usize,
    pub(super) params: Object,
    /// Run when the call fails.
    pub(super) on_error: Actions,
    /// The actions that wait for a good answer.
    pub(super) rest: Option<Chain>,
    pub(super) origin: Rc<Origin>,
    /// The page's call that awaits the outcome.
    pub(super) ticket: Option<u32>,
}

/// What stays the same in all attempts.
#[derive(Debug)]
pub(super) struct Sealed {
    id: String,
    url: String,
    body: Rc<Vec<u8>>,
}

/// A request that has not settled.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: RequestId,
    pub(super) call: Call,
    pub(super) phase: Phase,
    sealed: Option<Rc<Sealed>>,
    /// Header fields that the page added.
    added: Vec<(String, String)>,
    attempts: u32,
    /// When its first attempt began, on the monotonic clock.
    begun: f64,
    /// The viewer waits for it.
    pub(super) waits: bool,
    /// It is time to say that the viewer waits.
    pub(super) waiting_shown: bool,
    /// It is time to offer giving up.
    pub(super) cancel_shown: bool,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Another request of the same webhook is running.
    Queued,
    /// No attempt is under way: the page's listeners look at it, or at its answer.
    Proposed,
    /// An attempt is under way.
    Sending,
    /// The next attempt waits for its time.
    Backoff,
}

/// A failed call that the viewer may try again.
#[derive(Debug)]
pub(super) struct Failed {
    /// Key of its notice.
    pub(super) key: u32,
    pub(super) code: ErrorCode,
    call: Call,
    sealed: Rc<Sealed>,
}

impl Engine {
    /// The page, or an element of the page, executes a webhook by its id.
    pub(super) fn execute(&mut self, webhook: &str, params: Object, origin: Origin, ticket: Option<u32>) {
        let Some(index) = self.project.webhooks.iter().position(|known| known.id == webhook) else {
            let known: Vec<&str> = self.project.webhooks.iter().map(|webhook| webhook.id.as_str()).collect();
            let message = format!("there is no webhook `{webhook}`; the project has: {}", known.join(", "));
            let fault = Fault::new(ErrorCode::ConfigInvalid, message);
            self.report(&fault, |detail| detail.text("webhook", webhook));
            self.reply(ticket, Err(&fault));
            return;
        };
        let on_error = Rc::default();
        self.trigger(Call { webhook: index, params, on_error, rest: None, origin: Rc::new(origin), ticket });
    }

    /// Starts a request, or what `whileRunning` says if the webhook has one already.
    pub(super) fn trigger(&mut self, call: Call) {
        let project = Rc::clone(&self.project);
        let Some(webhook) = project.webhooks.get(call.webhook) else { return };
        let same = |request: &&Request| request.call.webhook == call.webhook;
        let running = self.requests.iter().filter(same).count();
        if running > 0 || self.is_double_click(&call, webhook) {
            let full = running > MAX_QUEUED;
            match webhook.while_running {
                WhileRunning::Queue if !full => {}
                WhileRunning::Drop | WhileRunning::Queue => {
                    let message =
                        format!("webhook `{}` is still running; this trigger was dropped", webhook.id);
                    self.reply(call.ticket, Err(&Fault::new(ErrorCode::Aborted, message.as_str())));
                    self.stage.warn_once(message, &mut self.out);
                    return;
                }
                WhileRunning::Replace => {
                    let old: Vec<RequestId> = self.requests.iter().filter(same).map(|old| old.id).collect();
                    // The new request takes its lease before the old one gives it back, so that the video does not
                    // flicker; it begins when the old one has settled.
                    self.add(call, webhook, None);
                    for old in old {
                        self.abort(old, "a newer request replaced it");
                    }
                    return;
                }
            }
        }
        let id = self.add(call, webhook, None);
        if running == 0 {
            self.begin(id);
        }
    }

    fn is_double_click(&mut self, call: &Call, webhook: &Webhook) -> bool {
        if !call.origin.by_viewer || webhook.while_running != WhileRunning::Drop {
            return false;
        }
        let now = (call.webhook, call.origin.index, self.moment.clock_ms);
        let last = self.last_trigger.replace(now);
        last.is_some_and(|last| (last.0, last.1) == (now.0, now.1) && now.2 - last.2 < DOUBLE_CLICK_MS)
    }

    fn add(&mut self, call: Call, webhook: &Webhook, sealed: Option<Rc<Sealed>>) -> RequestId {
        self.last_request += 1;
        let id = self.last_request;
        let index = call.origin.index;
        // A request that may not be sent will not pause the video either.
        let waits = webhook.wait_for_response && self.target(call.webhook, webhook).is_ok();
        self.requests.push(Request {
            id,
            call,
            phase: Phase::Queued,
            sealed,
            added: Vec::new(),
            attempts: 0,
            begun: self.moment.clock_ms,
            waits,
            waiting_shown: false,
            cancel_shown: false,
        });
        if waits {
            let media = self.moment.media;
            self.playback(|playback, steps| playback.take(id, media, steps));
            self.out.push(Effect::StartTimer { timer: Timer::Waiting(id), after_ms: WAITING_AFTER_MS });
            self.out.push(Effect::StartTimer { timer: Timer::Cancel(id), after_ms: CANCEL_AFTER_MS });
        }
        if let Some(element) = index {
            self.out.push(Effect::Busy { element, busy: true });
        }
        id
    }

    /// Seals the request and shows it to the page.
    fn begin(&mut self, id: RequestId) {
        let project = Rc::clone(&self.project);
        let Some(request) = self.requests.iter().find(|request| request.id == id) else { return };
        let Some(webhook) = project.webhooks.get(request.call.webhook) else { return };
        let url = match self.target(request.call.webhook, webhook) {
            Ok(url) => url,
            Err(fault) => {
                self.settle_request(id, Err(fault));
                return;
            }
        };
        let sealed = match &request.sealed {
            Some(sealed) => Rc::clone(sealed),
            None => Rc::new(self.seal(id, webhook, url)),
        };
        let fields = delivery::headers(webhook, &sealed.id, self.moment.wall_ms, &[]);
        let mut headers = Object::new();
        for (name, value) in &fields {
            headers.set(name, Json::from(value.as_str()));
        }
        let detail = self
            .detail("request")
            .number("requestId", id.into())
            .text("webhook", &webhook.id)
            .text("url", &sealed.url)
            .value("headers", &headers.into());
        let body = Rc::clone(&sealed.body);
        if let Some(request) = self.requests.iter_mut().find(|request| request.id == id) {
            request.sealed = Some(sealed);
            request.phase = Phase::Proposed;
        }
        self.propose(Proposal::Request(id), detail.event(), Some(body));
    }

    /// Where a webhook posts to, if it may.
    fn target(&self, index: usize, webhook: &Webhook) -> Result<String, Fault> {
        let Some(Some(target)) = self.setup.targets.get(index) else {
            let message =
                format!("webhook `{}`: `{}` is no URL that can be posted to", webhook.id, webhook.url);
            return Err(Fault::new(ErrorCode::ConfigInvalid, message));
        };
        match &self.setup.allow_origins {
            Some(allowed) if !allowed.contains(&target.origin) => {
                let message = format!(
                    "webhook `{}`: the page does not allow posting to {}; add it to allow-origins",
                    webhook.id, target.origin
                );
                Err(Fault::new(ErrorCode::OriginDenied, message))
            }
            _ => Ok(target.url.clone()),
        }
    }

    fn seal(&mut self, id: RequestId, webhook: &Webhook, url: String) -> Sealed {
        let uuid = self.ids.uuid(self.moment.wall_ms);
        let project = Rc::clone(&self.project);
        let request = self.requests.iter().find(|request| request.id == id);
        let (origin, params) = match request {
            Some(request) => (Rc::clone(&request.call.origin), request.call.params.clone()),
            None => return Sealed { id: uuid, url, body: Rc::default() },
        };
        let facts = Facts {
            id: &uuid,
            timestamp: &rfc3339(self.moment.wall_ms),
            video: &project.video,
            current_time: self.moment.media.time,
            duration: self.moment.media.duration,
            session: &self.session,
            started_at: &self.started_at,
            page: &self.setup.page,
            element: origin.element.as_deref(),
            event: origin.event,
            params: &params,
        };
        let body = Rc::new(delivery::body(webhook, &facts, &self.context, &self.log).into_bytes());
        Sealed { id: uuid, url, body }
    }

    /// The page has seen the request.
    pub(super) fn request_decided(&mut self, id: RequestId, allowed: bool, added: Vec<(String, String)>) {
        let project = Rc::clone(&self.project);
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else { return };
        if !allowed {
            self.settle_request(id, Err(Fault::new(ErrorCode::Aborted, "the page prevented the request")));
            return;
        }
        for (name, value) in &added {
            if let Some(why) = delivery::unsendable(name, value) {
                let message = format!("a listener of cuehook:request added the header `{name}`: {why}");
                self.settle_request(id, Err(Fault::new(ErrorCode::ConfigInvalid, message)));
                return;
            }
        }
        request.added = added;
        request.begun = self.moment.clock_ms;
        let budget = project.webhooks.get(request.call.webhook).map_or(0, |webhook| webhook.timeout_ms);
        self.out.push(Effect::StartTimer { timer: Timer::Deadline(id), after_ms: budget.into() });
        self.send(id);
    }

    fn send(&mut self, id: RequestId) {
        let project = Rc::clone(&self.project);
        let wall_ms = self.moment.wall_ms;
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else { return };
        let (Some(webhook), Some(sealed)) = (project.webhooks.get(request.call.webhook), &request.sealed)
        else {
            return;
        };
        request.attempts += 1;
        request.phase = Phase::Sending;
        self.out.push(Effect::Send(Box::new(effect::Request {
            request: id,
            attempt: request.attempts,
            url: sealed.url.clone(),
            headers: delivery::headers(webhook, &sealed.id, wall_ms, &request.added),
            body: Rc::clone(&sealed.body),
            body_limit: BODY_LIMIT,
        })));
    }

    /// An attempt has ended. Late, duplicate and unknown answers change nothing.
    pub(super) fn answered(
        &mut self,
        id: RequestId,
        attempt: u32,
        outcome: Result<Answer, TransportFailure>,
    ) {
        let project = Rc::clone(&self.project);
        let clock = self.moment.clock_ms;
        let Some(request) = self.requests.iter_mut().find(|request| {
            request.id == id && request.phase == Phase::Sending && request.attempts == attempt
        }) else {
            return;
        };
        let Some(webhook) = project.webhooks.get(request.call.webhook) else { return };
        if delivery::is_retryable(&outcome) && request.attempts <= u32::from(webhook.retries) {
            let after_ms = delivery::delay_ms(request.attempts, self.ids.unit(), &outcome);
            if clock + after_ms < request.begun + f64::from(webhook.timeout_ms) {
                request.phase = Phase::Backoff;
                self.out.push(Effect::StartTimer { timer: Timer::Retry(id), after_ms });
                return;
            }
        }
        request.phase = Phase::Proposed;
        match delivery::classify(&outcome) {
            Err(fault) => self.settle_request(id, Err(fault)),
            Ok(answer) => {
                let duration = clock - request.begun;
                let status = outcome.as_ref().map_or(0, |answer| answer.status);
                let data = answer.clone().map_or(Json::Null, Json::from);
                let detail = self
                    .detail("response")
                    .number("requestId", id.into())
                    .text("webhook", &webhook.id)
                    .number("status", status.into())
                    .value("data", &data)
                    .number("durationMs", duration);
                self.propose(Proposal::Response(id, answer), detail.event(), None);
            }
        }
    }

    /// The page has seen the answer. If it prevents its use, the request has succeeded all the same.
    pub(super) fn response_decided(&mut self, id: RequestId, allowed: bool, answer: Option<Object>) {
        let Some(request) = self.requests.iter().find(|request| request.id == id) else { return };
        let project = Rc::clone(&self.project);
        if let (true, Some(answer), Some(webhook)) =
            (allowed, &answer, project.webhooks.get(request.call.webhook))
        {
            for (name, value) in answer.iter() {
                self.set_variable(name, value.clone());
            }
            self.context.answer(&webhook.id, answer);
            self.revision += 1;
        }
        self.settle_request(id, Ok(answer));
    }

    /// A timer of a request rang.
    pub(super) fn timer(&mut self, timer: Timer) {
        let (Timer::Deadline(id) | Timer::Retry(id) | Timer::Waiting(id) | Timer::Cancel(id)) = timer;
        let project = Rc::clone(&self.project);
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else { return };
        match timer {
            Timer::Deadline(_) => {
                let (attempts, webhook) = (request.attempts, project.webhooks.get(request.call.webhook));
                let budget = webhook.map_or(0, |webhook| webhook.timeout_ms);
                let message = format!("no answer within {budget} ms ({attempts} attempts)");
                self.settle_request(id, Err(Fault::new(ErrorCode::Timeout, message)));
            }
            Timer::Retry(_) if request.phase == Phase::Backoff => self.send(id),
            Timer::Retry(_) => {}
            Timer::Waiting(_) => {
                request.waiting_shown = true;
                self.out.push(Effect::Announce(project.words.waiting.clone()));
            }
            Timer::Cancel(_) => request.cancel_shown = true,
        }
    }

    /// The viewer gives up waiting.
    pub(super) fn cancel_waiting(&mut self) {
        // The last first, so that none of a queue begins.
        let waiting: Vec<RequestId> =
            self.requests.iter().rev().filter(|request| request.waits).map(|request| request.id).collect();
        for id in waiting {
            self.settle_request(id, Err(Fault::new(ErrorCode::Aborted, "the viewer cancelled it")));
        }
    }

    /// The viewer tries a failed call again: the same bytes under the same id, with a new time budget.
    pub(super) fn retry_failed(&mut self, key: u32) {
        let Some(place) = self.failed.iter().position(|failed| failed.key == key) else { return };
        let project = Rc::clone(&self.project);
        let Some(index) = self.failed.get(place).map(|failed| failed.call.webhook) else { return };
        let Some(webhook) = project.webhooks.get(index) else { return };
        if self.requests.iter().all(|request| request.call.webhook != index) {
            let failed = self.failed.remove(place);
            let id = self.add(failed.call, webhook, Some(failed.sealed));
            self.begin(id);
        }
    }

    /// Aborts one request; neither the waiting actions nor `onError` run.
    fn abort(&mut self, id: RequestId, why: &str) {
        if let Some(request) = self.requests.iter_mut().find(|request| request.id == id) {
            request.call.rest = None;
            request.call.on_error = Rc::default();
        }
        self.settle_request(id, Err(Fault::new(ErrorCode::Aborted, why)));
    }

    /// Aborts everything that is under way.
    pub(super) fn abort_all(&mut self, why: &str) {
        self.chains.clear();
        self.failed.clear();
        // The last first, so that none of a queue begins.
        while let Some(id) = self.requests.last().map(|request| request.id) {
            self.abort(id, why);
        }
        self.chains.clear();
    }

    /// The one place where a request ends.
    fn settle_request(&mut self, id: RequestId, outcome: Result<Option<Object>, Fault>) {
        let Some(place) = self.requests.iter().position(|request| request.id == id) else { return };
        let request = self.requests.remove(place);
        let project = Rc::clone(&self.project);
        let Some(webhook) = project.webhooks.get(request.call.webhook) else { return };
        self.proposals.retain(|(_, proposal)| match proposal {
            Proposal::Request(other) | Proposal::Response(other, _) => *other != id,
            Proposal::Activate(_) => true,
        });
        self.stop(&request);
        let Request { call, attempts, begun, waits, waiting_shown, sealed, .. } = request;
        let duration = self.moment.clock_ms - begun;
        let named = |detail: Detail| detail.number("requestId", id.into()).text("webhook", &webhook.id);
        match &outcome {
            Ok(answer) => {
                // The viewer has what an earlier call of theirs did not bring.
                self.failed.retain(|failed| {
                    failed.call.webhook != call.webhook || failed.call.origin.element != call.origin.element
                });
                self.chains.extend(call.rest.clone());
                self.reply(call.ticket, Ok(answer.as_ref()));
                if waiting_shown || (waits && call.origin.by_viewer) {
                    self.out.push(Effect::Announce(project.words.done.clone()));
                }
            }
            Err(fault) => {
                self.report(fault, |detail| {
                    named(detail).optional("element", call.origin.element.as_deref())
                });
                self.reply(call.ticket, Err(fault));
                if !call.on_error.is_empty() {
                    self.chains.push_back(Chain::new(&call.on_error, Rc::clone(&call.origin)));
                } else if let (true, true, Some(sealed)) =
                    (call.origin.by_viewer, fault.code != ErrorCode::Aborted, sealed)
                {
                    self.offer_retry(id, fault.code, &call, sealed);
                }
            }
        }
        let word = outcome.as_ref().map_or_else(|fault| fault.code.as_str(), |_| "ok");
        let detail = named(self.detail("settled"))
            .text("outcome", word)
            .number("attempts", attempts.into())
            .number("durationMs", duration);
        self.after.push(Effect::Emit(detail.event()));
        if waits {
            let media = self.moment.media;
            self.playback(|playback, steps| playback.release(id, media, steps));
        }
        let next = self.requests.iter().find(|other| other.call.webhook == call.webhook);
        if let Some(Request { id, phase: Phase::Queued, .. }) = next {
            self.begin(*id);
        }
    }

    /// Stops what a request has going.
    fn stop(&mut self, request: &Request) {
        let id = request.id;
        if request.phase == Phase::Sending {
            self.out.push(Effect::Abort(id));
        }
        if request.attempts > 0 {
            self.out.push(Effect::StopTimer(Timer::Deadline(id)));
        }
        if request.phase == Phase::Backoff {
            self.out.push(Effect::StopTimer(Timer::Retry(id)));
        }
        if request.waits {
            self.out.push(Effect::StopTimer(Timer::Waiting(id)));
            self.out.push(Effect::StopTimer(Timer::Cancel(id)));
        }
        let index = request.call.origin.index;
        let others = self.requests.iter().any(|other| other.call.origin.index == index);
        if let (Some(element), false) = (index, others) {
            self.out.push(Effect::Busy { element, busy: false });
        }
    }

    fn offer_retry(&mut self, id: RequestId, code: ErrorCode, call: &Call, sealed: Rc<Sealed>) {
        // One notice a webhook, and not more than the picture can hold.
        self.failed.retain(|failed| failed.call.webhook != call.webhook);
        if self.failed.len() == MAX_FAILED {
            self.failed.remove(0);
        }
        let call = Call { ticket: None, ..call.clone() };
        self.failed.push(Failed { key: id, code, call, sealed });
        self.out.push(Effect::Announce(self.project.words.of(code).to_owned()));
    }

    fn reply(&mut self, ticket: Option<u32>, result: Result<Option<&Object>, &Fault>) {
        let Some(ticket) = ticket else { return };
        let result = match result {
            Ok(Some(answer)) => Ok(Json::from(answer.clone()).to_text()),
            Ok(None) => Ok("null".to_owned()),
            Err(fault) => Err((fault.code, fault.message.clone())),
        };
        self.after.push(Effect::Reply { ticket, result });
    }
}
