//! Webhook requests, from trigger to settling: each one settles exactly once.
//!
//! ```text
//! trigger ─► queued ─► proposed ─► keeping ─► sending ─► ended ─► proposed ─► settled
//!                                              ▲    │ may be repeated
//!                                              └ backoff
//! ```

use super::chain::{Chain, Origin};
use super::effect::{Attempt, Effect, Token};
use super::event::EventName;
use super::input::{Moment, RequestId, Target, Timer};
use super::machine::{Engine, Proposal};
use super::relay::{no_relay, party, relay_budget};
use super::survive::Place;
use crate::delivery::{Next, classify, hear};
use crate::error::{CuehookError, ErrorCode};
use crate::json::{Json, Object};
use crate::project::{Actions, Webhook, Word};
use crate::protocol::{
    BUDGET_HEADER, RESPONSE_LIMIT, RequestBody, Response, TransportFailure, calls_path, delay_ms,
    is_retryable, request_headers, rfc3339, unsendable,
};
use std::rc::Rc;

/// What a trigger asks for.
#[derive(Clone, Debug)]
pub(super) struct WebhookCall {
    /// Place of the webhook in the project.
    pub(super) webhook: usize,
    pub(super) params: Object,
    /// Run when the call fails.
    pub(super) on_error: Actions,
    /// The actions that wait for a good response.
    pub(super) rest: Option<Chain>,
    /// Where the action stands that asks, if one does.
    pub(super) place: Option<Place>,
    pub(super) origin: Rc<Origin>,
    /// The page's call that awaits the outcome.
    pub(super) ticket: Option<u32>,
    /// Neither `rest` nor `on_error` run: the video that they were for is gone, or the request was given up.
    pub(super) over: bool,
    /// The viewer has moved on in the video: what follows leaves playback alone.
    pub(super) moved: bool,
}

/// What stays the same in all attempts.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) id: String,
    /// The id of this call at the relay, where an earlier one of the same request has its outcome: the relay calls once for each.
    pub(super) call: Option<String>,
    pub(super) target: Target,
    pub(super) body: Rc<Vec<u8>>,
}

impl Sealed {
    /// The id under which the relay keeps what becomes of it.
    pub(super) fn call_id(&self) -> &str {
        self.call.as_deref().unwrap_or(&self.id)
    }

    /// Bytes of the body.
    pub(super) fn size(&self) -> usize {
        self.body.len()
    }
}

/// A request that has not settled.
#[derive(Debug)]
pub(super) struct PendingRequest {
    pub(super) id: RequestId,
    pub(super) call: WebhookCall,
    pub(super) phase: Phase,
    pub(super) sealed: Option<Rc<Sealed>>,
    /// It is written down, to survive a reload.
    pub(super) is_kept: bool,
    /// The relay is asked what has become of it, instead of being sent it.
    pub(super) asks: bool,
    /// A fresh token was asked for.
    pub(super) is_renewed: bool,
    /// The relay has said how it ended, and would say so again under this id.
    pub(super) is_decided: bool,
    /// Header fields that the page added.
    pub(super) added: Vec<(String, String)>,
    pub(super) attempts: u32,
    /// Status of the last response, if there was one.
    pub(super) status: Option<u16>,
    /// The running attempt goes on when the page is left.
    pub(super) keepalive: bool,
    /// When its first attempt began, on the monotonic clock.
    pub(super) begun: f64,
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
    /// No attempt is under way: the page's listeners look at it, or at its response.
    Proposed,
    /// It is being written down, to survive a reload.
    Keeping,
    /// An attempt is under way.
    Sending,
    /// The next attempt waits for its time.
    Backoff,
}

/// A failed call of the viewer, who may try it again.
#[derive(Debug)]
pub(super) struct Failed {
    /// Key of its notice.
    pub(super) key: u32,
    pub(super) code: ErrorCode,
    pub(super) call: WebhookCall,
    /// What was sent; nothing if it could not be sent, and so cannot be tried again.
    pub(super) sealed: Option<Rc<Sealed>>,
    /// Another try is another call of the same request, since the relay has stored how this one ended.
    pub(super) is_decided: bool,
}

