//! Areas and overlays by keyboard.

use crate::page::{ENTER, Page, SPACE, TAB};
use crate::support::{run, shop};
use serde_json::json;

/// Counts what reaches the element around the stage, where players listen.
const LISTEN: &str = "seen.leaks = [];
    for (const name of ['keydown', 'keyup', 'keypress', 'click', 'dblclick', 'pointerdown', 'pointerup'])
        document.querySelector('cue-hook').addEventListener(name, (event) => {
            if (event.key !== 'Tab') seen.leaks.push(`${event.type} ${event.key}`);
        })";

async fn by_key(page: &Page, key: char) {
    page.stage(&shop(&page.hook("hold=1"), json!({}))).await;
    page.run("document.querySelector('#before').focus()").await;
    page.tab_to("get-code").await;
    page.run(LISTEN).await;
    assert_eq!(page.run("return document.activeElement.matches(':focus-visible')").await, true);
    page.press(key).await;
    page.event("pause").await;
    page.assert_standing().await;
    page.release(1).await;
    assert_eq!(page.event("settled").await["outcome"], "ok");
    page.until_playing().await;
    assert_eq!(page.events("activate").await.len(), 1);
    assert_eq!(page.posts().await.len(), 1);
    assert_eq!(page.focused().await, "get-code");
    assert_eq!(page.run("return seen.leaks").await, json!([]));
    assert_eq!(page.run("return scrollY").await, 0);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn enter_activates_an_area_once() {
    run(async |page| by_key(page, ENTER).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn space_activates_an_area_once() {
    run(async |page| by_key(page, SPACE).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn clicks_do_not_reach_the_player() {
    run(async |page| {
        page.stage(&shop(&page.hook("delay=500"), json!({}))).await;
        page.run(LISTEN).await;
        page.double_click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
        assert_eq!(page.run("return seen.leaks").await, json!([]));
        page.click("[data-cuehook-element=code]").await;
        assert_eq!(page.run("return seen.leaks").await, json!([]), "nor those on an overlay");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn clicks_beside_the_areas_reach_the_video() {
    run(async |page| {
        page.stage(&shop(&page.hook(""), json!({}))).await;
        let script = "const v = document.querySelector('video').getBoundingClientRect();
            return document.elementFromPoint(v.left + 8, v.top + v.height * 0.5).localName";
        assert_eq!(page.run(script).await, "video");
    });
}

/// An overlay that can be clicked is a button for the keyboard, too.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_overlay_with_a_click_is_a_button() {
    run(async |page| {
        let mut project = shop(&page.hook(""), json!({}));
        project["elements"] = json!([{
            "id": "card", "kind": "html", "label": "Count", "box": { "left": 20, "top": 20, "width": 40, "height": 40 },
            "source": "<p>Count</p><a href=\"#here\">Link</a>",
            "onClick": [{ "do": "callback", "name": "card" }]
        }]);
        page.stage(&project).await;
        page.run(LISTEN).await;
        page.run("document.querySelector('#before').focus()").await;
        page.tab_to("card").await;
        let role = "return document.activeElement.getAttribute('role')";
        assert_eq!(page.run(role).await, "button");
        page.press(ENTER).await;
        page.event("callback").await;
        page.press(SPACE).await;
        page.nth_event("callback", 2).await;
        page.click("[data-cuehook-element=card] p").await;
        page.nth_event("callback", 3).await;
        page.click("[data-cuehook-element=card] a").await;
        assert_eq!(page.run("return location.hash").await, "#here", "a link inside stays a link");
        assert_eq!(page.events("callback").await.len(), 3);
        assert_eq!(page.run("return seen.leaks").await, json!([]));
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_area_with_focus_outstays_its_time() {
    run(async |page| {
        let mut project = shop(&page.hook(""), json!({}));
        for (element, to) in [("get-code", 20), ("code", 20)] {
            let elements = project["elements"].as_array_mut().unwrap();
            elements.iter_mut().find(|other| other["id"] == element).unwrap()["to"] = json!(to);
        }
        page.stage(&project).await;
        page.run("document.querySelector('#before').focus()").await;
        page.tab_to("get-code").await;
        page.run("document.querySelector('video').currentTime = 19.8").await;
        page.until("return document.querySelector('video').currentTime > 20.3").await;
        assert!(!page.is_visible("[data-cuehook-element=code]").await, "its time is over");
        assert!(page.is_visible("[data-cuehook-element=get-code]").await, "it has focus");
        assert_eq!(page.focused().await, "get-code");
        page.press(ENTER).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
        page.run("document.querySelector('#after').focus()").await;
        page.until("return document.querySelector('[data-cuehook-element=get-code]').hidden").await;
        assert_eq!(page.focused().await, "after");
    });
}

/// The answer takes the button away that asked for it.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_update_that_takes_the_button_leaves_focus_in_the_overlay() {
    run(async |page| {
        let mut project = shop(&page.hook("delay=600"), json!({}));
        let get = "<button data-execute-webhook=\"discount\">Get it</button>";
        let source = |rest: &str| {
            format!(
                "<p>Code</p>{{% if discountCode %}}<b>${{discountCode}}</b>{{% else %}}{get}{{% endif %}}{rest}"
            )
        };
        let overlay = |id: &str, top: u32, source: String| {
            json!({ "id": id, "kind": "html", "box": { "left": 10, "top": top, "width": 50, "height": 30 },
                "source": source, "actions": { "say": [] } })
        };
        project["elements"] = json!([
            overlay("two", 5, source("<button data-action=\"say\">Other</button>")),
            overlay("one", 45, source("")),
        ]);
        page.stage(&project).await;
        for (overlay, then) in [("two", "Other"), ("one", "one")] {
            page.run("document.querySelector('cue-hook').handle.variables.set('discountCode', '')").await;
            page.run("document.querySelector('#before').focus()").await;
            page.until(&format!("return document.querySelector('[data-cuehook-element={overlay}] button')"))
                .await;
            for _ in 0..20 {
                let there = format!(
                    "return document.activeElement === document.querySelector('[data-cuehook-element={overlay}] button')"
                );
                if page.run(&there).await == true {
                    break;
                }
                page.press(TAB).await;
            }
            let settled = page.events("settled").await.len();
            page.press(ENTER).await;
            assert_eq!(page.nth_event("settled", settled + 1).await["outcome"], "ok");
            page.until(&format!("return document.querySelector('[data-cuehook-element={overlay}] b')")).await;
            let focused = "const { dataset, textContent } = document.activeElement; return dataset.cuehookElement ?? textContent";
            assert_eq!(page.run(focused).await, then);
            page.until_playing().await;
        }
    });
}
