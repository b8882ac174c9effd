//! How Cuehook starts, what keeps it from starting, and that the film plays on without it.

use crate::page::{Page, body, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const MODULE: &str = "/pkg/dist/cuehook_bg.wasm";
const FULL_MODULE: &str = "/pkg/dist/full/cuehook_bg.wasm";

/// Cuehook is not there, and says why; the film is as if it had never been.
async fn stays_away(page: &Page, code: &str) -> Value {
    let error = page.event("error").await;
    assert_eq!(error["code"], code);
    assert!(!error["message"].as_str().unwrap().is_empty());
    let attribute = "return document.querySelector('cue-hook').getAttribute('error')";
    assert_eq!(page.run(attribute).await, code);
    page.until("return document.querySelector('video').readyState >= 2").await;
    page.play().await;
    assert_eq!(page.run("return document.querySelectorAll('[class*=cuehook]').length").await, 0);
    assert_eq!(page.run("return document.querySelector('cue-hook').hasAttribute('ready')").await, false);
    let rejected =
        "document.querySelector('cue-hook').ready.catch((error) => (globalThis.rejected = error.code))";
    page.run(rejected).await;
    assert_eq!(page.until("return globalThis.rejected").await, code);
    assert_eq!(page.events("error").await.len(), 1);
    error
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_project_with_problems() {
    run(async |page| {
        page.expect_problem("[cuehook] The project document has 3 problems");
        page.open("/tests/stage.html").await;
        let mut project = shop(&page.hook(""), json!({ "timeout": 5 }));
        project["elements"][0]["onClick"][0]["webhook"] = json!("discuont");
        project["elements"][1]["source"] = json!("<p>${discountCode</p>");
        page.lay_with(&project, json!({}), "").await;
        let error = stays_away(page, "config-invalid").await;
        let paths: Vec<&str> =
            error["problems"].as_array().unwrap().iter().map(|p| p["path"].as_str().unwrap()).collect();
        assert!(paths.contains(&"elements[0].onClick[0].webhook"), "{paths:?}");
        assert!(paths.contains(&"elements[1].source"), "{paths:?}");
        assert!(paths.iter().any(|path| path.starts_with("webhooks[0]")), "{paths:?}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("discount"), "it says what to write instead: {message}");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_project_that_is_no_json() {
    run(async |page| {
        page.expect_problem("[cuehook] The project document has a problem");
        page.open("/tests/stage.html").await;
        page.lay_with(&json!({}), json!({ "src": "/film/README.md" }), "").await;
        let error = stays_away(page, "config-invalid").await;
        assert_eq!(error["problems"][0]["line"], 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_project_that_is_not_there() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        page.expect_problem("[cuehook] The project");
        page.open("/tests/stage.html").await;
        page.lay_with(&json!({}), json!({ "src": "/nothing.json" }), "").await;
        let error = stays_away(page, "http-status").await;
        assert!(error["message"].as_str().unwrap().contains("404"));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_module_that_is_not_there() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        page.expect_problem("[cuehook] Cuehook's WebAssembly module could not be loaded");
        page.open("/tests/stage.html").await;
        page.until("return globalThis.Cuehook?.attach").await;
        page.run("Cuehook.wasmUrl = '/pkg/dist/nothing.wasm'").await;
        page.lay_with(&shop(&page.hook(""), json!({})), json!({}), "").await;
        stays_away(page, "wasm-load").await;

        page.run("Cuehook.wasmUrl = undefined").await;
        page.remember_project(&shop(&page.hook(""), json!({}))).await;
        page.run("const cue = document.querySelector('cue-hook'); cue.remove(); setTimeout(() => document.querySelector('main').append(cue))").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok", "a later try works");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_policy_without_webassembly() {
    run(async |page| {
        page.expect_problem("wasm-unsafe-eval");
        page.expect_problem("wasm-eval");
        page.open("/tests/stage.html?csp=no-wasm").await;
        page.lay_with(&shop(&page.hook(""), json!({})), json!({}), "").await;
        let error = stays_away(page, "csp").await;
        assert!(error["message"].as_str().unwrap().contains("'wasm-unsafe-eval'"), "{error}");
    });
}

/// How often a page has fetched each address; films are read in pieces, and left out.
async fn fetched(page: &Page) -> BTreeMap<String, Vec<String>> {
    let script = "return performance.getEntriesByType('resource')
        .filter(({ name }) => name.startsWith(location.origin) && !name.endsWith('.webm'))
        .map(({ name, initiatorType }) => [new URL(name).pathname, initiatorType])";
    let list: Vec<(String, String)> = serde_json::from_value(page.run(script).await).unwrap();
    let mut fetched = BTreeMap::<String, Vec<String>>::new();
    for (path, by) in list {
        fetched.entry(path).or_default().push(by);
    }
    fetched
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn nothing_is_fetched_twice() {
    run(async |page| {
        for (path, by) in [("/tests/fetched.html", "fetch"), ("/tests/preloaded.html", "link"), ("/", "link")]
        {
            page.open(path).await;
            page.until("return document.querySelector('cue-hook[ready]')").await;
            // The browser notes a fetch a little after it has ended.
            page.until(&format!(
                "const count = (end) => performance.getEntriesByType('resource').filter(({{ name }}) => name.endsWith(end)).length;
                 return count('{MODULE}') >= 1 && count('/lake.json') >= 1"
            ))
            .await;
            let fetched = fetched(page).await;
            assert!(fetched.contains_key("/pkg/cuehook.js"), "{path}: {fetched:?}");
            assert_eq!(fetched.get(MODULE).unwrap(), &[by], "{path}");
            assert_eq!(fetched.get("/lake.json").unwrap(), &[by], "{path}");
            assert!(fetched.values().all(|by| by.len() == 1), "{path} fetches something twice: {fetched:?}");
        }
    });
}

/// From now on requests of the page wait until `release()` is called; `asked` has their paths. The project's address
/// gives this project.
async fn hold_requests(page: &Page, project: &Value) {
    let script = "const browserFetch = globalThis.fetch, held = [];
        globalThis.asked = [];
        globalThis.fetch = (target, ...rest) => {
            const { pathname } = new URL(target, location);
            const answer = () => pathname === '/tests/project.json'
                ? new Response(JSON.stringify(project)) : browserFetch(target, ...rest);
            asked.push(pathname);
            return new Promise((resolve) => held.push(() => resolve(answer())));
        };
        globalThis.release = () => {
            globalThis.fetch = browserFetch;
            for (const go of held) go();
        };
        const project = arguments[0];";
    page.call(script, vec![project.clone()]).await;
}

/// Project and module have been asked for, though neither has come.
async fn asks_for_both(page: &Page, module: &str) {
    page.until("return asked.length >= 2").await;
    let mut asked: Vec<String> = serde_json::from_value(page.run("return asked").await).unwrap();
    asked.sort();
    assert_eq!(asked, [module, "/tests/project.json"]);
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn project_and_module_are_fetched_side_by_side_and_calls_wait() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.until("return globalThis.Cuehook?.attach").await;
        hold_requests(page, &shop(&page.hook(""), json!({}))).await;
        // Not even the film is there yet.
        let script = "globalThis.cue = document.createElement('cue-hook');
            cue.setAttribute('src', '/tests/project.json');
            document.querySelector('main').append(cue);
            cue.execute('discount', { sku: 'early' }).then((answer) => (globalThis.answer = answer.discountCode));";
        page.run(script).await;
        asks_for_both(page, MODULE).await;
        let film = "const video = document.createElement('video');
            Object.assign(video, { src: '/film/lake.webm', muted: true });
            cue.append(video);";
        page.run(film).await;
        page.run("cue.handle?.variables.set('viewerName', 'early')").await;
        assert_eq!(page.posts().await.len(), 0);
        page.run("release()").await;
        page.until("return globalThis.answer").await;
        let posts = page.posts().await;
        assert_eq!(posts.len(), 1);
        assert_eq!(body(&posts[0])["params"]["sku"], "early");
        page.until("return document.querySelector('cue-hook[ready]')").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn attach_fetches_side_by_side_and_its_calls_wait() {
    run(async |page| {
        page.open("/tests/bare.html").await;
        page.until("return globalThis.Cuehook?.attach").await;
        hold_requests(page, &shop(&page.hook(""), json!({}))).await;
        let attach =
            "globalThis.attached = Cuehook.attach(document.querySelector('video'), '/tests/project.json');
            attached.then((handle) => handle.execute('discount', { sku: 'first' }));";
        page.run(attach).await;
        asks_for_both(page, MODULE).await;
        page.run("release()").await;
        page.until_posted(1).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_project_inside_starts_the_module_before_there_is_a_film() {
    run(async |page| {
        page.open("/tests/filmless.html").await;
        let fetched =
            "return performance.getEntriesByType('resource').some(({ name }) => name.endsWith(arguments[0]))";
        let deadline = Instant::now() + Duration::from_secs(20);
        while page.call(fetched, vec![MODULE.into()]).await != true {
            assert!(Instant::now() < deadline, "the module waits for the film");
            pause(25).await;
        }
        let film = "const video = document.createElement('video');
            Object.assign(video, { src: '/film/lake.webm', muted: true });
            document.querySelector('cue-hook').append(video);";
        page.run(film).await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.until("return document.querySelector('[data-cuehook-element=hello]')?.textContent === 'Hello'")
            .await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_full_build_starts_at_once_where_the_element_or_the_options_ask_for_it() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.until("return globalThis.Cuehook?.attach").await;
        hold_requests(page, &shop(&page.hook(""), json!({}))).await;
        let attributes = json!({ "expressions": "full" });
        let script =
            "const cue = document.createElement('cue-hook'), video = document.createElement('video');
            for (const [name, value] of Object.entries({ src: '/tests/project.json', ...arguments[0] }))
                cue.setAttribute(name, value);
            Object.assign(video, { src: '/film/lake.webm', muted: true });
            cue.append(video);
            document.querySelector('main').append(cue);";
        page.call(script, vec![attributes]).await;
        asks_for_both(page, FULL_MODULE).await;
        page.run("release()").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");

        page.open("/tests/bare.html").await;
        page.until("return globalThis.Cuehook?.attach").await;
        hold_requests(page, &shop(&page.hook(""), json!({}))).await;
        let attach = "const video = document.querySelector('video');
            Cuehook.attach(video, '/tests/project.json', { expressions: 'full' });";
        page.run(attach).await;
        asks_for_both(page, FULL_MODULE).await;
        page.run("release()").await;
        page.event("ready").await;
        let requested =
            "return performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)";
        let requested: Vec<String> = serde_json::from_value(page.run(requested).await).unwrap();
        assert!(requested.iter().any(|path| path == FULL_MODULE), "{requested:?}");
        assert!(
            !requested.iter().any(|path| path == MODULE),
            "the default module is not fetched: {requested:?}"
        );
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_word_for_the_build_is_an_error() {
    run(async |page| {
        page.expect_problem("[cuehook] `expressions` must be");
        page.open("/tests/stage.html").await;
        page.lay_with(&shop(&page.hook(""), json!({})), json!({ "expressions": "whole" }), "").await;
        let error = stays_away(page, "config-invalid").await;
        assert!(error["message"].as_str().unwrap().contains("\"full\""), "{error}");
    });
}

/// A document that needs the full build: a slice.
fn sliced(page: &Page) -> Value {
    let mut project = shop(&page.hook(""), json!({}));
    project["expressions"] = json!("full");
    project["elements"][1]["source"] =
        json!("<p>Code: {% if discountCode %}${discountCode[:4]}{% endif %}</p>");
    project
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_document_that_asks_for_the_full_build_gets_it_with_one_warning() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.until("return globalThis.Cuehook?.attach").await;
        page.lay(&sliced(page)).await;
        assert_eq!(
            page.events("error").await,
            Vec::<Value>::new(),
            "nothing is announced of the first attempt"
        );
        assert_eq!(page.events("ready").await.len(), 1);
        let warnings = page.run("return seen.warnings").await;
        let warnings = warnings.as_array().unwrap();
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].as_str().unwrap().contains("expressions=\"full\""), "{warnings:?}");
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until(
            "return document.querySelector('[data-cuehook-element=code]').textContent === 'Code: LAKE'",
        )
        .await;

        // The next one has the module already, and the developer knows.
        page.run("document.querySelector('cue-hook').remove()").await;
        page.lay(&sliced(page)).await;
        assert_eq!(page.run("return seen.warnings.length").await, 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_update_to_a_document_that_needs_the_full_build_is_refused() {
    run(async |page| {
        page.expect_problem("[cuehook] The project document has a problem");
        page.expect_problem("full");
        page.stage(&shop(&page.hook(""), json!({}))).await;
        let script = "document.querySelector('cue-hook').handle.update(arguments[0])
            .then(() => (globalThis.refused = { code: 'none' }), ({ name, code, message }) => (globalThis.refused = { name, code, message }))";
        page.call(script, vec![sliced(page)]).await;
        let refused = page.until("return globalThis.refused").await;
        assert_eq!((&refused["name"], &refused["code"]), (&json!("CuehookError"), &json!("config-invalid")));
        assert!(refused["message"].as_str().unwrap().contains("full"), "{refused}");
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok", "the old project goes on");
    });
}
