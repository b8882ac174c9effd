//! Tests of templates, and what they share.

mod attacks;
mod attributes;
mod markup;
mod oracle;
mod style;
mod text;

use super::{AttributeValue, Element, Node, Sink, Slots};
use crate::json::{self, Json};
use crate::session::Context;

/// A context with the variables of a JSON object.
fn context(text: &str) -> Context {
    let Json::Object(variables) = json::parse(text.as_bytes(), 64).unwrap() else { panic!("{text}") };
    Context::new((*variables).clone())
}

/// What a tokenizer sees: tags with sorted attributes, and text between them.
#[derive(Clone, Debug, PartialEq)]
enum Event {
    Start(String, Vec<(String, String)>),
    End(String),
    Text(String),
}

fn push_text(events: &mut Vec<Event>, text: &str) {
    match events.last_mut() {
        Some(Event::Text(last)) => last.push_str(text),
        _ if text.is_empty() => {}
        _ => events.push(Event::Text(text.to_owned())),
    }
}

fn attribute_text<'a>(value: &'a AttributeValue, slots: &'a Slots) -> Option<&'a str> {
    match value {
        AttributeValue::Fixed(text) => Some(text),
        AttributeValue::Slot(slot) => slots.values[*slot].as_deref(),
    }
}

/// The attributes of an element, sorted; declarations of `style` together.
fn attributes_of(element: &Element, slots: &Slots) -> Vec<(String, String)> {
    let mut attributes = Vec::new();
    let mut style = Vec::new();
    for attribute in &element.attributes {
        let Some(text) = attribute_text(&attribute.value, slots) else { continue };
        match &attribute.sink {
            Sink::Attribute(name) => attributes.push((name.clone(), text.to_owned())),
            Sink::Style { property, important } => {
                style.push(format!("{property}: {text}{}", if *important { " !important" } else { "" }));
            }
        }
    }
    if !style.is_empty() {
        attributes.push(("style".to_owned(), style.join("; ")));
    }
    attributes.sort();
    attributes
}

fn events_of(nodes: &[Node], slots: &Slots, events: &mut Vec<Event>) {
    for node in nodes {
        match node {
            Node::Text(text) => push_text(events, text),
            Node::Slot(slot) => push_text(events, slots.values[*slot].as_deref().unwrap()),
            Node::Element(element) => {
                events.push(Event::Start(element.name.to_owned(), attributes_of(element, slots)));
                events_of(&element.children, slots, events);
                if !VOID.contains(&element.name) {
                    events.push(Event::End(element.name.to_owned()));
                }
            }
        }
    }
}

const VOID: [&str; 7] = ["br", "wbr", "hr", "img", "col", "source", "track"];

/// A plan as HTML text, the way browsers serialise it.
fn serialise(events: &[Event]) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\r', "&#13;")
    };
    let mut out = String::new();
    for event in events {
        match event {
            Event::Text(text) => out.push_str(&escape(text)),
            Event::End(name) => out.push_str(&format!("</{name}>")),
            Event::Start(name, attributes) => {
                out.push_str(&format!("<{name}"));
                for (name, value) in attributes {
                    out.push_str(&format!(" {name}=\"{}\"", escape(value)));
                }
                out.push('>');
            }
        }
    }
    out
}
