//! The node plan: no markup from values, and patches that keep nodes.

use crate::support::*;
use cuehook::browser::stage::plan::build;
use cuehook::engine::Change;
use cuehook::json::Json;
use cuehook::session::Context;
use cuehook::template::{Attribute, AttributeValue, Element, Markup, Node, Plan, Sink};
use wasm_bindgen_test::*;
use web_sys::HtmlElement;

fn element(name: &'static str, attributes: Vec<(&str, AttributeValue)>, children: Vec<Node>) -> Node {
    let attributes = attributes
        .into_iter()
        .map(|(name, value)| Attribute { sink: Sink::Attribute(name.to_owned()), value })
        .collect();
    Node::Element(Element { name, svg: false, attributes, children })
}

fn change(slot: usize, text: &str) -> Change {
    Change { slot, text: Some(text.to_owned()) }
}

fn fixed(text: &str) -> AttributeValue {
    AttributeValue::Fixed(text.to_owned())
}

#[wasm_bindgen_test]
fn makes_no_markup_of_values() {
    let page = Page::new();
    let plan = Plan {
        nodes: vec![element(
            "p",
            vec![("title", AttributeValue::Slot(1)), ("class", fixed("<b>"))],
            vec![Node::Text("<i>".into()), Node::Slot(0)],
        )],
        slots: 2,
    };
    let slots = build(&document(), &plan, &page.host).unwrap();
    let evil = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>&lt;";
    slots.patch(&[change(0, evil), change(1, evil), change(9, "no such slot")]);
    let p = page.find("p");
    assert_eq!(page.host.children().length(), 1);
    assert_eq!(p.children().length(), 0);
    assert_eq!(p.text_content().unwrap(), format!("<i>{evil}"));
    assert_eq!(p.get_attribute("title").unwrap(), evil);
    assert_eq!(p.get_attribute("class").unwrap(), "<b>");
    assert_eq!(own_keys(&p.get_attribute_names().into()).split(' ').count(), 3, "two names and `length`");
}

#[wasm_bindgen_test]
fn patches_keep_nodes_and_focus() {
    let page = Page::new();
    let plan = Plan {
        nodes: vec![element("a", vec![("href", AttributeValue::Slot(0))], vec![Node::Slot(1)])],
        slots: 2,
    };
    let slots = build(&document(), &plan, &page.host).unwrap();
    slots.patch(&[change(0, "/one"), change(1, "one")]);
    let link: HtmlElement = page.find("a");
    let text = link.first_child().unwrap();
    link.focus().unwrap();
    slots.patch(&[change(0, "/two"), change(1, "two")]);
    assert!(link.is_same_node(page.host.first_child().as_ref()));
    assert!(text.is_same_node(link.first_child().as_ref()));
    assert!(link.is_same_node(document().active_element().as_ref().map(|node| node.as_ref())));
    assert_eq!(link.get_attribute("href").unwrap(), "/two");
    assert_eq!(link.text_content().unwrap(), "two");
}

#[wasm_bindgen_test]
fn styles_drawings_and_absent_attributes() {
    let page = Page::new();
    let source = "<p style='color: ${c!red}; TOP: 1px !important; --my-Gap: 2px'>x</p>\
        <svg viewbox='0 0 1 1'><rect style='opacity: ${o!0.5}'/></svg>\
        <button disabled=${off}>x</button><img srcset='${u}' alt=''>";
    let markup = Markup::compile(source).unwrap();
    let slots = build(&document(), markup.plan(), &page.host).unwrap();
    let mut context = Context::default();
    let mut before = None;
    let mut fill = |values: &[(&str, Json)]| {
        for (name, value) in values {
            context.set(name, value.clone());
        }
        let filled = markup.evaluate(&context).unwrap();
        let changes = filled.changes_since(before.as_ref()).into_iter();
        slots.patch(&changes.map(|(slot, text)| Change { slot, text }).collect::<Vec<_>>());
        before = Some(filled);
    };
    fill(&[("off", Json::Bool(true)), ("u", "/a.png 1x".into())]);
    let styled = |name: &str, property: &str| page.find(name).style().get_property_value(property).unwrap();
    assert_eq!(styled("p", "color"), "red");
    assert_eq!(page.find("p").style().get_property_priority("top"), "important");
    assert_eq!(styled("p", "--my-Gap"), "2px");
    assert_eq!(styled("rect", "opacity"), "0.5");
    let svg = page.find("svg");
    assert_eq!(svg.namespace_uri().unwrap(), "http://www.w3.org/2000/svg");
    assert_eq!(page.find("rect").namespace_uri(), svg.namespace_uri());
    assert_eq!(svg.get_attribute("viewBox").unwrap(), "0 0 1 1");
    assert!(page.find("button").has_attribute("disabled") && page.find("img").has_attribute("srcset"));

    fill(&[
        ("off", Json::Bool(false)),
        ("u", "javascript:alert(1)".into()),
        ("c", "url(//evil.example)".into()),
        ("o", "0".into()),
    ]);
    assert_eq!(styled("p", "color"), "");
    assert_eq!(styled("rect", "opacity"), "0");
    assert!(!page.find("button").has_attribute("disabled") && !page.find("img").has_attribute("srcset"));
}
