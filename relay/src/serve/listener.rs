//! Connections: how many there are at once, how long their heads may take, and how they end.

use super::metrics::Metrics;
use crate::http::Peer;
use crate::http::bounds::{CONNECTIONS_PART, PARSED_BYTES, PARSED_FIELDS, Patience};
use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use std::collections::{BTreeMap, HashMap};
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::ServiceExt;

/// How long nothing is accepted when the operating system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(100);

/// So many connections may wait to be accepted, if the operating system allows it. Beyond that it lets clients try again after a second,
/// and viewers of a premiere come all at once.
const BACKLOG: u32 = 4096;

/// Listens at an address.
pub(super) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Elsewhere it would let others listen at the same place.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// What connections are served with.
#[derive(Clone, Debug)]
pub(super) struct Connections {
    pub(super) router: Router,
    pub(super) patience: Patience,
    pub(super) most: usize,
    pub(super) proxies: Arc<[IpNet]>,
    pub(super) metrics: Arc<Metrics>,
}

/// The connections that are open, in the order in which they came.
#[derive(Debug, Default)]
struct Open {
    all: Mutex<BTreeMap<u64, Arc<Connection>>>,
}

/// A connection that is open.
#[derive(Debug)]
struct Connection {
    peer: IpAddr,
    /// Requests of it whose head was read and whose response is not ready.
    busy: AtomicUsize,
    cut: Notify,
}

impl Open {
    fn all(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Connection>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has room for one more, of this address. If there are too many, the oldest that does nothing but keep us waiting makes room.
    fn admit(&self, peer: IpAddr, number: u64, limits: &Connections) -> Option<Arc<Connection>> {
        let mut all = self.all();
        let is_shared = peer.is_loopback() || limits.proxies.iter().any(|net| net.contains(&peer));
        let mut of_peer: HashMap<IpAddr, usize> = HashMap::new();
        if !is_shared {
            let count = all.values().filter(|open| open.peer == peer).count();
            of_peer.insert(peer, count);
        }
        let is_too_many = of_peer.get(&peer).is_some_and(|count| *count >= part(limits.most));
        if is_too_many || all.len() >= limits.most {
            let idle = |open: &Connection| {
                open.busy.load(Ordering::Relaxed) == 0 && (!is_too_many || open.peer == peer)
            };
            let oldest = all.iter().find(|(_, open)| idle(open)).map(|(number, _)| *number)?;
            if let Some(open) = all.remove(&oldest) {
                open.cut.notify_one();
            }
        }
        let connection = Arc::new(Connection { peer, busy: AtomicUsize::new(0), cut: Notify::new() });
        all.insert(number, Arc::clone(&connection));
        Some(connection)
    }

    fn remove(&self, number: u64) {
        self.all().remove(&number);
    }
}

/// How many connections one address may have.
fn part(most: usize) -> usize {
    (most / CONNECTIONS_PART).max(1)
}

impl Connections {
    /// Accepts connections until it is to stop, and then lets those that are open end what they have begun. Whoever drops this cuts
    /// them.
    pub(super) async fn serve(self, listener: TcpListener, mut stop: watch::Receiver<bool>) {
        let open = Arc::new(Open::default());
        let mut tasks = JoinSet::new();
        let mut last = 0;
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
                Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
            };
            let (stream, peer) = match accepted {
                Ok((stream, address)) => (stream, address.ip().to_canonical()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            last += 1;
            let number = last;
            let Some(connection) = open.admit(peer, number, &self) else {
                self.metrics.refused();
                continue;
            };
            let (connections, open, stop) = (self.clone(), Arc::clone(&open), stop.clone());
            let gauge = self.metrics.connections();
            tasks.spawn(async move {
                gauge.increment(1.0);
                let served = connections.serve_one(stream, &connection, stop);
                tokio::select! {
                    () = served => {}
                    () = connection.cut.notified() => {}
                }
                open.remove(number);
                gauge.decrement(1.0);
            });
        }
        drop(listener);
        while tasks.join_next().await.is_some() {}
    }

    async fn serve_one(
        &self,
        stream: TcpStream,
        connection: &Arc<Connection>,
        mut stop: watch::Receiver<bool>,
    ) {
        // Answers are small, and somebody waits for each.
        let _ = stream.set_nodelay(true);
        let (router, peer) = (self.router.clone(), Peer(connection.peer));
        let busy = Arc::clone(connection);
        let service = service_fn(move |request: Request<Incoming>| {
            let (router, busy) = (router.clone(), Busy::begin(&busy));
            Box::pin(async move {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(peer);
                let response = router.oneshot(request).await;
                drop(busy);
                response
            })
        });
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience.head)
            .max_headers(PARSED_FIELDS)
            .max_buf_size(PARSED_BYTES);
        let mut served = builder.serve_connection(TokioIo::new(stream), service);
        let mut is_stopping = false;
        let ended = loop {
            tokio::select! {
                ended = poll_fn(|context| served.poll_without_shutdown(context)) => break ended,
                _ = stop.wait_for(|stop| *stop), if !is_stopping => {
                    is_stopping = true;
                    Pin::new(&mut served).graceful_shutdown();
                }
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection has ended early");
        }
        linger(served.into_parts().io.into_inner(), self.patience.linger).await;
    }
}

/// Ends a connection whose client may still send what we do not read. If we only closed it, the client's machine would be told that
/// the connection broke, and throw the response away before anybody has read it.
async fn linger(mut stream: TcpStream, patience: Duration) {
    let _ = timeout(patience, async {
        stream.shutdown().await?;
        let mut unread = [0; 4_096];
        while stream.read(&mut unread).await? > 0 {}
        Ok::<(), std::io::Error>(())
    })
    .await;
}

/// A request of a connection is being worked on.
struct Busy(Arc<Connection>);

impl Busy {
    fn begin(connection: &Arc<Connection>) -> Self {
        connection.busy.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connection))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_may_come_at_once() {
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody accepts them, so those for whom there is no room never come in. Some systems allow fewer.
        let allowed = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap_or_default();
        let count = allowed.trim().parse().unwrap_or(100).min(400);
        let coming: Vec<_> = (0..count).map(|_| tokio::spawn(TcpStream::connect(address))).collect();
        let mut open = Vec::new();
        for one in coming {
            let connected = timeout(Duration::from_secs(20), one).await;
            open.push(connected.expect("it is let in").unwrap().unwrap());
        }
    }
}