impl Engine {
    /// Seals the request and shows it to the page.
    pub(super) fn begin(&mut self, id: RequestId) {
        let project = Rc::clone(&self.project);
        let Some(request) = self.requests.iter().find(|request| request.id == id) else { return };
        let Some(webhook) = project.webhooks.get(request.call.webhook) else { return };
        let target = self.target(request.call.webhook, webhook);
        if target.is_ok() && self.must_learn(webhook) {
            return;
        }
        let Some(request) = self.requests.iter().find(|request| request.id == id) else { return };
        let target = match target {
            Ok(target) => target,
            Err(fault) => {
                self.settle_request(id, Err(fault));
                return;
            }
        };
        let sealed = match &request.sealed {
            Some(sealed) => Rc::clone(sealed),
            None => Rc::new(self.seal(id, webhook, target)),
        };
        let fields = headers(webhook, &sealed, self.moment.wall_ms, &[]);
        let mut headers = Object::new();
        for (name, value) in &fields {
            headers.set(name, Json::from(value.as_str()));
        }
        let detail = self
            .detail(EventName::Request)
            .number("requestId", id.into())
            .text("webhook", &webhook.id)
            .text("url", &sealed.target.url)
            .value("headers", &headers.into());
        let body = Rc::clone(&sealed.body);
        if let Some(request) = self.requests.iter_mut().find(|request| request.id == id) {
            request.sealed = Some(sealed);
            request.phase = Phase::Proposed;
        }
        self.propose(Proposal::Request(id), detail.event(), Some(body));
    }

    /// Where a webhook posts to, if it may.
    pub(super) fn target(&self, index: usize, webhook: &Webhook) -> Result<Target, CuehookError> {
        let Some(target) = self.leads_to(index, webhook) else {
            let message = if webhook.relay.is_some() {
                no_relay(webhook)
            } else {
                format!("webhook `{}`: `{}` is no URL that can be posted to", webhook.id, webhook.url)
            };
            return Err(CuehookError::new(ErrorCode::ConfigInvalid, message));
        };
        match &self.setup.allow_origins {
            Some(allowed) if !allowed.contains(&target.origin) => {
                let message = format!(
                    "webhook `{}`: the page does not allow posting to {}; add it to allow-origins",
                    webhook.id, target.origin
                );
                Err(CuehookError::new(ErrorCode::OriginDenied, message))
            }
            _ => Ok(target),
        }
    }

    fn seal(&mut self, id: RequestId, webhook: &Webhook, target: Target) -> Sealed {
        let uuid = self.ids.uuid(self.moment.wall_ms);
        let project = Rc::clone(&self.project);
        let request = self.requests.iter().find(|request| request.id == id);
        let (origin, params) = match request {
            Some(request) => (Rc::clone(&request.call.origin), request.call.params.clone()),
            None => return Sealed { id: uuid, call: None, target, body: Rc::default() },
        };
        let page = webhook.page.of(&self.setup.page);
        let body = RequestBody {
            id: &uuid,
            timestamp: &rfc3339(self.moment.wall_ms),
            webhook: &webhook.id,
            webhook_name: self.name_of(webhook),
            video: &project.video.id,
            video_title: project.video.title.as_deref(),
            current_time: self.moment.media.time,
            duration: self.moment.media.duration,
            session: &self.session,
            started_at: &self.started_at,
            page: page.as_deref(),
            element: origin.element.as_deref(),
            cause: origin.cause,
            params: &params,
            context: &self.context.shared(&webhook.include_context, party(webhook, &target)),
            interactions: &self.log.text(&self.includes(webhook)),
            truncated: self.log.is_truncated(),
        };
        let body = Rc::new(body.to_text().into_bytes());
        Sealed { id: uuid, call: None, target, body }
    }

