//! A small WebDriver client: starts chromedriver, opens pages, looks at them.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use ureq::Agent;

use crate::{setup, workspace};

/// How long chromedriver may take to start, and to end with its browsers.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running chromedriver. Dropping it ends the browsers it has started, then itself.
pub struct Driver {
    child: Child,
    /// Kept open: chromedriver would fail to write otherwise.
    _output: BufReader<ChildStdout>,
    port: u16,
}

impl Driver {
    /// Starts one on a free port.
    pub fn start() -> Result<Self> {
        let program = setup::chromedriver().context("chromedriver is missing: run `cargo xtask setup`")?;
        let mut child = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start chromedriver")?;
        let Some(output) = child.stdout.take() else { bail!("chromedriver has no output") };
        let mut output = BufReader::new(output);
        let mut line = String::new();
        while output.read_line(&mut line)? > 0 {
            if let Some(port) = started_on(&line) {
                return Ok(Driver { child, _output: output, port });
            }
            line.clear();
        }
        child.kill()?;
        bail!("chromedriver ended before it was ready");
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// Chromedriver chooses the port itself and tells it in one line.
fn started_on(line: &str) -> Option<u16> {
    line.trim()
        .strip_prefix("ChromeDriver was started successfully on port ")?
        .trim_end_matches('.')
        .parse()
        .ok()
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A killed chromedriver leaves its browsers behind; asked to shut down it ends them first.
        let _ = agent(PATIENCE).get(format!("{}/shutdown", self.url())).call();
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent(timeout: Duration) -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(timeout)).build().into()
}

/// One browser window. It is closed on drop.
pub struct Session {
    agent: Agent,
    base: String,
}

impl Session {
    /// Opens a browser with the capabilities in webdriver.json.
    pub fn open(driver: &Driver) -> Result<Self> {
        let text = std::fs::read_to_string(workspace::root().join("webdriver.json"))
            .context("cannot read webdriver.json")?;
        let capabilities: Value = serde_json::from_str(&text).context("webdriver.json is not JSON")?;
        let agent = agent(Duration::from_secs(60));
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let value = send(&agent, &format!("{}/session", driver.url()), &body)?;
        let id = value.get("sessionId").and_then(Value::as_str).context("chromedriver named no session")?;
        Ok(Session { base: format!("{}/session/{id}", driver.url()), agent })
    }

    /// Opens a page and waits until it has loaded.
    pub fn go(&self, url: &str) -> Result<()> {
        self.command("url", &json!({ "url": url })).map(drop)
    }

    /// Runs the body of a function in the page and gives back what it returns.
    pub fn run(&self, script: &str) -> Result<Value> {
        self.command("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Runs the script again and again until it returns something true, and returns that.
    pub fn wait_for(&self, script: &str, limit: Duration) -> Result<Value> {
        let deadline = Instant::now() + limit;
        loop {
            let value = self.run(script)?;
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return Ok(value);
            }
            if Instant::now() > deadline {
                bail!("waited {} s in vain for `{script}`", limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Sets the page's width and height in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics)
    }

    /// Makes the page believe that the viewer prefers dark colours.
    pub fn prefer_dark(&self) -> Result<()> {
        let features = json!({ "features": [ { "name": "prefers-color-scheme", "value": "dark" } ] });
        self.devtools("Emulation.setEmulatedMedia", &features)
    }

    /// Writes a PNG of what is visible.
    pub fn screenshot(&self, file: &Path) -> Result<()> {
        let text = self.get("screenshot")?;
        let text = text.as_str().context("chromedriver sent no picture")?;
        std::fs::write(file, decode_base64(text)?).with_context(|| format!("cannot write {}", file.display()))
    }

    /// What the page has written to the console as warnings and errors, and what it violated.
    pub fn console(&self) -> Result<Vec<String>> {
        let entries = self.command("se/log", &json!({ "type": "browser" }))?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let text = |entry: &Value, key| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(entries
            .iter()
            .map(|entry| format!("{}: {}", text(entry, "level"), text(entry, "message")))
            .collect())
    }

    /// Sends a command of the DevTools protocol. What it sets up lasts as long as the session.
    pub fn devtools(&self, name: &str, parameters: &Value) -> Result<()> {
        self.command("goog/cdp/execute", &json!({ "cmd": name, "params": parameters })).map(drop)
    }

    fn command(&self, path: &str, body: &Value) -> Result<Value> {
        send(&self.agent, &format!("{}/{path}", self.base), body)
    }

    fn get(&self, path: &str) -> Result<Value> {
        value_of(self.agent.get(format!("{}/{path}", self.base)).call()?)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // If it fails, the driver's own end closes the browser.
        let _ = self.agent.delete(&self.base).call();
    }
}

fn send(agent: &Agent, url: &str, body: &Value) -> Result<Value> {
    value_of(agent.post(url).header("content-type", "application/json").send(body.to_string())?)
}

/// Answers are `{"value": …}`; errors have a message in there.
fn value_of(mut response: ureq::http::Response<ureq::Body>) -> Result<Value> {
    let text = response.body_mut().with_config().limit(256 * 1024 * 1024).read_to_string()?;
    let mut answer: Value = serde_json::from_str(&text).context("chromedriver sent no JSON")?;
    let value = answer.get_mut("value").map(Value::take).unwrap_or_default();
    if !response.status().is_success() {
        let message = value.get("message").and_then(Value::as_str).unwrap_or("it did not say why");
        return Err(anyhow!("chromedriver refused: {}", message.lines().next().unwrap_or_default()));
    }
    Ok(value)
}

/// Decodes base64 (RFC 4648, section 4).
fn decode_base64(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for character in text.bytes().filter(|byte| *byte != b'=' && !byte.is_ascii_whitespace()) {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => bail!("{:?} is no character of base64", char::from(other)),
        };
        bits = (bits << 6 | u32::from(value)) & 0x00FF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_what_chromedriver_says() {
        assert_eq!(started_on("ChromeDriver was started successfully on port 40123.\n"), Some(40123));
        assert_eq!(started_on("Starting ChromeDriver 156 on port 0\n"), None);
    }

    #[test]
    fn base64_is_decoded() {
        assert_eq!(decode_base64("").unwrap(), b"");
        assert_eq!(decode_base64("Zg==").unwrap(), b"f");
        assert_eq!(decode_base64("Zm9vYmE=").unwrap(), b"fooba");
        assert_eq!(decode_base64("Zm9vYmFy").unwrap(), b"foobar");
        assert_eq!(decode_base64("+/8=").unwrap(), [0xFB, 0xFF]);
        assert!(decode_base64("a b$").is_err());
    }
}
