//! A screen that nobody sees, for browsers that have no headless mode.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// Width, height and depth of the screen: more than any test asks of a window.
const SCREEN: &str = "1600x1200x24";

/// A running X server. It ends on drop.
pub struct Display {
    child: Child,
    number: u32,
}

impl Display {
    /// Starts one under the first free number. It stays as it is when the last window has gone (`-noreset`): one that comes
    /// just then would not be let in.
    pub fn start() -> Result<Self> {
        let mut child = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb: run `cargo xtask setup`")?;
        // It tells its number when it is ready.
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let number = line.trim().parse();
        let display = Display { child, number: number.unwrap_or_default() };
        line.trim().parse::<u32>().with_context(|| format!("Xvfb gave no display number but {line:?}"))?;
        Ok(display)
    }

    /// What a browser needs to know to use it, whatever a desktop has said.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [("DISPLAY", format!(":{}", self.number)), ("GDK_BACKEND", "x11".to_owned())]
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
