//! Looks at a page of the development server.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use crate::relay::Relay;
use crate::server::{self, Server};
use crate::setup;
use crate::webdriver::{Driver, Engine, Session};
use crate::workspace;

/// What to look at, and how.
#[derive(Debug, clap::Args)]
pub struct ScreenshotOptions {
    /// The page, such as `/` or `/guide.html`.
    path: String,
    /// Width of the page in CSS pixels.
    #[arg(long, default_value_t = 1280)]
    width: u32,
    /// Height of the page in CSS pixels.
    #[arg(long, default_value_t = 800)]
    height: u32,
    /// Pretend that the viewer prefers dark colours.
    #[arg(long)]
    dark: bool,
    /// JavaScript to run before the picture is taken, such as a click.
    #[arg(long)]
    run: Option<String>,
    /// Seconds to wait before the picture is taken.
    #[arg(long, default_value_t = 1.0)]
    wait: f64,
    /// Without a relay beside the server.
    #[arg(long)]
    direct: bool,
    /// The browser to take it in. Others than Chromium know no `--dark`, and their windows have a least width.
    #[arg(long, value_enum, default_value = "chromium")]
    browser: Engine,
    /// The PNG to write.
    #[arg(long, default_value = "target/screenshot.png")]
    out: PathBuf,
}

/// Writes a picture of the page as pkg/dist and www are now, and prints what its console says.
pub fn run(options: &ScreenshotOptions) -> Result<()> {
    setup::ensure(options.browser.needs())?;
    let (root, listener, other) = (workspace::root(), server::free_listener()?, server::free_listener()?);
    let pages = [listener.local_addr()?, other.local_addr()?];
    let relay = if options.direct { None } else { Some(Relay::start(&root, pages)?) };
    let server = Server::start_beside(relay.as_ref().map(Relay::access), &root, listener, other)?;
    let driver = Driver::start(options.browser)?;
    let session = Session::open(&driver)?;
    session.resize(options.width, options.height)?;
    if options.dark {
        session.prefer_dark()?;
    }
    session.go(&format!("{}/{}", server.origin(), options.path.trim_start_matches('/')))?;
    let wait = Duration::try_from_secs_f64(options.wait)?;
    std::thread::sleep(wait);
    if let Some(script) = &options.run {
        let value = session.run(script)?;
        println!("{value}");
        std::thread::sleep(wait);
    }
    for line in session.console()? {
        println!("{line}");
    }
    session.screenshot(&options.out)?;
    println!("Wrote {}.", options.out.display());
    Ok(())
}
