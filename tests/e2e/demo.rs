//! The demo page, story by story, as somebody sees it who has just opened it.

use crate::page::{Page, pause};
use crate::support::run;
use serde_json::json;

/// What the browser's console says of the first call at the campfire.
pub const TOO_LATE: &str =
    "/v1/call/lake.seat - Failed to load resource: the server responded with a status of 504";

const WIDE: u32 = 1440;
const NARROW: u32 = 375;
const NARROWEST: u32 = 320;

/// Opens the page as it is to somebody who comes for the first time.
pub async fn opened(page: &Page, width: u32) {
    page.resize(width, 900).await;
    page.open_watched("/").await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
    page.until("return document.querySelector('#start:not([hidden])')").await;
}

/// Goes to a scene by its step below the film, and clicks what can be clicked there.
pub async fn scene(page: &Page, element: &str) {
    page.click(&format!("#steps [data-element={element}]")).await;
    let script = format!(
        "const v = document.querySelector('video');
         const from = Number(document.querySelector('#steps [data-element={element}]').dataset.from);
         return !v.seeking && v.currentTime > from && document.querySelector('{}').checkVisibility()",
        on_stage(element)
    );
    page.until(&script).await;
    page.click(&on_stage(element)).await;
}

fn on_stage(element: &str) -> String {
    format!("[data-cuehook-element={element}]")
}

async fn until_shown(page: &Page, element: &str) -> String {
    let css = on_stage(element);
    page.until(&format!("return document.querySelector('{css}')?.checkVisibility()")).await;
    page.text(&css).await
}

async fn is_done(page: &Page, element: &str) {
    page.until(&format!("return document.querySelector('.done > [data-element={element}]')")).await;
}

async fn canoe(page: &Page) {
    scene(page, "canoe").await;
    let settled = page.event("settled").await;
    assert_eq!((&settled["webhook"], &settled["outcome"]), (&json!("welcome"), &json!("ok")));
    assert!(until_shown(page, "greeting").await.contains("Good evening, John"));
    assert_eq!(page.events("pause").await.len(), 0, "this one does not wait");
    page.until_playing().await;
    is_done(page, "canoe").await;
}

async fn tent(page: &Page) -> String {
    let before = page.events("settled").await.len();
    scene(page, "tent").await;
    let settled = page.nth_event("settled", before + 1).await;
    assert_eq!((&settled["webhook"], &settled["outcome"]), (&json!("discount"), &json!("ok")));
    let text = until_shown(page, "code").await;
    assert!(text.contains("LAKE-"), "{text}");
    page.until("return document.querySelector('[data-cuehook-element=code] img').naturalWidth").await;
    page.until_playing().await;
    is_done(page, "tent").await;
    text
}

async fn lantern(page: &Page) {
    let before = page.events("settled").await.len();
    scene(page, "lantern").await;
    assert_eq!(page.nth_event("settled", before + 1).await["outcome"], "ok");
    let order = "return seen.events.filter(({ event, detail }) => detail.webhook === 'reserve' || detail.element === 'kept'
            || event === 'pause').map(({ event }) => event).slice(-5)";
    assert_eq!(page.run(order).await, json!(["pause", "request", "response", "show", "settled"]));
    assert!(until_shown(page, "kept").await.contains("Kept for John"));
    page.until("return document.querySelector('video').playbackRate === 0.5").await;
    page.until_playing().await;
    is_done(page, "lantern").await;
    page.run("document.querySelector('video').currentTime = 22").await;
    page.until("return document.querySelector('video').playbackRate === 1").await;
    assert!(!page.is_visible(&on_stage("kept")).await);
}

async fn campfire(page: &Page) {
    let before = page.events("settled").await.len();
    scene(page, "campfire").await;
    assert_eq!(page.nth_event("settled", before + 1).await["outcome"], "timeout");
    page.until("return document.querySelector('.cuehook-retry')").await;
    assert_eq!(page.text(".cuehook-failed .cuehook-text").await, "Northlight took too long.");
    page.until_playing().await;
    assert!(!page.is_visible(&on_stage("seat-card")).await);
    page.click(".cuehook-retry").await;
    assert_eq!(page.nth_event("settled", before + 2).await["outcome"], "ok");
    assert!(until_shown(page, "seat-card").await.contains("A seat for John"));
    let ids = "return seen.named('request').slice(-2).map(({ headers }) => [headers['webhook-id'], headers['idempotency-key']])";
    let ids = page.run(ids).await;
    assert_ne!(ids[0][0], ids[1][0], "the relay has stored what became of the first call");
    assert_eq!(ids[0][1], ids[1][1], "to the webhook it is the same request");
    assert!(!page.is_visible(".cuehook-notice").await);
    page.until_playing().await;
    is_done(page, "campfire").await;
}

