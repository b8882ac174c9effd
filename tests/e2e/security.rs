//! Values of answers, projects and error bodies attack a page under the strictest policy, and nothing comes of it.
//!
//! What is tried and what is looked at stands in `tests/pages/attacked.js`; the strings come from `tests/data/attacks.rs`.

#[path = "../data/attacks.rs"]
mod attacks;

use crate::page::{NO_DOUBLE_CLICK, Page, body, pause};
use crate::support::run;
use serde_json::{Value, json};

/// Longer ones are whole files of a collection; each line of them is tried.
const LONGEST: usize = 8_000;

/// Opens the page that is attacked, gives it the strings, and lays a project over it.
async fn attacked(page: &Page, project: &Value) {
    page.open("/tests/attacked.html?csp=no-media").await;
    let mut attacks = attacks::all();
    attacks.retain(|attack| attack.len() <= LONGEST);
    assert!(attacks.len() > 50);
    page.call(
        "seen.attacks = arguments[0]; seen.own = arguments[1]",
        vec![attacks.into(), attacks::own().into()],
    )
    .await;
    page.lay_with(project, json!({}), "").await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
}

async fn assert_unharmed(page: &Page) {
    page.run("return painted()").await;
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

fn complain(wrong: &mut Vec<String>, place: &str, result: &Value) {
    if result["count"] != 0 {
        wrong.push(format!("{place}: {} are wrong, such as {:#}", result["count"], result["wrong"]));
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn values_stay_values_in_every_place() {
    run(async |page| {
        // Addresses that are relative to the page lead to files that are not there.
        page.expect_problem("Failed to load resource");
        attacked(page, &project("/webhook-test", json!([html("one", "x")]))).await;
        let places = page.run("return placeNames()").await;
        let mut wrong = Vec::new();
        for place in places.as_array().unwrap() {
            let result = page.call("return attack(arguments[0], seen.attacks)", vec![place.clone()]).await;
            assert!(result["tried"].as_u64().unwrap() > 30, "{place}");
            complain(&mut wrong, place.as_str().unwrap(), &result);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn values_of_real_answers_stay_values() {
    run(async |page| {
        page.open("/tests/attacked.html?csp=no-media").await;
        let project = page.call("return answered(arguments[0])", vec![page.hook("").into()]).await;
        attacked(page, &project).await;
        let lists = page.run("return lists(seen.attacks)").await.as_u64().unwrap();
        let mut wrong = Vec::new();
        for list in 0..lists {
            page.call("give(arguments[0])", vec![list.into()]).await;
            pause(NO_DOUBLE_CLICK).await;
            page.click(".cuehook-area").await;
            let settled = page.nth_event("settled", usize::try_from(list).unwrap() + 1).await;
            assert_eq!(settled["outcome"], "ok");
            let result = page.call("return examineAnswer(arguments[0])", vec![list.into()]).await;
            complain(&mut wrong, &format!("answer {list}"), &result);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        // What a button sends is what its row shows.
        let shown = page.text("[data-cuehook-element=rows] .row:last-child p").await;
        page.click("[data-cuehook-element=rows] .row:last-child button").await;
        page.until_posted(usize::try_from(lists).unwrap() + 1).await;
        assert_eq!(body(page.posts().await.last().unwrap())["params"], json!({ "x": shown }));
        assert_unharmed(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn projects_that_attack_are_harmless_or_refused() {
    run(async |page| {
        page.expect_problem("Failed to load resource");
        // Authors may show images and films from elsewhere; the page tells which those are.
        page.expect_problem("Loading the image");
        page.expect_problem("Loading media from");
        attacked(page, &project("/webhook-test", json!([html("one", "x")]))).await;
        let mut wrong = Vec::new();
        for place in ["source", "label", "names"] {
            let result =
                page.call("return attackProject(arguments[0], seen.attacks)", vec![place.into()]).await;
            let (accepted, tried) = (result["accepted"].as_u64().unwrap(), result["tried"].as_u64().unwrap());
            println!("{place}: {accepted} of {tried} are accepted, with {} addresses", result["authors"]);
            assert!(accepted > 5 && (accepted < tried || place != "source"), "{place}: {result}");
            complain(&mut wrong, place, &result);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn what_a_failed_call_brings_is_not_shown() {
    run(async |page| {
        page.expect_problem("status of 500");
        let mut project = project(
            &page.hook("status=500&body=given"),
            json!([html("one", "<p>${v!-}</p>"), {
                "id": "ask", "kind": "area", "label": "Ask",
                "box": { "left": 0, "top": 90, "width": 50, "height": 10 },
                "onClick": [{ "do": "executeWebhook", "webhook": "discount", "params": { "body": "${given}" } }]
            }]),
        );
        project["webhooks"][0]["whileRunning"] = json!("queue");
        attacked(page, &project).await;
        let fail = "return failWith([...seen.own, seen.attacks.join(' ')], ...arguments)";
        let result = page.call(fail, vec!["http-status".into(), "That did not work.".into()]).await;
        assert_eq!(result["count"], 0, "{result:#}");
        // A page may have a `fetch` of its own, which fails with words of somebody else.
        page.run("globalThis.fetch = async (request) => { throw new TypeError((await request.json()).params.body) }")
            .await;
        let result = page.call(fail, vec!["network".into(), "There was no connection.".into()]).await;
        assert_eq!(result["count"], 0, "{result:#}");
        assert_eq!(page.text("[data-cuehook-element=one]").await, "-");
        assert_unharmed(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn names_that_mean_something_to_scripts_are_plain_data() {
    run(async |page| {
        let answer = r#"{
            "__proto__": { "x": "proto", "polluted": true }, "constructor": { "name": "made", "prototype": { "polluted": true } },
            "prototype": { "x": "type" }, "toString": "text", "hasOwnProperty": "own", "valueOf": 7,
            "nested": { "__proto__": { "x": "deep", "polluted": true }, "constructor": { "name": "inner" }, "toString": { "x": "s" } },
            "list": [{ "__proto__": { "x": "row" } }, { "__proto__": null }]
        }"#;
        let shown = "${__proto__.x!-} ${constructor.name!-} ${prototype.x!-} ${toString!-} ${hasOwnProperty!-} ${valueOf!-} \
            ${nested.__proto__.x!-} ${nested['constructor'].name!-} ${nested.toString.x!-} ${nested.hasOwnProperty!-} \
            ${nested.__proto__.__proto__!-} ${toString.length!-} ${list.constructor!-} ${(nested ~ '').length!-}";
        let rows = "{% for __proto__ in list!x %}<i key=\"${__proto__.__proto__.x!constructor}\">${__proto__.__proto__.x!-}</i>{% endfor %}";
        let elements = json!([
            html("__proto__", shown),
            html("constructor", &rows.replace("!x", "")),
            html("toString", "${nested!-}")
        ]);
        attacked(page, &project(&page.hook("body=given"), elements)).await;
        let element = |id: &str| format!("[data-cuehook-element={id}]");
        assert_eq!(page.text(&element("__proto__")).await, ["-"; 14].join(" "));
        let execute = "return document.querySelector('cue-hook').execute('discount', { body: arguments[0] })
            .then((data) => [data, seen.named('response').at(-1).data].map((data) => [
                JSON.stringify(data), Object.getPrototypeOf(data) === Object.prototype,
                Object.getPrototypeOf(data.nested) === Object.prototype, Object.keys(data).join()]))";
        let told = page.call(execute, vec![answer.into()]).await;
        let keys = "__proto__,constructor,prototype,toString,hasOwnProperty,valueOf,nested,list";
        let plain = answer.split_whitespace().collect::<String>();
        assert_eq!(told, json!([[plain, true, true, keys], [plain, true, true, keys]]));
        assert_eq!(
            page.text(&element("__proto__")).await,
            "proto made type text own 7 deep inner s - - - - -"
        );
        assert_eq!(page.text(&element("constructor")).await, "row-");
        assert!(plain.contains(&page.text(&element("toString")).await));
        let variables = "const all = document.querySelector('cue-hook').handle.variables.get();
            return [Object.keys(all).includes('__proto__'), Object.getPrototypeOf(all) === Object.prototype, 'polluted' in all]";
        assert_eq!(page.run(variables).await, json!([true, true, false]));
        // The page sets them as well, and they go out with the next request.
        page.run("document.querySelector('cue-hook').handle.variables.set('__proto__', { x: 'set' })").await;
        assert!(page.text(&element("__proto__")).await.starts_with("set made"));
        page.call(execute, vec![answer.into()]).await;
        assert!(
            page.posts().await[1]["body"].as_str().unwrap().contains(r#""context":{"__proto__":{"x":"set"}"#)
        );
        assert_unharmed(page).await;
        assert_eq!(page.run("return Object.keys(Object.prototype)").await, json!([]));
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn odd_characters_are_shown_as_they_are() {
    run(async |page| {
        let source = "<p title=\"${v!-}\">${v!-}</p>";
        attacked(page, &project(&page.hook("body=given"), json!([html("one", source)]))).await;
        let place = "return [...document.querySelectorAll('#before, #after')].map((node) => {
            const range = document.createRange();
            return [0, 2, 4].map((at) => {
                range.setStart(node.firstChild, at);
                range.setEnd(node.firstChild, at + 1);
                const { left, top } = range.getBoundingClientRect();
                return `${left} ${top}`;
            });
        })";
        let before = page.run(place).await;
        // As JSON, so that also half a character is among them.
        let odd = [
            r"\u0000a\u0000",
            r"\ud800",
            r"a\udc00b",
            r"\ud83d\ude00",
            r"\u202Etxt.exe",
            r"\u202E\u202D\u2066\u2067\u2068abc",
            r"\u2069\u2069\u202C\u202C",
            r"\u200Fabc\u061C",
            r"\uFEFF",
            r"\uFFFE\uFFFF",
            r"\u2028\u2029",
            r"\u0007\u001b[31m",
            r"\r\n\t ",
        ];
        for text in odd {
            for answered in [false, true] {
                let try_it = "const cue = document.querySelector('cue-hook'), value = JSON.parse(`\"${arguments[0]}\"`);
                    cue.handle.variables.set('v', '');
                    const given = arguments[1]
                        ? cue.execute('discount', { body: `{ \"v\": \"${arguments[0]}\" }` })
                        : Promise.resolve(cue.handle.variables.set('v', value));
                    return given.then(() => {
                        const p = document.querySelector('[data-cuehook-element=one] p');
                        // What is half a character is none: it shows as U+FFFD, as in every text that leaves a script.
                        return [p.textContent, p.title].map((shown) => shown === value.toWellFormed());
                    })";
                let arguments = vec![text.into(), answered.into()];
                assert_eq!(page.call(try_it, arguments).await, json!([true, true]), "{text} {answered}");
                assert_eq!(page.run(place).await, before, "{text} has moved the page's own text");
            }
        }
        // An overlay is a block of its own, so marks of direction end with it.
        let style = "const { display, position } =
                getComputedStyle(document.querySelector('[data-cuehook-element=one]'));
            return [display, position]";
        assert_eq!(page.run(style).await, json!(["block", "absolute"]));
        assert_unharmed(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn too_much_is_refused_and_the_last_good_state_stays() {
    run(async |page| {
        page.expect_problem("[cuehook]");
        let path = ["a"; 59].join(".");
        let elements = json!([
            html("text", "<p title=\"${v!-}\">${v!-}</p>"),
            html("rows", "<ul>{% for r in rows %}<li>${r}</li>{% else %}<li>-</li>{% endfor %}</ul>"),
            html("deep", &format!("<p>${{d.{path}!-}}</p><i>${{d!-}}</i>")),
        ]);
        attacked(page, &project(&page.hook("body=given"), elements)).await;
        let set = async |script: &str| {
            page.run(&format!(
                "const set = document.querySelector('cue-hook').handle.variables.set; {script}"
            ))
            .await
        };
        let shown = async |id: &str| page.text(&format!("[data-cuehook-element={id}]")).await;
        let error = async |word: &str| {
            let errors = page.events("error").await;
            let error = errors.last().unwrap();
            assert_eq!(error["code"], "template");
            assert!(error["message"].as_str().unwrap().contains(word), "{error}");
        };
        set("set('v', 'good'); set('rows', [1, 2])").await;
        set("set('v', 'x'.repeat(1 << 20))").await;
        error("4 MiB").await;
        assert_eq!(shown("text").await, "good");
        set("set('v', 'better')").await;
        assert_eq!(shown("text").await, "better");

        let execute = "return document.querySelector('cue-hook')
            .execute('discount', { body: JSON.stringify({ v: 'x'.repeat(1 << 20) }) }).then(() => 'ok', ({ code }) => code)";
        assert_eq!(page.run(execute).await, "too-large");
        assert_eq!(shown("text").await, "better");

        let rows = "return document.querySelector('cue-hook')
            .execute('discount', { body: JSON.stringify({ rows: Array(100_000).fill(0) }) }).then(() => 'ok', ({ code }) => code)";
        assert_eq!(page.run(rows).await, "ok");
        error("1,000").await;
        assert_eq!(shown("rows").await, "12");

        let nest = "let d = 'end'; for (let level = 0; level < arguments[0]; level += 1) d = { a: d };
            const cue = document.querySelector('cue-hook');
            try {
                cue.handle.variables.set('d', d);
            } catch ({ code, message }) {
                return [code, message];
            }
            const shown = document.querySelector('[data-cuehook-element=deep]');
            return [shown.querySelector('p').textContent, shown.querySelector('i').textContent === JSON.stringify(d)]";
        assert_eq!(page.call(nest, vec![59.into()]).await, json!(["end", true]));
        assert_eq!(page.call(nest, vec![60.into()]).await, json!([r#"{"a":"end"}"#, true]));
        let refused = page.call(nest, vec![70.into()]).await;
        assert_eq!(refused[0], "config-invalid");
        assert!(refused[1].as_str().unwrap().contains("nested too deep"), "{refused}");
        assert_eq!(
            shown("deep").await.len(),
            r#"{"a":"end"}"#.len() + r#"{"a":}"#.len() * 60 + r#""end""#.len()
        );
        assert_unharmed(page).await;
    });
}
