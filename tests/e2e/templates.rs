//! Lists that change under the viewer's hands, and the buttons in their rows.

use crate::page::{ENTER, NO_DOUBLE_CLICK, Page, SPACE, body, pause};
use crate::support::run;
use serde_json::{Value, json};

const SHOP: &str = "[data-cuehook-element=shop]";

/// An overlay with a list of products, each with a button and a film of its own, and with something that comes and goes.
fn project(page: &Page, webhook: Value, source: &str) -> Value {
    let mut buy = json!({ "id": "buy", "url": page.hook(""), "waitForResponse": false, "timeoutMs": 20000 });
    for (name, value) in webhook.as_object().unwrap() {
        buy[name] = value.clone();
    }
    json!({
        "cuehook": 1,
        "video": { "id": "lake" },
        "variables": { "products": products("a b c d e f", 1), "offer": false, "note": "" },
        "webhooks": [buy],
        "elements": [{
            "id": "shop", "kind": "html", "box": { "left": 2, "top": 2, "width": 96, "height": 90 },
            "source": source,
            "actions": { "close": [
                { "do": "callback", "name": "closing", "value": "${products[0].name}" },
                { "do": "executeWebhook", "webhook": "buy", "params": { "sku": "own" } },
                { "do": "hide", "element": "shop" }
            ] }
        }]
    })
}

const LIST: &str = "<p class=\"note\">${note}</p>
    {% if offer %}<p class=\"offer\">Today only: ${products[0].name}</p>{% endif %}
    <ul class=\"list\" style=\"height: 5em; overflow: auto\">{% for p in products %}
        <li key=\"${p.id}\" data-id=\"${p.id}\">
            <span>Product ${p.id}</span> <b>${p.price}</b>
            {% if p.price > 100 %}<i>dear</i>{% endif %}
            <button data-execute-webhook=\"buy\" data-param-sku=\"sku-${p.id}\" data-param-product-price=\"${p.price}\"
                disabled=\"${p.gone!false}\">Buy</button>
            <video src=\"/film/lake.webm\" width=\"60\" height=\"34\" muted loop></video>
        </li>
    {% endfor %}</ul>
    <p class=\"text\">A text that never changes</p>
    <button class=\"close\" data-action=\"close\" data-param-sku=\"button\" data-param-why=\"done\">Close</button>";

/// A list of products by id, all at this price.
fn products(ids: &str, price: u32) -> Value {
    let product = |id: &str| json!({ "id": id, "name": format!("Product {id}"), "price": price });
    ids.split(' ').map(product).collect()
}

/// Sets a variable as the page would.
async fn set(page: &Page, name: &str, value: &Value) {
    page.run(&format!("document.querySelector('cue-hook').handle.variables.set({name:?}, {value})")).await;
}

/// Shows these products, and waits until they are there.
async fn show(page: &Page, ids: &str, price: u32) {
    set(page, "products", &products(ids, price)).await;
    let rows = "[...document.querySelectorAll('.list li')].map((row) => \
        `${row.dataset.id}:${row.querySelector('b').textContent}`).join(' ')";
    let expected: Vec<String> = ids.split(' ').map(|id| format!("{id}:{price}")).collect();
    page.until(&format!("return {rows} === {:?}", expected.join(" "))).await;
}

