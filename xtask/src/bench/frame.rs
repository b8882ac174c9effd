//! How long Cuehook's script takes in each frame while a film plays under 100 elements.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::server::Server;
use crate::setup::{self, Need};
use crate::webdriver::{Driver, Engine, Session};
use crate::{build, workspace};

/// The most that a frame may take at the mean, in milliseconds.
const MAX_MEAN: f64 = 0.5;
/// How long the page may take to play.
const LIMIT: Duration = Duration::from_secs(60);

/// Opens the page and prints what it found; fails if a frame takes too long.
pub fn run(quick: bool) -> Result<()> {
    build::run(build::Quality::Release)?;
    setup::ensure(&Need::BENCH_PAGE)?;
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start(Engine::Chromium)?;
    let session = Session::open(&driver)?;
    // Time of the processor: what else the machine does is not counted.
    session.devtools("Performance.enable", &json!({ "timeDomain": "threadTicks" }))?;
    session.go(&format!("{}/bench/frame.html", server.origin()))?;
    let state =
        "const { playing, failed } = document.documentElement.dataset; return failed ?? playing ?? null";
    let state = session.wait_for(state, LIMIT)?;
    if state != "true" {
        bail!("{state}");
    }
    // Compiling what runs for the first time is no work of a frame.
    std::thread::sleep(Duration::from_secs(1));
    session.run("look()")?;
    let before = script(&session)?;
    std::thread::sleep(Duration::from_secs(if quick { 1 } else { 12 }));
    let after = script(&session)?;
    let found = session.run("return look()")?;
    let number = |key: &str| found.get(key).and_then(Value::as_f64).unwrap_or_default();
    let (frames, changes) = (number("frames"), number("changes"));
    if frames == 0.0 || changes == 0.0 {
        bail!("there were no frames, or no element came or went: {found}");
    }
    let mean = (after - before) / frames;
    println!(
        "Cuehook's script in a frame while a film plays under 100 elements with times of their own, in ms"
    );
    println!("{frames} frames, in which elements came or went {changes} times");
    println!("by the processor's clock: mean {mean:.3}");
    println!(
        "by the clock on the wall: median {:.3}, 95 % below {:.3}, longest {:.3}",
        number("median"),
        number("most"),
        number("longest")
    );
    if mean > MAX_MEAN {
        bail!("more than {MAX_MEAN} ms");
    }
    Ok(())
}

/// How long the page's scripts have run, in milliseconds.
fn script(session: &Session) -> Result<f64> {
    let metrics = session.ask_devtools("Performance.getMetrics", &json!({}))?;
    let metrics = metrics.get("metrics").and_then(Value::as_array).context("the browser gave no metrics")?;
    let duration = metrics
        .iter()
        .find(|metric| metric.get("name").and_then(Value::as_str) == Some("ScriptDuration"))
        .and_then(|metric| metric.get("value")?.as_f64());
    Ok(duration.context("the browser gave no ScriptDuration")? * 1_000.0)
}
