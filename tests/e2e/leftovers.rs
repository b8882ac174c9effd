//! What goes leaves nothing behind: no node, no listener, no observer, no timer, no frame.

use crate::page::Page;
use crate::support::{run, shop};
use serde_json::{Value, json};

/// How often an instance comes and goes. What one of them leaves behind is seen a thousand times.
const TIMES: u32 = 1000;

/// A project that has begun to do everything by the time it goes: areas, overlays, announcements, a timer.
fn project(page: &Page) -> Value {
    let mut project = shop(&page.hook(""), json!({}));
    project["elements"].as_array_mut().unwrap().push(json!({
        "id": "later", "kind": "html", "from": 1, "to": 3,
        "box": { "left": 2, "top": 2, "width": 40, "height": 10 }, "source": "<p>later</p>"
    }));
    project
}

/// Makes instances come and go by `body`, which knows `video` and `project`, and compares what is there.
async fn comes_and_goes(page: &Page, times: u32, body: &str) {
    page.open("/tests/counted.html").await;
    page.until("return window.Cuehook?.attach && document.querySelector('video').readyState >= 2").await;
    let script = format!(
        "const [project] = arguments;
        const video = document.querySelector('video');
        const task = () => new Promise((go) => setTimeout(go));
        const once = async () => {{ {body} }};
        const quiet = () => new Promise((go) => setTimeout(go, 300));
        window.several = async (times) => {{
            window.left = undefined;
            await quiet();
            const before = counted();
            for (let time = 0; time < times; time += 1) await once();
            await quiet();
            seen.events.length = 0;
            window.left = [before, counted()];
        }};
        // The sheet of the element itself stays once there has been one.
        const first = document.createElement('cue-hook');
        document.body.append(first);
        first.remove();
        return video.play();"
    );
    page.call(&script, vec![project(page)]).await;
    // In parts, so that each has its time on a busy machine.
    for _ in 0..10 {
        let part = format!("several({}).catch((error) => (window.left = [String(error), '']))", times / 10);
        page.run(&part).await;
        let left = page.until("return window.left").await;
        assert_eq!(left[0], left[1], "before and after");
        assert!(left[0]["nodes"].as_u64().unwrap() > 5, "{left}");
    }
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn instances_of_attach_leave_nothing() {
    run(async |page| {
        let body = "const handle = await Cuehook.attach(video, project);
            document.querySelector('.cuehook-area').focus();
            handle.destroy();
            document.activeElement.blur();";
        comes_and_goes(page, TIMES, body).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn elements_leave_nothing() {
    run(async |page| {
        let body = "const cue = document.createElement('cue-hook');
            const film = document.createElement('video');
            Object.assign(film, { controls: true, muted: true });
            cue.project = project;
            cue.append(film);
            document.querySelector('main').append(cue);
            await cue.ready;
            cue.remove();
            await task();";
        comes_and_goes(page, TIMES, body).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn instances_that_end_in_the_middle_of_something_leave_nothing() {
    run(async |page| {
        page.expect_problem("destroyed");
        let body = "const main = document.querySelector('main');
            const films = [video.cloneNode(), video.cloneNode()];
            const box = document.createElement('div');
            box.append(films[0]);
            main.append(box);
            const handle = await Cuehook.attach(films[0], project, { host: box });
            box.querySelector('.cuehook-area').click();
            await handle.update(project);
            box.querySelector('.cuehook-area').click();
            films[0].replaceWith(films[1]);
            await task();
            box.addEventListener('cuehook:variablechange', () => handle.destroy(), { once: true });
            box.querySelector('.cuehook-area').focus();
            handle.variables.set('viewerName', 'Ada');
            box.remove();
            await task();";
        comes_and_goes(page, TIMES / 10, body).await;
    });
}
