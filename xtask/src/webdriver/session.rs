//! One browser window, driven over WebDriver.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use ureq::Agent;

use super::base64;
use super::driver::Driver;
use super::engine::Engine;

/// A client that gives up after some time.
pub fn agent(timeout: Duration) -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(timeout)).build().into()
}

/// One browser window. It is closed on drop.
pub struct Session {
    engine: Engine,
    agent: Agent,
    base: String,
}

impl Session {
    /// Opens a browser of the driver's engine.
    pub fn open(driver: &Driver) -> Result<Self> {
        let capabilities = driver.engine().capabilities()?;
        let agent = agent(Duration::from_secs(60));
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let value = send(&agent, &format!("{}/session", driver.url()), &body)?;
        let id = value.get("sessionId").and_then(Value::as_str).context("the driver named no session")?;
        Ok(Session { engine: driver.engine(), base: format!("{}/session/{id}", driver.url()), agent })
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

    /// Sets the page's width and height in CSS pixels, as far as the engine lets windows be so small.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        if self.engine == Engine::Chromium {
            let metrics =
                json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
            return self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
        }
        // What is around the page counts in the size that drivers set.
        let around = self.run("return [outerWidth - innerWidth, outerHeight - innerHeight]")?;
        let with = |size: u32, place: usize| {
            u64::from(size) + around.get(place).and_then(Value::as_u64).unwrap_or_default()
        };
        let size = json!({ "width": with(width, 0), "height": with(height, 1) });
        self.command("window/rect", &size).map(drop)
    }

    /// Makes the page believe that the viewer prefers dark colours.
    pub fn prefer_dark(&self) -> Result<()> {
        let features = json!({ "features": [ { "name": "prefers-color-scheme", "value": "dark" } ] });
        self.devtools("Emulation.setEmulatedMedia", &features)
    }

    /// Writes a PNG of what is visible.
    pub fn screenshot(&self, file: &Path) -> Result<()> {
        let text = self.get("screenshot")?;
        let text = text.as_str().context("the driver sent no picture")?;
        std::fs::write(file, base64::decode(text)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// What the page has written to the console as warnings and errors, and what it violated. Only chromedriver tells.
    pub fn console(&self) -> Result<Vec<String>> {
        if self.engine != Engine::Chromium {
            return Ok(Vec::new());
        }
        let entries = self.command("se/log", &json!({ "type": "browser" }))?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let text = |entry: &Value, key| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(entries
            .iter()
            .map(|entry| format!("{}: {}", text(entry, "level"), text(entry, "message")))
            .collect())
    }

    /// Sends a command of the DevTools protocol. What it sets up lasts as long as the session.
    ///
    /// # Errors
    /// In any engine but Chromium.
    pub fn devtools(&self, name: &str, parameters: &Value) -> Result<()> {
        self.ask_devtools(name, parameters).map(drop)
    }

    /// The same, for commands that have an answer.
    ///
    /// # Errors
    /// In any engine but Chromium.
    pub fn ask_devtools(&self, name: &str, parameters: &Value) -> Result<Value> {
        if self.engine != Engine::Chromium {
            bail!("{} cannot do this: it is Chromium's `{name}`", self.engine.title());
        }
        self.command("goog/cdp/execute", &json!({ "cmd": name, "params": parameters }))
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
    let mut answer: Value = serde_json::from_str(&text).context("the driver sent no JSON")?;
    let value = answer.get_mut("value").map(Value::take).unwrap_or_default();
    if !response.status().is_success() {
        let message = value.get("message").and_then(Value::as_str).unwrap_or("it did not say why");
        return Err(anyhow!("the driver refused: {}", message.lines().next().unwrap_or_default()));
    }
    Ok(value)
}
