//! Where the stage goes: over native controls, in fullscreen, into places that the page names, and with what `attach` takes.

use crate::page::{Page, pause};
use crate::support::{run, shop};
use serde_json::{Value, json};

/// An overlay at the bottom of the picture, an area there, and one as large as the picture.
fn low() -> Value {
    json!({
        "cuehook": 1,
        "elements": [
            { "id": "all", "kind": "area", "label": "All of it", "box": { "left": 0, "top": 0, "width": 100, "height": 100 } },
            { "id": "low", "kind": "html", "source": "Low", "box": { "left": 10, "top": 70, "width": 30, "height": 28 } },
            { "id": "spot", "kind": "area", "label": "Spot", "box": { "left": 60, "top": 60, "width": 10, "height": 38 } },
            { "id": "edge", "kind": "area", "label": "Edge", "box": { "left": 80, "top": 95, "width": 10, "height": 5 } },
            { "id": "high", "kind": "html", "source": "High", "box": { "left": 10, "top": 5, "width": 30, "height": 20 } }
        ]
    })
}

/// Makes nodes: the page's policy lets nobody parse markup.
const MAKE: &str = "const make = (tag, { style = '', ...attributes } = {}, ...inside) => {
        const node = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
        node.style.cssText = style;
        node.append(...inside);
        return node;
    };
    const film = (id, style) => make('video', { id, src: '/film/lake.webm', muted: '', playsinline: '', style });
    const show = (...nodes) => document.querySelector('main').replaceChildren(...nodes);";

