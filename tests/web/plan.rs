//! Templates on the page: no markup from values, and changes that leave nodes alone.

use crate::support::*;
use cuehook::browser::stage::plan::Nodes;
use cuehook::json::{self, Json};
use cuehook::session::Context;
use cuehook::template::{Markup, Rendering, Work};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::*;
use web_sys::HtmlElement;

/// A template in a page.
struct Shown {
    page: Page,
    markup: Markup,
    nodes: Nodes,
    rendering: Option<Rendering>,
}

impl Shown {
    fn new(source: &str) -> Self {
        let page = Page::new();
        let markup = Markup::compile(source).unwrap();
        let nodes = Nodes::build(&document(), markup.plan(), &page.host).unwrap();
        Self { page, markup, nodes, rendering: None }
    }

    fn with(&mut self, variables: &str) -> String {
        let Json::Object(variables) = json::parse(variables.as_bytes(), 64).unwrap() else { panic!() };
        let context = Context::new((*variables).clone());
        let mut next = self.markup.render(&context, self.rendering.as_ref(), &Work::default()).unwrap();
        self.nodes.patch(&next.changes_since(self.rendering.as_ref()));
        self.rendering = Some(next);
        self.page.host.inner_html()
    }
}

#[wasm_bindgen_test]
fn makes_no_markup_of_values() {
    let mut shown = Shown::new("<p title=\"${v}\" class=\"&lt;b>\">&lt;i>${v}</p>");
    let evil = "<img src=x onerror=alert(1)>\"'><script>alert(1)</script>&lt;";
    let mut variables = json::Object::new();
    variables.set("v", evil.into());
    shown.with(&Json::from(variables).to_text());
    let p = shown.page.find("p");
    assert_eq!(shown.page.host.children().length(), 1);
    assert_eq!(p.children().length(), 0);
    assert_eq!(p.text_content().unwrap(), format!("<i>{evil}"));
    assert_eq!(p.get_attribute("title").unwrap(), evil);
    assert_eq!(p.get_attribute("class").unwrap(), "<b>");
    assert_eq!(own_keys(&p.get_attribute_names().into()).split(' ').count(), 3, "two names and `length`");
}

#[wasm_bindgen_test]
fn patches_keep_nodes_and_focus() {
    let mut shown = Shown::new("<a href='${url}'>${text}</a>");
    shown.with(r#"{"url": "/one", "text": "one"}"#);
    let link: HtmlElement = shown.page.find("a");
    let text = link.first_child().unwrap();
    link.focus().unwrap();
    shown.with(r#"{"url": "/two", "text": "two"}"#);
    assert!(link.is_same_node(shown.page.host.first_child().as_ref()));
    assert!(text.is_same_node(link.first_child().as_ref()));
    assert!(link.is_same_node(document().active_element().as_ref().map(|node| node.as_ref())));
    assert_eq!(link.get_attribute("href").unwrap(), "/two");
    assert_eq!(link.text_content().unwrap(), "two");
}

#[wasm_bindgen_test]
fn branches_and_loops_come_and_go() {
    let mut shown = Shown::new(
        "{% if ok %}<b>${n}</b>{% else %}no{% endif %}{% for x in list %}{% if x %}<i>${x}</i>{% endif %},{% else %}none{% endfor %}!",
    );
    assert_eq!(shown.with(r#"{"ok": true, "n": 1, "list": ["a", "", "b"]}"#), "<b>1</b><i>a</i>,,<i>b</i>,!");
    assert_eq!(shown.with(r#"{"ok": false, "list": []}"#), "nonone!");
    assert_eq!(shown.with(r#"{"ok": true, "n": 2, "list": ["", "c"]}"#), "<b>2</b>,<i>c</i>,!");
    assert_eq!(shown.with(r#"{"ok": true, "n": 2, "list": ["d"]}"#), "<b>2</b><i>d</i>,!");
}

#[wasm_bindgen_test]
fn rows_with_keys_keep_their_nodes() {
    let mut shown = Shown::new(
        "<ul>{% for x in list %}<li key='${x.id}'><a href='/'>${x.name}</a></li>{% endfor %}</ul>",
    );
    shown.with(
        r#"{"list": [{"id": 1, "name": "one"}, {"id": 2, "name": "two"}, {"id": 3, "name": "three"}]}"#,
    );
    let rows = shown.page.find("ul").children();
    let second = rows.item(1).unwrap();
    let link: HtmlElement = second.first_element_child().unwrap().unchecked_into();
    link.focus().unwrap();
    let html =
        shown.with(r#"{"list": [{"id": 3, "name": "3"}, {"id": 2, "name": "2"}, {"id": 4, "name": "4"}]}"#);
    assert_eq!(
        html,
        "<ul><li><a href=\"/\">3</a></li><li><a href=\"/\">2</a></li><li><a href=\"/\">4</a></li></ul>"
    );
    assert!(second.is_same_node(rows.item(1).as_ref().map(|node| node.as_ref())));
    assert!(link.is_same_node(document().active_element().as_ref().map(|node| node.as_ref())));
}

#[wasm_bindgen_test]
async fn a_branch_that_is_not_taken_loads_nothing() {
    let mut shown = Shown::new(
        "{% if ok %}<img src='/not-taken.png' alt=''>{% endif %}{% if not no %}<img src='/taken.png' alt=''>{% endif %}",
    );
    shown.with("{}");
    assert!(comes_true(|| was_loaded("/taken.png")).await);
    assert!(!was_loaded("/not-taken.png"));
}

#[wasm_bindgen_test]
fn styles_drawings_and_absent_attributes() {
    let mut shown = Shown::new(
        "<p style='color: ${c!red}; TOP: 1px !important; --my-Gap: 2px'>x</p>\
        <svg viewbox='0 0 1 1'><rect style='opacity: ${o!0.5}'/></svg>\
        <button disabled=${off}>x</button><img srcset='${u}' alt=''>",
    );
    shown.with(r#"{"off": true, "u": "/a.png 1x"}"#);
    let styled = |shown: &Shown, name: &str, property: &str| {
        shown.page.find(name).style().get_property_value(property).unwrap()
    };
    assert_eq!(styled(&shown, "p", "color"), "red");
    assert_eq!(shown.page.find("p").style().get_property_priority("top"), "important");
    assert_eq!(styled(&shown, "p", "--my-Gap"), "2px");
    assert_eq!(styled(&shown, "rect", "opacity"), "0.5");
    let svg = shown.page.find("svg");
    assert_eq!(svg.namespace_uri().unwrap(), "http://www.w3.org/2000/svg");
    assert_eq!(shown.page.find("rect").namespace_uri(), svg.namespace_uri());
    assert_eq!(svg.get_attribute("viewBox").unwrap(), "0 0 1 1");
    assert!(shown.page.find("button").has_attribute("disabled"));
    assert!(shown.page.find("img").has_attribute("srcset"));
    shown.with(r#"{"off": false, "u": "javascript:alert(1)", "c": "url(//evil.example)", "o": "0"}"#);
    assert_eq!(styled(&shown, "p", "color"), "");
    assert_eq!(styled(&shown, "rect", "opacity"), "0");
    assert!(!shown.page.find("button").has_attribute("disabled"));
    assert!(!shown.page.find("img").has_attribute("srcset"));
}
