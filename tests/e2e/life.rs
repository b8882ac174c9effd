//! The life of `<cue-hook>`: projects that come late, fail or are replaced, films that come and go, and the end.

use crate::page::{Page, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

/// A page whose requests for `/a.json`, `/b.json` and so on do what `answers` says: a project, a number (a status),
/// `"hang"` (no answer), `"trickle"` (a body that never ends), or `{ "later": … }` (when `release()` is called).
async fn addresses(page: &Page, answers: Value) {
    page.open("/tests/stage.html").await;
    page.until("return globalThis.Cuehook?.attach").await;
    let script = "const browserFetch = globalThis.fetch, [answers] = arguments;
        globalThis.asked = [];
        globalThis.fetch = (target, options) => {
            const { pathname } = new URL(target, location), answer = answers[pathname];
            if (answer === undefined) return browserFetch(target, options);
            asked.push(pathname);
            const failed = new Promise((_, reject) => options?.signal?.addEventListener('abort', () => reject(options.signal.reason)));
            if (answer === 'hang') return failed;
            if (answer === 'trickle') return Promise.resolve(new Response(new ReadableStream({
                start(controller) {
                    controller.enqueue(new TextEncoder().encode('{ '));
                    failed.catch((reason) => controller.error(reason));
                },
            })));
            if (answer.later) return new Promise((resolve) => {
                globalThis.release = () => resolve(new Response(JSON.stringify(answer.later)));
            });
            const status = typeof answer === 'number' ? answer : 200;
            return Promise.resolve(new Response(JSON.stringify(answer), { status }));
        };";
    page.call(script, vec![answers]).await;
}

/// Puts a `<cue-hook>` with that `src` on the page; the film is inside if `with_film`.
async fn put(page: &Page, src: &str, with_film: bool) {
    let script = "const [src, withFilm] = arguments;
        globalThis.cue = document.createElement('cue-hook');
        cue.setAttribute('src', src);
        globalThis.makeFilm = () => Object.assign(document.createElement('video'),
            { src: '/film/lake.webm', controls: true, playsInline: true, muted: true });
        if (withFilm) cue.append(makeFilm());
        document.querySelector('main').append(cue);
        globalThis.before = cue.outerHTML;
        globalThis.outcomes = [];
        cue.ready.then(() => outcomes.push('ready'), ({ code, message }) => outcomes.push(`${code}: ${message}`));";
    page.call(script, vec![src.into(), with_film.into()]).await;
}

/// A project that shows this text.
fn says(text: &str) -> Value {
    json!({
        "cuehook": 1,
        "elements": [{
            "id": "note", "kind": "html", "source": text, "box": { "left": 5, "top": 5, "width": 40, "height": 15 }
        }]
    })
}

async fn shows(page: &Page, text: &str) {
    let script =
        "return document.querySelector('[data-cuehook-element=note]')?.textContent === arguments[0] || null";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while page.call(script, vec![text.into()]).await != true {
        assert!(std::time::Instant::now() < deadline, "`{text}` does not appear");
        pause(25).await;
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_src_while_the_first_project_is_loading() {
    run(async |page| {
        addresses(page, json!({ "/a.json": "hang", "/b.json": says("second") })).await;
        put(page, "/a.json", true).await;
        page.until("return asked.length === 1 && cue.handle").await;
        page.run("cue.handle.variables.set('early', 1); cue.setAttribute('src', '/b.json')").await;
        shows(page, "second").await;
        assert_eq!(page.run("return outcomes").await, json!(["ready"]));
        assert_eq!(page.run("return cue.handle.variables.get('early')").await, 1, "what was set is not lost");
        assert_eq!(page.events("error").await, Vec::<Value>::new());
        assert_eq!(page.run("return cue.hasAttribute('ready') && !cue.hasAttribute('error')").await, true);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_src_while_the_first_project_is_failing() {
    run(async |page| {
        page.expect_problem("has no project: set");
        page.expect_problem("[cuehook] The project");
        addresses(page, json!({ "/a.json": 404, "/b.json": says("second"), "/c.json": { "cuehook": 7 } }))
            .await;
        put(page, "/a.json", true).await;
        // In the same task, a microtask later, and later than that.
        for (first, wait) in
            [("/a.json", 0), ("/c.json", 0), ("/a.json", 1), ("/c.json", 1), ("/a.json", 30), ("/c.json", 30)]
        {
            let script = "const [first, wait] = arguments;
                cue.setAttribute('src', first);
                const second = () => cue.setAttribute('src', '/b.json');
                if (wait === 0) second();
                else if (wait === 1) { for (let i = 0; i < 7; i += 1) await null; second(); }
                else setTimeout(second, wait);";
            page.call(&format!("return (async () => {{ {script} }})()"), vec![first.into(), wait.into()])
                .await;
            shows(page, "second").await;
            page.until("return cue.hasAttribute('ready') && !cue.hasAttribute('error')").await;
            page.run("cue.setAttribute('src', ''); cue.removeAttribute('src')").await;
            page.until("return cue.getAttribute('error') === 'config-invalid'").await;
            assert_eq!(page.run("return document.querySelectorAll('.cuehook-stage').length").await, 0);
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_src_while_it_is_looked_up_what_is_wrong_with_the_first_project() {
    run(async |page| {
        addresses(page, json!({ "/b.json": says("second"), "/c.json": { "cuehook": 7 } })).await;
        // The build that explains is asked for, and does not come yet.
        let script = "const before = globalThis.fetch;
            globalThis.fetch = async (target, options) => {
                if (String(target).includes('/full/')) await new Promise((resolve) => (globalThis.explain = resolve));
                return before(target, options);
            };";
        page.run(script).await;
        put(page, "/c.json", true).await;
        page.until("return globalThis.explain !== undefined").await;
        page.run("cue.setAttribute('src', '/b.json'); explain()").await;
        shows(page, "second").await;
        assert_eq!(page.run("return outcomes").await, json!(["ready"]));
        assert_eq!(page.run("return cue.hasAttribute('ready') && !cue.hasAttribute('error')").await, true);
        assert_eq!(page.events("error").await, Vec::<Value>::new(), "nobody wants to know any more");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_src_as_soon_as_the_error_of_the_first_is_told() {
    run(async |page| {
        page.expect_problem("[cuehook] The project");
        addresses(page, json!({ "/a.json": 404, "/b.json": says("second"), "/c.json": { "cuehook": 7 } }))
            .await;
        for (first, code) in [("/a.json", "http-status"), ("/c.json", "config-invalid")] {
            let script = "document.addEventListener(
                'cuehook:error', ({ target }) => target.setAttribute('src', '/b.json'), { once: true })";
            page.run(script).await;
            put(page, first, true).await;
            shows(page, "second").await;
            assert_eq!(page.event("error").await["code"], code);
            assert_eq!(page.run("return outcomes").await, json!(["ready"]), "after {first}");
            page.until("return cue.hasAttribute('ready') && !cue.hasAttribute('error')").await;
            page.run("cue.remove(); seen.events.length = 0").await;
            page.until("return document.querySelectorAll('.cuehook-stage').length === 0").await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_src_that_comes_before_the_film_rejects_nothing() {
    run(async |page| {
        addresses(page, json!({ "/a.json": says("first"), "/b.json": says("second") })).await;
        put(page, "/a.json", false).await;
        page.until("return seen.warnings.some((text) => text.includes('waits'))").await;
        page.run("cue.setAttribute('src', '/b.json')").await;
        pause(100).await;
        assert_eq!(page.run("return outcomes").await, json!([]), "still waiting");
        page.run("cue.append(makeFilm())").await;
        shows(page, "second").await;
        assert_eq!(page.run("return outcomes").await, json!(["ready"]));
        assert_eq!(page.events("error").await, Vec::<Value>::new());
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_project_that_never_comes() {
    run(async |page| {
        page.expect_problem("was not there within 30 seconds");
        for address in ["hang", "trickle"] {
            addresses(page, json!({ "/a.json": address, "/b.json": says("second") })).await;
            // Nobody waits half a minute for a test.
            let script = "const { timeout } = AbortSignal;
                AbortSignal.timeout = (ms) => { globalThis.budget = ms; return timeout.call(AbortSignal, 300); }";
            page.run(script).await;
            put(page, "/a.json", true).await;
            let error = page.event("error").await;
            assert_eq!(error["code"], "timeout", "{address}");
            assert_eq!(page.run("return budget").await, 30_000);
            let outcome = page.until("return outcomes[0]").await;
            assert!(outcome.as_str().unwrap().starts_with("timeout: The project"), "{outcome}");
            assert_eq!(page.run("return cue.getAttribute('error')").await, "timeout");
            page.run("cue.setAttribute('src', '/b.json')").await;
            shows(page, "second").await;
            assert_eq!(page.run("return cue.hasAttribute('error')").await, false);
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn destroyed_by_its_handle_the_element_is_as_before() {
    run(async |page| {
        addresses(page, json!({ "/a.json": says("first"), "/b.json": says("second") })).await;
        put(page, "/a.json", true).await;
        shows(page, "first").await;
        page.until("return cue.querySelector('.cuehook-fullscreen')").await;
        page.run("globalThis.handle = cue.handle; handle.destroy()").await;
        assert_eq!(page.run("return cue.outerHTML").await, page.run("return before").await);
        assert_eq!(page.run("return cue.handle === undefined").await, true);
        let script =
            "return Promise.allSettled([handle.update('/b.json'), handle.execute('x'), cue.execute('x')])
            .then((all) => all.map(({ reason }) => reason?.code))";
        assert_eq!(page.run(script).await, json!(["aborted", "aborted", "aborted"]));
        page.run("cue.setAttribute('src', '/b.json')").await;
        shows(page, "second").await;
        assert_eq!(page.run("return cue.ready.then((handle) => handle === cue.handle)").await, true);

        // Before it is ready, too.
        page.run("cue.setAttribute('src', '/a.json'); cue.setAttribute('expressions', 'default')").await;
        page.run("return Promise.resolve().then(() => cue.remove())").await;
        page.until("return !cue.handle").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn destroyed_before_it_is_ready() {
    run(async |page| {
        addresses(page, json!({ "/a.json": "hang" })).await;
        put(page, "/a.json", true).await;
        page.until("return cue.handle").await;
        page.run("globalThis.handle = cue.handle; handle.destroy()").await;
        let outcome = page.until("return outcomes[0]").await;
        assert_eq!(outcome, "aborted: The instance has been destroyed.");
        let script = "return Promise.allSettled([handle.ready, handle.update({ cuehook: 1 }), handle.execute('x'), cue.execute('x')])
            .then((all) => all.map(({ reason }) => reason?.code))";
        assert_eq!(page.run(script).await, json!(["aborted", "aborted", "aborted", "aborted"]));
        assert_eq!(page.run("return cue.outerHTML").await, page.run("return before").await);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn variables_that_cannot_be_set() {
    run(async |page| {
        page.expect_problem("deep is no JSON value");
        addresses(page, json!({ "/a.json": { "later": says("first") } })).await;
        put(page, "/a.json", true).await;
        let attempt = "const refused = [];
            const circular = {}; circular.self = circular;
            for (const [name, value] of [['context', 1], ['webhooks', {}], ['forms', 1], ['questions', 1], ['params', 1],
                ['f', () => {}], ['big', 1n], ['circular', circular]]) {
                try { cue.handle.variables.set(name, value); refused.push(`${name} is taken`); }
                catch ({ name: kind, code, message }) { refused.push([kind, code, message.split('\\n')[0]]); }
            }
            return refused;";
        page.run("globalThis.deep = 1; for (let i = 0; i < 70; i += 1) deep = [deep]").await;
        page.until("return cue.handle").await;
        let early = page.run(&format!("cue.handle.variables.set('deep', deep); {attempt}")).await;
        for refused in early.as_array().unwrap() {
            assert_eq!(
                (&refused[0], &refused[1]),
                (&json!("CuehookError"), &json!("config-invalid")),
                "{refused}"
            );
        }
        page.run("globalThis.list = [1]; cue.handle.variables.set('list', list); list.push(2); release()")
            .await;
        shows(page, "first").await;
        assert_eq!(page.run(attempt).await, early, "the same after it is ready");
        assert_eq!(
            page.run("return cue.handle.variables.get('list')").await,
            json!([1]),
            "as it was when it was set"
        );
        // What only the module could find out.
        let error = page.event("error").await;
        assert_eq!(error["code"], "config-invalid");
        assert!(error["message"].as_str().unwrap().contains("deep is no JSON value"), "{error}");

        let fill = "let count = Object.keys(cue.handle.variables.get()).length;
            for (; count < 1000; count += 1) cue.handle.variables.set(`v${count}`, count);
            cue.handle.variables.set('v999', 'another value');
            try { cue.handle.variables.set('v1000', 1); return 'taken'; } catch ({ code, message }) { return [code, message]; }";
        let refused = page.run(fill).await;
        assert_eq!(refused[0], "config-invalid", "{refused}");
        assert!(refused[1].as_str().unwrap().contains("1000 variables"), "{refused}");
        assert_eq!(page.run("return cue.handle.variables.get('v999')").await, "another value");
    });
}

/// The film plays, and its area has asked for a discount that takes its time.
async fn waiting(page: &Page) {
    page.stage(&shop(&page.hook("delay=3000"), json!({}))).await;
    page.run("globalThis.cue = document.querySelector('cue-hook'); cue.handle.variables.set('kept', 'yes')")
        .await;
    page.click(".cuehook-area").await;
    page.event("pause").await;
    page.until("return cue.querySelector('video').paused").await;
}

/// The stage lies over the film, and everything works.
async fn works_again(page: &Page) {
    let over = "const stage = cue.querySelector('.cuehook-stage')?.getBoundingClientRect(),
            video = cue.querySelector('video').getBoundingClientRect();
        return stage?.width > 100 && Math.abs(stage.left + stage.width / 2 - video.left - video.width / 2) < 2
            && Math.abs(stage.top + stage.height / 2 - video.top - video.height / 2) < 2";
    page.until(over).await;
    assert_eq!(page.run("return document.querySelectorAll('.cuehook-stage').length").await, 1);
    page.until("return cue.querySelector('video').readyState >= 2").await;
    page.play().await;
    let posted = page.posts().await.len();
    let settled = page.events("settled").await.len();
    page.click(".cuehook-area").await;
    page.nth_event("pause", 2).await;
    page.until_posted(posted + 1).await;
    assert_eq!(page.nth_event("settled", settled + 1).await["outcome"], "ok");
    page.until_playing().await;
    assert_eq!(page.run("return cue.handle.variables.get('kept')").await, "yes");
    assert_eq!(page.run("return cue.handle.interactions.length").await, 2, "the log goes on");
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn another_film_takes_the_place_of_the_first() {
    run(async |page| {
        waiting(page).await;
        // As a framework does it: another key, another node.
        let swap = "globalThis.old = cue.querySelector('video');
            const film = Object.assign(document.createElement('video'),
                { src: '/film/lake.webm', controls: true, playsInline: true, muted: true });
            old.replaceWith(film);";
        page.run(swap).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        assert_eq!(page.event("resume").await["reason"], "source-changed");
        assert_eq!(page.run("return old.paused && cue.querySelector('video').paused").await, true);
        let code = page.text("[data-cuehook-element=code]").await;
        assert!(code.contains("LAKE-"), "the answer is there: {code}");
        works_again(page).await;
        // Chromium alone has such a list.
        let controls = "const { controlsList } = cue.querySelector('video');
            return [old.hasAttribute('controlslist'), controlsList?.contains('nofullscreen') ?? true,
            cue.querySelectorAll('.cuehook-fullscreen').length, cue.querySelector('video').nextElementSibling.className]";
        assert_eq!(page.run(controls).await, json!([false, true, 1, "cuehook-stage"]));
        assert_eq!(page.events("ready").await.len(), 1, "it is the same instance");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_player_that_writes_its_markup_anew() {
    run(async |page| {
        waiting(page).await;
        page.run("const player = document.createElement('div'); player.className = 'player'; cue.replaceChildren(player)").await;
        page.until("return !document.querySelector('.cuehook-stage')?.checkVisibility()").await;
        assert_eq!(page.event("resume").await["reason"], "removed");
        assert_eq!(page.event("settled").await["outcome"], "ok");
        pause(100).await;
        let film = "const film = document.createElement('video');
            Object.assign(film, { src: '/film/lake.webm', controls: true, playsInline: true, muted: true });
            cue.querySelector('.player').append(film);";
        page.run(film).await;
        works_again(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn nothing_plays_while_the_film_is_gone() {
    run(async |page| {
        page.stage(&shop(&page.hook("delay=700"), json!({}))).await;
        page.run("globalThis.cue = document.querySelector('cue-hook'); globalThis.film = cue.querySelector('video')").await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        page.run("seen.plays = 0; film.addEventListener('play', () => (seen.plays += 1)); film.remove()")
            .await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        pause(300).await;
        assert_eq!(page.run("return [film.paused, seen.plays]").await, json!([true, 0]));
        assert!(!page.is_visible(".cuehook-stage").await);
        let at = page.run("return film.currentTime").await;
        page.run("cue.prepend(film)").await;
        page.until("return document.querySelector('.cuehook-stage')?.checkVisibility()").await;
        assert_eq!(
            page.run("return [film.paused, film.currentTime]").await,
            json!([true, at]),
            "it is where it was"
        );
        assert_eq!(page.run("return film.nextElementSibling.className").await, "cuehook-stage");
        page.play().await;
        page.click(".cuehook-area").await;
        assert_eq!(page.nth_event("settled", 2).await["outcome"], "ok");
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_player_that_wraps_the_film_mid_request() {
    run(async |page| {
        waiting(page).await;
        let wrap = "const film = cue.querySelector('video'), wrapper = document.createElement('div');
            film.before(wrapper);
            wrapper.append(film);";
        page.run(wrap).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        assert_eq!(page.event("resume").await["reason"], "resumed");
        page.until_playing().await;
        works_again(page).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_film_that_is_named_by_for_comes_back() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.remember_project(&shop(&page.hook(""), json!({}))).await;
        let script = "globalThis.cue = document.createElement('cue-hook');
            cue.setAttribute('src', '/tests/project.json');
            cue.setAttribute('for', 'film');
            document.body.append(cue);
            globalThis.put = () => {
                const film = document.createElement('video');
                Object.assign(film, { src: '/film/lake.webm', muted: true, id: 'film' });
                const main = document.querySelector('main');
                main.style.position = 'relative';
                main.replaceChildren(film);
            };
            put();";
        page.run(script).await;
        page.until("return document.querySelector('main > .cuehook-stage')").await;
        page.run("globalThis.seen.first = document.querySelector('video'); put()").await;
        page.until("return document.querySelector('main > video + .cuehook-stage')").await;
        page.until(
            "return document.querySelector('main > .cuehook-stage').getBoundingClientRect().width > 100",
        )
        .await;
        page.until("return document.querySelector('video').readyState >= 2").await;
        page.play().await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
        assert_eq!(page.run("return seen.first !== document.querySelector('video')").await, true);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_film_is_replaced_inside_the_host_of_attach() {
    run(async |page| {
        page.open("/tests/bare.html").await;
        page.until("return globalThis.Cuehook?.attach").await;
        let project = shop(&page.hook(""), json!({}));
        let attach = "const main = document.querySelector('main');
            return Cuehook.attach(document.querySelector('video'), arguments[0], { host: main })
                .then((handle) => { globalThis.handle = handle; })";
        page.call(attach, vec![project]).await;
        let swap = "const film = document.createElement('video');
            Object.assign(film, { src: '/film/lake.webm', muted: true });
            document.querySelector('main').replaceChildren(film);";
        page.run(swap).await;
        page.until("return document.querySelector('main > video + .cuehook-stage')").await;
        page.until("return document.querySelector('video').readyState >= 2").await;
        page.play().await;
        page.click(".cuehook-area").await;
        page.event("pause").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
        page.run("handle.destroy(); document.querySelector('main').replaceChildren(document.createElement('video'))")
            .await;
        pause(100).await;
        assert_eq!(page.run("return document.querySelectorAll('[class*=cuehook]').length").await, 0);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_film_that_is_replaced_before_the_project_is_there() {
    run(async |page| {
        addresses(page, json!({ "/a.json": "hang", "/b.json": shop(&page.hook(""), json!({})) })).await;
        put(page, "/a.json", true).await;
        page.until("return cue.handle").await;
        page.run("cue.replaceChildren()").await;
        page.run("cue.setAttribute('src', '/b.json')").await;
        page.event("ready").await;
        assert!(!page.is_visible(".cuehook-stage").await);
        page.run("cue.append(makeFilm())").await;
        page.until("return document.querySelector('video + .cuehook-stage')?.checkVisibility()").await;
        page.until("return document.querySelector('video').readyState >= 2").await;
        page.play().await;
        page.click(".cuehook-area").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.until_playing().await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn film_in_an_overlay_is_not_taken_for_the_film() {
    run(async |page| {
        addresses(page, json!({ "/a.json": says("<p>first</p><video muted></video>") })).await;
        put(page, "/a.json", true).await;
        shows(page, "first").await;
        page.run("cue.querySelector(':scope > video').remove()").await;
        page.until("return !document.querySelector('.cuehook-stage').checkVisibility()").await;
        pause(100).await;
        assert!(!page.is_visible(".cuehook-stage").await);
    });
}
