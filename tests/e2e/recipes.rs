//! The recipes of `docs/recipes.md`, as they stand there, done by a viewer.

use crate::page::{Page, body, pause};
use crate::support::run;
use serde_json::{Value, json};

/// The document below a heading. Its webhooks are those of the development server, which answer what `about` says.
fn recipe(page: &Page, heading: &str, about: &[(&str, &str)]) -> Value {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/recipes.md")).unwrap();
    let (_, section) =
        text.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no {heading}"));
    let (_, code) = section.split_once("```json\n").unwrap();
    let mut project: Value = serde_json::from_str(code.split_once("```").unwrap().0).unwrap();
    for webhook in project["webhooks"].as_array_mut().unwrap() {
        let id = webhook["id"].as_str().unwrap();
        let query =
            about.iter().find(|(name, _)| *name == id).unwrap_or_else(|| panic!("no answer for {id}")).1;
        webhook["url"] = page.hook(query).into();
    }
    project
}

fn on_stage(element: &str) -> String {
    format!("[data-cuehook-element={element}]")
}

async fn until_shown(page: &Page, element: &str) -> String {
    let css = on_stage(element);
    page.until(&format!("return document.querySelector('{css}')?.checkVisibility()")).await;
    page.text(&css).await
}

async fn until_gone(page: &Page, element: &str) {
    page.until(&format!("return !document.querySelector('{}').checkVisibility()", on_stage(element))).await;
}

async fn until_says(page: &Page, element: &str, text: &str) {
    page.until(&format!(
        "return document.querySelector('{}').innerText.includes({text:?})",
        on_stage(element)
    ))
    .await;
}

async fn seek(page: &Page, time: f64) {
    page.run(&format!("document.querySelector('video').currentTime = {time}")).await;
}

/// Chooses choices by their place, from 1, and presses the button.
async fn answer(page: &Page, question: &str, choices: &[u32]) {
    until_shown(page, question).await;
    page.assert_standing().await;
    for choice in choices {
        page.click(&format!("{} .cuehook-answer:nth-of-type({choice}) .cuehook-choice", on_stage(question)))
            .await;
    }
    press(page, question).await;
}

/// Presses the button of a form or a question.
async fn press(page: &Page, element: &str) {
    page.click(&format!("{} .cuehook-submit", on_stage(element))).await;
}