async fn mug(page: &Page, code: &str) {
    scene(page, "mug").await;
    // What the page says to it stands in the picture, where the viewer looks.
    assert!(until_shown(page, "thanks").await.contains(&format!("Heard: {code}")));
    let heard = page.text("#heard").await;
    assert!(heard.contains("take-home") && heard.contains(code), "{heard}");
    is_done(page, "mug").await;
}

async fn again(page: &Page) {
    page.run("document.querySelector('video').currentTime = 30.9").await;
    until_shown(page, "again").await;
    page.click(&on_stage("again")).await;
    page.until("return document.querySelector('video').currentTime < 20").await;
    page.until_playing().await;
}

async fn whole_story(page: &Page, width: u32) {
    page.expect_problem(TOO_LATE);
    opened(page, width).await;
    page.click("#start").await;
    page.until_playing().await;
    canoe(page).await;
    let text = tent(page).await;
    let code = text.split("LAKE-").nth(1).and_then(|rest| rest.get(..6)).unwrap();
    lantern(page).await;
    campfire(page).await;
    mug(page, &format!("LAKE-{code}")).await;
    again(page).await;
    all_done(page, 5).await;
}

/// All steps of the story are done, and the page is not wider than the window.
async fn all_done(page: &Page, steps: usize) {
    page.until(&format!("return document.querySelectorAll('#steps .done').length === {steps}")).await;
    let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
    assert_eq!(page.run(overflow).await, 0, "nothing sticks out sideways");
}

/// Opens the page and chooses a story.
async fn chosen(page: &Page, width: u32, story: &str) {
    opened(page, width).await;
    choose(page, story).await;
    page.click("#start").await;
    page.until_playing().await;
}

async fn choose(page: &Page, story: &str) {
    page.click(&format!("[data-story={story}]")).await;
    until_told(page, story).await;
}

/// Waits until a story is there, and can be played.
async fn until_told(page: &Page, story: &str) {
    let script = format!(
        "return new URLSearchParams(location.search).get('story') === '{story}'
            && document.querySelector('[aria-current]')?.dataset.story === '{story}'
            && document.querySelector('cue-hook[ready]')?.getAttribute('src').includes('{story}')
            && document.querySelector('#start:not([hidden])')"
    );
    page.until(&script).await;
}

async fn until_gone(page: &Page, element: &str) {
    page.until(&format!("return !document.querySelector('{}').checkVisibility()", on_stage(element))).await;
}

/// Waits until the inspector shows a text in its panel of the request.
async fn until_inspected(page: &Page, text: &str) {
    page.until(&format!("return document.querySelector('#panel-request').innerText.includes({text:?})"))
        .await;
}

