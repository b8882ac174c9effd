//! What viewers may set for themselves: pausing at every interaction, and a list of all of them.

use crate::page::{ENTER, ESCAPE, Page, SPACE, TAB};
use crate::support::run;
use serde_json::{Value, json};

const BUTTON: &str = ".cuehook-options-button";
const PANEL: &str = ".cuehook-panel";

fn project(options: Value) -> Value {
    let at = |left: u32| json!({ "left": left, "top": 40, "width": 20, "height": 20 });
    json!({
        "cuehook": 1, "video": { "id": "lake" }, "viewerOptions": options,
        "elements": [
            { "id": "tent", "kind": "area", "label": "The tent", "from": 2, "to": 6, "box": at(10) },
            { "id": "boat", "kind": "area", "label": "The boat", "from": 10, "to": 14, "box": at(40) },
            { "id": "told", "kind": "html", "source": "<p>Nothing to do here</p>", "box": at(70) },
            { "id": "later", "kind": "area", "label": "Not yet", "visible": false, "box": at(70) },
        ]
    })
}

async fn expanded(page: &Page) -> bool {
    let expanded =
        page.run(&format!("return document.querySelector('{BUTTON}').getAttribute('aria-expanded')")).await;
    let shown = page.is_visible(PANEL).await;
    assert_eq!(expanded, if shown { "true" } else { "false" });
    shown
}

async fn listed(page: &Page) -> Value {
    page.run(&format!("return [...document.querySelectorAll('{PANEL} li button')].map((b) => b.textContent)"))
        .await
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn settings_are_offered_by_the_document_or_the_page_only() {
    run(async |page| {
        for (options, attribute, pause, list) in [
            (json!([]), None, false, false),
            (json!(["pause"]), None, true, false),
            (json!([]), Some("list"), false, true),
            (json!(["pause"]), Some("list pause"), true, true),
        ] {
            page.open("/tests/stage.html").await;
            let attributes = attribute.map_or(json!({}), |words| json!({ "viewer-options": words }));
            page.lay_with(&project(options), attributes, "").await;
            page.until("return document.querySelector('cue-hook[ready]')").await;
            if !pause && !list {
                assert_eq!(
                    page.run(&format!("return document.querySelector('{BUTTON}')")).await,
                    Value::Null
                );
                continue;
            }
            page.click(BUTTON).await;
            assert!(expanded(page).await);
            assert_eq!(page.is_visible(&format!("{PANEL} input")).await, pause);
            assert_eq!(page.is_visible(&format!("{PANEL} ul")).await, list);
            let size = format!(
                "const s = document.querySelector('{BUTTON}').getBoundingClientRect(); return Math.min(s.width, s.height) >= 24"
            );
            assert_eq!(page.run(&size).await, true);
        }
        page.expect_problem("viewerOptions");
        page.open("/tests/stage.html").await;
        page.lay_with(&project(json!([])), json!({ "viewer-options": "puase" }), "").await;
        let error = page.event("error").await;
        assert_eq!(error["code"], "config-invalid");
        assert!(error["message"].as_str().unwrap().contains("no `puase`; did you mean `pause`?"), "{error}");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_film_pauses_at_every_interaction_if_the_viewer_wants_that() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.lay(&project(json!(["pause"]))).await;
        page.click(BUTTON).await;
        page.click(&format!("{PANEL} label")).await;
        assert_eq!(page.run(&format!("return document.querySelector('{PANEL} input').checked")).await, true);
        page.click(BUTTON).await;
        assert!(!expanded(page).await);
        page.play().await;
        assert_eq!(page.event("pause").await["element"], "tent");
        page.assert_standing().await;
        page.click(".cuehook-paused .cuehook-continue").await;
        page.until_playing().await;
        // In this tab it stays so.
        page.open("/tests/stage.html").await;
        page.lay(&project(json!(["pause"]))).await;
        page.run("document.querySelector('video').currentTime = 9").await;
        page.play().await;
        assert_eq!(page.event("pause").await["element"], "boat");
        page.assert_standing().await;
        page.click(BUTTON).await;
        page.click(&format!("{PANEL} input")).await;
        page.open("/tests/stage.html").await;
        page.lay(&project(json!(["pause"]))).await;
        page.play().await;
        page.until("return document.querySelector('video').currentTime > 2.5").await;
        assert_eq!(page.events("pause").await, Vec::<Value>::new());
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn interactions_are_opened_from_the_list() {
    run(async |page| {
        page.stage(&project(json!(["list"]))).await;
        page.click(BUTTON).await;
        assert_eq!(listed(page).await, json!(["The tent", "The boat"]));
        page.click(&format!("{PANEL} li:nth-child(2) button")).await;
        page.until("const t = document.querySelector('video').currentTime; return t >= 9.9 && t < 10.6")
            .await;
        assert_eq!(page.event("pause").await["element"], "boat");
        page.assert_standing().await;
        assert!(page.is_visible("[data-cuehook-element=boat]").await);
        assert!(!expanded(page).await);
        page.click(".cuehook-paused .cuehook-continue").await;
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn settings_by_keyboard() {
    run(async |page| {
        page.stage(&project(json!(["pause", "list"]))).await;
        page.run(&format!("document.querySelector('{BUTTON}').focus()")).await;
        assert_eq!(
            page.run("return document.activeElement.getAttribute('aria-label')").await,
            "Interactions"
        );
        page.press(ENTER).await;
        assert!(expanded(page).await);
        let controls = format!(
            "const button = document.querySelector('{BUTTON}');
             return document.getElementById(button.getAttribute('aria-controls')) === document.querySelector('{PANEL}')"
        );
        assert_eq!(page.run(&controls).await, true);
        page.press(TAB).await;
        page.press(SPACE).await;
        assert_eq!(page.run(&format!("return document.querySelector('{PANEL} input').checked")).await, true);
        page.press(ESCAPE).await;
        assert!(!expanded(page).await);
        assert_eq!(
            page.run(&format!("return document.activeElement === document.querySelector('{BUTTON}')")).await,
            true
        );
        page.press(ENTER).await;
        for _ in 0..3 {
            page.press(TAB).await;
        }
        assert_eq!(page.run("return document.activeElement.textContent").await, "The boat");
        page.press(ENTER).await;
        assert_eq!(page.event("pause").await["element"], "boat");
        assert_eq!(
            page.run(&format!("return document.activeElement === document.querySelector('{BUTTON}')")).await,
            true
        );
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_panel_closes_before_full_window_and_by_a_click_elsewhere() {
    run(async |page| {
        page.stage(&project(json!(["list"]))).await;
        page.run(
            "const cue = document.querySelector('cue-hook');
            cue.requestFullscreen = () => Promise.reject(new Error('no'));
            document.querySelector('.cuehook-fullscreen').click()",
        )
        .await;
        page.until("return document.querySelector('cue-hook').hasAttribute('full-window')").await;
        page.click(BUTTON).await;
        assert!(expanded(page).await);
        page.press(ESCAPE).await;
        assert!(!expanded(page).await);
        assert_eq!(
            page.run("return document.querySelector('cue-hook').hasAttribute('full-window')").await,
            true
        );
        page.press(ESCAPE).await;
        page.until("return !document.querySelector('cue-hook').hasAttribute('full-window')").await;
        page.click(BUTTON).await;
        assert!(expanded(page).await);
        page.click("#after").await;
        assert!(!expanded(page).await);
        assert_eq!(page.focused().await, "after");
    });
}
