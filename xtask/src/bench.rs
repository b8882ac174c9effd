//! Measures: sizes, and speed inside a browser.

pub mod events;
pub mod form;
pub mod frame;
pub mod hostile;
pub mod leftovers;
pub mod relay;
pub mod start;

use std::time::Duration;

use anyhow::{Result, bail};

use crate::build::module::Build;
use crate::server::Server;
use crate::setup::{self, Need};
use crate::webdriver::{Driver, Engine, Session};
use crate::{build, size, workspace};

/// How long the bench page may take.
const LIMIT: Duration = Duration::from_secs(600);

/// Prints sizes, then what the native bench and the bench page report; `quick` is for seeing that they work.
pub fn run(sizes: bool, speed: bool, quick: bool) -> Result<()> {
    build::run(build::Quality::Release)?;
    let within_budget = if sizes { size::check() } else { Ok(()) };
    if sizes {
        for module in [Build::Default, Build::Outbox] {
            size::attribute(module)?;
        }
    }
    if speed {
        let mut native = workspace::command("cargo");
        native.args(["bench", "--quiet", "--package", "cuehook", "--bench", "core"]);
        if quick {
            native.args(["--", "--quick"]);
        }
        workspace::run(&mut native)?;
        in_browser(quick, "")?;
    }
    within_budget
}

/// Prints what the bench page reports of templates.
pub fn templates(quick: bool) -> Result<()> {
    build::run(build::Quality::Release)?;
    in_browser(quick, "templates")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Opens `/bench/` and waits for its report.
fn in_browser(quick: bool, query: &str) -> Result<()> {
    setup::ensure(&Need::BENCH_PAGE)?;
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start(Engine::Chromium)?;
    let session = Session::open(&driver)?;
    let url = format!("{}/bench/?{query}{}", server.origin(), if quick { "&quick" } else { "" });
    session.go(&url)?;
    if session.run("return document.querySelector('#report') === null")?.as_bool() == Some(true) {
        bail!("{url} has no element #report: the bench page is missing or does not load");
    }
    let state = "return document.documentElement.dataset.bench";
    if let Err(error) = session.wait_for(&format!("{state} === 'done'"), LIMIT) {
        let console = session.console().unwrap_or_default().join("\n");
        return Err(error.context(format!("the bench page did not finish; its console:\n{console}")));
    }
    let report = session.run("return document.querySelector('#report').innerText")?;
    println!("{}", report.as_str().unwrap_or_default());
    if session.run("return 'failed' in document.documentElement.dataset")?.as_bool() == Some(true) {
        bail!("the bench page gave up");
    }
    Ok(())
}
