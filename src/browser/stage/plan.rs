//! Builds the nodes of a compiled template, and changes them as the engine says.
//!
//! `createElement`, `setAttribute`, `style.setProperty` and text nodes are all that is used. No markup is ever handed to
//! the browser to parse, so a value cannot become markup, and a page that enforces Trusted Types needs no policy.
//!
//! Each block is built once, as a prototype in a document that loads nothing; its instances are imported copies.

use crate::template::{
    AttributeValue, Block, Change, Element as PlanElement, Node as PlanNode, Place, Plan, Sink,
};
use js_sys::JsString;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, HtmlTemplateElement, Node};

/// The namespace of SVG elements (SVG 2, section 2.2).
const SVG: &str = "http://www.w3.org/2000/svg";

// Names of attributes and properties cross the border once, when a prototype is built.
#[wasm_bindgen]
extern "C" {
    /// What can be given a value.
    #[wasm_bindgen(extends = Node)]
    #[derive(Clone, Debug)]
    type Target;
    #[wasm_bindgen(method, setter)]
    fn set_data(this: &Target, text: &str);
    #[wasm_bindgen(method, catch, js_name = setAttribute)]
    fn set_attribute(this: &Target, name: &JsString, text: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeAttribute)]
    fn remove_attribute(this: &Target, name: &JsString) -> Result<(), JsValue>;
    #[wasm_bindgen(method, getter)]
    fn style(this: &Target) -> Style;
    /// Puts a node before this one; no need to ask for the parent (DOM Standard, `ChildNode`).
    #[wasm_bindgen(method, catch)]
    fn before(this: &Target, node: &Node) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn remove(this: &Target);

    type Style;
    #[wasm_bindgen(method, catch, js_name = setProperty)]
    fn set_property(this: &Style, name: &JsString, value: &str, priority: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeProperty)]
    fn remove_property(this: &Style, name: &JsString) -> Result<JsString, JsValue>;

    /// A parent that can move a node without taking it out, which keeps focus and playing media (DOM Standard).
    #[wasm_bindgen(extends = Node)]
    type Mover;
    #[wasm_bindgen(method, catch, js_name = moveBefore)]
    fn move_before(this: &Mover, node: &Node, before: Option<&Node>) -> Result<(), JsValue>;
}

/// Where the value of a slot goes.
#[derive(Clone, Debug)]
enum Kind {
    Text,
    Attribute(JsString),
    Style(JsString, bool),
}

/// How to find the places of slots and regions in a copy of a prototype: a walk in document order.
#[derive(Clone, Debug)]
enum Step {
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

/// A block, built once.
#[derive(Debug)]
struct Prototype {
    /// Its only node, or a fragment of all.
    content: Node,
    /// Whether there is only one.
    is_single: bool,
    walk: Vec<Step>,
    /// By slot number.
    kinds: Vec<Kind>,
}

/// An instance of a block.
#[derive(Debug)]
struct Instance {
    prototype: Rc<Prototype>,
    /// What was imported: the only node, or the fragment that all nodes were in before they took their place.
    content: Node,
    /// Everything from the first to the last node belongs to it.
    first: Target,
    last: Target,
    /// By slot number.
    slots: Vec<Target>,
    /// By region number: the node before which the region's rows stand.
    regions: Vec<Target>,
}

/// The nodes of one element's template.
#[derive(Debug)]
pub struct Nodes {
    document: Document,
    plan: Plan,
    /// Loads no images and starts no media.
    inert: Document,
    /// By number of the block, made when first needed.
    prototypes: RefCell<Vec<Option<Rc<Prototype>>>>,
    /// By number of the instance.
    instances: RefCell<Vec<Option<Instance>>>,
}

impl Nodes {
    /// Builds the template inside `parent`, without values and rows.
    ///
    /// # Errors
    /// A name that the browser refuses. The compiler's allow-list has none of those.
    pub fn build(document: &Document, plan: &Plan, parent: &Element) -> Result<Nodes, JsValue> {
        let nodes = Nodes {
            document: document.clone(),
            plan: plan.clone(),
            inert: inert_document(document)?,
            prototypes: RefCell::new(vec![None; plan.blocks.len()]),
            instances: RefCell::default(),
        };
        nodes.build_instance(0, 0)?;
        if let Some(content) = nodes.with(0, |instance| Some(instance.content.clone())) {
            parent.append_child(&content)?;
        }
        Ok(nodes)
    }

