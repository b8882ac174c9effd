//! The published libraries take what is right, and nothing else.

use super::request::{BODY, ID, Signed, alone, bad, now, rotated, signed, signed_at, text};
use super::{output, python, root};
use cuehook_relay::config::{CompatibleSignature, SignatureEncoding, SignatureHash, Signing};
use cuehook_relay::delivery::signing::{CompatibleSecret, Ed25519Key, KeyRing, Secrets, SigningSecret, sign};
use hyper::header::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Requests that are asked about, of one kind, and the names of those that are right.
struct Asked {
    cases: Vec<Value>,
    right: BTreeSet<String>,
}

impl Asked {
    fn of(cases: Vec<(String, bool, Value)>) -> Self {
        let right = cases.iter().filter(|(_, is_right, _)| *is_right).map(|(name, ..)| name.clone());
        let right: BTreeSet<String> = right.collect();
        assert!(!right.is_empty() && right.len() < cases.len(), "there are right ones and others");
        let named = |(name, _, mut case): (String, bool, Value)| {
            case["name"] = name.into();
            case
        };
        Self { cases: cases.into_iter().map(named).collect(), right }
    }
}

fn case(field: &str, key: &str, signed: &Signed) -> Value {
    let headers: BTreeMap<&str, &str> = signed.headers().into_iter().collect();
    json!({ field: key, "headers": headers, "body": signed.body })
}

