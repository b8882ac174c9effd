//! Sealing, keys and their file, and taking secrets out.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use proptest::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn vault() -> Vault {
    Vault::new(MasterKey::parse(&KEY.into()).unwrap(), Vec::new())
}

fn fields(texts: &[(&str, &str)]) -> Vec<(String, SecretString)> {
    texts.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
}

fn shown(fields: &[(String, SecretString)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect()
}

#[test]
fn what_is_sealed_can_be_opened_and_looks_different_each_time() {
    let (vault, fields) = (vault(), fields(&[("authorization", "Bearer s3cret"), ("x-key", "ä\n")]));
    let (one, other) = (vault.seal("w", &fields).unwrap(), vault.seal("w", &fields).unwrap());
    assert_ne!(one, other);
    assert_eq!(shown(&vault.unseal("w", &one).unwrap()), shown(&fields));
    assert!(vault.is_current(&one));
}

#[test]
fn nothing_is_sealed_as_nothing() {
    assert!(vault().seal("w", &[]).unwrap().is_empty());
    assert!(vault().unseal("w", &[]).unwrap().is_empty());
    assert!(vault().is_current(&[]));
}

#[test]
fn the_format_is_as_documented() {
    let sealed = vault().seal("hook", &fields(&[("n", "value")])).unwrap();
    let key: [u8; 32] = STANDARD.decode(KEY).unwrap().try_into().unwrap();
    let id = MasterKey::parse(&KEY.into()).unwrap().id();
    assert_eq!((sealed[0], &sealed[1..9]), (1, &id[..]));
    let nonce: [u8; 24] = sealed[9..33].try_into().unwrap();
    let aad = [b"cuehook-relay webhook secrets", &sealed[..9], b"hook"].concat();
    let payload = Payload { msg: &sealed[33..], aad: &aad };
    let plain = XChaCha20Poly1305::new((&key).into()).decrypt(&XNonce::from(nonce), payload).unwrap();
    assert_eq!(plain, b"\x01\0\0\0n\x05\0\0\0value");
}

#[test]
fn every_changed_byte_and_every_cut_is_noticed() {
    let vault = vault();
    let sealed = vault.seal("w", &fields(&[("a", "s3cret")])).unwrap();
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut changed = sealed.clone();
            changed[at] ^= 1 << bit;
            let fault = vault.unseal("w", &changed).unwrap_err();
            let expected = match at {
                0 => matches!(fault, VaultFault::UnknownVersion(_)),
                1..9 => matches!(fault, VaultFault::UnknownKey(_)),
                _ => fault == VaultFault::Changed,
            };
            assert!(expected, "{at} {fault:?}");
        }
        if at > 0 {
            let fault = vault.unseal("w", &sealed[..at]).unwrap_err();
            let expected = if at < 33 + 16 { VaultFault::Truncated } else { VaultFault::Changed };
            assert_eq!(fault, expected, "{at}");
        }
    }
    assert_eq!(vault.unseal("w", &[sealed.as_slice(), &[0]].concat()).unwrap_err(), VaultFault::Changed);
}

#[test]
fn what_is_sealed_for_one_webhook_is_none_of_another() {
    let sealed = vault().seal("w", &fields(&[("a", "s3cret")])).unwrap();
    assert_eq!(vault().unseal("v", &sealed).unwrap_err(), VaultFault::Changed);
    assert_eq!(vault().unseal("", &sealed).unwrap_err(), VaultFault::Changed);
}

#[test]
fn there_is_a_bound_on_what_is_sealed() {
    let large = "x".repeat(200 * 1024);
    assert!(vault().seal("w", &fields(&[("a", &large)])).is_ok());
    assert_eq!(
        vault().seal("w", &fields(&[("a", &large), ("b", &large)])).unwrap_err(),
        VaultFault::TooLarge
    );
}

#[test]
fn keys_are_32_bytes_of_base64_of_any_alphabet() {
    let same = |text: &str| MasterKey::parse(&text.into()).map(|key| key.id());
    let id = same(KEY).unwrap();
    assert_eq!(same(KEY.trim_end_matches('=')), Ok(id));
    assert_ne!(same("//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=").unwrap(), id);
    assert_eq!(
        same("__79_Pv6-fj39vX08_Lx8O_u7ezr6uno5-bl5OPi4eA"),
        same("//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=")
    );
    for text in
        ["", "c2hvcnQ=", "not base64 at all, and much too long for a key of 32 bytes, really", &KEY[4..]]
    {
        assert_eq!(same(text).unwrap_err(), KeyFault::Unreadable, "{text}");
    }
    assert_eq!(same(&STANDARD.encode([0; 32])).unwrap_err(), KeyFault::Placeholder);
    let made = MasterKey::generate().unwrap();
    assert_eq!(MasterKey::parse(&made.to_text()).unwrap().id(), made.id());
}

