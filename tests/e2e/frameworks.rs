//! Cuehook inside React, Vue and Svelte, by the components of docs/frameworks.md.

use crate::page::{Page, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

const FILM: &str = "/film/lake.webm";
const OTHER_FILM: &str = "/film/lake.webm?other";

/// A project whose overlay says something, and whose second area calls back.
fn project(page: &Page, words: &str) -> Value {
    let mut project = shop(&page.hook(""), json!({}));
    project["elements"][1]["source"] = json!(format!("{words}: ${{discountCode!none}}"));
    project["elements"].as_array_mut().unwrap().push(json!({
        "id": "tell", "kind": "area", "label": "Tell the page",
        "box": { "left": 2, "top": 2, "width": 30, "height": 20 },
        "onClick": [{ "do": "callback", "name": "told" }]
    }));
    project
}

/// Changes the state of the page's application.
async fn set(page: &Page, part: Value) {
    page.call("return app.set(arguments[0])", vec![part]).await;
}

async fn open(page: &Page, framework: &str) {
    page.open(&format!("/tests/frameworks/{framework}.html")).await;
    page.until("return window.app?.set").await;
}

async fn shows(page: &Page, text: &str) {
    let script =
        format!("return document.querySelector('[data-cuehook-element=code]')?.textContent === {text:?}");
    page.until(&script).await;
}

async fn stages(page: &Page) -> Value {
    page.run("return document.querySelectorAll('.cuehook-stage').length").await
}

/// Waits until the film can be played, and plays it.
async fn play(page: &Page) {
    page.until(
        "const film = document.querySelector('video'); return film.readyState >= 2 && (film.muted = true)",
    )
    .await;
    page.play().await;
}

/// What every framework has to do.
async fn all(page: &Page, framework: &str) {
    project_as_object_text_and_address(page, framework).await;
    rendered_again(page, framework).await;
    film_with_another_key(page, framework).await;
    comes_and_goes(page, framework).await;
    two_films(page, framework).await;
    assert_eq!(page.run("return seen.warnings").await, json!([]));
}

async fn project_as_object_text_and_address(page: &Page, framework: &str) {
    open(page, framework).await;
    // It is still to come: nobody complains.
    set(page, json!({ "films": [FILM] })).await;
    page.until("return document.querySelector('cue-hook > video')").await;
    pause(100).await;
    assert_eq!(page.run("return document.querySelector('cue-hook').attributes.length").await, 0);
    set(page, json!({ "project": project(page, "Object") })).await;
    shows(page, "Object: none").await;
    set(page, json!({ "project": project(page, "Text").to_string() })).await;
    shows(page, "Text: none").await;
    page.remember_project(&project(page, "Address")).await;
    set(page, json!({ "project": "/tests/project.json" })).await;
    shows(page, "Address: none").await;
    assert_eq!(page.events("ready").await.len(), 3);
    assert_eq!(stages(page).await, 1, "StrictMode mounts twice");
    play(page).await;
    page.click("[data-cuehook-element=tell]").await;
    page.until("return app.heard.length > 0").await;
    assert_eq!(page.run("return app.heard").await, json!(["told"]), "once, and by the framework");
    set(page, json!({ "project": null })).await;
    page.until("return !document.querySelector('.cuehook-stage')").await;
    assert_eq!(page.run("return document.querySelector('cue-hook').attributes.length").await, 0);
    assert_eq!(page.events("error").await.len(), 0);
}

async fn rendered_again(page: &Page, framework: &str) {
    open(page, framework).await;
    let first = project(page, "First");
    set(page, json!({ "films": [FILM], "project": first })).await;
    page.event("ready").await;
    page.run("document.querySelector('cue-hook').handle.variables.set('discountCode', 'kept')").await;
    page.run("window.nodes = [...document.querySelectorAll('[data-cuehook-element]')]").await;
    // The state is another one, the project an equal one.
    set(page, json!({ "count": 1, "project": first })).await;
    page.until("return document.querySelector('#count').textContent === '1'").await;
    set(page, json!({ "count": 2 })).await;
    pause(100).await;
    let same = "return nodes.length > 4 && [...document.querySelectorAll('[data-cuehook-element]')].every((node, at) => node === nodes[at])";
    assert_eq!(page.run(same).await, true, "nothing is built anew");
    assert_eq!(page.events("ready").await.len(), 1);
    shows(page, "First: kept").await;
    set(page, json!({ "project": project(page, "Second") })).await;
    shows(page, "Second: kept").await;
    assert_eq!(page.events("destroy").await.len(), 0, "it is the same instance");
}

async fn film_with_another_key(page: &Page, framework: &str) {
    open(page, framework).await;
    set(page, json!({ "films": [FILM], "project": project(page, "Code") })).await;
    page.event("ready").await;
    page.run("document.querySelector('cue-hook').handle.variables.set('viewerName', 'Ada')").await;
    page.run("window.old = document.querySelector('video')").await;
    set(page, json!({ "films": [OTHER_FILM] })).await;
    page.until(
        "return document.querySelector('video') !== old && document.querySelector('video').readyState >= 2",
    )
    .await;
    let covers = "const [film, stage] = ['video', '.cuehook-stage'].map((css) => document.querySelector(css).getBoundingClientRect());
        return stage.width > 100 && Math.abs(film.width - stage.width) < 1 && Math.abs(film.height - stage.height) < 1
            && Math.abs(film.top - stage.top) < 1 && Math.abs(film.left - stage.left) < 1";
    page.until(covers).await;
    assert_eq!(stages(page).await, 1);
    assert_eq!(
        page.run("return document.querySelector('cue-hook').handle.variables.get('viewerName')").await,
        "Ada"
    );
    play(page).await;
    page.click("[data-cuehook-element=get-code]").await;
    assert_eq!(page.event("settled").await["outcome"], "ok");
    page.until_playing().await;
    assert_eq!(page.events("ready").await.len(), 1, "it is the same instance");
}

async fn comes_and_goes(page: &Page, framework: &str) {
    open(page, framework).await;
    let parts = json!({ "films": [FILM], "project": project(page, "Code") });
    for time in 1..=3 {
        set(page, parts.clone()).await;
        page.nth_event("ready", time).await;
        assert_eq!(stages(page).await, 1);
        set(page, json!({ "films": [] })).await;
        page.until("return document.querySelectorAll('cue-hook, [class*=cuehook]').length === 0").await;
    }
    // In the middle of the start, too.
    let quickly = "const parts = arguments[0];
        app.set(parts);
        app.set({ films: [] });
        return app.set(parts)";
    page.call(quickly, vec![parts]).await;
    page.nth_event("ready", 4).await;
    pause(100).await;
    assert_eq!((stages(page).await, page.events("ready").await.len()), (json!(1), 4));
    assert_eq!(page.events("error").await.len(), 0);
}

async fn two_films(page: &Page, framework: &str) {
    open(page, framework).await;
    set(page, json!({ "films": [FILM, OTHER_FILM], "project": project(page, "Code") })).await;
    page.nth_event("ready", 2).await;
    assert_eq!(stages(page).await, 2);
    let codes = "return [...document.querySelectorAll('[data-cuehook-element=code]')].map((node) => node.textContent)";
    page.run("document.querySelectorAll('cue-hook')[1].handle.variables.set('discountCode', 'own')").await;
    page.until(&format!("return (() => {{ {codes} }})()[1] === 'Code: own'")).await;
    assert_eq!(page.run(codes).await, json!(["Code: none", "Code: own"]));
    set(page, json!({ "films": [FILM] })).await;
    page.until("return document.querySelectorAll('.cuehook-stage').length === 1").await;
    assert_eq!(page.run(codes).await, json!(["Code: none"]));
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn react_in_strict_mode() {
    run(async |page| all(page, "react").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn vue() {
    run(async |page| all(page, "vue").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn svelte() {
    run(async |page| all(page, "svelte").await);
}
