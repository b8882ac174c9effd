//! Real players, as pages have them, under a project with a full-size area and smaller ones.
//!
//! For each player, started before and after Cuehook, the rows of [`rows::Row`] are tried one after the other. What comes
//! out is compared with the table in docs/players.md, or written there with `CUEHOOK_WRITE_TABLE=1`. By default six
//! players are tried in one order. `CUEHOOK_PLAYERS=all` (which `cargo xtask test --full` says) tries all in both, and
//! `CUEHOOK_PLAYERS=plyr,vidstack` these.

mod given;
mod rows;
mod scene;
mod table;

use crate::support::run;
use rows::{Row, Verdict};
use scene::{Order, Scene};
use table::Result;

/// What the default run tries.
const DEFAULT: [&str; 6] = ["native", "video.js", "plyr", "shaka", "media-chrome", "vidstack"];

/// The orders in which a player is tried in this run.
fn orders(player: &str) -> &'static [Order] {
    match std::env::var("CUEHOOK_PLAYERS") {
        Ok(chosen) if chosen == "all" || chosen.split(',').any(|name| name == player) => &Order::ALL,
        Ok(_) => &[],
        Err(_) if DEFAULT.contains(&player) => &Order::ALL[..1],
        Err(_) => &[],
    }
}

/// Only this order, while somebody works on it.
fn is_tried(order: Order) -> bool {
    std::env::var("CUEHOOK_ORDER").map_or(true, |name| order.name() == name)
}

/// Only rows whose names contain this, while somebody works on one of them.
fn is_asked_for(row: Row) -> bool {
    std::env::var("CUEHOOK_ROWS").map_or(true, |part| row.name().contains(&part))
}

fn check(player: &'static str) {
    let mut results = Vec::new();
    for order in orders(player).iter().filter(|order| is_tried(**order)) {
        run(async |page| {
            // Players say this and that on the console; what Cuehook says is looked at by each row.
            page.expect_problem("");
            let scene = Scene::new(page, player, *order);
            for row in Row::ALL.into_iter().filter(|row| is_asked_for(*row)) {
                let verdict = scene.attempt(row).await;
                if let Verdict::Failed(why) = &verdict {
                    eprintln!("FAILED {player}, {}: {}: {why}", order.name(), row.name());
                }
                results.push(Result { player, order: *order, row, verdict });
            }
        });
    }
    table::settle(&results);
}

macro_rules! players {
    ($($test:ident: $player:literal,)*) => {
        /// All players, in the order of the table.
        pub const PLAYERS: &[&str] = &[$($player),*];
        $(
            #[test]
            #[ignore = "needs a browser: cargo xtask test --only e2e"]
            fn $test() {
                check($player);
            }
        )*
    };
}

players! {
    native: "native",
    video_js: "video.js",
    videojs_html: "videojs-html",
    plyr: "plyr",
    vidstack: "vidstack",
    media_chrome: "media-chrome",
    hls_js: "hls.js",
    dash_js: "dash.js",
    shaka: "shaka",
    mux_video: "mux-video",
    mux_player: "mux-player",
    hls_video_element: "hls-video-element",
    mediaelement: "mediaelement",
    clappr: "clappr",
    flowplayer: "flowplayer",
    openplayer: "openplayer",
    xgplayer: "xgplayer",
    artplayer: "artplayer",
    react_player: "react-player",
    youtube_video_element: "youtube-video-element",
    vimeo_video_element: "vimeo-video-element",
}
