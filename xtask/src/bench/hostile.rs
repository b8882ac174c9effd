//! How long answers and templates that want to keep the page busy do keep it: the pairs of `benches/page/hostile.json`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::median;
use crate::server::Server;
use crate::setup::{self, Need};
use crate::webdriver::{Driver, Engine, Session};
use crate::{build, workspace};

/// How long the main thread may be blocked, in milliseconds.
const MAX_BLOCKED: f64 = 100.0;
/// How much the module's memory may grow, in bytes.
const MAX_GROWN: f64 = 32.0 * 1024.0 * 1024.0;
/// How often each pair is tried, in a page of its own.
const ROUNDS: usize = 3;
/// How long one page may take.
const LIMIT: Duration = Duration::from_secs(120);

/// What is measured of a pair.
const COLUMNS: [&str; 5] = ["attached", "answered", "again", "unrelated", "grown"];

/// Tries each pair and prints the medians; fails if one of them is beyond the bounds.
pub fn run(quick: bool) -> Result<()> {
    build::run(build::Quality::Release)?;
    setup::ensure(&Need::BENCH_PAGE)?;
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start(Engine::Chromium)?;
    let session = Session::open(&driver)?;
    let count = open(&session, &server, None)?.get("count").and_then(Value::as_u64).context("no pairs")?;
    let rounds = if quick { 1 } else { ROUNDS };
    println!(
        "The main thread's longest block in ms, the growth of the module's memory in MiB; median of {rounds}"
    );
    println!("{:<58} {:>7} {:>7} {:>7} {:>9} {:>6}", "", "attach", "answer", "second", "unrelated", "MiB");
    let mut beyond = Vec::new();
    for pair in 0..count {
        let mut found = COLUMNS.map(|_| Vec::new());
        let mut name = String::new();
        let mut message = String::new();
        for _ in 0..rounds {
            let result = open(&session, &server, Some(pair))?;
            let text = |key| result.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            if !text("failed").is_empty() {
                bail!("pair {pair}: {}", text("failed"));
            }
            (name, message) = (text("name"), text("message"));
            for (column, values) in COLUMNS.iter().zip(&mut found) {
                values.push(result.get(*column).and_then(Value::as_f64).unwrap_or_default());
            }
        }
        let [attached, answered, again, unrelated, grown] = found.map(median);
        let mib = grown / 1024.0 / 1024.0;
        println!("{name:<58} {attached:>7.0} {answered:>7.0} {again:>7.0} {unrelated:>9.0} {mib:>6.1}");
        if std::env::var_os("VERBOSE").is_some() {
            println!("    {message}");
        }
        if [attached, answered, again, unrelated].into_iter().any(|blocked| blocked > MAX_BLOCKED)
            || grown > MAX_GROWN
        {
            beyond.push(name);
        }
    }
    if beyond.is_empty() {
        return Ok(());
    }
    bail!("beyond {MAX_BLOCKED} ms or 32 MiB:\n{}", beyond.join("\n"))
}

/// Opens the page for a pair and gives what it found.
fn open(session: &Session, server: &Server, pair: Option<u64>) -> Result<Value> {
    session.go("about:blank")?;
    let query = pair.map(|pair| format!("?pair={pair}")).unwrap_or_default();
    session.go(&format!("{}/bench/hostile.html{query}", server.origin()))?;
    let text = session.wait_for("return document.documentElement.dataset.result ?? null", LIMIT)?;
    serde_json::from_str(text.as_str().unwrap_or_default()).context("the page gave no JSON")
}
