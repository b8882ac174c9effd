//! `relay.toml`.

use cuehook_relay::config::{FILE, KEYS, Kind, Sources, load};
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// None of these is a secret of anybody; what is made of the file must not repeat them.
const SECRET: &str = "s3cret-of-the-environment-with-so-many-characters";
const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn directory() -> &'static std::path::Path {
    static DIRECTORY: OnceLock<tempfile::TempDir> = OnceLock::new();
    DIRECTORY.get_or_init(|| tempfile::tempdir().expect("there is room for a file")).path()
}

/// A file is read, or everything that is wrong with it is said, with its place, and without a secret.
pub fn relay_config(input: &[u8]) {
    // Of several threads each has its own.
    let name = format!("{FILE}-{:?}", std::thread::current().id());
    std::fs::write(directory().join(&name), input).expect("the file is ours");
    let environment = [("SECRET", SECRET), ("CUEHOOK_RELAY_MASTER_KEYS", MASTER_KEY)];
    let environment: BTreeMap<String, String> =
        environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let sources = Sources {
        file: Some(name.into()),
        environment,
        directory: directory().to_owned(),
        dry: true,
        ..Sources::default()
    };
    let text = String::from_utf8_lossy(input);
    let is_written = text.contains(SECRET);
    match load(&sources) {
        Err(faults) => {
            assert!((1..=200).contains(&faults.0.len()));
            let shown = faults.to_string();
            assert!(is_written || !shown.contains(SECRET), "{shown}");
            assert!(shown.lines().count() == faults.0.len(), "a line each: {shown}");
            for fault in &faults.0 {
                assert!(!fault.message.is_empty());
            }
        }
        Ok(loaded) => {
            assert!(is_written || !format!("{loaded:?}").contains(SECRET), "a secret is shown");
            let settings = loaded.settings;
            let ids: BTreeSet<&str> =
                settings.webhooks.iter().map(|(webhook, _)| webhook.id.as_str()).collect();
            assert_eq!(ids.len(), settings.webhooks.len(), "each has an id of its own");
            for (webhook, secrets) in &settings.webhooks {
                assert!(
                    url::Url::parse(&webhook.url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
                );
                assert!((500..=60_000).contains(&webhook.timeout_ms) && webhook.retries <= 5);
                assert!(webhook.headers.len() <= 16);
                let values = webhook.headers.iter().filter_map(|header| header.value.as_deref());
                for value in values.chain(secrets.iter().map(|(_, value)| value.expose_secret())) {
                    assert!(!value.is_empty() && value.bytes().all(|byte| matches!(byte, b' '..=b'~')));
                }
            }
            let bounds = |path: &str| match KEYS.iter().find(|key| key.path == path).map(|key| key.kind) {
                Some(Kind::Number(least, most, _)) => least..=most,
                other => panic!("{path}: {other:?}"),
            };
            let limits = settings.limits;
            for (path, value) in [
                ("limits.connections", limits.connections),
                ("limits.callBytes", limits.call_bytes),
                ("limits.eventsBytes", limits.events_bytes),
                ("limits.budgetMs", limits.budget_ms),
                ("limits.drainMs", limits.drain_ms),
            ] {
                assert!(bounds(path).contains(&value), "{path}: {value}");
            }
        }
    }
}
