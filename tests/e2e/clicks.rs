//! Elements of the page that run a webhook: who answers, what waits, and what is said if nobody can.

use crate::page::{Page, body, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

/// A page with buttons for the webhook `discount`: `#any`, `#one` and `#two` (for the elements of that id) and `#wrong`
/// (no such webhook). Projects at `/one.json` and `/two.json` come when `release(path)` is called.
async fn buttons(page: &Page) {
    page.open("/tests/stage.html").await;
    page.until("return globalThis.Cuehook?.attach").await;
    let script = "const [project] = arguments, browserFetch = globalThis.fetch, waiting = {};
        globalThis.fetch = (target, options) => {
            const { pathname } = new URL(target, location);
            if (!['/one.json', '/two.json'].includes(pathname)) return browserFetch(target, options);
            return new Promise((resolve) => (waiting[pathname] = resolve));
        };
        globalThis.release = (path, answer = project, status = 200) =>
            waiting[path](new Response(JSON.stringify(answer), { status }));
        globalThis.put = (id, attributes = {}) => {
            const cue = document.createElement('cue-hook');
            for (const [name, value] of Object.entries({ id, src: `/${id}.json`, ...attributes })) cue.setAttribute(name, value);
            const film = Object.assign(document.createElement('video'), { src: '/film/lake.webm', muted: true });
            film.style.height = '100px';
            cue.append(film);
            document.querySelector('main').append(cue);
            return cue;
        };
        globalThis.button = (id, webhook, host) => {
            const button = document.createElement('button');
            Object.assign(button, { id, textContent: `Click ${id}`, type: 'button' });
            button.dataset.executeWebhook = webhook;
            button.dataset.paramSku = id;
            if (host) button.dataset.cuehookFor = host;
            document.querySelector('#before').before(button);
        };
        button('any', 'discount');
        button('one-only', 'discount', 'one');
        button('two-only', 'discount', 'two');
        button('wrong', 'discuont');
        button('nowhere', 'discount', 'three');";
    page.call(script, vec![shop(&page.hook(""), json!({ "waitForResponse": false }))]).await;
}

/// What the webhook was told, by the button's id.
async fn told(page: &Page) -> Vec<String> {
    let posts = page.posts().await;
    posts.iter().map(|post| body(post)["params"]["sku"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn said(page: &Page, part: &str) -> usize {
    let problems: Vec<String> = serde_json::from_value(page.run("return seen.problems").await).unwrap();
    problems.iter().filter(|problem| problem.contains(part)).count()
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_click_before_anything_is_there_waits() {
    run(async |page| {
        buttons(page).await;
        page.run("put('one')").await;
        page.click("#any").await;
        pause(200).await;
        assert_eq!(told(page).await.len(), 0);
        page.run("release('/one.json')").await;
        page.until_posted(1).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        pause(200).await;
        assert_eq!(told(page).await, ["any"], "exactly once");
        let post = &page.posts().await[0];
        assert_eq!(body(post)["trigger"], json!({ "element": "any", "event": "click" }));
        assert_eq!(body(post)["interactions"][0]["label"], "Click any");
        // And from now on at once, once.
        pause(500).await;
        page.click("#any").await;
        page.until_posted(2).await;
        pause(200).await;
        assert_eq!(told(page).await, ["any", "any"]);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_instance_that_is_named_gets_the_click_though_it_comes_last() {
    run(async |page| {
        buttons(page).await;
        page.run("put('one'); put('two', { expressions: 'full' })").await;
        page.click("#two-only").await;
        page.run("release('/one.json')").await;
        page.until("return document.querySelector('#one[ready]')").await;
        page.click("#one-only").await;
        page.until_posted(1).await;
        pause(100).await;
        assert_eq!(told(page).await, ["one-only"], "the other one waits");
        page.run("release('/two.json')").await;
        page.until_posted(2).await;
        pause(100).await;
        assert_eq!(told(page).await, ["one-only", "two-only"]);
        let sessions = page
            .run("return ['one', 'two'].map((id) => document.getElementById(id).handle.interactions.length)");
        assert_eq!(sessions.await, json!([1, 1]));
        pause(500).await;
        // Two builds of the module listen: one answers.
        page.click("#any").await;
        page.until_posted(3).await;
        pause(200).await;
        assert_eq!(told(page).await.len(), 3);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn one_that_does_not_know_the_webhook_leaves_it_to_one_that_is_still_starting() {
    run(async |page| {
        buttons(page).await;
        page.run("put('one'); put('two')").await;
        page.run("release('/one.json', { cuehook: 1 })").await;
        page.until("return document.querySelector('#one[ready]')").await;
        page.click("#any").await;
        pause(200).await;
        assert_eq!(page.events("error").await, Vec::<Value>::new());
        page.run("release('/two.json')").await;
        page.until_posted(1).await;
        assert_eq!(told(page).await, ["any"]);
        assert_eq!(page.events("error").await, Vec::<Value>::new());
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_click_for_the_handle_of_attach_waits_too() {
    run(async |page| {
        buttons(page).await;
        let attach = "const film = document.createElement('video');
            Object.assign(film, { src: '/film/lake.webm', muted: true, id: 'two' });
            document.querySelector('main').append(film);
            Cuehook.attach(film, '/two.json');";
        page.run(attach).await;
        page.click("#two-only").await;
        page.run("release('/two.json')").await;
        page.until_posted(1).await;
        assert_eq!(told(page).await, ["two-only"]);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_wrong_id_is_said_in_the_console_once() {
    run(async |page| {
        page.expect_problem("was clicked, but");
        buttons(page).await;
        page.click("#any").await;
        page.until("return seen.problems.length").await;
        assert_eq!(
            said(page, "data-execute-webhook=\"discount\" was clicked, but no instance").await,
            1,
            "there is none"
        );
        page.click("#any").await;
        pause(200).await;
        assert_eq!(said(page, "was clicked").await, 1, "once");

        page.run("put('one')").await;
        page.run("release('/one.json')").await;
        page.until("return document.querySelector('#one[ready]')").await;
        page.click("#wrong").await;
        let error = page.event("error").await;
        assert_eq!((&error["code"], &error["webhook"]), (&json!("config-invalid"), &json!("discuont")));
        pause(600).await;
        page.click("#wrong").await;
        page.nth_event("error", 2).await;
        let warnings =
            "return seen.warnings.filter((text) => text.includes('there is no webhook `discuont`')).length";
        assert_eq!(page.run(warnings).await, 1);

        page.click("#nowhere").await;
        page.until("return seen.problems.length > 1").await;
        assert_eq!(said(page, "data-cuehook-for=\"three\"").await, 1);
        page.click("#nowhere").await;
        pause(200).await;
        assert_eq!(said(page, "data-cuehook-for=\"three\"").await, 1);
        assert_eq!(told(page).await.len(), 0);
        assert_eq!(page.events("error").await.len(), 2);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn clicks_are_let_go_when_the_module_does_not_come() {
    run(async |page| {
        page.expect_problem("was clicked, but");
        page.expect_problem("[cuehook] Cuehook's WebAssembly module could not be loaded");
        page.expect_problem("Failed to load resource");
        buttons(page).await;
        page.run("Cuehook.wasmUrl = '/pkg/dist/nothing.wasm'; put('one')").await;
        page.click("#any").await;
        page.run("release('/one.json')").await;
        page.until("return document.querySelector('#one[error=wasm-load]')").await;
        page.until("return seen.problems.some((text) => text.includes('no instance answers'))").await;

        // Or never.
        let hurry = "const { setTimeout } = globalThis;
            globalThis.setTimeout = (callback, ms, ...rest) => setTimeout(callback, ms === 30000 ? 300 : ms, ...rest);
            put('two');";
        page.run(hurry).await;
        page.click("#two-only").await;
        page.until("return seen.problems.some((text) => text.includes('not ready within 30 seconds'))").await;
        page.run("Cuehook.wasmUrl = undefined; release('/two.json')").await;
        page.until("return document.querySelector('#two[ready], #two[error]')").await;
        pause(200).await;
        assert_eq!(told(page).await.len(), 0, "too late");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn not_any_number_of_clicks_waits() {
    run(async |page| {
        page.expect_problem("20 clicks are waiting");
        buttons(page).await;
        let script = "put('one');
            for (let number = 0; number < 30; number += 1) button(`b${number}`, 'discount');
            for (let number = 0; number < 30; number += 1) document.querySelector(`#b${number}`).click();";
        page.run(script).await;
        page.until("return seen.problems.length").await;
        let mut project = shop(&page.hook(""), json!({ "waitForResponse": false, "whileRunning": "queue" }));
        let webhook = project["webhooks"][0].clone();
        project["webhooks"][0] = webhook;
        page.call("release('/one.json', arguments[0])", vec![project]).await;
        page.event("settled").await;
        page.until("return document.querySelector('#one').handle.interactions.length === 20").await;
        assert_eq!(told(page).await.first().map(String::as_str), Some("b0"), "in their order");
        assert_eq!(said(page, "20 clicks are waiting").await, 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_form_and_a_link_do_what_they_did() {
    run(async |page| {
        buttons(page).await;
        let script = "put('one');
            globalThis.done = [];
            const form = document.createElement('form'), submit = document.createElement('button');
            submit.id = 'submit';
            submit.textContent = 'Send';
            submit.dataset.executeWebhook = 'discount';
            submit.dataset.paramSku = 'form';
            form.append(submit);
            form.addEventListener('submit', (event) => { event.preventDefault(); done.push('submit'); });
            const link = document.createElement('a');
            Object.assign(link, { id: 'link', href: '#there', textContent: 'There' });
            link.dataset.executeWebhook = 'discount';
            link.dataset.paramSku = 'link';
            document.querySelector('#before').before(form, link);";
        page.run(script).await;
        page.click("#submit").await;
        page.click("#link").await;
        assert_eq!(page.run("return [done, location.hash]").await, json!([["submit"], "#there"]));
        page.run("release('/one.json')").await;
        page.until("return document.querySelector('#one').handle.interactions.length === 2").await;
    });
}

/// The link is followed once the webhook is called, or after two seconds.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_link_that_leads_away_waits_for_what_is_starting() {
    for comes in [true, false] {
        run(async |page| {
            page.expect_problem("was not ready within 2 seconds");
            buttons(page).await;
            page.run(
                "put('one');
                 const link = document.createElement('a');
                 Object.assign(link, { id: 'link', href: '/tests/bare.html', textContent: 'Away' });
                 Object.assign(link.dataset, { executeWebhook: 'discount', paramSku: 'link' });
                 document.querySelector('#before').before(link);",
            )
            .await;
            page.click("#link").await;
            pause(500).await;
            assert_eq!(page.run("return location.pathname").await, "/tests/stage.html");
            if comes {
                page.run("release('/one.json')").await;
            }
            page.until("return location.pathname === '/tests/bare.html'").await;
            if comes {
                page.until_posted(1).await;
            }
            assert_eq!(told(page).await.len(), usize::from(comes));
        });
    }
}
