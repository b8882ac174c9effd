//! Requests to a relay. Its address is the operator's own, so any is called; whom the relay calls is another matter.

use super::KEY_VARIABLE;
use super::options::RemoteOptions;
use crate::outbound::system_tls;
use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

/// How long a relay is waited for: a test waits for the webhook.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of a response at most.
const MOST: usize = 64 * 1024 * 1024;
/// Bytes of a file with a key at most.
const MOST_KEY: u64 = 4096;

/// Asks one relay.
#[derive(Debug)]
pub struct Client {
    relay: Url,
    key: SecretString,
    /// Whether what is said is shown as it is.
    pub json: bool,
}

impl Client {
    /// Asks the relay that the options name.
    ///
    /// # Errors
    /// If there is no key, or no such address.
    pub fn new(
        remote: &RemoteOptions,
        environment: &BTreeMap<String, String>,
        directory: &Path,
    ) -> anyhow::Result<Self> {
        let relay = Url::parse(&remote.relay).ok().filter(|url| url.host().is_some());
        let relay = relay.context("--relay: write an address such as http://127.0.0.1:8788")?;
        let is_bare = relay.path() == "/" && relay.query().is_none() && relay.fragment().is_none();
        if !["http", "https"].contains(&relay.scheme()) || !is_bare || !relay.username().is_empty() {
            bail!("--relay: write scheme, host and port alone, such as http://127.0.0.1:8788");
        }
        let key = match &remote.key_file {
            Some(path) => {
                read_key(&directory.join(path)).with_context(|| format!("--key-file {}", path.display()))?
            }
            None => environment.get(KEY_VARIABLE).cloned().unwrap_or_default(),
        };
        let key = key.trim();
        if key.is_empty() {
            bail!(
                "there is no API key: put it into the variable {KEY_VARIABLE}, or name a file with --key-file; `cuehook-relay key NAME --scope …` makes one"
            );
        }
        Ok(Self { relay, key: key.into(), json: remote.json })
    }

    /// Asks, and says what was answered.
    ///
    /// # Errors
    /// If there is no answer, or the relay refuses: as it says.
    pub async fn ask(&self, method: Method, target: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let asked = timeout(PATIENCE, self.exchange(method, target, body)).await;
        let (status, bytes) = asked
            .with_context(|| format!("{} does not answer", self.relay))?
            .with_context(|| format!("{} cannot be asked", self.relay))?;
        let answer = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is no relay: it does not answer with JSON", self.relay))?
        };
        if status.is_success() {
            return Ok(answer);
        }
        bail!("{}", said(status, &answer))
    }

    async fn exchange(
        &self,
        method: Method,
        target: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(StatusCode, Bytes)> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut request = Request::new(Full::new(Bytes::from(body.clone())));
        *request.method_mut() = method;
        *request.uri_mut() = target.parse()?;
        let fields = request.headers_mut();
        let mut key = HeaderValue::try_from(format!("Bearer {}", self.key.expose_secret()))
            .map_err(|_| anyhow::anyhow!("the API key has characters that no key has"))?;
        key.set_sensitive(true);
        fields.insert(AUTHORIZATION, key);
        let host = self.relay.host_str().unwrap_or_default();
        let authority = match self.relay.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        fields.insert(HOST, HeaderValue::try_from(authority)?);
        if !body.is_empty() {
            fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let response = self.connect().await?.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MOST).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!("the answer cannot be read: {error}"))?;
        Ok((status, body.to_bytes()))
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let host = self.relay.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = self.relay.port_or_known_default().context("the address has no port")?;
        let stream = TcpStream::connect((host.as_str(), port)).await?;
        stream.set_nodelay(true)?;
        if self.relay.scheme() == "http" {
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            return Ok(sender);
        }
        let connector = TlsConnector::from(Arc::new(system_tls()?));
        let stream = connector.connect(ServerName::try_from(host)?, stream).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

fn read_key(path: &Path) -> anyhow::Result<String> {
    use std::io::Read as _;
    let mut key = String::new();
    std::fs::File::open(path)?.take(MOST_KEY).read_to_string(&mut key)?;
    Ok(key)
}

/// An error as the relay says it, with everything that is wrong in a body.
fn said(status: StatusCode, answer: &Value) -> String {
    let error = answer.get("error").unwrap_or(&Value::Null);
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (code, message) = (text(error, "code"), text(error, "message"));
    if code.is_empty() {
        return format!("the answer has the status {status}, and is not a relay's");
    }
    let Some(faults) = error.get("faults").and_then(Value::as_array) else {
        return format!("{message} [{code}]");
    };
    let faults = faults.iter().map(|fault| {
        let path = text(fault, "path");
        let colon = if path.is_empty() { "" } else { ": " };
        format!("{path}{colon}{} [{}]", text(fault, "message"), text(fault, "code"))
    });
    faults.collect::<Vec<_>>().join("\n")
}

/// A part of a path or query, percent-encoded.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
