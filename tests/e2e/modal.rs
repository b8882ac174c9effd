//! Dialogs: they keep focus, give it back, and leave nothing behind.

use crate::page::{ENTER, ESCAPE, Page, TAB, pause};
use crate::support::run;
use fantoccini::actions::{InputSource, KeyAction, KeyActions, MouseActions, PointerAction};
use serde_json::{Value, json};

const SHIFT: char = '\u{E008}';

/// An area that opens a dialog, from which another one opens, and an overlay beside them.
fn project(page: &Page) -> Value {
    let html = |id: &str, place: [u32; 4], source: &str, actions: Value| {
        let [left, top, width, height] = place;
        let frame = json!({ "left": left, "top": top, "width": width, "height": height });
        json!({ "id": id, "kind": "html", "box": frame, "source": source, "actions": actions })
    };
    let dialog = |mut element: Value| {
        element["modal"] = json!(true);
        element["visible"] = json!(false);
        element
    };
    let show = |id: &str| json!([{ "do": "show", "element": id }]);
    let hide = |id: &str| json!([{ "do": "hide", "element": id }]);
    json!({
        "cuehook": 1,
        "video": { "id": "lake" },
        "webhooks": [{ "id": "broken", "url": page.hook("status=500"), "waitForResponse": false, "retries": 0 }],
        "elements": [
            { "id": "open", "kind": "area", "label": "Open", "onClick": show("seat"),
                "box": { "left": 5, "top": 30, "width": 20, "height": 30 } },
            html("other", [75, 30, 20, 30], "<button data-action=\"open\">Other</button>", json!({ "open": show("seat") })),
            dialog(html(
                "seat",
                [30, 10, 40, 70],
                "<h2>Your seat</h2><button data-action=\"open\">Terms</button> <a href=\"#more\">More</a> \
                 <button data-execute-webhook=\"broken\">Fail</button> <button data-action=\"close\">Close</button>",
                json!({ "open": show("terms"), "close": hide("seat") }),
            )),
            {
                "id": "terms", "kind": "html", "label": "Terms of the seat", "modal": true, "visible": false,
                "box": { "left": 40, "top": 20, "width": 20, "height": 40 }, "source": "<p>There are none.</p>"
            }
        ]
    })
}

/// What has focus: an element of the project, or what stands on it.
async fn focus(page: &Page) -> String {
    let script = "const a = document.activeElement; return a.dataset.cuehookElement ?? (a.id || a.textContent || a.localName)";
    page.run(script).await.as_str().unwrap().to_owned()
}

async fn until_focus(page: &Page, what: &str) {
    let script = format!(
        "const a = document.activeElement;
         return (a.dataset.cuehookElement ?? (a.id || a.textContent || a.localName)) === {what:?}"
    );
    page.until(&script).await;
}

async fn back(page: &Page) {
    let keys = KeyActions::new("keyboard".into()).then(KeyAction::Down { value: SHIFT });
    let keys = keys.then(KeyAction::Down { value: TAB }).then(KeyAction::Up { value: TAB });
    page.client().perform_actions(keys.then(KeyAction::Up { value: SHIFT })).await.unwrap();
}

async fn inert(page: &Page) -> Value {
    page.run("return [...document.querySelectorAll('[inert]')].map((node) => node.dataset.cuehookElement)")
        .await
}

