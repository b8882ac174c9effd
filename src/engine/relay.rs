//! Webhooks with a relay: what the relay says of them, which may come after the first click.
//!
//! What a document leaves open is asked for when the page is loaded. A request that needs it is added at once, so that it is
//! ended and dropped like all others, and begins when the relay's settings are there; not later than [`PATIENCE_MS`].

use super::effect::Effect;
use super::input::{RequestId, Target, Timer};
use super::machine::{Engine, Setup};
use super::requests::Phase;
use crate::json::{Json, Object};
use crate::project::{Include, Project, Webhook};
use crate::protocol::call_path;
use std::rc::Rc;

/// So many milliseconds a request waits for what the relay says of its webhook.
const PATIENCE_MS: f64 = 2_000.0;

/// How many milliseconds a relay has for a call when the viewer waits so long still: a tenth less, but not by more than a second, so
/// that what it says in the end is heard. Who has heard that a webhook took too long can try again at once.
pub(super) fn relay_budget(left_ms: f64) -> u64 {
    let budget = left_ms - (left_ms / 10.0).min(1_000.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = budget.max(1.0) as u64;
    whole
}

/// What is known of the relay's webhooks.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// They are still to come.
    is_awaited: bool,
    /// A request waits for them.
    is_timed: bool,
    /// By the relay's ids.
    said: Object,
}

impl Settings {
    /// Settings that are still to come, if the document leaves something open that the relay can say.
    pub(super) fn new(project: &Project, setup: &Setup) -> Self {
        let is_awaited = setup.relay.is_some() && project.webhooks.iter().any(is_open);
        Self { is_awaited, ..Self::default() }
    }
}

/// Whether the document leaves something of a webhook to its relay.
fn is_open(webhook: &Webhook) -> bool {
    webhook.relay.is_some()
        && (webhook.name.is_none()
            || webhook.wait_for_response.is_none()
            || webhook.include_interactions.is_none())
}

/// That there is nowhere to send.
pub(super) fn no_relay(webhook: &Webhook) -> String {
    [
        "webhook `",
        &webhook.id,
        "` has a relay, and this page names none: write `relay=\"https://…\"` on <cue-hook>, or `relay` in the options of attach()",
    ]
    .concat()
}

/// Who a webhook is, as far as the privacy of answers goes: an origin; of a relay each webhook for itself.
pub(super) fn party<'a>(webhook: &Webhook, target: &'a Target) -> &'a str {
    if webhook.relay.is_some() { &target.url } else { &target.origin }
}

impl Engine {
    /// The ids of the relay's webhooks whose settings are to be asked for, a comma between two; empty if nothing is open, or
    /// the page has no relay.
    pub fn relay_webhooks(&self) -> String {
        let mut ids: Vec<&str> = Vec::new();
        if self.settings.is_awaited {
            for webhook in self.project.webhooks.iter().filter(|webhook| is_open(webhook)) {
                ids.extend(webhook.relay.as_deref().filter(|id| !ids.contains(id)));
            }
        }
        ids.join(",")
    }

    /// Where a webhook's URL leads, or its relay.
    pub(super) fn leads_to(&self, index: usize, webhook: &Webhook) -> Option<Target> {
        let Some(id) = &webhook.relay else { return self.setup.targets.get(index)?.clone() };
        let relay = self.setup.relay.as_ref()?;
        Some(Target { url: [&*relay.url, &call_path(id)].concat(), origin: relay.origin.clone() })
    }

    fn said(&self, webhook: &Webhook, name: &str) -> Option<&Json> {
        self.settings.said.get(webhook.relay.as_deref()?)?.get(name)
    }

    /// The name of a webhook.
    pub(super) fn name_of<'a>(&'a self, webhook: &'a Webhook) -> Option<&'a str> {
        webhook.name.as_deref().or_else(|| self.said(webhook, "name")?.as_str())
    }

