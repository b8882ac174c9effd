//! The endpoints of a relay that runs, tried against their description by schemathesis.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::relay::{self, Kept};
use crate::server::free_listener;
use crate::setup::PYTHON_API;
use crate::tally::Counts;
use crate::workspace::{self, command, output, run};

/// What its key allows.
const SCOPES: [&str; 12] = [
    "events:write",
    "events:read",
    "metrics:read",
    "webhooks:read",
    "webhooks:write",
    "deliveries:read",
    "deliveries:write",
    "projects:read",
    "projects:write",
    "editions:read",
    "editions:write",
    "audit:read",
];

/// Those that servers use. Players' endpoints need a page's token.
const PATHS: &str = "^/(v1/(webhooks|deliveries|projects|editions|audit|counts)|health|ready|openapi)";

/// How long it may take until the relay listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// An event, so that there is a delivery to look at.
const EVENT: &str = r#"{"type":"cart.added","id":"01920000-0000-7000-8000-000000000001","timestamp":"2026-11-20T20:07:00.123Z","data":{}}"#;

/// Starts a relay that keeps everything in memory, gives it a webhook and an event, and has its endpoints tried.
///
/// # Errors
/// If something is found.
pub fn run_against_description() -> Result<Counts> {
    let program = relay::build()?;
    let folder = workspace::target().join("api-test");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let address = free_listener()?.local_addr()?;
    let key = configure(&program, &folder, address)?;
    let relay = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).current_dir(&folder).env("CUEHOOK_RELAY_API_KEY", &key);
        command
    };
    let log = folder.join("relay.log");
    let mut kept = Kept::start(&relay(&["serve"]), File::create(&log)?)?;
    wait(&mut kept, address).with_context(|| format!("the relay did not start: see {}", log.display()))?;
    let url = format!("http://{address}");
    // Port 9 throws away what it is sent, where there is somebody at all; the relay does not call this machine.
    run(&mut relay(&[
        "webhooks",
        "add",
        "http://127.0.0.1:9/",
        "--event",
        "*",
        "--id",
        "all",
        "--relay",
        &url,
    ]))?;
    send_event(address, &key)?;
    run(command(format!("{PYTHON_API}/bin/schemathesis"))
        .args(["--config-file", "tests/api/schemathesis.toml", "run"])
        .arg(format!("{url}/openapi.json"))
        .args(["--include-path-regex", PATHS])
        .env("CUEHOOK_RELAY_API_KEY", &key))?;
    Ok(Counts::ONE)
}

/// Writes the relay's configuration, and says its API key.
fn configure(program: &Path, folder: &Path, address: SocketAddr) -> Result<String> {
    let mut words = Command::new(program);
    words.args(["key", "api"]);
    for scope in SCOPES {
        words.args(["--scope", scope]);
    }
    let made = output(&mut words)?;
    let (key, lines) = made.split_once('\n').context("the relay's program makes no key")?;
    let text = format!("listen = \"{address}\"\ndatabase = \"memory\"\n{lines}");
    std::fs::write(folder.join("relay.toml"), text)?;
    Ok(key.trim().to_owned())
}

fn wait(kept: &mut Kept, address: SocketAddr) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        if let Some(status) = kept.ended()? {
            bail!("it ended ({status})");
        }
        if Instant::now() > deadline {
            bail!("it does not listen at {address}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn send_event(address: SocketAddr, key: &str) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "POST /v1/events HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{EVENT}",
        EVENT.len()
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    if !reply.contains("\"ok\"") {
        bail!("the relay does not take an event: {reply}");
    }
    Ok(())
}
