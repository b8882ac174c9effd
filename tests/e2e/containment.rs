//! Overlays stay in their boxes, whatever classes an answer gives them, and the page's names do not disturb us.

use crate::page::Page;
use crate::support::{run, shop};
use serde_json::json;

const CARD: &str = "[data-cuehook-element=card]";

/// What a page's stylesheet may have, such as that of a framework.
const STYLES: &str = "const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        .fixed { position: fixed; } .absolute { position: absolute; } .sticky { position: sticky; }
        .inset-0 { inset: 0; } .z-50 { z-index: 50; } .screen { width: 100vw; height: 100vh; }
        .away { left: -600px; top: -600px; width: 3000px; height: 3000px; }
        .shadow { box-shadow: 0 0 0 3000px red; } .outline { outline: 3000px solid red; }
        .scale { scale: 100; } .red { background: red; }
    `);
    document.adoptedStyleSheets.push(sheet);";

/// Whether the overlay or something in it is hit outside of its box, or hides what lies outside. Looked at on a grid, by
/// what is hit.
const OUTSIDE: &str = "const overlay = document.querySelector('[data-cuehook-element=card]');
    const box = overlay.getBoundingClientRect();
    const wrong = [];
    for (let x = 5; x < innerWidth; x += 20) for (let y = 5; y < innerHeight; y += 20) {
        const inside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
        const hit = overlay.contains(document.elementFromPoint(x, y));
        if (hit && !inside) wrong.push([x, y]);
    }
    return [wrong.length, overlay.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2))]";

async fn laid(page: &Page) {
    let mut project = shop(&page.hook(""), json!({}));
    project["variables"] = json!({ "class": "" });
    project["elements"] = json!([
        { "id": "card", "kind": "html", "box": { "left": 30, "top": 30, "width": 30, "height": 30 },
          "source": "<p class=\"${class}\">Your code: LAKE</p><button data-action=\"say\">Say</button>",
          "actions": { "say": [{ "do": "callback", "name": "said" }] } },
    ]);
    page.open("/tests/stage.html").await;
    page.run(STYLES).await;
    page.lay(&project).await;
    page.until("return document.querySelector('.cuehook-html')?.checkVisibility()").await;
    // As long as something moves it, an element is what fixed positions inside refer to; so that has to be over.
    let ended = "return document.getAnimations().every(({ playState }) => playState === 'finished') ||
        Promise.all(document.getAnimations().map(({ finished }) => finished)).then(() => true)";
    page.until(ended).await;
    assert_eq!(page.run("return document.getAnimations().length").await, 0);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn classes_of_an_answer_keep_to_the_box() {
    run(async |page| {
        laid(page).await;
        page.run("document.querySelector('video').pause()").await;
        assert_eq!(page.red_outside(CARD).await, 0, "the film has no such red");
        for class in [
            "fixed inset-0 z-50 red",
            "fixed screen inset-0 z-50",
            "fixed away z-50 red",
            "absolute away z-50 red",
            "sticky screen away",
            "shadow",
            "outline",
            "scale red",
        ] {
            let set = "document.querySelector('cue-hook').handle.variables.set('class', arguments[0])";
            page.call(set, vec![class.into()]).await;
            assert_eq!(page.text("[data-cuehook-element=card] p").await, "Your code: LAKE");
            assert_eq!(
                page.run("return document.querySelector('[data-cuehook-element=card] p').className").await,
                class
            );
            assert_eq!(page.run(OUTSIDE).await, json!([0, true]), "{class}");
            assert_eq!(page.red_outside(CARD).await, 0, "{class}");
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn elements_of_the_page_with_our_names_do_no_harm() {
    run(async |page| {
        page.open("/tests/clobbered.html").await;
        page.until("return typeof Cuehook.attach === 'function'").await;
        page.lay(&shop(&page.hook(""), json!({}))).await;
        page.play().await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        assert_eq!(page.run("return [Cuehook.wasmUrl, Cuehook.fullWasmUrl]").await, json!([null, null]));
    });
}
