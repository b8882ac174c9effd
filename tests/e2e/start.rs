//! What keeps Cuehook from starting, and that the film plays on without it.

use crate::page::Page;
use crate::support::{run, shop};
use serde_json::{Value, json};

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
