//! Coming to a page and going from it.

use crate::page::{Page, pause};
use crate::support::{run, shop};
use serde_json::json;

/// The element lies beside the film and names it, so that it can go and the film stay.
async fn beside(page: &Page, query: &str) {
    page.open("/tests/stage.html").await;
    page.lay(&shop(&page.hook(query), json!({}))).await;
    let script = "const cue = document.querySelector('cue-hook'), video = document.querySelector('video');
        seen.own = [];
        for (const name of ['error', 'settled', 'resume', 'destroy'])
            cue.addEventListener(`cuehook:${name}`, ({ detail }) => seen.own.push([name, detail.code ?? detail.outcome ?? detail.reason]));
        video.id = 'film';
        document.querySelector('main').append(video);
        cue.setAttribute('for', 'film');";
    let project = shop(&page.hook(query), json!({}));
    page.remember_project(&project).await;
    page.run(script).await;
    page.until("return document.querySelector('main > .cuehook-stage')").await;
    page.play().await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn taken_off_the_page_mid_request() {
    run(async |page| {
        beside(page, "hold=1").await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        page.assert_standing().await;
        page.run("seen.own.length = 0; globalThis.gone = document.querySelector('cue-hook'); gone.remove()")
            .await;
        page.until_playing().await;
        let own = page.run("return seen.own").await;
        assert_eq!(
            own,
            json!([["error", "aborted"], ["settled", "aborted"], ["resume", "resumed"], ["destroy", null]])
        );
        let left = "return document.querySelectorAll('[class*=cuehook], [aria-busy], [busy]').length";
        assert_eq!(page.run(left).await, 0);
        assert_eq!(page.run("return gone.attributes.length").await, 2, "its own attributes: src, for");
        page.release(1).await;
        pause(500).await;
        assert_eq!(page.run("return seen.own.length").await, 4, "nothing follows");

        page.remember_project(&shop(&page.hook(""), json!({}))).await;
        page.run("document.querySelector('main').append(gone)").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.click(".cuehook-area").await;
        page.until("return seen.own.some(([name, what]) => name === 'settled' && what === 'ok')").await;
        page.until_playing().await;
        assert!(page.text("[data-cuehook-element=code]").await.contains("LAKE-"));
        assert_eq!(page.run("return document.querySelectorAll('.cuehook-stage').length").await, 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn taken_off_the_page_with_the_film_and_put_back() {
    run(async |page| {
        page.stage(&shop(&page.hook("hold=1"), json!({}))).await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        page.run("globalThis.gone = document.querySelector('cue-hook'); gone.remove()").await;
        page.until("return !gone.querySelector('[class*=cuehook]')").await;
        page.remember_project(&shop(&page.hook(""), json!({}))).await;
        page.run("document.querySelector('main').append(gone)").await;
        page.nth_event("ready", 2).await;
        page.play().await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn moved_inside_the_page_it_goes_on() {
    run(async |page| {
        beside(page, "hold=1").await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        page.run("seen.own.length = 0; document.body.append(document.querySelector('cue-hook'))").await;
        page.release(1).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
        assert_eq!(page.run("return seen.own").await, json!([["settled", "ok"], ["resume", "resumed"]]));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_project_mid_request() {
    run(async |page| {
        page.stage(&shop(&page.hook("hold=1"), json!({}))).await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        let mut project = shop(&page.hook(""), json!({}));
        project["elements"][1]["source"] = json!("Code: ${discountCode!none}");
        page.run(&format!("document.querySelector('cue-hook').handle.update({project})")).await;
        assert_eq!(page.event("settled").await["outcome"], "aborted");
        page.until_playing().await;
        page.nth_event("ready", 2).await;
        assert_eq!(page.text("[data-cuehook-element=code]").await, "Code: none");
        page.click(".cuehook-area").await;
        assert_eq!(page.nth_event("settled", 2).await["outcome"], "ok");
        assert!(page.text("[data-cuehook-element=code]").await.contains("LAKE-"));
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_page_of_markup_alone() {
    run(async |page| {
        page.open("/tests/declared.html").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.play().await;
        page.click("#order").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
        assert!(page.text("[data-cuehook-element=code]").await.starts_with("LAKE-"));
        let interactions = page.run("return document.querySelector('cue-hook').handle.interactions").await;
        assert_eq!(
            (&interactions[0]["element"], &interactions[0]["label"]),
            (&json!("order"), &json!("Order now"))
        );
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn attached_by_script_to_a_bare_video() {
    run(async |page| {
        page.open("/tests/bare.html").await;
        let project = shop(&page.hook(""), json!({}));
        page.run(&format!(
            "Cuehook.attach(document.querySelector('video'), {project}).then((h) => (globalThis.handle = h))"
        ))
        .await;
        page.until("return globalThis.handle").await;
        page.play().await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
        page.run("handle.destroy()").await;
        assert_eq!(page.run("return document.querySelectorAll('[class*=cuehook]').length").await, 0);
        page.until_playing().await;
    });
}
