//! How requests end: well, in a failure that the viewer may try again, or because somebody wants no more of them.

use super::chain::Chain;
use super::detail::Detail;
use super::effect::Effect;
use super::event::EventName;
use super::input::{RequestId, Timer};
use super::machine::{Engine, Proposal};
use super::playback::Holder;
use super::requests::{Failed, PendingRequest, Phase, Sealed};
use crate::error::{CuehookError, ErrorCode};
use crate::json::{Json, Object};
use crate::project::Webhook;
use std::rc::Rc;

/// At most so many failed calls are offered for another try.
const MAX_FAILED: usize = 3;

impl Engine {
    /// The viewer gives up waiting for a request.
    pub(super) fn cancel(&mut self, id: RequestId) {
        self.settle_request(id, Err(CuehookError::new(ErrorCode::Aborted, "the viewer cancelled it")));
    }

    /// The video that the chains were for is gone, or has another source: responses still become variables, but nothing
    /// that waits for them runs any more.
    pub(super) fn end_chains(&mut self) {
        let running = self.requests.iter_mut().map(|request| &mut request.call);
        for call in running.chain(self.failed.iter_mut().map(|failed| &mut failed.call)) {
            call.over = true;
        }
    }

    /// The viewer has moved to where the element that asked is not there: what follows leaves playback alone.
    pub(super) fn viewer_moved_on(&mut self, id: RequestId) {
        if let Some(request) = self.requests.iter_mut().find(|request| request.id == id) {
            request.call.moved = true;
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
            let mut sealed = failed.sealed;
            if let (true, Some(decided)) = (failed.is_decided, &sealed) {
                let (id, target, body) =
                    (decided.id.clone(), decided.target.clone(), Rc::clone(&decided.body));
                let call = Some(self.ids.uuid(self.moment.wall_ms));
                sealed = Some(Rc::new(Sealed { id, call, target, body }));
            }
            let id = self.add(failed.call, webhook, sealed, false);
            self.begin(id);
        }
    }

    /// Aborts one request; neither the waiting actions nor `onError` run.
    pub(super) fn abort(&mut self, id: RequestId, why: &str) {
        if let Some(request) = self.requests.iter_mut().find(|request| request.id == id) {
            request.call.over = true;
        }
        self.settle_request(id, Err(CuehookError::new(ErrorCode::Aborted, why)));
    }

    /// Aborts everything that is under way. Of this nobody is told but the page: it was not the webhook, nor the viewer.
    pub(super) fn abort_all(&mut self, why: &str) {
        self.records = false;
        self.chains.clear();
        self.failed.clear();
        // The last first, so that none of a queue begins.
        while let Some(id) = self.requests.last().map(|request| request.id) {
            self.abort(id, why);
        }
        self.chains.clear();
    }