    /// The page has seen the request.
    pub(super) fn request_decided(&mut self, id: RequestId, allowed: bool, added: Vec<(String, String)>) {
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else { return };
        if !allowed {
            self.settle_request(
                id,
                Err(CuehookError::new(ErrorCode::Aborted, "the page prevented the request")),
            );
            return;
        }
        let project = Rc::clone(&self.project);
        let webhook = project.webhooks.get(request.call.webhook);
        let has_relay = webhook.is_some_and(|webhook| webhook.relay.is_some());
        for (name, value) in &added {
            let refused = has_relay.then_some("a relay takes none; it adds those of its configuration");
            if let Some(why) = refused.or_else(|| unsendable(name, value)) {
                let message = format!("a listener of cuehook:request added the header `{name}`: {why}");
                self.settle_request(id, Err(CuehookError::new(ErrorCode::ConfigInvalid, message)));
                return;
            }
        }
        request.added = added;
        if !self.keep(id) {
            self.first_attempt(id);
        }
    }

    /// The time budget begins.
    pub(super) fn first_attempt(&mut self, id: RequestId) {
        let project = Rc::clone(&self.project);
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else { return };
        request.begun = self.moment.clock_ms;
        let budget = project.webhooks.get(request.call.webhook).map_or(0, |webhook| webhook.timeout_ms);
        self.out.push(Effect::StartTimer { timer: Timer::Deadline(id), after_ms: budget.into() });
        self.send(id, Token::Known);
    }

    fn send(&mut self, id: RequestId, token: Token) {
        let project = Rc::clone(&self.project);
        let Moment { wall_ms, clock_ms, .. } = self.moment;
        let Some(request) = self.requests.iter().find(|request| request.id == id) else { return };
        let keepalive = self.wants_keepalive(request);
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else { return };
        let (Some(webhook), Some(sealed)) = (project.webhooks.get(request.call.webhook), &request.sealed)
        else {
            return;
        };
        request.attempts += 1;
        request.phase = Phase::Sending;
        request.keepalive = keepalive;
        let mut url = sealed.target.url.clone();
        let mut headers = headers(webhook, sealed, wall_ms, &request.added);
        if let (Some(relay), true) = (&self.setup.relay, request.asks) {
            url = [&*relay.url, &calls_path(sealed.call_id())].concat();
            headers.clear();
        }
        if webhook.relay.is_some() {
            let left = request.begun + f64::from(webhook.timeout_ms) - clock_ms;
            headers.push((BUDGET_HEADER.to_owned(), relay_budget(left).to_string()));
        }
        self.out.push(Effect::Send(Box::new(Attempt {
            request: id,
            attempt: request.attempts,
            url,
            headers,
            body: if request.asks { Rc::default() } else { Rc::clone(&sealed.body) },
            asks: request.asks,
            token: if webhook.relay.is_some() { token } else { Token::None },
            body_limit: RESPONSE_LIMIT,
            keepalive,
        })));
    }

    /// An attempt has ended. Late, duplicate and unknown responses change nothing.
    pub(super) fn attempt_ended(
        &mut self,
        id: RequestId,
        attempt: u32,
        outcome: Result<Response, TransportFailure>,
    ) {
        let project = Rc::clone(&self.project);
        let clock = self.moment.clock_ms;
        let Some(request) = self.requests.iter_mut().find(|request| {
            request.id == id && request.phase == Phase::Sending && request.attempts == attempt
        }) else {
            return;
        };
        let Some(webhook) = project.webhooks.get(request.call.webhook) else { return };
        request.keepalive = false;
        request.status = outcome.as_ref().ok().map(|response| response.status);
        let (result, next) = if webhook.relay.is_some() {
            hear(&outcome)
        } else {
            let again = is_retryable(&outcome) && request.attempts <= u32::from(webhook.retries);
            (classify(&outcome), if again { Next::Again } else { Next::End })
        };
        match next {
            Next::End => {
                // What is no relay has stored nothing.
                let is_said =
                    outcome.is_ok() && !matches!(&result, Err(it) if it.code == ErrorCode::RelayUnavailable);
                request.is_decided = webhook.relay.is_some() && is_said;
            }
            Next::Renew if request.is_renewed => {}
            Next::Renew => {
                request.is_renewed = true;
                self.send(id, Token::Fresh);
                return;
            }
            Next::Again | Next::Call | Next::Ask => {
                if next != Next::Again {
                    request.asks = next == Next::Ask;
                }
                let after_ms = delay_ms(request.attempts, self.ids.unit(), &outcome);
                if clock + after_ms < request.begun + f64::from(webhook.timeout_ms) {
                    request.phase = Phase::Backoff;
                    self.out.push(Effect::StartTimer { timer: Timer::Retry(id), after_ms });
                    return;
                }
            }
        }
        request.phase = Phase::Proposed;
        match result {
            Err(fault) => self.settle_request(id, Err(fault)),
            Ok(data) => {
                let duration = clock - request.begun;
                let status = outcome.as_ref().map_or(0, |response| response.status);
                // Nobody who sends 204 meant to send something.
                if data.is_none() && status != 204 {
                    let message = [
                        "webhook `",
                        &webhook.id,
                        "`: the response brought no data: it was empty, or plain text; status 204 says that on purpose",
                    ];
                    self.stage.warn_once(message.concat(), &mut self.out);
                }
                let shown = data.clone().map_or(Json::Null, Json::from);
                let detail = self
                    .detail(EventName::Response)
                    .number("requestId", id.into())
                    .text("webhook", &webhook.id)
                    .number("status", status.into())
                    .value("data", &shown)
                    .number("durationMs", duration);
                self.propose(Proposal::Response(id, data), detail.event(), None);
            }
        }
    }

