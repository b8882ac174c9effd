//! Chains: the actions of a trigger, run in order, held back by a webhook that waits for its response.

use super::effect::Effect;
use super::event::EventName;
use super::leaving::replaces_page;
use super::machine::Engine;
use super::requests::WebhookCall;
use crate::error::{CuehookError, ErrorCode};
use crate::json::{Json, Object};
use crate::project::{Action, Actions, Element, Setting};
use crate::protocol::{Cause, Trigger};
use crate::template::{Text, safe_url};
use std::rc::Rc;

/// What set off a chain.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// Id of the element, of the project or of the page.
    pub(super) element: Option<String>,
    /// Its place in the project, if it is there.
    pub(super) index: Option<usize>,
    pub(super) cause: Cause,
    /// Whether the viewer asked for it, and so should hear how it ended.
    pub(super) by_viewer: bool,
    /// What the button that was pressed says: sent with every webhook that follows from it.
    pub(super) params: Object,
}

/// Actions still to run.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    actions: Actions,
    next: usize,
    origin: Rc<Origin>,
    /// The viewer has moved on in the video: playback is left alone.
    moved: bool,
}

impl Chain {
    /// A whole list of actions of an element.
    pub(super) fn of_element(
        actions: &Actions,
        element: &Element,
        index: usize,
        trigger: Trigger,
        by_viewer: bool,
        params: Object,
    ) -> Self {
        let cause = Cause::Trigger(trigger);
        let origin =
            Origin { element: Some(element.id.clone()), index: Some(index), cause, by_viewer, params };
        Self::new(actions, Rc::new(origin))
    }

    /// A whole list of actions.
    pub(super) fn new(actions: &Actions, origin: Rc<Origin>) -> Self {
        Self { actions: Rc::clone(actions), next: 0, origin, moved: false }
    }

    /// As it goes on after a call.
    pub(super) fn after(mut self, call: &WebhookCall) -> Self {
        self.moved |= call.moved;
        self
    }
}

impl Engine {
    /// Runs a chain to its end, or to a webhook that waits.
    pub(super) fn run(&mut self, mut chain: Chain) {
        let actions = Rc::clone(&chain.actions);
        while let Some(action) = actions.get(chain.next) {
            if self.actions_left == 0 {
                self.chains.clear();
                let message = "the project's triggers set each other off without end; they were stopped";
                self.report(&CuehookError::new(ErrorCode::ConfigInvalid, message), |detail| {
                    detail.optional("element", chain.origin.element.as_deref())
                });
                return;
            }
            self.actions_left -= 1;
            chain.next += 1;
            if let Action::ExecuteWebhook { webhook, params, on_error } = action {
                if !self.execute_action(webhook, params, on_error, &chain) {
                    return;
                }
            } else if chain.moved && is_playback(action) {
                // The viewer is elsewhere, and stays there.
            } else if let Err(fault) = self.act(action) {
                self.report(&fault, |detail| detail.optional("element", chain.origin.element.as_deref()));
            }
        }
    }

    /// Starts a webhook; returns whether the chain goes on at once.
    fn execute_action(
        &mut self,
        webhook: &str,
        params: &[(String, Setting)],
        on_error: &Actions,
        chain: &Chain,
    ) -> bool {
        let Some(index) = self.project.webhooks.iter().position(|known| known.id == webhook) else {
            return true;
        };
        let waits = self.project.webhooks.get(index).is_some_and(|webhook| webhook.wait_for_response);
        let mut values = chain.origin.params.clone();
        for (name, setting) in params {
            match self.value(setting) {
                Ok(value) => {
                    values.set(name, value);
                }
                Err(fault) => {
                    self.report(&fault, |detail| detail.text("webhook", webhook));
                    let moved = chain.moved;
                    self.chains.push_back(Chain { moved, ..Chain::new(on_error, Rc::clone(&chain.origin)) });
                    return !waits;
                }
            }
        }
        self.trigger(WebhookCall {
            webhook: index,
            params: values,
            on_error: Rc::clone(on_error),
            rest: waits.then(|| chain.clone()),
            origin: Rc::clone(&chain.origin),
            ticket: None,
            over: false,
            moved: chain.moved,
        });
        !waits
    }

    fn act(&mut self, action: &Action) -> Result<(), CuehookError> {
        let media = self.moment.media;
        match action {
            Action::ExecuteWebhook { .. } => {}
            Action::Play => self.playback(|playback, steps| playback.play_by_action(media, steps)),
            Action::Pause => self.playback(|playback, steps| playback.pause_by_action(media, steps)),
            Action::Seek { to } => {
                self.playback(|playback, steps| playback.seek_by_action(*to, media, steps));
            }
            Action::Rate { rate } => self.out.push(Effect::Rate(*rate)),
            Action::Mute => self.out.push(Effect::Mute(true)),
            Action::Unmute => self.out.push(Effect::Mute(false)),
            Action::Show { element } => self.stage.set_visible(self.project.element_index(element), true),
            Action::Hide { element } => self.stage.set_visible(self.project.element_index(element), false),
            Action::SetVariable { name, value } => {
                let value = self.value(value)?;
                self.set_variable(name, value);
            }
            Action::OpenUrl { url, new_tab } => {
                let url = self.address(url)?;
                if *new_tab || !replaces_page(&url) {
                    self.out.push(Effect::OpenUrl { url, new_tab: *new_tab });
                } else {
                    self.leave(url);
                }
            }
            Action::Callback { name, value } => {
                let value = self.value(value)?;
                let detail = self.detail(EventName::Callback).text("name", name).value("value", &value);
                self.out.push(Effect::Emit(detail.event()));
            }
        }
        Ok(())
    }

    fn value(&self, setting: &Setting) -> Result<Json, CuehookError> {
        match setting {
            Setting::Fixed(value) => Ok(value.clone()),
            Setting::Template(text) => text.value(&self.context, &self.work).map_err(template_fault),
        }
    }

    /// Where a URL to open leads: not nowhere, which would load the page again, and nowhere that runs scripts.
    fn address(&self, url: &Text) -> Result<String, CuehookError> {
        let refused = |message: String| Err(CuehookError::new(ErrorCode::Template, message));
        let source = url.source();
        let value = url.value(&self.context, &self.work).map_err(template_fault)?;
        let address = match value.read() {
            Json::String(text) => text.trim().to_owned(),
            Json::Integer(_) | Json::Float(_) => value.to_text(),
            Json::Null => String::new(),
            other => return refused(format!("`{source}` is {}; expected a URL to open", other.kind())),
        };
        if address.is_empty() {
            return refused(format!("`{source}` has no value, so nothing was opened; expected a URL"));
        }
        if !safe_url(&address) {
            let start: String = address.chars().take(80).collect();
            return refused(format!(
                "`{start}` was not opened; allowed are https, http, mailto, tel and relative"
            ));
        }
        Ok(address)
    }
}

/// Whether an action moves, starts or stops the video, or takes it away.
fn is_playback(action: &Action) -> bool {
    match action {
        Action::Play | Action::Pause | Action::Seek { .. } | Action::Rate { .. } => true,
        Action::OpenUrl { new_tab, .. } => !new_tab,
        Action::ExecuteWebhook { .. }
        | Action::Mute
        | Action::Unmute
        | Action::Show { .. }
        | Action::Hide { .. }
        | Action::SetVariable { .. }
        | Action::Callback { .. } => false,
    }
}

fn template_fault(error: crate::template::TemplateError) -> CuehookError {
    CuehookError::new(ErrorCode::Template, error.to_string())
}
