//! Tokens of players.

use super::split;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cuehook_relay::token::PlayerTokens;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// Not a secret.
const KEY: &str = "the-key-of-the-fuzzer-with-32-characters";
const ORIGIN: &str = "https://shop.example";
const NOW_MS: i64 = 1_800_000_000_000;
const NOW_S: f64 = 1_800_000_000.0;
/// Clocks may differ by so many seconds.
const GRACE_S: f64 = 30.0;
const DAY_S: f64 = 86_400.0;

fn sign(signed: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("a key of any length");
    hmac.update(signed.as_bytes());
    URL_SAFE_NO_PAD.encode(hmac.finalize().into_bytes())
}

/// A token counts only if it is signed, and says what it has to: as it stands there, and as header and claims that we sign.
pub fn relay_token(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        check(text);
    }
    let (header, claims) = split(input);
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    check(&format!("{signed}.{}", sign(&signed)));
}

fn check(token: &str) {
    let tokens = PlayerTokens::new(&KEY.into(), &[]);
    assert!(tokens.verify(token, None, NOW_MS).is_err(), "without an origin none counts");
    let Ok(whose) = tokens.verify(token, Some(ORIGIN), NOW_MS) else { return };
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("three parts: {token}") };
    assert_eq!(sign(&format!("{header}.{claims}")), signature);
    let read = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64"));
    // What nobody looks at may be anything, also what is not quite JSON.
    let (Ok::<Value, _>(header), Ok::<Value, _>(claims)) = (read(header), read(claims)) else { return };
    assert!(header["alg"] == "HS256" && header["crit"].is_null(), "{header}");
    let is_ours = |aud: &Value| aud == "cuehook-relay";
    assert!(is_ours(&claims["aud"]) || claims["aud"].as_array().is_some_and(|all| all.iter().any(is_ours)));
    assert!(claims["origin"] == ORIGIN && whose.origin == ORIGIN);
    assert!(claims["project"] == whose.project && (1..=128).contains(&whose.project.len()));
    let exp = claims["exp"].as_f64().expect("a number");
    assert!(exp > NOW_S - GRACE_S && exp <= NOW_S + DAY_S + GRACE_S, "{exp}");
    assert!(claims["nbf"].as_f64().is_none_or(|from| from <= NOW_S + GRACE_S));
    assert!(claims["iat"].as_f64().is_none_or(|made| exp - made <= DAY_S + GRACE_S));
    let later = NOW_MS + 2 * 86_400_000;
    assert!(tokens.verify(token, Some(ORIGIN), later).is_err(), "none lasts");
    assert!(tokens.verify(token, Some("https://other.example"), NOW_MS).is_err());
}
