//! Who sends, and who is called: `cuehook-load`, a process each.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use cuehook_load::{Plan, Received, Report};

use super::usage::{self, Memory, Sample, Usage, Watched};

/// Carries out a plan. What it has found, what everybody took meanwhile, and the relay's memory in the end. `mark` is called when what
/// is measured begins and when it ends.
pub fn send(
    program: &Path,
    plan: &Plan,
    watched: &Watched,
    mark: impl FnMut() -> Result<()>,
) -> Result<(Report, Usage, Memory)> {
    let mut child = Command::new(program).arg("send").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let sent = watch(&mut child, plan, watched, mark);
    if sent.is_err() {
        let _ = child.kill();
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("who sends has failed ({status})");
    }
    sent
}

fn watch(
    child: &mut Child,
    plan: &Plan,
    watched: &Watched,
    mut mark: impl FnMut() -> Result<()>,
) -> Result<(Report, Usage, Memory)> {
    let load = child.id();
    let mut input = child.stdin.take().context("no input")?;
    input.write_all(serde_json::to_string(plan)?.as_bytes())?;
    drop(input);
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let mut next = || lines.next().context("who sends has ended early")?.map_err(anyhow::Error::from);
    next()?;
    mark()?;
    let before = Sample::take(load, watched)?;
    next()?;
    let after = Sample::take(load, watched)?;
    mark()?;
    let memory = usage::memory(watched.relay)?;
    Ok((serde_json::from_str(&next()?)?, Usage::between(&before, &after), memory))
}

/// The webhook that is called. It ends with this.
#[derive(Debug)]
pub struct Receiver {
    child: Child,
    pub address: SocketAddr,
}

impl Receiver {
    /// Answers after so many milliseconds.
    pub fn start(program: &Path, delay_ms: u64) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["receive", &delay_ms.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let address = line.trim().parse().with_context(|| format!("the webhook says {line:?}"))?;
        Ok(Self { child, address })
    }

    /// The number of its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Where it is called.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Where events go: paths are put after this.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has come to each path of events, with the latencies of what has come since this was asked last.
    pub fn received(&self) -> Result<BTreeMap<String, Received>> {
        let mut response = ureq::get(format!("http://{}/received", self.address)).call()?;
        Ok(serde_json::from_str(&response.body_mut().read_to_string()?)?)
    }

    /// How often it was called there.
    pub fn count(&self) -> Result<u64> {
        let mut response = ureq::get(format!("http://{}/", self.address)).call()?;
        Ok(response.body_mut().read_to_string()?.parse()?)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
