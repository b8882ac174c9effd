//! axe-core finds nothing, whatever is shown, in both colour schemes and in forced colours.

use crate::page::{ENTER, Page};
use crate::support::run;
use serde_json::{Value, json};

/// How a page may be shown: without preferences last, so that what follows is as always.
const SCHEMES: [&[(&str, &str)]; 4] = [
    &[("prefers-color-scheme", "dark")],
    &[("prefers-color-scheme", "light")],
    &[("forced-colors", "active"), ("prefers-color-scheme", "dark")],
    &[],
];

/// Looks at what is shown, in each scheme, inside of `where_`.
async fn check(page: &Page, state: &str, within: &str) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/frameworks/node_modules/axe-core/axe.min.js");
    let source = std::fs::read_to_string(file).expect("npm ci --prefix tests/frameworks");
    if page.run("return !window.axe").await == true {
        page.run(&format!("{source}; return 1")).await;
    }
    for scheme in SCHEMES {
        if !page.prefer(scheme).await && !scheme.is_empty() {
            continue;
        }
        // What changes colour or appears softly is looked at when it has done so.
        let settled = "const isFinite = (animation) => animation.effect.getComputedTiming().endTime < 1e6;
            const frame = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
            return frame().then(() => document.getAnimations().every((animation) => !isFinite(animation)
                || animation.playState === 'finished'))";
        page.until(settled).await;
        let script = "return axe.run(arguments[0], { resultTypes: ['violations'], preload: false, rules: arguments[1] }).then((found) => [
                found.passes.length,
                found.violations.flatMap(({ id, nodes }) => nodes.map((node) =>
                    `${id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`)),
            ])";
        // It looks at `-webkit-text-fill-color`, which Chromium says as if colours were not forced. They are the system's, and
        // so is their contrast.
        let forced = scheme.iter().any(|(name, _)| *name == "forced-colors");
        let rules = json!({ "color-contrast": { "enabled": !forced } });
        let found = page.call(script, vec![within.into(), rules]).await;
        assert!(found[0].as_u64().unwrap() > 3, "{state}: axe has looked at nothing");
        let violations: Vec<&str> =
            found[1].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        assert!(violations.is_empty(), "{state} with {scheme:?}:\n{}", violations.join("\n"));
    }
}

/// A project in which everything can be shown that Cuehook shows.
fn everything(page: &Page) -> Value {
    let frame = |left: u32, top: u32| json!({ "left": left, "top": top, "width": 30, "height": 25 });
    json!({
        "cuehook": 1,
        "video": { "id": "lake" },
        "webhooks": [
            { "id": "held", "url": page.hook("hold=1"), "waitForResponse": true, "timeoutMs": 60000 },
            { "id": "broken", "url": page.hook("status=500"), "waitForResponse": true, "retries": 0 }
        ],
        "elements": [
            { "id": "area", "kind": "area", "label": "Get my code", "visible": false, "box": frame(5, 30),
                "onClick": [{ "do": "executeWebhook", "webhook": "held" }] },
            { "id": "card", "kind": "html", "visible": false, "box": frame(36, 30),
                "source": "<h2>Card</h2><p>Some <small>small</small> text, <a href=\"#more\">a link</a></p>\
                    <img src=\"/film/tent.jpg\" alt=\"The tent\"><button data-execute-webhook=\"broken\">Fail</button>\
                    <button data-execute-webhook=\"held\">Wait</button>" },
            { "id": "button", "kind": "html", "label": "All of it", "visible": false, "box": frame(68, 30),
                "source": "<p>All of it</p>", "onClick": [{ "do": "executeWebhook", "webhook": "held" }] },
            { "id": "read", "kind": "html", "label": "To read", "visible": false, "box": frame(36, 60), "pauseOnAppear": true,
                "source": "<p>Something to read</p>" },
            { "id": "form", "kind": "form", "label": "Stay in touch", "visible": false,
                "box": { "left": 4, "top": 4, "width": 60, "height": 84 },
                "fields": [
                    { "name": "name", "label": "Your name", "required": true, "autocomplete": "name" },
                    { "name": "email", "type": "email", "label": "E-mail", "required": true, "hint": "Once a month." },
                    { "name": "more", "type": "textarea", "label": "What else" },
                    { "name": "size", "type": "select", "label": "Size", "options": ["Small", "Large"] },
                    { "name": "colour", "type": "radio", "label": "Colour", "required": true, "options": ["Red", "Blue"] },
                    { "name": "terms", "type": "checkbox", "label": "I have read the terms", "required": true }
                ],
                "onSubmit": [{ "do": "hide", "element": "form" }] },
            { "id": "question", "kind": "question", "label": "Quiz", "visible": false,
                "box": { "left": 4, "top": 4, "width": 50, "height": 84 }, "text": "Which lake is this?", "attempts": 2,
                "choices": [
                    { "id": "constance", "label": "Lake Constance", "correct": true, "feedback": "You know your lakes." },
                    { "id": "geneva", "label": "Lake Geneva", "feedback": "Further west." }
                ] },
            { "id": "dialog", "kind": "html", "visible": false, "box": frame(36, 10), "modal": true,
                "source": "<h2>A dialog</h2><p>With text</p><button data-action=\"close\">Close</button>",
                "actions": { "close": [{ "do": "hide", "element": "dialog" }] } }
        ]
    })
}

