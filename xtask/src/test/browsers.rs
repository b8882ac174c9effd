//! The tests that need a browser, in any of the engines.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::engines::{Engines, Suite};
use super::single_file;
use crate::relay::{self, Relay};
use crate::server::{self, Server};
use crate::tally::{Counts, run_tests, run_tests_within};
use crate::webdriver::{Display, Driver, Engine};
use crate::workspace::{self, command};
use crate::{frameworks, players};

/// The runner of the tests inside a browser says something within this time, or will not any more. It gives up by itself
/// before, if it can: see WASM_BINDGEN_TEST_TIMEOUT below.
const SILENCE: Duration = Duration::from_secs(240);

/// Tests inside a browser, with `--test web` alone: the other tests are native ones, which compile to nothing there,
/// slowly.
pub fn in_browser(engine: Engine) -> Result<Counts> {
    let name = engine.driver_name();
    let driver = engine.driver().with_context(|| format!("{name} is missing: run `cargo xtask setup`"))?;
    let mut tests = command("wasm-pack");
    tests.args(["test", "--headless"]);
    // What wasm-bindgen's runner says to Safari's driver is what WebKitGTK's understands, too. It has no headless mode.
    let display = match engine {
        Engine::Webkit => Some(Display::start()?),
        Engine::Chromium | Engine::Firefox => None,
    };
    tests.envs(display.iter().flat_map(Display::environment));
    tests.args(match engine {
        Engine::Chromium => ["--chrome", "--chromedriver"],
        Engine::Firefox => ["--firefox", "--geckodriver"],
        Engine::Webkit => ["--safari", "--safaridriver"],
    });
    tests
        .arg(driver)
        .args(["--mode", "no-install", "--test", "web"])
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", capabilities(engine)?)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    let engines = Engines::read()?;
    let skipped = engines.skipped(Suite::Web, engine);
    if !skipped.is_empty() {
        tests.arg("--");
    }
    skip(&mut tests, &skipped, engine);
    run_tests_within(&mut tests, Some(SILENCE))
}

/// The file of what the runner asks of a browser. Chromium, which the default run uses, fetches through a proxy of ours.
fn capabilities(engine: Engine) -> Result<PathBuf> {
    let file = workspace::root().join(engine.capabilities_file());
    if engine != Engine::Chromium {
        return Ok(file);
    }
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut capabilities: serde_json::Value = serde_json::from_str(&text)?;
    let arguments = capabilities.pointer_mut("/goog:chromeOptions/args").and_then(|args| args.as_array_mut());
    let arguments = arguments.with_context(|| format!("{} has no arguments for Chromium", file.display()))?;
    arguments.push(format!("--proxy-server=http://{}", single_file::start()?).into());
    // Without this nothing of this machine goes through a proxy.
    arguments.push("--proxy-bypass-list=<-loopback>".into());
    let through_proxy = workspace::target().join("webdriver.json");
    std::fs::write(&through_proxy, capabilities.to_string())?;
    Ok(through_proxy)
}

/// All end-to-end tests that an engine can do.
pub fn end_to_end(engine: Engine, full: bool) -> Result<Counts> {
    drive(engine, &[], full, &[])
}

/// What the test of minutes of viewers is called.
const SOAK: &str = "soak::what_is_recorded_reaches_the_receivers";
/// Events a second that a server sends beside the viewers, if the relay is optimised.
const SOAK_RATE: &str = "500";

/// That test alone, for so many minutes, with the relay as it is published; it prints what it has found.
pub fn soak(minutes: f64) -> Result<Counts> {
    let relay = relay::build_optimised()?;
    let environment = [
        ("CUEHOOK_SOAK_MINUTES", OsString::from(minutes.to_string())),
        ("CUEHOOK_SOAK_RATE", SOAK_RATE.into()),
        ("CUEHOOK_RELAY", relay.into_os_string()),
    ];
    drive(Engine::Chromium, &[SOAK.to_owned()], false, &environment)
}

/// The few end-to-end tests that the default run does in the engines that do not do them all.
pub fn subset_elsewhere() -> Result<Counts> {
    let engines = Engines::read()?;
    let mut counts = Counts::default();
    for engine in Engine::OTHERS {
        println!("{}:", engine.title());
        counts += drive(engine, engines.subset(), false, &[])?;
    }
    Ok(counts)
}

/// The tests are handed a running server and a running driver. With no test named, all are run; with `full` over all
/// players, and with ten kills of each kind. `environment` is what stands in theirs besides.
fn drive(engine: Engine, tests: &[String], full: bool, environment: &[(&str, OsString)]) -> Result<Counts> {
    frameworks::bundle()?;
    players::bundle()?;
    let (root, listener, other) = (workspace::root(), server::free_listener()?, server::free_listener()?);
    // The demo calls its webhooks through it; some tests start others of their own.
    let relay = Relay::start(&root, [listener.local_addr()?, other.local_addr()?])?;
    let server = Server::start_beside(Some(relay.access()), &root, listener, other)?;
    let driver = Driver::start(engine)?;
    let engines = Engines::read()?;
    let mut skipped = engines.skipped(Suite::E2e, engine);
    if !tests.is_empty() {
        skipped.retain(|(skipped, _)| tests.iter().any(|test| test == skipped));
    }
    // Tests wait more than they compute. The other drivers have one browser at a time.
    let threads = if engine == Engine::Chromium { "--test-threads=2" } else { "--test-threads=1" };
    let mut run = command("cargo");
    run.args(["test", "--package", "cuehook", "--test", "e2e", "--", "--ignored", threads])
        .env("CUEHOOK_BROWSER", engine.name())
        .env("CUEHOOK_SERVER", server.origin())
        .env("CUEHOOK_OTHER_ORIGIN", server.other_origin())
        .env("WEBDRIVER_URL", driver.url())
        .env("CUEHOOK_RELAY", relay::build()?)
        .envs(full.then_some(("CUEHOOK_PLAYERS", "all")))
        .envs(full.then_some(("CUEHOOK_CHAOS", "full")))
        .envs(environment.iter().map(|(name, value)| (name, value)));
    if !environment.is_empty() {
        run.arg("--nocapture");
    }
    if !tests.is_empty() {
        run.arg("--exact").args(tests);
    }
    skip(&mut run, &skipped, engine);
    run_tests(&mut run)
}

/// Leaves tests out, and says which and why.
fn skip(run: &mut Command, skipped: &[(&str, &str)], engine: Engine) {
    let mut last = "";
    for (test, reason) in skipped {
        if *reason != last {
            println!("Not in {}: {reason}", engine.title());
            last = reason;
        }
        println!("  {test}");
        run.args(["--skip", test]);
    }
    if !skipped.is_empty() && !run.get_args().any(|argument| argument == "--exact") {
        run.arg("--exact");
    }
}