/// For libraries of Standard Webhooks.
fn standard() -> Asked {
    let [old, new, stranger] = [(); 3].map(|()| text(&SigningSecret::generate().unwrap()));
    let mut cases = Vec::new();
    let mut add = |name: &str, is_right, secret: &str, signed: &Signed| {
        cases.push((name.to_owned(), is_right, case("secret", secret, signed)))
    };
    for (name, request) in bad(&old) {
        add(name, false, &old, &request);
    }
    add("it is right", true, &old, &signed(&alone(&old), ID));
    let long = format!(r#"{{"text":"{}"}}"#, "ä. ".repeat(40_000));
    for (name, body) in
        [("it is long", &*long), ("it has lines", "[1,\r\n2]\n"), ("it is a text", "\"a.b.c\"")]
    {
        add(name, true, &old, &signed_at(&alone(&old), &Signing::default(), ID, now(), body));
    }
    for (name, off_ms) in [("it is of four minutes ago", -240_000), ("it is of four minutes ahead", 240_000)]
    {
        let request = signed_at(&alone(&old), &Signing::default(), ID, now() + off_ms, BODY);
        add(name, true, &old, &request);
    }
    let during = rotated(&old, &new);
    for (name, is_right, secret) in [
        ("during a rotation the new secret holds", true, &new),
        ("during a rotation the old secret holds", true, &old),
        ("during a rotation no other holds", false, &stranger),
    ] {
        add(name, is_right, secret, &signed(&during, ID));
    }
    let mut at_once = alone(&old);
    at_once.standard.rotate(SigningSecret::parse(&new.as_str().into()).unwrap(), now(), 0).unwrap();
    add("after a rotation without overlap the old secret is nothing", false, &old, &signed(&at_once, ID));
    add("after a rotation without overlap the new secret holds", true, &new, &signed(&at_once, ID));
    let with_ed25519 = Secrets { ed25519: ring(&Ed25519Key::generate().unwrap()), ..alone(&old) };
    let both = signed_at(&with_ed25519, &Signing { ed25519: true, compatible: None }, ID, now(), BODY);
    assert_eq!(both.signature.split(' ').count(), 2);
    add("beside an asymmetric signature it holds", true, &old, &both);
    Asked::of(cases)
}

fn ring(key: &Ed25519Key) -> KeyRing<Ed25519Key> {
    KeyRing::of([Ed25519Key::parse(&key.to_text()).unwrap()]).unwrap()
}

/// For libraries of ed25519.
fn ed25519() -> Asked {
    let [old, new, stranger] = [(); 3].map(|()| Ed25519Key::generate().unwrap());
    let mut secrets = Secrets { ed25519: ring(&old), ..alone(&text(&SigningSecret::generate().unwrap())) };
    let settings = Signing { ed25519: true, compatible: None };
    let good = signed_at(&secrets, &settings, ID, now(), BODY);
    let of_body = Signed { body: "{}".into(), ..good.clone() };
    let of_id = Signed { id: super::request::OTHER_ID.into(), ..good.clone() };
    let of_time = Signed { seconds: "1".into(), ..good.clone() };
    secrets.ed25519.rotate(Ed25519Key::parse(&new.to_text()).unwrap(), now() - 1000, 60_000).unwrap();
    let during = signed_at(&secrets, &settings, ID, now(), BODY);
    let cases = [
        ("it is right", true, &old, &good),
        ("the body is another", false, &old, &of_body),
        ("the id is another", false, &old, &of_id),
        ("the time is another", false, &old, &of_time),
        ("the key is another", false, &stranger, &good),
        ("during a rotation the old key holds", true, &old, &during),
        ("during a rotation the new key holds", true, &new, &during),
        ("during a rotation no other holds", false, &stranger, &during),
    ];
    let cases = cases
        .map(|(name, is_right, key, signed)| (name.to_owned(), is_right, case("key", &key.public(), signed)));
    Asked::of(cases.into())
}

/// For HMAC as languages have it.
fn compatible() -> Asked {
    let mut cases = Vec::new();
    let hashes =
        [("sha1", SignatureHash::Sha1), ("sha256", SignatureHash::Sha256), ("sha512", SignatureHash::Sha512)];
    let encodings = [("hex", SignatureEncoding::Hex), ("base64", SignatureEncoding::Base64)];
    for secret in ["k", "webhook-secret ä", &"0123456789abcdef".repeat(16)] {
        for (hash_name, hash) in hashes {
            for (encoding_name, encoding) in encodings {
                let header = "X-Signature".to_owned();
                let settings = Signing {
                    ed25519: false,
                    compatible: Some(CompatibleSignature { header, hash, encoding }),
                };
                let compatible = Some(CompatibleSecret::parse(secret.into()).unwrap());
                let secrets = Secrets { compatible, ..Secrets::default() };
                let fields = sign(&secrets, &settings, ID, now(), BODY.as_bytes());
                let [(name, signature)] = &fields[..] else { panic!("{fields:?}") };
                assert_eq!(name, "X-Signature");
                for (what, is_right, body) in [("right", true, BODY), ("changed", false, "{}")] {
                    let case = json!({
                        "secret": secret, "hash": hash_name, "encoding": encoding_name, "signature": signature, "body": body,
                    });
                    let name = format!("{what}: {hash_name}, {encoding_name}, {} bytes", secret.len());
                    cases.push((name, is_right, case));
                }
            }
        }
    }
    Asked::of(cases)
}

/// What libraries of a language say of all requests.
fn agree(language: &mut Command, of_ed25519: &str) {
    let (standard, ed25519, compatible) = (standard(), ed25519(), compatible());
    let cases =
        json!({ "standard": standard.cases, "ed25519": ed25519.cases, "compatible": compatible.cases });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, cases.to_string()).unwrap();
    let said = output(language.arg(Path::new(file.path())));
    let said: BTreeMap<String, BTreeSet<String>> = serde_json::from_str(&said).unwrap();
    let expected = BTreeMap::from([
        ("standardwebhooks".to_owned(), standard.right.clone()),
        ("svix".to_owned(), standard.right),
        (of_ed25519.to_owned(), ed25519.right),
        ("hmac".to_owned(), compatible.right),
    ]);
    assert_eq!(said, expected);
}

#[test]
#[ignore = "needs packages of npm: cargo xtask test --only signatures"]
fn libraries_of_node_agree() {
    agree(Command::new("node").arg(root().join("tests/signing/libraries.mjs")), "openssl");
}

#[test]
#[ignore = "needs packages of PyPI: cargo xtask test --only signatures"]
fn libraries_of_python_agree() {
    agree(Command::new(python()).arg(root().join("tests/signing/libraries.py")), "libsodium");
}

#[test]
fn the_library_of_rust_agrees() {
    let asked = standard();
    let is_taken = |case: &&Value| {
        let mut headers = HeaderMap::new();
        for (name, value) in case["headers"].as_object().unwrap() {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.insert(name, value.as_str().unwrap().parse().unwrap());
        }
        let library = standardwebhooks::Webhook::new(case["secret"].as_str().unwrap()).unwrap();
        library.verify(case["body"].as_str().unwrap().as_bytes(), &headers).is_ok()
    };
    let name = |case: &Value| case["name"].as_str().unwrap().to_owned();
    let taken: BTreeSet<String> = asked.cases.iter().filter(is_taken).map(name).collect();
    assert_eq!(taken, asked.right);
}
