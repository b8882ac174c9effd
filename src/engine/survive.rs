//! Requests that survive a reload or a crash: what is written down of one before it is first sent, and how it is asked for
//! again.
//!
//! The record has the bytes that were sent, and where in the document the action stands that asked. Header fields are made
//! anew: the author's are in the document, and what the page adds may be a secret, which is never written down.

use super::chain::{Chain, Origin};
use super::effect::Effect;
use super::input::RequestId;
use super::kept::{Kept, MAX_RECORD, VERSION};
use super::machine::Engine;
use super::requests::{Phase, Sealed, WebhookCall};
use crate::error::{CuehookError, ErrorCode};
use crate::json::{Json, Object};
use crate::project::{Action, Actions, Element, ElementKind, Project};
use crate::protocol::{Cause, Trigger, is_uuid};
use std::rc::Rc;

/// More lists of actions than an element may have.
const MOST_LISTS: usize = 100;

/// The lists inside an action, by number.
const THEN: usize = 0;
const ELSE: usize = 1;
const ON_ERROR: usize = 2;

/// Where an action stands: its list, and its place in it.
pub(super) type Place = (Actions, usize);

impl Engine {
    /// Has a request written down before its first attempt, if it is to survive; returns whether that is waited for.
    pub(super) fn keep(&mut self, id: RequestId) -> bool {
        let project = Rc::clone(&self.project);
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else { return false };
        let (Some(webhook), Some(sealed)) = (project.webhooks.get(request.call.webhook), &request.sealed)
        else {
            return false;
        };
        if !webhook.survive || request.is_kept {
            return false;
        }
        let record = record(&project, &webhook.id, &request.call, sealed);
        if record.len() > MAX_RECORD {
            let message = ["webhook `", &webhook.id, "`: the request is too large to survive a reload"];
            self.stage.warn_once(message.concat(), &mut self.out);
            return false;
        }
        request.is_kept = true;
        request.phase = Phase::Keeping;
        self.out.push(Effect::Keep { request: id, id: sealed.id.clone(), record });
        true
    }

    /// A request is written down, or cannot be: it is sent.
    pub(super) fn kept(&mut self, id: RequestId) {
        if self.requests.iter().any(|request| request.id == id && request.phase == Phase::Keeping) {
            self.first_attempt(id);
        }
    }

    /// Asks again for a request of an earlier load of the page: the same bytes under the same id. Nobody waits for it any
    /// more, so the video goes on, and what follows leaves playback alone.
    pub(super) fn restore(&mut self, kept: &Kept) {
        let project = Rc::clone(&self.project);
        let (uuid, name) = (kept.text("id"), kept.text("webhook"));
        let is_same = |sealed: &Rc<Sealed>| sealed.id == uuid;
        if self.requests.iter().any(|request| request.sealed.as_ref().is_some_and(is_same)) {
            return;
        }
        let index = project.webhooks.iter().position(|webhook| webhook.id == name);
        let target = index.and_then(|index| self.leads_to(index, project.webhooks.get(index)?));
        let target = target.filter(|target| target.url == kept.text("url"));
        let found = index.and_then(|index| Some((index, project.webhooks.get(index)?, target?)));
        let Some((index, webhook, target)) = found else {
            let message = "asked before the page was loaded again; it is at another address now, and is not asked again";
            let fault = CuehookError::new(ErrorCode::Aborted, message);
            self.report(&fault, |detail| detail.text("webhook", name));
            self.out.push(Effect::Settle(uuid.to_owned()));
            return;
        };
        let element = kept.record.get("element").and_then(Json::as_str);
        let place = element.and_then(|id| project.element_index(id));
        let cause = Trigger::WORDS.iter().position(|word| *word == kept.text("event")).and_then(Trigger::at);
        let origin = Rc::new(Origin {
            element: element.map(str::to_owned),
            index: place,
            cause: cause.map_or(Cause::Execute, Cause::Trigger),
            by_viewer: matches!(kept.record.get("byViewer"), Some(Json::Bool(true))),
            params: kept.record.get("params").and_then(Json::as_object).cloned().unwrap_or_default(),
        });
        let path = kept.record.get("path").and_then(Json::as_array).unwrap_or_default();
        let followed = place.and_then(|place| follow(project.elements.get(place)?, path, name));
        let call = WebhookCall {
            webhook: index,
            params: Object::new(),
            on_error: followed.as_ref().map(|followed| Rc::clone(&followed.on_error)).unwrap_or_default(),
            rest: followed.filter(|_| self.holds_back(webhook)).map(|followed| {
                let rest = Chain::among(followed.lists, Rc::clone(&origin));
                if followed.submits { rest.submitting(place.unwrap_or_default()) } else { rest }
            }),
            place: None,
            origin,
            ticket: None,
            over: false,
            moved: true,
        };
        let body = Rc::new(kept.text("body").as_bytes().to_vec());
        let call_id = Some(kept.text("call")).filter(|call| is_uuid(call)).map(str::to_owned);
        let sealed = Sealed { id: uuid.to_owned(), call: call_id, target, body };
        let is_free = self.requests.iter().all(|request| request.call.webhook != index);
        let id = self.add(call, webhook, Some(Rc::new(sealed)), true);
        if is_free {
            self.begin(id);
        }
    }
}

