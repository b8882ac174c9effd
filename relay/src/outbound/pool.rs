//! Connections that are kept for the next request to the same peer.
//!
//! Each remembers the address that it leads to. It is used again only if that address is among those that were vetted for the request
//! that wants it, so a name whose addresses have changed takes no old way.

use super::exchange::Connection;
use super::guard::Vetted;
use super::target::Peer;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// For how long a connection is kept. Servers of Node close theirs after 5 s; a request that meets such a close is lost.
const KEPT: Duration = Duration::from_secs(4);
/// How often those that were kept for long enough are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// The most connections that are kept for one peer: as many as there are calls at once, unless an operator allows more.
const MAX_EACH: usize = 256;
/// The most connections that are kept.
const MAX_ALL: usize = 512;

/// Connections that nobody uses at the moment.
#[derive(Debug, Default)]
pub struct Pool {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    peers: HashMap<Peer, Vec<(Connection, Instant)>>,
    count: usize,
    is_swept: bool,
}

impl Pool {
    /// A connection to a peer at one of these addresses, the one that was used last.
    pub fn take(&self, peer: &Peer, vetted: &Vetted) -> Option<Connection> {
        let mut kept = self.lock();
        let connections = kept.peers.get_mut(peer)?;
        let now = Instant::now();
        let before = connections.len();
        connections.retain(|(connection, since)| is_good(connection, *since, now));
        let found = connections
            .iter()
            .rposition(|(connection, _)| vetted.addresses().contains(&connection.address()))
            .map(|index| connections.remove(index).0);
        let (after, is_empty) = (connections.len(), connections.is_empty());
        if is_empty {
            kept.peers.remove(peer);
        }
        kept.count -= before - after;
        found
    }

    /// Keeps a connection, unless there are many already.
    pub fn keep(self: &Arc<Self>, peer: Peer, connection: Connection) {
        let mut kept = self.lock();
        if kept.count >= MAX_ALL || connection.is_closed() {
            return;
        }
        let connections = kept.peers.entry(peer).or_default();
        if connections.len() >= MAX_EACH {
            return;
        }
        connections.push((connection, Instant::now()));
        kept.count += 1;
        if !kept.is_swept {
            kept.is_swept = true;
            tokio::spawn(sweep(Arc::downgrade(self)));
        }
    }

    /// How many are kept.
    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.lock().count
    }

    /// Closes what was kept for long enough; whether something is left.
    fn sweep(&self) -> bool {
        let mut kept = self.lock();
        let now = Instant::now();
        kept.peers.retain(|_, connections| {
            connections.retain(|(connection, since)| is_good(connection, *since, now));
            !connections.is_empty()
        });
        kept.count = kept.peers.values().map(Vec::len).sum();
        kept.is_swept = kept.count > 0;
        kept.is_swept
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing in here is left half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_good(connection: &Connection, since: Instant, now: Instant) -> bool {
    !connection.is_closed() && now.duration_since(since) < KEPT
}

/// Goes on as long as there is something to close.
async fn sweep(pool: std::sync::Weak<Pool>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        if !pool.upgrade().is_some_and(|pool| pool.sweep()) {
            return;
        }
    }
}
