//! Values of answers, projects and error bodies attack a page under the strictest policy, and nothing comes of it.
//!
//! What is tried and what is looked at stands in `tests/pages/attacked.js`; the strings come from `tests/data/attacks.rs`.

#[path = "../data/attacks.rs"]
mod attacks;

use crate::page::Page;
use crate::support::run;
use serde_json::{Value, json};

/// Opens the page that is attacked, gives it the strings, and lays a project over it.
async fn attacked(page: &Page, project: &Value) {
    // Addresses that are relative to the page lead to files that are not there.
    page.expect_problem("Failed to load resource");
    page.open("/tests/attacked.html?csp=no-media").await;
    let attacks = attacks::all();
    assert!(attacks.len() > 50);
    page.call("globalThis.attacks = arguments[0]", vec![attacks.into()]).await;
    page.lay_with(project, json!({}), "").await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
}

async fn assert_unharmed(page: &Page) {
    page.run("return sleep(60)").await;
    assert_eq!(page.run("return wrongOnPage()").await, json!([]));
}

fn html(id: &str, source: &str) -> Value {
    json!({
        "id": id, "kind": "html", "source": source,
        "box": { "left": 2, "top": 2, "width": 90, "height": 60 }
    })
}

fn project(hook: &str, elements: Value) -> Value {
    json!({ "cuehook": 1, "webhooks": [{ "id": "discount", "url": hook, "retries": 0 }], "elements": elements })
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn values_stay_values_in_every_place() {
    run(async |page| {
        attacked(page, &project("/webhook-test", json!([html("one", "x")]))).await;
        let places = page.run("return placeNames()").await;
        let mut wrong = Vec::new();
        for place in places.as_array().unwrap() {
            let result = page.call("return attack(arguments[0], attacks)", vec![place.clone()]).await;
            println!("{place}: {} values", result["tried"]);
            assert!(result["tried"].as_u64().unwrap() > 30, "{place}");
            if result["count"] != 0 {
                wrong.push(format!("{place}: {} are wrong, such as {:#}", result["count"], result["wrong"]));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