/// What is written down of a request.
fn record(project: &Project, webhook: &str, call: &WebhookCall, sealed: &Sealed) -> String {
    let origin = &call.origin;
    let element = origin.index.and_then(|index| project.elements.get(index));
    let path = element.zip(call.place.as_ref()).map(|(element, place)| path(element, place));
    let mut record = Object::new();
    let mut text = |name, value: &str| record.set(name, value.into());
    text("id", &sealed.id);
    if let Some(call) = &sealed.call {
        text("call", call);
    }
    text("video", &project.video.id);
    text("webhook", webhook);
    text("url", &sealed.target.url);
    text("body", str::from_utf8(&sealed.body).unwrap_or_default());
    text("event", origin.cause.as_str());
    if let Some(element) = &origin.element {
        text("element", element);
    }
    record.set("version", Json::Float(VERSION));
    record.set("byViewer", Json::Bool(origin.by_viewer));
    record.set("params", origin.params.clone().into());
    #[allow(clippy::cast_possible_wrap)]
    let path: Vec<Json> = path.unwrap_or_default().iter().map(|step| Json::Integer(*step as i64)).collect();
    record.set("path", Json::Array(path.into()));
    Json::from(record).to_text()
}

/// The way to an action from its element: the number of a list, then by turns the place of an action and the number of the
/// list in it; the last step is the place of the action itself.
fn path(element: &Element, (list, place): &Place) -> Vec<usize> {
    let mut path = Vec::new();
    for number in 0..MOST_LISTS {
        path.push(number);
        if list_of(element, number).is_some_and(|root| find(root, list, &mut path)) {
            path.push(*place);
            return path;
        }
        path.clear();
    }
    path
}

/// Looks for a list in another one and in the lists inside, as deep as actions are nested; the reader bounds that.
fn find(list: &Actions, wanted: &Actions, path: &mut Vec<usize>) -> bool {
    if Rc::ptr_eq(list, wanted) {
        return true;
    }
    for (place, action) in list.iter().enumerate() {
        for number in [THEN, ELSE, ON_ERROR] {
            path.extend([place, number]);
            if inside(action, number).is_some_and(|list| find(list, wanted, path)) {
                return true;
            }
            path.truncate(path.len() - 2);
        }
    }
    false
}

/// One of an element's own lists of actions: of its triggers, and then those with a name.
fn list_of(element: &Element, number: usize) -> Option<&Actions> {
    match (Trigger::at(number), &element.kind) {
        (Some(trigger), _) => element.list(trigger),
        (None, ElementKind::Html { actions, .. }) => {
            actions.get(number - Trigger::ALL.len()).map(|(_, list)| list)
        }
        (None, _) => None,
    }
}

/// One of the lists inside an action.
fn inside(action: &Action, number: usize) -> Option<&Actions> {
    match (action, number) {
        (Action::If { then, .. }, THEN) => Some(then),
        (Action::If { otherwise, .. }, ELSE) => Some(otherwise),
        (Action::ExecuteWebhook { on_error, .. }, ON_ERROR) => Some(on_error),
        _ => None,
    }
}

/// Where a path leads.
struct Followed {
    on_error: Actions,
    /// As a chain has them.
    lists: Vec<Place>,
    /// The chain is that of a submission.
    submits: bool,
}

/// Follows the path of a record. The document may be another one by now: nothing if it leads to no call of this webhook.
fn follow(element: &Element, path: &[Json], webhook: &str) -> Option<Followed> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let mut steps = path.iter().map(|step| step.as_f64().map_or(usize::MAX, |step| step as usize));
    let root = steps.next()?;
    let mut submits = Trigger::at(root) == Some(Trigger::Submit);
    let mut list = list_of(element, root)?;
    let mut lists = Vec::new();
    loop {
        let place = steps.next()?;
        let action = list.get(place)?;
        lists.push((Rc::clone(list), place + 1));
        let Some(number) = steps.next() else {
            return match action {
                Action::ExecuteWebhook { webhook: called, on_error, .. } if called == webhook => {
                    Some(Followed { on_error: Rc::clone(on_error), lists, submits })
                }
                _ => None,
            };
        };
        list = inside(action, number)?;
        if number == ON_ERROR {
            // What was to be run instead of the rest is a chain of its own.
            lists.clear();
            submits = false;
        }
    }
}