    /// The page has seen the response. If it prevents its use, the request has succeeded all the same.
    pub(super) fn response_decided(&mut self, id: RequestId, allowed: bool, response: Option<Object>) {
        let Some(request) = self.requests.iter().find(|request| request.id == id) else { return };
        let project = Rc::clone(&self.project);
        if let (true, Some(response), Some(webhook), Some(sealed)) =
            (allowed, &response, project.webhooks.get(request.call.webhook), &request.sealed)
        {
            let assigned = self.context.apply(&webhook.id, party(webhook, &sealed.target), response);
            self.changed("webhooks");
            for (name, assignment) in assigned {
                self.assigned(name, assignment);
            }
        }
        self.settle_request(id, Ok(response));
    }

    /// The time budget of a request is used up.
    pub(super) fn out_of_time(&mut self, id: RequestId) {
        let project = Rc::clone(&self.project);
        let Some(request) = self.requests.iter().find(|request| request.id == id) else { return };
        let (attempts, webhook) = (request.attempts, project.webhooks.get(request.call.webhook));
        let budget = webhook.map_or(0, |webhook| webhook.timeout_ms);
        let message = format!("no response within {budget} ms ({attempts} attempts)");
        self.settle_request(id, Err(CuehookError::new(ErrorCode::Timeout, message)));
    }

    /// The next attempt is due.
    pub(super) fn retry_due(&mut self, id: RequestId) {
        if self.requests.iter().any(|request| request.id == id && request.phase == Phase::Backoff) {
            self.send(id, Token::Known);
        }
    }

    /// The viewer has waited long enough to be told so.
    pub(super) fn show_waiting(&mut self, id: RequestId) {
        let told = self.requests.iter().any(|request| request.waiting_shown);
        if let Some(request) = self.requests.iter_mut().find(|request| request.id == id) {
            request.waiting_shown = true;
            if !told {
                self.heard.say(self.project.words.get(Word::Waiting));
            }
        }
    }

    /// The viewer has waited long enough to be offered to give up.
    pub(super) fn offer_cancel(&mut self, id: RequestId) {
        if let Some(request) = self.requests.iter_mut().find(|request| request.id == id) {
            request.cancel_shown = true;
        }
    }
}

/// The header fields of one attempt: the author's, and those that the page has added.
fn headers(
    webhook: &Webhook,
    sealed: &Sealed,
    wall_ms: f64,
    added: &[(String, String)],
) -> Vec<(String, String)> {
    let mut fields: Vec<(&str, &str)> = Vec::new();
    for header in &webhook.headers {
        fields.push((&header.name, &header.value));
    }
    for (name, value) in added {
        fields.push((name, value));
    }
    let mut headers = request_headers(webhook.simple, &sealed.id, wall_ms, &fields);
    if let Some(call) = &sealed.call {
        for (_, value) in headers.iter_mut().filter(|(name, _)| name == "webhook-id") {
            value.clone_from(call);
        }
    }
    headers
}
