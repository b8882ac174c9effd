//! The property `project` of `<cue-hook>`, without a framework, and errors as a class.

use crate::page::{Page, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

fn says(words: &str) -> Value {
    let mut project = shop("/webhook-test", json!({}));
    project["elements"][1]["source"] = json!(format!("{words} ${{viewerName}}"));
    project
}

async fn shows(page: &Page, text: &str) {
    let script =
        format!("return document.querySelector('[data-cuehook-element=code]')?.textContent === {text:?}");
    page.until(&script).await;
}

/// A `<cue-hook>` with a film that is not on the page yet.
const MAKE: &str = "window.cue = document.createElement('cue-hook');
    const film = document.createElement('video');
    Object.assign(film, { src: '/film/lake.webm', muted: true });
    cue.append(film);";

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn set_before_the_element_is_defined() {
    run(async |page| {
        page.open("/tests/late.html").await;
        let script =
            format!("{MAKE} cue.project = arguments[0]; document.querySelector('main').append(cue);");
        page.call(&script, vec![says("early")]).await;
        pause(100).await;
        page.run("import('/pkg/cuehook.js')").await;
        shows(page, "early guest").await;
        assert_eq!(
            page.run("return [Object.hasOwn(cue, 'project'), cue.project.cuehook]").await,
            json!([false, 1])
        );
        page.call("cue.project = arguments[0]", vec![says("later")]).await;
        shows(page, "later guest").await;
        assert_eq!(page.events("ready").await.len(), 2);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn goes_before_src_and_the_data_block() {
    run(async |page| {
        // Browsers with Trusted Types complain of data blocks that scripts make, too.
        page.expect_problem("TrustedScript");
        page.expect_problem("require-trusted-types-for");
        page.open("/tests/stage.html").await;
        let script = format!(
            "{MAKE}
            const block = document.createElement('script');
            block.type = 'application/json';
            block.append(JSON.stringify(arguments[1]));
            cue.append(block);
            cue.setAttribute('src', '/tests/nowhere.json');
            cue.project = arguments[0];
            document.querySelector('main').append(cue);"
        );
        page.call(&script, vec![says("property"), says("block")]).await;
        shows(page, "property guest").await;
        page.run("cue.handle.variables.set('viewerName', 'Ada')").await;
        page.run("cue.setAttribute('src', '/tests/nowhere-else.json'); cue.removeAttribute('src')").await;
        // An equal one changes nothing, another one is an update.
        page.call("cue.project = arguments[0]", vec![says("property")]).await;
        pause(100).await;
        shows(page, "property Ada").await;
        assert_eq!(page.events("ready").await.len(), 1);
        page.call("cue.project = arguments[0]; cue.project.cuehook = 7", vec![says("second")]).await;
        shows(page, "second Ada").await;
        assert_eq!(page.events("ready").await.len(), 2);
        // Taken back: the element starts anew with what else it has.
        page.run("cue.project = null").await;
        shows(page, "block guest").await;
        assert_eq!(page.events("destroy").await.len(), 1);
        assert_eq!(page.run("return cue.project").await, Value::Null);
        page.remember_project(&says("address")).await;
        page.run("cue.setAttribute('src', '/tests/project.json')").await;
        shows(page, "address guest").await;
        page.run("cue.project = undefined; cue.project = ''; cue.project = false").await;
        pause(100).await;
        assert_eq!(page.events("ready").await.len(), 4, "nothing is taken back twice");
        assert_eq!(page.events("error").await.len(), 0);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_property_with_problems_is_told_and_can_be_replaced() {
    run(async |page| {
        page.expect_problem("cannot be written as JSON");
        page.expect_problem("The project document has a problem");
        page.open("/tests/stage.html").await;
        let script = format!("{MAKE} cue.project = 5n; document.querySelector('main').append(cue);");
        page.run(&script).await;
        assert_eq!(page.event("error").await["code"], "config-invalid");
        page.call("cue.project = arguments[0]", vec![says("good")]).await;
        shows(page, "good guest").await;
        page.run("const circle = {}; circle.circle = circle; cue.project = circle").await;
        assert_eq!(page.nth_event("error", 2).await["code"], "config-invalid");
        page.run("cue.project = { cuehook: 1, elemens: [] }").await;
        assert_eq!(page.nth_event("error", 3).await["problems"][0]["path"], "elemens");
        shows(page, "good guest").await;
        page.call("cue.project = arguments[0]", vec![says("better")]).await;
        shows(page, "better guest").await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_object_as_attribute_is_told() {
    run(async |page| {
        page.expect_problem("an attribute cannot hold it");
        page.open("/tests/stage.html").await;
        let script =
            format!("{MAKE} cue.setAttribute('project', {{}}); document.querySelector('main').append(cue);");
        page.run(&script).await;
        assert_eq!(page.event("error").await["code"], "config-invalid");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn errors_are_of_one_class() {
    run(async |page| {
        for problem in ["The project document has a problem", "is not a valid URL", "`expressions` must be"] {
            page.expect_problem(problem);
        }
        page.open("/tests/bare.html").await;
        page.until("return window.Cuehook?.attach").await;
        let script = "return (async () => {
            const { attach, CuehookError } = await import('/pkg/cuehook.js');
            const copy = (await import('/pkg/cuehook.js?copy')).CuehookError;
            const video = document.querySelector('video');
            const thrown = async (what) => { try { await what() } catch (error) { return error } };
            const handle = await attach(video, { cuehook: 1 });
            const errors = await Promise.all([
                // Of the module, of the module's promises, of the loader.
                () => attach(video, { cuehook: 2 }),
                () => handle.execute('nothing'),
                () => handle.variables.set('x', 5n),
                () => attach({}, { cuehook: 1 }),
                () => attach(video, { cuehook: 1 }, { expressions: 'none' }),
                () => attach(video, 'http://'),
            ].map(thrown));
            handle.destroy();
            errors.push(await thrown(() => handle.execute('nothing')));
            const isOne = (error) => error instanceof CuehookError && error instanceof window.Error
                && error.constructor === CuehookError && Object.getPrototypeOf(error) === CuehookError.prototype
                && error.name === 'CuehookError' && String(error).startsWith('CuehookError: ')
                && error.stack.length > 0 && error instanceof copy;
            return [Cuehook.CuehookError === CuehookError,
                [new Error('x'), null, 'x', {}].some((other) => other instanceof CuehookError),
                errors.map(isOne), errors.map(({ code }) => code),
                errors[0].problems.length, errors[5].cause.name === 'TypeError'];
        })()";
        let codes = [
            "config-invalid",
            "config-invalid",
            "config-invalid",
            "config-invalid",
            "config-invalid",
            "config-invalid",
            "aborted",
        ];
        assert_eq!(
            page.run(script).await,
            json!([true, false, [true, true, true, true, true, true, true], codes, 1, true])
        );
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn nothing_on_the_page_moves() {
    run(async |page| {
        page.open("/tests/steady.html").await;
        page.event("ready").await;
        let script = "return Cuehook.attach(document.querySelector('#bare'), arguments[0]).then((handle) => {
            window.handle = handle })";
        page.call(script, vec![says("bare")]).await;
        page.play().await;
        page.until("return document.querySelector('[data-cuehook-element=late]')?.checkVisibility()").await;
        page.run("document.querySelector('cue-hook').handle.variables.set('said', 'Much more than before. '.repeat(20))").await;
        pause(200).await;
        page.run("handle.destroy(); document.querySelector('cue-hook').handle.destroy()").await;
        pause(200).await;
        assert_eq!(page.run("return shifted").await, 0, "Cuehook moves the page");
        page.run("document.body.prepend(document.createElement('hr'), 'Something that comes late.')").await;
        page.until("return shifted > 0").await;
    });
}
