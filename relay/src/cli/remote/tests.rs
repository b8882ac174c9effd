//! The commands over the management API, against a relay that runs.

use crate::cli::{Options, run};
use crate::config::{Settings, Sources};
use crate::secrets::MasterKey;
use crate::serve::{Running, start_with};
use crate::store::memory::MemoryStore;
use crate::token::{ApiKey, ApiKeys, NewApiKey, Scope, StoredApiKey};
use clap::Parser as _;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use std::process::ExitCode;
use std::sync::Arc;

struct Case {
    running: Running,
    key: SecretString,
    directory: tempfile::TempDir,
}

impl Case {
    async fn new() -> Self {
        let made = NewApiKey::generate().unwrap();
        let mut settings = Settings::new(MasterKey::generate().unwrap(), Vec::new());
        settings.listen = "127.0.0.1:0".parse().unwrap();
        settings.api_keys = ApiKeys::new(vec![StoredApiKey {
            key: ApiKey { name: "ops".into(), scopes: Scope::ALL.to_vec(), project: None },
            hash: made.hash,
        }]);
        let store = Some(Arc::new(MemoryStore::default()) as _);
        let running =
            start_with(settings, crate::serve::Options { store, ..crate::serve::Options::default() });
        Self { running: running.await.unwrap(), key: made.text, directory: tempfile::tempdir().unwrap() }
    }

    /// What a command writes, or says is wrong.
    async fn with(&self, key: &str, words: &[&str]) -> Result<String, String> {
        let relay = format!("http://{}", self.running.address());
        let words = [&["cuehook-relay"], words, &["--relay", &relay]].concat();
        let mut sources = Sources { directory: self.directory.path().to_owned(), ..Sources::default() };
        sources.environment.insert("CUEHOOK_RELAY_API_KEY".to_owned(), key.to_owned());
        let (mut out, mut said) = (Vec::new(), Vec::new());
        let code = run(Options::parse_from(words), sources, &mut out, &mut said).await;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        if code == ExitCode::SUCCESS { Ok(text(out)) } else { Err(text(out) + &text(said)) }
    }

    async fn does(&self, words: &[&str]) -> String {
        self.with(self.key.expose_secret(), words).await.unwrap()
    }

    async fn refuses(&self, words: &[&str]) -> String {
        self.with(self.key.expose_secret(), words).await.unwrap_err()
    }
}

