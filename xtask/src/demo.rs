//! Builds and serves the demo pages.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, bail};

use crate::relay::Relay;
use crate::server::{self, Server};
use crate::{build, workspace};

/// Where the demo is found unless told otherwise.
pub const DEFAULT_PORT: u16 = 8787;

/// Serves until the process is ended, and runs a relay beside the server unless all webhooks are to be called directly.
pub fn run(port: u16, dev: bool, direct: bool) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    // Before the build: nobody should wait a minute to hear that the port is taken.
    let listener = match std::net::TcpListener::bind(address) {
        Ok(listener) => listener,
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            bail!("port {port} is taken: end what listens there, or choose another with `--port N`")
        }
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            bail!("port {port} may not be used by this account: choose one above 1023 with `--port N`")
        }
        Err(error) => bail!("cannot listen on {address}: {error}"),
    };
    build::for_pages(build::Quality::of(dev, false))?;
    let (root, other) = (workspace::root(), server::free_listener()?);
    let pages = [listener.local_addr()?, other.local_addr()?];
    let relay = match direct {
        true => None,
        false => Some(Relay::start(&root, pages).context("`cargo xtask demo --direct` needs no relay")?),
    };
    let server = Server::start_beside(relay.as_ref().map(Relay::access), &root, listener, other)?;
    println!("Cuehook demo: {}/  (Ctrl-C ends it)", server.origin());
    if let Some(relay) = &relay {
        println!("Its relay, which adds a secret to what goes to the webhook: {}", relay.access().origin());
    }
    server.wait()
}
