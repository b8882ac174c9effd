//! Tokens of players and keys of servers.

use super::*;
use crate::store::UnixMs;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};

const NOW: UnixMs = 1_800_000_000_123;
const NOW_S: i64 = 1_800_000_000;
const DAY_S: i64 = 86_400;
const KEY: &str = "the-key-of-the-tests-with-32-characters";
const ORIGIN: &str = "https://shop.example";

fn tokens() -> PlayerTokens {
    PlayerTokens::new(&KEY.into(), &[])
}

fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Signs by hand: what a backend without a library does.
fn signed(header: &str, claims: &str, key: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut hmac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    hmac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(hmac.finalize().into_bytes()))
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn claims(exp: i64) -> String {
    format!(r#"{{"aud":"cuehook-relay","origin":"{ORIGIN}","project":"spring","exp":{exp}}}"#)
}

fn verify(token: &str) -> Result<PlayerClaims, TokenFault> {
    tokens().verify(token, Some(ORIGIN), NOW)
}

/// The same claims, with something in place of something.
fn verify_changed(from: &str, to: &str) -> Result<PlayerClaims, TokenFault> {
    let claims = claims(NOW_S + 60);
    assert!(claims.contains(from), "{from}");
    verify(&signed(HEADER, &claims.replace(from, to), KEY))
}

#[test]
fn a_token_that_was_signed_by_hand_counts() {
    let expected = PlayerClaims { project: "spring".into(), origin: ORIGIN.into() };
    assert_eq!(verify(&signed(HEADER, &claims(NOW_S + 60), KEY)), Ok(expected.clone()));
    // Without `typ`, with other claims beside, with a time that has a fraction, with a list of audiences.
    assert_eq!(verify(&signed(r#"{"alg":"HS256"}"#, &claims(NOW_S + 60), KEY)), Ok(expected.clone()));
    let more = format!(
        r#"{{"sub":"x","iat":{NOW_S},"nbf":{NOW_S},"aud":["other","cuehook-relay"],"origin":"{ORIGIN}","project":"spring","exp":{}.5}}"#,
        NOW_S + 60
    );
    assert_eq!(verify(&signed(HEADER, &more, KEY)), Ok(expected));
}

#[test]
fn a_token_of_ours_can_be_checked_by_hand() {
    let token = tokens().mint("spring", ORIGIN, NOW, 5).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let text = |part: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let (header, claims) = (text(parts[0]), text(parts[1]));
    assert_eq!(signed(&header, &claims, KEY), token);
    let header: serde_json::Value = serde_json::from_str(&header).unwrap();
    assert_eq!(header, serde_json::json!({ "alg": "HS256", "typ": "JWT" }));
    let claims: serde_json::Value = serde_json::from_str(&claims).unwrap();
    let expected = serde_json::json!({
        "aud": "cuehook-relay", "origin": ORIGIN, "project": "spring", "iat": NOW_S, "exp": NOW_S + 300
    });
    assert_eq!(claims, expected);
    assert!(verify(&token).is_ok());
}

#[test]
fn golden_tokens_count() {
    // Made by the examples of docs/relay.md at `NOW`: in Python, and in Node, which `tests/node` compares.
    let python = "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9.eyJhdWQiOiAiY3VlaG9vay1yZWxheSIsICJvcmlnaW4iOiAiaHR0cHM6Ly9zaG9wLmV4YW1wbGUiLCAicHJvamVjdCI6ICJzcHJpbmciLCAiZXhwIjogMTgwMDAwMzYwMH0.8nf1jFmzaUoXAGkbqQ36pzVNkzE-7RFY99xLW68Kkj8";
    let node = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJhdWQiOiJjdWVob29rLXJlbGF5Iiwib3JpZ2luIjoiaHR0cHM6Ly9zaG9wLmV4YW1wbGUiLCJwcm9qZWN0Ijoic3ByaW5nIiwiZXhwIjoxODAwMDAzNjAwfQ.gqnavBz3qRlLYF9H4Y45W4cPgW3ulZMLy5_spbyaAOQ";
    for golden in [python, node] {
        assert_eq!(verify(golden).unwrap().project, "spring");
    }
}

#[test]
fn every_changed_part_is_noticed() {
    let token = signed(HEADER, &claims(NOW_S + 60), KEY);
    let parts: Vec<&str> = token.split('.').collect();
    // Another expiry, another project, under the old signature.
    let later = encode(&claims(NOW_S + 90));
    assert_eq!(verify(&[parts[0], &later, parts[2]].join(".")), Err(TokenFault::Signature));
    let header = encode(r#"{"alg":"HS256","typ":"JWT","x":1}"#);
    assert_eq!(verify(&[&header, parts[1], parts[2]].join(".")), Err(TokenFault::Signature));
    let signature = URL_SAFE_NO_PAD.encode([7; 32]);
    assert_eq!(verify(&[parts[0], parts[1], &signature].join(".")), Err(TokenFault::Signature));
    assert!(verify(&[parts[0], parts[1], ""].join(".")).is_err());
    assert!(verify(&[parts[0], parts[1]].join(".")).is_err());
    assert!(verify(&format!("{token}.")).is_err());
    assert!(verify("").is_err());
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        assert!(verify(std::str::from_utf8(&bytes).unwrap()).is_err(), "{at}");
    }
    assert_eq!(
        verify(&signed(HEADER, &claims(NOW_S + 60), "another-key-of-thirty-two-characters")),
        Err(TokenFault::Signature)
    );
    assert_eq!(verify(&signed(HEADER, &claims(NOW_S + 60), "")), Err(TokenFault::Signature));
}

#[test]
fn other_algorithms_are_refused_whoever_has_signed() {
    let claims = claims(NOW_S + 60);
    for (header, expected) in [
        (r#"{"alg":"none"}"#, TokenFault::Malformed),
        (r#"{"alg":"None"}"#, TokenFault::Malformed),
        (r#"{"alg":"hs256"}"#, TokenFault::Malformed),
        (r#"{"typ":"JWT"}"#, TokenFault::Malformed),
        (r#"{"alg":"HS384"}"#, TokenFault::Algorithm),
        (r#"{"alg":"HS512"}"#, TokenFault::Algorithm),
        (r#"{"alg":"RS256"}"#, TokenFault::Algorithm),
        (r#"{"alg":"EdDSA"}"#, TokenFault::Algorithm),
        // An extension that must be understood.
        (r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, TokenFault::Malformed),
    ] {
        assert_eq!(verify(&signed(header, &claims, KEY)), Err(expected), "{header}");
    }
    let unsigned = format!("{}.{}.", encode(r#"{"alg":"none"}"#), encode(&claims));
    assert!(verify(&unsigned).is_err());
    let unsigned = format!("{}.{}.", encode(HEADER), encode(&claims));
    assert!(verify(&unsigned).is_err());
}

#[test]
fn claims_must_be_there_and_mean_something() {
    for (from, to, expected) in [
        (r#""aud":"cuehook-relay","#, "", TokenFault::Malformed),
        ("cuehook-relay", "cuehook", TokenFault::Audience),
        (r#""cuehook-relay""#, "7", TokenFault::Malformed),
        (r#""project":"spring","#, "", TokenFault::Malformed),
        (r#""spring""#, "7", TokenFault::Malformed),
        (r#""spring""#, r#""""#, TokenFault::Claims),
        (r#""spring""#, r#""a\nb""#, TokenFault::Claims),
        ("https://shop.example", "https://shop.example/", TokenFault::Claims),
        ("https://shop.example", "null", TokenFault::Claims),
        ("https://shop.example", "*", TokenFault::Claims),
        (r#""exp":18"#, r#""exp":"18"#, TokenFault::Malformed),
        (r#","exp":18"#, r#","exp":1e18,"x":18"#, TokenFault::TooLong),
        (r#","exp":18"#, r#","exp":1,"x":18"#, TokenFault::Expired),
        (r#","exp":18"#, r#","exp":null,"x":18"#, TokenFault::Malformed),
        (r#","exp":18"#, r#","x":18"#, TokenFault::Malformed),
        (r#"{"#, r#"{"iat":1,"#, TokenFault::TooLong),
        (r#"{"#, r#"{"nbf":1800000040,"#, TokenFault::Early),
        (r#"{"#, r#"{"project":"other","#, TokenFault::Malformed),
        (r#"{"#, "[", TokenFault::Malformed),
    ] {
        // A quoted expiry needs its second quote.
        let to = if to == r#""exp":"18"# { r#""exp":"x","x":18"# } else { to };
        assert_eq!(verify_changed(from, to), Err(expected), "{from} {to}");
    }
    let long = "p".repeat(129);
    assert_eq!(verify_changed("spring", &long), Err(TokenFault::Claims));
    assert!(verify_changed("spring", &long[1..]).is_ok());
}

#[test]
fn times_have_thirty_seconds_of_grace() {
    let at = |exp: i64| verify(&signed(HEADER, &claims(exp), KEY)).map(|_| ());
    assert_eq!(at(NOW_S - 29), Ok(()));
    assert_eq!(at(NOW_S - 30), Err(TokenFault::Expired));
    assert_eq!(at(NOW_S + DAY_S + 30), Ok(()));
    assert_eq!(at(NOW_S + DAY_S + 31), Err(TokenFault::TooLong));
    assert!(verify_changed("{", r#"{"nbf":1800000030,"#).is_ok());
    // Made a day before its end, and half a minute for the clock.
    let made = |iat: i64| verify_changed("{", &format!(r#"{{"iat":{iat},"#)).map(|_| ());
    assert_eq!(made(NOW_S + 60 - DAY_S - 30), Ok(()));
    assert_eq!(made(NOW_S + 60 - DAY_S - 31), Err(TokenFault::TooLong));
}

#[test]
fn the_origin_must_be_the_very_same() {
    let token = signed(HEADER, &claims(NOW_S + 60), KEY);
    for origin in [
        None,
        Some(""),
        Some("null"),
        Some("https://shop.example/"),
        Some("https://shop.example:443"),
        Some("HTTPS://shop.example"),
        Some("http://shop.example"),
        Some("https://www.shop.example"),
        Some("https://shop.example.evil.example"),
        Some("https://shop.exampl"),
    ] {
        assert_eq!(tokens().verify(&token, origin, NOW), Err(TokenFault::Origin), "{origin:?}");
    }
    assert_eq!(TokenFault::Origin.status(), 403);
    assert_eq!(TokenFault::Expired.status(), 401);
}

#[test]
fn sizes_are_bounded() {
    let long = format!("{}{}", signed(HEADER, &claims(NOW_S + 60), KEY), "A".repeat(MAX_TOKEN));
    assert_eq!(verify(&long), Err(TokenFault::TooLarge));
    let padded = claims(NOW_S + 60).replace('{', &format!(r#"{{"x":"{}","#, "x".repeat(2000)));
    assert!(verify(&signed(HEADER, &padded, KEY)).is_ok());
}

#[test]
fn two_keys_count_while_they_are_changed() {
    let (old, new) = ("old-key-of-thirty-two-characters", "new-key-of-thirty-two-characters");
    let both = PlayerTokens::new(&new.into(), &[old.into()]);
    let ok = |tokens: &PlayerTokens, token: &str| tokens.verify(token, Some(ORIGIN), NOW);
    let before = PlayerTokens::new(&old.into(), &[]).mint("p", ORIGIN, NOW, 5).unwrap();
    assert!(ok(&both, &before).is_ok());
    let after = PlayerTokens::new(&new.into(), &[]);
    assert!(ok(&after, &both.mint("p", ORIGIN, NOW, 5).unwrap()).is_ok());
    assert_eq!(ok(&after, &before), Err(TokenFault::Signature));
    // What is wrong with the claims is said, whichever key has signed.
    let expired = PlayerTokens::new(&old.into(), &[]).mint("p", ORIGIN, NOW - 3_600_000, 5).unwrap();
    assert_eq!(ok(&both, &expired), Err(TokenFault::Expired));
    assert_eq!(format!("{both:?}"), "PlayerTokens(2 keys)");
}

#[test]
fn only_tokens_that_would_count_are_made() {
    let mint = |project: &str, origin: &str, minutes| tokens().mint(project, origin, NOW, minutes);
    assert!(mint("p", ORIGIN, 1440).is_ok_and(|token| verify(&token).is_ok()));
    assert_eq!(mint("p", ORIGIN, 1441), Err(TokenFault::TooLong));
    for (project, origin) in
        [("", ORIGIN), ("p", "shop.example"), ("p", "https://shop.example/a"), ("p", "null")]
    {
        assert_eq!(mint(project, origin, 5), Err(TokenFault::Claims), "{project} {origin}");
    }
}

#[test]
fn api_keys_are_known_by_their_hash_alone() {
    let stored = |name: &str, key: &NewApiKey, scope| StoredApiKey {
        key: ApiKey { name: name.into(), scopes: vec![scope], project: None },
        hash: key.hash,
    };
    let (one, other) = (NewApiKey::generate().unwrap(), NewApiKey::generate().unwrap());
    let keys = ApiKeys::new(vec![
        stored("one", &one, Scope::EventsRead),
        stored("other", &other, Scope::EventsWrite),
    ]);
    let text = one.text.expose_secret();
    assert!(text.starts_with("cuehook_") && text.len() == 51, "{text}");
    assert_eq!(one.hash, <[u8; 32]>::from(Sha256::digest(text)));
    let found = keys.verify(text).unwrap();
    assert_eq!(found.name, "one");
    assert!(found.allows(Scope::EventsRead) && !found.allows(Scope::EventsWrite));
    assert_eq!(keys.verify(other.text.expose_secret()).unwrap().name, "other");
    let hash = one.hash_text();
    for wrong in [
        "",
        "cuehook_",
        &text[1..],
        &text[..50],
        &format!("{text} "),
        &hash,
        &text.to_uppercase(),
        &"x".repeat(10_000),
    ] {
        assert_eq!(keys.verify(wrong), None, "{wrong}");
    }
    assert_eq!(ApiKeys::default().verify(text), None);
}

#[test]
fn scopes_are_words() {
    for (scope, word) in Scope::ALL.into_iter().zip(Scope::WORDS) {
        assert_eq!((scope.as_str(), Scope::named(word)), (word, Some(scope)));
    }
    assert_eq!(Scope::named("events"), None);
}

proptest! {
    #[test]
    fn no_text_is_a_token(text in "\\PC{0,100}", origin in prop::option::of("\\PC{0,20}")) {
        prop_assert!(tokens().verify(&text, origin.as_deref(), NOW).is_err());
    }

    #[test]
    fn no_parts_crash_it(header in "\\PC{0,60}", claims in "\\PC{0,60}", now in any::<i64>()) {
        let token = signed(&header, &claims, KEY);
        prop_assert!(tokens().verify(&token, Some(ORIGIN), now).is_err());
    }

    #[test]
    fn no_claims_crash_it(exp in any::<f64>(), iat in any::<i64>(), now in any::<i64>(), minutes in any::<u32>()) {
        let claims = format!(r#"{{"aud":"cuehook-relay","origin":"{ORIGIN}","project":"p","exp":{exp:e},"iat":{iat}}}"#);
        let _ = tokens().verify(&signed(HEADER, &claims, KEY), Some(ORIGIN), now);
        let _ = tokens().mint("p", ORIGIN, now, minutes);
    }

    #[test]
    fn no_text_is_an_api_key(text in "\\PC{0,100}") {
        let key = NewApiKey::generate().unwrap();
        let stored = StoredApiKey { key: ApiKey { name: "a".into(), scopes: Vec::new(), project: None }, hash: key.hash };
        prop_assert_eq!(ApiKeys::new(vec![stored]).verify(&text), None);
    }
}