    /// The one place where a request ends.
    pub(super) fn settle_request(&mut self, id: RequestId, outcome: Result<Option<Object>, CuehookError>) {
        let media = self.moment.media;
        self.playback(|playback, steps| playback.catch_up(Holder::Request(id), media, steps));
        let Some(place) = self.requests.iter().position(|request| request.id == id) else { return };
        let request = self.requests.remove(place);
        let project = Rc::clone(&self.project);
        let Some(webhook) = project.webhooks.get(request.call.webhook) else { return };
        self.proposals.retain(|(_, proposal)| match proposal {
            Proposal::Request(other) | Proposal::Response(other, _) => *other != id,
            Proposal::Activate(_) => true,
        });
        self.stop(&request);
        if let (true, Some(sealed)) = (request.is_kept, &request.sealed) {
            self.out.push(Effect::Settle(sealed.id.clone()));
        }
        self.record_settled(webhook, &request, outcome.as_ref().err());
        let PendingRequest { call, attempts, begun, waits, waiting_shown, sealed, is_decided, .. } = request;
        let duration = self.moment.clock_ms - begun;
        let named = |detail: Detail| detail.number("requestId", id.into()).text("webhook", &webhook.id);
        match &outcome {
            Ok(answer) => {
                // The viewer has what an earlier call of theirs did not bring.
                self.failed.retain(|failed| {
                    failed.call.webhook != call.webhook || failed.call.origin.element != call.origin.element
                });
                if let (Some(rest), false) = (&call.rest, call.over) {
                    self.chains.push_back(rest.clone().after(&call));
                }
                self.reply(call.ticket, Ok(answer.as_ref()));
                if waiting_shown || (waits && call.origin.by_viewer) {
                    self.heard.answered();
                }
            }
            Err(fault) => {
                self.report(fault, |detail| {
                    named(detail).optional("element", call.origin.element.as_deref())
                });
                self.reply(call.ticket, Err(fault));
                if !call.on_error.is_empty() {
                    if !call.over {
                        self.chains
                            .push_back(Chain::new(&call.on_error, Rc::clone(&call.origin)).after(&call));
                    }
                } else if call.origin.by_viewer && fault.code != ErrorCode::Aborted {
                    // Another call would not be the same one, and this one may have been made.
                    let sealed = sealed.filter(|_| fault.code != ErrorCode::OutcomeUnknown);
                    self.tell_failure(Failed {
                        key: id,
                        code: fault.code,
                        call: call.clone(),
                        sealed,
                        is_decided,
                    });
                }
            }
        }
        let word = outcome.as_ref().map_or_else(|fault| fault.code.as_str(), |_| "ok");
        let detail = named(self.detail(EventName::Settled))
            .text("outcome", word)
            .number("attempts", attempts.into())
            .number("durationMs", duration);
        self.after.push(Effect::Emit(detail.event()));
        self.playback(|playback, steps| playback.release(Holder::Request(id), media, steps));
        let next = self.requests.iter().find(|other| other.call.webhook == call.webhook);
        if let Some(PendingRequest { id, phase: Phase::Queued, .. }) = next {
            self.begin(*id);
        }
    }

    /// Tells how a request has ended to whoever makes events of it, if it was one: what could not be sent, or was given up
    /// before it was, was none.
    fn record_settled(&mut self, webhook: &Webhook, request: &PendingRequest, fault: Option<&CuehookError>) {
        let was_given_up = request.attempts == 0 && fault.is_some_and(|it| it.code == ErrorCode::Aborted);
        let (true, false, Some(sealed)) = (self.records, was_given_up, &request.sealed) else { return };
        let mut about = Object::new();
        about.set("id", webhook.id.as_str().into());
        if let Some(name) = self.name_of(webhook) {
            about.set("name", name.into());
        }
        let mut asked = Object::new();
        asked.set("id", sealed.id.as_str().into());
        asked.set("attempts", Json::Integer(request.attempts.into()));
        asked.set("durationMs", Json::Float(self.moment.clock_ms - request.begun));
        asked.set("status", request.status.map_or(Json::Null, |status| Json::Integer(status.into())));
        let mut occurrence = Object::new();
        occurrence.set("webhook", about.into());
        occurrence.set("request", asked.into());
        if let Some(fault) = fault {
            let mut error = Object::new();
            error.set("code", fault.code.as_str().into());
            error.set("message", fault.message.as_str().into());
            occurrence.set("error", error.into());
        }
        self.out.push(Effect::Record(Json::from(occurrence).to_text()));
    }

    /// Stops what a request has going.
    fn stop(&mut self, request: &PendingRequest) {
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

    /// Tells the viewer, and offers another try if there was a request to send.
    fn tell_failure(&mut self, mut failed: Failed) {
        // One notice a webhook, and not more than the picture can hold.
        self.failed.retain(|other| other.call.webhook != failed.call.webhook);
        if self.failed.len() == MAX_FAILED {
            self.failed.remove(0);
        }
        self.heard.say(self.project.words.of(failed.code));
        failed.call.ticket = None;
        self.failed.push(failed);
    }

    pub(super) fn reply(&mut self, ticket: Option<u32>, result: Result<Option<&Object>, &CuehookError>) {
        let Some(ticket) = ticket else { return };
        let result = match result {
            Ok(Some(answer)) => Ok(Json::from(answer.clone()).to_text()),
            Ok(None) => Ok("null".to_owned()),
            Err(fault) => Err((fault.code, fault.message.clone())),
        };
        self.after.push(Effect::Reply { ticket, result });
    }
}