/// All that an update may do to a list, with row `c` staying where it is.
async fn update_around_c(page: &Page, mut check: impl AsyncFnMut(&str)) {
    show(page, "a b c d e f", 2).await;
    check("values change").await;
    show(page, "x a b c d e f", 2).await;
    check("a row is inserted before").await;
    show(page, "f x a b c d e", 2).await;
    check("another row moves from behind to before").await;
    show(page, "f x c d e", 2).await;
    check("rows before are removed").await;
    show(page, "f x c d e g h i", 200).await;
    check("branches inside appear, and rows behind").await;
    for offer in [true, false] {
        set(page, "offer", &json!(offer)).await;
        page.until(&format!("return document.querySelectorAll('.offer').length === {}", u8::from(offer)))
            .await;
        check("a branch elsewhere is toggled").await;
    }
    set(page, "note", &json!("changed")).await;
    page.until("return document.querySelector('.note').textContent === 'changed'").await;
    check("a text elsewhere changes").await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn focus_selection_and_scroll_position_survive_updates() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        page.until(&format!("return document.querySelector('{SHOP}').checkVisibility()")).await;
        page.run(
            "const list = document.querySelector('.list'), row = list.querySelector('[data-id=c]');
             // Otherwise the browser moves the position itself, to keep what is in view.
             list.style.overflowAnchor = 'none';
             row.querySelector('button').focus({ preventScroll: true });
             list.scrollTop = 30;
             getSelection().setBaseAndExtent(row.querySelector('span').firstChild, 2, row.querySelector('span').lastChild, 1);
             globalThis.kept = { list, row, nodes: [...row.querySelectorAll('span, b, button, video')],
                 button: row.querySelector('button'), span: row.querySelector('span') };
             seen.blurs = 0;
             kept.button.addEventListener('blur', () => (seen.blurs += 1));",
        )
        .await;
        let selected = page.run("return String(getSelection())").await;
        assert!(selected.as_str().unwrap().starts_with("oduct"), "{selected}");
        update_around_c(page, async |what| {
            let state = "const { list, row, nodes, button, span } = kept;
                return [
                    document.querySelector('.list') === list,
                    list.querySelector('[data-id=c]') === row,
                    [...row.querySelectorAll('span, b, button, video')].every((node, at) => node === nodes[at]),
                    document.activeElement === button,
                    seen.blurs,
                    list.scrollTop,
                    getSelection().anchorNode === span.firstChild && getSelection().anchorOffset === 2,
                    getSelection().focusNode === span.lastChild && getSelection().focusOffset === 1,
                ]";
            let expected = json!([true, true, true, true, 0, 30, true, true]);
            assert_eq!(page.run(state).await, expected, "{what}");
        })
        .await;
        assert_eq!(page.run("return String(getSelection())").await, selected);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_caret_survives_updates() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        page.run(
            "const text = document.querySelector('.text');
             text.contentEditable = 'true';
             text.focus();
             getSelection().collapse(text.firstChild, 6);",
        )
        .await;
        page.press('!').await;
        update_around_c(page, async |what| {
            let state = "return [document.activeElement.className, getSelection().anchorOffset, getSelection().isCollapsed]";
            assert_eq!(page.run(state).await, json!(["text", 7, true]), "{what}");
        })
        .await;
        page.press('?').await;
        assert_eq!(page.text(".text").await, "A text!? that never changes");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn media_and_transitions_go_on_in_rows_that_stay() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        page.run(
            "const row = document.querySelector('.list [data-id=c]'), film = row.querySelector('video');
             seen.interruptions = [];
             for (const name of ['pause', 'emptied', 'loadstart', 'seeking', 'transitioncancel', 'transitionend']) {
                 row.addEventListener(name, () => seen.interruptions.push(name), true);
             }
             const text = row.querySelector('span');
             text.style.transition = 'opacity 300s linear';
             getComputedStyle(text).opacity;
             text.style.opacity = '0';
             getComputedStyle(text).opacity;
             film.muted = true;
             globalThis.kept = { film, text, transition: text.getAnimations()[0] };
             return film.play()",
        )
        .await;
        page.until("return kept.film.currentTime > 0").await;
        page.run("seen.interruptions.length = 0").await;
        assert_eq!(page.run("return kept.transition.playState").await, "running");
        update_around_c(page, async |what| {
            let state =
                "const { film, text, transition } = kept, row = document.querySelector('.list [data-id=c]');
                return [row.querySelector('video') === film, film.paused, film.seeking,
                    row.querySelector('span').getAnimations().length, text.getAnimations()[0] === transition,
                    transition.playState, seen.interruptions]";
            let expected = json!([true, false, false, 1, true, "running", []]);
            assert_eq!(page.run(state).await, expected, "{what}");
            let script = "return kept.transition.currentTime";
            let transition = page.run(script).await.as_f64().unwrap();
            page.until(&format!("{script} > {transition}")).await;
            let from = page.run("return kept.film.currentTime").await;
            page.until(&format!("return kept.film.currentTime !== {from}")).await;
        })
        .await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_row_that_moves_keeps_focus_and_its_film_plays_on() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        assert_eq!(page.run("return 'moveBefore' in Element.prototype").await, true, "in this browser");
        page.run(
            "const row = document.querySelector('.list [data-id=f]'), film = row.querySelector('video');
             globalThis.kept = { row, film, button: row.querySelector('button') };
             seen.blurs = 0;
             kept.button.addEventListener('blur', () => (seen.blurs += 1));
             kept.button.focus();
             film.muted = true;
             return film.play()",
        )
        .await;
        page.until("return kept.film.currentTime > 0").await;
        for order in ["f a b c d e", "a b c d e f", "e f d c b a", "f e a"] {
            show(page, order, 3).await;
            let state = "return [document.querySelector('.list [data-id=f]') === kept.row,
                document.activeElement === kept.button, seen.blurs, kept.film.paused]";
            assert_eq!(page.run(state).await, json!([true, true, 0, false]), "{order}");
            let from = page.run("return kept.film.currentTime").await;
            page.until(&format!("return kept.film.currentTime !== {from}")).await;
        }
    });
}

/// Notes when the film is told to stop or to go on.
async fn watch_film(page: &Page) {
    // It plays by itself, which is told, too.
    page.until_playing().await;
    let script = "seen.film = [];
        for (const name of ['play', 'pause']) {
            document.querySelector('video').addEventListener(name, () => seen.film.push(name));
        }";
    page.run(script).await;
}

/// What the webhook has been asked for, oldest first.
async fn skus(page: &Page) -> Vec<Value> {
    page.posts().await.iter().map(|post| body(post)["params"]["sku"].clone()).collect()
}

