//! Where focus goes when what had it has gone.

use crate::support::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;
use web_sys::HtmlElement;

/// An overlay whose buttons come and go.
const LIST: &str = r##"{"cuehook":1, "variables": { "rows": ["a", "b", "c"], "more": true },
    "webhooks": [{ "id": "note", "url": "hooks/note", "retries": 0 }],
    "elements": [{ "id": "list", "kind": "html", "box": { "left": 0, "top": 0, "width": 50, "height": 80 },
      "actions": { "say": [{ "do": "callback", "name": "said" }] },
      "source": "<p>Rows</p>{% for row in rows %}<button key=\"${row}\" data-param-row=\"${row}\" data-execute-webhook=\"note\">${row}</button>{% endfor %}{% if more %}<button data-action=\"say\">more</button>{% else %}<i>no more</i>{% endif %}<a href=\"#here\">link</a>" }]}"##;

/// The text of what has focus, or else its class or name.
fn focused() -> String {
    let active = document().active_element().unwrap();
    let text = active.text_content().unwrap_or_default();
    match active.tag_name().as_str() {
        "BUTTON" | "A" => text,
        name if active.class_name().is_empty() => name.to_lowercase(),
        _ => active.class_name(),
    }
}

fn button(scene: &Scene, text: &str) -> HtmlElement {
    let buttons = scene.page.host.query_selector_all(".cuehook-html button, .cuehook-html a").unwrap();
    let all = (0..buttons.length()).map(|index| buttons.item(index).unwrap());
    let found = all.into_iter().find(|node| node.text_content().as_deref() == Some(text));
    found.unwrap_or_else(|| panic!("no {text}")).unchecked_into()
}

fn set(scene: &Scene, name: &str, value: &str) {
    let value = js_sys::JSON::parse(value).unwrap();
    scene.handle.set_variable(name.into(), &value).unwrap();
}

