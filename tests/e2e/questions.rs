//! Questions: choosing, what became of the answer, and what follows from it.

use crate::page::{ENTER, Page, SPACE, body};
use crate::support::run;
use serde_json::{Value, json};

const QUESTION: &str = "[data-cuehook-element=lake]";
const ANSWER: &str = "[data-cuehook-element=lake] .cuehook-submit";

/// A quiz, its outcome in an overlay, and a webhook that hears of right answers.
fn quiz(page: &Page, question: Value) -> Value {
    let mut lake = json!({
        "id": "lake", "kind": "question", "label": "Quiz", "box": { "left": 4, "top": 4, "width": 50, "height": 84 },
        "text": "Which lake is this, ${viewer}?", "attempts": 2,
        "choices": [
            { "id": "constance", "label": "Lake Constance", "correct": true, "feedback": "You know your lakes." },
            { "id": "geneva", "label": "Lake Geneva", "feedback": "Further west." },
            { "id": "garda", "label": "Lake Garda" },
        ],
        "onCorrect": [{ "do": "executeWebhook", "webhook": "right" }],
        "onWrong": [{ "do": "callback", "name": "wrong" }],
    });
    for (name, value) in question.as_object().unwrap() {
        lake[name] = value.clone();
    }
    let outcome = "${questions.lake.answer! } ${questions.lake.answers! } ${questions.lake.correct!-} \
        ${questions.lake.attempts!0} ${questions.lake.score!0}";
    json!({
        "cuehook": 1,
        "variables": { "viewer": "Ada" },
        "webhooks": [{ "id": "right", "url": page.hook("") }],
        "elements": [
            lake,
            { "id": "outcome", "kind": "html", "box": { "left": 60, "top": 4, "width": 36, "height": 30 }, "source": outcome },
        ],
    })
}

/// What is said of each choice that can be seen, the way a screen reader finds it.
async fn notes(page: &Page) -> Value {
    page.run(
        "return [...document.querySelectorAll('[data-cuehook-element=lake] input')].map((input) => {
            const note = document.getElementById(input.getAttribute('aria-describedby'));
            return note?.checkVisibility() ? note.innerText.replace(/\\s+/g, ' ').trim() : '';
        })",
    )
    .await
}

/// The places of what is chosen.
async fn chosen(page: &Page) -> Value {
    let script = "return [...document.querySelectorAll('[data-cuehook-element=lake] input')].flatMap((c, at) => c.checked ? [at] : [])";
    page.run(script).await
}

fn choice(place: usize) -> String {
    format!("{QUESTION} .cuehook-answer:nth-of-type({place}) .cuehook-choice")
}

