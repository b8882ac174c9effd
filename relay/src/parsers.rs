//! What reads from outside, for whoever looks for inputs that break it (`fuzz/`, `tests/corpus.rs`). Not what this package is for: it
//! may change at any time.

use crate::core::EventRequest;
use crate::core::answer::judge;
use crate::http::fault::Fault;
use crate::http::{events, fields, query};
use crate::outbound::guard::Guard;
use crate::outbound::target::{PeerHost, Target};
use crate::store::CallOutcome;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use cuehook_protocol::Response;
use ipnet::IpNet;
use secrecy::SecretString;
use std::net::IpAddr;
use uuid::Uuid;

/// Why something is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The status of the response.
    pub status: u16,
    /// What is said.
    pub message: String,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self { status: fault.status.as_u16(), message: fault.message.into_owned() }
    }
}

/// Events, and of those that cannot be read the id or place, and why.
pub type Events = (Vec<EventRequest>, Vec<(String, String)>);

/// Reads the body of `POST /v1/events`, with so many events at most.
///
/// # Errors
/// If there are none to be read.
pub fn read_events(body: &[u8], most: usize) -> Result<Events, Refused> {
    let offered = events::read::read(body, most)?;
    Ok((offered.events, offered.refused))
}

/// What the head of a call says.
#[derive(Debug)]
pub struct Head {
    /// `webhook-id`.
    pub id: Uuid,
    /// `cuehook-budget-ms`.
    pub budget_ms: Option<u32>,
    /// The token of `authorization`.
    pub token: Option<SecretString>,
    /// `x-request-id`, if it can stand in a log.
    pub request_id: Option<String>,
    /// `origin`.
    pub origin: Option<String>,
    /// `token` of the address.
    pub address_token: Option<String>,
}

/// Reads the target and the header fields of a request, in the order in which a call's are read. None if they cannot even be
/// parsed.
pub fn read_head(target: &str, all: &[(&str, &[u8])]) -> Option<Result<Head, Refused>> {
    let uri = Uri::try_from(target).ok()?;
    let mut map = HeaderMap::new();
    for (name, value) in all {
        map.append(HeaderName::try_from(*name).ok()?, HeaderValue::from_bytes(value).ok()?);
    }
    Some(head(&uri, &map).map_err(Refused::from))
}

fn head(uri: &Uri, map: &HeaderMap) -> Result<Head, Fault> {
    fields::check(uri, map)?;
    let query = query::read(uri, &["token"])?;
    let token = fields::bearer(map)?;
    let (id, _) = fields::call_ids(map)?;
    fields::timestamp(map)?;
    fields::content_type(map)?;
    Ok(Head {
        id,
        budget_ms: fields::budget(map)?,
        token,
        request_id: fields::request_id(map).map(str::to_owned),
        origin: fields::origin(map)?.map(str::to_owned),
        address_token: query.get("token").map(str::to_owned),
    })
}

/// Where a webhook's URL leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// With TLS.
    pub is_tls: bool,
    /// Its address, or its name.
    pub host: Result<IpAddr, String>,
    /// Its port.
    pub port: u16,
    /// The field `host`.
    pub host_field: String,
    /// Path and query.
    pub path: String,
}

/// Reads the URL of a webhook; none if it is not one that is called.
pub fn read_target(url: &str) -> Option<Place> {
    let Target { peer, host_field, path } = Target::read(url).ok()?;
    let host = match peer.host {
        PeerHost::Address(address) => Ok(address),
        PeerHost::Name(name) => Err(name),
    };
    Some(Place { is_tls: peer.is_tls, host, port: peer.port, host_field, path })
}

/// Whether a host with these addresses is called.
pub fn is_called(addresses: &[IpAddr], is_tls: bool, allow: &[IpNet]) -> bool {
    Guard::new(allow).vet(addresses, is_tls).is_ok()
}

/// What a player is told of a webhook's last response.
pub fn judge_response(response: &Response) -> CallOutcome {
    judge(response)
}