/// Lays the project over the film with one element shown.
async fn with(page: &Page, element: &str) {
    let mut project = everything(page);
    for other in project["elements"].as_array_mut().unwrap() {
        if other["id"] == element {
            other["visible"] = json!(true);
        }
    }
    page.open("/tests/stage.html").await;
    page.lay(&project).await;
    // The first element appears when the film is there.
    page.play().await;
}

async fn whole(page: &Page, state: &str) {
    check(page, state, "cue-hook").await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_elements_show() {
    run(async |page| {
        for element in ["none", "area", "card", "button", "dialog", "form", "question"] {
            with(page, element).await;
            if element != "none" {
                assert!(page.is_visible(&format!("[data-cuehook-element={element}]")).await, "{element}");
            }
            whole(page, element).await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_becomes_of_answers() {
    run(async |page| {
        with(page, "form").await;
        page.click("[data-cuehook-element=form] .cuehook-submit").await;
        page.until("return document.querySelector('.cuehook-fault:not([hidden])')").await;
        whole(page, "a form with errors").await;
        for (key, state) in [('2', "a wrong answer"), ('1', "a right answer")] {
            with(page, "question").await;
            page.run("document.querySelector('[data-cuehook-element=question] input').focus()").await;
            page.press(key).await;
            page.press(ENTER).await;
            page.until("return document.querySelector('.cuehook-note:not([hidden])')").await;
            whole(page, state).await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_cuehook_says() {
    run(async |page| {
        page.expect_problem("status of 500");
        with(page, "card").await;
        page.click("[data-execute-webhook=held]").await;
        page.until("return document.querySelector('.cuehook-cancel')").await;
        whole(page, "a waiting notice").await;
        page.release(1).await;
        page.event("settled").await;
        page.click("[data-execute-webhook=broken]").await;
        page.until("return document.querySelector('.cuehook-retry')").await;
        whole(page, "a failure").await;
        with(page, "card").await;
        page.run(
            "HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
        )
        .await;
        page.click("[data-execute-webhook=held]").await;
        page.until("return document.querySelector('.cuehook-waiting')").await;
        page.release(1).await;
        page.until("return document.querySelector('.cuehook-blocked')").await;
        whole(page, "a film that may not play").await;
        page.open("/tests/stage.html").await;
        let mut project = everything(page);
        let read = project["elements"].as_array().unwrap().iter().position(|other| other["id"] == "read");
        let read = &mut project["elements"][read.unwrap()];
        (read["visible"], read["from"]) = (json!(true), json!(0.5));
        page.lay(&project).await;
        page.run("document.querySelector('video').play()").await;
        page.until("return document.querySelector('.cuehook-paused')").await;
        whole(page, "a film that is paused for something").await;
    });
}

async fn demo(page: &Page) {
    page.open_watched("/").await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
    page.until("return document.querySelector('#start:not([hidden])')").await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_demo() {
    run(async |page| {
        page.expect_problem(crate::demo::TOO_LATE);
        demo(page).await;
        check(page, "the demo", "html").await;
        page.click("#steps [data-element=tent]").await;
        page.until("return document.querySelector('[data-cuehook-element=tent]').checkVisibility()").await;
        page.click("[data-cuehook-element=tent]").await;
        page.until("return document.querySelector('[data-cuehook-element=code]').checkVisibility()").await;
        page.run("document.querySelector('video').pause()").await;
        check(page, "the demo with an answer", "html").await;
        for tab in ["request", "answer", "events", "log", "project"] {
            page.click(&format!("#tab-{tab}")).await;
            check(page, &format!("the demo's {tab}"), "html").await;
        }
        page.click("#steps [data-element=campfire]").await;
        page.until("return document.querySelector('[data-cuehook-element=campfire]').checkVisibility()")
            .await;
        page.click("[data-cuehook-element=campfire]").await;
        page.until("return document.querySelector('.cuehook-retry')").await;
        page.run("document.querySelector('video').pause()").await;
        check(page, "the demo with a failure", "html").await;
        page.resize(320, 700).await;
        check(page, "the demo on a narrow page", "html").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_playground() {
    run(async |page| {
        page.open_watched("/templates.html").await;
        page.until("return document.querySelector('#state').textContent !== 'Loading…'").await;
        check(page, "the playground", "html").await;
        page.resize(320, 700).await;
        check(page, "the playground on a narrow page", "html").await;
    });
}

/// What is announced is enough, and the clock is not announced.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn live_regions_of_the_demo_are_quiet_while_the_film_plays() {
    run(async |page| {
        demo(page).await;
        page.run("document.querySelector('#start').focus()").await;
        page.press(ENTER).await;
        page.until_playing().await;
        let script = "let count = 0;
            const observer = new MutationObserver((changes) => (count += changes.length));
            const regions = document.querySelectorAll('[aria-live], output, [role=status], [role=alert], [role=log], [role=timer]');
            for (const region of regions) {
                observer.observe(region, { subtree: true, childList: true, characterData: true, attributes: true });
            }
            return new Promise((tell) => setTimeout(() => tell([regions.length, count]), 4000))";
        let counted = page.run(script).await;
        assert!(counted[0].as_u64().unwrap() >= 2, "{counted}");
        assert!(counted[1].as_u64().unwrap() <= 4, "{counted}");
    });
}
