//! `cuehook:*` events as listeners see them.

use crate::support::*;
use cuehook::browser::events::emit;
use cuehook::engine::{Event, EventName};
use cuehook::json::Json;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;

fn detail(event: &JsValue) -> JsValue {
    Reflect::get(event, &"detail".into()).unwrap()
}

/// An answer with a list, so that nobody reads it before somebody looks.
const ANSWER: &str =
    r#"{"discountCode":"SPRING", "rows": [ {"n": 1.50}, "\ud800" ], "__proto__": {"polluted": true}}"#;

/// What a listener of `name` keeps.
async fn kept(name: &str, answer: &str) -> JsValue {
    mock_fetch("answer", answer);
    let scene = Scene::new(SHOP);
    let kept = js_sys::Array::new();
    let events = kept.clone();
    on(&scene.page.host, name, move |event| {
        events.push(&event);
    });
    scene.area().click();
    scene.until("settled", 1).await;
    restore_fetch();
    kept.get(0)
}

#[wasm_bindgen_test]
async fn a_detail_is_one_plain_object() {
    for name in ["cuehook:activate", "cuehook:request", "cuehook:response", "cuehook:settled"] {
        let event = kept(name, ANSWER).await;
        let first = detail(&event);
        assert!(first == detail(&event), "{name}: the same object each time");
        assert!(is_plain(&first), "{name}");
        Reflect::set(&first, &"mine".into(), &7.into()).unwrap();
        assert_eq!(Reflect::get(&detail(&event), &"mine".into()).unwrap(), JsValue::from(7), "{name}");
    }
}

#[wasm_bindgen_test]
fn a_detail_that_nobody_reads_is_not_made() {
    let page = Page::new();
    let kept = js_sys::Array::new();
    let events = kept.clone();
    on(&page.host, "cuehook:callback", move |event| {
        events.push(&event);
    });
    let event = Event { name: EventName::Callback, detail: vec![("value", Json::from("text"))] };
    let count = |looks: usize| {
        let parsed = count_parsed();
        emit(&page.host, event.clone());
        let event = kept.pop();
        assert!((0..looks).all(|_| is_plain(&detail(&event))));
        parsed.call0(&JsValue::UNDEFINED).unwrap().as_f64().unwrap()
    };
    assert_eq!((count(0), count(1), count(3)), (0.0, 1.0, 1.0));
}

#[wasm_bindgen_test]
async fn the_keys_of_an_answer_are_data() {
    let event = kept("cuehook:response", ANSWER).await;
    let data = Reflect::get(&detail(&event), &"data".into()).unwrap();
    assert!(is_plain(&data));
    assert_eq!(own_keys(&data), "discountCode rows __proto__");
    let text = String::from(js_sys::JSON::stringify(&data).unwrap());
    assert_eq!(
        text,
        "{\"discountCode\":\"SPRING\",\"rows\":[{\"n\":1.5},\"\u{fffd}\"],\"__proto__\":{\"polluted\":true}}"
    );
    // What the documentation says of copies.
    assert_eq!(polluted_copies(&data), "Object.assign");
}

#[wasm_bindgen_test]
async fn spreading_a_detail_takes_all_of_it() {
    let event = kept("cuehook:request", ANSWER).await;
    let copy = js_sys::Object::assign(&js_sys::Object::new(), detail(&event).unchecked_ref());
    assert_eq!(own_keys(&copy), "mediaTime requestId webhook url headers body");
    let body = Reflect::get(&copy, &"body".into()).unwrap().as_string().unwrap();
    assert!(body.starts_with("{\"type\":\"webhook.executed\""), "{body}");
}

#[wasm_bindgen_test]
async fn a_variable_that_is_a_list_can_be_read() {
    let event = kept("cuehook:variablechange", &ANSWER.replace("\"discountCode\":\"SPRING\",", "")).await;
    let text = String::from(js_sys::JSON::stringify(&detail(&event)).unwrap());
    assert!(text.contains("\"name\":\"rows\",\"previous\":null,\"value\":[{\"n\":1.5},"), "{text}");
}

#[wasm_bindgen_test]
async fn values_of_the_page_come_back() {
    let scene = Scene::new(SHOP);
    let value = js_sys::JSON::parse(ANSWER).unwrap();
    scene.handle.set_variable("mine".into(), &value).unwrap();
    let back = String::from(js_sys::JSON::stringify(&scene.handle.variable("mine")).unwrap());
    assert_eq!(back, String::from(js_sys::JSON::stringify(&value).unwrap()).replace("\\ud800", "\u{fffd}"));
    scene.handle.set_variable("mine".into(), &value).unwrap();
    assert_eq!(count_of(&scene.log, "variablechange"), 1, "the same value again");
    mock_fetch("answer", "{}");
    let params = js_sys::JSON::parse(r#"{"list":[1,{"a":"b"}]}"#).unwrap();
    let _ = scene.handle.execute("discount".into(), &params);
    scene.until("settled", 1).await;
    let body = js_sys::JSON::parse(&seen()).unwrap();
    restore_fetch();
    let text = String::from(js_sys::JSON::stringify(&body).unwrap());
    assert!(text.contains(r#"\"params\":{\"list\":[1,{\"a\":\"b\"}]}"#), "{text}");
}
