//! The WebDriver servers of the engines.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::display::Display;
use super::engine::Engine;
use super::session::agent;
use crate::server;

/// How long a driver may take to start, and to end with its browsers.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running WebDriver server. Dropping it ends the browsers it has started, then itself.
pub struct Driver {
    engine: Engine,
    port: u16,
    // In this order: a browser that loses its screen first complains.
    child: Child,
    _display: Option<Display>,
}

impl Driver {
    /// Starts one on a free port.
    pub fn start(engine: Engine) -> Result<Self> {
        let name = engine.driver_name();
        let program =
            engine.driver().with_context(|| format!("{name} is missing: run `cargo xtask setup`"))?;
        let mut command = Command::new(program);
        let mut display = None;
        let mut told = None;
        match engine {
            Engine::Chromium => {
                command.arg("--port=0");
            }
            // The second port would be 9222 for all that run at the same time. System access: tests make windows narrower than
            // Firefox lets its users.
            Engine::Firefox => {
                command.args(["--port", "0", "--websocket-port", "0", "--allow-system-access"]);
            }
            // It cannot choose a port, and has one session at a time: one that was left behind is in the way.
            Engine::Webkit => {
                let port = server::free_listener()?.local_addr()?.port();
                command.args([format!("--port={port}"), "--replace-on-new-session".to_owned()]);
                told = Some(port);
                let screen = Display::start()?;
                command.envs(screen.environment());
                display = Some(screen);
            }
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let port = match told {
            Some(port) => until_listening(&mut child, port).map(|()| port),
            None => announced(&mut child),
        };
        match port {
            Ok(port) => Ok(Driver { engine, port, child, _display: display }),
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(error.context(format!("{name} did not start")))
            }
        }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Whose driver it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A killed driver leaves its browsers behind. Chromedriver ends them first if it is asked to.
        if self.engine == Engine::Chromium {
            let _ = agent(PATIENCE).get(format!("{}/shutdown", self.url())).call();
            let deadline = Instant::now() + PATIENCE;
            while Instant::now() < deadline {
                if let Ok(Some(_)) = self.child.try_wait() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        let browsers = cuehook_chromium::descendants(self.child.id());
        let _ = self.child.kill();
        let _ = self.child.wait();
        cuehook_chromium::end(&browsers);
    }
}

/// Waits until a driver tells its port, then reads on what it says: it would stop if nobody did.
fn announced(child: &mut Child) -> Result<u16> {
    let output = child.stdout.take().context("it has no output")?;
    let mut output = BufReader::new(output);
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some(port) = port_in(&line) {
            std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
            return Ok(port);
        }
        line.clear();
    }
    bail!("it ended before it was ready");
}

/// Chromedriver and geckodriver choose their ports themselves and tell them in one line.
fn port_in(line: &str) -> Option<u16> {
    let line = line.trim();
    let port = match line.split_once("Listening on 127.0.0.1:") {
        Some((_, port)) => port,
        None => line.strip_prefix("ChromeDriver was started successfully on port ")?.trim_end_matches('.'),
    };
    port.parse().ok()
}

fn until_listening(child: &mut Child, port: u16) -> Result<()> {
    if let Some(mut output) = child.stdout.take() {
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    }
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        if let Some(status) = child.try_wait()? {
            bail!("it ended before it was ready ({status})");
        }
        if Instant::now() > deadline {
            bail!("it does not listen on port {port}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_what_drivers_say() {
        assert_eq!(port_in("ChromeDriver was started successfully on port 40123.\n"), Some(40123));
        assert_eq!(port_in("Starting ChromeDriver 156 on port 0\n"), None);
        assert_eq!(port_in("1795804004333\tgeckodriver\tINFO\tListening on 127.0.0.1:40124\n"), Some(40124));
    }

    #[test]
    fn a_driver_that_ends_is_not_waited_for() {
        let start = |script: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap()
        };
        assert!(announced(&mut start("echo nothing of interest")).is_err());
        let free = server::free_listener().unwrap().local_addr().unwrap().port();
        let error = until_listening(&mut start("exit 3"), free).unwrap_err();
        assert!(error.to_string().contains("ended"), "{error:#}");
    }
}
