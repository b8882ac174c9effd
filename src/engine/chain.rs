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
    /// Lists that are being run, the innermost last, and the place of the next action in each.
    lists: Vec<(Actions, usize)>,
    origin: Rc<Origin>,
    /// The form whose submission has reached its aim at the end of this chain.
    submits: Option<usize>,
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
        Self { lists: vec![(Rc::clone(actions), 0)], origin, submits: None, moved: false }
    }

    /// What follows an action that an earlier load of the page has run: lists that are being run, the innermost last, and
    /// the place of the next action in each. Playback is left alone.
    pub(super) fn among(lists: Vec<(Actions, usize)>, origin: Rc<Origin>) -> Self {
        Self { lists, origin, submits: None, moved: true }
    }

    /// At its end what was typed in this form is not needed any more.
    pub(super) fn submitting(mut self, form: usize) -> Self {
        self.submits = Some(form);
        self
    }

    /// The next action. Lists that have ended are forgotten.
    fn next(&mut self) -> Option<(Actions, usize)> {
        while let Some((list, next)) = self.lists.last_mut() {
            if *next < list.len() {
                *next += 1;
                return Some((Rc::clone(list), *next - 1));
            }
            self.lists.pop();
        }
        None
    }

    /// As it goes on after a call.
    pub(super) fn after(mut self, call: &WebhookCall) -> Self {
        self.moved |= call.moved;
        self
    }
}

impl Engine {
    /// Runs a chain to its end, or to a webhook that waits.
    pub(super) fn run(&mut self, chain: Chain) {
        // Only its own actions see them: what is painted later has none.
        self.context.set_params(&chain.origin.params);
        self.run_lists(chain);
        self.context.set_params(&Object::new());
    }

    fn run_lists(&mut self, mut chain: Chain) {
        while let Some((list, place)) = chain.next() {
            let Some(action) = list.get(place) else { continue };
            if self.actions_left == 0 {
                self.chains.clear();
                let message = "the project's triggers set each other off without end; they were stopped";
                self.report_of(CuehookError::new(ErrorCode::ConfigInvalid, message), &chain);
                return;
            }
            self.actions_left -= 1;
            if let Action::ExecuteWebhook { webhook, params, on_error } = action {
                if !self.execute_action(webhook, params, on_error, &chain) {
                    return;
                }
            } else if let Action::If { when, then, otherwise } = action {
                match when.holds(&self.context, &self.work) {
                    Ok(holds) => {
                        let list = if holds { then } else { otherwise };
                        chain.lists.push((Rc::clone(list), 0));
                    }
                    Err(error) => self.report_of(template_fault(error), &chain),
                }
            } else if chain.moved && is_playback(action) {
                // The viewer is elsewhere, and stays there.
            } else if let Err(fault) = self.act(action) {
                self.report_of(fault, &chain);
            }
        }
        if let Some(form) = chain.submits {
            self.out.push(Effect::Forget(form));
        }
    }

    fn report_of(&mut self, fault: CuehookError, chain: &Chain) {
        self.report(&fault, |detail| detail.optional("element", chain.origin.element.as_deref()));
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
        let waits = self.project.webhooks.get(index).is_some_and(|webhook| self.holds_back(webhook));
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
            place: chain.lists.last().map(|(list, next)| (Rc::clone(list), next - 1)),
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
            Action::ExecuteWebhook { .. } | Action::If { .. } => {}
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

    /// As deep as the document is nested; its reader bounds that.
    fn value(&self, setting: &Setting) -> Result<Json, CuehookError> {
        match setting {
            Setting::Fixed(value) => Ok(value.clone()),
            Setting::Template(text) => text.value(&self.context, &self.work).map_err(template_fault),
            Setting::List(items) => {
                let items: Result<Vec<Json>, CuehookError> =
                    items.iter().map(|item| self.value(item)).collect();
                items.map(|items| Json::Array(items.into()))
            }
            Setting::Object(members) => {
                let mut object = Object::new();
                for (name, setting) in members {
                    object.set(name, self.value(setting)?);
                }
                Ok(object.into())
            }
        }
    }

    /// Where a URL to open leads: not nowhere, which would load the page again, and nowhere that runs scripts.
    pub(super) fn address(&self, url: &Text) -> Result<String, CuehookError> {
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
        | Action::If { .. }
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
