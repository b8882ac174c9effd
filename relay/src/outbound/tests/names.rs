//! Names whose answers change, and connections that are kept.

use super::server::{Server, ok};
use super::{Detour, Names, PATIENCE, call, call_within, caller, response};
use crate::core::Attempted;
use crate::outbound::connect::tls;
use crate::outbound::resolve::{Resolve, ResolveError};
use crate::outbound::{Caller, Dial};
use crate::store::CallFailure;
use async_trait::async_trait;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;

const FORBIDDEN: Attempted = Attempted::Failed(CallFailure::Forbidden);
/// Stands for the internet: allowed, so that it can be called without TLS.
const INTERNET: &str = "198.51.100.0/24";

#[tokio::test]
async fn what_was_vetted_is_what_is_connected_to() {
    // A name server that answers every question differently, as in DNS rebinding.
    let names = Names::of(&[("a.example", &[&["198.51.100.1"], &["127.0.0.1"], &["198.51.100.2"]])]);
    let server = Server::always(ok("{}")).await;
    let detour = Detour::to(server.address);
    let caller = caller(&[INTERNET], Arc::clone(&names), Arc::clone(&detour));
    assert_eq!(response(call(&caller, "http://a.example/").await).status, 200);
    // One question for one request: nobody asks again between vetting and connecting.
    assert_eq!(names.asked.lock().unwrap().len(), 1);
    assert_eq!(call(&caller, "http://a.example/").await, FORBIDDEN);
    assert_eq!(response(call(&caller, "http://a.example/").await).status, 200);
    assert_eq!(detour.dialed_addresses(), ["198.51.100.1", "198.51.100.2"]);
}

#[tokio::test]
async fn a_connection_is_used_again_only_for_addresses_that_are_still_vetted() {
    let answers: &[&[&str]] = &[
        &["198.51.100.1"],
        &["198.51.100.1"],
        &["198.51.100.2"],
        &["198.51.100.2", "198.51.100.1"],
        &["10.0.0.1", "198.51.100.1"],
        &["198.51.100.3"],
    ];
    let names = Names::of(&[("a.example", answers), ("b.example", &[&["198.51.100.1"]])]);
    let server = Server::keeping(ok("{}")).await;
    let detour = Detour::to(server.address);
    let caller = caller(&[INTERNET], names, Arc::clone(&detour));
    let dialed = || detour.dialed_addresses().len();
    response(call(&caller, "http://a.example/").await);
    response(call(&caller, "http://a.example/").await);
    assert_eq!(dialed(), 1, "the same address: the same connection");
    response(call(&caller, "http://a.example/").await);
    assert_eq!(
        detour.dialed_addresses(),
        ["198.51.100.1", "198.51.100.2"],
        "another address: another connection"
    );
    response(call(&caller, "http://a.example/").await);
    assert_eq!(dialed(), 2, "one of the kept ones leads to where the name leads");
    // There is a connection to an address that may be called, and still the name is refused.
    assert_eq!(call(&caller, "http://a.example/").await, FORBIDDEN);
    response(call(&caller, "http://a.example/").await);
    assert_eq!(dialed(), 3);
    response(call(&caller, "http://b.example/").await);
    assert_eq!(dialed(), 4, "another name at the same address has connections of its own");
    response(call(&caller, "http://b.example:8080/").await);
    assert_eq!(dialed(), 5, "another port, too");
    assert_eq!(caller.kept(), 5);
}