async fn product_story(page: &Page, width: u32) {
    chosen(page, width, "products").await;
    scene(page, "tent").await;
    let shelf = until_shown(page, "shelf").await;
    assert!(
        shelf.contains("Tent for two") && shelf.contains("only 2 left") && shelf.contains("sold out"),
        "{shelf}"
    );
    page.assert_standing().await;
    for (count, product) in [(1, "tent"), (2, "lantern")] {
        page.click(&format!("[data-action=keep][data-param-id={product}]")).await;
        page.until(&format!(
            "return document.querySelector('.shelf-foot').innerText.includes('{count} put aside')"
        ))
        .await;
    }
    assert!(page.text(&on_stage("shelf")).await.contains("€213.50 in all"));
    until_inspected(page, "\"lantern\"").await;
    page.click("[data-action=close]").await;
    until_gone(page, "shelf").await;
    page.until_playing().await;
    assert!(until_shown(page, "kept").await.contains("Lantern"));
    all_done(page, 2).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_shop_on_a_wide_page() {
    run(async |page| product_story(page, WIDE).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_shop_on_a_narrow_page() {
    run(async |page| product_story(page, NARROWEST).await);
}

/// Goes to a question, chooses, and answers.
async fn answer(page: &Page, question: &str, choices: &[u32]) {
    let stands = on_stage(question);
    if !page.is_visible(&stands).await {
        page.click(&format!("#steps [data-element={question}]")).await;
    }
    until_shown(page, question).await;
    page.assert_standing().await;
    for choice in choices {
        page.click(&format!("{stands} .cuehook-answer:nth-of-type({choice}) .cuehook-choice")).await;
    }
    page.click(&format!("{stands} .cuehook-submit")).await;
}

async fn go_on(page: &Page, question: &str) {
    page.click(&format!("{} .cuehook-submit", on_stage(question))).await;
    until_gone(page, question).await;
    page.until_playing().await;
}

async fn quiz_story(page: &Page, width: u32, light: u32) {
    chosen(page, width, "quiz").await;
    answer(page, "boat", &[2]).await;
    go_on(page, "boat").await;
    answer(page, "camp", &[1, 3]).await;
    page.until("return document.querySelector('[data-mark=wrong]')").await;
    // The second attempt.
    answer(page, "camp", &[2, 3]).await;
    go_on(page, "camp").await;
    answer(page, "light", &[light]).await;
    go_on(page, "light").await;
    page.click("#steps [data-element=end]").await;
    let (card, text, score) = match light {
        2 => ("perfect", "Keeper of the lake", 3),
        _ => ("result-card", "2 of 3, guest", 2),
    };
    assert!(until_shown(page, card).await.contains(text));
    assert_eq!(page.run("return JSON.parse(seen.named('request').at(-1).body).params.score").await, score);
    until_inspected(page, "\"canoe\"").await;
    all_done(page, 4).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_quiz_on_a_wide_page() {
    run(async |page| quiz_story(page, WIDE, 2).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_quiz_on_a_narrow_page() {
    run(async |page| quiz_story(page, NARROWEST, 1).await);
}

async fn lead_story(page: &Page, width: u32) {
    chosen(page, width, "lead").await;
    scene(page, "canoe").await;
    until_shown(page, "lead").await;
    page.assert_standing().await;
    // Programs are quicker than people.
    pause(1_600).await;
    for (field, text) in [("given-name", "Ada"), ("email", "ada@example.org")] {
        page.click(&format!("{} [autocomplete={field}]", on_stage("lead"))).await;
        page.write(text).await;
    }
    page.click(&format!("{} [type=checkbox]", on_stage("lead"))).await;
    page.click(&format!("{} .cuehook-submit", on_stage("lead"))).await;
    let thanks = until_shown(page, "thanks").await;
    assert!(thanks.contains("On its way, Ada") && thanks.contains("ada@example.org"), "{thanks}");
    until_gone(page, "lead").await;
    page.until_playing().await;
    // The lead is in the inspector, as the webhook that names the form gets it…
    until_inspected(page, "A lead has arrived").await;
    let card = page.text(".lead-card").await;
    for part in ["firstName", "Ada", "email", "ada@example.org", "news", "true"] {
        assert!(card.contains(part), "{card}");
    }
    // …and not in the request before, of a webhook that does not.
    page.click("#pick option:last-child").await;
    until_inspected(page, "A form was submitted").await;
    assert!(!page.text("#panel-request").await.contains("ada@example.org"));
    all_done(page, 2).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_lead_on_a_wide_page() {
    run(async |page| lead_story(page, WIDE).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_lead_on_a_narrow_page() {
    run(async |page| lead_story(page, NARROWEST).await);
}

/// Each story has an address: it survives a reload, and the way back leads to the story before.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_story_is_chosen_by_keyboard_and_stays() {
    run(async |page| {
        opened(page, WIDE).await;
        page.run("document.querySelector('[data-story=tour]').focus()").await;
        page.press(crate::page::TAB).await;
        page.press(crate::page::TAB).await;
        page.press(crate::page::ENTER).await;
        until_told(page, "quiz").await;
        assert_eq!(page.run("return document.activeElement.dataset.story").await, "quiz");
        assert_eq!(page.run("return document.querySelectorAll('#steps button').length").await, 4);
        page.client().refresh().await.unwrap();
        until_told(page, "quiz").await;
        choose(page, "lead").await;
        page.client().back().await.unwrap();
        until_told(page, "quiz").await;
    });
}

/// The message of a call that failed lies over the picture, in full screen, too.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_failure_is_told_where_the_viewer_looks() {
    run(async |page| {
        page.expect_problem(TOO_LATE);
        opened(page, WIDE).await;
        page.click("#full").await;
        page.until("return document.fullscreenElement?.localName === 'cue-hook'").await;
        page.run("document.querySelector('video').currentTime = 22.6").await;
        page.play().await;
        page.click(&on_stage("campfire")).await;
        page.until("return document.querySelector('.cuehook-retry')").await;
        let seen = "const button = document.querySelector('.cuehook-retry');
            const { left, top, width, height } = button.getBoundingClientRect();
            const hit = document.elementFromPoint(left + width / 2, top + height / 2);
            return document.fullscreenElement.contains(button) && button.contains(hit)";
        page.until(seen).await;
        page.click(".cuehook-retry").await;
        until_shown(page, "seat-card").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_story_on_a_wide_page() {
    run(async |page| whole_story(page, WIDE).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_story_on_a_narrow_page() {
    run(async |page| whole_story(page, NARROW).await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_inspector_shows_request_answer_events_log_and_project() {
    run(async |page| {
        opened(page, WIDE).await;
        let text = tent(page).await;
        let code = format!("LAKE-{}", text.split("LAKE-").nth(1).and_then(|rest| rest.get(..6)).unwrap());
        let request = page.event("request").await;
        let id = request["headers"]["webhook-id"].as_str().unwrap().to_owned();
        let has = async |panel: &str, part: &str| {
            page.click(&format!("#tab-{panel}")).await;
            let script = format!(
                "const p = document.querySelector('#panel-{panel}'); return p.checkVisibility() && p.textContent.includes({part:?})"
            );
            page.until(&script).await;
        };
        has("request", "/webhook-test").await;
        for part in [id.as_str(), "idempotency-key", "X-Shop", "webhook.executed", "get tonight's code"] {
            has("request", part).await;
        }
        has("answer", "200").await;
        for part in [code.as_str(), "/film/tent.jpg", "${imageUrl}", "film: resumed"] {
            has("answer", part).await;
        }
        has("events", "activate").await;
        has("events", "settled").await;
        has("log", "Tent: get tonight's code").await;
        has("project", "executeWebhook").await;
    });
}

/// Whatever the webhook is told to do wrong, the code is right, the film goes on, and a good answer mends it.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn every_misbehaviour_on_offer_is_mended() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        opened(page, WIDE).await;
        let modes = [
            ("slow", "ok"),
            ("never", "timeout"),
            ("recovers", "ok"),
            ("missing", "http-status"),
            ("reset", "network"),
            ("half", "bad-json"),
            ("html", "bad-json"),
            ("huge", "too-large"),
        ];
        let offered =
            "return [...document.querySelectorAll('#mode option')].slice(1).map(({ value }) => value)";
        assert_eq!(page.run(offered).await, json!(modes.map(|(mode, _)| mode)));
        for (mode, outcome) in modes {
            page.click(&format!("#mode option[value={mode}]")).await;
            let before = page.events("settled").await.len();
            scene(page, "tent").await;
            let settled = page.nth_event("settled", before + 1).await;
            assert_eq!(settled["outcome"], outcome, "{mode}");
            page.until_playing().await;
            assert_eq!(page.is_visible(&on_stage("code")).await, outcome == "ok", "{mode}");
            if outcome != "ok" {
                page.until("return document.querySelector('.cuehook-retry')").await;
                page.click("#tab-answer").await;
                page.until(&format!(
                    "return document.querySelector('#panel-answer').textContent.includes('{outcome}')"
                ))
                .await;
            }
        }
        page.click("#mode option[value=well]").await;
        tent(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn starting_over_forgets_all_but_the_session() {
    run(async |page| {
        opened(page, WIDE).await;
        tent(page).await;
        let session = "return JSON.parse(seen.named('request').at(-1).body).session.id";
        let first = page.run(session).await;
        page.click("#fresh").await;
        page.nth_event("ready", 2).await;
        assert_eq!(page.run("return document.querySelectorAll('#steps .done').length").await, 0);
        tent(page).await;
        assert_eq!(page.run(session).await, first, "a session is a tab");
        let log = "return JSON.parse(seen.named('request').at(-1).body).interactions.length";
        assert_eq!(page.run(log).await, 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn who_is_watching_is_told_to_the_webhook() {
    run(async |page| {
        opened(page, WIDE).await;
        page.click("#viewer").await;
        page.write("Ada").await;
        page.press(crate::page::ENTER).await;
        scene(page, "canoe").await;
        page.event("settled").await;
        assert!(until_shown(page, "greeting").await.contains("Good evening, Ada"));
    });
}
