//! The header fields of a request.

use super::fault::Fault;
use cuehook_protocol::{request_headers, unsendable};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

/// Who calls, for whoever looks at a log.
const USER_AGENT: &str = concat!("Cuehook-Relay/", env!("CARGO_PKG_VERSION"));

/// Fields that say how a message is framed, where it goes, or how its answer may be written. They are the relay's.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether a field is one that a webhook cannot have, because the relay sets it or must not send it.
pub fn is_reserved_field(name: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// The fields of an attempt: the protocol's, and those of the webhook, with secret values or without. `wall_ms` is Unix time.
pub fn request_fields(
    id: &str,
    wall_ms: crate::store::UnixMs,
    added: &[(String, SecretString)],
) -> Vec<(String, SecretString)> {
    let added: Vec<(&str, &str)> =
        added.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
    #[allow(clippy::cast_precision_loss)]
    let fields = request_headers(false, id, wall_ms as f64, &added);
    fields.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect()
}

/// As they are sent.
pub fn header_map(host: &str, fields: &[(String, SecretString)]) -> Result<HeaderMap, Fault> {
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        let fault = || Fault::Field(name.clone());
        let value = value.expose_secret();
        if is_reserved_field(name) || unsendable(name, value).is_some() {
            return Err(fault());
        }
        let known = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fault())?;
        // As browsers send it: one byte for each character.
        let latin1: Vec<u8> =
            value.chars().map(u8::try_from).collect::<Result<_, _>>().map_err(|_| fault())?;
        let mut value = HeaderValue::from_bytes(&latin1).map_err(|_| fault())?;
        // Not shown by `Debug`.
        value.set_sensitive(true);
        map.insert(known, value);
    }
    map.insert(
        hyper::header::HOST,
        HeaderValue::from_str(host).map_err(|_| Fault::Url("its host cannot be sent"))?,
    );
    map.insert(hyper::header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    map.entry(hyper::header::ACCEPT)
        .or_insert(HeaderValue::from_static("application/json, text/plain;q=0.9, */*;q=0.1"));
    map.entry(hyper::header::USER_AGENT).or_insert(HeaderValue::from_static(USER_AGENT));
    Ok(map)
}