async fn fill_in(page: &Page, form: &str, autocomplete: &str, text: &str) {
    page.click(&format!("{} [autocomplete={autocomplete}]", on_stage(form))).await;
    page.write(text).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn quiz_with_a_score() {
    run(async |page| {
        page.stage(&recipe(page, "Quiz with a score", &[("result", "answer=result&echo=none")])).await;
        seek(page, 3.9).await;
        answer(page, "boat", &[2]).await;
        until_says(page, "boat", "And it has come alone.").await;
        page.assert_standing().await;
        assert_eq!(until_shown(page, "score-board").await, "Score: 1");
        press(page, "boat").await;
        until_gone(page, "boat").await;
        page.until_playing().await;

        seek(page, 11.9).await;
        answer(page, "camp", &[1]).await;
        until_says(page, "camp", "Attempts left: 1").await;
        answer(page, "camp", &[2]).await;
        assert_eq!(until_shown(page, "score-board").await, "Score: 2");
        press(page, "camp").await;
        page.until_playing().await;

        seek(page, 18.0).await;
        assert!(until_shown(page, "all-right").await.contains("LAKE-"));
        let sent = body(&page.posts().await[0]);
        assert_eq!(sent["params"], json!({ "score": 2, "answers": ["canoe", ["tent", "backpack"]] }));
        assert_eq!(sent["trigger"], json!({ "element": "end", "event": "true" }));
        let values: Vec<&Value> =
            sent["interactions"].as_array().unwrap().iter().map(|it| &it["value"]).collect();
        assert_eq!(values.len(), 3);
        assert_eq!(values[1]["correct"], false);
        assert_eq!(
            *values[2],
            json!({ "answer": "tent", "answers": ["tent", "backpack"], "correct": true, "attempts": 2, "score": 2 })
        );
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn product_list() {
    run(async |page| {
        let answers = [("catalogue", "answer=products&echo=none"), ("order", "answer=order&echo=none")];
        page.stage(&recipe(page, "Product list", &answers)).await;
        seek(page, 3.0).await;
        page.click(&on_stage("tent")).await;
        let shelf = until_shown(page, "shelf").await;
        assert!(
            shelf.contains("Tent for two, €189.00, 2 left") && shelf.contains("Lantern, €24.50"),
            "{shelf}"
        );
        assert_eq!(
            page.run("return document.querySelectorAll('[data-action=keep]:disabled').length").await,
            1
        );
        page.assert_standing().await;
        page.click("[data-action=keep][data-param-id=tent]").await;
        until_says(page, "shelf", "Kept: Tent for two").await;
        until_says(page, "shelf", "€189.00, 1 left").await;
        let sent = body(&page.posts().await[1]);
        assert_eq!(
            sent["params"],
            json!({ "id": "tent", "name": "Tent for two", "product": { "id": "tent" } })
        );
        assert_eq!(sent["interactions"][1]["label"], "Keep: Tent for two");
        page.assert_standing().await;
        page.click("[data-action=close]").await;
        until_gone(page, "shelf").await;
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn lead_form() {
    run(async |page| {
        let answers = [("statistics", "status=204"), ("crm", "answer=lead&echo=none")];
        page.stage(&recipe(page, "Lead form", &answers)).await;
        seek(page, 3.0).await;
        page.click(&on_stage("ask")).await;
        until_shown(page, "lead").await;
        page.assert_standing().await;
        // Programs are quicker than people.
        pause(1_600).await;
        fill_in(page, "lead", "given-name", "Ada").await;
        press(page, "lead").await;
        until_says(page, "lead", "Please fill this in.").await;
        fill_in(page, "lead", "email", "ada@example.org").await;
        press(page, "lead").await;
        let thanks = until_shown(page, "thanks").await;
        assert_eq!(thanks, "Thank you, Ada. It goes to ada@example.org.");
        until_gone(page, "lead").await;
        page.until_playing().await;
        page.until_posted(2).await;
        let posts = page.posts().await;
        let sent = |id: &str| posts.iter().map(body).find(|body| body["webhook"]["id"] == id).unwrap();
        let lead = sent("crm")["interactions"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&lead["type"], &lead["records"]), (&json!("submit"), &json!("lead")));
        assert_eq!(
            lead["value"],
            json!({ "firstName": "Ada", "email": "ada@example.org", "topic": null, "news": false })
        );
        let told = sent("statistics");
        assert_eq!(told["interactions"].as_array().unwrap().last().unwrap()["type"], "submit");
        assert!(!told.to_string().contains("Ada") && !told.to_string().contains("ada@"), "{told}");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn gated_chapter() {
    run(async |page| {
        page.stage(&recipe(page, "Gated chapter", &[("register", "answer=lead&echo=none")])).await;
        // Over the gate.
        seek(page, 20.0).await;
        until_shown(page, "register").await;
        page.assert_standing().await;
        assert!(page.time().await < 13.5);
        fill_in(page, "register", "email", "ada@example.org").await;
        press(page, "register").await;
        until_gone(page, "register").await;
        until_says(page, "welcome", "Chapter two. Welcome, ada@example.org.").await;
        page.until_playing().await;
        assert!(page.time().await >= 14.0);
        let sent = body(&page.posts().await[0]);
        assert_eq!(
            (&sent["params"], &sent["interactions"][0]["value"]),
            (&json!({ "chapter": 2 }), &json!({ "email": "ada@example.org" }))
        );
        // The gate stays open.
        seek(page, 5.0).await;
        page.until_playing().await;
        seek(page, 20.0).await;
        until_shown(page, "welcome").await;
        assert!(!page.is_visible(&on_stage("register")).await);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn moving_hotspot() {
    run(async |page| {
        page.stage(&recipe(page, "Moving hotspot", &[("clicked", "echo=none")])).await;
        let at = async |time: f64| {
            page.run("document.querySelector('video').pause()").await;
            seek(page, time).await;
            // Where it is in the picture, in percent.
            let script = format!(
                "const [area, video] = ['{}', 'video'].map((css) => document.querySelector(css));
                 const [inner, outer] = [area, video].map((node) => node.getBoundingClientRect());
                 return !video.seeking && area.checkVisibility() && ((inner.left - outer.left) / outer.width) * 100",
                on_stage("canoe")
            );
            page.until(&script).await;
            pause(100).await;
            page.run(&script).await.as_f64().unwrap()
        };
        for (time, left) in [(3.5, 22.5), (5.0, 40.0), (6.5, 55.0)] {
            let found = at(time).await;
            assert!((found - left).abs() < 1.0, "{found} instead of {left} at {time}");
        }
        page.click(&on_stage("canoe")).await;
        until_shown(page, "price").await;
        let sent = body(&page.posts().await[0]);
        assert_eq!(
            (&sent["interactions"][0]["records"], &sent["interactions"][0]["element"]),
            (&json!("cta"), &json!("canoe"))
        );
    });
}
