//! What a key costs in a form of 12 fields on a slow device, beside the same fields in a page without Cuehook.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::server::Server;
use crate::setup::{self, Need};
use crate::webdriver::{Driver, Engine, Session};
use crate::{build, workspace};

/// How many times slower the processor is made.
const SLOWDOWN: u32 = 4;
const FIELDS: usize = 12;
/// What is typed in each field.
const TEXT: &str = "a text 12 ";
/// The most work of the main thread for a key, at the mean, in milliseconds.
const MAX_WORK: f64 = 8.0;
/// What 95 % of all keys stay below, from the key to the picture, as Event Timing has it, in milliseconds.
const MAX_EVENT: f64 = 32.0;
/// Between two keys of somebody who types fast.
const BETWEEN_KEYS: Duration = Duration::from_millis(80);
const LIMIT: Duration = Duration::from_secs(60);

/// Notes how long each key takes until it is seen; what took less than 16 ms is not reported by any browser.
const WATCH: &str = "globalThis.took = new Map();
    new PerformanceObserver((list) => {
        for (const { interactionId, duration } of list.getEntries())
            if (interactionId) took.set(interactionId, Math.max(duration, took.get(interactionId) ?? 0));
    }).observe({ type: 'event', durationThreshold: 16 });";

/// Focuses a field.
const FOCUS: &str = "document.querySelectorAll('.cuehook-form .cuehook-input, .plain input')";

/// Opens the pages, types, and prints what it found; fails if a key takes too long.
pub fn run(quick: bool) -> Result<()> {
    build::run(build::Quality::Release)?;
    setup::ensure(&Need::BENCH_PAGE)?;
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start(Engine::Chromium)?;
    let session = Session::open(&driver)?;
    // Time of the processor: what else the machine does is not counted.
    session.devtools("Performance.enable", &json!({ "timeDomain": "threadTicks" }))?;
    println!("Keys in a form of {FIELDS} fields, processor {SLOWDOWN} times slower, in ms");
    let plain = format!(
        "const form = document.createElement('form');
        form.className = 'plain';
        for (let count = 0; count < {FIELDS}; count += 1) form.append(document.createElement('input'));
        document.querySelector('main').append(form);"
    );
    measure(&session, &server, "a page without Cuehook", &plain, quick)?;
    let project = project();
    let ours = measure(&session, &server, "a form of Cuehook", &format!("stage({project});"), quick)?;
    if ours.work > MAX_WORK {
        bail!("more than {MAX_WORK} ms of work for a key");
    }
    if ours.most > MAX_EVENT {
        bail!("more than 5 % of the keys took longer than {MAX_EVENT} ms to be seen");
    }
    Ok(())
}

/// What keys cost, in milliseconds.
struct Cost {
    work: f64,
    most: f64,
}

fn measure(session: &Session, server: &Server, what: &str, build: &str, quick: bool) -> Result<Cost> {
    session.devtools("Emulation.setCPUThrottlingRate", &json!({ "rate": 1 }))?;
    session.go(&format!("{}/tests/stage.html", server.origin()))?;
    session.run(&format!("{WATCH} {build}"))?;
    session.wait_for(&format!("return {FOCUS}[{}]?.checkVisibility() || null", FIELDS - 1), LIMIT)?;
    session.devtools("Emulation.setCPUThrottlingRate", &json!({ "rate": SLOWDOWN }))?;
    // Once for what runs for the first time.
    type_into(session, 0)?;
    std::thread::sleep(Duration::from_secs(1));
    session.run("took.clear()")?;
    let fields = if quick { 1 } else { FIELDS };
    let (began, before) = (Instant::now(), work(session)?);
    for field in 0..fields {
        type_into(session, field)?;
    }
    let (spent, after) = (began.elapsed(), work(session)?);
    let took = session.run("return [...took.values()]")?;
    // What the page does anyway: a cursor that blinks, pictures of a film.
    let idle_before = work(session)?;
    std::thread::sleep(spent);
    let idle = work(session)? - idle_before;
    #[allow(clippy::cast_precision_loss)]
    let keys = (fields * TEXT.len()) as f64;
    let mut took: Vec<f64> =
        took.as_array().context("no timings")?.iter().filter_map(Value::as_f64).collect();
    // Those that are not reported were below 16 ms.
    took.resize(took.len().max(fields * TEXT.len()), 0.0);
    took.sort_by(f64::total_cmp);
    let most = took.get(took.len() * 95 / 100).copied().unwrap_or_default();
    let longest = took.last().copied().unwrap_or_default();
    let work = (after - before - idle) / keys;
    println!(
        "{what}: {keys} keys; work of the main thread {work:.2} each (idle {:.2} not counted); from the key to the picture \
        95 % at most {most:.0}, longest {longest:.0} (less than 16 is not reported and shown as 0)",
        idle / keys
    );
    Ok(Cost { work, most })
}

/// Real keys, as the browser makes them of a keyboard.
fn type_into(session: &Session, field: usize) -> Result<()> {
    session.run(&format!("{FOCUS}[{field}].focus()"))?;
    for letter in TEXT.chars() {
        let key = |kind: &str| {
            let letter = letter.to_string();
            let text = if kind == "keyDown" { letter.as_str() } else { "" };
            session.devtools("Input.dispatchKeyEvent", &json!({ "type": kind, "key": letter, "text": text }))
        };
        key("keyDown")?;
        key("keyUp")?;
        std::thread::sleep(BETWEEN_KEYS);
    }
    Ok(())
}

/// How long the main thread has worked, in milliseconds.
fn work(session: &Session) -> Result<f64> {
    let metrics = session.ask_devtools("Performance.getMetrics", &json!({}))?;
    let metrics = metrics.get("metrics").and_then(Value::as_array).context("the browser gave no metrics")?;
    let is_task = |metric: &&Value| metric.get("name").and_then(Value::as_str) == Some("TaskDuration");
    let duration = metrics.iter().find(is_task).and_then(|metric| metric.get("value")?.as_f64());
    Ok(duration.context("the browser gave no TaskDuration")? * 1_000.0)
}

fn project() -> Value {
    let fields = (0..FIELDS).map(|place| {
        json!({ "name": format!("field-{place}"), "label": format!("Field {place}"), "required": true, "hint": "A hint." })
    });
    json!({
        "cuehook": 1,
        "video": { "id": "form" },
        "elements": [{
            "id": "form", "kind": "form", "records": "lead", "box": { "left": 5, "top": 5, "width": 90, "height": 90 },
            "fields": fields.collect::<Vec<_>>(),
        }],
    })
}
