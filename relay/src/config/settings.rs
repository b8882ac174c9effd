//! What a relay is told when it starts, read and checked.

use super::Webhook;
use crate::secrets::{MasterKey, Vault};
use crate::store::Retention;
use crate::token::{ApiKeys, PlayerTokens};
use ipnet::IpNet;
use secrecy::SecretString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// For player tokens that are signed with a key which follows from the master key.
pub const TOKEN_LABEL: &str = "cuehook-relay player tokens";
/// Where a relay listens unless it is told.
pub const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8788);

/// What a relay is told when it starts. Everything in it was checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens, without TLS.
    pub listen: SocketAddr,
    /// Where it keeps what it has promised.
    pub database: Database,
    /// The origins whose pages may use it, as browsers write them; of a relay on loopback any, if there are none.
    pub origins: Vec<String>,
    /// How much it takes.
    pub limits: Limits,
    /// How events are delivered.
    pub delivery: Delivery,
    /// Whom it may call, and who stands before it.
    pub network: Network,
    /// For how long it keeps what it keeps.
    pub retention: Retention,
    /// Webhooks, by id, each with the values of its secret header fields.
    pub webhooks: Vec<(Webhook, Vec<(String, SecretString)>)>,
    /// API keys of servers.
    pub api_keys: ApiKeys,
    /// Seals and opens secret header fields.
    pub vault: Vault,
    /// Mints and recognises tokens of players.
    pub player_tokens: PlayerTokens,
    /// What no configured master key opens is sealed anew from the file: for a master key that was lost.
    pub replace_sealed: bool,
}

impl Settings {
    /// The defaults, on loopback, with these master keys: the first seals, all open.
    pub fn new(first: MasterKey, others: Vec<MasterKey>) -> Self {
        let derived: Vec<SecretString> = others.iter().map(|key| key.derive(TOKEN_LABEL)).collect();
        Self {
            listen: LISTEN,
            database: Database::default(),
            origins: Vec::new(),
            limits: Limits::default(),
            delivery: Delivery::default(),
            network: Network::default(),
            retention: Retention::default(),
            webhooks: Vec::new(),
            api_keys: ApiKeys::default(),
            player_tokens: PlayerTokens::new(&first.derive(TOKEN_LABEL), &derived),
            vault: Vault::new(first, others),
            replace_sealed: false,
        }
    }

    /// Whether only programs of the same machine reach it.
    pub fn is_loopback(&self) -> bool {
        self.listen.ip().is_loopback()
    }
}

/// Where a relay keeps what it has promised.
#[derive(Clone, Debug)]
pub enum Database {
    /// In this SQLite file: one relay.
    Sqlite(PathBuf),
    /// In PostgreSQL, at this address, which may have a password in it: any number of relays.
    Postgres(SecretString),
    /// Nowhere: everything is gone when the relay ends. For tests.
    Memory,
}

impl Default for Database {
    fn default() -> Self {
        Self::Sqlite(PathBuf::from("cuehook-relay.db"))
    }
}

/// How much a relay takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once.
    pub connections: u32,
    /// Calls at once.
    pub calls_at_once: u32,
    /// Requests a second of one address; five times as many of one project on one origin, and of one API key.
    pub requests_per_second: u32,
    /// Bytes of bodies a second, of one address; four times as many of one project on one origin, and of one API key.
    pub bytes_per_second: u32,
    /// Bytes of a call's body. The runtime's context may have 256 KiB and its interactions 4 MiB.
    pub call_bytes: u32,
    /// Bytes of a request with events.
    pub events_bytes: u32,
    /// Events in one request.
    pub events_per_request: u32,
    /// Milliseconds that a viewer waits for a call at most, whatever the request and the webhook say.
    pub budget_ms: u32,
    /// Milliseconds that what was begun is given to end when the relay is to stop.
    pub drain_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            calls_at_once: 256,
            requests_per_second: 200,
            bytes_per_second: 4 * 1024 * 1024,
            call_bytes: 5 * 1024 * 1024,
            events_bytes: 1024 * 1024,
            events_per_request: 500,
            budget_ms: 30_000,
            drain_ms: 20_000,
        }
    }
}

/// How events are delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Requests to one webhook at the same time.
    pub per_webhook: u32,
    /// Requests at the same time.
    pub at_once: u32,
    /// Milliseconds that an attempt may take.
    pub timeout_ms: u32,
    /// Hours after which a webhook that fails is disabled.
    pub disable_after_hours: u32,
    /// Seconds before the second attempt, the third, and so on.
    pub retry_seconds: Vec<u32>,
}

impl Default for Delivery {
    fn default() -> Self {
        let limits = crate::core::dispatch::Limits::default();
        // Before the first attempt nobody waits.
        let seconds =
            limits.schedule_ms.iter().skip(1).map(|ms| u32::try_from(ms / 1_000).unwrap_or(u32::MAX));
        Self {
            per_webhook: 10,
            at_once: 1024,
            timeout_ms: limits.timeout_ms,
            disable_after_hours: 120,
            retry_seconds: seconds.collect(),
        }
    }
}

/// Whom a relay may call, and who stands before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Addresses that may be called though they are not public, also without TLS: for development.
    pub allow: Vec<IpNet>,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
}