    /// Carries out changes in their order. Nodes that no change names stay untouched.
    pub fn patch(&self, changes: &[Change]) {
        for change in changes {
            // The compiler lets no name through that a browser refuses, so nothing here fails; if it does, the other
            // changes are still right.
            let _ = self.change(change);
        }
    }

    fn change(&self, change: &Change) -> Result<(), JsValue> {
        match change {
            Change::Set { instance, slot, text } => {
                if let Some((target, kind)) = self.with(*instance, |instance| {
                    Some((instance.slots.get(*slot)?.clone(), instance.prototype.kinds.get(*slot)?.clone()))
                }) {
                    set(&target, &kind, text.as_deref())?;
                }
            }
            Change::Build { instance, block } => self.build_instance(*instance, *block)?,
            Change::Insert { instance, place } => {
                let content = self.with(*instance, |instance| Some(instance.content.clone()));
                if let (Some(content), Some(before)) = (content, self.place(place)) {
                    before.before(&content)?;
                }
            }
            Change::Move { instance, place } => {
                let ends =
                    self.with(*instance, |instance| Some((instance.first.clone(), instance.last.clone())));
                if let (Some((first, last)), Some(before)) = (ends, self.place(place))
                    && let Some(parent) = before.parent_node()
                {
                    for node in between(first, &last) {
                        let kept = parent.unchecked_ref::<Mover>().move_before(&node, Some(&before));
                        if kept.is_err() {
                            before.before(&node)?;
                        }
                    }
                }
            }
            Change::Remove { instance } => {
                if let Some(Instance { first, last, .. }) = self.forget(*instance) {
                    for node in between(first, &last) {
                        node.remove();
                    }
                }
            }
            Change::Forget { instance } => drop(self.forget(*instance)),
        }
        Ok(())
    }

    fn with<T>(&self, instance: u32, read: impl FnOnce(&Instance) -> Option<T>) -> Option<T> {
        read(self.instances.borrow().get(usize::try_from(instance).ok()?)?.as_ref()?)
    }

    fn forget(&self, instance: u32) -> Option<Instance> {
        self.instances.borrow_mut().get_mut(usize::try_from(instance).ok()?)?.take()
    }

    /// The node before which a row stands.
    fn place(&self, place: &Place) -> Option<Target> {
        match place.before {
            Some(row) => self.with(row, |row| Some(row.first.clone())),
            None => self.with(place.parent, |parent| parent.regions.get(place.region).cloned()),
        }
    }

    /// Makes an instance that stands nowhere yet.
    fn build_instance(&self, number: u32, block: usize) -> Result<(), JsValue> {
        let Some(prototype) = self.prototype(block)? else { return Ok(()) };
        let content = self.document.import_node_with_deep(&prototype.content, true)?;
        let (first, last) = match prototype.is_single {
            true => (content.clone(), content.clone()),
            false => match (content.first_child(), content.last_child()) {
                (Some(first), Some(last)) => (first, last),
                _ => return Ok(()),
            },
        };
        let mut slots = Vec::with_capacity(prototype.kinds.len());
        let mut regions = Vec::new();
        let mut at = first.clone();
        for step in &prototype.walk {
            let next = match step {
                Step::Down => at.first_child(),
                Step::Up => at.parent_node(),
                Step::Next => at.next_sibling(),
                Step::Slot => {
                    slots.push(at.clone().unchecked_into());
                    continue;
                }
                Step::Region => {
                    regions.push(at.clone().unchecked_into());
                    continue;
                }
            };
            let Some(next) = next else { break };
            at = next;
        }
        let mut instances = self.instances.borrow_mut();
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        while instances.len() <= place {
            instances.push(None);
        }
        if let Some(slot) = instances.get_mut(place) {
            let (first, last) = (first.unchecked_into(), last.unchecked_into());
            *slot = Some(Instance { prototype, content, first, last, slots, regions });
        }
        Ok(())
    }

