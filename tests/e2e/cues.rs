//! Elements that are there while a cue of the video's tracks is.

use crate::page::Page;
use crate::support::run;
use serde_json::{Value, json};

const AREA: &str = "[data-cuehook-element=spot]";

fn project(cue: &str) -> Value {
    let frame = json!({ "left": 20, "top": 20, "width": 30, "height": 30 });
    json!({ "cuehook": 1, "elements": [{ "id": "spot", "kind": "area", "label": "Spot", "cue": cue, "box": frame }] })
}

/// Lays the project over a film with these tracks: kind and file.
async fn laid(page: &Page, cue: &str, tracks: &[(&str, &str)]) {
    page.open("/tests/stage.html").await;
    let script = "stage(arguments[0]);
        for (const [kind, src] of arguments[1]) document.querySelector('video').append(
            Object.assign(document.createElement('track'), { kind, src: `/tests/${src}` }));";
    page.call(script, vec![project(cue), json!(tracks)]).await;
    page.until("return document.querySelector('cue-hook[ready]')").await;
    page.until("return document.querySelector('video').readyState >= 2").await;
}

/// The area is there at each of these times, or is not.
async fn is_there(page: &Page, times: &[(f64, bool)]) {
    for (time, there) in times {
        page.run(&format!("document.querySelector('video').currentTime = {time}")).await;
        // A film that plays may have gone on before anybody has looked.
        let script = format!(
            "const video = document.querySelector('video');
             const isThere = Math.abs(video.currentTime - {time}) < 0.1;
             if (!video.seeking && !isThere) video.currentTime = {time};
             return !video.seeking && isThere && document.querySelector('{AREA}').checkVisibility() === {there}"
        );
        page.until(&script).await;
    }
}

async fn error(page: &Page, nth: usize) -> String {
    let error = page.nth_event("error", nth).await;
    assert_eq!((&error["code"], &error["element"]), (&json!("config-invalid"), &json!("spot")));
    error["message"].as_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_cue_says_when_an_element_is_there() {
    run(async |page| {
        laid(page, "boat", &[("chapters", "chapters.vtt"), ("metadata", "cues.vtt")]).await;
        is_there(page, &[(7.0, true), (1.0, false), (6.1, true), (8.6, false)]).await;
        assert_eq!(
            page.run("return [...document.querySelector('video').textTracks].map((t) => t.mode)").await,
            json!(["hidden", "hidden"])
        );
        laid(page, "evening", &[("metadata", "cues.vtt"), ("chapters", "chapters.vtt")]).await;
        is_there(page, &[(12.0, true), (7.0, false), (10.1, true), (20.5, false)]).await;
        assert_eq!(page.events("error").await, Vec::<Value>::new());
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_cue_or_a_track_that_is_not_there_is_named() {
    run(async |page| {
        page.expect_problem("404");
        laid(page, "baot", &[("metadata", "cues.vtt")]).await;
        let message = error(page, 1).await;
        assert!(message.contains("there is no cue `baot`; did you mean `boat`?"), "{message}");
        is_there(page, &[(7.0, false)]).await;
        let none = "no `<track>` of kind `metadata` or `chapters`";
        laid(page, "boat", &[("subtitles", "cues.vtt")]).await;
        let message = error(page, 1).await;
        assert!(message.contains("there is no cue `boat`") && message.contains(none), "{message}");
        assert_eq!(page.run("return document.querySelector('video').textTracks[0].mode").await, "disabled");
        laid(page, "boat", &[("metadata", "nowhere.vtt")]).await;
        let message = error(page, 1).await;
        assert!(message.contains(none), "{message}");
        assert_eq!(page.events("error").await.len(), 1);
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn tracks_may_come_later_and_with_another_source() {
    run(async |page| {
        laid(page, "boat", &[]).await;
        error(page, 1).await;
        is_there(page, &[(7.0, false)]).await;
        page.run(
            "document.querySelector('video').append(
            Object.assign(document.createElement('track'), { kind: 'metadata', src: '/tests/cues.vtt' }))",
        )
        .await;
        is_there(page, &[(7.0, true), (1.0, false)]).await;
        // Another source, with other cues.
        page.run("const video = document.querySelector('video');
            video.querySelector('track').remove();
            video.src = '/film/lake.webm?again';
            video.append(Object.assign(document.createElement('track'), { kind: 'chapters', src: '/tests/chapters.vtt' }))").await;
        let message = error(page, 2).await;
        assert!(message.contains("`shore`, `evening`"), "{message}");
        page.until("return document.querySelector('video').readyState >= 2").await;
        is_there(page, &[(7.0, false)]).await;
        // What a script puts into a track.
        page.run(
            "const track = document.querySelector('video').addTextTrack('metadata');
            track.mode = 'hidden';
            const cue = new VTTCue(3, 5, '');
            cue.id = 'boat';
            track.addCue(cue);
            document.querySelector('video').play()",
        )
        .await;
        is_there(page, &[(4.0, true), (7.0, false)]).await;
    });
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn a_player_that_switches_a_track_off_takes_nothing_away() {
    run(async |page| {
        laid(page, "tent", &[("metadata", "cues.vtt")]).await;
        is_there(page, &[(3.0, true)]).await;
        page.run("document.querySelector('video').textTracks[0].mode = 'disabled'").await;
        is_there(page, &[(1.0, false), (3.0, true)]).await;
        assert_eq!(page.run("return document.querySelector('video').textTracks[0].mode").await, "disabled");
        assert_eq!(page.events("error").await, Vec::<Value>::new());
    });
}
