//! Builds and serves the demo pages.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Result, bail};

use crate::server::{self, Server};
use crate::{build, workspace};

/// Where the demo is found unless told otherwise.
pub const DEFAULT_PORT: u16 = 8787;

/// Serves until the process is ended.
pub fn run(port: u16, dev: bool) -> Result<()> {
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
    let server = Server::start(&workspace::root(), listener, server::free_listener()?)?;
    println!("Cuehook demo: {}/  (Ctrl-C ends it)", server.origin());
    server.wait()
}
