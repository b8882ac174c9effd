//! Clicks, keys and focus on the stage.
//!
//! Players toggle playback on clicks and on Space anywhere inside them. So what happens on one of our controls goes no
//! further: propagation is stopped at the stage, and nothing is prevented, so links, text selection and scrolling work.

use super::super::button::{control, label, params};
use super::super::link::Link;
use super::super::listener::Listener;
use super::view::{Activation, View};
use crate::engine::{Command, Input};
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

/// Listens on the stage for all its elements.
pub fn listen(root: &HtmlElement, views: &Views, link: &Link) -> Vec<Listener> {
    let mut listeners = Vec::with_capacity(STOPPED.len() + 3);
    for name in STOPPED {
        let (stage, views, link) = (root.clone(), Rc::clone(views), link.clone());
        listeners.push(Listener::new(root, name, move |event| {
            if name.starts_with("key") {
                press(&event, name, &views, &link);
            }
            keep(&event, &stage);
        }));
    }
    {
        let (stage, views, link) = (root.clone(), Rc::clone(views), link.clone());
        listeners.push(Listener::new(root, "click", move |event| {
            keep(&event, &stage);
            if let Some((element, view)) = target(&event).and_then(|node| find(&views, &node)) {
                click(&event, element, &view, &link);
            }
        }));
    }
    {
        let (views, link) = (Rc::clone(views), link.clone());
        listeners.push(Listener::new(root, "focusin", move |event| {
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

/// Whether the viewer is led by this focus. A mouse click focuses a button, too; it must not keep the button over the
/// video when its time is over.
fn is_visibly_focused(node: &Node) -> bool {
    node.unchecked_ref::<Element>().matches(":focus-visible").unwrap_or(true)
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

fn click(event: &Event, element: usize, view: &View, link: &Link) {
    let own_meaning = || {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else {
            return false;
        };
        match target.closest(OWN_MEANING) {
            Ok(Some(inner)) => view.contains(&inner),
            _ => false,
        }
    };
    if let Some(press) = command(event, element, view) {
        link.input(press);
        return;
    }
    match view.activation() {
        Activation::None => {}
        Activation::Button => link.input(Input::Click(element)),
        Activation::Block if own_meaning() => {}
        Activation::Block => link.input(Input::Click(element)),
    }
}

/// What a button of the template does, if the click was on one.
fn command(event: &Event, element: usize, view: &View) -> Option<Input> {
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
    Some(Input::Press { control: control(&button), element, command, label, params })
}

/// Keys on a block with `role=button`: Enter when it goes down, Space when it comes up, as on real buttons.
fn press(event: &Event, name: &str, views: &Views, link: &Link) {
    let Some((element, view)) = target(event).and_then(|node| find(views, &node)) else { return };
    let on_itself = target(event).is_some_and(|node| view.node().is_same_node(Some(&node)));
    if view.activation() != Activation::Block || !on_itself {
        return;
    }
    let event: &KeyboardEvent = event.unchecked_ref();
    match (name, event.key().as_str()) {
        ("keydown", "Enter") if !event.repeat() => link.input(Input::Click(element)),
        // The one thing that is prevented: Space would scroll the page, which it does not on a real button.
        ("keydown", " ") => event.prevent_default(),
        ("keyup", " ") => link.input(Input::Click(element)),
        _ => {}
    }
}
