//! What comes into the store at start.

use super::*;
use crate::secrets::VaultFault;
use crate::store::Store as _;
use crate::store::memory::MemoryStore;
use secrecy::ExposeSecret as _;

const TWO: &str = r#"
[[webhook]]
id = "a"
url = "https://a.example/"
headers = [{ name = "x-key", secret = "env:SECRET" }]

[[webhook]]
id = "b"
url = "https://b.example/"
"#;

fn two() -> Case {
    Case::new(TWO).with("SECRET", "s3cret")
}

fn texts(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[tokio::test]
async fn webhooks_come_into_the_store_with_their_secrets_sealed() {
    let (store, settings) = (MemoryStore::default(), two().settings());
    let applied = apply(&store, &settings, 5).await.unwrap();
    assert_eq!(applied, Applied { put: texts(&["a", "b"]), ..Applied::default() });
    let stored = store.webhooks().await.unwrap();
    let webhook: Webhook = serde_json::from_str(&stored[0].settings).unwrap();
    assert_eq!(webhook, settings.webhooks[0].0);
    assert!(!format!("{stored:?}").contains("s3cret"));
    assert!(!stored[0].sealed.windows(6).any(|bytes| bytes == b"s3cret"));
    let secrets = settings.vault.unseal("a", &stored[0].sealed).unwrap();
    assert_eq!((secrets[0].0.as_str(), secrets[0].1.expose_secret()), ("x-key", "s3cret"));
    assert!(stored[1].sealed.is_empty());
}

#[tokio::test]
async fn the_same_again_touches_nothing() {
    let store = MemoryStore::default();
    apply(&store, &two().settings(), 5).await.unwrap();
    let before = store.webhooks().await.unwrap();
    assert_eq!(apply(&store, &two().settings(), 9).await.unwrap(), Applied::default());
    assert_eq!(store.webhooks().await.unwrap(), before);
}

#[tokio::test]
async fn only_what_has_changed_is_written_and_what_has_left_is_removed() {
    let store = MemoryStore::default();
    apply(&store, &two().settings(), 5).await.unwrap();
    let sealed = store.webhooks().await.unwrap()[0].sealed.clone();
    // Another secret.
    let applied = apply(&store, &two().with("SECRET", "s4cret").settings(), 6).await.unwrap();
    assert_eq!(applied.put, ["a"]);
    assert_ne!(store.webhooks().await.unwrap()[0].sealed, sealed);
    // Another URL: what is sealed stays as it is.
    let sealed = store.webhooks().await.unwrap()[0].sealed.clone();
    let other = Case::new(&TWO.replace("https://a.example/", "https://c.example/")).with("SECRET", "s4cret");
    assert_eq!(apply(&store, &other.settings(), 7).await.unwrap().put, ["a"]);
    let stored = store.webhooks().await.unwrap();
    assert_eq!((&stored[0].sealed, stored[0].updated_at, stored[1].updated_at), (&sealed, 7, 5));
    // None left.
    let applied = apply(&store, &Case::new("").settings(), 8).await.unwrap();
    assert_eq!(applied, Applied { removed: texts(&["a", "b"]), ..Applied::default() });
    assert!(store.webhooks().await.unwrap().is_empty());
}

#[tokio::test]
async fn secrets_under_an_unknown_key_stop_the_start_unless_that_is_wanted() {
    let store = MemoryStore::default();
    apply(&store, &two().settings(), 5).await.unwrap();
    let before = store.webhooks().await.unwrap();
    let mut other = two().with("CUEHOOK_RELAY_MASTER_KEYS", OTHER_KEY);
    let fault = apply(&store, &other.settings(), 6).await.unwrap_err();
    assert!(
        matches!(&fault, ApplyFault::Sealed { webhook, fault: VaultFault::UnknownKey(_) } if webhook == "a")
    );
    assert!(fault.to_string().contains("--replace-sealed"), "{fault}");
    assert_eq!(store.webhooks().await.unwrap(), before);
    other.sources.replace_sealed = true;
    let applied = apply(&store, &other.settings(), 7).await.unwrap();
    assert_eq!((applied.put, applied.replaced), (texts(&["a"]), texts(&["a"])));
    let stored = store.webhooks().await.unwrap();
    assert!(other.settings().vault.unseal("a", &stored[0].sealed).is_ok());
}

#[tokio::test]
async fn a_second_master_key_seals_nothing_anew() {
    let store = MemoryStore::default();
    apply(&store, &two().settings(), 5).await.unwrap();
    let both = two().with("CUEHOOK_RELAY_MASTER_KEYS", &format!("{OTHER_KEY},{KEY}"));
    assert_eq!(apply(&store, &both.settings(), 6).await.unwrap(), Applied::default());
}

#[tokio::test]
async fn webhooks_of_the_management_api_are_left_alone() {
    let store = MemoryStore::default();
    let of_api = |id: &str| {
        let managed_by = ManagedBy::Api;
        let webhook = Webhook { id: id.to_owned(), managed_by, ..Webhook::default() };
        let settings = serde_json::to_string(&webhook).unwrap();
        crate::store::StoredWebhook { id: id.to_owned(), settings, sealed: vec![1], updated_at: 4 }
    };
    store.put_webhooks(vec![of_api("api")], Vec::new(), 4).await.unwrap();
    let applied = apply(&store, &two().settings(), 5).await.unwrap();
    assert_eq!(applied, Applied { put: texts(&["a", "b"]), ..Applied::default() });
    assert_eq!(apply(&store, &Case::new("").settings(), 6).await.unwrap().removed, ["a", "b"]);
    assert_eq!(store.webhooks().await.unwrap(), [of_api("api")]);
    // Nobody's webhook is replaced by another one of the same id.
    store.put_webhooks(vec![of_api("b")], Vec::new(), 4).await.unwrap();
    let before = store.webhooks().await.unwrap();
    let fault = apply(&store, &two().settings(), 7).await.unwrap_err();
    assert_eq!(fault, ApplyFault::Taken("b".to_owned()));
    assert!(fault.to_string().contains("webhooks remove b"), "{fault}");
    assert_eq!(store.webhooks().await.unwrap(), before);
}

#[tokio::test]
async fn a_key_whose_public_half_is_enough_is_made_once() {
    let store = MemoryStore::default();
    let text = TWO.replace("id = \"a\"", "id = \"a\"\nsigning = { ed25519 = true }");
    let case = Case::new(&text).with("SECRET", "s3cret");
    assert_eq!(apply(&store, &case.settings(), 5).await.unwrap().put, ["a", "b"]);
    let held = async || {
        let stored = store.webhooks().await.unwrap();
        let sealed = case.settings().vault.unseal("a", &stored[0].sealed).unwrap();
        crate::delivery::signing::Secrets::split(sealed).unwrap().0
    };
    let key = held().await.ed25519.all()[0].key.public();
    assert_eq!(apply(&store, &case.settings(), 6).await.unwrap(), Applied::default());
    let other = Case::new(&text).with("SECRET", "s4cret");
    assert_eq!(apply(&store, &other.settings(), 7).await.unwrap().put, ["a"]);
    assert_eq!(held().await.ed25519.all()[0].key.public(), key, "it stays");
    assert_eq!(apply(&store, &two().settings(), 8).await.unwrap().put, ["a"]);
    assert!(held().await.ed25519.all().is_empty());
}
