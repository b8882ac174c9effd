//! How long Cuehook's script takes in each frame while a film plays under 100 elements.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::server::Server;
use crate::setup::{self, Need};
use crate::webdriver::{Driver, Engine, Session};
use crate::{build, workspace};

/// The most that a frame may take at the mean, in milliseconds.
const MAX_MEAN: f64 = 0.5;
/// How long the page may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Opens the page and prints what it found; fails if a frame takes too long.
pub fn run(quick: bool) -> Result<()> {
    build::run(build::Quality::Release)?;
    setup::ensure(&Need::BENCH_PAGE)?;
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start(Engine::Chromium)?;
    let session = Session::open(&driver)?;
    let seconds = if quick { 1 } else { 8 };
    session.go(&format!("{}/bench/frame.html?seconds={seconds}", server.origin()))?;
    let text = session.wait_for("return document.documentElement.dataset.result ?? null", LIMIT)?;
    let result: Value =
        serde_json::from_str(text.as_str().unwrap_or_default()).context("the page gave no JSON")?;
    if let Some(failed) = result.get("failed") {
        bail!("{failed}");
    }
    let number = |key: &str| result.get(key).and_then(Value::as_f64).unwrap_or_default();
    let (frames, changes, mean) = (number("frames"), number("changes"), number("mean"));
    if number("played") == 0.0 || changes == 0.0 {
        bail!("the film did not play, or no element came or went");
    }
    println!(
        "Script of Cuehook in a frame while a film plays under 100 elements with times of their own, in ms"
    );
    println!("{frames} frames, in which elements came or went {changes} times");
    println!(
        "mean {mean:.3}, median {:.3}, 95 % below {:.3}, longest {:.3}",
        number("median"),
        number("most"),
        number("longest")
    );
    if mean > MAX_MEAN {
        bail!("more than {MAX_MEAN} ms");
    }
    Ok(())
}
