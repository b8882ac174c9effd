//! Forms: filling in, errors, what is sent, and what stays.

use crate::page::{ENTER, Page, SPACE, TAB, body, pause};
use crate::support::run;
use serde_json::{Value, json};

/// Longer than programs take to fill in a form.
const LIKE_A_PERSON: u64 = 1_600;

/// Players' hotkeys, and whatever else players and pages listen to.
const LISTEN: &str = "seen.leaks = [];
    for (const node of [document, document.querySelector('cue-hook'), document.querySelector('video').parentNode])
        for (const name of ['keydown', 'keyup', 'keypress', 'beforeinput', 'input', 'change', 'paste', 'copy', 'cut', 'submit',
            'reset', 'click'])
            node.addEventListener(name, (event) => {
                seen.leaks.push(`${event.type} ${event.key ?? ''}`);
                const video = document.querySelector('video');
                if (event.key === ' ') video.paused ? video.play() : video.pause();
            })";

/// A project with a form for leads that is sent to a webhook of another name than `listener`, which hears of interactions.
fn project(page: &Page, query: &str, form: Value) -> Value {
    let mut lead = json!({
        "id": "lead", "kind": "form", "label": "Stay in touch", "box": { "left": 4, "top": 4, "width": 60, "height": 84 },
        "fields": [
            { "name": "name", "label": "Your name", "required": true, "autocomplete": "name" },
            { "name": "email", "type": "email", "label": "E-mail", "required": true, "hint": "Once a month." },
        ],
        "onSubmit": [
            { "do": "executeWebhook", "webhook": "crm", "params": { "email": "${forms.lead.email}" } },
            { "do": "hide", "element": "lead" },
            { "do": "show", "element": "thanks" },
        ],
    });
    for (name, value) in form.as_object().unwrap() {
        lead[name] = value.clone();
    }
    json!({
        "cuehook": 1,
        "video": { "id": "lake" },
        "webhooks": [
            { "id": "crm", "url": page.hook(query), "waitForResponse": true, "timeoutMs": 20000, "retries": 0 },
            { "id": "told", "url": page.hook("delay=0"), "includeInteractions": ["lead"] },
        ],
        "elements": [
            lead,
            { "id": "thanks", "kind": "html", "visible": false, "box": { "left": 4, "top": 4, "width": 60, "height": 30 },
              "source": "<p>Thank you, ${forms.lead.name}!</p>" },
            { "id": "tell", "kind": "area", "label": "Tell", "box": { "left": 80, "top": 40, "width": 15, "height": 15 },
              "onClick": [{ "do": "executeWebhook", "webhook": "told" }] },
        ],
    })
}

/// The control of a field, by the text of its label.
async fn control(page: &Page, label: &str) -> String {
    let script = "const [found] = [...document.querySelectorAll('.cuehook-form .cuehook-label')]
            .filter((node) => node.textContent.startsWith(arguments[0]));
        return '#' + found.htmlFor";
    page.call(script, vec![label.into()]).await.as_str().unwrap().to_owned()
}

async fn fill(page: &Page, label: &str, text: &str) {
    page.click(&control(page, label).await).await;
    page.write(text).await;
}

async fn value(page: &Page, label: &str) -> Value {
    let css = control(page, label).await;
    page.run(&format!(
        "const c = document.querySelector('{css}'); return c.type === 'checkbox' ? c.checked : c.value"
    ))
    .await
}

/// What is said under the fields, by the ways in which it is tied to them.
async fn faults(page: &Page) -> Value {
    page.run(
        "const byId = (ids) => (ids ?? '').split(' ').filter(Boolean).map((id) => document.getElementById(id));
        return [...document.querySelectorAll('.cuehook-form [aria-invalid=true]')].map((node) => {
            const [fault] = byId(node.getAttribute('aria-errormessage'));
            if (!byId(node.getAttribute('aria-describedby')).includes(fault)) return 'not described';
            return fault.checkVisibility() ? fault.textContent : 'not seen';
        })",
    )
    .await
}

