//! The module traps: the film plays on, everybody is told at once, and the next instance has a fresh module.
//!
//! `tests/pages/trapped.js` makes the traps.

use crate::page::{Page, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

const FAILED: &str = "Cuehook has failed and has stopped";

/// Opens the page of traps and lays a project over the film.
async fn open(page: &Page, project: &Value) {
    page.expect_problem(FAILED);
    page.open("/tests/trapped.html").await;
    page.lay(project).await;
    page.play().await;
}

/// Attaches by script to a second film; `other` is its handle.
async fn attach(page: &Page, project: &Value) {
    let script = "const video = document.querySelector('#second video') ?? document.createElement('video');
        Object.assign(video, { src: '/film/lake.webm', muted: true, playsInline: true });
        document.querySelector('#second').append(video);
        return Cuehook.attach(video, arguments[0]).then((handle) => { globalThis.other = handle })";
    page.call(script, vec![project.clone()]).await;
}

/// Nothing of a module runs, whatever happens on the page.
async fn assert_dead(page: &Page, module: usize) {
    let before = page.run("return seen.calls").await[module].clone();
    page.run("document.querySelector('video').dispatchEvent(new Event('timeupdate')); dispatchEvent(new Event('resize'))")
        .await;
    page.click("#before").await;
    pause(400).await;
    assert_eq!(page.run("return seen.calls").await[module], before);
}

/// The film is as it would be without us.
async fn assert_gone(page: &Page) {
    page.until_playing().await;
    assert_eq!(page.run("return document.querySelectorAll('.cuehook-stage').length").await, 0);
    let state = "const { attributes } = document.querySelector('cue-hook');
        return [...attributes].map(({ name, value }) => `${name} ${value}`).filter((text) => !text.startsWith('src'))";
    assert_eq!(page.run(state).await, json!(["error internal"]));
    let button = "return document.querySelector('video').controlsList?.contains('nofullscreen') ?? false";
    assert_eq!(page.run(button).await, false, "the film's own button is back");
}

/// The element starts again, with a fresh module, and does all that it should.
async fn assert_starts_again(page: &Page, query: &str, modules: usize) {
    let settled = page.events("settled").await.len();
    page.remember_project(&shop(&page.hook(query), json!({}))).await;
    // In two steps: what is put back at once has only been moved.
    page.run("globalThis.cue = document.querySelector('cue-hook'); cue.remove()").await;
    page.run("document.querySelector('main').append(cue)").await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
    page.play().await;
    page.click(".cuehook-area").await;
    assert_eq!(page.nth_event("settled", settled + 1).await["outcome"], "ok");
    page.until_playing().await;
    assert!(page.text("[data-cuehook-element=code]").await.contains("LAKE-"));
    assert_eq!(page.run("return seen.calls.length").await, modules);
    assert_eq!(page.run("return document.querySelector('cue-hook').hasAttribute('error')").await, false);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn every_instance_is_told_and_the_next_one_works() {
    run(async |page| {
        open(page, &shop(&page.hook(""), json!({}))).await;
        attach(page, &shop(&page.hook("delay=8000"), json!({ "timeoutMs": 20000 }))).await;
        let script = "seen.told = [];
            document.addEventListener('cuehook:error', ({ target, detail }) => seen.told.push([target.localName, detail.code]));
            other.execute('discount').catch(({ code }) => seen.told.push(['execute', code]));
            globalThis.old = document.querySelector('cue-hook').handle;
            seen.arm();
            try {
                old.variables.set('a', 1);
            } catch (error) {
                return [error.name, error.code, error.cause.name, error.message, error.cause.message];
            }";
        let thrown = page.run(script).await;
        // Each engine has words of its own for what has happened.
        let cause = thrown[4].as_str().unwrap();
        let message = format!("{FAILED}: {cause}");
        assert!(cause.to_lowercase().contains("unreachable"), "{cause}");
        assert_eq!(thrown, json!(["CuehookError", "internal", "RuntimeError", message, cause]));
        page.until("return seen.told.length === 3").await;
        assert_eq!(
            page.run("return seen.told").await,
            json!([["cue-hook", "internal"], ["video", "internal"], ["execute", "internal"]])
        );
        assert_eq!(page.event("error").await["message"], message);
        assert_gone(page).await;
        assert_dead(page, 0).await;
        let methods = "const codes = [old.failed, other.failed];
            for (const call of [() => old.variables.get(), () => old.variables.get('a'), () => old.variables.set('a', 2), () => other.interactions]) {
                try { codes.push(call()); } catch ({ code }) { codes.push(code); }
            }
            const later = [old.execute('discount'), other.update({ cuehook: 1 }), document.querySelector('cue-hook').execute('discount')];
            for (const { reason } of await Promise.allSettled(later)) codes.push(reason?.code);
            old.destroy();
            return codes";
        let methods = format!("return (async () => {{ {methods} }})()");
        let internal = json!("internal");
        let mut expected = vec![json!(true), json!(true)];
        expected.extend(vec![internal; 7]);
        assert_eq!(page.run(&methods).await, Value::from(expected));

        attach(page, &shop(&page.hook(""), json!({}))).await;
        page.click("#second .cuehook-area").await;
        page.until("return seen.named('settled').some(({ outcome }) => outcome === 'ok')").await;
        assert!(page.text("#second [data-cuehook-element=code]").await.contains("LAKE-"));
        assert_starts_again(page, "", 2).await;
        assert_dead(page, 0).await;
    });
}

/// Waits for an answer with the film paused, then traps.
async fn traps_while_waiting(page: &Page, when: &str, then: &str) {
    open(page, &shop(&page.hook("delay=1800"), json!({}))).await;
    page.click(".cuehook-area").await;
    page.event("pause").await;
    page.assert_standing().await;
    page.run(&format!("seen.arm({when:?}); {then}")).await;
    assert_eq!(page.event("error").await["code"], "internal");
    assert_gone(page).await;
    assert_dead(page, 0).await;
    assert_starts_again(page, "", 2).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn in_a_timer_while_the_film_waits() {
    run(async |page| traps_while_waiting(page, "timer", "").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn in_the_continuation_of_a_fetch_while_the_film_waits() {
    run(async |page| traps_while_waiting(page, "promise", "").await);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn in_a_listener_while_the_film_waits() {
    run(async |page| {
        let event = "document.querySelector('video').dispatchEvent(new Event('timeupdate'))";
        traps_while_waiting(page, "any", event).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn in_an_animation_frame() {
    run(async |page| {
        open(page, &shop(&page.hook(""), json!({}))).await;
        page.run("seen.arm('frame')").await;
        assert_eq!(page.event("error").await["code"], "internal");
        assert_gone(page).await;
        assert_dead(page, 0).await;
        assert_starts_again(page, "", 2).await;
    });
}

/// A viewer who has paused finds the film paused.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_the_viewer_has_paused_stays_paused() {
    run(async |page| {
        open(page, &shop(&page.hook("delay=8000"), json!({ "timeoutMs": 20000 }))).await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        page.play().await;
        page.run("document.querySelector('video').pause()").await;
        page.assert_standing().await;
        page.run("seen.arm(); document.querySelector('video').dispatchEvent(new Event('timeupdate'))").await;
        assert_eq!(page.event("error").await["code"], "internal");
        page.assert_standing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn while_it_starts() {
    run(async |page| {
        page.expect_problem(FAILED);
        page.open("/tests/trapped.html").await;
        let project = shop(&page.hook(""), json!({}));
        page.run("document.addEventListener('cuehook:ready', () => seen.arm(), { once: true })").await;
        page.lay_with(&project, json!({}), "").await;
        assert_eq!(page.event("error").await["code"], "internal");
        let ready = "return document.querySelector('cue-hook').ready.then(() => 'ready', ({ code }) => code)";
        assert_eq!(page.run(ready).await, "internal");
        page.play().await;
        assert_gone(page).await;
        assert_eq!(page.events("error").await.len(), 1);
        assert_starts_again(page, "", 2).await;
    });
}

/// What called the page's listener is still under way when the call from the listener traps.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_is_under_way_does_not_go_on() {
    run(async |page| {
        let mut project = shop(&page.hook(""), json!({}));
        project["elements"][0]["onClick"] =
            json!([{ "do": "setVariable", "name": "a", "value": 1 }, { "do": "pause" }]);
        open(page, &project).await;
        let script = "const cue = document.querySelector('cue-hook');
            cue.addEventListener('cuehook:variablechange', () => {
                seen.arm();
                try { cue.handle.variables.set('b', 1); } catch ({ code }) { seen.inner = code; }
            }, { once: true });
            cue.addEventListener('cuehook:error', () => (seen.after = seen.calls[0]))";
        page.run(script).await;
        page.click(".cuehook-area").await;
        page.until("return seen.inner === 'internal'").await;
        assert_gone(page).await;
        // With its next call outwards it ends.
        assert_eq!(page.run("return seen.calls[0] - seen.after <= 1").await, true);
        assert_eq!(page.events("error").await.len(), 1);
        assert_starts_again(page, "", 2).await;
    });
}

/// Not staged: the module really has no memory left.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn out_of_memory() {
    run(async |page| {
        open(page, &shop(&page.hook("delay=8000"), json!({ "timeoutMs": 20000 }))).await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        let script = "const { memory } = seen.modules[0];
            memory.grow(65536 - memory.buffer.byteLength / 65536);
            const { variables } = document.querySelector('cue-hook').handle;
            try {
                for (let count = 0; count < 40; count += 1) variables.set(`v${count}`, 'x'.repeat(1 << 20));
            } catch ({ code, cause }) {
                return [code, cause instanceof Error];
            }";
        assert_eq!(page.run(script).await, json!(["internal", true]));
        assert_gone(page).await;
        assert_dead(page, 0).await;
        assert_starts_again(page, "", 2).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn of_the_full_build() {
    run(async |page| {
        page.expect_problem(FAILED);
        page.open("/tests/trapped.html").await;
        let project = shop(&page.hook(""), json!({}));
        page.lay_with(&project, json!({ "expressions": "full" }), "").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        attach(page, &project).await;
        page.play().await;
        page.run(
            "seen.arm(); document.querySelector('cue-hook video').dispatchEvent(new Event('timeupdate'))",
        )
        .await;
        assert_eq!(page.event("error").await["code"], "internal");
        page.until_playing().await;
        assert_eq!(page.run("return document.querySelectorAll('cue-hook .cuehook-stage').length").await, 0);
        assert_eq!(page.run("return [other.failed, seen.calls.length]").await, json!([false, 2]));
        page.click("#second .cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
    });
}
