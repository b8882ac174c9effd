//! Clicks, keys and focus on the stage.
//!
//! Players toggle playback on clicks and on Space anywhere inside them. So what happens on one of our controls goes no
//! further: propagation is stopped at the stage, and nothing is prevented, so links, text selection and scrolling work.

use super::super::button::{control, label, params};
use super::super::link::Link;
use super::super::listener::Listener;
use super::focus::{self, Focus};
use super::view::{Activation, View};
use crate::engine::{Command, Input};
use crate::project::Record;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FocusEvent, HtmlElement, KeyboardEvent, Node};

/// What players listen to.
const STOPPED: [&str; 8] =
    ["pointerdown", "pointerup", "dblclick", "touchstart", "touchend", "keydown", "keyup", "keypress"];

/// What has a meaning of its own inside an overlay.
const OWN_MEANING: &str = "a[href],button,input,select,textarea,label,summary,audio,video";

type Views = Rc<RefCell<Vec<Rc<View>>>>;

/// Whatever a listener needs.
#[derive(Clone)]
struct Reach {
    views: Views,
    focus: Focus,
    link: Link,
}

/// Listens on the stage for all its elements.
pub fn listen(root: &HtmlElement, views: &Views, focus: &Focus, link: &Link) -> Vec<Listener> {
    let reach = Reach { views: Rc::clone(views), focus: focus.clone(), link: link.clone() };
    let mut listeners = Vec::with_capacity(STOPPED.len() + 4);
    for name in STOPPED {
        let (stage, reach) = (root.clone(), reach.clone());
        listeners.push(Listener::new(root, name, move |event| {
            if name.starts_with("key") {
                press(&event, name, &reach);
            }
            keep(&event, &stage);
        }));
    }
    {
        let (stage, reach) = (root.clone(), reach.clone());
        listeners.push(Listener::new(root, "click", move |event| {
            keep(&event, &stage);
            if let Some((element, view)) = target(&event).and_then(|node| find(&reach.views, &node)) {
                click(&event, element, &view, &reach);
            }
        }));
    }
    {
        let reach = reach.clone();
        listeners.push(Listener::new(root, "submit", move |event| {
            event.stop_propagation();
            submit(&event, &reach);
        }));
    }
    {
        let Reach { views, focus, link } = reach;
        listeners.push(Listener::new(root, "focusin", move |event| {
            focus.came(&event);
            let focused = target(&event).filter(is_visibly_focused);
            let element = focused.and_then(|node| find(&views, &node)).map(|(element, _)| element);
            link.input(Input::Focus(element));
        }));
    }
    {
        let (views, link) = (Rc::clone(views), link.clone());
        listeners.push(Listener::new(root, "focusout", move |event| {
            let next = event.unchecked_ref::<FocusEvent>().related_target();
            let next = next.and_then(|next| next.dyn_into::<Node>().ok());
            // Inside the stage `focusin` follows at once and says where.
            if next.and_then(|node| find(&views, &node)).is_none() {
                link.input(Input::Focus(None));
            }
        }));
    }
    listeners
}

fn target(event: &Event) -> Option<Node> {
    event.target()?.dyn_into().ok()
}

/// Whether the viewer is led by this focus, or in the middle of filling something in. A mouse click focuses a button, too;
/// it must not keep the button over the video when its time is over.
fn is_visibly_focused(node: &Node) -> bool {
    node.unchecked_ref::<Element>().matches(":focus-visible,input,select,textarea").unwrap_or(true)
}

fn find(views: &Views, node: &Node) -> Option<(usize, Rc<View>)> {
    let views: Vec<Rc<View>> = views.borrow().clone();
    views.into_iter().enumerate().find(|(_, view)| view.contains(node))
}

/// Stops an event that happened on a control of ours.
fn keep(event: &Event, stage: &HtmlElement) {
    let on_control = target(event).is_some_and(|node| {
        let stage: &Node = stage;
        !stage.is_same_node(Some(&node))
    });
    if on_control {
        event.stop_propagation();
    }
}

fn click(event: &Event, element: usize, view: &View, reach: &Reach) {
    let own_meaning = || {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return false;
        };
        match target.closest(OWN_MEANING) {
            Ok(Some(inner)) => view.contains(&inner),
            _ => false,
        }
    };
    if let Some((button, press)) = command(event, element, view) {
        reach.activate(element, &button, press);
        return;
    }
    match view.activation() {
        Activation::None => {}
        Activation::Button => reach.activate(element, view.node(), Input::Click(element)),
        Activation::Block if own_meaning() => {}
        Activation::Block => reach.activate(element, view.node(), Input::Click(element)),
    }
}

/// The viewer submits a form, or answers a question.
fn submit(event: &Event, reach: &Reach) {
    let Some((element, view)) = target(event).and_then(|node| find(&reach.views, &node)) else { return };
    let Some(entry) = view.entry() else { return };
    if let Some(input) = entry.submitted(element) {
        reach.activate(element, &entry.actor(), input);
    }
}

impl Reach {
    /// The viewer has activated `node`.
    fn activate(&self, element: usize, node: &Element, input: Input) {
        self.focus.activated(focus::place(element), node);
        self.link.input(input);
    }
}

/// What a button of the template does, if the click was on one.
fn command(event: &Event, element: usize, view: &View) -> Option<(Element, Input)> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let button = target.closest("[data-execute-webhook],[data-action]").ok()??;
    if !view.contains(&button) {
        return None;
    }
    let command = match button.get_attribute("data-execute-webhook") {
        Some(webhook) => Command::Webhook(webhook),
        None => Command::Actions(button.get_attribute("data-action")?),
    };
    let (label, params) = (label(&button), params(&button));
    let records = button.get_attribute("data-records").and_then(|word| record(&word));
    let press = Input::Press { control: control(&button), element, command, label, params, records };
    Some((button, press))
}

/// What a click is to those who count, by its word.
fn record(word: &str) -> Option<Record> {
    Record::WORDS.iter().position(|known| *known == word).and_then(Record::at)
}

/// Escape closes a notice or a dialog. Keys on a block with `role=button`: Enter when it goes down, Space when it comes up, as on real
/// buttons.
fn press(event: &Event, name: &str, reach: &Reach) {
    // What fills in forms dispatches key events that are none.
    let (Some(node), Some(event)) = (target(event), event.dyn_ref::<KeyboardEvent>()) else { return };
    if name == "keydown"
        && let Some(dialog) = reach.focus.key(event)
    {
        if let Some((element, _)) = find(&reach.views, &dialog) {
            reach.link.input(Input::Dismiss(element));
        }
        return;
    }
    let key = event.key();
    let Some((element, view)) = find(&reach.views, &node) else { return };
    if view.activation() != Activation::Block || !view.node().is_same_node(Some(&node)) {
        return;
    }
    match (name, key.as_str()) {
        ("keydown", "Enter") if !event.repeat() => {
            reach.activate(element, view.node(), Input::Click(element));
        }
        // The one thing that is prevented: Space would scroll the page, which it does not on a real button.
        ("keydown", " ") => event.prevent_default(),
        ("keyup", " ") => reach.activate(element, view.node(), Input::Click(element)),
        _ => {}
    }
}
