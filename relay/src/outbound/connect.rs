//! Connections: the first of several addresses that answers, and TLS.

use super::fault::Fault;
use super::guard::Vetted;
use super::target::{Peer, PeerHost};
use async_trait::async_trait;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::fmt::Debug;
use std::future::pending;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The most addresses that are tried.
const MAX_TRIED: usize = 6;
/// How long an address is given before the next one is tried beside it (RFC 8305, section 5).
const STAGGER: Duration = Duration::from_millis(250);

/// Connects to an address, and to no other one.
#[async_trait]
pub trait Dial: Debug + Send + Sync + 'static {
    /// A connection.
    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream>;
}

/// Connects by TCP, directly.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

#[async_trait]
impl Dial for Direct {
    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(address).await?;
        // A request is one small write; it must not wait for another one.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// A connection, with TLS or without.
#[derive(Debug)]
pub enum Stream {
    /// Without.
    Plain(TcpStream),
    /// With.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Connects to a peer at one of its vetted addresses. Says which one it was.
///
/// # Errors
/// [`Fault::Connect`] and [`Fault::Tls`].
pub async fn connect(
    dial: &Arc<dyn Dial>,
    tls: &Arc<ClientConfig>,
    peer: &Peer,
    vetted: &Vetted,
) -> Result<(Stream, IpAddr), Fault> {
    let (stream, address) = first(dial, vetted, peer.port).await.map_err(Fault::Connect)?;
    if !peer.is_tls {
        return Ok((Stream::Plain(stream), address));
    }
    let name = match &peer.host {
        PeerHost::Address(address) => ServerName::from(*address),
        PeerHost::Name(name) => ServerName::try_from(name.clone())
            .map_err(|_| Fault::Url("no certificate can be for its host"))?,
    };
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(Fault::Tls)?;
    Ok((Stream::Tls(Box::new(stream)), address))
}

/// The connection that is there first. Addresses are tried in their order, version 6 and 4 by turns, the next one when the one before
/// has failed or takes long.
async fn first(dial: &Arc<dyn Dial>, vetted: &Vetted, port: u16) -> io::Result<(TcpStream, IpAddr)> {
    let mut waiting = by_turns(vetted.addresses()).into_iter().take(MAX_TRIED);
    let mut trying = JoinSet::new();
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let mut has_more = true;
    loop {
        if has_more {
            match waiting.next() {
                Some(address) => {
                    let dial = Arc::clone(dial);
                    trying.spawn(async move {
                        let dialed = dial.dial(SocketAddr::new(address, port)).await;
                        dialed.map(|stream| (stream, address))
                    });
                }
                None => has_more = false,
            }
        }
        tokio::select! {
            tried = trying.join_next() => match tried {
                // The others end when the set is dropped.
                Some(Ok(Ok(connected))) => return Ok(connected),
                Some(Ok(Err(fault))) => last = fault,
                Some(Err(fault)) => last = io::Error::other(fault),
                None => return Err(last),
            },
            () = stagger(has_more) => {}
        }
    }
}

async fn stagger(has_more: bool) {
    if has_more { tokio::time::sleep(STAGGER).await } else { pending().await }
}

/// Addresses of both versions by turns, in their order otherwise.
fn by_turns(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let mut sixes = addresses.iter().filter(|address| address.is_ipv6());
    let mut fours = addresses.iter().filter(|address| address.is_ipv4());
    let mut ordered = Vec::with_capacity(addresses.len());
    while ordered.len() < addresses.len() {
        ordered.extend(sixes.next());
        ordered.extend(fours.next());
    }
    ordered
}

/// How webhooks are called by TLS: HTTP/1.1, authorities that the system trusts.
///
/// The system's certificates, not some that are compiled in: an operator who adds the authority of the own house, or removes one, has
/// done so for the relay, too. `SSL_CERT_FILE` and `SSL_CERT_DIR` name others.
pub fn system_tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, ignored) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        tracing::warn!(
            ignored,
            "no certificates of authorities were found: webhooks cannot be called; install ca-certificates, or set SSL_CERT_FILE"
        );
    }
    tls(roots)
}

/// How webhooks are called by TLS, with these authorities.
pub fn tls(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
