//! From a trigger to a request: which webhook, and what `whileRunning` says if it has a request already.

use super::chain::Origin;
use super::effect::Effect;
use super::input::{RequestId, Timer};
use super::machine::Engine;
use super::playback::Holder;
use super::requests::{PendingRequest, Phase, Sealed, WebhookCall};
use crate::error::{CuehookError, ErrorCode};
use crate::json::Object;
use crate::project::{Webhook, WhileRunning};
use std::rc::Rc;

/// A viewer is told that something is awaited after so many milliseconds…
const WAITING_AFTER_MS: f64 = 1_200.0;
/// …and offered to give up after so many.
const CANCEL_AFTER_MS: f64 = 3_000.0;
/// With `whileRunning: "queue"` at most so many requests of one webhook wait their turn.
const MAX_QUEUED: usize = 8;

impl Engine {
    /// The page, or an element of the page, executes a webhook by its id.
    pub(super) fn execute(&mut self, webhook: &str, params: Object, origin: Origin, ticket: Option<u32>) {
        let Some(index) = self.project.webhooks.iter().position(|known| known.id == webhook) else {
            let known: Vec<&str> = self.project.webhooks.iter().map(|webhook| webhook.id.as_str()).collect();
            let message = format!("there is no webhook `{webhook}`; the project has: {}", known.join(", "));
            let fault = CuehookError::new(ErrorCode::ConfigInvalid, message);
            self.report(&fault, |detail| detail.text("webhook", webhook));
            // A rejected promise is heard; of a click nobody would hear.
            match ticket {
                Some(_) => self.reply(ticket, Err(&fault)),
                None => self.stage.warn_once(fault.message, &mut self.out),
            }
            return;
        };
        let on_error = Rc::default();
        self.trigger(WebhookCall {
            webhook: index,
            params,
            on_error,
            rest: None,
            place: None,
            origin: Rc::new(origin),
            ticket,
            over: false,
            moved: false,
        });
    }

    /// Starts a request, or what `whileRunning` says if the webhook has one already.
    pub(super) fn trigger(&mut self, call: WebhookCall) {
        let project = Rc::clone(&self.project);
        let Some(webhook) = project.webhooks.get(call.webhook) else { return };
        let same = |request: &&PendingRequest| request.call.webhook == call.webhook;
        let running = self.requests.iter().filter(same).count();
        if running > 0 {
            let full = running > MAX_QUEUED;
            match webhook.while_running {
                WhileRunning::Queue if !full => {}
                WhileRunning::Drop | WhileRunning::Queue => {
                    let message =
                        format!("webhook `{}` is still running; this trigger was dropped", webhook.id);
                    self.reply(call.ticket, Err(&CuehookError::new(ErrorCode::Aborted, message.as_str())));
                    self.stage.warn_once(message, &mut self.out);
                    return;
                }
                WhileRunning::Replace => {
                    let old: Vec<RequestId> = self.requests.iter().filter(same).map(|old| old.id).collect();
                    // The new request takes its lease before the old one gives it back, so that the video does not
                    // flicker; it begins when the old one has settled.
                    self.add(call, webhook, None, false);
                    for old in old {
                        self.abort(old, "a newer request replaced it");
                    }
                    return;
                }
            }
        }
        let id = self.add(call, webhook, None, false);
        if running == 0 {
            self.begin(id);
        }
    }

    /// Adds a request. One that was kept by an earlier load of the page keeps nobody waiting.
    pub(super) fn add(
        &mut self,
        call: WebhookCall,
        webhook: &Webhook,
        sealed: Option<Rc<Sealed>>,
        is_kept: bool,
    ) -> RequestId {
        self.last_request += 1;
        let id = self.last_request;
        let index = call.origin.index;
        // A request that may not be sent will not pause the video either.
        let waits = self.waits(webhook) && !is_kept && self.target(call.webhook, webhook).is_ok();
        self.requests.push(PendingRequest {
            id,
            call,
            phase: Phase::Queued,
            sealed,
            is_kept,
            asks: is_kept && webhook.relay.is_some(),
            is_renewed: false,
            is_decided: false,
            added: Vec::new(),
            attempts: 0,
            status: None,
            keepalive: false,
            begun: self.moment.clock_ms,
            waits: false,
            waiting_shown: false,
            cancel_shown: false,
        });
        if waits {
            self.hold(id);
        }
        if let Some(element) = index {
            self.out.push(Effect::Busy { element, busy: true });
        }
        id
    }

    /// The viewer waits for a request: the video stands still for it.
    pub(super) fn hold(&mut self, id: RequestId) {
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else { return };
        if request.is_kept {
            return;
        }
        request.waits = true;
        let (index, pauses) = (request.call.origin.index, !request.call.moved);
        let asking = index.and_then(|index| self.project.elements.get(index));
        let range = asking.and(index).map(|index| self.stage.range(index));
        if pauses {
            let media = self.moment.media;
            self.playback(|playback, steps| playback.take(Holder::Request(id), range, media, steps));
        }
        self.out.push(Effect::StartTimer { timer: Timer::Waiting(id), after_ms: WAITING_AFTER_MS });
        self.out.push(Effect::StartTimer { timer: Timer::Cancel(id), after_ms: CANCEL_AFTER_MS });
    }
}