const SEND: &str = ".cuehook-form .cuehook-submit";

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_form_is_filled_in_by_keyboard_alone_and_reaches_no_hotkey() {
    run(async |page| {
        page.stage(&project(page, "hold=1", json!({}))).await;
        page.run(LISTEN).await;
        page.run("document.querySelector('#before').focus()").await;
        let name = control(page, "Your name").await;
        page.tab_to(&name[1..]).await;
        page.run("seen.leaks = []").await;
        page.write("Ada of Lovelace").await;
        page.press(TAB).await;
        page.write("ada@example.org").await;
        assert_eq!(
            page.run("return document.querySelector('video').paused").await,
            false,
            "no space reached a hotkey"
        );
        let others = "for (const name of ['paste', 'copy', 'cut', 'reset', 'change', 'submit'])
                document.activeElement.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
            return seen.leaks";
        assert_eq!(page.run(others).await, json!([]));
        page.press(ENTER).await;
        page.until_posted(1).await;
        page.until(&format!("return document.querySelector('{SEND}').ariaBusy === 'true'")).await;
        page.press(ENTER).await;
        page.release(1).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until("return document.querySelector('[data-cuehook-element=lead]').hidden").await;
        assert_eq!(page.run(&format!("return document.querySelector('{SEND}').ariaBusy")).await, Value::Null);
        assert_eq!(page.text("[data-cuehook-element=thanks]").await, "Thank you, Ada of Lovelace!");
        let posts = page.posts().await;
        assert_eq!(posts.len(), 1, "the second Enter counts for nothing");
        let sent = body(&posts[0]);
        assert_eq!(sent["params"], json!({ "email": "ada@example.org" }));
        assert_eq!(sent["trigger"], json!({ "element": "lead", "event": "submit" }));
        assert!(
            !posts[0]["body"].as_str().unwrap().contains("Lovelace"),
            "what was typed goes where the author says"
        );
        assert_eq!(page.run("return seen.leaks").await, json!([]));
        assert_eq!(page.run("return location.search + scrollY").await, "0", "the page stays");
        page.until_playing().await;
        // Whom the author names is told.
        page.click("[data-cuehook-element=tell]").await;
        page.until_posted(2).await;
        let told = body(&page.posts().await[1]);
        assert_eq!(told["interactions"][0]["type"], "submit");
        assert_eq!(
            told["interactions"][0]["value"],
            json!({ "name": "Ada of Lovelace", "email": "ada@example.org" })
        );
        assert!(!told["context"].to_string().contains("Lovelace"), "{}", told["context"]);
    });
}

fn everything() -> Value {
    json!({ "fields": [
        { "name": "text", "label": "Text", "required": true, "pattern": "[A-Z]{3}" },
        { "name": "email", "type": "email", "label": "E-mail", "required": true },
        { "name": "phone", "type": "tel", "label": "Phone" },
        { "name": "people", "type": "number", "label": "People", "required": true, "min": 2, "max": 8.5 },
        { "name": "day", "type": "date", "label": "Day", "required": true, "min": "2026-01-01", "max": "2026-12-31" },
        { "name": "size", "type": "select", "label": "Size", "required": true, "options": ["Small", { "value": "l", "label": "Large" }] },
        { "name": "how", "type": "radio", "label": "How", "required": true, "options": ["mail", { "value": "call", "label": "By phone" }] },
        { "name": "terms", "type": "checkbox", "label": "Terms", "required": true },
        { "name": "news", "type": "checkbox", "label": "News" },
        { "name": "note", "type": "textarea", "label": "Note" },
    ], "onSubmit": [{ "do": "executeWebhook", "webhook": "told" }] })
}

