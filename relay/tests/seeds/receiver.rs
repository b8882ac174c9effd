//! A receiver that runs, and what it has taken.

use crate::PATIENCE;
use crate::files::path;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver as Lines, channel};

/// A receiver of `tests/receivers/seeds` as a process, until it is dropped.
pub struct Receiver {
    process: Child,
    lines: Lines<String>,
    pub address: SocketAddr,
}

impl Receiver {
    /// Starts one, with these variables in its environment, and waits until it listens.
    pub fn start(file: &str, variables: &[(&str, &str)]) -> Self {
        let program = if file.ends_with(".py") { "/usr/bin/python3" } else { "node" };
        let mut process = Command::new(program)
            .arg(path("tests/receivers/seeds").join(file))
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask setup` installs it"));
        let output = BufReader::new(process.stdout.take().unwrap());
        let (said, lines) = channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
        let line = lines.recv_timeout(PATIENCE).unwrap_or_default();
        let port = line.strip_prefix("listening ").and_then(|port| port.parse::<u16>().ok());
        let port = port.unwrap_or_else(|| panic!("{file}: {line:?}"));
        Self { process, lines, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    /// Its address, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address that the page has for it, and its own.
    pub fn shop(&self) -> (&'static str, String) {
        ("https://shop.example", self.url())
    }

    /// The next message that it has taken. It waits for it.
    pub fn taken(&mut self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("it has taken nothing more");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// The rest that it says before it is ended: what was taken, though nobody has asked for it.
    pub fn rest(mut self) -> String {
        self.process.kill().unwrap();
        let mut rest = String::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            rest += &line;
        }
        rest
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
