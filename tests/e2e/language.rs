//! Cuehook speaks the language of the page.

use crate::page::Page;
use crate::support::{run, shop};
use serde_json::{Value, json};

/// Waits for an answer on a page in a language, with words of the document.
async fn waiting(page: &Page, language: &str, words: Value) -> Value {
    page.open("/tests/stage.html").await;
    page.call("document.documentElement.lang = arguments[0]", vec![language.into()]).await;
    let mut project = shop(&page.hook("hold=1"), json!({ "timeoutMs": 60000 }));
    project["words"] = words;
    page.lay(&project).await;
    page.play().await;
    page.click(".cuehook-area").await;
    page.until("return document.querySelector('.cuehook-cancel')").await;
    let script = "return [document.querySelector('.cuehook-waiting .cuehook-text').textContent,
        document.querySelector('.cuehook-cancel').textContent,
        document.querySelector('.cuehook-fullscreen').getAttribute('aria-label'),
        getComputedStyle(document.querySelector('.cuehook-waiting')).direction]";
    let said = page.run(script).await;
    page.release(1).await;
    page.event("settled").await;
    said
}

fn fullscreen(page: &Page, alone: &str, beside: &str) -> String {
    // Other browsers keep a button of their own.
    if page.engine() == crate::engine::Engine::Chromium { alone } else { beside }.to_owned()
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_page_says_which_language() {
    run(async |page| {
        let german = json!([
            "Die Antwort kommt gleich …",
            "Abbrechen",
            fullscreen(page, "Vollbild", "Interaktives Vollbild"),
            "ltr"
        ]);
        assert_eq!(waiting(page, "de-AT", json!({})).await, german);
        let english = json!([
            "Waiting for the answer…",
            "Cancel",
            fullscreen(page, "Full screen", "Interactive full screen"),
            "ltr"
        ]);
        assert_eq!(waiting(page, "pl", json!({})).await, english);
        let arabic =
            json!(["في انتظار الرد…", "إلغاء", fullscreen(page, "ملء الشاشة", "ملء الشاشة التفاعلي"), "rtl"]);
        assert_eq!(waiting(page, "AR", json!({})).await, arabic);
        let own = json!({ "cancel": "Lass es", "fullscreen": "Groß", "interactiveFullscreen": "Groß" });
        assert_eq!(
            waiting(page, "de", own).await,
            json!(["Die Antwort kommt gleich …", "Lass es", "Groß", "ltr"])
        );
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_update_keeps_the_language() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.run("document.querySelector('main').lang = 'fr-CA'").await;
        page.lay(&shop(&page.hook(""), json!({}))).await;
        let label = async || {
            page.run("return document.querySelector('.cuehook-fullscreen').getAttribute('aria-label')").await
        };
        assert_eq!(label().await, fullscreen(page, "Plein écran", "Plein écran interactif"));
        let mut other = shop(&page.hook("hold=1"), json!({ "timeoutMs": 60000 }));
        let update = "return document.querySelector('cue-hook').handle.update(arguments[0]).then(() => true)";
        other["words"] = json!({ "fullscreen": "Grand", "interactiveFullscreen": "Grand" });
        page.call(update, vec![other]).await;
        assert_eq!(label().await, "Grand");
        page.play().await;
        page.click(".cuehook-area").await;
        page.until("return document.querySelector('.cuehook-cancel')").await;
        assert_eq!(page.text(".cuehook-cancel").await, "Annuler");
        page.release(1).await;
        page.event("settled").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn without_its_translation_it_speaks_english() {
    run(async |page| {
        page.expect_problem("words/ja.js");
        page.open("/tests/stage.html").await;
        if page.engine() != crate::engine::Engine::Chromium {
            return;
        }
        page.block("*/words/ja.js").await;
        page.run("document.documentElement.lang = 'ja'").await;
        page.lay(&shop(&page.hook(""), json!({}))).await;
        page.run("document.querySelector('cue-hook').remove()").await;
        page.lay(&shop(&page.hook(""), json!({}))).await;
        let label = "return document.querySelector('.cuehook-fullscreen').getAttribute('aria-label')";
        assert_eq!(page.run(label).await, "Full screen");
        let warned = "return seen.warnings.filter((text) => text.includes('translation \"ja\"')).length";
        assert_eq!(page.run(warned).await, 1);
    });
}
