//! Encrypted connections, to a server that really speaks TLS.

use super::*;
use crate::store::StoreError;
use base64::Engine as _;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// As programs of OpenSSL read it.
fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// An authority, and its certificate.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let pem = pem("CERTIFICATE", certificate.der());
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A server with a certificate for localhost, and the authority's beside it. `change` may spoil it.
    fn server(&self, change: impl FnOnce(&mut CertificateParams)) -> Server {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let certificate = pem("CERTIFICATE", certificate.der());
        let key = pem("PRIVATE KEY", &key.serialize_der());
        // Who prepares databases needs no password; who is called `app` needs one, and TLS.
        let access = "host all postgres 127.0.0.1/32 trust\nhostssl all app 127.0.0.1/32 scram-sha-256\n";
        let files = [
            ("server.crt", &*certificate),
            ("server.key", &*key),
            ("pg_hba.conf", access),
            ("ca.pem", &self.pem),
        ];
        Server::with("-c ssl=on", &files)
    }
}

/// Where the certificate of the server's authority is, as it stands in addresses.
fn authority(server: &Server) -> String {
    server.file("ca.pem").to_str().unwrap().to_owned()
}

/// Which version of TLS a relay's connection has; none if it is not encrypted.
async fn version(url: &str) -> Result<Option<String>, StoreError> {
    let pool = connect::pool(&SecretString::from(url))?;
    let client = pool.get().await.map_err(super::super::Fault::from)?;
    let row = client.query_one("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await;
    Ok(row.unwrap().get(0))
}

fn words(result: Result<Option<String>, StoreError>) -> String {
    match result {
        Err(StoreError::Unavailable(words) | StoreError::Refused(words)) => words,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_believes_whom_it_is_to_believe() {
    let server = Authority::new().server(|_| {});
    let (ours, database) = (authority(&server), server.database());
    let folder = tempfile::tempdir().unwrap();
    let stranger = folder.path().join("ca.pem");
    std::fs::write(&stranger, Authority::new().pem).unwrap();
    // An authority of the same name, with another key.
    let stranger = stranger.to_str().unwrap();
    let (by_name, by_number) = (database.url().replace("127.0.0.1", "localhost"), database.url());
    for (url, query, expected) in [
        (&by_number, "".to_owned(), Ok(true)),
        (&by_number, "?sslmode=disable".to_owned(), Ok(false)),
        (&by_number, "?sslmode=prefer".to_owned(), Ok(true)),
        (&by_number, "?sslmode=require".to_owned(), Ok(true)),
        (&by_number, format!("?sslmode=require&sslrootcert={ours}"), Ok(true)),
        (&by_number, format!("?sslmode=verify-ca&sslrootcert={ours}"), Ok(true)),
        (&by_name, format!("?sslmode=verify-full&sslrootcert={ours}"), Ok(true)),
        (&by_number, format!("?sslmode=verify-full&sslrootcert={ours}"), Err("not valid for name")),
        (&by_name, format!("?sslmode=verify-full&sslrootcert={stranger}"), Err("BadSignature")),
        (&by_number, format!("?sslmode=verify-ca&sslrootcert={stranger}"), Err("BadSignature")),
        (&by_number, format!("?sslmode=require&sslrootcert={stranger}"), Err("BadSignature")),
        (&by_number, format!("?sslmode=prefer&sslrootcert={stranger}"), Err("BadSignature")),
        // The system's authorities have not signed it.
        (&by_name, "?sslmode=verify-full".to_owned(), Err("UnknownIssuer")),
        (&by_number, "?sslmode=verify-ca".to_owned(), Err("UnknownIssuer")),
    ] {
        let found = version(&format!("{url}{query}")).await;
        match expected {
            Ok(is_encrypted) => {
                let version = found.unwrap_or_else(|fault| panic!("{query}: {fault}"));
                assert_eq!(version.as_deref(), is_encrypted.then_some("TLSv1.3"), "{query}");
            }
            Err(part) => {
                let words = words(found);
                assert!(words.contains(part), "{query}: {words}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_left_if_tls_is_required() {
    let database = Server::shared().database();
    for query in ["", "?sslmode=prefer", "?sslmode=disable"] {
        assert_eq!(version(&format!("{}{query}", database.url())).await, Ok(None), "{query}");
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        let words = words(version(&format!("{}?sslmode={mode}", database.url())).await);
        assert!(words.contains("does not support TLS"), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_certificate_is_none() {
    let server = Authority::new().server(|params| params.not_after = rcgen::date_time_ymd(2024, 1, 1));
    let url = server.database().url();
    let file = authority(&server);
    assert!(version(&format!("{url}?sslmode=require")).await.unwrap().is_some());
    let words = words(version(&format!("{url}?sslmode=verify-ca&sslrootcert={file}")).await);
    assert!(words.contains("expired"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_works_over_tls_with_a_password_that_is_bound_to_the_certificate() {
    let server = Authority::new().server(|_| {});
    let database = server.database();
    let prepare = format!(
        "CREATE ROLE app LOGIN PASSWORD 'p@ss'; ALTER DATABASE {} OWNER TO app; ALTER SCHEMA public OWNER TO app",
        database.name()
    );
    beside(&database).await.batch_execute(&prepare).await.unwrap();
    let file = authority(&server);
    let url = database.url().replace("postgres@127.0.0.1", "app:p%40ss@localhost");
    // The server itself checks the binding.
    let url = format!("{url}?sslmode=verify-full&sslrootcert={file}&channel_binding=require");
    let store = open(&url).await;
    assert_eq!(store.accept(vec![event(1, &["a"])], NOW).await.unwrap(), [Accepted::New]);
    assert_eq!(store.accept(vec![event(1, &["a"])], NOW).await.unwrap(), [Accepted::Duplicate]);
    // More than fits into one record.
    let body = format!("\"{}\"", "a".repeat(200_000));
    let large = NewEvent { body: body.clone(), ..event(2, &["a"]) };
    assert_eq!(store.accept(vec![large], NOW).await.unwrap(), [Accepted::New]);
    let claimed = store.claim(9, 9, &[], NOW + 1, NOW).await.unwrap();
    assert_eq!(claimed.iter().map(|it| it.body.len()).collect::<Vec<_>>(), [7, body.len()]);
    store.close().await;
    // Without TLS it is not let in.
    let plain = url.replace("verify-full", "disable").replace("&channel_binding=require", "");
    assert!(words(version(&plain).await).contains("no encryption"));
}
