//! What a thousand instances leave behind: memory of JavaScript and of the module, nodes and listeners, also those that are on no page.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::server::Server;
use crate::setup::{self, Need};
use crate::webdriver::{Driver, Engine, Session};
use crate::{build, workspace};

/// How much memory may stay, in bytes: of JavaScript, and of the module.
const MAX_GROWN: f64 = 1024.0 * 1024.0;
/// How often an instance comes and goes.
const TIMES: u32 = 1_000;
/// How many at a time: a command of the driver may take a while, but not for ever.
const PART: u32 = 50;
/// How long a part may take.
const LIMIT: Duration = Duration::from_secs(120);

/// What is there, after what is garbage has been collected.
struct Held {
    heap: f64,
    module: f64,
    nodes: f64,
    listeners: f64,
}

/// Lets instances of each kind come and go, and prints what stays; fails if it is too much.
pub fn run(quick: bool) -> Result<()> {
    build::run(build::Quality::Release)?;
    setup::ensure(&Need::BENCH_PAGE)?;
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start(Engine::Chromium)?;
    let session = Session::open(&driver)?;
    let times = if quick { PART } else { TIMES };
    println!("What {times} instances leave behind, after the first {PART}");
    println!(
        "{:<10} {:>12} {:>12} {:>12} {:>7} {:>10}",
        "", "script KiB", "module KiB", "module MiB", "nodes", "listeners"
    );
    let mut beyond = Vec::new();
    for kind in ["attach", "element"] {
        session.go("about:blank")?;
        session.go(&format!("{}/bench/leftovers.html", server.origin()))?;
        session.wait_for("return Boolean(globalThis.again)", LIMIT)?;
        // What the first ones bring along stays: the module, compiled code, sheets of style.
        let before = come_and_go(&session, kind, PART)?;
        let after = come_and_go(&session, kind, times)?;
        let (heap, module) = (after.heap - before.heap, after.module - before.module);
        let (nodes, listeners) = (after.nodes - before.nodes, after.listeners - before.listeners);
        println!(
            "{kind:<10} {:>12.0} {:>12.0} {:>12.1} {nodes:>7.0} {listeners:>10.0}",
            heap / 1024.0,
            module / 1024.0,
            after.module / 1024.0 / 1024.0
        );
        // A node or a listener of each instance would be a thousand; some of the browser's own come and go.
        if heap + module > MAX_GROWN || nodes.max(listeners) > f64::from(times) / 10.0 {
            beyond.push(kind);
        }
    }
    if beyond.is_empty() {
        return Ok(());
    }
    bail!("more than 1 MiB, or nodes or listeners, stay: {}", beyond.join(", "))
}

/// Lets so many instances come and go, and says what is there then.
fn come_and_go(session: &Session, kind: &str, times: u32) -> Result<Held> {
    for _ in 0..times / PART {
        let script = format!(
            "globalThis.done = undefined; again('{kind}', {PART}).then((bytes) => (globalThis.done = {{ bytes }}),
                (error) => (globalThis.done = {{ error: String(error) }}))"
        );
        session.run(&script)?;
        let done = session.wait_for("return globalThis.done ?? null", LIMIT)?;
        if let Some(error) = done.get("error") {
            bail!("{kind}: {error}");
        }
    }
    let module = session.run("return globalThis.done.bytes")?;
    // Twice: what ends with something that was collected is garbage only then.
    for _ in 0..2 {
        session.devtools("HeapProfiler.collectGarbage", &json!({}))?;
        session.run("return new Promise((go) => setTimeout(go, 100))")?;
    }
    let heap = session.ask_devtools("Runtime.getHeapUsage", &json!({}))?;
    let counters = session.ask_devtools("Memory.getDOMCounters", &json!({}))?;
    let number = |from: &Value, key: &str| {
        from.get(key).and_then(Value::as_f64).with_context(|| format!("the browser gave no {key}"))
    };
    Ok(Held {
        heap: number(&heap, "usedSize")?,
        module: module.as_f64().context("the page gave no size")?,
        nodes: number(&counters, "nodes")?,
        listeners: number(&counters, "jsEventListeners")?,
    })
}
