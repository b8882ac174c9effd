//! Builds the nodes of a compiled template, and changes them as the engine says.
//!
//! `createElement`, `setAttribute`, `style.setProperty` and text nodes are all that is used. No markup is ever handed to
//! the browser to parse, so a value cannot become markup, and a page that enforces Trusted Types needs no policy.
//!
//! Each block is built once, as a prototype in a document that loads nothing; its instances are imported copies.

use crate::template::{
    AttributeValue, Block, Change, Element as PlanElement, Node as PlanNode, Place, Plan, Sink,
};
use js_sys::Array;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlTemplateElement, Node};

/// The namespace of SVG elements (SVG 2, section 2.2).
const SVG: &str = "http://www.w3.org/2000/svg";

#[wasm_bindgen(module = "/src/browser/stage/nodes.js")]
extern "C" {
    #[derive(Debug)]
    type Instances;
    #[wasm_bindgen(constructor)]
    fn new(document: &Document) -> Instances;
    #[wasm_bindgen(method, js_name = addPrototype)]
    fn add_prototype(
        this: &Instances,
        block: u32,
        content: &Node,
        is_single: bool,
        walk: Vec<u8>,
        kinds: Array,
    );
    #[wasm_bindgen(method)]
    fn append(this: &Instances, instance: u32, parent: &Element);
    #[wasm_bindgen(method)]
    fn patch(this: &Instances, changes: &[u32], text: &str);
    #[wasm_bindgen(catch, js_name = setStyle)]
    fn set_style(node: &Element, name: &str, value: &str, priority: &str) -> Result<(), JsValue>;
}

// What nodes.js is told.
const SET: u32 = 0;
const BUILD: u32 = 1;
const INSERT: u32 = 2;
const MOVE: u32 = 3;
const REMOVE: u32 = 4;
const FORGET: u32 = 5;
/// Instead of the length of a text.
const ABSENT: u32 = u32::MAX;

/// How to find the places of slots and regions in a copy of a prototype: a walk in document order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum WalkStep {
    /// To the first child.
    Down,
    /// To the parent.
    Up,
    /// To the next sibling.
    Next,
    /// Here is the place of the next slot.
    Slot,
    /// Here is the end of the next region.
    Region,
}

/// The nodes of one element's template.
#[derive(Debug)]
pub struct Nodes {
    plan: Plan,
    /// Loads no images and starts no media.
    inert: Document,
    /// By number of the block, whether its prototype was made; that happens when it is first needed.
    made: RefCell<Vec<bool>>,
    instances: Instances,
}

impl Nodes {
    /// Builds the template inside `parent`, without values and rows.
    ///
    /// # Errors
    /// A name that the browser refuses. The compiler's allow-list has none of those.
    pub fn build(document: &Document, plan: &Plan, parent: &Element) -> Result<Nodes, JsValue> {
        let nodes = Nodes {
            plan: plan.clone(),
            inert: inert_document(document)?,
            made: RefCell::new(vec![false; plan.blocks.len()]),
            instances: Instances::new(document),
        };
        nodes.prepare(0)?;
        nodes.instances.patch(&[BUILD, 0, 0], "");
        nodes.instances.append(0, parent);
        Ok(nodes)
    }

    /// Carries out changes in their order. Nodes that no change names stay untouched.
    pub fn patch(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        for change in changes {
            if let Change::Build { block, .. } = change {
                // The compiler lets no name through that a browser refuses, so nothing here fails; if it does, the other
                // changes are still right.
                let _ = self.prepare(*block);
            }
        }
        let (changes, text) = encode(changes);
        self.instances.patch(&changes, &text);
    }

    /// Makes a block's prototype.
    fn prepare(&self, block: usize) -> Result<(), JsValue> {
        let is_made = self.made.borrow_mut().get_mut(block).is_none_or(|made| std::mem::replace(made, true));
        match self.plan.blocks.get(block) {
            Some(plan) if !is_made => Builder::prototype(&self.inert, plan, number(block), &self.instances),
            _ => Ok(()),
        }
    }
}

/// Changes as numbers, and their texts, one after the other.
fn encode(changes: &[Change]) -> (Vec<u32>, String) {
    let mut out = Vec::with_capacity(changes.len() * 4);
    let mut texts = String::new();
    for change in changes {
        match change {
            Change::Set { instance, slot, text } => {
                // Strings of JavaScript are counted in units of UTF-16.
                let length = text.as_deref().map_or(ABSENT, |text| {
                    number(if text.is_ascii() { text.len() } else { text.encode_utf16().count() })
                });
                texts.push_str(text.as_deref().unwrap_or_default());
                out.extend([SET, *instance, number(*slot), length]);
            }
            Change::Build { instance, block } => out.extend([BUILD, *instance, number(*block)]),
            Change::Insert { instance, place } => encode_place(INSERT, *instance, place, &mut out),
            Change::Move { instance, place } => encode_place(MOVE, *instance, place, &mut out),
            Change::Remove { instance } => out.extend([REMOVE, *instance]),
            Change::Forget { instance } => out.extend([FORGET, *instance]),
        }
    }
    (out, texts)
}

