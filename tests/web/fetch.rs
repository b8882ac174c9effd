//! Attempts: what is sent, and what can come back.

use crate::support::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::*;

async fn outcome(kind: &str, text: &str) -> String {
    mock_fetch(kind, text);
    let scene = Scene::new(SHOP);
    scene.area().click();
    scene.until("settled", 1).await;
    restore_fetch();
    scene.field("settled", "outcome")
}

#[wasm_bindgen_test]
async fn posts_without_credentials_redirects_and_cache() {
    mock_fetch("answer", "{\"discountCode\":\"SPRING\"}");
    let scene = Scene::new(SHOP);
    let params = js_sys::JSON::parse("{\"sku\":\"A-17\"}").unwrap();
    let answer = JsFuture::from(scene.handle.execute("discount".into(), &params)).await.unwrap();
    restore_fetch();
    assert_eq!(js_sys::Reflect::get(&answer, &"discountCode".into()).unwrap(), JsValue::from("SPRING"));
    let seen = seen();
    for part in [
        r#""url":"https://shop.example/hook?a=1""#,
        r#""method":"POST""#,
        r#""mode":"cors""#,
        r#""credentials":"omit""#,
        r#""redirect":"error""#,
        r#""cache":"no-store""#,
        r#""referrerPolicy":"strict-origin-when-cross-origin""#,
        r#""content-type":"application/json""#,
        r#""x-shop":"spring""#,
        r#""webhook-id""#,
        r#"\"params\":{\"sku\":\"A-17\"}"#,
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
}

#[wasm_bindgen_test]
async fn shows_the_request_to_the_page() {
    mock_fetch("answer", "{}");
    let scene = Scene::new(SHOP);
    on(&scene.page.host, "cuehook:request", |event: JsValue| {
        let detail = js_sys::Reflect::get(&event, &"detail".into()).unwrap();
        let headers = js_sys::Reflect::get(&detail, &"headers".into()).unwrap();
        js_sys::Reflect::set(&headers, &"authorization".into(), &"Bearer short".into()).unwrap();
        js_sys::Reflect::set(&headers, &"x-number".into(), &7.into()).unwrap();
    });
    scene.area().click();
    scene.until("settled", 1).await;
    restore_fetch();
    assert!(scene.field("request", "body").contains(r#"\"type\":\"webhook.executed\""#));
    let seen = seen();
    assert!(seen.contains(r#""authorization":"Bearer short""#), "{seen}");
    assert!(!seen.contains("x-number"), "{seen}");
}

#[wasm_bindgen_test]
async fn survives_hostile_and_unfit_headers() {
    for hostile in [true, false] {
        mock_fetch("answer", "{}");
        let scene = Scene::new(SHOP);
        on(&scene.page.host, "cuehook:request", move |event: JsValue| {
            let detail = js_sys::Reflect::get(&event, &"detail".into()).unwrap();
            let headers = if hostile {
                hostile_headers()
            } else {
                js_sys::JSON::parse(r#"{"no good\n": "value", "x-fine": "bad\nvalue"}"#).unwrap()
            };
            js_sys::Reflect::set(&detail, &"headers".into(), &headers).unwrap();
        });
        scene.area().click();
        scene.until("settled", 1).await;
        restore_fetch();
        let expected = if hostile { "\"ok\"" } else { "\"config-invalid\"" };
        assert_eq!(scene.field("settled", "outcome"), expected);
    }
}

#[wasm_bindgen_test]
async fn reports_what_comes_back() {
    assert_eq!(outcome("answer", "{\"a\":1}").await, "\"ok\"");
    assert_eq!(outcome("empty", "").await, "\"ok\"");
    assert_eq!(outcome("answer", "[1]").await, "\"bad-json\"");
    assert_eq!(outcome("answer", "OK").await, "\"bad-json\"");
    assert_eq!(outcome("answer", "").await, "\"ok\"");
    assert_eq!(outcome("text", "OK").await, "\"ok\"");
    assert_eq!(outcome("text", "{").await, "\"bad-json\"");
    assert_eq!(outcome("status", "404").await, "\"http-status\"");
}

#[wasm_bindgen_test]
async fn survives_rejections_with_anything() {
    for (kind, text) in
        [("string", "because"), ("undefined", ""), ("nonsense", ""), ("broken", ""), ("throw", "at once")]
    {
        assert_eq!(outcome(kind, text).await, "\"network\"", "{kind}");
    }
}

/// The body is decoded when it is read, which must not tie it to the life of the request.
#[wasm_bindgen_test]
async fn a_body_can_be_read_when_all_is_over() {
    mock_fetch("empty", "");
    let scene = Scene::new(SHOP);
    scene.area().click();
    scene.until("settled", 1).await;
    restore_fetch();
    scene.handle.destroy();
    let body = scene.field("request", "body");
    assert!(body.contains(r#"\"sku\":\"A-17\""#), "{body}");
    assert_eq!(scene.field("request", "body"), body);
}

#[wasm_bindgen_test]
async fn stops_reading_at_the_limit() {
    assert_eq!(outcome("endless", "").await, "\"too-large\"");
    let seen = seen();
    assert!(seen.contains(r#""cancelled":true"#), "{seen}");
}

#[wasm_bindgen_test]
async fn aborts_what_is_under_way() {
    mock_fetch("never", "");
    let scene = Scene::new(SHOP);
    let promise = scene.handle.execute("discount".into(), &JsValue::UNDEFINED);
    pause(20).await;
    scene.handle.destroy();
    assert_eq!(rejection(promise).await, "aborted");
    pause(20).await;
    restore_fetch();
    assert!(seen().contains(r#""aborted":true"#), "{}", seen());
    assert_eq!(scene.field("settled", "outcome"), "\"aborted\"");
}

#[wasm_bindgen_test]
async fn names_the_policy_that_refused() {
    forbid_connections();
    let scene = Scene::new(SHOP);
    scene.area().click();
    scene.until("settled", 1).await;
    assert_eq!(scene.field("settled", "outcome"), "\"csp\"");
}

#[wasm_bindgen_test]
async fn keeps_keys_of_answers_as_plain_data() {
    mock_fetch("answer", r#"{"__proto__":{"polluted":1},"constructor":2}"#);
    let scene = Scene::new(SHOP);
    scene.area().click();
    scene.until("settled", 1).await;
    restore_fetch();
    let variables = scene.handle.variables();
    assert_eq!(own_keys(&variables), "viewerName __proto__ constructor");
    assert!(js_sys::Reflect::get(&variables, &"polluted".into()).unwrap().is_undefined());
    let fresh = js_sys::Object::new();
    assert!(js_sys::Reflect::get(&fresh, &"polluted".into()).unwrap().is_undefined());
}
