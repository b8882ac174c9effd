//! What is read from a webhook's URL: where to connect, and what to ask for there.

use super::fault::Fault;
use std::net::IpAddr;
use url::{Host, Url};

/// Ports that browsers do not connect to either (Fetch Standard, "port blocking"): other protocols listen there, some of which take
/// an HTTP request for commands of their own.
const BLOCKED_PORTS: &[u16] = &[
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// With whom a connection is shared.
    pub peer: Peer,
    /// The field `host`.
    pub host_field: String,
    /// Path and query.
    pub path: String,
}

/// Who is connected to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Peer {
    /// With TLS.
    pub is_tls: bool,
    /// Its host.
    pub host: PeerHost,
    /// Its port.
    pub port: u16,
}

/// A host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PeerHost {
    /// An address, however it was spelled.
    Address(IpAddr),
    /// A name, without a dot at its end.
    Name(String),
}

impl Target {
    /// Reads a URL as browsers do. Spellings of addresses (decimal, octal, hexadecimal, short) are addresses after that, not names.
    ///
    /// # Errors
    /// [`Fault::Url`], for anything but `http:` and `https:` without a user name, with a port that may be called.
    pub fn read(url: &str) -> Result<Self, Fault> {
        let url = Url::parse(url).map_err(|_| Fault::Url("it cannot be read"))?;
        let is_tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Fault::Url("it begins neither with https: nor with http:")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Fault::Url("it has a user name or a password; use a header field"));
        }
        let port = url.port_or_known_default().ok_or(Fault::Url("it has no port"))?;
        if BLOCKED_PORTS.contains(&port) {
            return Err(Fault::Url("its port belongs to another protocol"));
        }
        let host = match url.host() {
            Some(Host::Ipv4(address)) => PeerHost::Address(IpAddr::V4(address)),
            // The same address in both versions is one peer, and is vetted as what it stands for.
            Some(Host::Ipv6(address)) => PeerHost::Address(IpAddr::V6(address).to_canonical()),
            Some(Host::Domain(name)) => {
                let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
                if name.split('.').any(str::is_empty) {
                    return Err(Fault::Url("its host is not a name"));
                }
                PeerHost::Name(name)
            }
            None => return Err(Fault::Url("it has no host")),
        };
        let shown = match &host {
            PeerHost::Address(IpAddr::V6(address)) => format!("[{address}]"),
            PeerHost::Address(IpAddr::V4(address)) => address.to_string(),
            PeerHost::Name(name) => name.clone(),
        };
        let host_field = match url.port() {
            Some(port) => format!("{shown}:{port}"),
            None => shown,
        };
        let path = match url.query() {
            Some(query) => [url.path(), "?", query].concat(),
            None => url.path().to_owned(),
        };
        Ok(Self { peer: Peer { is_tls, host, port }, host_field, path })
    }
}

impl std::fmt::Display for PeerHost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => write!(formatter, "{address}"),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}
