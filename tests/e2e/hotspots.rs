//! Areas: how they show that they are there, where they move, and what a click on a link counts as.

use crate::page::{ENTER, Page, body};
use crate::support::run;
use serde_json::{Value, json};

const AREA: &str = "[data-cuehook-element=boat]";

fn project(area: Value) -> Value {
    let mut element = json!({ "id": "boat", "kind": "area", "label": "The boat" });
    for (name, value) in area.as_object().unwrap() {
        element[name] = value.clone();
    }
    json!({ "cuehook": 1, "video": { "id": "lake" }, "elements": [element] })
}

/// From 2 s to 12 s it goes to the right and down, and grows.
fn moving() -> Value {
    project(json!({
        "onClick": [{ "do": "callback", "name": "boat" }],
        "path": [
            { "at": 2, "box": { "left": 10, "top": 10, "width": 20, "height": 30 } },
            { "at": 12, "box": { "left": 50, "top": 30, "width": 30, "height": 40 } },
        ]
    }))
}

/// Stops the film at a time, and waits until the area is at these percentages of the picture (16 to 9, in the middle).
async fn stands_at(page: &Page, seconds: f64, expected: [f64; 4]) {
    page.run(&format!("const v = document.querySelector('video'); v.pause(); v.currentTime = {seconds}"))
        .await;
    let script = format!(
        "const v = document.querySelector('video').getBoundingClientRect();
         const a = document.querySelector('{AREA}').getBoundingClientRect();
         const width = Math.min(v.width, v.height * 16 / 9), height = width * 9 / 16;
         const left = v.left + (v.width - width) / 2, top = v.top + (v.height - height) / 2;
         const at = [(a.left - left) / width, (a.top - top) / height, a.width / width, a.height / height];
         return at.every((side, index) => Math.abs(side * 100 - {expected:?}[index]) < 0.3) && at"
    );
    page.until(&script).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_moving_area_is_where_its_path_says() {
    run(async |page| {
        for class in ["", "square"] {
            page.open("/tests/stage.html").await;
            page.lay_with(&moving(), json!({}), class).await;
            page.until("return document.querySelector('cue-hook[ready]')").await;
            page.until("return document.querySelector('video').readyState >= 2").await;
            // Native controls would take the lowest part of it away. They are looked for when the pointer moves.
            page.run("document.querySelector('video').controls = false").await;
            page.run("document.querySelector('.cuehook-stage').dispatchEvent(new Event('pointermove'))")
                .await;
            page.until("return !document.querySelector('.cuehook-stage').hasAttribute('data-controls')")
                .await;
            stands_at(page, 0.5, [10.0, 10.0, 20.0, 30.0]).await;
            stands_at(page, 7.0, [30.0, 20.0, 25.0, 35.0]).await;
            stands_at(page, 4.5, [20.0, 15.0, 22.5, 32.5]).await;
            stands_at(page, 15.0, [50.0, 30.0, 30.0, 40.0]).await;
            stands_at(page, 2.0, [10.0, 10.0, 20.0, 30.0]).await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_moving_area_ends_where_native_controls_begin() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let mut project = moving();
        project["elements"][0]["path"][1]["box"] =
            json!({ "left": 50, "top": 60, "width": 30, "height": 40 });
        page.lay(&project).await;
        page.run("document.querySelector('video').currentTime = 12").await;
        let bottom = format!(
            "const [a, v] = ['{AREA}', 'video'].map((css) => document.querySelector(css).getBoundingClientRect());
             return Math.abs(a.top - v.top - v.height * 0.6) < 1 && Math.abs(v.bottom - a.bottom - 72) < 1"
        );
        page.until(&bottom).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_moving_area_can_be_clicked_while_it_moves_and_keeps_focus() {
    run(async |page| {
        page.stage(&moving()).await;
        page.until("return document.querySelector('video').currentTime > 2.5").await;
        page.run("document.querySelector('#before').focus()").await;
        page.tab_to("boat").await;
        let left = format!("return document.querySelector('{AREA}').getBoundingClientRect().left");
        let before = page.run(&left).await.as_f64().unwrap();
        page.until(&format!(
            "return document.querySelector('{AREA}').getBoundingClientRect().left > {before} + 10"
        ))
        .await;
        assert_eq!(page.focused().await, "boat");
        page.client().find(fantoccini::Locator::Css(AREA)).await.unwrap().click().await.unwrap();
        assert_eq!(page.event("callback").await["name"], "boat");
        page.until_playing().await;
        page.press(ENTER).await;
        page.nth_event("callback", 2).await;
        assert_eq!(page.focused().await, "boat");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_caption_is_read_and_stays_on_the_picture() {
    run(async |page| {
        page.resize(320, 640).await;
        let label = "A boat that is for hire from the first of May until the last days of autumn";
        for (left, top) in [(0, 0), (95, 0), (0, 60), (95, 60), (47, 30)] {
            let area = json!({ "label": label, "look": "label",
                "box": { "left": left, "top": top, "width": 5, "height": 10 } });
            page.open("/tests/stage.html").await;
            page.run("document.querySelector('main').style.width = '100%'").await;
            page.lay(&project(area)).await;
            let script = format!(
                "const caption = document.querySelector('{AREA} > .cuehook-caption');
                 const [c, p] = [caption, document.querySelector('.cuehook-picture')].map((n) => n.getBoundingClientRect());
                 return {{ text: caption.textContent, size: parseFloat(getComputedStyle(caption).fontSize),
                     inside: c.left >= p.left - 1 && c.right <= p.right + 1 && c.top >= p.top - 1, wide: c.width > 100,
                     page: document.documentElement.scrollWidth <= innerWidth,
                     name: caption.parentNode.getAttribute('aria-label') }}"
            );
            let seen = page.run(&script).await;
            assert_eq!(seen["text"], label);
            assert_eq!(seen["name"], label);
            assert!(seen["size"].as_f64().unwrap() >= 12.0, "{seen}");
            for what in ["inside", "wide", "page"] {
                assert_eq!(seen[what], true, "{what} at {left}, {top}: {seen}");
            }
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn looks_and_icons() {
    run(async |page| {
        let frame = json!({ "left": 20, "top": 20, "width": 30, "height": 30 });
        let dot = format!(
            "const style = getComputedStyle(document.querySelector('{AREA}'), '::after');
             return [style.content !== 'none' && style.display !== 'none', style.animationName !== 'none', parseFloat(style.width)]"
        );
        for (look, shown, moves, width) in [
            ("pulse", true, true, Some(14)),
            ("dot", true, false, Some(14)),
            ("frame", true, false, None),
            ("none", false, false, None),
        ] {
            page.open("/tests/stage.html").await;
            page.lay(&project(json!({ "look": look, "box": frame }))).await;
            let seen = page.run(&dot).await;
            assert_eq!((&seen[0], &seen[1]), (&json!(shown), &json!(moves)), "{look}: {seen}");
            assert!(width.is_none_or(|width| seen[2] == json!(width)), "{look}: {seen}");
            assert!(page.is_visible(AREA).await, "{look} can be clicked");
        }
        let icon = "<svg viewBox=\"0 0 24 24\"><path d=\"M4 12h16\"/></svg>";
        for (box_size, most) in [(30, 48.0), (3, 24.0)] {
            let frame = json!({ "left": 20, "top": 20, "width": box_size, "height": box_size });
            page.open("/tests/stage.html").await;
            page.lay(&project(json!({ "icon": icon, "box": frame }))).await;
            let script = format!(
                "const icon = document.querySelector('{AREA} > .cuehook-icon'), drawing = icon.firstElementChild;
                 const [i, a] = [icon, icon.parentNode].map((node) => node.getBoundingClientRect());
                 return [icon.getAttribute('aria-hidden'), drawing.namespaceURI, drawing.getBoundingClientRect().width > 8, i.width,
                     Math.abs(i.left + i.right - a.left - a.right) < 1 && Math.abs(i.top + i.bottom - a.top - a.bottom) < 1,
                     getComputedStyle(icon.parentNode, '::after').content]"
            );
            let seen = page.run(&script).await;
            let drawn = [json!("true"), json!("http://www.w3.org/2000/svg"), json!(true)];
            assert_eq!(seen.as_array().unwrap()[..3], drawn, "{seen}");
            assert!(seen[3].as_f64().unwrap() <= most, "{seen}");
            assert_eq!((&seen[4], &seen[5]), (&json!(true), &json!("none")), "{seen}");
            page.run("document.querySelector('cue-hook').style.setProperty('--cuehook-hint', 'none')").await;
            assert!(!page.is_visible(&format!("{AREA} > .cuehook-icon")).await);
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn links_that_count_are_told() {
    run(async |page| {
        let link =
            "<p><a href=\"#offers\" data-records=\"cta\">Our offers</a> <a href=\"#plain\">Plain</a></p>";
        page.stage(&json!({
            "cuehook": 1, "video": { "id": "lake" }, "webhooks": [{ "id": "seen", "url": page.hook("") }],
            "elements": [
                { "id": "links", "kind": "html", "box": { "left": 5, "top": 5, "width": 60, "height": 30 }, "source": link },
                { "id": "boat", "kind": "area", "label": "The boat", "records": "annotation",
                  "box": { "left": 30, "top": 50, "width": 30, "height": 20 },
                  "onClick": [{ "do": "executeWebhook", "webhook": "seen" }] },
            ]
        }))
        .await;
        page.click("a[href='#plain']").await;
        page.click("a[href='#offers']").await;
        page.until("return location.hash === '#offers'").await;
        page.run("location.hash = ''; document.querySelector('a[data-records]').focus()").await;
        page.press(ENTER).await;
        page.until("return location.hash === '#offers'").await;
        page.click(AREA).await;
        page.event("settled").await;
        let sent = body(&page.posts().await[0]);
        let told: Vec<Value> = sent["interactions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| json!([one["type"], one["element"], one["label"], one["records"], one["url"]]))
            .collect();
        let link = json!([
            "click",
            "links",
            "Our offers",
            "cta",
            format!("{}/tests/stage.html#offers", page.server())
        ]);
        assert_eq!(told, [link.clone(), link, json!(["click", "boat", "The boat", "annotation", null])]);
    });
}