#[test]
fn keys_for_other_purposes_follow_from_the_label() {
    let key = MasterKey::parse(&KEY.into()).unwrap();
    let text = |label: &str| key.derive(label).expose_secret().to_owned();
    // HMAC-SHA-256 of the label under the key, computed by Python's `hmac`.
    assert_eq!(text("cuehook-relay player tokens"), "IUdf_PhAh2GR8X8GMMYoW7MldgNJ28jIEu9J0YarN0w");
    assert_ne!(text("a"), text("b"));
}

#[test]
fn nothing_shows_a_key_or_a_secret() {
    let vault = vault();
    assert_eq!(
        format!("{vault:?}"),
        format!("[MasterKey({})]", key::hex(&MasterKey::parse(&KEY.into()).unwrap().id()))
    );
    let opened = vault.unseal("w", &vault.seal("w", &fields(&[("a", "s3cret")])).unwrap()).unwrap();
    assert!(!format!("{opened:?}").contains("s3cret"));
}

#[test]
fn starts_at_once_make_one_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cuehook-relay.key");
    for _ in 0..10 {
        let _ = std::fs::remove_file(&path);
        let barrier = std::sync::Barrier::new(8);
        let ids: Vec<[u8; 8]> = std::thread::scope(|scope| {
            let start = || {
                barrier.wait();
                key_file(&path).unwrap().id()
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(read_key_file(&path).unwrap().unwrap().id(), ids[0]);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left over");
    }
}

#[test]
fn a_key_file_that_holds_no_key_is_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    assert!(read_key_file(&path).unwrap().is_none());
    key_file(&path).unwrap();
    std::fs::write(&path, "no key").unwrap();
    assert!(matches!(key_file(&path), Err(KeyFileFault::Unreadable(..))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "no key");
    assert!(key_file(&directory.path().join("no/such/directory")).is_err());
}

fn removed(text: &str, secrets: &[&str]) -> (String, usize) {
    let secrets: Vec<SecretString> = secrets.iter().map(|secret| (*secret).into()).collect();
    let redacted = redact(text.as_bytes(), &secrets);
    (String::from_utf8(redacted.bytes).unwrap(), redacted.removed)
}

#[test]
fn secrets_are_found_in_every_spelling() {
    let secret = r#"p/ss "w\rd+&%41=~"#;
    let json = serde_json::to_string(secret).unwrap();
    let twice = serde_json::to_string(&json).unwrap();
    let percent: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let some: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let unicode: String = secret.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let spellings = [
        secret.to_owned(),
        json.trim_matches('"').to_owned(),
        json.trim_matches('"').replace('/', "\\/"),
        twice[1..twice.len() - 1].trim_matches(['\\', '"']).to_owned(),
        percent.to_lowercase(),
        percent,
        some,
        unicode,
        STANDARD.encode(secret).trim_end_matches('=').to_owned(),
        URL_SAFE_NO_PAD.encode(secret),
        STANDARD.encode(secret).trim_end_matches('=').replace('/', "\\/"),
    ];
    for spelling in spellings {
        let (text, count) = removed(&format!("{{\"echo\":\"{spelling}\"}}"), &[secret]);
        // Of base64 the last character may have bits of what follows.
        assert_eq!(count, 1, "{spelling}");
        let rest = text.strip_prefix("{\"echo\":\"[removed]").and_then(|rest| rest.strip_suffix("\"}"));
        assert!(rest.is_some_and(|rest| rest.len() <= 1), "{spelling} {text}");
    }
}

#[test]
fn secrets_are_found_in_the_middle_of_base64() {
    for before in 0..7 {
        let dump = format!("{}authorization: s3cret-token\r\nhost: a", "x".repeat(before));
        for text in [STANDARD.encode(&dump), URL_SAFE_NO_PAD.encode(&dump)] {
            let (text, count) = removed(&text, &["s3cret-token"]);
            assert_eq!(count, 1, "{before}");
            // Three quarters of a character may be left at each end.
            let longest = text
                .split("[removed]")
                .filter(|part| STANDARD.encode("s3cret-token").contains(*part))
                .map(str::len)
                .max();
            assert!(longest.unwrap_or(0) <= 2, "{text}");
        }
    }
}

#[test]
fn credentials_are_found_without_their_scheme() {
    assert_eq!(removed("key: tok3n!", &["Bearer tok3n"]), ("key: [removed]!".into(), 1));
    let basic = format!("Basic {}", STANDARD.encode("user:pa55word"));
    assert_eq!(removed("user:pa55word", &[&basic]).0, "[removed]");
    assert_eq!(removed("password pa55word, user user", &[&basic]).0, "password [removed], user user");
    assert_eq!(removed(&basic, &[&basic]), ("[removed]".into(), 1));
    // What has a blank is not therefore a scheme.
    assert_eq!(removed("house", &["a: green house"]).1, 0);
}

#[test]
fn places_that_touch_or_overlap_are_one() {
    assert_eq!(removed("abcdefgh", &["abcdef", "cdefgh"]), ("[removed]".into(), 1));
    assert_eq!(removed("abcdabcd", &["abcd"]), ("[removed]".into(), 1));
    assert_eq!(removed("abcd abcd", &["abcd"]), ("[removed] [removed]".into(), 2));
    assert_eq!(removed("xabcdx", &["abcd", "xabcdx"]), ("[removed]".into(), 1));
}

#[test]
fn escapes_are_taken_as_a_whole() {
    for (text, secret, expected) in [
        (r#"{"a":"line\nxyz1 b"}"#, "nxyz1", r#"{"a":"line[removed] b"}"#),
        (r#"{"a":"\u006exyz b"}"#, "006exyz", r#"{"a":"[removed] b"}"#),
        (r#"{"a":"abc\"def"}"#, "abc\\", r#"{"a":"[removed]def"}"#),
        (r#"{"a":"\\nxyz1"}"#, "nxyz1", r#"{"a":"\\[removed]"}"#),
    ] {
        assert_eq!(removed(text, &[secret]), (expected.to_owned(), 1), "{text} {secret}");
    }
}

#[test]
fn short_secrets_are_not_searched_for() {
    assert_eq!(removed("abc", &["abc"]), ("abc".into(), 0));
    assert_eq!(removed("", &["abcd"]), (String::new(), 0));
    assert_eq!(removed("text", &[]), ("text".into(), 0));
    assert_eq!(redact_text("abcd", &["abcd".into()]), "[removed]");
}

#[test]
fn what_has_no_secret_is_as_before() {
    for text in ["100%", "%", "%4", "\\", "\\u00", "\\u12", "a\\", "%zz", "ä\u{1f600}+", "\\u00e4"] {
        assert_eq!(removed(text, &["s3cret", "100 percent"]), (text.to_owned(), 0));
    }
}

proptest! {
    #[test]
    fn no_bytes_crash_unsealing(bytes in prop::collection::vec(any::<u8>(), 0..200), head in any::<bool>()) {
        let vault = vault();
        let sealed = vault.seal("w", &fields(&[("a", "b")])).unwrap();
        let bytes = if head { [&sealed[..9], &bytes].concat() } else { bytes };
        if !bytes.is_empty() {
            prop_assert!(vault.unseal("w", &bytes).is_err());
        }
    }

    #[test]
    fn what_was_utf8_stays_utf8_and_has_no_secret(
        text in "[a%\\\\+u04e16=é-]{0,40}",
        secret in "[a%\\\\+u04e16=é-]{4,6}",
        end in "[a%\\\\+u04e16=é-]{0,10}",
    ) {
        let whole = format!("{text}{secret}{end}");
        let (redacted, count) = removed(&whole, &[&secret]);
        prop_assert!(count >= 1);
        prop_assert!(!redacted.contains(&secret) || REMOVED.contains(&secret));
    }

    #[test]
    fn json_stays_json(value in "[ -~]{8,20}", around in "\\PC{0,20}") {
        prop_assume!(!value.trim().is_empty());
        let text = serde_json::json!({ "a": format!("{around}{value}{around}"), "b": [around.clone(), value.clone()] }).to_string();
        let (redacted, _) = removed(&text, &[&value]);
        let read: serde_json::Value = serde_json::from_str(&redacted).unwrap();
        prop_assert!(!read.to_string().contains(&value));
    }
}
