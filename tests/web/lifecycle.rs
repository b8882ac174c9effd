//! What an instance leaves behind: nothing.

use crate::support::*;
use cuehook::browser::exports::attach;
use cuehook::browser::media::MediaObject;
use cuehook::browser::runtime;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;

#[wasm_bindgen_test]
async fn leaves_nothing_behind() {
    let page = Page::new();
    let (instances, sheets_before) = (runtime::instances().len(), sheets());
    let leftovers = count_leftovers();
    let media = fake_media();
    for _ in 0..100 {
        let handle = attach(page.host.clone().into(), media.clone(), SHOP, JsValue::UNDEFINED).unwrap();
        handle.start();
        assert_eq!(page.count(".cuehook-stage"), 1);
        assert_eq!(sheets(), sheets_before + 1);
        handle.destroy();
        handle.destroy();
    }
    let left = leftovers.call0(&JsValue::UNDEFINED).unwrap().as_string().unwrap();
    assert_eq!(left, "0 listeners, 0 observers");
    assert_eq!(page.host.child_nodes().length(), 0);
    assert_eq!(runtime::instances().len(), instances);
    assert_eq!(sheets(), sheets_before);
}

#[wasm_bindgen_test]
fn leaves_nothing_at_a_media_element_that_was_replaced() {
    let page = Page::new();
    let other = Page::new();
    let sheets_before = sheets();
    let films = [sized_video(16, 9), sized_video(16, 9)];
    for film in &films {
        page.host.append_child(film).unwrap();
    }
    let media = |film: &web_sys::HtmlElement| Some(film.clone().unchecked_into::<MediaObject>());
    let (log, other_log) = (record(&page.host), record(&other.host));
    let leftovers = count_leftovers();
    let handle = attach(page.host.clone().into(), films[0].clone().into(), SHOP, JsValue::UNDEFINED).unwrap();
    handle.start();
    let stage = page.find(".cuehook-stage");
    let after = |film: &web_sys::HtmlElement| {
        film.next_element_sibling().is_some_and(|next| next.is_same_node(Some(&stage)))
    };
    assert!(after(&films[0]));
    // What the loader does: it puts the stage where it belongs, and tells.
    let go_to = |film: &web_sys::HtmlElement, host: &web_sys::Element| {
        handle.set_media(media(film), host.clone());
        film.after_with_node_1(&stage).unwrap();
        handle.placed(film);
    };
    for round in 0..10 {
        handle.set_media(None, page.host.clone().into());
        assert!(stage.hidden());
        let film = &films[(round + 1) % 2];
        go_to(film, &page.host);
        assert!(!stage.hidden() && after(film), "{round}");
        // The same one again.
        go_to(film, &page.host);
    }
    other.host.append_child(&films[0]).unwrap();
    go_to(&films[0], &other.host);
    handle.set_variable("moved".to_owned(), &JsValue::TRUE).unwrap();
    assert_eq!(
        (count_of(&log, "variablechange"), count_of(&other_log, "variablechange")),
        (0, 1),
        "the host moves along"
    );
    assert_eq!(count_of(&log, "error"), 0);
    handle.destroy();
    handle.set_media(media(&films[1]), page.host.clone().into());
    drop(handle);
    let left = leftovers.call0(&JsValue::UNDEFINED).unwrap().as_string().unwrap();
    assert_eq!(left, "0 listeners, 0 observers");
    assert_eq!(sheets(), sheets_before);
    assert_eq!(page.count(".cuehook-stage") + other.count(".cuehook-stage"), 0);
}

#[wasm_bindgen_test]
fn no_variable_more_than_there_may_be() {
    let scene = Scene::new(SHOP);
    for number in 1..1000 {
        scene.handle.set_variable(format!("v{number}"), &number.into()).unwrap();
    }
    let error = scene.handle.set_variable("one-more".into(), &1.into()).unwrap_err();
    assert_eq!(code(&error), "config-invalid");
    assert!(
        scene.handle.set_variable("viewerName".into(), &"Ada".into()).is_ok(),
        "what is there can change"
    );
}