fn button(id: &str) -> String {
    format!(".list [data-id={id}] button")
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_button_sends_the_params_of_its_row() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        watch_film(page).await;
        page.click(&button("b")).await;
        page.event("settled").await;
        let params = json!({ "sku": "sku-b", "productPrice": "1" });
        assert_eq!(body(&page.posts().await[0])["params"], params);
        let activate = page.event("activate").await;
        assert_eq!((&activate["element"], &activate["label"]), (&json!("shop"), &json!("Buy")));
        assert_eq!((&activate["webhook"], &activate["params"]), (&json!("buy"), &params));
        // Values that have changed are those that are sent.
        show(page, "b a", 7).await;
        page.click(&button("a")).await;
        page.nth_event("settled", 2).await;
        assert_eq!(body(&page.posts().await[1])["params"], json!({ "sku": "sku-a", "productPrice": "7" }));
        assert_eq!(page.run("return seen.film").await, json!([]), "the film is not toggled");
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn buttons_work_by_keyboard() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        watch_film(page).await;
        for (count, (id, key)) in [("a", ENTER), ("d", SPACE)].into_iter().enumerate() {
            page.run(&format!("document.querySelector('{}').focus()", button(id))).await;
            page.press(key).await;
            page.nth_event("settled", count + 1).await;
        }
        assert_eq!(skus(page).await, ["sku-a", "sku-d"]);
        assert_eq!(page.run("return seen.film").await, json!([]), "the film is not toggled");
        let has_focus =
            format!("return document.activeElement === document.querySelector('{}')", button("d"));
        assert_eq!(page.run(&has_focus).await, true);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_page_can_prevent_a_button() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        page.run("document.addEventListener('cuehook:activate', (event) => event.preventDefault(), { once: true })")
            .await;
        page.click(&button("a")).await;
        page.event("activate").await;
        page.click(&button("b")).await;
        page.event("settled").await;
        assert_eq!(skus(page).await, ["sku-b"]);
        let interactions = "return document.querySelector('cue-hook').handle.interactions.length";
        assert_eq!(page.run(interactions).await, 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn buttons_of_two_rows_are_two_triggers() {
    // The second one comes while the first is running.
    for (while_running, expected) in [("drop", vec!["sku-a"]), ("queue", vec!["sku-a", "sku-b"])] {
        run(async |page| {
            let url = page.hook("hold=1");
            page.stage(&project(page, json!({ "url": url, "whileRunning": while_running }), LIST)).await;
            let (a, b) = (button("a"), button("b"));
            page.run(&format!("for (const css of ['{a}', '{b}']) document.querySelector(css).click()")).await;
            page.nth_event("activate", 2).await;
            page.release(2).await;
            page.nth_event("settled", expected.len()).await;
            pause(300).await;
            assert_eq!(skus(page).await, expected, "{while_running}");
            assert_eq!(page.events("activate").await.len(), 2);
        });
    }
}

/// The same button twice within half a second is a double click; another button is not, once the first has its answer.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_double_click_is_one_trigger() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        page.double_click(&button("a")).await;
        page.event("settled").await;
        page.click(&button("b")).await;
        page.nth_event("settled", 2).await;
        assert_eq!(skus(page).await, ["sku-a", "sku-b"]);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_button_runs_a_list_of_actions() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        page.click(".close").await;
        page.event("settled").await;
        assert!(!page.is_visible(SHOP).await);
        assert_eq!(page.event("callback").await["value"], "Product a");
        let activate = page.event("activate").await;
        assert_eq!((&activate["action"], &activate["label"]), (&json!("close"), &json!("Close")));
        // The action's own params win over those of the button.
        assert_eq!(body(&page.posts().await[0])["params"], json!({ "sku": "own", "why": "done" }));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_button_is_disabled_and_enabled_by_a_value() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        let disabled = format!("return document.querySelector('{}').disabled", button("a"));
        for (gone, expected) in
            [(json!(true), true), (json!(false), false), (json!(1), true), (json!(null), false)]
        {
            set(page, "products", &json!([{ "id": "a", "name": "Tent", "price": 1, "gone": gone }])).await;
            page.until(&format!("return document.querySelectorAll('.list li').length === 1 && (() => {{ {disabled} }})() === {expected}"))
                .await;
            pause(NO_DOUBLE_CLICK).await;
            page.run(&format!("document.querySelector('{}').click()", button("a"))).await;
            let count = page.events("activate").await.len();
            if expected {
                pause(100).await;
                assert_eq!(page.events("activate").await.len(), count);
            }
        }
        page.until("return seen.named('activate').length === 2").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_element_of_the_page_sends_its_params() {
    run(async |page| {
        page.stage(&project(page, json!({}), LIST)).await;
        page.run(
            "const button = document.createElement('button');
             Object.assign(button, { id: 'order', textContent: 'Order' });
             Object.assign(button.dataset, { executeWebhook: 'buy', paramSku: 'page', paramProductId: '7' });
             document.body.append(button);",
        )
        .await;
        page.click("#order").await;
        page.event("settled").await;
        let sent = body(&page.posts().await[0]);
        assert_eq!(sent["params"], json!({ "sku": "page", "productId": "7" }));
    });
}