/// Opens the dialog by keyboard.
async fn open(page: &Page) {
    page.stage(&project(page)).await;
    page.run("document.querySelector('#before').focus()").await;
    page.tab_to("open").await;
    page.press(ENTER).await;
    until_focus(page, "Terms").await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_dialog_keeps_focus_and_gives_it_back() {
    run(async |page| {
        open(page).await;
        let says = "const d = document.querySelector('[data-cuehook-element=seat]');
            return ['role', 'aria-modal', 'aria-label'].map((name) => d.getAttribute(name))";
        assert_eq!(page.run(says).await, json!(["dialog", "true", "Your seat"]));
        assert_eq!(inert(page).await, json!(["open", "other", "terms"]));
        for next in ["More", "Fail", "Close", "Terms"] {
            page.press(TAB).await;
            assert_eq!(focus(page).await, next);
        }
        back(page).await;
        assert_eq!(focus(page).await, "Close");
        page.press(ENTER).await;
        until_focus(page, "open").await;
        assert_eq!(inert(page).await, json!([]));
        assert!(!page.is_visible("[data-cuehook-element=seat]").await);
        page.press(TAB).await;
        assert_eq!(focus(page).await, "Other");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_topmost_dialog_is_in_charge() {
    run(async |page| {
        open(page).await;
        page.press(ENTER).await;
        until_focus(page, "terms").await;
        assert_eq!(inert(page).await, json!(["open", "other", "seat"]));
        page.press(TAB).await;
        assert_eq!(focus(page).await, "terms", "there is nothing else to go to");
        back(page).await;
        assert_eq!(focus(page).await, "terms");
        page.press(ESCAPE).await;
        until_focus(page, "Terms").await;
        assert_eq!(inert(page).await, json!(["open", "other", "terms"]));
        page.press(ESCAPE).await;
        until_focus(page, "open").await;
        assert_eq!(inert(page).await, json!([]));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn one_escape_does_one_thing() {
    run(async |page| {
        page.expect_problem("status of 500");
        page.stage(&project(page)).await;
        page.run("document.querySelector('cue-hook').requestFullscreen = undefined").await;
        page.click(".cuehook-fullscreen").await;
        let state = async || {
            let script = "return [
                Boolean(document.querySelector('.cuehook-failed')),
                document.querySelector('[data-cuehook-element=seat]').checkVisibility(),
                document.querySelector('cue-hook').hasAttribute('full-window')]";
            page.run(script).await
        };
        page.click("[data-cuehook-element=other] button").await;
        until_focus(page, "Terms").await;
        page.click("[data-cuehook-element=seat] [data-execute-webhook]").await;
        page.until("return document.querySelector('.cuehook-failed')").await;
        assert_eq!(state().await, json!([true, true, true]));
        // Tab goes through the notice, too.
        page.tab_to("cuehook-button cuehook-dismiss").await;
        page.press(TAB).await;
        assert_eq!(focus(page).await, "Terms");
        page.press(ESCAPE).await;
        assert_eq!(state().await, json!([false, true, true]));
        page.run("document.activeElement.blur()").await;
        page.press(ESCAPE).await;
        assert_eq!(state().await, json!([false, false, true]), "whatever has focus");
        page.press(ESCAPE).await;
        assert_eq!(state().await, json!([false, false, false]));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn around_a_dialog_nothing_can_be_clicked() {
    run(async |page| {
        open(page).await;
        page.run(
            "document.querySelector('video').addEventListener('click', () => (seen.leak = 'video'));
            document.querySelector('cue-hook').addEventListener('click', () => (seen.leak ??= 'player'))",
        )
        .await;
        let activated = page.events("activate").await.len();
        for beside in ["open", "other"] {
            let middle = format!(
                "const b = document.querySelector('[data-cuehook-element={beside}]').getBoundingClientRect();
                 return [Math.round(b.left + b.width / 2), Math.round(b.top + b.height / 2)]"
            );
            let at = page.run(&middle).await;
            let number = |at: &Value| at.as_f64().unwrap();
            let (x, y) = (number(&at[0]), number(&at[1]));
            let mouse = MouseActions::new("mouse".into());
            let mouse = mouse.then(PointerAction::MoveTo { duration: None, x, y });
            let mouse = mouse.then(PointerAction::Down { button: 0 }).then(PointerAction::Up { button: 0 });
            page.client().perform_actions(mouse).await.unwrap();
        }
        pause(200).await;
        assert_eq!(page.events("activate").await.len(), activated);
        assert_eq!(page.run("return seen.leak ?? null").await, Value::Null);
        assert!(page.is_visible("[data-cuehook-element=seat]").await);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_dialog_that_is_gone_leaves_nothing_inert() {
    run(async |page| {
        open(page).await;
        let mut without = project(page);
        without["elements"].as_array_mut().unwrap().truncate(1);
        without["elements"][0]["onClick"] = json!([]);
        page.call(
            "return document.querySelector('cue-hook').handle.update(arguments[0]).then(() => true)",
            vec![without],
        )
        .await;
        assert_eq!(inert(page).await, json!([]));
        assert_eq!(
            page.run("return document.querySelector('.cuehook-stage').hasAttribute('data-modal')").await,
            false
        );
        open(page).await;
        page.run("document.querySelector('cue-hook').handle.destroy()").await;
        assert_eq!(inert(page).await, json!([]));
        page.press(TAB).await;
        assert_ne!(focus(page).await, "Terms");
    });
}