#[wasm_bindgen_test]
async fn looks_at_nothing_after_destroy() {
    let scene = Scene::new(SHOP);
    let _ = scene.media.play();
    pause(50).await;
    scene.handle.destroy();
    let reads = scene.media.reads();
    pause(100).await;
    assert_eq!(scene.media.reads(), reads);
    assert_eq!(rejection(scene.handle.execute("discount".into(), &JsValue::UNDEFINED)).await, "aborted");
    assert_eq!(count_of(&scene.log, "destroy"), 1);
}

#[wasm_bindgen_test]
async fn follows_time_while_it_plays() {
    let scene = Scene::new(SHOP);
    pause(60).await;
    let reads = scene.media.reads();
    pause(60).await;
    assert_eq!(scene.media.reads(), reads, "nothing to look at while it stands still");
    let _ = scene.media.play();
    assert!(comes_true(|| scene.media.reads() > reads + 2).await);
    assert!(!scene.area().hidden());
    scene.media.goto(11.0);
    assert!(scene.area().hidden());
}

#[wasm_bindgen_test]
fn keeps_two_instances_apart() {
    let (one, other) = (Scene::new(SHOP), Scene::new(SHOP));
    one.handle.set_variable("viewerName".into(), &"Ada".into()).unwrap();
    assert_eq!(other.handle.variable("viewerName"), JsValue::from("guest"));
    assert_eq!(count_of(&other.log, "variablechange"), 0);
    let with_both = sheets();
    one.handle.destroy();
    assert_eq!(sheets(), with_both, "the other one still needs the stylesheet");
    other.area().click();
    assert_eq!(count_of(&other.log, "activate"), 1);
    assert_eq!(count_of(&one.log, "activate"), 0);
}

#[wasm_bindgen_test]
fn takes_another_project() {
    let scene = Scene::new(SHOP);
    scene.handle.set_variable("viewerName".into(), &"Ada".into()).unwrap();
    let other = SHOP.replace("get-code", "other-area");
    scene.handle.update(&other, None).unwrap();
    assert_eq!(scene.area().get_attribute("data-cuehook-element").unwrap(), "other-area");
    assert_eq!(scene.page.count(".cuehook-area"), 1);
    assert_eq!(scene.handle.variable("viewerName"), JsValue::from("Ada"));
    let error = scene.handle.update("{", None).unwrap_err();
    assert_eq!(code(&error), "config-invalid");
    assert_eq!(scene.page.count(".cuehook-area"), 1, "the old project goes on");
}

/// What must be known outside of the module when it has failed.
#[wasm_bindgen_test]
async fn writes_down_what_it_leaves_behind() {
    let page = Page::new();
    let media = fake_media();
    let (options, ledger) = (js_sys::Object::new(), js_sys::Object::new());
    js_sys::Reflect::set(&options, &"ledger".into(), &ledger).unwrap();
    let handle = attach(page.host.clone().into(), media.clone(), SHOP, options.into()).unwrap();
    handle.start();
    let written = |name: &str| js_sys::Reflect::get(&ledger, &name.into()).unwrap();
    assert!(written("stage") == JsValue::from(page.find(".cuehook-stage")));
    let media: Fake = media.unchecked_into();
    for (how_it_ends, held) in [("answer", false), ("never", true), ("played", false)] {
        // Not a double click.
        pause(520).await;
        let _ = media.play();
        mock_fetch(if how_it_ends == "answer" { "answer" } else { "never" }, "{}");
        page.find(".cuehook-area").click();
        assert!(media.paused());
        assert!(written("isHeld").is_truthy(), "{how_it_ends}");
        pause(50).await;
        if how_it_ends == "played" {
            let _ = media.play();
        }
        assert_eq!(written("isHeld").is_truthy(), held, "{how_it_ends}");
        restore_fetch();
        if how_it_ends == "never" {
            handle.update(SHOP, None).unwrap();
            assert!(!written("isHeld").is_truthy(), "the update has let go of it");
        }
    }
    handle.destroy();
}
