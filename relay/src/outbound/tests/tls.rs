//! Who is trusted.

use super::server::{Server, ok};
use super::{Detour, Names, call, network, response};
use crate::core::Attempted;
use crate::outbound::Caller;
use crate::outbound::connect::tls;
use crate::store::CallFailure;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

const NETWORK: Attempted = Attempted::Failed(CallFailure::Network);

/// An authority of our own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    roots: RootCertStore,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        Self { issuer: Issuer::new(params, key), roots }
    }

    /// A server with a certificate for a name. `change` may spoil it.
    async fn server(&self, name: &str, change: impl FnOnce(&mut CertificateParams)) -> Server {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Server::start(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut buffer = [0; 4096];
                while let Ok(1..) = stream.read(&mut buffer).await {
                    let _ = stream.write_all(&ok(r#"{"tls":true}"#)).await;
                    let _ = stream.flush().await;
                }
            }
        })
        .await
    }

    fn caller(&self, server: SocketAddr) -> (Caller, Arc<Detour>) {
        let names = Names::of(&[("a.example", &[&["8.8.8.8"]]), ("b.example", &[&["8.8.8.8"]])]);
        let detour = Detour::to(server);
        (Caller::with(&network(&[]), names, Arc::clone(&detour) as _, tls(self.roots.clone())), detour)
    }
}

#[tokio::test]
async fn a_certificate_for_the_name_from_an_authority_that_is_trusted() {
    let authority = Authority::new();
    let server = authority.server("a.example", |_| {}).await;
    let (caller, detour) = authority.caller(server.address);
    for url in ["https://a.example/", "https://A.example./x", "https://a.example:443/"] {
        assert_eq!(response(call(&caller, url).await).body, br#"{"tls":true}"#, "{url}");
    }
    assert_eq!(
        detour.dialed(),
        ["8.8.8.8:443".parse().unwrap()],
        "TLS is spoken once, and the connection kept"
    );
    assert_eq!(call(&caller, "https://b.example/").await, NETWORK, "another name");
    assert_eq!(call(&caller, "https://8.8.8.8/").await, NETWORK, "an address is another name");
}

#[tokio::test]
async fn a_certificate_for_an_address() {
    let authority = Authority::new();
    let server = authority.server("8.8.8.8", |_| {}).await;
    let (caller, _) = authority.caller(server.address);
    for url in ["https://8.8.8.8/", "https://0x08080808/", "https://[::ffff:8.8.8.8]/"] {
        assert_eq!(response(call(&caller, url).await).status, 200, "{url}");
    }
    assert_eq!(call(&caller, "https://a.example/").await, NETWORK);
}

#[tokio::test]
async fn everything_else_is_no_tls() {
    let (authority, other) = (Authority::new(), Authority::new());
    let stranger = other.server("a.example", |_| {}).await;
    assert_eq!(call(&authority.caller(stranger.address).0, "https://a.example/").await, NETWORK);
    let run_out =
        authority.server("a.example", |params| params.not_after = rcgen::date_time_ymd(2020, 1, 1)).await;
    assert_eq!(call(&authority.caller(run_out.address).0, "https://a.example/").await, NETWORK);
    let early =
        authority.server("a.example", |params| params.not_before = rcgen::date_time_ymd(4000, 1, 1)).await;
    assert_eq!(call(&authority.caller(early.address).0, "https://a.example/").await, NETWORK);
    let plain = Server::start(|mut stream| async move {
        let _ = stream.write_all(&ok("{}")).await;
    })
    .await;
    assert_eq!(call(&authority.caller(plain.address).0, "https://a.example/").await, NETWORK);
    let silent = Server::start(|mut stream| async move {
        let _ = stream.read_u8().await;
        std::future::pending::<()>().await;
    })
    .await;
    let short = std::time::Duration::from_millis(200);
    let outcome = super::call_within(&authority.caller(silent.address).0, "https://a.example/", short).await;
    assert_eq!(outcome, Attempted::Failed(CallFailure::Timeout));
}

#[test]
fn the_systems_authorities_can_be_read() {
    crate::outbound::connect::system_tls().unwrap();
}