#[tokio::test]
async fn webhooks_are_managed_by_commands() {
    let case = Case::new().await;
    std::fs::write(case.directory.path().join("more.json"), r#"{"videos": ["intro"], "method": "PUT"}"#)
        .unwrap();
    let added = case
        .does(&[
            "webhooks",
            "add",
            "https://a.example/hook",
            "--event",
            "lead.*",
            "--id",
            "crm",
            "--settings",
            "more.json",
        ])
        .await;
    assert!(added.contains("webhook: crm\n") && added.contains("videos: intro\n"), "{added}");
    assert!(added.contains("signing secret, not shown again: whsec_"), "{added}");
    let list = case.does(&["webhooks", "list"]).await;
    let rows: Vec<&str> = list.lines().collect();
    assert_eq!(rows[0], "ID   STATUS  ACTIVE  MANAGED BY  EVENTS  URL");
    assert_eq!(rows[1..], ["crm  ok      true    api         lead.*  https://a.example/hook"]);
    assert_eq!(case.does(&["webhooks", "list", "--event", "view.ended"]).await.lines().count(), 1);
    let updated = case.does(&["webhooks", "update", "crm", "--active", "false", "--name", "CRM"]).await;
    assert!(updated.contains("active: false\n") && updated.contains("name: CRM\n"), "{updated}");
    let shown: Value =
        serde_json::from_str(&case.does(&["webhooks", "show", "crm", "--json"]).await).unwrap();
    assert_eq!((&shown["method"], &shown["events"][0]), (&"PUT".into(), &"lead.*".into()));
    assert!(case.does(&["webhooks", "rotate", "crm", "--overlap-hours", "1"]).await.contains("whsec_"));
    let test = ["webhooks", "test", "crm", "--type", "view.ended", "--video", "v1"];
    let tested = case.refuses(&test).await;
    assert!(
        tested.contains("delivered: false\n") && tested.contains("PUT https://a.example/hook\n"),
        "{tested}"
    );
    assert!(tested.contains("\"id\":\"v1\"") && !tested.contains("response:"), "{tested}");
    assert!(tested.ends_with("\nerror: the webhook has not taken the test\n"), "{tested}");
    let tested = case.refuses(&[&test[..], &["--json"]].concat()).await;
    assert!(tested.contains("\"delivered\": false") && tested.contains("error: the webhook"), "{tested}");
    // What there is to say of one thing is said to its end.
    std::fs::write(case.directory.path().join("hippo.json"), r#"{"format": "hippo"}"#).unwrap();
    case.does(&["webhooks", "update", "crm", "--settings", "hippo.json"]).await;
    let nothing = case.refuses(&["webhooks", "test", "crm", "--type", "view.started"]).await;
    assert!(
        nothing.contains("fault: the webhook's format has nothing to say of this type of events\n"),
        "{nothing}"
    );
    assert!(case.does(&["webhooks", "disable", "crm"]).await.contains("status: disabled\n"));
    assert!(case.does(&["webhooks", "enable", "crm"]).await.contains("status: ok\n"));
    assert_eq!(case.does(&["webhooks", "remove", "crm"]).await, "removed: crm\n");
    assert_eq!(
        case.refuses(&["webhooks", "show", "crm"]).await,
        "error: there is no such webhook [not-found]\n"
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_as_the_relay_says_it() {
    let case = Case::new().await;
    let wrong = case.refuses(&["webhooks", "add", "ftp://a.example", "--event", "lead.captred"]).await;
    assert_eq!(
        wrong,
        "error: url: write an absolute URL such as `https://shop.example/hooks/order` [wrong-value]\n\
         events[0]: Cuehook has no such event; did you mean `lead.captured`? [wrong-value]\n"
    );
    assert!(case.refuses(&["webhooks", "update", "crm"]).await.contains("nothing is to be changed"));
    assert!(case.refuses(&["deliveries", "replay"]).await.contains("write a delivery"));
    assert!(
        case.refuses(&["webhooks", "add", "https://a.example", "--settings", "none.json"])
            .await
            .contains("none.json")
    );
    let unknown = case.with("x", &["webhooks", "list"]).await.unwrap_err();
    assert_eq!(unknown, "error: this API key is not known [relay-auth]\n");
    let none = case.with(" ", &["webhooks", "list"]).await.unwrap_err();
    assert!(none.contains("CUEHOOK_RELAY_API_KEY"), "{none}");
    std::fs::write(case.directory.path().join("key"), format!("{}\n", case.key.expose_secret())).unwrap();
    assert!(case.with("", &["webhooks", "list", "--key-file", "key"]).await.is_ok());
    assert!(
        case.with("", &["webhooks", "list", "--key-file", "nothing"]).await.unwrap_err().contains("nothing")
    );
}

#[tokio::test]
async fn deliveries_are_listed_and_sent_again() {
    let case = Case::new().await;
    let list = case.does(&["deliveries", "list", "--status", "dead", "--limit", "5"]).await;
    assert_eq!(list, "ID  STATUS  WEBHOOK  TYPE  ATTEMPTS  TAKEN  REASON\n");
    assert_eq!(case.does(&["deliveries", "replay", "--webhook", "w"]).await, "to be sent again: 0\n");
    assert!(case.refuses(&["deliveries", "show", "7"]).await.contains("[not-found]"));
    assert!(case.refuses(&["deliveries", "list", "--status", "lost"]).await.contains("`status` has to be"));
    assert!(case.refuses(&["deliveries", "list", "--from", "now"]).await.contains("RFC 3339"));
}

#[tokio::test]
async fn a_relay_that_is_not_there_is_named() {
    let case = Case::new().await;
    let words = |relay| ["cuehook-relay", "webhooks", "list", "--relay", relay];
    for (relay, part) in [
        ("http://127.0.0.1:1", "http://127.0.0.1:1/ cannot be asked"),
        ("127.0.0.1:8788", "--relay"),
        ("http://a.example/v1", "host and port alone"),
        ("ftp://a.example", "host and port alone"),
    ] {
        let mut sources = Sources { directory: case.directory.path().to_owned(), ..Sources::default() };
        sources.environment.insert("CUEHOOK_RELAY_API_KEY".to_owned(), "k".to_owned());
        let mut said = Vec::new();
        let code = run(Options::parse_from(words(relay)), sources, &mut Vec::new(), &mut said).await;
        let said = String::from_utf8(said).unwrap();
        assert!(code != ExitCode::SUCCESS && said.contains(part), "{relay}: {said}");
    }
}

#[test]
fn nobody_elses_text_gives_a_terminal_orders() {
    let row = serde_json::json!({"fault": "no\u{1b}[2J\nbody", "long": "x".repeat(100)});
    assert_eq!(super::table::cell(&row, "/fault", 60), "no [2J body");
    assert_eq!(super::table::cell(&row, "/long", 60).chars().count(), 60);
}
