use super::*;
use crate::config::{CompatibleSignature, SignatureEncoding, SignatureHash, Signing};
use crate::outbound::request_fields;
use crate::secrets::{MasterKey, Vault};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use proptest::prelude::*;
use secrecy::{ExposeSecret as _, SecretString};

/// What the specification of Standard Webhooks and its libraries show.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const KEY: &str =
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
const PUBLIC: &str = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: i64 = 1_614_265_330_000;
const BODY: &[u8] = br#"{"test": 2432232314}"#;

fn signing(text: &str) -> Result<SigningSecret, SecretFault> {
    SigningSecret::parse(&text.into())
}

fn key(text: &str) -> Result<Ed25519Key, SecretFault> {
    Ed25519Key::parse(&text.into())
}

fn compatible(text: &str) -> CompatibleSecret {
    CompatibleSecret::parse(text.into()).unwrap()
}

fn secrets(standard: &[&str]) -> Secrets {
    let standard = standard.iter().map(|text| signing(text).unwrap());
    Secrets { standard: KeyRing::of(standard).unwrap(), ..Secrets::default() }
}

/// The one field of a signature.
fn signature(secrets: &Secrets, settings: &Signing, wall_ms: i64) -> String {
    let fields = sign(secrets, settings, ID, wall_ms, BODY);
    assert_eq!(fields.len(), 1, "{fields:?}");
    assert_eq!(fields[0].0, "webhook-signature");
    fields[0].1.clone()
}

fn texts(ring: &KeyRing<SigningSecret>, now: i64) -> Vec<String> {
    ring.live(now).map(|secret| secret.to_text().expose_secret().to_owned()).collect()
}

#[test]
fn a_signature_is_the_published_one() {
    let published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    let asymmetric =
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    let mut secrets = secrets(&[SECRET]);
    secrets.ed25519 = KeyRing::of([key(KEY).unwrap()]).unwrap();
    assert_eq!(signature(&secrets, &Signing::default(), AT), published, "ed25519 is not asked for");
    let settings = Signing { ed25519: true, compatible: None };
    assert_eq!(signature(&secrets, &settings, AT), format!("{published} {asymmetric}"));
    assert_eq!(signature(&secrets, &settings, AT + 999), format!("{published} {asymmetric}"));
    assert_ne!(signature(&secrets, &Signing::default(), AT + 1000), published);
    let alone = Secrets { standard: KeyRing::default(), ..secrets };
    assert_eq!(signature(&alone, &settings, AT), asymmetric);
    assert_eq!(sign(&alone, &Signing::default(), ID, AT, BODY), []);
}

