//! Areas and overlays under the viewer's hands.

use crate::support::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen_test::*;

/// How often an event of that name reaches the host.
fn reaching(scene: &Scene, name: &str) -> Rc<Cell<u32>> {
    let count = Rc::new(Cell::new(0));
    let inner = Rc::clone(&count);
    on(&scene.page.host, name, move |_| inner.set(inner.get() + 1));
    count
}

#[wasm_bindgen_test]
fn areas_are_named_buttons() {
    let scene = Scene::new(SHOP);
    let area = scene.area();
    assert_eq!(area.tag_name(), "BUTTON");
    assert_eq!(area.get_attribute("type").as_deref(), Some("button"));
    assert_eq!(area.get_attribute("aria-label").as_deref(), Some("Get my code"));
    assert_eq!(area.get_attribute("data-cuehook-element").as_deref(), Some("get-code"));
}

#[wasm_bindgen_test]
fn clicks_and_keys_on_controls_stay_here() {
    let scene = Scene::new(SHOP);
    mock_fetch("never", "");
    let (clicks, keys) = (reaching(&scene, "click"), reaching(&scene, "keydown"));
    scene.area().click();
    let prevented = key(&scene.area(), "keydown", " ");
    restore_fetch();
    assert_eq!((clicks.get(), keys.get()), (0, 0));
    assert!(!prevented, "the browser makes the click of the key");
    scene.page.find(".cuehook-stage").click();
    assert_eq!(clicks.get(), 1, "what is not on a control goes on to the player");
}

#[wasm_bindgen_test]
fn blocks_with_actions_are_buttons_for_the_keyboard() {
    let scene = Scene::new(&SHOP.replace("\"visible\": false,", ""));
    let card = scene.page.find(".cuehook-html");
    assert_eq!(card.get_attribute("role").as_deref(), Some("button"));
    assert_eq!(card.tab_index(), 0);
    assert_eq!(card.get_attribute("aria-label").as_deref(), Some("Card"));
    card.click();
    key(&card, "keydown", "Enter");
    assert!(key(&card, "keydown", " "), "Space would scroll the page");
    key(&card, "keyup", " ");
    key(&card, "keydown", "x");
    assert_eq!(count_of(&scene.log, "callback"), 3);
    assert_eq!(scene.field("callback", "value"), "7");
}

#[wasm_bindgen_test]
fn an_area_with_focus_outlives_its_time() {
    let scene = Scene::new(SHOP);
    scene.area().focus().unwrap();
    scene.media.goto(11.0);
    assert!(!scene.area().hidden());
    scene.area().blur().unwrap();
    scene.media.goto(12.0);
    assert!(scene.area().hidden());
}

#[wasm_bindgen_test]
fn focus_of_what_is_hidden_goes_to_the_film() {
    let scene = Scene::new(
        r#"{"cuehook":1,"elements":[{"id":"once","kind":"area","label":"Once",
            "box":{"left":0,"top":0,"width":50,"height":50},"onClick":[{"do":"hide","element":"once"}]}]}"#,
    );
    // The media object of this scene is no element: its host stands for it.
    scene.page.host.set_attribute("tabindex", "-1").unwrap();
    scene.area().focus().unwrap();
    scene.area().click();
    assert!(scene.area().hidden());
    assert!(scene.page.host.is_same_node(document().active_element().as_ref().map(|node| node.as_ref())));
}

#[wasm_bindgen_test]
async fn announces_in_a_prepared_region() {
    let scene = Scene::new(SHOP);
    let status = scene.page.find("[role=status]");
    assert_eq!(status.text_content().unwrap(), "");
    mock_fetch("answer", "{}");
    scene.area().click();
    scene.until("settled", 1).await;
    restore_fetch();
    assert_eq!(status.text_content().unwrap(), "");
    assert!(comes_true(|| !status.text_content().unwrap().is_empty()).await);
}

#[wasm_bindgen_test]
async fn keeps_notices_and_their_focus() {
    mock_fetch("status", "500");
    let scene = Scene::new(SHOP);
    scene.area().click();
    scene.until("settled", 1).await;
    let retry = scene.page.find(".cuehook-failed .cuehook-retry");
    retry.focus().unwrap();
    // Another failure brings a second notice.
    let button = document().create_element("button").unwrap();
    button.set_attribute("data-execute-webhook", "note").unwrap();
    scene.page.host.append_child(&button).unwrap();
    scene.handle.click(&button, None);
    scene.until("settled", 2).await;
    assert_eq!(scene.page.count(".cuehook-failed"), 2);
    assert!(retry.is_same_node(document().active_element().as_ref().map(|node| node.as_ref())));
    scene.page.find(".cuehook-dismiss").click();
    restore_fetch();
    assert_eq!(scene.page.count(".cuehook-failed"), 1);
}

#[wasm_bindgen_test]
async fn elements_of_the_page_run_webhooks() {
    mock_fetch("answer", "{}");
    let (one, other) = (Scene::new(&SHOP.replace("\"note\"", "\"first\"")), Scene::new(SHOP));
    other.page.host.set_id("other");
    let button = document().create_element("button").unwrap();
    button.set_id("buy");
    button.set_inner_html("<b> Buy\n it </b>");
    button.set_attribute("data-execute-webhook", "note").unwrap();
    document().body().unwrap().append_child(&button).unwrap();
    let answers = |button| [&one, &other].map(|scene| scene.handle.answers(button));
    assert_eq!(answers(&button), [false, true], "who knows the webhook");
    other.handle.click(&button, None);
    other.until("settled", 1).await;
    let body = other.field("request", "body");
    assert!(body.contains(r#"\"element\":\"buy\""#) && body.contains("Buy it"), "{body}");
    button.set_attribute("data-execute-webhook", "discount").unwrap();
    assert_eq!(answers(&button), [true, true]);
    button.set_attribute("data-cuehook-for", "other").unwrap();
    assert_eq!(answers(&button), [false, true], "who is named");
    button.set_attribute("data-execute-webhook", "unknown").unwrap();
    assert_eq!(answers(&button), [false, true], "and says that there is no such webhook");
    button.remove();
    restore_fetch();
}

#[wasm_bindgen_test]
fn browsers_read_the_same_in_the_compact_sheet() {
    let written = include_str!("../../src/browser/stage/stage.css");
    let compact = include_str!(concat!(env!("OUT_DIR"), "/stage.css"));
    assert!(compact.len() < written.len());
    let rules = rules_of(written);
    assert!(rules.contains("cuehook-failed") && rules.contains("prefers-reduced-motion"));
    assert_eq!(rules, rules_of(compact));
}
