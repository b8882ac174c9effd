//! The whole way through by keyboard: no mouse, no touch, nothing but Tab, Enter, Space, letters and digits.

use crate::demo::TOO_LATE;
use crate::page::{ENTER, Page, SPACE, TAB};
use crate::support::run;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use serde_json::json;

const SHIFT: char = '\u{E008}';

/// Goes on from control to control until something has focus.
async fn to(page: &Page, css: &str, back: bool) {
    for _ in 0..80 {
        if page.run(&format!("return document.activeElement.matches('{css}')")).await == true {
            assert_eq!(
                page.run("return document.activeElement.matches(':focus-visible')").await,
                true,
                "{css}"
            );
            return;
        }
        if back {
            let keys = KeyActions::new("keyboard".into()).then(KeyAction::Down { value: SHIFT });
            let keys = keys.then(KeyAction::Down { value: TAB }).then(KeyAction::Up { value: TAB });
            page.client().perform_actions(keys.then(KeyAction::Up { value: SHIFT })).await.unwrap();
        } else {
            page.press(TAB).await;
        }
    }
    panic!("Tab does not lead to {css}");
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn completes_the_demo() {
    run(async |page| {
        page.expect_problem(TOO_LATE);
        page.open_watched("/").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.until("return document.querySelector('#start:not([hidden])')").await;
        to(page, "#start", false).await;
        page.press(ENTER).await;
        page.until_playing().await;
        for scene in ["canoe", "tent", "lantern", "campfire", "mug"] {
            let area = format!("[data-cuehook-element={scene}]");
            to(page, &format!("#steps [data-element={scene}]"), false).await;
            page.press(ENTER).await;
            page.until(&format!("return document.querySelector('{area}').checkVisibility()")).await;
            to(page, &area, true).await;
            let settled = page.events("settled").await.len();
            page.press(if scene == "tent" { SPACE } else { ENTER }).await;
            if scene != "mug" {
                page.nth_event("settled", settled + 1).await;
            }
            if scene == "campfire" {
                page.until("return document.querySelector('.cuehook-retry')").await;
                to(page, ".cuehook-retry", false).await;
                page.press(ENTER).await;
                page.nth_event("settled", settled + 2).await;
            }
            page.until(&format!("return document.querySelector('.done > [data-element={scene}]')")).await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn completes_a_quiz() {
    run(async |page| {
        let question = |id: &str, from: u32| {
            json!({ "id": id, "kind": "question", "label": id, "from": from, "pauseOnAppear": true,
                "box": { "left": 4, "top": 4, "width": 60, "height": 84 }, "text": "Which?",
                "choices": [{ "id": "a", "label": "This", "correct": true, "feedback": "So it is." }, { "id": "b", "label": "That" }] })
        };
        page.stage(&json!({ "cuehook": 1, "elements": [question("one", 1), question("two", 2)] })).await;
        page.run("document.querySelector('#before').focus()").await;
        for (id, choose) in [("one", '1'), ("two", SPACE)] {
            let question = format!("[data-cuehook-element={id}]");
            page.until(&format!("return document.querySelector('{question}').checkVisibility()")).await;
            to(page, &format!("{question} input"), false).await;
            page.press(choose).await;
            page.press(ENTER).await;
            page.until(&format!("return document.querySelector('{question} .cuehook-note:not([hidden])')"))
                .await;
            to(page, &format!("{question} .cuehook-submit"), false).await;
            page.press(ENTER).await;
            page.until(&format!("return !document.querySelector('{question}').checkVisibility()")).await;
            page.until_playing().await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn completes_a_form() {
    run(async |page| {
        page.stage(&json!({
            "cuehook": 1,
            "webhooks": [{ "id": "crm", "url": page.hook(""), "waitForResponse": true }],
            "elements": [{
                "id": "lead", "kind": "form", "label": "Stay in touch", "box": { "left": 4, "top": 4, "width": 60, "height": 84 },
                "fields": [
                    { "name": "name", "label": "Your name", "required": true },
                    { "name": "size", "type": "radio", "label": "Size", "required": true, "options": ["Small", "Large"] },
                    { "name": "terms", "type": "checkbox", "label": "Terms", "required": true }
                ],
                "onSubmit": [{ "do": "executeWebhook", "webhook": "crm" }, { "do": "hide", "element": "lead" }]
            }]
        }))
        .await;
        page.run("document.querySelector('#before').focus()").await;
        to(page, "input[type=text]", false).await;
        page.press(ENTER).await;
        page.until("return document.querySelector('.cuehook-fault:not([hidden])')").await;
        assert_eq!(
            page.run("return document.activeElement.type").await,
            "text",
            "focus is where the first fault is"
        );
        page.write("Ada").await;
        to(page, "input[type=radio]", false).await;
        page.press(SPACE).await;
        to(page, "input[type=checkbox]", false).await;
        page.press(SPACE).await;
        page.press(ENTER).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until("return !document.querySelector('.cuehook-form').checkVisibility()").await;
        assert_eq!(page.posts().await.len(), 1);
    });
}
