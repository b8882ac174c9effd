//! Measures: sizes, and speed inside a browser.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::server::Server;
use crate::setup::{self, Need};
use crate::webdriver::{Driver, Session};
use crate::{build, size, workspace};

/// How long the bench page may take.
const LIMIT: Duration = Duration::from_secs(600);

/// Prints sizes, then what the bench page reports; only the sizes with `only_size`.
pub fn run(only_size: bool) -> Result<()> {
    build::run(false)?;
    let within_budget = size::check();
    size::attribute()?;
    if !only_size {
        in_browser()?;
    }
    within_budget
}

/// Opens `/bench/` and waits for its report.
fn in_browser() -> Result<()> {
    setup::ensure(&[Need::Browser])?;
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start()?;
    let session = Session::open(&driver)?;
    let url = format!("{}/bench/", server.origin());
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
    Ok(())
}
