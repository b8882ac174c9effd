//! The playground for templates, as an author uses it.

use crate::page::Page;
use crate::support::run;
use serde_json::json;

async fn opened(page: &Page, address: &str) {
    page.open_watched(address).await;
    page.until("return document.querySelector('#state')?.dataset.kind").await;
}

/// Puts a text into a field as typing does.
async fn put(page: &Page, field: &str, text: &str) {
    let script = format!(
        "const f = document.querySelector({field:?}); f.value = {text:?};
         f.dispatchEvent(new InputEvent('input', {{ bubbles: true }}))"
    );
    page.run(&script).await;
}

async fn until_text(page: &Page, css: &str, text: &str) {
    page.until(&format!("return document.querySelector({css:?})?.textContent.trim() === {text:?}")).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn every_example_is_without_remarks() {
    run(async |page| {
        opened(page, "/templates.html").await;
        for number in 0..4 {
            let script = format!(
                "const e = document.querySelector('#example'); e.value = '{number}';
                 e.dispatchEvent(new Event('change')); return e.value"
            );
            assert_eq!(page.run(&script).await, number.to_string());
            page.until("return document.querySelector('#state').dataset.kind === 'good' && document.querySelector('#result').textContent.trim()").await;
            assert_ne!(page.text("#result").await.trim(), "");
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn typing_shows_the_result_and_errors_keep_the_last_one() {
    run(async |page| {
        opened(page, "/templates.html").await;
        put(page, "#sample", "{ \"user\": { \"name\": \"Ann\" }, \"list\": [{ \"id\": 1 }] }").await;
        page.click("#source").await;
        page.run("document.querySelector('#source').select()").await;
        page.write("<b>Hi ${user.name}</b>").await;
        until_text(page, "#result", "Hi Ann").await;
        until_text(page, "#paths", "user.name").await;
        until_text(page, "#state", "All is well").await;

        // The nodes stay when only the sample changes.
        page.run("document.querySelector('#result b').kept = 1").await;
        put(page, "#sample", "{ \"user\": { \"name\": \"Bob\" } }").await;
        until_text(page, "#result", "Hi Bob").await;
        assert_eq!(page.run("return document.querySelector('#result b').kept").await, 1);

        put(page, "#source", "<b>Hi ${user.name}</b>\n  <i>${user.nmae|uper}</i>").await;
        until_text(page, "#source-problems .where", "Error, line 2, column 8").await;
        assert!(page.text("#source-problems .what").await.contains("upper"));
        until_text(page, "#state", "Error in the template, line 2").await;
        assert_eq!(page.text("#result").await.trim(), "Hi Bob", "the last good result stays");
        assert!(page.is_visible("#stale").await);

        // A click on the remark moves the cursor to its place.
        page.click("#source-problems .problem").await;
        let cursor = "const s = document.querySelector('#source');
            return [document.activeElement === s, s.value.slice(s.selectionStart)]";
        assert_eq!(page.run(cursor).await, json!([true, "user.nmae|uper}</i>"]));

        put(page, "#source", "<b>Hi ${user.nmae}</b>").await;
        until_text(page, "#source-problems .where", "Warning, line 1, column 9").await;
        assert!(page.text("#source-problems .what").await.contains("write user.name"));
        assert!(page.text("#waits").await.contains("until there is user.nmae"));
        assert!(!page.is_visible("#stale").await);

        put(page, "#sample", "{ \"user\": \n  oops }").await;
        until_text(page, "#sample-problems .where", "Error, line 2, column 3").await;
        assert!(page.is_visible("#stale").await);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_link_brings_everything_back() {
    run(async |page| {
        opened(page, "/templates.html").await;
        put(page, "#source", "<p>${größe} 😀</p>").await;
        put(page, "#sample", "{ \"größe\": \"XL\" }").await;
        until_text(page, "#result", "XL 😀").await;
        page.click("#copy").await;
        let hash = page.until("return location.hash").await;
        let hash = hash.as_str().unwrap();
        page.open("/").await;
        opened(page, &format!("/templates.html{hash}")).await;
        until_text(page, "#result", "XL 😀").await;
        assert_eq!(page.run("return document.querySelector('#sample').value").await, "{ \"größe\": \"XL\" }");

        // What is no link of ours is as good as none.
        for hash in ["#source", "#AAAA", "#%3Cimg%3E"] {
            page.open("/").await;
            opened(page, &format!("/templates.html{hash}")).await;
            page.until("return document.querySelector('#result h2')").await;
        }
    });
}
