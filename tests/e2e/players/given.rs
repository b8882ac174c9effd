//! `attach` with what integrators have in their hands: the player's object, or an adapter of the package.

use super::rows::{Row, Verdict};
use super::scene::{Order, Scene};
use crate::support::run;

/// Players whose object `attach` knows.
const OBJECTS: [&str; 11] = [
    "video.js",
    "plyr",
    "shaka",
    "mediaelement",
    "artplayer",
    "flowplayer",
    "clappr",
    "openplayer",
    "xgplayer",
    "hls.js",
    "dash.js",
];

/// Adapters of the package, and the player of each.
const ADAPTERS: [(&str, &str); 9] = [
    ("video.js", "videojs"),
    ("plyr", "plyr"),
    ("shaka", "shaka"),
    ("vidstack", "vidstack"),
    ("mediaelement", "mediaelement"),
    ("artplayer", "artplayer"),
    ("flowplayer", "flowplayer"),
    ("clappr", "clappr"),
    ("mux-player", "mux-player"),
];

/// What may differ from the player inside `<cue-hook>`.
const ROWS: [Row; 7] =
    [Row::BeforePlay, Row::Controls, Row::Playing, Row::Fullscreen, Row::Letterbox, Row::Source, Row::Leave];

fn try_all(given: &[(&'static str, &'static str)]) {
    let mut failures = Vec::new();
    for (player, given) in given.iter().filter(|(player, _)| super::orders(player).contains(&Order::Before)) {
        run(async |page| {
            page.expect_problem("");
            let scene = Scene::attached(page, player, given);
            // These leave the controls to the browser, whose fullscreen button only <cue-hook> replaces.
            let is_native = matches!(*player, "hls.js" | "dash.js");
            let rows = ROWS.into_iter().filter(|row| !(is_native && *row == Row::Fullscreen));
            for row in rows.filter(|row| super::is_asked_for(*row)) {
                if let Verdict::Failed(why) = scene.attempt(row).await {
                    failures.push(format!("{player} by {given}, {}: {why}", row.name()));
                }
            }
        });
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn objects_of_players_are_known() {
    try_all(&OBJECTS.map(|player| (player, "object")));
}

#[test]
#[ignore = "needs a browser: cargo xtask test --only e2e"]
fn adapters_name_the_parts_of_players() {
    try_all(&ADAPTERS);
}

#[test]
fn each_adapter_of_the_package_is_tried() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("js/players");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| file.unwrap().file_name().to_str()?.strip_suffix(".js").map(str::to_owned))
        .collect();
    files.sort();
    let mut tried = ADAPTERS.map(|(_, adapter)| adapter);
    tried.sort_unstable();
    assert_eq!(files, tried);
}