/// No row has the number 0, which is the template itself.
fn encode_place(what: u32, instance: u32, place: &Place, out: &mut Vec<u32>) {
    out.extend([what, instance, place.parent, number(place.region), place.before.unwrap_or(0)]);
}

/// Everything that is counted here is bounded.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The document that a page's `<template>` elements have their content in: it shows nothing and loads nothing. The page
/// has it anyway, and making one takes longer than building a template.
fn inert_document(document: &Document) -> Result<Document, JsValue> {
    let template: HtmlTemplateElement = document.create_element("template")?.unchecked_into();
    template.content().owner_document().ok_or(JsValue::NULL)
}

/// Sets an attribute or a declaration that never changes.
fn set(element: &Element, sink: &Sink, text: &str) -> Result<(), JsValue> {
    match sink {
        Sink::Attribute(name) => element.set_attribute(name, text),
        Sink::Style { property, important } => set_style(element, property, text, priority(*important)),
    }
}

fn priority(important: bool) -> &'static str {
    if important { "important" } else { "" }
}

/// Builds a prototype and the walk to its slots and regions.
struct Builder<'a> {
    document: &'a Document,
    walk: Vec<WalkStep>,
    /// Steps since the last place.
    ahead: Vec<WalkStep>,
    /// By slot number, as nodes.js wants them.
    kinds: Array,
}

impl Builder<'_> {
    fn prototype(
        document: &Document,
        plan: &Block,
        block: u32,
        instances: &Instances,
    ) -> Result<(), JsValue> {
        let content = document.create_document_fragment();
        let mut builder = Builder { document, walk: Vec::new(), ahead: Vec::new(), kinds: Array::new() };
        // A block needs a first node that stays: what a region shows comes and goes.
        if matches!(plan.nodes.first(), None | Some(PlanNode::Region(_))) {
            content.append_child(&document.create_text_node(""))?;
            builder.go(WalkStep::Next);
        }
        builder.append(&plan.nodes, &content)?;
        let walk = builder.walk.iter().map(|step| *step as u8).collect();
        match content.first_child().filter(|first| first.next_sibling().is_none()) {
            Some(only) => instances.add_prototype(block, &only, true, walk, builder.kinds),
            None => instances.add_prototype(block, &content, false, walk, builder.kinds),
        }
        Ok(())
    }

    /// Notes a step; it is taken only if it leads somewhere.
    fn go(&mut self, step: WalkStep) {
        if let WalkStep::Up = step {
            // What lies behind in this parent is passed by, and the parent as well if nothing in it was a place.
            while let Some(WalkStep::Next) = self.ahead.last() {
                self.ahead.pop();
            }
            if let Some(WalkStep::Down) = self.ahead.last() {
                self.ahead.pop();
                return;
            }
        }
        self.ahead.push(step);
    }

    /// Here is a place.
    fn mark(&mut self, step: WalkStep) {
        self.walk.append(&mut self.ahead);
        self.walk.push(step);
    }

    /// As deep as the plan; the compiler bounds that. Slots are numbered in document order.
    fn append(&mut self, nodes: &[PlanNode], parent: &Node) -> Result<(), JsValue> {
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                self.go(WalkStep::Next);
            }
            match node {
                PlanNode::Text(text) => {
                    parent.append_child(&self.document.create_text_node(text))?;
                }
                PlanNode::Slot(_) => {
                    parent.append_child(&self.document.create_text_node(""))?;
                    self.mark(WalkStep::Slot);
                    self.kinds.push(&JsValue::NULL);
                }
                PlanNode::Region(_) => {
                    parent.append_child(&self.document.create_text_node(""))?;
                    self.mark(WalkStep::Region);
                }
                PlanNode::Element(element) => {
                    let made = self.element(element)?;
                    if !element.children.is_empty() {
                        self.go(WalkStep::Down);
                        self.append(&element.children, &made)?;
                        self.go(WalkStep::Up);
                    }
                    parent.append_child(&made)?;
                }
            }
        }
        Ok(())
    }

    fn element(&mut self, element: &PlanElement) -> Result<Element, JsValue> {
        let made = match element.svg {
            true => self.document.create_element_ns(Some(SVG), element.name)?,
            false => self.document.create_element(element.name)?,
        };
        for attribute in &element.attributes {
            match &attribute.value {
                AttributeValue::Fixed(text) => set(&made, &attribute.sink, text)?,
                AttributeValue::Slot(_) => {
                    self.mark(WalkStep::Slot);
                    self.kinds.push(&match &attribute.sink {
                        Sink::Attribute(name) => name.as_str().into(),
                        Sink::Style { property, important } => {
                            Array::of2(&property.as_str().into(), &priority(*important).into()).into()
                        }
                    });
                }
            }
        }
        Ok(made)
    }
}