#[test]
fn a_compatible_signature_is_the_published_one() {
    let body = br#"{"type":"video.encoding.quality.completed","emittedAt":"2021-01-29T15:46:25.217Z","videoId":"vi0000000000000000000000","liveStreamId":"li0000000000000000000000","encoding":"hls","quality":"720p"}"#;
    let cases: [(&str, &[u8], SignatureHash, SignatureEncoding, &str); 5] = [
        // api.video's documentation.
        (
            "sig_sec_0000000000000000000000",
            body,
            SignatureHash::Sha256,
            SignatureEncoding::Hex,
            "27a77d3a7fc626854886b5dbfae4e32c8b0170c1ea1b714c91ba77f1e7774e8c",
        ),
        // As Amplience writes it.
        (
            "webhook-secret",
            b"{}",
            SignatureHash::Sha256,
            SignatureEncoding::Base64,
            "ONeVHNAuqxtU0ODkJXwnnWQGIJYeHEOBiLwlLzxnMts=",
        ),
        // RFC 2202, test case 2.
        (
            "Jefe",
            b"what do ya want for nothing?",
            SignatureHash::Sha1,
            SignatureEncoding::Hex,
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ),
        // RFC 4231, test case 2.
        (
            "Jefe",
            b"what do ya want for nothing?",
            SignatureHash::Sha512,
            SignatureEncoding::Hex,
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
        // A key that is longer than a block, computed by Python's `hmac`.
        (
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!",
            b"{}",
            SignatureHash::Sha256,
            SignatureEncoding::Hex,
            "2d0ff7e5ef7d00fd6ede66a5a6ebec6c3ecfd4376def55ecf51308ffe6423914",
        ),
    ];
    for (secret, body, hash, encoding, expected) in cases {
        let secrets = Secrets { compatible: Some(compatible(secret)), ..Secrets::default() };
        let header = "X-Signature".to_owned();
        let settings =
            Signing { ed25519: false, compatible: Some(CompatibleSignature { header, hash, encoding }) };
        let fields = sign(&secrets, &settings, ID, AT, body);
        assert_eq!(fields, [("X-Signature".to_owned(), expected.to_owned())]);
        assert_eq!(sign(&secrets, &Signing::default(), ID, AT, body), [], "it is not asked for");
    }
}

#[test]
fn a_signature_is_over_the_fields_that_are_sent() {
    let library = standardwebhooks::Webhook::new(SECRET).unwrap();
    for wall_ms in [AT, AT + 1, AT + 999, 0, 999, -1, -5000] {
        let signed = sign(&secrets(&[SECRET]), &Signing::default(), ID, wall_ms, BODY);
        let added: Vec<(String, SecretString)> =
            signed.into_iter().map(|(name, value)| (name, value.into())).collect();
        let sent = request_fields(ID, wall_ms, &added);
        let field = |name: &str| {
            let (_, value) = sent.iter().find(|(known, _)| known == name).unwrap();
            value.expose_secret()
        };
        let seconds = field("webhook-timestamp").parse().unwrap();
        let expected = library.sign(field("webhook-id"), seconds, BODY).unwrap();
        assert_eq!(field("webhook-signature"), expected, "{wall_ms}");
    }
}

#[test]
fn what_is_written_is_what_was_read() {
    assert_eq!(signing(SECRET).unwrap().to_text().expose_secret(), SECRET);
    assert_eq!(key(KEY).unwrap().to_text().expose_secret(), KEY);
    assert_eq!(key(KEY).unwrap().public(), PUBLIC);
    for _ in 0..20 {
        let made = SigningSecret::generate().unwrap().to_text();
        assert_eq!(made.expose_secret().len(), 6 + 44);
        assert_eq!(signing(made.expose_secret()).unwrap().to_text().expose_secret(), made.expose_secret());
        let made = Ed25519Key::generate().unwrap();
        let again = Ed25519Key::parse(&made.to_text()).unwrap();
        assert_eq!(again.public(), made.public());
        assert_ne!(made.public(), Ed25519Key::generate().unwrap().public());
    }
}

#[test]
fn what_is_no_secret_is_refused_with_what_to_write() {
    let of = |length: usize| {
        let bytes: Vec<u8> = (0_u8..).take(length).collect();
        format!("whsec_{}", STANDARD.encode(bytes))
    };
    for length in [24, 32, 64] {
        assert!(signing(&of(length)).is_ok());
    }
    for length in [0, 1, 23, 65, 200] {
        assert_eq!(signing(&of(length)).unwrap_err(), SecretFault::SigningLength(length));
    }
    let without_padding = of(25).trim_end_matches('=').to_owned();
    let url_safe = format!("whsec_{}", "-_".repeat(16));
    let bare = SECRET.strip_prefix("whsec_").unwrap();
    for text in ["", bare, "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", KEY, &without_padding, &url_safe] {
        assert_eq!(signing(text).unwrap_err(), SecretFault::Signing, "{text}");
    }
    for text in [format!("{SECRET}\n"), format!(" {SECRET}"), format!("whsec_ {bare}")] {
        assert_eq!(signing(&text).unwrap_err(), SecretFault::Signing, "{text:?}");
    }
    let zeros = format!("whsec_{}", STANDARD.encode([0; 32]));
    assert_eq!(signing(&zeros).unwrap_err(), SecretFault::Placeholder);
    assert!(SecretFault::Signing.to_string().contains("openssl rand -base64 32"));

    assert_eq!(key(PUBLIC).unwrap_err(), SecretFault::Ed25519Public);
    let seed_alone = format!("whsk_{}", STANDARD.encode([7; 32]));
    for text in ["", SECRET, "whsk_", "whsk_!", &seed_alone, &KEY[..KEY.len() - 4]] {
        assert_eq!(key(text).unwrap_err(), SecretFault::Ed25519, "{text}");
    }
    let other = Ed25519Key::generate().unwrap().to_text();
    let mut halves = STANDARD.decode(&KEY[5..]).unwrap();
    halves[32..].copy_from_slice(&STANDARD.decode(&other.expose_secret()[5..]).unwrap()[32..]);
    let halves = format!("whsk_{}", STANDARD.encode(halves));
    assert_eq!(key(&halves).unwrap_err(), SecretFault::Ed25519Halves);

    let compatible = |text: &str| CompatibleSecret::parse(text.into()).map(|_| ());
    assert_eq!(compatible(""), Err(SecretFault::Compatible));
    assert_eq!(compatible(&"x".repeat(1025)), Err(SecretFault::Compatible));
    assert_eq!(compatible(&"x".repeat(1024)), Ok(()));
    assert_eq!(compatible(" ä"), Ok(()));
}

#[test]
fn during_a_rotation_the_old_one_and_the_new_one_sign() {
    let second = SigningSecret::generate().unwrap().to_text();
    let second = second.expose_secret();
    let mut ring = KeyRing::of([signing(SECRET).unwrap()]).unwrap();
    ring.rotate(signing(second).unwrap(), AT, OVERLAP_MS).unwrap();
    for (now, expected) in [
        (AT, vec![second, SECRET]),
        (AT + OVERLAP_MS - 1, vec![second, SECRET]),
        (AT + OVERLAP_MS, vec![second]),
        (AT + 1000 * OVERLAP_MS, vec![second]),
    ] {
        assert_eq!(texts(&ring, now), expected, "{now}");
    }
    let at_once = Secrets { standard: ring, ..Secrets::default() };
    let both = signature(&at_once, &Signing::default(), AT);
    assert_eq!(both.split(' ').nth(1), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    assert_eq!(both.split(' ').count(), 2);
    assert_eq!(signature(&at_once, &Signing::default(), AT + OVERLAP_MS).split(' ').count(), 1);
}

#[test]
fn at_most_three_sign_and_none_for_longer_than_was_said() {
    let new = || SigningSecret::generate().unwrap();
    let mut ring = KeyRing::default();
    for _ in 0..3 {
        ring.rotate(new(), AT, OVERLAP_MS).unwrap();
    }
    assert_eq!(ring.live(AT).count(), 3);
    let before = texts(&ring, AT);
    assert_eq!(ring.rotate(new(), AT, OVERLAP_MS), Err(RotateFault::TooMany));
    assert_eq!(ring.rotate(new(), AT, -1), Err(RotateFault::Overlap));
    assert_eq!(ring.rotate(new(), AT, MAX_OVERLAP_MS + 1), Err(RotateFault::Overlap));
    assert_eq!(texts(&ring, AT), before, "nothing has changed");
    // With 0 those before are gone at once.
    ring.rotate(new(), AT, 0).unwrap();
    assert_eq!(ring.all().len(), 1);
    // A longer overlap does not lengthen what was said before; a shorter one shortens it.
    ring.rotate(new(), AT, 1000).unwrap();
    ring.rotate(new(), AT + 500, MAX_OVERLAP_MS).unwrap();
    assert_eq!(ring.live(AT + 999).count(), 3);
    assert_eq!(ring.live(AT + 1000).count(), 2);
    ring.rotate(new(), AT + 1000, 10).unwrap();
    assert_eq!(ring.live(AT + 1009).count(), 3);
    assert_eq!(ring.live(AT + 1010).count(), 1);
    assert!(ring.retire(AT + 1010));
    assert!(!ring.retire(AT + 1010));
    assert_eq!(ring.all().len(), 1);
    // Of four from elsewhere none is left out in silence.
    assert_eq!(KeyRing::of([1, 2, 3, 4]).unwrap_err(), RotateFault::TooMany);
    assert!(KeyRing::of([1, 2, 3]).is_ok());
    // At the end of time there is no overflow.
    ring.rotate(new(), i64::MAX, MAX_OVERLAP_MS).unwrap();
}

fn pair(name: &str, value: &str) -> (String, SecretString) {
    (name.to_owned(), value.into())
}

fn exposed(pairs: &[(String, SecretString)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect()
}

#[test]
fn secrets_lie_beside_header_fields_in_the_sealed_list() {
    let mut kept = secrets(&[SECRET]);
    kept.standard.rotate(SigningSecret::generate().unwrap(), AT, OVERLAP_MS).unwrap();
    kept.ed25519.rotate(key(KEY).unwrap(), AT, 0).unwrap();
    kept.compatible = Some(compatible("a, b,\nc"));
    let newest = texts(&kept.standard, AT).remove(0);
    let list = kept.join(vec![pair("X-KEY", "k"), pair("authorization", "Bearer x")]);
    let until = (AT + OVERLAP_MS).to_string();
    let expected = [
        (":standard", format!("{AT},-,{newest}")),
        (":standard", format!("0,{until},{SECRET}")),
        (":ed25519", format!("{AT},-,{KEY}")),
        (":compatible", "a, b,\nc".to_owned()),
        ("X-KEY", "k".to_owned()),
        ("authorization", "Bearer x".to_owned()),
    ];
    let expected: Vec<(&str, &str)> = expected.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(exposed(&list), expected);
    // Through a vault, and back.
    let vault = Vault::new(MasterKey::generate().unwrap(), vec![]);
    let list = vault.unseal("w", &vault.seal("w", &list).unwrap()).unwrap();
    let (mut read, headers) = Secrets::split(list).unwrap();
    assert_eq!(exposed(&headers), [("X-KEY", "k"), ("authorization", "Bearer x")]);
    assert_eq!(exposed(&read.join(headers)), expected);
    assert!(!format!("{read:?}").contains(&newest[6..]) && !format!("{read:?}").contains("a, b"));
    assert!(read.retire(AT + OVERLAP_MS));
    assert_eq!(read.join(vec![]).len(), 3);
    // Of none there is nothing, as before.
    let (none, headers) = Secrets::split(vec![pair("X-KEY", "k")]).unwrap();
    assert_eq!((none.join(vec![]).len(), headers.len()), (0, 1));
    assert_eq!(sign(&none, &Signing::default(), ID, AT, BODY), []);
}

#[test]
fn what_has_run_out_is_dropped_of_both_kinds() {
    let mut kept = secrets(&[SECRET]);
    kept.ed25519 = KeyRing::of([key(KEY).unwrap()]).unwrap();
    kept.standard.rotate(SigningSecret::generate().unwrap(), AT, 1000).unwrap();
    kept.ed25519.rotate(Ed25519Key::generate().unwrap(), AT, 1000).unwrap();
    assert!(!kept.retire(AT + 999));
    assert_eq!(kept.join(vec![]).len(), 4);
    assert!(kept.retire(AT + 1000));
    assert_eq!(kept.join(vec![]).len(), 2);
    kept.ed25519.rotate(Ed25519Key::generate().unwrap(), AT + 1000, 1000).unwrap();
    assert!(kept.retire(AT + 2000), "though of one kind nothing has run out");
}

#[test]
fn what_cannot_be_read_of_a_sealed_list_is_not_left_out() {
    let standard = format!("1,-,{SECRET}");
    let split = |pairs: &[(&str, &str)]| {
        Secrets::split(pairs.iter().map(|(name, value)| pair(name, value)).collect()).map(|_| ())
    };
    for value in
        ["", SECRET, &format!("-,{SECRET}"), &format!("1,,{SECRET}"), &format!("x,-,{SECRET}"), "1,-,whsec_"]
    {
        assert_eq!(split(&[(":standard", value)]), Err(SealedFault::Unreadable(":standard")), "{value}");
    }
    let four = [(":standard", standard.as_str()); 4];
    assert_eq!(split(&four[..3]), Ok(()));
    assert_eq!(split(&four), Err(SealedFault::Unreadable(":standard")));
    assert_eq!(split(&[(":ed25519", &standard)]), Err(SealedFault::Unreadable(":ed25519")));
    assert_eq!(split(&[(":compatible", "")]), Err(SealedFault::Unreadable(":compatible")));
    assert_eq!(split(&[(":compatible", "a"); 2]), Err(SealedFault::Unreadable(":compatible")));
    assert_eq!(split(&[(":later", "a")]), Err(SealedFault::Unknown(":later".into())));
}

#[test]
fn what_settings_ask_for_and_is_not_there_is_named() {
    let mut kept = secrets(&[SECRET]);
    let compatible_signature = CompatibleSignature {
        header: "X-Signature".into(),
        hash: SignatureHash::default(),
        encoding: SignatureEncoding::default(),
    };
    let settings = Signing { ed25519: true, compatible: Some(compatible_signature) };
    assert_eq!(kept.lacks(&Signing::default()), None);
    assert!(kept.lacks(&settings).unwrap().contains("ed25519"));
    kept.ed25519 = KeyRing::of([key(KEY).unwrap()]).unwrap();
    assert!(kept.lacks(&settings).unwrap().contains("compatible"));
    kept.compatible = Some(compatible("s"));
    assert_eq!(kept.lacks(&settings), None);
}

proptest! {
    #[test]
    fn nothing_crashes_readers_of_secrets(text in "(whsec_|whsk_|whpk_)?[A-Za-z0-9+/=,:. -]{0,100}") {
        let _ = signing(&text);
        let _ = key(&text);
        for name in [":standard", ":ed25519", ":compatible", "x"] {
            let _ = Secrets::split(vec![pair(name, &text)]);
        }
    }

    #[test]
    fn both_signatures_of_any_bytes_hold(body in prop::collection::vec(any::<u8>(), 0..300), seconds in 0_i64..4_000_000_000) {
        let (secret, asymmetric) = (SigningSecret::generate().unwrap(), Ed25519Key::generate().unwrap());
        let public = STANDARD.decode(&asymmetric.public()[5..]).unwrap();
        let raw = STANDARD.decode(&secret.to_text().expose_secret()[6..]).unwrap();
        let secrets = Secrets {
            standard: KeyRing::of([secret]).unwrap(),
            ed25519: KeyRing::of([asymmetric]).unwrap(),
            compatible: None,
        };
        let settings = Signing { ed25519: true, compatible: None };
        let fields = sign(&secrets, &settings, ID, seconds * 1000, &body);
        let (v1, v1a) = fields[0].1.split_once(' ').unwrap();
        let content = [format!("{ID}.{seconds}.").as_bytes(), &body].concat();
        let expected = jsonwebtoken::crypto::sign(
            &content,
            &jsonwebtoken::EncodingKey::from_secret(&raw),
            jsonwebtoken::Algorithm::HS256,
        ).unwrap();
        let of_url = v1[3..].trim_end_matches('=').replace('+', "-").replace('/', "_");
        prop_assert_eq!(of_url, expected);
        let verifying = VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap();
        let signature = Signature::from_slice(&STANDARD.decode(&v1a[4..]).unwrap()).unwrap();
        prop_assert!(verifying.verify(&content, &signature).is_ok());
    }
}
