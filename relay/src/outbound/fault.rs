//! Why an attempt has brought no response. What is said here is logged: it has neither secrets nor what the peer has sent.

use super::resolve::ResolveError;
use crate::store::CallFailure;
use std::net::IpAddr;

/// Why an attempt has brought no response.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The URL is not one that is called.
    #[error("the URL is not called: {0}")]
    Url(&'static str),
    /// An address is not one that is called.
    #[error("{address} is not called: it is {used_for}; `network.allow` of the settings allows addresses")]
    Address {
        /// The address.
        address: IpAddr,
        /// What it is.
        used_for: &'static str,
    },
    /// No TLS, though the address is a public one.
    #[error("public addresses are called by https: alone; `network.allow` of the settings allows addresses")]
    Plain,
    /// A header field cannot be sent.
    #[error("the header field {0:?} cannot be sent")]
    Field(String),
    /// The name has no addresses.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// No connection.
    #[error("no connection: {0}")]
    Connect(std::io::Error),
    /// No TLS.
    #[error("no TLS: {0}")]
    Tls(std::io::Error),
    /// The connection broke, or what came over it is not HTTP.
    #[error("the connection broke: {0}")]
    Broken(hyper::Error),
    /// Another place was named.
    #[error("it redirects (status {0}), which is not followed; use the address that it redirects to")]
    Redirect(u16),
    /// A status that does not end an exchange.
    #[error("the status {0} is not an answer")]
    Status(u16),
    /// Compressed, which was not asked for.
    #[error("the answer is compressed, which was not asked for")]
    Compressed,
    /// Too many bytes.
    #[error("the {what} of the answer is larger than {limit} bytes")]
    TooLarge {
        /// Of what.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
    /// Too late.
    #[error("no answer in time: it was still {0}")]
    Late(Phase),
}

/// What an attempt is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Looking for addresses.
    Resolving,
    /// Connecting, TLS included.
    Connecting,
    /// Waiting for the first byte of the answer.
    Waiting,
    /// Reading the answer.
    Reading,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Resolving => "looking for the addresses of the name",
            Self::Connecting => "connecting",
            Self::Waiting => "waiting for the header fields of the answer",
            Self::Reading => "reading the answer",
        })
    }
}

impl Fault {
    /// Whether nobody listens there, so that nothing was sent.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Connect(fault) if fault.kind() == std::io::ErrorKind::ConnectionRefused)
    }

    /// Whether the connection ended before a whole head of a response was there.
    pub fn is_cut_off(&self) -> bool {
        let is_ended = |fault: &hyper::Error| {
            let source = std::error::Error::source(fault);
            fault.is_incomplete_message()
                || fault.is_closed()
                || fault.is_canceled()
                || source.is_some_and(|source| source.is::<std::io::Error>())
        };
        matches!(self, Self::Broken(fault) if is_ended(fault))
    }

    /// As it is told to whoever waits.
    pub fn failure(&self) -> CallFailure {
        match self {
            Self::Url(_) | Self::Address { .. } | Self::Plain => CallFailure::Forbidden,
            Self::Field(_)
            | Self::Resolve(_)
            | Self::Connect(_)
            | Self::Tls(_)
            | Self::Broken(_)
            // A browser says the same of a redirect that it was told not to follow.
            | Self::Redirect(_)
            | Self::Status(_) => CallFailure::Network,
            Self::Compressed => CallFailure::BadJson,
            Self::TooLarge { .. } => CallFailure::TooLarge,
            Self::Late(_) => CallFailure::Timeout,
        }
    }
}
