//! Calls webhooks.

use super::connect::{Dial, Direct, connect, system_tls};
use super::exchange::{Connection, Prepared, Reading, Sent};
use super::fault::{Fault, Phase};
use super::fields::header_map;
use super::guard::{Guard, Vetted};
use super::pool::Pool;
use super::resolve::{Resolve, SystemResolver};
use super::target::{Peer, PeerHost, Target};
use crate::config::{self, Network};
use crate::core::Attempted;
use crate::secrets::{redact, redact_text};
use cuehook_protocol::{RESPONSE_LIMIT, Response};
use hyper::body::Bytes;
use hyper::{Method, Request, Uri};
use rustls::ClientConfig;
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How often a request is sent over another connection, when the one that was kept turns out to be closed.
const MAX_UNSENT: usize = 3;

/// A request that is to be made.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// With which method.
    pub method: config::Method,
    /// Where.
    pub url: &'a str,
    /// Its header fields, as [`request_fields`](super::request_fields) gives them.
    pub headers: Vec<(String, SecretString)>,
    /// Its body.
    pub body: Arc<str>,
    /// How long it may take, from looking up the name to the last byte of the answer.
    pub timeout: Duration,
    /// What must not stand in the answer.
    pub secrets: &'a [SecretString],
}

/// Why an event has got no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// It took too long.
    pub is_late: bool,
    /// Nobody listens there: nothing was sent.
    pub is_refused: bool,
    /// What went wrong, in words without secrets.
    pub fault: String,
}

/// Calls webhooks. Cheap to clone; what is cloned shares its connections.
#[derive(Clone, Debug)]
pub struct Caller {
    guard: Guard,
    resolve: Arc<dyn Resolve>,
    dial: Arc<dyn Dial>,
    tls: Result<Arc<ClientConfig>, rustls::Error>,
    pool: Arc<Pool>,
}

impl Caller {
    /// Calls public addresses, and those that are allowed. Certificates and name servers are the system's.
    pub fn new(network: &Network) -> Self {
        Self::with(network, Arc::new(SystemResolver::new()), Arc::new(Direct), system_tls())
    }

    /// As [`Self::new`], with other ways to addresses and connections.
    pub(super) fn with(
        network: &Network,
        resolve: Arc<dyn Resolve>,
        dial: Arc<dyn Dial>,
        tls: Result<ClientConfig, rustls::Error>,
    ) -> Self {
        let guard = Guard::new(&network.allow);
        Self { guard, resolve, dial, tls: tls.map(Arc::new), pool: Arc::default() }
    }

    /// The same, with connections that really are made.
    #[cfg(test)]
    pub(super) fn with_direct_connections(self) -> Self {
        Self { dial: Arc::new(Direct), ..self }
    }

