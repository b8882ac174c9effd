//! Where the stage lies over a real `<video>`.

use crate::support::*;
use cuehook::browser::exports::{Handle, attach};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::*;
use web_sys::HtmlElement;

struct Set {
    page: Page,
    video: HtmlElement,
    handle: Handle,
}

/// A video of 1600×900 in a box of 400×400, unless `style` says otherwise.
fn set(parent: &str, style: &str) -> Set {
    let page = Page::new();
    page.host.style().set_css_text(parent);
    let video = sized_video(1600, 900);
    video.style().set_css_text(&format!("display:block;width:400px;height:400px;{style}"));
    page.host.append_child(&video).unwrap();
    let handle = attach(page.host.clone().into(), video.clone().into(), SHOP, JsValue::UNDEFINED).unwrap();
    handle.start();
    Set { page, video, handle }
}

impl Drop for Set {
    fn drop(&mut self) {
        self.handle.destroy();
    }
}

#[wasm_bindgen_test]
fn lies_over_the_picture() {
    let relative = "position:relative;width:600px;height:500px;padding:7px";
    // parent, video, stage, area (25 % to 75 % of the picture)
    let table = [
        (relative, "", "0 88 400 225", "100 144 200 113"),
        (relative, "object-position:0 0", "0 0 400 225", "100 56 200 113"),
        (relative, "object-fit:cover", "0 0 400 400", "22 100 356 200"),
        (relative, "object-fit:fill", "0 0 400 400", "100 100 200 200"),
        (
            relative,
            "border:5px solid;padding:10px;box-sizing:content-box",
            "15 103 400 225",
            "115 159 200 113",
        ),
        ("position:static;margin:30px;width:600px", "", "0 88 400 225", "100 144 200 113"),
        ("position:static;transform:translate(9px,9px);width:600px", "", "0 88 400 225", "100 144 200 113"),
    ];
    for (parent, style, stage, area) in table {
        let set = set(parent, style);
        assert_eq!(place_of(&set.page.find(".cuehook-stage"), &set.video), stage, "stage: {parent} {style}");
        assert_eq!(place_of(&set.page.find(".cuehook-area"), &set.video), area, "area: {parent} {style}");
    }
}

#[wasm_bindgen_test]
async fn follows_a_video_that_is_pushed_elsewhere() {
    let set = set("position:relative;width:600px", "");
    let above = document().create_element("div").unwrap().unchecked_into::<HtmlElement>();
    above.style().set_css_text("height:70px");
    set.page.host.insert_before(&above, Some(&set.video)).unwrap();
    let stage = set.page.find(".cuehook-stage");
    comes_true(|| place_of(&stage, &set.video) == "0 88 400 225").await;
    assert_eq!(place_of(&stage, &set.video), "0 88 400 225");
}

#[wasm_bindgen_test]
fn is_scaled_with_its_parent() {
    let set = set("position:relative;width:600px;height:500px;transform:scale(.5);transform-origin:0 0", "");
    assert_eq!(place_of(&set.page.find(".cuehook-stage"), &set.video), "0 44 200 113");
}

#[wasm_bindgen_test]
async fn follows_the_size_of_the_video() {
    let set = set("position:relative;width:600px;height:500px", "");
    set.video.style().set_property("width", "200px").unwrap();
    let stage = set.page.find(".cuehook-stage");
    comes_true(|| place_of(&stage, &set.video) == "0 144 200 113").await;
    assert_eq!(place_of(&stage, &set.video), "0 144 200 113");
}

#[wasm_bindgen_test]
fn is_the_next_sibling_of_the_video() {
    let set = set("position:relative", "");
    let next = set.video.next_sibling();
    assert!(set.page.find(".cuehook-stage").is_same_node(next.as_ref()));
}

#[wasm_bindgen_test]
fn small_areas_can_be_hit() {
    let project = SHOP.replace("\"width\": 50, \"height\": 50", "\"width\": 0.5, \"height\": 0.5");
    let page = Page::new();
    let handle = attach(page.host.clone().into(), fake_media(), &project, JsValue::UNDEFINED).unwrap();
    handle.start();
    let place = place_of(&page.find(".cuehook-area"), &page.host);
    assert!(place.ends_with(" 24 24"), "{place}");
    handle.destroy();
}
