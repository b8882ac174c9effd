//! Overlays lie on the picture, wherever the picture is.

use crate::page::Page;
use crate::support::{run, shop};
use serde_json::json;

const AREA: &str = "[data-cuehook-element=get-code]";

/// Asserts where the area is, in CSS pixels from the video's top left corner, once it has moved there.
async fn area_is_at(page: &Page, expected: [f64; 4]) {
    let script = format!(
        "const a = document.querySelector('{AREA}').getBoundingClientRect();
         const v = document.querySelector('video').getBoundingClientRect();
         const at = [a.left - v.left, a.top - v.top, a.width, a.height];
         return at.every((side, index) => Math.abs(side - {expected:?}[index]) < 0.6) && at"
    );
    page.until(&script).await;
}

async fn laid(page: &Page, class: &str) {
    page.open("/tests/stage.html").await;
    page.lay_with(&shop(&page.hook(""), json!({})), json!({}), class).await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
    page.play().await;
    let size = "const v = document.querySelector('video'); return [v.videoWidth * 9, v.videoHeight * 16]";
    let size = page.run(size).await;
    assert_eq!(size[0], size[1], "the film is 16 to 9");
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_picture_that_fills_its_box() {
    run(async |page| {
        laid(page, "").await;
        area_is_at(page, [200.0, 135.0, 400.0, 135.0]).await;
        page.run("document.querySelector('main').style.width = '480px'").await;
        area_is_at(page, [120.0, 81.0, 240.0, 81.0]).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_picture_between_black_bars() {
    run(async |page| {
        laid(page, "square").await;
        // 400 by 225, with 87.5 of nothing above and below.
        area_is_at(page, [100.0, 87.5 + 67.5, 200.0, 67.5]).await;
        page.run("document.querySelector('video').style.width = '800px'").await;
        // 711.1 by 400, with 44.4 of nothing on the left.
        area_is_at(page, [44.44 + 177.78, 120.0, 355.56, 120.0]).await;
        page.click(AREA).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_picture_that_is_cut_off() {
    run(async |page| {
        laid(page, "cover").await;
        // 711.1 by 400, of which 155.6 are cut off on either side.
        area_is_at(page, [177.78 - 155.56, 120.0, 355.56, 120.0]).await;
        let script = "const [s, v] = ['.cuehook-stage', 'video'].map((css) => document.querySelector(css).getBoundingClientRect());
            return [s.left - v.left, s.top - v.top, s.width - v.width, s.height - v.height].every((d) => Math.abs(d) < 0.6)";
        assert_eq!(page.run(script).await, true, "the stage is what is visible of it");
        page.click(AREA).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_window_that_changes_its_size() {
    run(async |page| {
        laid(page, "").await;
        page.run("document.querySelector('main').style.width = '80vw'").await;
        for (width, side) in [(1000, 800.0), (500, 400.0)] {
            page.resize(width, 800).await;
            area_is_at(page, [side * 0.25, side * 0.16875, side * 0.5, side * 0.16875]).await;
        }
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn areas_are_large_enough_to_hit() {
    run(async |page| {
        let mut project = shop(&page.hook(""), json!({}));
        project["elements"][0]["box"] = json!({ "left": 40, "top": 40, "width": 1, "height": 1 });
        page.open("/tests/stage.html").await;
        page.lay_with(&project, json!({}), "small").await;
        page.until("return document.querySelector('cue-hook[ready]')").await;
        page.play().await;
        let script = format!(
            "const a = document.querySelector('{AREA}').getBoundingClientRect(); return [a.width, a.height]"
        );
        let size = page.run(&script).await;
        assert!(size[0].as_f64().unwrap() >= 24.0 && size[1].as_f64().unwrap() >= 24.0, "{size}");
        let script = format!(
            "const a = document.querySelector('{AREA}').getBoundingClientRect();
             return document.elementFromPoint(a.x + a.width / 2, a.y + a.height / 2).outerHTML.slice(0, 300)"
        );
        let hit = page.run(&script).await;
        assert!(hit.as_str().unwrap().contains("cuehook-area"), "{hit}");
        page.click(AREA).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn the_whole_screen() {
    run(async |page| {
        laid(page, "").await;
        let script = "document.querySelector('#before').onclick = () => document.querySelector('cue-hook').requestFullscreen()";
        page.run(script).await;
        page.click("#before").await;
        page.until("return document.fullscreenElement?.localName === 'cue-hook'").await;
        page.until(
            "const [p, s] = ['.cuehook-picture', '.cuehook-stage'].map((css) => document.querySelector(css).getBoundingClientRect());
             const scale = Math.min(innerWidth / 16, innerHeight / 9);
             return Math.abs(p.width - 16 * scale) < 1 && Math.abs(p.height - 9 * scale) < 1
                 && Math.abs(p.left + p.right - innerWidth) < 1 && Math.abs(s.top + s.bottom - innerHeight) < 1",
        )
        .await;
        page.click(AREA).await;
        assert_eq!(page.event("settled").await["outcome"], "ok");
        page.run("document.exitFullscreen()").await;
        area_is_at(page, [200.0, 135.0, 400.0, 135.0]).await;
        page.until_playing().await;
    });
}