    /// Which interactions its body carries.
    pub(super) fn includes(&self, webhook: &Webhook) -> Include {
        let said = || {
            let said = self.said(webhook, "includeInteractions")?;
            match said.as_array() {
                Some(ids) => {
                    let ids = ids.iter().filter_map(Json::as_str);
                    Some(Include::Elements(ids.map(str::to_owned).collect()))
                }
                None => (said.as_str()? == "none").then_some(Include::None),
            }
        };
        webhook.include_interactions.clone().or_else(said).unwrap_or_default()
    }

    /// Whether the viewer waits for its response, as far as that is known.
    pub(super) fn waits(&self, webhook: &Webhook) -> bool {
        let said = || Some(matches!(self.said(webhook, "waitForResponse")?, Json::Bool(true)));
        webhook.wait_for_response.or_else(said).unwrap_or(false)
    }

    /// Whether what follows waits for its response, or may have to.
    pub(super) fn holds_back(&self, webhook: &Webhook) -> bool {
        self.waits(webhook) || (self.is_awaited(webhook) && webhook.wait_for_response.is_none())
    }

    /// Whether the relay has still to say something of a webhook. Whoever asks waits for that, but not for long.
    fn is_awaited(&self, webhook: &Webhook) -> bool {
        self.settings.is_awaited && is_open(webhook)
    }

    /// Whether a request must wait for what the relay says of its webhook.
    pub(super) fn must_learn(&mut self, webhook: &Webhook) -> bool {
        let must = self.is_awaited(webhook);
        if must && !std::mem::replace(&mut self.settings.is_timed, true) {
            self.out.push(Effect::StartTimer { timer: Timer::Settings, after_ms: PATIENCE_MS });
        }
        must
    }

    /// The relay has said what it knows of its webhooks; null: it has not. What waited for that begins.
    pub(super) fn learn(&mut self, settings: &Json) {
        if let Some(said) = settings.get("webhooks").and_then(Json::as_object) {
            self.settings.said = said.clone();
        }
        self.settings.is_awaited = false;
        self.stop_waiting_for_settings();
        let project = Rc::clone(&self.project);
        let held = self.requests.iter().filter(|request| request.phase == Phase::Queued);
        let held: Vec<RequestId> = held.map(|request| request.id).collect();
        for id in &held {
            let Some(request) = self.requests.iter().find(|request| request.id == *id) else { continue };
            let Some(webhook) = project.webhooks.get(request.call.webhook) else { continue };
            if !is_open(webhook) || webhook.wait_for_response.is_some() {
                continue;
            }
            if self.waits(webhook) {
                self.hold(*id);
            } else if let Some(request) = self.requests.iter_mut().find(|request| request.id == *id)
                && let Some(rest) = request.call.rest.take()
                && !request.is_kept
                && !request.call.over
            {
                // An earlier load of the page has run what follows a request that was kept.
                self.chains.push_back(rest.after(&request.call));
            }
        }
        for id in held {
            let of = |request: &&super::requests::PendingRequest| request.id == id;
            let Some(webhook) = self.requests.iter().find(of).map(|request| request.call.webhook) else {
                continue;
            };
            let first = self.requests.iter().find(|other| other.call.webhook == webhook);
            if first.is_some_and(|first| first.id == id && first.phase == Phase::Queued) {
                self.begin(id);
            }
        }
    }

    /// Nobody waits for what the relay says of its webhooks.
    pub(super) fn stop_waiting_for_settings(&mut self) {
        if std::mem::take(&mut self.settings.is_timed) {
            self.out.push(Effect::StopTimer(Timer::Settings));
        }
    }

    /// The relay has said nothing in time.
    pub(super) fn learn_without(&mut self) {
        let message = "the relay has not said within 2 seconds how to call its webhooks; the document counts";
        self.stage.warn_once(message.to_owned(), &mut self.out);
        self.settings.is_timed = false;
        self.learn(&Json::Null);
    }
}