    /// How many connections wait for the next request.
    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.pool.count()
    }

    /// Makes one attempt. Whatever goes wrong is logged in one line, without secrets.
    pub async fn call(&self, outgoing: Outgoing<'_>) -> Attempted {
        let secrets = outgoing.secrets;
        let (url, timeout) = (outgoing.url, outgoing.timeout);
        let target = Target::read(url);
        let shown =
            target.as_ref().map(|target| redact_text(&target.host_field, secrets)).unwrap_or_default();
        let attempt = async { self.attempt(target?, outgoing, Reading::Whole).await };
        match attempt.await.and_then(|response| without_secrets(response, secrets, &shown)) {
            Ok(response) => Attempted::Response(response),
            Err(fault) => {
                let failure = fault.failure();
                let reason = redact_text(&fault.to_string(), secrets);
                let timeout_ms = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
                tracing::warn!(
                    host = shown,
                    outcome = failure.outcome().as_str(),
                    timeout_ms,
                    reason,
                    "a webhook has given no answer"
                );
                Attempted::Failed(failure)
            }
        }
    }

    /// Makes one attempt to deliver an event: the response with any status and the beginning of its body, without secrets; a body that is
    /// too long or too slow changes nothing about the status.
    ///
    /// # Errors
    /// If there is no response.
    pub async fn deliver(&self, outgoing: Outgoing<'_>) -> Result<Response, Undelivered> {
        let secrets = outgoing.secrets;
        let attempt = async { self.attempt(Target::read(outgoing.url)?, outgoing, Reading::Beginning).await };
        let response = attempt.await.map_err(|fault| Undelivered {
            is_late: matches!(fault, Fault::Late(_)),
            is_refused: fault.is_refused(),
            fault: redact_text(&fault.to_string(), secrets),
        })?;
        let body = redact(&response.body, secrets).bytes;
        let retry_after = response.retry_after.map(|text| redact_text(&text, secrets));
        Ok(Response { body, retry_after, content_type: None, ..response })
    }

    async fn attempt(
        &self,
        target: Target,
        outgoing: Outgoing<'_>,
        reading: Reading,
    ) -> Result<Response, Fault> {
        let deadline = Instant::now() + outgoing.timeout;
        let Target { peer, host_field, path } = target;
        let mut request = prepare(&path, &host_field, outgoing)?;
        let vetting = self.vet(&peer);
        let vetted = timeout_at(deadline, vetting).await.map_err(|_| Fault::Late(Phase::Resolving))??;
        for _ in 0..MAX_UNSENT {
            let Some(kept) = self.pool.take(&peer, &vetted) else { break };
            // Receivers know an event that they have by its id: whether this one has come may be unknown.
            let again = (reading == Reading::Beginning).then(|| request.clone());
            match (self.exchange(kept, &peer, request, reading, deadline).await, again) {
                (Ok(Sent::Answered(response)), _) => return Ok(response),
                (Ok(Sent::Unsent(unsent)), _) => request = *unsent,
                // It was closed there while this was on its way, so it says nothing about the receiver. Others may be closed as well.
                (Err(fault), Some(again)) if fault.is_cut_off() => {
                    request = again;
                    break;
                }
                (Err(fault), _) => return Err(fault),
            }
        }
        let connecting = self.connect(&peer, &vetted);
        let fresh = timeout_at(deadline, connecting).await.map_err(|_| Fault::Late(Phase::Connecting))??;
        match self.exchange(fresh, &peer, request, reading, deadline).await? {
            Sent::Answered(response) => Ok(response),
            Sent::Unsent(_) => Err(Fault::Connect(std::io::ErrorKind::ConnectionReset.into())),
        }
    }

    /// The addresses of a peer, all of which may be called.
    async fn vet(&self, peer: &Peer) -> Result<Vetted, Fault> {
        match &peer.host {
            PeerHost::Address(address) => self.guard.vet(&[*address], peer.is_tls),
            PeerHost::Name(name) => self.guard.vet(&self.resolve.addresses(name).await?, peer.is_tls),
        }
    }

    async fn connect(&self, peer: &Peer, vetted: &Vetted) -> Result<Connection, Fault> {
        let tls = self.tls.as_ref().map_err(|fault| Fault::Tls(std::io::Error::other(fault.clone())))?;
        let (stream, address) = connect(&self.dial, tls, peer, vetted).await?;
        Connection::new(stream, address).await
    }

    async fn exchange(
        &self,
        mut connection: Connection,
        peer: &Peer,
        request: Prepared,
        reading: Reading,
        deadline: Instant,
    ) -> Result<Sent, Fault> {
        let sent = connection.exchange(request, reading, deadline).await?;
        if matches!(sent, Sent::Answered(_)) {
            self.pool.keep(peer.clone(), connection);
        }
        Ok(sent)
    }
}

fn prepare(path: &str, host_field: &str, outgoing: Outgoing<'_>) -> Result<Prepared, Fault> {
    let uri = Uri::try_from(path).map_err(|_| Fault::Url("its path cannot be sent"))?;
    let headers = header_map(host_field, &outgoing.headers)?;
    let mut request = Request::new(Bytes::from_owner(Body(outgoing.body)).into());
    *request.method_mut() = match outgoing.method {
        config::Method::Post => Method::POST,
        config::Method::Put => Method::PUT,
        config::Method::Patch => Method::PATCH,
        config::Method::Delete => Method::DELETE,
    };
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The body without a copy: every attempt of a call shares it.
struct Body(Arc<str>);

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A response in which no secret stands.
fn without_secrets(response: Response, secrets: &[SecretString], host: &str) -> Result<Response, Fault> {
    let body = redact(&response.body, secrets);
    let mut removed = body.removed;
    let mut text = |value: Option<String>| {
        let redacted = redact(value?.as_bytes(), secrets);
        removed += redacted.removed;
        String::from_utf8(redacted.bytes).ok()
    };
    let (content_type, retry_after) = (text(response.content_type), text(response.retry_after));
    if removed > 0 {
        tracing::warn!(
            host,
            removed,
            "a webhook's answer had secrets of the webhook in it, which were replaced"
        );
    }
    // What stands in their place may be longer than they are.
    if body.bytes.len() > RESPONSE_LIMIT {
        return Err(Fault::TooLarge { what: "body", limit: RESPONSE_LIMIT });
    }
    Ok(Response { status: response.status, content_type, retry_after, outcome: None, body: body.bytes })
}
