//! Where the viewer's clicks come in: on elements, on buttons in templates, on elements of the page.
//!
//! This is the one place that knows of double clicks. What a click sets off is never taken for one.

use super::chain::{Chain, Origin};
use super::event::EventName;
use super::input::{Command, Control};
use super::machine::{Engine, Proposal};
use crate::json::Object;
use crate::project::{Action, Actions, Element, ElementKind};
use crate::protocol::{Cause, Interaction, Trigger, rfc3339};
use std::rc::Rc;

/// Where a webhook is executed, a second click within so many milliseconds is a double click and counts for nothing.
const DOUBLE_CLICK_MS: f64 = 500.0;

/// So many clicks within that time are remembered. Only scripts click more often.
const MAX_CLICKS: usize = 8;

/// A click of the viewer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Click {
    /// Place of the element in the project; nothing for elements of the page.
    element: Option<usize>,
    /// What of a template or of the page was clicked.
    button: Option<Button>,
    /// What an interaction says of it.
    label: String,
    clock_ms: f64,
}

/// A button in a template, or an element of the page.
#[derive(Clone, Debug, PartialEq)]
struct Button {
    control: Control,
    command: Command,
    params: Object,
}

impl Click {
    /// A click on an element of the page that executes a webhook.
    pub(super) fn on_page(
        control: Control,
        webhook: String,
        label: String,
        params: Object,
        clock_ms: f64,
    ) -> Click {
        let button = Some(Button { control, command: Command::Webhook(webhook), params });
        Click { element: None, button, label, clock_ms }
    }

    /// Whether it is on the same control and says the same, soon after `earlier`.
    fn repeats(&self, earlier: &Click) -> bool {
        self.element == earlier.element && self.button == earlier.button && self.is_soon_after(earlier)
    }

    fn is_soon_after(&self, earlier: &Click) -> bool {
        self.clock_ms - earlier.clock_ms < DOUBLE_CLICK_MS
    }
}

impl Engine {
    /// A click on an element.
    pub(super) fn click(&mut self, index: usize) {
        let Some(element) = self.project.elements.get(index) else { return };
        let label = self.stage.label(index).to_owned();
        let detail = self.detail(EventName::Activate).text("element", &element.id).text("label", &label);
        let clock_ms = self.moment.clock_ms;
        let click = Click { element: Some(index), button: None, label, clock_ms };
        if !self.is_double_click(&click) {
            self.propose(Proposal::Activate(click), detail.event(), None);
        }
    }

    /// A click on a button in a template.
    pub(super) fn press(
        &mut self,
        control: Control,
        index: usize,
        command: Command,
        label: String,
        params: Object,
    ) {
        let Some(element) = self.project.elements.get(index) else { return };
        let (kind, name) = match &command {
            Command::Webhook(id) => ("webhook", id),
            Command::Actions(name) => ("action", name),
        };
        let detail = self
            .detail(EventName::Activate)
            .text("element", &element.id)
            .text("label", &label)
            .text(kind, name)
            .value("params", &params.clone().into());
        let clock_ms = self.moment.clock_ms;
        let button = Some(Button { control, command, params });
        let click = Click { element: Some(index), button, label, clock_ms };
        if !self.is_double_click(&click) {
            self.propose(Proposal::Activate(click), detail.event(), None);
        }
    }

    /// A click on an element of the page; `id` is its `id`, and `link` where it leads.
    pub(super) fn page_click(&mut self, click: Click, id: Option<String>, link: Option<String>) {
        let Some(Button { command: Command::Webhook(webhook), params, .. }) = click.button.clone() else {
            return;
        };
        if self.is_double_click(&click) {
            return;
        }
        self.record(id.as_deref(), &click.label);
        self.accept(click);
        let cause = Cause::Trigger(Trigger::Click);
        let origin = Origin { element: id, index: None, cause, by_viewer: true, params: params.clone() };
        self.execute(&webhook, params, origin, None);
        if let Some(url) = link {
            self.leave(url);
        }
    }

    /// The page allows a click: it counts.
    pub(super) fn activate(&mut self, click: Click) {
        let project = Rc::clone(&self.project);
        let Some((index, element)) =
            click.element.and_then(|index| Some((index, project.elements.get(index)?)))
        else {
            return;
        };
        self.record(Some(&element.id), &click.label);
        let params = click.button.as_ref().map(|button| button.params.clone()).unwrap_or_default();
        if let Some(Button { command: Command::Webhook(id), .. }) = &click.button {
            let origin = Origin {
                element: Some(element.id.clone()),
                index: Some(index),
                cause: Cause::Trigger(Trigger::Click),
                by_viewer: true,
                params: params.clone(),
            };
            self.execute(id, params, origin, None);
        } else if let Some(actions) = actions_of(element, click.button.as_ref()) {
            let chain = Chain::of_element(actions, element, index, Trigger::Click, true, params);
            self.chains.push_back(chain);
        }
        self.accept(click);
    }

    /// A click counts. One with which another follows soon may be on something else: a listener may click for the viewer.
    fn accept(&mut self, click: Click) {
        self.clicks.retain(|earlier| click.is_soon_after(earlier));
        self.clicks.truncate(MAX_CLICKS - 1);
        self.clicks.insert(0, click);
    }

    /// Whether this click is the second of a double click on something that executes a webhook.
    fn is_double_click(&self, click: &Click) -> bool {
        self.clicks.iter().any(|earlier| click.repeats(earlier)) && self.executes_webhook(click)
    }

    fn executes_webhook(&self, click: &Click) -> bool {
        if let Some(Button { command: Command::Webhook(_), .. }) = &click.button {
            return true;
        }
        let element = click.element.and_then(|index| self.project.elements.get(index));
        let actions = element.and_then(|element| actions_of(element, click.button.as_ref()));
        actions.is_some_and(|actions| actions.iter().any(Action::executes_webhook))
    }

    fn record(&mut self, element: Option<&str>, label: &str) {
        let id = self.ids.uuid(self.moment.wall_ms);
        let at = rfc3339(self.moment.wall_ms);
        let media_time = self.moment.media.time;
        let kind = Trigger::Click.as_str();
        self.log.record(&Interaction { id: &id, kind, element, label, media_time, at: &at, value: None });
    }
}

/// The list of actions that a click runs.
fn actions_of<'e>(element: &'e Element, button: Option<&Button>) -> Option<&'e Actions> {
    match (button.map(|button| &button.command), &element.kind) {
        (None, _) => Some(element.actions(Trigger::Click)),
        (Some(Command::Webhook(_)), _) | (Some(Command::Actions(_)), ElementKind::Area) => None,
        // The reader has made sure that there is one.
        (Some(Command::Actions(name)), ElementKind::Html { actions, .. }) => {
            actions.iter().find(|(known, _)| known == name).map(|(_, actions)| actions)
        }
    }
}
