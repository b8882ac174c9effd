//! Listeners of `cuehook:*` that call back in.

use crate::support::*;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;

/// Runs `action` whenever the host dispatches `name`.
fn react(scene: &Scene, name: &str, action: impl Fn(JsValue) + 'static) {
    on(&scene.page.host, name, action);
}

#[wasm_bindgen_test]
fn listeners_may_set_variables() {
    let scene = Rc::new(Scene::silent(SHOP));
    let inner = Rc::downgrade(&scene);
    react(&scene, "cuehook:ready", move |_| {
        let scene = inner.upgrade().unwrap();
        scene.handle.set_variable("count".into(), &0.into()).unwrap();
        assert_eq!(scene.handle.variable("count"), JsValue::from(0));
    });
    let inner = Rc::downgrade(&scene);
    react(&scene, "cuehook:variablechange", move |_| {
        let scene = inner.upgrade().unwrap();
        let count = scene.handle.variable("count").as_f64().unwrap();
        if count < 20.0 {
            // The outer loop of effects is at work; what follows from this is appended to it.
            scene.handle.set_variable("count".into(), &(count + 1.0).into()).unwrap();
        }
    });
    scene.handle.start();
    assert_eq!(count_of(&scene.log, "variablechange"), 21);
    assert_eq!(scene.handle.variable("count"), JsValue::from(20));
    assert!(!scene.area().hidden());
}

#[wasm_bindgen_test]
async fn listeners_may_execute() {
    mock_fetch("answer", "{\"discountCode\":\"SPRING\"}");
    let scene = Rc::new(Scene::new(SHOP));
    let inner = Rc::downgrade(&scene);
    react(&scene, "cuehook:activate", move |_| {
        let scene = inner.upgrade().unwrap();
        let promise = scene.handle.execute("note".into(), &JsValue::NULL);
        scene.handle.set_variable("clicked".into(), &true.into()).unwrap();
        drop(promise);
    });
    scene.area().click();
    scene.until("settled", 2).await;
    restore_fetch();
    assert_eq!(scene.handle.variable("discountCode"), JsValue::from("SPRING"));
    assert_eq!(count_of(&scene.log, "request"), 2);
}

#[wasm_bindgen_test]
async fn listeners_may_destroy() {
    for name in
        ["ready", "show", "activate", "request", "pause", "hide", "settled", "variablechange", "destroy"]
    {
        mock_fetch("answer", "{\"a\":1}");
        let scene = Rc::new(Scene::silent(SHOP));
        let inner = Rc::downgrade(&scene);
        react(&scene, &format!("cuehook:{name}"), move |_| {
            if let Some(scene) = inner.upgrade() {
                scene.handle.destroy();
            }
        });
        let _ = scene.media.play();
        scene.handle.start();
        if scene.page.count(".cuehook-area") == 1 {
            scene.area().click();
        }
        pause(30).await;
        let _ = scene.handle.set_variable("b".into(), &2.into());
        scene.handle.destroy();
        assert_eq!(scene.page.count(".cuehook-stage"), 0, "{name}");
        assert_eq!(count_of(&scene.log, "destroy"), 1, "{name}: {}", names_of(&scene.log));
    }
    restore_fetch();
}

#[wasm_bindgen_test]
fn listeners_may_click_again() {
    let scene = Rc::new(Scene::new(SHOP));
    mock_fetch("never", "");
    let inner = Rc::downgrade(&scene);
    let left = Cell::new(3);
    react(&scene, "cuehook:activate", move |_| {
        left.set(left.get() - 1);
        if left.get() > 0 {
            click(&inner.upgrade().unwrap().area());
        }
    });
    click(&scene.area());
    restore_fetch();
    assert_eq!(count_of(&scene.log, "activate"), 2, "the third comes when the first counts: a double click");
}

#[wasm_bindgen_test]
fn listeners_may_prevent() {
    let scene = Scene::new(SHOP);
    react(&scene, "cuehook:activate", |event| event.unchecked_into::<web_sys::Event>().prevent_default());
    scene.area().click();
    assert_eq!(count_of(&scene.log, "activate"), 1);
    assert_eq!(count_of(&scene.log, "request"), 0);
}
