//! A page in a browser.

use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::browser;
use crate::connection::{Connection, PATIENCE};

/// What pages call to say something, see [`Tab::listen`].
const SAY: &str = "say";

/// A page, or a frame with a process of its own.
#[derive(Debug)]
pub struct Tab {
    connection: Rc<Connection>,
    session: String,
    target: String,
}

impl Tab {
    pub(crate) fn new(connection: Rc<Connection>, session: String, target: String) -> Self {
        Tab { connection, session, target }
    }

    /// Switches on what all tabs need.
    pub(crate) fn prepare(&self) -> Result<()> {
        for domain in ["Page.enable", "Inspector.enable", "Network.enable"] {
            self.ask(domain, &json!({}))?;
        }
        let attach = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        self.ask("Target.setAutoAttach", &attach)?;
        self.listen()
    }

    /// Gives the page `say(text)`, which is heard at once: also what was said just before the page died is known here.
    fn listen(&self) -> Result<()> {
        self.ask("Runtime.enable", &json!({}))?;
        self.ask("Runtime.addBinding", &json!({ "name": SAY })).map(drop)
    }

    /// What the page has said since this was last asked.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn said(&self) -> Result<Vec<String>> {
        // Whatever it has said so far comes before the answer.
        self.connection.ask(None, "Browser.getVersion", &json!({}))?;
        Ok(browser::said(&self.connection, Some(&self.session)))
    }

    /// Sends a command of the DevTools protocol.
    ///
    /// # Errors
    /// If it is refused, or not answered.
    pub fn ask(&self, name: &str, parameters: &Value) -> Result<Value> {
        self.connection.ask(Some(&self.session), name, parameters)
    }

    /// Sends a command that may not be answered: the page ends by it.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn tell(&self, name: &str, parameters: &Value) -> Result<()> {
        self.connection.send(Some(&self.session), name, parameters).map(drop)
    }

    /// Opens a page and waits until it has loaded.
    ///
    /// # Errors
    /// If it does not load.
    pub fn go(&self, url: &str) -> Result<()> {
        drop(self.connection.take("Page.loadEventFired", Some(&self.session)));
        let answer = self.ask("Page.navigate", &json!({ "url": url }))?;
        if let Some(error) = answer.get("errorText").and_then(Value::as_str) {
            bail!("{url}: {error}");
        }
        self.event("Page.loadEventFired", PATIENCE).with_context(|| format!("{url} does not load")).map(drop)
    }

    /// Waits for an event of the page.
    ///
    /// # Errors
    /// If it does not come in time.
    pub fn event(&self, name: &str, limit: Duration) -> Result<Value> {
        let text = |event: &Value, key| event.get(key).and_then(Value::as_str).map(str::to_owned);
        let is_it = |event: &Value| {
            text(event, "method").as_deref() == Some(name)
                && text(event, "sessionId").as_deref() == Some(&self.session)
        };
        self.connection.event(is_it, limit).with_context(|| format!("there was no `{name}`"))
    }

    /// Runs the body of an asynchronous function in the page, and gives what it returns.
    ///
    /// # Errors
    /// What it throws; or if the page ends meanwhile.
    pub fn run(&self, script: &str) -> Result<Value> {
        let parameters = json!({
            "expression": format!("(async () => {{ {script} }})()"),
            "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let answer = self.ask("Runtime.evaluate", &parameters)?;
        if let Some(details) = answer.get("exceptionDetails") {
            let thrown = details.pointer("/exception/description").or(details.get("text"));
            bail!("`{script}`: {}", thrown.and_then(Value::as_str).unwrap_or("it threw something"));
        }
        Ok(answer.pointer("/result/value").cloned().unwrap_or_default())
    }

    /// Runs the body of a function again and again until it returns something true, and gives that.
    ///
    /// # Errors
    /// If it does not in time.
    pub fn until(&self, script: &str, limit: Duration) -> Result<Value> {
        let deadline = Instant::now() + limit;
        loop {
            let value = self.run(script)?;
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return Ok(value);
            }
            if Instant::now() > deadline {
                bail!("waited {} s in vain for `{script}`", limit.as_secs());
            }
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// A trusted click on the middle of an element.
    ///
    /// # Errors
    /// If it is not there.
    pub fn click(&self, css: &str) -> Result<()> {
        let place = self.run(&format!(
            "const node = document.querySelector({css:?});
             node.scrollIntoView({{ block: 'center', behavior: 'instant' }});
             const {{ left, top, width, height }} = node.getBoundingClientRect();
             return [left + width / 2, top + height / 2]"
        ))?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": place.get(0), "y": place.get(1), "button": "left", "clickCount": 1,
            });
            self.ask("Input.dispatchMouseEvent", &event)?;
        }
        Ok(())
    }

    /// Types a text, wherever focus is.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn write(&self, text: &str) -> Result<()> {
        self.ask("Input.insertText", &json!({ "text": text })).map(drop)
    }

    /// Takes the network from this tab, or gives it back.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn set_offline(&self, offline: bool) -> Result<()> {
        let network =
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.ask("Network.emulateNetworkConditions", &network).map(drop)
    }

    /// Freezes the page as browsers do with tabs that have been hidden for long, or lets it go on.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn set_frozen(&self, frozen: bool) -> Result<()> {
        let state = if frozen { "frozen" } else { "active" };
        self.ask("Page.setWebLifecycleState", &json!({ "state": state })).map(drop)
    }

    /// Bounds what an origin may store, in bytes; with nothing, as it was.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn set_quota(&self, origin: &str, bytes: Option<u64>) -> Result<()> {
        let parameters = match bytes {
            Some(bytes) => json!({ "origin": origin, "quotaSize": bytes }),
            None => json!({ "origin": origin }),
        };
        self.ask("Storage.overrideQuotaForOrigin", &parameters).map(drop)
    }

    /// Kills the page's process, and waits until it is gone.
    ///
    /// # Errors
    /// If it does not go.
    pub fn crash(&self) -> Result<()> {
        self.tell("Page.crash", &json!({}))?;
        self.event("Inspector.targetCrashed", PATIENCE).map(drop)
    }

    /// Closes the tab, as a viewer does.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn close(self) -> Result<()> {
        self.connection.ask(None, "Target.closeTarget", &json!({ "targetId": self.target })).map(drop)
    }

    /// The first frame of the page that has a process of its own: one of another site, or a sandboxed one.
    ///
    /// # Errors
    /// If there is none.
    pub fn frame(&self) -> Result<Tab> {
        let is_it = |event: &Value| {
            event.get("method").and_then(Value::as_str) == Some("Target.attachedToTarget")
                && event.get("sessionId").and_then(Value::as_str) == Some(&self.session)
                && event.pointer("/params/targetInfo/type").and_then(Value::as_str) == Some("iframe")
        };
        let event = self.connection.event(is_it, PATIENCE).context("there is no such frame")?;
        let text = |pointer| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let frame = Tab::new(
            Rc::clone(&self.connection),
            text("/params/sessionId"),
            text("/params/targetInfo/targetId"),
        );
        frame.listen()?;
        Ok(frame)
    }
}