/// Waits until an element has this top and bottom, in pixels from the video's top, in a video of 450 pixels.
async fn reaches(page: &Page, id: &str, top: f64, bottom: f64) {
    let script = format!(
        "const box = document.querySelector('[data-cuehook-element={id}]').getBoundingClientRect();
         const video = document.querySelector('video').getBoundingClientRect();
         return Math.abs(box.top - video.top - {top}) < 1 && Math.abs(box.bottom - video.top - {bottom}) < 1"
    );
    page.until(&script).await;
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn overlays_keep_clear_of_native_controls_while_these_are_there() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.lay(&low()).await;
        assert_eq!(page.run("return document.querySelector('video').offsetHeight").await, 450);
        let video = "const video = document.querySelector('video');";
        let signs = async |on: &str| {
            page.run(&format!(
                "document.querySelector('{on}').dispatchEvent(new PointerEvent('pointermove'))"
            ))
            .await;
        };
        // Paused, with controls: an overlay moves up by what it reaches into them, an area ends where they begin.
        page.run(&format!(
            "{video} video.controls = true; video.pause(); video.dispatchEvent(new Event('pause'))"
        ))
        .await;
        reaches(page, "low", 378.0 - 126.0, 378.0).await;
        reaches(page, "all", 0.0, 378.0).await;
        reaches(page, "spot", 270.0, 378.0).await;
        reaches(page, "edge", 354.0, 378.0).await;
        reaches(page, "high", 22.5, 112.5).await;
        // Playing: until 3 seconds after the viewer has last done something over the video.
        page.play().await;
        reaches(page, "low", 315.0, 441.0).await;
        reaches(page, "all", 0.0, 450.0).await;
        signs("video").await;
        reaches(page, "low", 252.0, 378.0).await;
        reaches(page, "low", 315.0, 441.0).await;
        signs("[data-cuehook-element=high]").await;
        reaches(page, "low", 315.0, 441.0).await;
        signs(".cuehook-stage").await;
        reaches(page, "low", 252.0, 378.0).await;
        // Without controls nothing gives way.
        page.run(&format!("{video} video.controls = false; video.pause()")).await;
        reaches(page, "low", 315.0, 441.0).await;
        signs("video").await;
        pause(300).await;
        reaches(page, "low", 315.0, 441.0).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn black_bars_are_room_for_native_controls() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        // 400 by 225 with 87.5 of nothing above and below: more than controls need.
        page.lay_with(&low(), json!({}), "square").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        let script = "const video = document.querySelector('video');
            video.controls = true; video.dispatchEvent(new Event('pause'));";
        page.run(script).await;
        page.until("return document.querySelector('.cuehook-stage[data-controls]')").await;
        pause(300).await;
        reaches(page, "all", 87.5, 312.5).await;
        reaches(page, "low", 87.5 + 157.5, 87.5 + 220.5).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn over_a_bare_video_in_fullscreen_texts_are_shown_and_the_console_says_what_to_do() {
    run(async |page| {
        page.expect_problem("The video itself is in fullscreen");
        page.stage(&low()).await;
        page.run("window.warnings = []; const warn = console.warn;
            console.warn = (text) => { warnings.push(text); warn(text); };
            document.querySelector('#before').onclick = () => document.querySelector('video').requestFullscreen()").await;
        for _ in 0..2 {
            page.click("#before").await;
            page.until("return document.fullscreenElement?.localName === 'video'").await;
            page.until("return document.querySelector('.cuehook-stage:popover-open')").await;
            let script = "const [text, video] = ['[data-cuehook-element=high]', 'video'].map((css) =>
                    document.querySelector(css).getBoundingClientRect());
                return text.width > 0 && Math.abs(text.left - video.left - video.width / 10) < 2";
            page.until(script).await;
            page.run("document.exitFullscreen()").await;
            page.until("return !document.querySelector('.cuehook-stage[popover]')").await;
        }
        let told = page.run("return warnings.filter((text) => text.includes('in fullscreen')).length").await;
        assert_eq!(told, 1, "once for the page");
        // What could be clicked before can be clicked again.
        page.click("[data-cuehook-element=spot]").await;
        assert_eq!(page.event("activate").await["element"], "spot");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_stage_goes_into_what_is_in_fullscreen_and_keeps_focus() {
    run(async |page| {
        page.stage(&shop(&page.hook(""), json!({}))).await;
        // A player that starts late: it takes the video into an element of its own, and shows that in fullscreen.
        let script = "const video = document.querySelector('video'), player = document.createElement('div');
            player.id = 'player'; player.style.cssText = 'position: relative; width: 800px';
            document.querySelector('[data-cuehook-element=get-code]').focus();
            video.before(player); player.append(video);
            document.querySelector('#before').onclick = () => player.requestFullscreen();";
        page.run(script).await;
        page.until("return document.querySelector('#player > video + .cuehook-stage')").await;
        page.until("return document.activeElement.dataset.cuehookElement === 'get-code'").await;
        page.click("#before").await;
        page.until("return document.fullscreenElement?.id === 'player'").await;
        page.click("[data-cuehook-element=get-code]").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn posters_are_covered_and_layers_of_controls_are_not() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.until("return window.Cuehook?.attach").await;
        let script = "const [project, kind] = arguments;
            window.handle?.destroy();
            const buttons = () => ['1', '2', '3'].map((text) => make('button', { id: `b${text}` }, text));
            const over = 'position: absolute; inset: 0; z-index: 7;';
            const more = {
                nothing: [],
                poster: [make('div', { style: `${over} background: navy` })],
                flat: [make('div', { style: 'margin-top: -40px; height: 40px' }, ...buttons())],
                layer: [make('div', { style: over }, make('div', { style: 'position: absolute; bottom: 0; width: 100%' }, ...buttons()))],
            };
            const video = film('film', 'display: block; width: 640px; height: 360px');
            const big = make('button', { id: 'big', style: 'position: absolute; left: 200px; top: 100px; z-index: 9; width: 60px; height: 60px' });
            show(make('div', { id: 'player', style: 'position: relative; width: 640px; height: 360px' }, video, ...more[kind], big));
            window.handle = await Cuehook.attach(video, project);
            await new Promise((done) => setTimeout(done, 200));
            const hit = (node) => {
                const { left, top, width, height } = node.getBoundingClientRect();
                return document.elementFromPoint(left + width / 2, top + height / 2) === node;
            };
            const { left, top } = video.getBoundingClientRect();
            const seen = document.elementFromPoint(left + 30, top + 30)?.dataset.cuehookElement;
            return [seen, [...document.querySelectorAll('#player button:not(.cuehook-area)')].every(hit)]";
        for kind in ["nothing", "poster", "layer", "flat"] {
            let script = format!("{MAKE} return (async () => {{ {script} }})()");
            let seen = page.call(&script, vec![low(), kind.into()]).await;
            assert_eq!(
                seen,
                json!(["all", true]),
                "{kind}: the area over the picture, the buttons over the area"
            );
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_page_may_name_the_place() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        let script =
            "const place = document.createElement('div'); place.dataset.cuehookMount = ''; place.id = 'mine';
            new MutationObserver((_, observer) => {
                const cue = document.querySelector('cue-hook');
                if (!cue) return;
                observer.disconnect();
                cue.append(place);
            }).observe(document.querySelector('main'), { childList: true })";
        page.run(script).await;
        page.lay(&low()).await;
        page.until("return document.querySelector('#mine > .cuehook-stage')").await;
        page.play().await;
        page.click("[data-cuehook-element=spot]").await;
        assert_eq!(page.event("activate").await["element"], "spot");
        assert_eq!(page.run("return document.querySelectorAll('#mine > .cuehook-stage').length").await, 1);
    });
}

/// What `attach` makes of what `given` evaluates to: where the stage lies, or the error.
async fn attached(page: &Page, given: &str) -> Value {
    let script = format!(
        "{MAKE} return (async () => {{
            window.handle?.destroy();
            const video = film('film', 'width: 640px');
            const player = make('div', {{ id: 'player', style: 'position: relative; width: 640px' }}, video);
            show(player);
            try {{
                window.handle = await Cuehook.attach({given}, project);
                return document.querySelector('#player > video + .cuehook-stage') !== null;
            }} catch (error) {{
                return `${{error.code}}: ${{error.message}}`;
            }}
        }})()"
    );
    page.call(&format!("const [project] = arguments; {script}"), vec![low()]).await
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn attach_takes_what_players_are() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.until("return window.Cuehook?.attach").await;
        for given in [
            "video",
            "player",
            "{ media: video }",
            "{ video, play() {}, currentTime() {} }",
            "{ getMediaElement: () => video }",
            "{ getVideoElement: () => video }",
            "{ getControls: () => ({ getLocalVideo: () => video }) }",
            "{ el: () => player, currentTime() {}, play() {} }",
            "{ core: { el: player } }",
            "{ get media() { throw new Error('gone') }, el: () => player }",
            "Object.assign(Object.create({ get media() { return video } }))",
        ] {
            assert_eq!(attached(page, given).await, true, "{given}");
        }
        for given in [
            "null",
            "'#player'",
            "{}",
            "document.createElement('p')",
            "{ media: player }",
            "{ media: new Proxy(video, {}) }",
            "new Proxy(video, {})",
        ] {
            // An element that holds the media element is no mistake.
            let expected = given == "{ media: player }";
            let outcome = attached(page, given).await;
            match outcome.as_str() {
                Some(error) => {
                    assert!(
                        !expected && error.starts_with("config-invalid: There is no media element"),
                        "{given}: {error}"
                    );
                    assert!(error.contains("pass a <video>"), "{error}");
                }
                None => assert!(expected, "{given}"),
            }
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn an_adapter_names_the_roles_and_tells_of_another_media_element() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.until("return window.Cuehook?.attach").await;
        let script = "return (async () => {
            const [one, two] = [film('one', 'position: absolute; width: 320px'), film('two', 'position: absolute; left: 320px; width: 320px')];
            const place = make('div', { id: 'place' });
            show(make('div', { style: 'position: relative; width: 640px; height: 360px' }, one, two, place));
            window.ended = 0;
            window.adapter = {
                media: one, picture: one,
                mount: (stage) => place.append(stage),
                onReplace(callback) { window.replace = (media) => { adapter.media = adapter.picture = media ?? adapter.picture; callback(media); }; return () => { ended += 1; }; },
            };
            window.heard = [];
            document.addEventListener('cuehook:variablechange', ({ target }) => heard.push(target.id));
            window.handle = await Cuehook.attach(adapter, project);
        })()";
        page.call(&format!("{MAKE} const [project] = arguments; {script}"), vec![low()]).await;
        let over = async |id: &str| {
            let script = format!(
                "const [stage, video] = ['#place > .cuehook-stage', '#{id}'].map((css) => document.querySelector(css)?.getBoundingClientRect());
                 return stage && Math.abs(stage.left - video.left) < 1 && Math.abs(stage.width - video.width) < 1"
            );
            page.until(&script).await;
        };
        over("one").await;
        page.run("handle.variables.set('a', 1); replace(document.querySelector('#two'))").await;
        over("two").await;
        page.run("handle.variables.set('a', 2)").await;
        assert_eq!(
            page.run("return heard").await,
            json!(["one", "two"]),
            "events go to the media element that is used"
        );
        page.run("replace(null)").await;
        page.until("return document.querySelector('#place > .cuehook-stage').hidden").await;
        page.run("replace(document.querySelector('#one'))").await;
        over("one").await;
        // A player that rebuilds itself takes the stage out.
        page.run("document.querySelector('.cuehook-stage').remove()").await;
        over("one").await;
        page.run("handle.destroy()").await;
        assert_eq!(
            page.run("return [ended, document.querySelectorAll('.cuehook-stage').length]").await,
            json!([1, 0])
        );
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn events_are_dispatched_by_the_browser_itself() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.until("return window.Cuehook?.attach").await;
        // A wrapper of a media element, as players have them, with a function of that name that does something else.
        let script = "return (async () => {
            const video = film('film', 'width: 640px');
            show(make('div', { style: 'position: relative; width: 640px' }, video));
            video.dispatchEvent = () => false;
            window.handle = await Cuehook.attach(video, project);
        })()";
        page.call(
            &format!("{MAKE} const [project] = arguments; {script}"),
            vec![shop(&page.hook(""), json!({}))],
        )
        .await;
        page.click("[data-cuehook-element=get-code]").await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_player_may_be_attached_to_before_it_is_in_the_document() {
    run(async |page| {
        page.open("/tests/stage.html").await;
        page.until("return globalThis.Cuehook?.attach").await;
        let script = "return (async () => {
            const video = film('film', 'width: 640px');
            window.player = make('div', { style: 'position: relative; width: 640px' }, video);
            window.handle = await Cuehook.attach(video, project, { host: player });
            // Somebody else's fullscreen makes it look.
            document.dispatchEvent(new Event('fullscreenchange'));
            show(player);
        })()";
        page.call(&format!("{MAKE} const [project] = arguments; {script}"), vec![low()]).await;
        page.until("return document.querySelector('video + .cuehook-stage')?.offsetWidth === 640").await;
        page.click("[data-cuehook-element=spot]").await;
        page.until("return seen.named('activate').length === 1").await;
        // Taken out, and looked at before anybody has told.
        page.run("player.remove(); document.dispatchEvent(new Event('fullscreenchange'))").await;
    });
}
