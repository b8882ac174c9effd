//! Leaving the page: what was clicked arrives, and the viewer gets where the link leads.

use crate::page::{Page, body, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

/// A page that may call another origin, with this project over a film that plays.
async fn play(page: &Page, project: &Value) {
    page.open("/tests/stage.html?csp=cross-origin").await;
    page.lay(project).await;
    page.play().await;
}

/// A click on the area calls the webhook, without waiting, and opens another page in this tab.
async fn stage(page: &Page, url: &str) {
    let mut project = shop(url, json!({ "waitForResponse": false }));
    let actions = project["elements"][0]["onClick"].as_array_mut().unwrap();
    actions.push(json!({ "do": "openUrl", "url": "/tests/filmless.html", "newTab": false }));
    play(page, &project).await;
}

async fn elsewhere(page: &Page) {
    page.until("return location.pathname === '/tests/filmless.html'").await;
}

/// A link of the page that calls the webhook, too.
async fn link(page: &Page, url: &str, attributes: &str) {
    play(page, &shop(url, json!({ "waitForResponse": false }))).await;
    page.run(&format!(
        "const link = document.createElement('a');
         Object.assign(link, {{ id: 'link', href: '/tests/filmless.html', textContent: 'Next' }});
         link.dataset.executeWebhook = 'discount';
         {attributes};
         document.body.prepend(link)"
    ))
    .await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_was_clicked_arrives_at_the_same_origin() {
    run(async |page| {
        // Nobody waits for this response.
        stage(page, &page.hook("delay=5000")).await;
        page.click(".cuehook-area").await;
        elsewhere(page).await;
        page.until_posted(1).await;
        assert_eq!(body(&page.posts().await[0])["trigger"]["element"], "get-code");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn and_at_another_after_its_preflight() {
    run(async |page| {
        let url = format!("{}{}", page.other(), page.hook("delay=300"));
        stage(page, &url).await;
        page.click(".cuehook-area").await;
        elsewhere(page).await;
        page.until_posted(1).await;
        let methods: Vec<_> = page.requests().await.iter().map(|request| request["method"].clone()).collect();
        assert_eq!(methods, [json!("OPTIONS"), json!("POST")]);
    });
}

/// Such a body is too large for `keepalive`.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_the_browser_does_not_carry_is_waited_for() {
    for delay in [300, 60000] {
        run(async |page| {
            let url = format!("{}{}", page.other(), page.hook(&format!("delay={delay}")));
            stage(page, &url).await;
            page.run("document.querySelector('cue-hook').handle.variables.set('text', 'x'.repeat(60000))")
                .await;
            page.run(
                "document.addEventListener('click', () => (sessionStorage.clicked = Date.now()), true);
                 addEventListener('pagehide', () => (sessionStorage.left = Date.now()))",
            )
            .await;
            page.click(".cuehook-area").await;
            elsewhere(page).await;
            assert_eq!(page.posts().await.len(), 1, "before the page was left");
            // A lower bound holds on the slowest machine.
            let waited =
                page.run("return sessionStorage.left - sessionStorage.clicked").await.as_i64().unwrap();
            assert!(waited >= delay.min(1900), "{waited} ms");
        });
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_link_is_followed_and_its_request_arrives() {
    run(async |page| {
        let url = format!("{}{}", page.other(), page.hook("delay=300"));
        link(page, &url, "").await;
        page.click("#link").await;
        elsewhere(page).await;
        page.until_posted(1).await;
    });
}

/// What is not a plain click on a link that leads away goes its own way, at once.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn other_clicks_on_links_are_left_alone() {
    run(async |page| {
        let url = format!("{}{}", page.other(), page.hook("delay=300"));
        link(page, &url, "link.download = 'file'").await;
        // The page's last listener sees what is left of the click, and keeps the tab where it is.
        page.run(
            "seen.held = [];
             addEventListener('click', (event) => {
                 seen.held.push(event.defaultPrevented);
                 event.preventDefault();
             });",
        )
        .await;
        let clicks = [
            ("", "{}"),
            ("link.removeAttribute('download')", "{ ctrlKey: true }"),
            ("", "{ metaKey: true }"),
            ("", "{ shiftKey: true }"),
            ("", "{ button: 1 }"),
            ("link.target = '_blank'", "{}"),
            ("link.target = '_SELF'; link.href = '#part'", "{}"),
            ("link.href = 'mailto:a@b.example'", "{}"),
        ];
        for (change, options) in clicks {
            page.run(&format!(
                "const link = document.querySelector('#link');
                 {change};
                 link.dispatchEvent(new MouseEvent('click', {{ bubbles: true, cancelable: true, ...{options} }}))"
            ))
            .await;
        }
        assert_eq!(
            page.run("return seen.held").await,
            json!([false, false, false, false, false, false, false, false])
        );
        assert_eq!(page.run("return location.pathname").await, "/tests/stage.html");
        page.event("settled").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_link_that_the_page_follows_itself_is_left_to_it() {
    run(async |page| {
        link(page, &page.hook(""), "link.addEventListener('click', (event) => event.preventDefault())").await;
        page.click("#link").await;
        page.event("settled").await;
        pause(300).await;
        assert_eq!(page.run("return location.pathname").await, "/tests/stage.html");
    });
}
