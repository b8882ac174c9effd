//! Errors as JavaScript sees them.

use crate::support::*;
use cuehook::browser::exports::attach;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;

fn refused(project: &str, options: &JsValue) -> (JsValue, JsValue) {
    let page = Page::new();
    let log = record(&page.host);
    let media = fake_media();
    let error = attach(page.host.clone().into(), media.clone(), project, options.clone()).unwrap_err();
    assert_eq!(page.host.child_nodes().length(), 0);
    assert_eq!(media.unchecked_into::<Fake>().calls().length(), 0, "the video is not touched");
    assert_eq!(code(&error), "config-invalid");
    assert_eq!(Reflect::get(&error, &"name".into()).unwrap(), JsValue::from("CuehookError"));
    (error, log)
}

#[wasm_bindgen_test]
fn lists_all_problems_of_a_document() {
    let project =
        SHOP.replace("\"webhook\": \"discount\"", "\"webhook\": \"discont\"").replace("\"to\"", "\"tto\"");
    let (error, log) = refused(&project, &JsValue::UNDEFINED);
    let problems = js_sys::JSON::stringify(&Reflect::get(&error, &"problems".into()).unwrap()).unwrap();
    let problems = String::from(problems);
    assert!(problems.contains("discont") && problems.contains("tto"), "{problems}");
    assert!(problems.contains(r#""path":"elements[0]"#), "{problems}");
    assert_eq!(field_of(&log, "error", "problems"), problems);
    assert_eq!(field_of(&log, "error", "code"), "\"config-invalid\"");
}

#[wasm_bindgen_test]
fn names_the_place_where_a_document_is_no_json() {
    let (error, _) = refused("{\n  \"cuehook\": ,", &JsValue::NULL);
    let problems = Reflect::get(&error, &"problems".into()).unwrap();
    let problem = js_sys::Array::from(&problems).get(0);
    assert_eq!(Reflect::get(&problem, &"line".into()).unwrap(), JsValue::from(2));
    assert!(Reflect::get(&problem, &"column".into()).unwrap().as_f64().is_some());
}

#[wasm_bindgen_test]
fn refuses_unknown_options() {
    let options = js_sys::JSON::parse(r#"{"allowOrigin":["https://shop.example"]}"#).unwrap();
    let (error, _) = refused(SHOP, &options);
    let message = String::from(error.unchecked_into::<js_sys::Error>().message());
    assert!(message.contains("allowOrigin") && message.contains("allowOrigins"), "{message}");
    let options = js_sys::JSON::parse(r#"{"allowOrigins":"https://shop.example"}"#).unwrap();
    let _ = refused(SHOP, &options);
}

#[wasm_bindgen_test]
async fn refuses_values_without_json_form() {
    let scene = Scene::new(SHOP);
    for value in [circular(), nested(100), js_sys::Symbol::iterator().into(), js_sys::BigInt::from(1).into()]
    {
        let error = scene.handle.set_variable("bad".into(), &value).unwrap_err();
        assert_eq!(code(&error), "config-invalid");
        assert_eq!(rejection(scene.handle.execute("discount".into(), &value)).await, "config-invalid");
    }
    assert!(scene.handle.variable("bad").is_undefined());
    scene.handle.set_variable("good".into(), &nested(50)).unwrap();
    assert_eq!(rejection(scene.handle.execute("discount".into(), &"text".into())).await, "config-invalid");
    assert_eq!(rejection(scene.handle.execute("nothing".into(), &JsValue::NULL)).await, "config-invalid");
}

#[wasm_bindgen_test]
fn refuses_what_is_no_media_element() {
    let page = Page::new();
    for media in [JsValue::NULL, "video".into(), js_sys::Object::new().into(), page.host.clone().into()] {
        let error = attach(page.host.clone().into(), media, SHOP, JsValue::UNDEFINED).unwrap_err();
        assert_eq!(code(&error), "config-invalid");
    }
    let detached = sized_video(16, 9);
    let error = attach(detached.clone().into(), detached.into(), SHOP, JsValue::UNDEFINED).unwrap_err();
    assert_eq!(code(&error), "config-invalid");
}

#[wasm_bindgen_test]
async fn lets_the_page_restrict_origins() {
    let page = Page::new();
    let log = record(&page.host);
    let options = js_sys::JSON::parse(r#"{"allowOrigins":["https://other.example"]}"#).unwrap();
    let handle = attach(page.host.clone().into(), fake_media(), SHOP, options).unwrap();
    handle.start();
    assert_eq!(rejection(handle.execute("discount".into(), &JsValue::NULL)).await, "origin-denied");
    assert_eq!(field_of(&log, "error", "code"), "\"origin-denied\"");
    handle.destroy();
}
