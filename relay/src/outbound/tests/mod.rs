//! Calls over the real path: only names and connections are played.

mod answers;
mod corpus;
mod names;
mod properties;
mod secrets;
mod server;
mod tls;

use super::caller::{Caller, Outgoing};
use super::connect::{Dial, tls as with_roots};
use super::request_fields;
use super::resolve::{Resolve, ResolveError};
use crate::config::{Method, Network};
use crate::core::Attempted;
use async_trait::async_trait;
use cuehook_protocol::Response;
use secrecy::SecretString;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;

/// Long enough on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Names with their answers, one after the other; the last one stays. And what was asked.
#[derive(Debug, Default)]
struct Names {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    fn of(names: &[(&str, &[&[&str]])]) -> Arc<Self> {
        let list = |addresses: &&[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
        let answers = names.iter().map(|(name, answers)| {
            ((*name).to_owned(), answers.iter().rev().map(list).collect::<Vec<Vec<IpAddr>>>())
        });
        Arc::new(Self { answers: Mutex::new(answers.collect()), asked: Mutex::default() })
    }
}

#[async_trait]
impl Resolve for Names {
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        self.asked.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let answers = answers.get_mut(name).ok_or(ResolveError::None)?;
        if answers.len() > 1 { Ok(answers.pop().unwrap()) } else { Ok(answers[0].clone()) }
    }
}

/// Notes where connections would go, and leads them all to one place, or nowhere.
#[derive(Debug, Default)]
struct Detour {
    to: Option<SocketAddr>,
    dialed: Mutex<Vec<SocketAddr>>,
}

impl Detour {
    fn nowhere() -> Arc<Self> {
        Arc::default()
    }

    fn to(server: SocketAddr) -> Arc<Self> {
        Arc::new(Self { to: Some(server), dialed: Mutex::default() })
    }

    fn dialed(&self) -> Vec<SocketAddr> {
        self.dialed.lock().unwrap().clone()
    }

    fn dialed_addresses(&self) -> Vec<String> {
        self.dialed().iter().map(|address| address.ip().to_string()).collect()
    }
}

#[async_trait]
impl Dial for Detour {
    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.dialed.lock().unwrap().push(address);
        match self.to {
            Some(server) => TcpStream::connect(server).await,
            None => Err(io::ErrorKind::ConnectionRefused.into()),
        }
    }
}

fn network(allow: &[&str]) -> Network {
    Network { allow: allow.iter().map(|network| network.parse().unwrap()).collect(), ..Network::default() }
}

/// Trusts nobody.
fn caller(allow: &[&str], names: Arc<Names>, detour: Arc<Detour>) -> Caller {
    Caller::with(&network(allow), names, detour, with_roots(rustls::RootCertStore::empty()))
}

/// Calls what listens on this machine.
fn local() -> Caller {
    caller(&["127.0.0.0/8"], Arc::default(), Arc::new(Detour::default())).with_direct_connections()
}

async fn call(caller: &Caller, url: &str) -> Attempted {
    call_within(caller, url, PATIENCE).await
}

async fn call_within(caller: &Caller, url: &str, timeout: Duration) -> Attempted {
    call_with(caller, url, timeout, &[]).await
}

/// With secret header fields.
async fn call_with(caller: &Caller, url: &str, timeout: Duration, secret: &[(&str, &str)]) -> Attempted {
    let owned: Vec<(String, SecretString)> =
        secret.iter().map(|&(name, value)| (name.to_owned(), SecretString::from(value))).collect();
    let secrets: Vec<SecretString> = secret.iter().map(|&(_, value)| SecretString::from(value)).collect();
    let headers = request_fields("0192-id", 1_732_147_620_999, &owned);
    let body = Arc::from(r#"{"type":"webhook.executed"}"#);
    caller.call(Outgoing { method: Method::Post, url, headers, body, timeout, secrets: &secrets }).await
}

#[track_caller]
fn response(attempted: Attempted) -> Response {
    match attempted {
        Attempted::Response(response) => response,
        Attempted::Failed(failure) => panic!("no response: {failure:?}"),
    }
}