#[wasm_bindgen_test]
fn focus_stays_in_the_overlay_when_an_update_takes_its_button() {
    for (on, rows, more, then) in [
        ("b", r#"["a","c"]"#, "true", "c"),
        ("c", r#"["a","b"]"#, "true", "more"),
        ("more", r#"["a"]"#, "false", "link"),
        ("b", r#"["x","b","y"]"#, "true", "b"),
        ("b", r#"["c","b","a"]"#, "true", "b"),
        ("b", r#"["a","new","c"]"#, "true", "new"),
        ("a", "[]", "false", "link"),
    ] {
        let scene = Scene::new(LIST);
        button(&scene, on).focus().unwrap();
        set(&scene, "rows", rows);
        set(&scene, "more", more);
        assert_eq!(focused(), then, "{on} {rows} {more}");
    }
}

#[wasm_bindgen_test]
fn the_control_before_is_next_best_and_then_the_overlay() {
    let without_link = LIST.replace(r##"<a href=\"#here\">link</a>"##, "");
    let scene = Scene::new(&without_link);
    button(&scene, "more").focus().unwrap();
    set(&scene, "more", "false");
    assert_eq!(focused(), "c");
    set(&scene, "rows", "[]");
    assert_eq!(focused(), "cuehook-html");
    let overlay = scene.page.find(".cuehook-html");
    assert_eq!(overlay.get_attribute("tabindex").as_deref(), Some("-1"), "not for Tab");
    set(&scene, "rows", r#"["d"]"#);
    assert_eq!(focused(), "cuehook-html", "what comes takes no focus");
}

#[wasm_bindgen_test]
fn a_disabled_button_has_lost_focus() {
    let scene = Scene::new(
        r#"{"cuehook":1, "variables": { "off": false }, "elements": [
            { "id": "o", "kind": "html", "box": { "left": 0, "top": 0, "width": 50, "height": 50 },
              "actions": { "say": [] },
              "source": "<button data-action=\"say\" disabled=\"${off}\">one</button><button data-action=\"say\">two</button>" }]}"#,
    );
    button(&scene, "one").focus().unwrap();
    set(&scene, "off", "true");
    assert_eq!(focused(), "two");
}

#[wasm_bindgen_test]
fn focus_elsewhere_is_left_alone() {
    let scene = Scene::new(LIST);
    let field: HtmlElement = document().create_element("input").unwrap().unchecked_into();
    field.set_class_name("field");
    scene.page.host.append_child(&field).unwrap();
    field.focus().unwrap();
    set(&scene, "rows", "[]");
    assert_eq!(focused(), "field");
}

#[wasm_bindgen_test]
fn focus_of_what_is_hidden_goes_to_the_stage_if_the_film_takes_none() {
    let scene = Scene::new(
        r#"{"cuehook":1,"elements":[{"id":"once","kind":"area","label":"Once",
            "box":{"left":0,"top":0,"width":50,"height":50},"onClick":[{"do":"hide","element":"once"}]}]}"#,
    );
    scene.area().focus().unwrap();
    scene.area().click();
    assert!(scene.area().hidden());
    assert_eq!(focused(), "cuehook-stage");
}

#[wasm_bindgen_test]
fn another_project_takes_no_focus_off_the_page() {
    let scene = Scene::new(LIST);
    button(&scene, "b").focus().unwrap();
    scene.handle.update(LIST, None).unwrap();
    assert_eq!(focused(), "cuehook-stage");
}

/// A call that fails, made from the area, from the second row of an overlay, or by a button of the page.
async fn failed(scene: &Scene, cause: &HtmlElement) {
    // Not a double click.
    pause(520).await;
    let before = count_of(&scene.log, "settled");
    mock_fetch("status", "500");
    match cause.closest(".cuehook-stage").unwrap() {
        Some(_) => cause.click(),
        // As the loader does.
        None => scene.handle.click(cause, None),
    }
    scene.until("settled", before + 1).await;
    restore_fetch();
}

#[wasm_bindgen_test]
async fn a_closed_notice_gives_focus_back_to_what_caused_it() {
    let scene = Scene::new(&LIST.replace(
        r#""elements": ["#,
        r#""elements": [{ "id": "area", "kind": "area", "label": "Area", "onClick": [{ "do": "executeWebhook", "webhook": "note" }],
            "box": { "left": 60, "top": 0, "width": 20, "height": 20 } },"#,
    ));
    let page_button: HtmlElement = document().create_element("button").unwrap().unchecked_into();
    page_button.set_text_content(Some("of the page"));
    page_button.set_attribute("data-execute-webhook", "note").unwrap();
    scene.page.host.append_child(&page_button).unwrap();
    let elsewhere: HtmlElement = document().create_element("input").unwrap().unchecked_into();
    elsewhere.set_class_name("elsewhere");
    scene.page.host.append_child(&elsewhere).unwrap();
    for (cause, name) in
        [(scene.area(), ""), (button(&scene, "b"), "b"), (page_button.clone(), "of the page")]
    {
        for how in ["click", "Escape"] {
            failed(&scene, &cause).await;
            // Safari gives buttons no focus when they are clicked, so it comes from somewhere else.
            elsewhere.focus().unwrap();
            let close = scene.page.find(".cuehook-dismiss");
            close.focus().unwrap();
            match how {
                "click" => close.click(),
                key_name => {
                    key(&close, "keydown", key_name);
                }
            }
            assert_eq!(scene.page.count(".cuehook-notice"), 0, "{how}");
            assert_eq!(focused(), name, "{how}");
        }
        failed(&scene, &cause).await;
        elsewhere.focus().unwrap();
        scene.page.find(".cuehook-dismiss").click();
        assert_eq!(focused(), "elsewhere", "focus was not in the notice");
    }
    failed(&scene, &button(&scene, "b")).await;
    elsewhere.focus().unwrap();
    scene.page.find(".cuehook-dismiss").focus().unwrap();
    set(&scene, "rows", r#"["a"]"#);
    scene.page.find(".cuehook-dismiss").click();
    assert_eq!(focused(), "elsewhere", "the cause has gone: back to where it came from");
    failed(&scene, &button(&scene, "a")).await;
    elsewhere.focus().unwrap();
    scene.page.find(".cuehook-dismiss").focus().unwrap();
    set(&scene, "rows", "[]");
    elsewhere.remove();
    scene.page.find(".cuehook-dismiss").click();
    assert_eq!(focused(), "cuehook-stage", "both have gone");
}

#[wasm_bindgen_test]
async fn escape_closes_one_notice_from_anywhere_on_the_stage() {
    let mut project = LIST.replace(
        r#"[{ "id": "note", "url": "hooks/note", "retries": 0 }]"#,
        r#"[{ "id": "a", "url": "a", "retries": 0 }, { "id": "b", "url": "b", "retries": 0 }, { "id": "c", "url": "c", "retries": 0 }]"#,
    );
    for name in ["a", "b", "c"] {
        let one = format!("<button data-execute-webhook=\\\"{name}\\\">{name}{name}</button><a href");
        project = project.replace("<a href", &one);
    }
    let scene = Scene::new(&project.replace("data-execute-webhook=\\\"note\\\"", "data-action=\\\"say\\\""));
    for row in ["aa", "bb", "cc"] {
        failed(&scene, &button(&scene, row)).await;
    }
    assert_eq!(scene.page.count(".cuehook-notice"), 3);
    let link = button(&scene, "link");
    link.focus().unwrap();
    key(&link, "keydown", "Escape");
    assert_eq!(scene.page.count(".cuehook-notice"), 2);
    assert_eq!(focused(), "link", "focus was not in it");
    let first = scene.page.find(".cuehook-dismiss");
    first.focus().unwrap();
    key(&first, "keydown", "Escape");
    assert!(!first.is_connected(), "the one in which focus is");
    assert_eq!(scene.page.count(".cuehook-notice"), 1);
    key(&document().body().unwrap(), "keydown", "Escape");
    assert_eq!(scene.page.count(".cuehook-notice"), 1, "keys elsewhere are not ours");
    key(&link, "keyup", "Escape");
    key(&link, "keydown", "x");
    assert_eq!(scene.page.count(".cuehook-notice"), 1);
}

#[wasm_bindgen_test]
fn key_events_that_are_none_do_no_harm() {
    let scene = Scene::new(LIST);
    let event = web_sys::Event::new("keydown").unwrap();
    button(&scene, "link").dispatch_event(&event).unwrap();
    set(&scene, "rows", "[]");
    assert_eq!(count_of(&scene.log, "variablechange"), 1);
}