/// Sets a control as if typed, which drivers cannot do for days in all browsers.
async fn set(page: &Page, label: &str, value: &str) {
    let script = "const node = document.querySelector(arguments[0]);
        node.value = arguments[1];
        node.dispatchEvent(new Event('input', { bubbles: true }))";
    page.call(script, vec![control(page, label).await.into(), value.into()]).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn each_error_is_said_in_our_words_and_goes_when_it_is_mended() {
    run(async |page| {
        let mut project = project(page, "", everything());
        project["words"] = json!({ "email": "No address.", "optional": "if you like" });
        page.stage(&project).await;
        assert!(page.text(".cuehook-form").await.contains("Phone if you like"));
        assert!(
            !page.text(".cuehook-form").await.contains("News if you like"),
            "a tick is never a duty unless it is"
        );
        page.click(SEND).await;
        let (empty, nothing) = ("Please fill this in.", "Please choose something.");
        assert_eq!(faults(page).await, json!([empty, empty, empty, empty, nothing, nothing, nothing]));
        assert_eq!(format!("#{}", page.focused().await), control(page, "Text").await, "the first has focus");
        set(page, "Text", "ABCD").await;
        set(page, "E-mail", "ada").await;
        set(page, "People", "1").await;
        set(page, "Day", "2025-12-31").await;
        let day = |iso: &str| format!("return new Date('{iso}T00:00').toLocaleDateString()");
        let first = page.run(&day("2026-01-01")).await;
        let last = page.run(&day("2026-12-31")).await;
        let limit = |text: &str, limit: &Value| text.replace("{}", limit.as_str().unwrap());
        let form = "Please look at this again: something in it is not as expected.";
        let expected = json!([
            form,
            "No address.",
            "Please write 2 or more.",
            limit("Please write {} or more.", &first),
            nothing,
            nothing,
            nothing
        ]);
        assert_eq!(faults(page).await, expected, "they follow what is typed");
        set(page, "People", "9").await;
        set(page, "Day", "2027-01-01").await;
        let faulty = faults(page).await;
        assert_eq!(faulty[2], "Please write 8.5 or less.");
        assert_eq!(faulty[3], limit("Please write {} or less.", &last).as_str());
        set(page, "Text", "   ").await;
        assert_eq!(faults(page).await[0], empty, "blanks are nothing");
        set(page, "Text", "ABC").await;
        set(page, "E-mail", "ada@example.org").await;
        set(page, "People", "2.5").await;
        set(page, "Day", "2026-02-28").await;
        assert_eq!(faults(page).await, json!([nothing, nothing, nothing]));
        page.run("document.querySelector('.cuehook-form select').focus()").await;
        page.write("L").await;
        page.click(".cuehook-form fieldset label:last-of-type").await;
        page.click(&control(page, "Terms").await).await;
        assert_eq!(faults(page).await, json!([]));
        fill(page, "Note", "one").await;
        page.press(ENTER).await;
        page.write("two").await;
        assert_eq!(page.events("activate").await.len(), 0, "Enter makes a new line there");
        page.click(SEND).await;
        page.until_posted(1).await;
        let sent = body(&page.posts().await[0]);
        let values = json!({ "text": "ABC", "email": "ada@example.org", "phone": null, "people": 2.5, "day": "2026-02-28",
            "size": "l", "how": "call", "terms": true, "news": false, "note": "one\ntwo" });
        assert_eq!(sent["interactions"][0]["value"], values);
        assert_eq!(page.events("activate").await.len(), 1, "nothing happens before all is right");
    });
}

/// Letters in a field for numbers: no browser says so of a value that a script has set.
#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_is_no_number_is_said_to_be_none() {
    run(async |page| {
        page.stage(&project(
            page,
            "",
            json!({ "fields": [{ "name": "n", "type": "number", "label": "Number" }] }),
        ))
        .await;
        fill(page, "Number", "1e").await;
        page.press(ENTER).await;
        assert_eq!(faults(page).await, json!(["Please write a number."]));
        page.write("2").await;
        assert_eq!(faults(page).await, json!([]));
        let css = control(page, "Number").await;
        let attributes = "return ['inputmode', 'maxlength', 'step', 'type'].map((name) => document.querySelector('{}').getAttribute(name))";
        assert_eq!(
            page.run(&attributes.replace("{}", &css)).await,
            json!(["decimal", null, "any", "number"])
        );
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_lead_that_is_filled_in_too_fast_or_by_a_program_takes_a_second_press() {
    run(async |page| {
        page.stage(&project(page, "", json!({ "records": "lead" }))).await;
        let filled = "for (const [place, text] of ['Ada', 'ada@example.org'].entries())
                document.querySelectorAll('.cuehook-form .cuehook-input')[place].value = text;
            const trap = document.querySelector('.cuehook-form [name=website]');
            const box = trap.getBoundingClientRect();
            return [trap.tabIndex, trap.ariaHidden, trap.autocomplete, box.width <= 1, document.elementFromPoint(box.x, box.y) === trap]";
        assert_eq!(page.run(filled).await, json!([-1, "true", "off", true, false]));
        pause(LIKE_A_PERSON).await;
        page.run("document.querySelector('.cuehook-form [name=website]').value = 'x'").await;
        page.click(SEND).await;
        page.until(
            "return document.querySelector('.cuehook-remark').textContent === 'Please send it once more.'",
        )
        .await;
        assert!(page.is_visible(".cuehook-remark").await);
        assert_eq!(page.posts().await.len(), 0);
        page.click(SEND).await;
        page.until_posted(1).await;
        assert!(!page.is_visible(".cuehook-remark").await);
        // Another form: quicker than anybody.
        let mut quick = project(page, "", json!({ "records": "lead" }));
        quick["elements"][0]["visible"] = json!(false);
        quick["elements"][2]["onClick"] = json!([{ "do": "show", "element": "lead" }]);
        page.stage(&quick).await;
        let press = "document.querySelector('[data-cuehook-element=tell]').click();
            for (const [place, text] of ['Ada', 'ada@example.org'].entries())
                document.querySelectorAll('.cuehook-form .cuehook-input')[place].value = text;
            document.querySelector('.cuehook-submit').click()";
        page.run(press).await;
        page.until(
            "return document.querySelector('.cuehook-remark').textContent === 'Please send it once more.'",
        )
        .await;
        pause(LIKE_A_PERSON).await;
        page.click(SEND).await;
        page.until_posted(2).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_failed_webhook_keeps_what_was_typed() {
    run(async |page| {
        page.expect_problem("500");
        page.stage(&project(page, "status=500&fail-first=1", json!({}))).await;
        fill(page, "Your name", "Ada").await;
        fill(page, "E-mail", "ada@example.org").await;
        page.press(ENTER).await;
        page.until("return document.querySelector('.cuehook-retry')").await;
        assert_eq!(value(page, "Your name").await, "Ada");
        assert_eq!(value(page, "E-mail").await, "ada@example.org");
        page.until("return JSON.stringify(sessionStorage).includes('ada@example.org')").await;
        page.click(".cuehook-retry").await;
        page.until_posted(2).await;
        page.until("return document.querySelector('[data-cuehook-element=lead]').hidden").await;
        assert_eq!(page.run("return JSON.stringify(sessionStorage)").await, "{}", "it has reached its aim");
        assert_eq!(value(page, "Your name").await, "", "and is gone with the form");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_was_typed_survives_a_reload_unless_it_must_not() {
    run(async |page| {
        for (remember, kept) in [(true, "Ada"), (false, "")] {
            let form = json!({ "remember": remember, "fields": [
                { "name": "name", "label": "Your name" },
                { "name": "size", "type": "select", "label": "Size", "options": ["S", "L"] },
                { "name": "how", "type": "radio", "label": "How", "options": ["mail", "call"] },
                { "name": "news", "type": "checkbox", "label": "News" },
                { "name": "constructor", "label": "Other" },
            ] });
            page.stage(&project(page, "", form.clone())).await;
            fill(page, "Your name", "Ada").await;
            page.press(TAB).await;
            page.write("L").await;
            page.click(".cuehook-form fieldset label:last-of-type").await;
            page.press(TAB).await;
            page.press(SPACE).await;
            // At once: what is not written down yet is when the page goes.
            page.stage(&project(page, "", form)).await;
            let chosen = "return [...document.querySelectorAll('.cuehook-form [type]:checked')].length + document.querySelector('.cuehook-form select').selectedIndex";
            assert_eq!(value(page, "Your name").await, kept);
            assert_eq!(value(page, "Other").await, "");
            assert_eq!(page.run(chosen).await, if remember { 4 } else { 0 });
            page.run("sessionStorage.clear()").await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_was_typed_survives_new_labels_and_a_new_project() {
    run(async |page| {
        let fields = json!([
            { "name": "name", "label": "Name ${salutation!}" }, { "name": "email", "type": "email", "label": "E-mail" },
        ]);
        let mut project = project(page, "", json!({ "remember": false, "fields": fields }));
        page.stage(&project).await;
        fill(page, "Name", "Ada of L").await;
        page.run("document.activeElement.setSelectionRange(1, 3)").await;
        page.run("document.querySelector('cue-hook').handle.variables.set('salutation', 'please')").await;
        page.until("return document.querySelector('.cuehook-label').textContent.startsWith('Name please')")
            .await;
        let state = "const { value, selectionStart, selectionEnd } = document.activeElement; return [value, selectionStart, selectionEnd]";
        assert_eq!(page.run(state).await, json!(["Ada of L", 1, 3]));
        project["elements"][0]["fields"].as_array_mut().unwrap().reverse();
        page.call("document.querySelector('cue-hook').handle.update(arguments[0])", vec![project]).await;
        page.until("return document.querySelector('.cuehook-label').textContent.startsWith('E-mail')").await;
        assert_eq!(value(page, "Name").await, "Ada of L");
        assert_eq!(value(page, "E-mail").await, "");
        assert_eq!(page.run("return sessionStorage.length").await, 0);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_form_that_is_being_filled_in_outstays_its_time() {
    run(async |page| {
        page.stage(&project(
            page,
            "",
            json!({ "to": 20, "fields": [{ "name": "news", "type": "checkbox", "label": "News" }] }),
        ))
        .await;
        page.click(&control(page, "News").await).await;
        page.run("document.querySelector('video').currentTime = 19.8").await;
        page.until("return document.querySelector('video').currentTime > 20.3").await;
        assert!(page.is_visible(".cuehook-form").await);
        page.run("document.querySelector('#after').focus()").await;
        page.until("return document.querySelector('.cuehook-form').hidden").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn fields_are_large_enough_and_fit_their_box() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.run("document.querySelector('main').style.width = '320px'").await;
        page.lay(&project(page, "", everything())).await;
        page.until("return document.querySelector('.cuehook-form')?.checkVisibility()").await;
        let small = "const form = document.querySelector('.cuehook-form');
            const controls = [...form.querySelectorAll('input:not([type=checkbox],[type=radio]), select, textarea, button, .cuehook-choice, .cuehook-tick')];
            return [controls.length, ...controls.filter((node) => {
                const { height, left, right } = node.getBoundingClientRect();
                const box = form.getBoundingClientRect();
                return height < 24 || left < box.left || right > box.right
                    || (node.matches('.cuehook-input') && parseFloat(getComputedStyle(node).fontSize) < 16);
            }).map((node) => node.outerHTML), form.scrollWidth > form.clientWidth]";
        assert_eq!(page.run(small).await, json!([12, false]));
    });
}
