//! Tests of templates, and what they share.

mod attacks;
mod attributes;
mod edits;
mod flow;
mod markup;
mod oracle;
mod style;
mod text;

use crate::json;
use crate::session::Context;
use crate::template::{Markup, Rendering, Snapshot};

/// A context with the variables of a JSON object, as an answer brings them: what is nested is lazy.
fn context(text: &str) -> Context {
    Context::new(json::check(text.as_bytes(), 64).unwrap().as_object().unwrap().clone())
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

/// What a template shows, as events.
fn events(markup: &Markup, rendering: &Rendering) -> Vec<Event> {
    let mut events = Vec::new();
    events_of(&rendering.shown(markup.plan()), &mut events);
    events
}

fn events_of(nodes: &[Snapshot], events: &mut Vec<Event>) {
    for node in nodes {
        match node {
            Snapshot::Text(text) => push_text(events, text),
            Snapshot::Element { name, attributes, children, .. } => {
                let mut attributes = attributes.clone();
                attributes.sort();
                events.push(Event::Start((*name).to_owned(), attributes));
                events_of(children, events);
                if !VOID.contains(name) {
                    events.push(Event::End((*name).to_owned()));
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
