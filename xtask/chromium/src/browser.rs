//! A running browser.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};
use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::connection::{Connection, PATIENCE};
use crate::socket::Socket;
use crate::{Profile, Tab, processes};

/// The file in the repository's root that says how Chromium is started, for WebDriver and for us.
const CAPABILITIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../webdriver.json");

/// What chromedriver adds by itself, as far as it matters here, and what lets films play.
const ARGUMENTS: [&str; 8] = [
    "--autoplay-policy=no-user-gesture-required",
    "--disable-default-apps",
    "--disable-hang-monitor",
    "--disable-popup-blocking",
    "--disable-prompt-on-repost",
    "--no-default-browser-check",
    "--password-store=basic",
    "--window-size=1000,800",
];

/// A Chromium. It is killed on drop.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    connection: Rc<Connection>,
}

impl Browser {
    /// Starts one with a profile, which no other browser may use at the same time.
    ///
    /// # Errors
    /// If it does not start.
    pub fn launch(profile: &Profile) -> Result<Self> {
        let text = fs::read_to_string(CAPABILITIES).context("cannot read webdriver.json")?;
        let capabilities: Value = serde_json::from_str(&text).context("webdriver.json is no JSON")?;
        let options = capabilities.get("goog:chromeOptions").context("it says nothing of Chromium")?;
        let program = options.get("binary").and_then(Value::as_str).unwrap_or("chromium");
        let arguments = options.get("args").and_then(Value::as_array).cloned().unwrap_or_default();
        // It is there from the last time if that browser was killed.
        let announced = profile.folder().join("DevToolsActivePort");
        let _ = fs::remove_file(&announced);
        let mut child = Command::new(program)
            .args(arguments.iter().filter_map(Value::as_str))
            .args(ARGUMENTS)
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.folder().display()))
            .arg("about:blank")
            // A group of its own, so that no key pressed in a terminal reaches it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        match port(&mut child, &announced).and_then(|(port, path)| {
            Socket::connect(port, &path, PATIENCE).context("cannot connect to the browser")
        }) {
            Ok(socket) => Ok(Browser { child, connection: Rc::new(Connection::new(socket)) }),
            Err(error) => {
                kill(&mut child);
                Err(error)
            }
        }
    }

    /// Opens a page in a new tab, and waits until it has loaded.
    ///
    /// # Errors
    /// If it does not load.
    pub fn tab(&self, url: &str) -> Result<Tab> {
        let target = self.connection.ask(None, "Target.createTarget", &json!({ "url": "about:blank" }))?;
        let target = target.get("targetId").and_then(Value::as_str).context("there is no new tab")?;
        let attach = json!({ "targetId": target, "flatten": true });
        let session = self.connection.ask(None, "Target.attachToTarget", &attach)?;
        let session = session.get("sessionId").and_then(Value::as_str).context("there is no session")?;
        let tab = Tab::new(Rc::clone(&self.connection), session.to_owned(), target.to_owned());
        tab.prepare()?;
        tab.go(url)?;
        Ok(tab)
    }

    /// Kills all its processes at once (SIGKILL), and waits until they are gone. Gives what pages have said by
    /// [`Tab::listen`] before, in order, and nobody has taken yet.
    ///
    /// # Errors
    /// If one of them does not go.
    pub fn kill(mut self) -> Result<Vec<String>> {
        let all = kill(&mut self.child);
        self.connection.drain();
        let deadline = Instant::now() + Duration::from_secs(10);
        while all.iter().any(|process| processes::is_alive(*process)) {
            if Instant::now() > deadline {
                bail!("a process of the browser has outlived SIGKILL");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(said(&self.connection, None))
    }

    /// Lets it end as if somebody had closed it, and waits until it has.
    ///
    /// # Errors
    /// If it does not end.
    pub fn close(mut self) -> Result<()> {
        self.connection.send(None, "Browser.close", &json!({}))?;
        self.connection.drain();
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                bail!("the browser does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        kill(&mut self.child);
    }
}

/// What pages have said, that of one session or of all.
pub fn said(connection: &Connection, session: Option<&str>) -> Vec<String> {
    let events = connection.take("Runtime.bindingCalled", session);
    let text = |event: &Value| event.pointer("/params/payload").and_then(Value::as_str).map(str::to_owned);
    events.iter().filter_map(text).collect()
}

/// Kills it with all that it has started, and names the processes.
fn kill(child: &mut Child) -> Vec<u32> {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return Vec::new();
    }
    let mut all = vec![child.id()];
    all.extend(processes::descendants(child.id()));
    processes::end(&all);
    let _ = child.wait();
    all
}

/// The port and the path that the browser listens on, which it writes to a file.
fn port(child: &mut Child, announced: &Path) -> Result<(u16, String)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = fs::read_to_string(announced).unwrap_or_default();
        if let Some((port, path)) = text.split_once('\n')
            && let (Ok(port), true) = (port.parse(), path.contains("/devtools/"))
        {
            return Ok((port, path.trim().to_owned()));
        }
        if let Some(status) = child.try_wait()? {
            bail!("the browser ended before it was ready ({status})");
        }
        if Instant::now() > deadline {
            bail!("the browser does not listen");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
