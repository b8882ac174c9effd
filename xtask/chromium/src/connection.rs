//! Commands and events of the DevTools protocol.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use crate::socket::Socket;

/// How long a command may take.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How many events are kept for somebody who asks for them.
const MOST_EVENTS: usize = 50_000;

/// The connection to one browser, which its tabs share.
#[derive(Debug)]
pub struct Connection {
    socket: RefCell<Socket>,
    last: RefCell<u64>,
    events: RefCell<VecDeque<Value>>,
}

impl Connection {
    pub fn new(socket: Socket) -> Self {
        Connection { socket: RefCell::new(socket), last: RefCell::default(), events: RefCell::default() }
    }

    /// Sends a command, without waiting for its answer. Gives its number.
    pub fn send(&self, session: Option<&str>, name: &str, parameters: &Value) -> Result<u64> {
        let number = {
            let mut last = self.last.borrow_mut();
            *last += 1;
            *last
        };
        let command = match session {
            Some(session) => {
                json!({ "id": number, "method": name, "params": parameters, "sessionId": session })
            }
            None => json!({ "id": number, "method": name, "params": parameters }),
        };
        self.socket.borrow_mut().send(&command.to_string()).context("the browser is gone")?;
        Ok(number)
    }

    /// Sends a command and waits for its answer.
    pub fn ask(&self, session: Option<&str>, name: &str, parameters: &Value) -> Result<Value> {
        let number = self.send(session, name, parameters)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if Instant::now() > deadline {
                bail!("`{name}` was not answered");
            }
            let message = self.read()?.with_context(|| format!("the browser is gone during `{name}`"))?;
            if message.get("id").and_then(Value::as_u64) == Some(number) {
                return match message.get("error") {
                    Some(error) => Err(anyhow!("`{name}`: {error}")),
                    None => Ok(message.get("result").cloned().unwrap_or_default()),
                };
            }
            let method = message.get("method").and_then(Value::as_str).unwrap_or_default().to_owned();
            let of_session = message.get("sessionId").and_then(Value::as_str) == session;
            self.keep(message);
            if method == "Inspector.targetCrashed" && of_session {
                bail!("the page has crashed during `{name}`");
            }
        }
    }

    /// Waits for an event that `is_it`, and takes it.
    pub fn event(&self, is_it: impl Fn(&Value) -> bool, limit: Duration) -> Result<Value> {
        let found = self.events.borrow().iter().position(&is_it);
        if let Some(event) = found.and_then(|place| self.events.borrow_mut().remove(place)) {
            return Ok(event);
        }
        let deadline = Instant::now() + limit;
        self.socket.borrow().set_patience(limit)?;
        let result = loop {
            match self.read() {
                Ok(Some(message)) if message.get("id").is_none() && is_it(&message) => break Ok(message),
                Ok(Some(message)) => self.keep(message),
                Ok(None) => break Err(anyhow!("the browser is gone")),
                Err(error) => break Err(error),
            }
            if Instant::now() > deadline {
                break Err(anyhow!("waited in vain for an event"));
            }
        };
        self.socket.borrow().set_patience(PATIENCE)?;
        result
    }

    /// Reads until the browser has gone, so that nothing that it said is missed.
    pub fn drain(&self) {
        while let Ok(Some(message)) = self.read() {
            self.keep(message);
        }
    }

    /// Takes the events of that name, and of that session if one is given, that have been read so far.
    pub fn take(&self, name: &str, session: Option<&str>) -> Vec<Value> {
        let is_it = |event: &Value| {
            let text = |key| event.get(key).and_then(Value::as_str);
            text("method") == Some(name) && (session.is_none() || text("sessionId") == session)
        };
        let mut events = self.events.borrow_mut();
        let (taken, kept) = events.drain(..).partition(is_it);
        *events = kept;
        Vec::from(taken)
    }

    fn read(&self) -> Result<Option<Value>> {
        let Some(text) = self.socket.borrow_mut().receive().context("the browser does not answer")? else {
            return Ok(None);
        };
        serde_json::from_str(&text).map(Some).context("the browser sent no JSON")
    }

    /// Answers that nobody waits for are not kept.
    fn keep(&self, message: Value) {
        let mut events = self.events.borrow_mut();
        if message.get("id").is_none() && events.len() < MOST_EVENTS {
            events.push_back(message);
        }
    }
}
