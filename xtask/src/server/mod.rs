//! The development server: the demo pages, the package, and a webhook that misbehaves when told.
//!
//! It listens on loopback only, on two ports: the second one is another origin for the browser, with the same content.
//! Requests under another name than this machine's are refused.

mod answers;
mod bench;
mod chaos;
mod collector;
mod connection;
mod cors;
mod events;
mod faults;
mod frameworks;
mod hold;
mod host;
mod log;
mod players;
mod relay;
mod start;
mod static_files;
#[cfg(test)]
mod tests;
mod webhook_test;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tokio::sync::oneshot;

use crate::relay::Access;

/// The largest request body that is read, in bytes.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    other: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<()>>>,
}

/// A listener on any free port of the loopback address.
pub fn free_listener() -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on any port of 127.0.0.1")
}

impl Server {
    /// Serves the repository at `root` on two listeners, in a thread of its own.
    pub fn start(root: &Path, listener: TcpListener, other: TcpListener) -> Result<Self> {
        Self::start_beside(None, root, listener, other)
    }

    /// The same for pages that may use a relay.
    pub fn start_beside(
        relay: Option<Access>,
        root: &Path,
        listener: TcpListener,
        other: TcpListener,
    ) -> Result<Self> {
        let address = listener.local_addr()?;
        let other_address = other.local_addr()?;
        let app = router(root, [address, other_address], relay.map(Arc::new));
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("server".to_owned())
            .spawn(move || serve(app, listener, other, stopped))
            .context("cannot start the server's thread")?;
        Ok(Server { address, other: other_address, stop: Some(stop), thread: Some(thread) })
    }

    /// Serves on two free ports.
    pub fn start_anywhere(root: &Path) -> Result<Self> {
        Self::start(root, free_listener()?, free_listener()?)
    }

    /// Where it is, such as `http://127.0.0.1:8787`.
    pub fn origin(&self) -> String {
        origin_of(self.address)
    }

    /// The same content at another origin.
    pub fn other_origin(&self) -> String {
        origin_of(self.other)
    }

    /// Waits until it ends by itself, which it does only by an error.
    pub fn wait(mut self) -> Result<()> {
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => bail!("the server has ended unexpectedly"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // It fails only if the thread has ended before.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn origin_of(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn router(root: &Path, addresses: [SocketAddr; 2], relay: Option<Arc<Access>>) -> Router {
    let relay_origin = relay.as_ref().map(|relay| relay.origin());
    let hosts = Arc::new(host::Hosts::of(&addresses));
    let app = Arc::new(webhook_test::App::default());
    let webhook = Router::new()
        .route("/webhook-test", post(webhook_test::answer))
        .layer(from_fn_with_state(app.clone(), cors::open))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    webhook
        .route("/webhook-log", get(log::show))
        .route("/webhook-release", post(hold::release))
        .with_state(app)
        .merge(chaos::router(root, addresses))
        .merge(collector::router())
        .merge(bench::router(root))
        .merge(events::router(root, &addresses.map(origin_of)))
        .merge(start::router(root))
        .merge(frameworks::router(root))
        .merge(players::router(root))
        .merge(Router::new().route("/relay.json", get(relay::show)).with_state(relay))
        .merge(static_files::router(root, &addresses.map(origin_of), relay_origin.as_deref()))
        .layer(from_fn_with_state(hosts, host::check))
}

fn serve(app: Router, first: TcpListener, second: TcpListener, stopped: oneshot::Receiver<()>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        let first = connection::Listener::new(first)?;
        let second = connection::Listener::new(second)?;
        let service = app.into_make_service_with_connect_info::<connection::Reset>();
        tokio::select! {
            ended = axum::serve(first, service.clone()) => ended?,
            ended = axum::serve(second, service) => ended?,
            _ = stopped => {}
        }
        Ok(())
    });
    // Answers that trickle or wait are cut off, not waited for.
    runtime.shutdown_background();
    result
}
