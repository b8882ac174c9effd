//! Where the viewer's clicks come in: on elements, on buttons in templates, on elements of the page.
//!
//! This is the one place that knows of double clicks. What a click sets off is never taken for one.

use super::chain::{Chain, Origin};
use super::effect::Effect;
use super::entries::Entry;
use super::event::EventName;
use super::input::{Command, Control};
use super::machine::{Engine, Proposal};
use crate::json::{Json, Object};
use crate::project::{Action, Actions, Element, ElementKind, Record};
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
    /// What was filled in or chosen.
    entry: Option<Entry>,
    /// What an interaction says of it.
    label: String,
    clock_ms: f64,
}

/// A button in a template, or an element of the page.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Button {
    pub(super) control: Control,
    pub(super) command: Command,
    pub(super) params: Object,
    /// What a click on it is to those who count.
    pub(super) records: Option<Record>,
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
        let command = Command::Webhook(webhook);
        let button = Some(Button { control, command, params, records: None });
        Click { element: None, button, entry: None, label, clock_ms }
    }

    /// A submission or an answer.
    pub(super) fn on_entry(element: usize, entry: Entry, label: String, clock_ms: f64) -> Click {
        Click { element: Some(element), button: None, entry: Some(entry), label, clock_ms }
    }

    /// Whether it is on the same control and says the same, soon after `earlier`.
    fn repeats(&self, earlier: &Click) -> bool {
        (self.element, &self.button, &self.entry) == (earlier.element, &earlier.button, &earlier.entry)
            && self.is_soon_after(earlier)
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
        let click = Click { element: Some(index), button: None, entry: None, label, clock_ms };
        if !self.is_double_click(&click) {
            self.propose(Proposal::Activate(click), detail.event(), None);
        }
    }

    /// A click on a button in a template.
    pub(super) fn press(&mut self, index: usize, button: Button, label: String) {
        let Some(element) = self.project.elements.get(index) else { return };
        let detail = self.detail(EventName::Activate).text("element", &element.id).text("label", &label);
        let (kind, name) = match &button.command {
            Command::Webhook(id) => ("webhook", id),
            Command::Actions(name) => ("action", name),
        };
        let detail = detail.text(kind, name).value("params", &button.params.clone().into());
        let clock_ms = self.moment.clock_ms;
        let click = Click { element: Some(index), button: Some(button), entry: None, label, clock_ms };
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
        self.record(&Recorded { element: id.as_deref(), label: &click.label, ..Recorded::default() });
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
        match &click.entry {
            Some(Entry::Form(values)) => self.submitted(index, element, values),
            Some(Entry::Question(chosen)) => self.chosen(index, element, chosen),
            None => self.clicked(index, element, &click),
        }
        self.accept(click);
    }

    fn clicked(&mut self, index: usize, element: &Element, click: &Click) {
        let records = match (&click.button, &element.kind) {
            (Some(button), _) => button.records,
            (None, ElementKind::Area { records, .. }) => *records,
            (None, _) => None,
        };
        let actions = actions_of(element, click.button.as_ref());
        let url = records.and(actions).and_then(|actions| self.first_address(actions));
        self.record(&Recorded {
            element: Some(&element.id),
            label: &click.label,
            records: records.map(Record::as_str),
            url: url.as_deref(),
            ..Recorded::default()
        });
        self.answered(index);
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
        } else if let Some(actions) = actions {
            let chain = Chain::of_element(actions, element, index, Trigger::Click, true, params);
            self.chains.push_back(chain);
        }
    }

    /// A click counts. One with which another follows soon may be on something else: a listener may click for the viewer.
    fn accept(&mut self, click: Click) {
        self.clicks.retain(|earlier| click.is_soon_after(earlier));
        self.clicks.truncate(MAX_CLICKS - 1);
        self.clicks.insert(0, click);
    }

    /// Whether this click is the second of a double click on something that executes a webhook.
    pub(super) fn is_double_click(&self, click: &Click) -> bool {
        self.clicks.iter().any(|earlier| click.repeats(earlier)) && self.executes_webhook(click)
    }

    fn executes_webhook(&self, click: &Click) -> bool {
        if let Some(Button { command: Command::Webhook(_), .. }) = &click.button {
            return true;
        }
        let element = click.element.and_then(|index| self.project.elements.get(index));
        let actions = element.and_then(|element| match &click.entry {
            Some(Entry::Form(_)) => element.list(Trigger::Submit),
            Some(Entry::Question(_)) => element.list(Trigger::Answer),
            None => actions_of(element, click.button.as_ref()),
        });
        actions.is_some_and(|actions| actions.iter().any(Action::executes_webhook))
    }

    /// The viewer followed a link that counts. The browser goes there by itself.
    pub(super) fn follow_link(&mut self, index: usize, label: &str, url: &str, records: Record) {
        let project = Rc::clone(&self.project);
        let element = project.elements.get(index).map(|element| &*element.id);
        let records = Some(records.as_str());
        self.record(&Recorded { element, label, records, url: Some(url), ..Recorded::default() });
    }

    /// Where the first page leads that a list of actions opens.
    fn first_address(&self, actions: &[Action]) -> Option<String> {
        let url = actions.iter().find_map(|action| match action {
            Action::OpenUrl { url, .. } => Some(url),
            _ => None,
        })?;
        self.address(url).ok()
    }

    /// Appends to the log what the viewer did.
    pub(super) fn record(&mut self, recorded: &Recorded<'_>) {
        let id = self.ids.uuid(self.moment.wall_ms);
        let at = rfc3339(self.moment.wall_ms);
        let Recorded { trigger, element, label, records, url, value, is_private } = *recorded;
        let interaction = Interaction {
            id: &id,
            kind: trigger.unwrap_or(Trigger::Click).as_str(),
            element,
            label,
            media_time: self.moment.media.time,
            at: &at,
            records,
            url,
            value,
        };
        if self.records {
            let mut text = String::from("{\"interaction\":");
            interaction.write(self.log.last() + 1, &mut text);
            text.push('}');
            self.out.push(Effect::Record(text));
        }
        match is_private {
            true => self.log.record_private(&interaction),
            false => self.log.record(&interaction),
        }
    }
}

/// What the viewer did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Recorded<'a> {
    /// A click, unless it is something else.
    pub(super) trigger: Option<Trigger>,
    pub(super) element: Option<&'a str>,
    pub(super) label: &'a str,
    pub(super) records: Option<&'a str>,
    pub(super) url: Option<&'a str>,
    pub(super) value: Option<&'a Json>,
    /// What was typed is only for webhooks that name the element.
    pub(super) is_private: bool,
}

/// The list of actions that a click runs.
fn actions_of<'e>(element: &'e Element, button: Option<&Button>) -> Option<&'e Actions> {
    match (button.map(|button| &button.command), &element.kind) {
        (None, _) => element.list(Trigger::Click),
        // The reader has made sure that there is one.
        (Some(Command::Actions(name)), ElementKind::Html { actions, .. }) => {
            actions.iter().find(|(known, _)| known == name).map(|(_, actions)| actions)
        }
        (Some(_), _) => None,
    }
}