async fn outcome(page: &Page) -> String {
    page.text("[data-cuehook-element=outcome]").await
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_quiz_is_answered_with_the_mouse() {
    run(async |page| {
        page.stage(&quiz(page, json!({}))).await;
        assert_eq!(page.text("[data-cuehook-element=lake] legend").await, "Which lake is this, Ada?");
        page.click(ANSWER).await;
        let fault = "return [...document.querySelectorAll('[data-cuehook-element=lake] [role=radiogroup]')].map((group) =>
            [group.ariaInvalid, document.getElementById(group.getAttribute('aria-errormessage'))?.innerText])";
        assert_eq!(page.run(fault).await, json!([["true", "Please choose something."]]));
        assert_eq!(page.events("activate").await.len(), 0);
        page.click(&choice(2)).await;
        assert_eq!(page.run(fault).await, json!([[null, null]]));
        page.click(ANSWER).await;
        page.event("callback").await;
        assert_eq!(notes(page).await, json!(["", "Wrong Further west.", ""]));
        assert_eq!(page.text(".cuehook-remark").await, "Attempts left: 1");
        assert_eq!(outcome(page).await, r#"geneva ["geneva"] false 1 0"#);
        page.until(
            "return document.querySelector('.cuehook-status').textContent.includes('Wrong. Further west.')",
        )
        .await;
        page.click(&choice(1)).await;
        page.click(ANSWER).await;
        page.until_posted(1).await;
        assert_eq!(notes(page).await, json!(["Right You know your lakes.", "", ""]));
        assert_eq!(outcome(page).await, r#"constance ["constance"] true 2 1"#);
        let sent = body(&page.posts().await[0]);
        assert_eq!(sent["trigger"]["event"], "correct");
        let values: Vec<&Value> =
            sent["interactions"].as_array().unwrap().iter().map(|it| &it["value"]["answer"]).collect();
        assert_eq!(values, [&json!("geneva"), &json!("constance")]);
        // It is over: the button is gone, and nothing can be chosen any more.
        assert!(!page.is_visible(ANSWER).await);
        assert_eq!(page.run("return document.activeElement.localName").await, "legend");
        page.click(&choice(3)).await;
        page.press(SPACE).await;
        assert_eq!(chosen(page).await, json!([0]));
        assert_eq!(
            page.run("return document.querySelector('[data-cuehook-element=lake] input').ariaDisabled").await,
            "true"
        );
        assert_eq!(page.events("activate").await.len(), 2);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_quiz_is_answered_by_keyboard_alone() {
    run(async |page| {
        page.stage(&quiz(page, json!({ "submit": "I am sure, ${viewer}" }))).await;
        assert_eq!(page.text(ANSWER).await, "I am sure, Ada");
        page.run(
            "seen.leaks = []; document.addEventListener('keydown', (event) => seen.leaks.push(event.key))",
        )
        .await;
        page.write("2").await;
        assert_eq!(chosen(page).await, json!([]), "focus is elsewhere");
        page.run("document.querySelector('[data-cuehook-element=lake] input').focus(); seen.leaks = []")
            .await;
        page.write("2").await;
        assert_eq!(chosen(page).await, json!([1]));
        page.write("9").await;
        page.write("3").await;
        assert_eq!(chosen(page).await, json!([2]));
        page.press(ENTER).await;
        page.event("callback").await;
        assert_eq!(notes(page).await, json!(["", "", "Wrong"]));
        page.write("2").await;
        page.press(ENTER).await;
        page.nth_event("callback", 2).await;
        // The last attempt: what would have been right is said.
        assert_eq!(notes(page).await, json!(["This would have been right", "Wrong Further west.", ""]));
        page.write("1").await;
        page.press(ENTER).await;
        assert_eq!(chosen(page).await, json!([1]), "locked");
        assert_eq!(
            page.run(
                "return document.activeElement.closest('[data-cuehook-element]')?.dataset.cuehookElement"
            )
            .await,
            "lake"
        );
        assert_eq!(page.run("return seen.leaks").await, json!([]));
        assert_eq!(page.events("activate").await.len(), 2);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn several_choices_and_nodes_that_are_built_anew() {
    run(async |page| {
        let choices = json!([
            { "id": "a", "label": "A", "correct": true }, { "id": "b", "label": "B", "correct": true }, { "id": "c", "label": "C" },
        ]);
        let mut project = quiz(page, json!({ "multiple": true, "choices": choices, "attempts": 1 }));
        page.stage(&project).await;
        let faults = "return [...document.querySelectorAll('[data-cuehook-element=lake] input')].map((input) => input.ariaInvalid)";
        page.click(ANSWER).await;
        assert_eq!(page.run(faults).await, json!(["true", "true", "true"]));
        page.run("document.querySelector('[data-cuehook-element=lake] input').focus()").await;
        page.write("132").await;
        page.write("2").await;
        assert_eq!(chosen(page).await, json!([0, 2]));
        // Not answered yet: what is chosen is kept by the ids of the choices.
        project["elements"][0]["choices"].as_array_mut().unwrap().reverse();
        let update = "document.querySelector('cue-hook').handle.update(arguments[0])";
        page.call(update, vec![project.clone()]).await;
        page.until("return document.querySelector('[data-cuehook-element=lake] .cuehook-choice')?.textContent === 'C'").await;
        assert_eq!(chosen(page).await, json!([0, 2]));
        page.click(ANSWER).await;
        page.event("callback").await;
        let marks = json!(["Wrong", "This would have been right", "Right"]);
        assert_eq!(notes(page).await, marks);
        assert_eq!(outcome(page).await, r#"c ["c","a"] false 1 0"#);
        page.call(update, vec![project]).await;
        page.until("return document.querySelector('[data-cuehook-element=lake]').checkVisibility()").await;
        assert_eq!(notes(page).await, marks);
        assert_eq!(chosen(page).await, json!([0, 2]));
        assert!(!page.is_visible(ANSWER).await);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_survey_marks_nothing() {
    run(async |page| {
        let survey = json!({ "choices": [{ "id": "y", "label": "Yes" }, { "id": "n", "label": "No", "feedback": "Pity." }],
            "onCorrect": [], "onWrong": [], "from": 1, "pauseOnAppear": true, "attempts": 1 });
        page.stage(&quiz(page, survey)).await;
        page.event("pause").await;
        page.click(&choice(1)).await;
        page.click(ANSWER).await;
        page.event("resume").await;
        assert_eq!(notes(page).await, json!(["", ""]));
        assert_eq!(outcome(page).await, r#"y ["y"] - 1 0"#);
        assert!(!page.is_visible(ANSWER).await);
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_film_waits_until_the_verdict_is_read() {
    run(async |page| {
        page.stage(&quiz(page, json!({ "from": 1, "pauseOnAppear": true }))).await;
        page.event("pause").await;
        page.assert_standing().await;
        page.run("document.querySelector('[data-cuehook-element=lake] input').focus()").await;
        page.write("1").await;
        page.press(ENTER).await;
        page.until_posted(1).await;
        assert_eq!(notes(page).await, json!(["Right You know your lakes.", "", ""]));
        assert_eq!(page.text(ANSWER).await, "Continue");
        page.assert_standing().await;
        page.press(ENTER).await;
        page.event("resume").await;
        page.until("return document.querySelector('[data-cuehook-element=lake]').hidden").await;
        page.until_playing().await;
        assert_eq!(page.events("pause").await.len(), 1);
    });
}
