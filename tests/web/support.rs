//! Helpers: a page with a host, a fake media element, a recorder of events.

use cuehook::browser::exports::{Handle, attach};
use js_sys::Promise;
use std::cell::Cell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, HtmlElement};

#[wasm_bindgen(module = "/tests/web/support.js")]
extern "C" {
    fn take_uncaught() -> String;
    pub fn fake_media() -> JsValue;
    pub fn count_leftovers() -> js_sys::Function;
    pub fn record(host: &Element) -> JsValue;
    pub fn names_of(log: &JsValue) -> String;
    pub fn count_of(log: &JsValue, name: &str) -> usize;
    pub fn field_of(log: &JsValue, name: &str, field: &str) -> String;
    #[wasm_bindgen(js_name = on)]
    fn add_listener(host: &Element, name: &str, listener: &Closure<dyn Fn(JsValue)>);
    pub fn mock_fetch(kind: &str, text: &str);
    pub fn restore_fetch();
    pub fn seen() -> String;
    pub fn wait(milliseconds: u32) -> Promise;
    pub fn forbid_connections();
    pub fn sized_video(width: u32, height: u32) -> HtmlElement;
    pub fn place_of(element: &Element, reference: &Element) -> String;
    pub fn own_keys(object: &JsValue) -> String;
    pub fn sheets() -> usize;
    pub fn key(element: &Element, kind: &str, name: &str) -> bool;
    pub fn click(element: &Element);
    pub fn was_loaded(part: &str) -> bool;
    pub fn circular() -> JsValue;
    pub fn nested(depth: u32) -> JsValue;
    pub fn hostile_headers() -> JsValue;
    pub fn is_plain(object: &JsValue) -> bool;
    pub fn polluted_copies(object: &JsValue) -> String;
    pub fn count_parsed() -> js_sys::Function;
    pub fn rules_of(css: &str) -> String;

    #[derive(Debug)]
    pub type Fake;
    #[wasm_bindgen(method)]
    pub fn goto(this: &Fake, time: f64);
    #[wasm_bindgen(method)]
    pub fn play(this: &Fake) -> JsValue;
    #[wasm_bindgen(method, setter)]
    pub fn set_next(this: &Fake, next: &str);
    #[wasm_bindgen(method, getter)]
    pub fn calls(this: &Fake) -> js_sys::Array;
    #[wasm_bindgen(method, getter)]
    pub fn paused(this: &Fake) -> bool;
    #[wasm_bindgen(method, getter)]
    pub fn reads(this: &Fake) -> u32;
}

pub fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static FAILED: Cell<bool> = const { Cell::new(false) };
}

/// Fails if something went wrong on the page that nobody has caught: in this test, or since the one before ended.
fn assert_nothing_uncaught() {
    let uncaught = take_uncaught();
    // A test that has failed already says so itself, and the hook for panics is no place for another one.
    if !FAILED.get() {
        assert_eq!(uncaught, "", "uncaught on the page");
    }
}

/// A `<div>` in the page that goes away with the value.
#[derive(Debug)]
pub struct Page {
    pub host: HtmlElement,
}

impl Page {
    pub fn new() -> Page {
        if !WATCHED.replace(true) {
            cuehook::browser::panic::leave_alone();
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                FAILED.set(true);
                previous(info);
            }));
        }
        if FAILED.replace(false) {
            // The test before this one has failed; this one starts anew.
            for instance in cuehook::browser::runtime::instances() {
                instance.input(cuehook::engine::Input::Destroy);
            }
            take_uncaught();
        }
        assert_nothing_uncaught();
        let host: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        host.style().set_css_text("position:relative;width:640px;height:360px");
        document().body().unwrap().append_child(&host).unwrap();
        Page { host }
    }

    pub fn find(&self, selector: &str) -> HtmlElement {
        self.host.query_selector(selector).unwrap().expect(selector).unchecked_into()
    }

    pub fn count(&self, selector: &str) -> u32 {
        self.host.query_selector_all(selector).unwrap().length()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.host.remove();
        assert_nothing_uncaught();
    }
}

/// An instance over a fake media element.
#[derive(Debug)]
pub struct Scene {
    pub page: Page,
    pub media: Fake,
    pub log: JsValue,
    pub handle: Handle,
}

impl Scene {
    /// Attached and started.
    pub fn new(project: &str) -> Scene {
        let scene = Scene::silent(project);
        scene.handle.start();
        scene
    }

    /// Attached, not started yet.
    pub fn silent(project: &str) -> Scene {
        let page = Page::new();
        let log = record(&page.host);
        let media = fake_media();
        let handle = attach(page.host.clone().into(), media.clone(), project, JsValue::UNDEFINED)
            .unwrap_or_else(|error| panic!("{error:?}"));
        Scene { page, media: media.unchecked_into(), log, handle }
    }

    pub fn area(&self) -> HtmlElement {
        self.page.find(".cuehook-area")
    }

    /// Waits until an event of that name has come so many times.
    pub async fn until(&self, name: &str, times: usize) {
        if !comes_true(|| count_of(&self.log, name) >= times).await {
            panic!("no {name} in: {}", names_of(&self.log));
        }
    }

    pub fn field(&self, event: &str, field: &str) -> String {
        field_of(&self.log, event, field)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.handle.destroy();
    }
}

/// Listens to an event of the host for the rest of the page's life.
pub fn on(host: &Element, name: &str, listener: impl Fn(JsValue) + 'static) {
    let closure = Closure::<dyn Fn(JsValue)>::new(listener);
    add_listener(host, name, &closure);
    closure.forget();
}

/// Waits until something is so, and says whether it is. It waits long because machines may be busy.
pub async fn comes_true(mut is_so: impl FnMut() -> bool) -> bool {
    for _ in 0..1_000 {
        if is_so() {
            return true;
        }
        pause(20).await;
    }
    false
}

pub async fn pause(milliseconds: u32) {
    JsFuture::from(wait(milliseconds)).await.unwrap();
    assert_nothing_uncaught();
}

/// `code` of a rejected promise or of an error.
pub fn code(error: &JsValue) -> String {
    assert!(error.is_instance_of::<js_sys::Error>(), "{error:?}");
    js_sys::Reflect::get(error, &"code".into()).unwrap().as_string().unwrap_or_default()
}

pub async fn rejection(promise: Promise) -> String {
    code(&JsFuture::from(promise).await.expect_err("fulfilled"))
}

/// One area that runs a waiting webhook, and an overlay that shows the answer.
pub const SHOP: &str = r#"{
    "cuehook": 1,
    "video": { "id": "shop" },
    "variables": { "viewerName": "guest" },
    "webhooks": [
        { "id": "discount", "url": "https://shop.example/hook?a=1", "waitForResponse": true, "retries": 0,
          "headers": [{ "name": "X-Shop", "value": "spring" }] },
        { "id": "note", "url": "hooks/note", "retries": 0 }
    ],
    "elements": [
        { "id": "get-code", "kind": "area", "label": "Get my code", "to": 10,
          "box": { "left": 25, "top": 25, "width": 50, "height": 50 },
          "onClick": [{ "do": "executeWebhook", "webhook": "discount", "params": { "sku": "A-17" } },
                      { "do": "show", "element": "card" }] },
        { "id": "card", "kind": "html", "visible": false, "label": "Card", "source": "<p>Code: ${discountCode! -}</p>",
          "box": { "left": 0, "top": 80, "width": 100, "height": 20 },
          "onClick": [{ "do": "callback", "name": "card", "value": 7 }] }
    ]
}"#;
