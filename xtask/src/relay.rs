//! The relay beside a development server: builds it, tells it whom it may call, starts it, and ends it.
//!
//! It is a program of its own, as it is elsewhere. What stands in the secret header field that it adds is made anew at each start.

mod configuration;
mod keeper;

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::server::free_listener;
use crate::workspace::{self, command, output, run};
use configuration::{SECRET_VARIABLE, Webhook};

pub use configuration::SECRET_HEADER;
pub use keeper::Kept;

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// For how long a token of the demo holds, in minutes. Pages ask for another one when it has run out.
const TOKEN_MINUTES: u32 = 5;

/// Whose pages a token is for.
const PROJECT: &str = "demo";

/// Builds the relay, and says where its program is.
///
/// It is never optimised: that takes minutes, and nobody would see a difference.
///
/// # Errors
/// If it cannot be built.
pub fn build() -> Result<PathBuf> {
    run(command("cargo").args(["build", "--package", "cuehook-relay"]))?;
    Ok(workspace::target().join("debug").join(format!("cuehook-relay{}", std::env::consts::EXE_SUFFIX)))
}

/// Builds the relay as it is published, and says where its program is.
///
/// # Errors
/// If it cannot be built.
pub fn build_optimised() -> Result<PathBuf> {
    run(command("cargo").args(["build", "--profile", "server", "--package", "cuehook-relay"]))?;
    Ok(workspace::target().join("server").join(format!("cuehook-relay{}", std::env::consts::EXE_SUFFIX)))
}

/// A running relay. It ends when this is dropped, and when this process ends, however that happens.
#[derive(Debug)]
pub struct Relay {
    access: Access,
    kept: Kept,
}

/// What a development server has to know of its relay.
#[derive(Clone, Debug)]
pub struct Access {
    program: PathBuf,
    folder: PathBuf,
    secret: String,
    address: SocketAddr,
    webhooks: Vec<Webhook>,
}

impl Relay {
    /// Starts one for the pages of a server that will listen at these addresses; its webhooks are those of the pages' documents,
    /// at the first address. What it keeps is in the folder `target/demo-relay`, apart for each port.
    ///
    /// # Errors
    /// If it cannot be built or does not start.
    pub fn start(root: &Path, pages: [SocketAddr; 2]) -> Result<Self> {
        let program = build()?;
        let folder = workspace::target().join("demo-relay").join(pages[0].port().to_string());
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let secret = first_line(&output(Command::new(&program).args(["key", "--players"]))?)?;
        let address = free_listener()?.local_addr()?;
        let webhooks = configuration::webhooks(root, pages[0])?;
        std::fs::write(folder.join("relay.toml"), configuration::text(address, pages, &webhooks))?;
        let access = Access { program, folder, secret, address, webhooks };
        let log = access.folder.join("relay.log");
        let kept = Kept::start(access.command().arg("serve"), File::create(&log)?)?;
        let mut relay = Relay { access, kept };
        relay.wait().with_context(|| format!("the relay did not start: see {}", log.display()))?;
        Ok(relay)
    }

    /// What the server has to know of it.
    pub fn access(&self) -> Access {
        self.access.clone()
    }

    fn wait(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.access.address).is_err() {
            if let Some(status) = self.kept.ended()? {
                bail!("it ended ({status})");
            }
            if Instant::now() > deadline {
                bail!("it does not listen at {}", self.access.address);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Access {
    /// That of a relay which is not there, at port 9, with one webhook.
    #[cfg(test)]
    pub fn stand_in(program: &Path, folder: &Path) -> Self {
        let webhooks = vec![Webhook::stand_in()];
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        Access {
            program: program.to_owned(),
            folder: folder.to_owned(),
            secret: String::new(),
            address,
            webhooks,
        }
    }

    /// Where it is, such as `http://127.0.0.1:40123`.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A new token for pages of this origin, as an author's own server would make it.
    ///
    /// # Errors
    /// If the program fails.
    pub fn token(&self, origin: &str) -> Result<String> {
        let minutes = TOKEN_MINUTES.to_string();
        first_line(&output(self.command().args([
            "token",
            "--project",
            PROJECT,
            "--origin",
            origin,
            "--minutes",
            &minutes,
        ]))?)
    }

    /// What pages may know of its webhooks: where each is called, and the names of the header fields that are added.
    pub fn told(&self) -> serde_json::Value {
        self.webhooks.iter().map(|webhook| (webhook.id.clone(), webhook.told())).collect()
    }

    /// The relay's program, in its folder, with its secret.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.folder).env(SECRET_VARIABLE, &self.secret);
        command
    }
}

fn first_line(text: &str) -> Result<String> {
    let line = text.lines().next().map(str::trim).filter(|line| !line.is_empty());
    line.map(str::to_owned).context("the relay's program says nothing")
}

/// The names by which pages of an address are found.
fn origins(address: SocketAddr) -> [String; 2] {
    let name =
        if address.ip() == Ipv4Addr::LOCALHOST { "localhost".to_owned() } else { address.ip().to_string() };
    [format!("http://{address}"), format!("http://{name}:{}", address.port())]
}
