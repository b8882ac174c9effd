//! What lies over a small picture can be read and hit.

use crate::page::Page;
use crate::support::run;
use serde_json::{Value, json};

/// Overlays with everything that makes letters small, and buttons side by side.
fn project() -> Value {
    let frame = |left: u32, top: u32| json!({ "left": left, "top": top, "width": 30, "height": 12 });
    let long = "Many words that do not fit into a box of this size, which is as small as boxes on phones are";
    json!({
        "cuehook": 1,
        "video": { "id": "lake" },
        "variables": { "size": "9px", "word": "x-small" },
        "elements": [
            { "id": "area", "kind": "area", "label": "Area",
                "box": { "left": 41, "top": 30, "width": 18, "height": 12 } },
            { "id": "tags", "kind": "html", "box": frame(2, 2), "source":
                "<small>small <small>and smaller</small></small> a<sub>sub</sub><sup>sup</sup><h6>h6</h6><h5>h5</h5>\
                 <code>code</code><pre>pre</pre><kbd>kbd</kbd><table><tbody><tr><td>cell</td></tr></tbody></table><button data-action=\"no\">Yes</button>",
                "actions": { "no": [] } },
            { "id": "styles", "kind": "html", "box": frame(60, 2), "source":
                "<p style=\"font-size: 7px\">px</p><p style=\"font-size: .5em\">em</p><p style=\"font-size: 60%\">percent</p>\
                 <p style=\"font-size: xx-small\">keyword</p><p style=\"font-size: smaller\">smaller</p><p style=\"font: 8px serif\">font</p>\
                 <p style=\"font-size: ${size}\">value</p><p style=\"font-size: ${word}\">word</p>\
                 <p style=\"font-size: 20px\" class=\"large\">large</p>" },
            { "id": "low", "kind": "html", "box": frame(66, 86), "source": format!("<p>{long}</p>") },
            { "id": "buttons", "kind": "html", "box": frame(2, 60), "actions": { "a": [] }, "source":
                "<button data-action=\"a\">A</button><button data-action=\"a\">B</button> <button data-action=\"a\">C</button>" }
        ]
    })
}

async fn narrow(page: &Page, direction: &str) {
    page.resize(320, 700).await;
    page.open("/tests/stage.html").await;
    page.call(
        "document.documentElement.dir = arguments[0]; document.querySelector('main').style.width = '100%'",
        vec![direction.into()],
    )
    .await;
    page.lay(&project()).await;
    page.play().await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn no_letters_are_below_12_pixels() {
    run(async |page| {
        narrow(page, "ltr").await;
        let script = "const small = [];
            const walker = document.createTreeWalker(document.querySelector('.cuehook-stage'), NodeFilter.SHOW_TEXT);
            let count = 0;
            while (walker.nextNode()) {
                const { parentElement, data } = walker.currentNode;
                if (!data.trim() || !parentElement.checkVisibility()) continue;
                count += 1;
                const size = parseFloat(getComputedStyle(parentElement).fontSize);
                if (size < 12) small.push(`${data}: ${size}`);
            }
            return [count > 15, small, getComputedStyle(document.querySelector('.large')).fontSize]";
        assert_eq!(page.run(script).await, json!([true, [], "20px"]));
        page.run(
            "const { variables } = document.querySelector('cue-hook').handle;
            variables.set('size', '30px'); variables.set('word', 'xx-large')",
        )
        .await;
        let sizes = "return [...document.querySelectorAll('[data-cuehook-element=styles] p')].slice(6, 8)
            .map((node) => parseFloat(getComputedStyle(node).fontSize))";
        assert_eq!(page.run(sizes).await, json!([30, 32]));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn targets_are_24_pixels_and_apart() {
    run(async |page| {
        narrow(page, "ltr").await;
        let script = "const boxes = [...document.querySelectorAll('.cuehook-stage button')]
                .filter((node) => node.checkVisibility()).map((node) => node.getBoundingClientRect());
            const small = boxes.filter(({ width, height }) => width < 24 || height < 24).length;
            const apart = boxes.every((a, i) => boxes.every((b, j) => i === j
                || a.right + 2 <= b.left || b.right + 2 <= a.left || a.bottom + 2 <= b.top || b.bottom + 2 <= a.top));
            return [boxes.length > 4, small, apart]";
        assert_eq!(page.run(script).await, json!([true, 0, true]));
    });
}

/// Boxes grow, and what is more than the picture scrolls.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn boxes_on_a_small_picture_hold_their_text() {
    run(async |page| {
        for direction in ["ltr", "rtl"] {
            narrow(page, direction).await;
            let script = "const picture = document.querySelector('.cuehook-picture').getBoundingClientRect();
                const outside = [...document.querySelectorAll('.cuehook-html')].filter((node) => {
                    const { left, top, right, bottom } = node.getBoundingClientRect();
                    return left < picture.left - 1 || top < picture.top - 1
                        || right > picture.right + 1 || bottom > picture.bottom + 1;
                }).map((node) => node.dataset.cuehookElement);
                const low = document.querySelector('[data-cuehook-element=low]');
                const root = document.documentElement;
                return [outside, low.scrollHeight <= low.clientHeight + 1, low.offsetWidth >= 110,
                    root.scrollWidth <= 320]";
            page.until(
                "return document.getAnimations().every((animation) => animation.playState === 'finished'
                    || animation.animationName === 'cuehook-hint')",
            )
            .await;
            assert_eq!(page.run(script).await, json!([[], true, true, true]), "{direction}");
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_notice_does_not_cover_what_has_focus() {
    run(async |page| {
        page.expect_problem("status of 500");
        let mut project = project();
        project["webhooks"] = json!([{ "id": "broken", "url": page.hook("status=500"), "retries": 0 }]);
        project["elements"] = json!([{
            "id": "high", "kind": "area", "label": "High", "box": { "left": 45, "top": 3, "width": 10, "height": 6 },
            "onClick": [{ "do": "executeWebhook", "webhook": "broken" }]
        }]);
        page.stage(&project).await;
        page.run("document.querySelector('#before').focus()").await;
        page.tab_to("high").await;
        page.press(crate::page::ENTER).await;
        page.until("return document.querySelector('.cuehook-failed')").await;
        let covered = "const a = document.activeElement.getBoundingClientRect();
            const b = document.querySelector('.cuehook-notice').getBoundingClientRect();
            return [document.activeElement.dataset.cuehookElement,
                a.left < b.right && a.right > b.left && a.top < b.bottom && a.bottom > b.top]";
        assert_eq!(page.run(covered).await, json!(["high", false]));
        page.run("document.querySelector('#after').focus()").await;
    });
}