    fn prototype(&self, block: usize) -> Result<Option<Rc<Prototype>>, JsValue> {
        if let Some(Some(known)) = self.prototypes.borrow().get(block) {
            return Ok(Some(Rc::clone(known)));
        }
        let Some(plan) = self.plan.blocks.get(block) else { return Ok(None) };
        let prototype = Rc::new(Builder::prototype(&self.inert, plan)?);
        if let Some(place) = self.prototypes.borrow_mut().get_mut(block) {
            *place = Some(Rc::clone(&prototype));
        }
        Ok(Some(prototype))
    }
}

/// The document that a page's `<template>` elements have their content in: it shows nothing and loads nothing. The page
/// has it anyway, and making one takes longer than building a template.
fn inert_document(document: &Document) -> Result<Document, JsValue> {
    let template: HtmlTemplateElement = document.create_element("template")?.unchecked_into();
    template.content().owner_document().ok_or(JsValue::NULL)
}

/// The siblings from one node to another.
fn between(first: Target, last: &Target) -> Vec<Target> {
    let mut nodes = vec![first];
    while let Some(node) = nodes.last().filter(|node| !node.is_same_node(Some(last))) {
        let Some(next) = node.next_sibling() else { break };
        nodes.push(next.unchecked_into());
    }
    nodes
}

fn set(target: &Target, kind: &Kind, text: Option<&str>) -> Result<(), JsValue> {
    match (kind, text) {
        (Kind::Text, text) => {
            target.set_data(text.unwrap_or_default());
            Ok(())
        }
        (Kind::Attribute(name), Some(text)) => target.set_attribute(name, text),
        (Kind::Attribute(name), None) => target.remove_attribute(name),
        (Kind::Style(name, important), Some(text)) => {
            target.style().set_property(name, text, if *important { "important" } else { "" })
        }
        (Kind::Style(name, _), None) => target.style().remove_property(name).map(drop),
    }
}

/// Builds a prototype and the walk to its slots and regions.
struct Builder<'a> {
    document: &'a Document,
    walk: Vec<Step>,
    /// Steps since the last place.
    ahead: Vec<Step>,
    kinds: Vec<Kind>,
}

impl Builder<'_> {
    fn prototype(document: &Document, block: &Block) -> Result<Prototype, JsValue> {
        let content = document.create_document_fragment();
        let mut builder = Builder { document, walk: Vec::new(), ahead: Vec::new(), kinds: Vec::new() };
        // A block needs a first node that stays: what a region shows comes and goes.
        if matches!(block.nodes.first(), None | Some(PlanNode::Region(_))) {
            content.append_child(&document.create_text_node(""))?;
            builder.go(Step::Next);
        }
        builder.append(&block.nodes, &content)?;
        let Builder { walk, kinds, .. } = builder;
        let only = content.first_child().filter(|first| first.next_sibling().is_none());
        let is_single = only.is_some();
        Ok(Prototype { content: only.unwrap_or_else(|| content.into()), is_single, walk, kinds })
    }

    /// Notes a step; it is taken only if it leads somewhere.
    fn go(&mut self, step: Step) {
        if let Step::Up = step {
            // What lies behind in this parent is passed by, and the parent as well if nothing in it was a place.
            while let Some(Step::Next) = self.ahead.last() {
                self.ahead.pop();
            }
            if let Some(Step::Down) = self.ahead.last() {
                self.ahead.pop();
                return;
            }
        }
        self.ahead.push(step);
    }

    /// Here is a place.
    fn mark(&mut self, step: Step) {
        self.walk.append(&mut self.ahead);
        self.walk.push(step);
    }

    /// As deep as the plan; the compiler bounds that. Slots are numbered in document order.
    fn append(&mut self, nodes: &[PlanNode], parent: &Node) -> Result<(), JsValue> {
        for (index, node) in nodes.iter().enumerate() {
            if index > 0 {
                self.go(Step::Next);
            }
            match node {
                PlanNode::Text(text) => {
                    parent.append_child(&self.document.create_text_node(text))?;
                }
                PlanNode::Slot(_) => {
                    parent.append_child(&self.document.create_text_node(""))?;
                    self.mark(Step::Slot);
                    self.kinds.push(Kind::Text);
                }
                PlanNode::Region(_) => {
                    parent.append_child(&self.document.create_text_node(""))?;
                    self.mark(Step::Region);
                }
                PlanNode::Element(element) => {
                    let made = self.element(element)?;
                    if !element.children.is_empty() {
                        self.go(Step::Down);
                        self.append(&element.children, &made)?;
                        self.go(Step::Up);
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
            let kind = match &attribute.sink {
                Sink::Attribute(name) => Kind::Attribute(name.as_str().into()),
                Sink::Style { property, important } => Kind::Style(property.as_str().into(), *important),
            };
            match &attribute.value {
                AttributeValue::Fixed(text) => set(made.unchecked_ref(), &kind, Some(text))?,
                AttributeValue::Slot(_) => {
                    self.mark(Step::Slot);
                    self.kinds.push(kind);
                }
            }
        }
        Ok(made)
    }
}