#[tokio::test]
async fn connections_are_closed_after_a_while() {
    let server = Server::keeping(ok("{}")).await;
    let names = Names::of(&[("a.example", &[&["198.51.100.1"]])]);
    let caller = caller(&[INTERNET], names, Detour::to(server.address));
    response(call(&caller, "http://a.example/").await);
    assert_eq!(caller.kept(), 1);
    tokio::time::timeout(PATIENCE, async {
        while caller.kept() > 0 || server.open() > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("nobody closes it");
}

#[tokio::test]
async fn a_connection_that_the_server_has_closed_costs_nobody_an_answer() {
    let server = Server::always(ok("{}")).await;
    let names = Names::of(&[("a.example", &[&["198.51.100.1"]])]);
    let detour = Detour::to(server.address);
    let caller = caller(&[INTERNET], names, Arc::clone(&detour));
    for _ in 0..5 {
        // It does not say that it will close, and then does.
        assert_eq!(response(call(&caller, "http://a.example/").await).status, 200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(detour.dialed().len(), 5);
}

#[tokio::test]
async fn every_address_must_be_allowed_by_itself() {
    let names = || Names::of(&[("dev.example", &[&["127.0.0.1", "::1"]])]);
    let only_four = Detour::nowhere();
    let refused = caller(&["127.0.0.0/8"], names(), Arc::clone(&only_four));
    assert_eq!(call(&refused, "http://dev.example/").await, FORBIDDEN);
    assert_eq!(only_four.dialed(), []);
    let both = Detour::nowhere();
    let allowed = caller(&["127.0.0.0/8", "::1/128"], names(), Arc::clone(&both));
    assert_eq!(call(&allowed, "http://dev.example:3000/").await, Attempted::Failed(CallFailure::Network));
    assert_eq!(both.dialed(), ["[::1]:3000".parse().unwrap(), "127.0.0.1:3000".parse().unwrap()]);
}

#[tokio::test]
async fn without_tls_only_allowed_networks_are_called() {
    let detour = Detour::nowhere();
    let caller = caller(&["8.8.0.0/16"], Names::of(&[("a.example", &[&["9.9.9.9"]])]), Arc::clone(&detour));
    for url in ["http://9.9.9.9/", "http://a.example/", "http://[2606:4700::1]/"] {
        assert_eq!(call(&caller, url).await, FORBIDDEN, "{url}");
    }
    assert_eq!(detour.dialed(), []);
    assert_eq!(call(&caller, "http://8.8.4.4/").await, Attempted::Failed(CallFailure::Network));
    assert_eq!(call(&caller, "http://[::ffff:8.8.4.4]/").await, Attempted::Failed(CallFailure::Network));
    assert_eq!(detour.dialed_addresses(), ["8.8.4.4", "8.8.4.4"]);
}

#[tokio::test]
async fn an_allowed_network_allows_no_disguise_of_it() {
    let detour = Detour::nowhere();
    let caller = caller(&["10.0.0.0/8"], Arc::default(), Arc::clone(&detour));
    for url in
        ["http://[64:ff9b::10.0.0.1]/", "http://[2002:a00:1::]/", "http://[::10.0.0.1]/", "http://127.0.0.1/"]
    {
        assert_eq!(call(&caller, url).await, FORBIDDEN, "{url}");
    }
    assert_eq!(detour.dialed(), []);
}

#[tokio::test]
async fn names_without_an_answer_are_no_network() {
    let caller = caller(&[], Names::of(&[("empty.example", &[&[]])]), Detour::nowhere());
    for url in ["https://unknown.example/", "https://empty.example/", "https://-/", "https://_x/"] {
        assert_eq!(call(&caller, url).await, Attempted::Failed(CallFailure::Network), "{url}");
    }
}

/// Never answers.
#[derive(Debug)]
struct Silence;

#[async_trait]
impl Resolve for Silence {
    async fn addresses(&self, _: &str) -> Result<Vec<IpAddr>, ResolveError> {
        std::future::pending().await
    }
}

#[async_trait]
impl Dial for Silence {
    async fn dial(&self, _: SocketAddr) -> io::Result<TcpStream> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn name_servers_and_hosts_that_say_nothing_are_given_up() {
    let short = Duration::from_millis(50);
    let silent = |resolve: Arc<dyn Resolve>| {
        Caller::with(&super::network(&[]), resolve, Arc::new(Silence), tls(rustls::RootCertStore::empty()))
    };
    let timeout = Attempted::Failed(CallFailure::Timeout);
    assert_eq!(call_within(&silent(Arc::new(Silence)), "https://a.example/", short).await, timeout);
    let names = Names::of(&[("a.example", &[&["8.8.8.8"]])]);
    assert_eq!(call_within(&silent(names), "https://a.example/", short).await, timeout);
}

/// Of several addresses one answers.
#[derive(Debug)]
struct OnlyOne {
    good: IpAddr,
    /// Others hang instead of refusing.
    hang: bool,
    server: SocketAddr,
    tried: AtomicUsize,
}

#[async_trait]
impl Dial for OnlyOne {
    async fn dial(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.tried.fetch_add(1, Ordering::Relaxed);
        if address.ip() == self.good {
            return TcpStream::connect(self.server).await;
        }
        if self.hang { std::future::pending().await } else { Err(io::ErrorKind::ConnectionRefused.into()) }
    }
}

#[tokio::test]
async fn another_address_is_tried_when_one_refuses_or_hangs() {
    let answers: &[&[&str]] = &[&["198.51.100.1", "198.51.100.2", "198.51.100.3"]];
    let server = Server::always(ok("{}")).await;
    for hang in [false, true] {
        let good = "198.51.100.3".parse().unwrap();
        let dial = Arc::new(OnlyOne { good, hang, server: server.address, tried: AtomicUsize::new(0) });
        let names = Names::of(&[("a.example", answers)]);
        let network = super::network(&[INTERNET]);
        let caller =
            Caller::with(&network, names, Arc::clone(&dial) as _, tls(rustls::RootCertStore::empty()));
        assert_eq!(response(call(&caller, "http://a.example/").await).status, 200);
        assert_eq!(dial.tried.load(Ordering::Relaxed), 3);
    }
}

/// The system's own resolver knows this name without asking anybody.
#[tokio::test]
async fn the_systems_resolver_knows_this_machine() {
    let found = crate::outbound::SystemResolver::new().addresses("localhost").await.unwrap();
    assert!(!found.is_empty() && found.iter().all(IpAddr::is_loopback), "{found:?}");
}
