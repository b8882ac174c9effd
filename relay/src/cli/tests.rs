//! The commands, as somebody types them.

use super::*;
use crate::config::{Database, apply};
use crate::store::Store as _;
use crate::store::memory::MemoryStore;
use crate::token::Scope;
use clap::{CommandFactory as _, Parser as _};
use secrecy::ExposeSecret as _;
use std::path::Path;

const OLD: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

/// What a command has done.
struct Done {
    success: bool,
    out: String,
    said: String,
}

async fn done(directory: &Path, keys: &str, words: &[&str]) -> Done {
    let options = Options::parse_from([&["cuehook-relay"], words].concat());
    let mut sources = Sources { directory: directory.to_owned(), ..Sources::default() };
    sources.environment.insert("CUEHOOK_RELAY_MASTER_KEYS".to_owned(), keys.to_owned());
    sources.environment.insert("SECRET".to_owned(), "s3cret".to_owned());
    let (mut out, mut said) = (Vec::new(), Vec::new());
    let code = run(options, sources, &mut out, &mut said).await;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { success: code == ExitCode::SUCCESS, out: text(out), said: text(said) }
}

const FILE: &str = r#"
[players]
origins = ["https://a.example"]
[[webhook]]
id = "w"
url = "https://w.example/hook?key=in-the-url"
headers = [{ name = "a", value = "plain" }, { name = "b", secret = "env:SECRET" }]
"#;

fn directory(file: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("relay.toml"), file).unwrap();
    directory
}

#[test]
fn commands_are_described() {
    Options::command().debug_assert();
    for command in Options::command().get_subcommands() {
        assert!(command.get_about().is_some(), "{}", command.get_name());
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
        }
    }
}

#[test]
fn wrong_commands_are_refused() {
    for words in [
        &[][..],
        &["sevre"],
        &["key"],
        &["key", "a", "--master"],
        &["key", "--master", "--players"],
        &["key", "--scope", "events:read"],
        &["token", "--project", "p"],
        &["token", "--project", "p", "--origin", "https://a.example", "--minutes", "1441"],
        &["token", "--project", "p", "--origin", "https://a.example", "--minutes", "0"],
        &["backup"],
    ] {
        assert!(Options::try_parse_from([&["cuehook-relay"], words].concat()).is_err(), "{words:?}");
    }
}

#[tokio::test]
async fn check_says_what_would_be_served_and_no_secret() {
    let directory = directory(FILE);
    let done = done(directory.path(), OLD, &["check"]).await;
    assert!(done.success, "{}", done.said);
    for line in [
        "configuration: relay.toml",
        "listens on: http://127.0.0.1:8788",
        "pages: https://a.example",
        "webhook w: https://w.example/hook, header fields: 2, of these secret: 1",
        "nothing is wrong",
    ] {
        assert!(done.out.lines().any(|written| written == line), "{line}\n{}", done.out);
    }
    for secret in ["s3cret", OLD, "in-the-url"] {
        assert!(!done.out.contains(secret) && !done.said.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn check_says_what_is_wrong() {
    let directory = directory("listn = 1\nlisten = 2");
    let done = done(directory.path(), OLD, &["check"]).await;
    assert!(!done.success && done.out.is_empty());
    assert!(
        done.said
            .contains("relay.toml:1:1: listn: there is no such key; did you mean `listen`? [unknown-key]")
    );
    assert!(done.said.ends_with("some things are wrong in the configuration: 2\n"), "{}", done.said);
}

#[tokio::test]
async fn a_token_counts() {
    let directory = directory(FILE);
    let words = ["token", "--project", "spring", "--origin", "https://a.example", "--minutes", "5"];
    let token = done(directory.path(), OLD, &words).await;
    assert!(token.success && token.said.is_empty(), "{}", token.said);
    let mut sources = Sources { directory: directory.path().to_owned(), ..Sources::default() };
    sources.environment.insert("CUEHOOK_RELAY_MASTER_KEYS".to_owned(), OLD.to_owned());
    sources.environment.insert("SECRET".to_owned(), "s3cret".to_owned());
    let tokens = load(&sources).unwrap().settings.player_tokens;
    let claims = tokens.verify(token.out.trim(), Some("https://a.example"), now()).unwrap();
    assert_eq!(claims.project, "spring");
    let other = ["token", "--project", "p", "--origin", "https://b.example"];
    assert!(done(directory.path(), OLD, &other).await.said.contains("not among players.origins"));
    let wrong = ["token", "--project", "p", "--origin", "https://b.example/"];
    let wrong = done(directory.path(), OLD, &wrong).await;
    assert!(!wrong.success && wrong.said.contains("write `https://b.example`"), "{}", wrong.said);
}

#[tokio::test]
async fn a_key_is_what_its_lines_say() {
    let directory = tempfile::tempdir().unwrap();
    let made = done(directory.path(), OLD, &["key", "shop", "--scope", "events:read"]).await;
    assert!(made.success, "{}", made.said);
    let (key, lines) = made.out.split_once('\n').unwrap();
    assert!(!lines.contains(key));
    std::fs::write(directory.path().join("relay.toml"), lines).unwrap();
    let mut sources = Sources { directory: directory.path().to_owned(), ..Sources::default() };
    sources.environment.insert("CUEHOOK_RELAY_MASTER_KEYS".to_owned(), OLD.to_owned());
    let keys = load(&sources).unwrap().settings.api_keys;
    let known = keys.verify(key).unwrap();
    assert_eq!((known.name.as_str(), known.scopes.as_slice()), ("shop", &[Scope::EventsRead][..]));
    let wrong = done(directory.path(), OLD, &["key", "shop", "--scope", "events:raed"]).await;
    assert!(!wrong.success && wrong.said.contains("did you mean `events:read`?"), "{}", wrong.said);
    assert!(!done(directory.path(), OLD, &["key", "a b"]).await.success);
}

#[tokio::test]
async fn other_keys_are_random_and_can_be_used() {
    let directory = tempfile::tempdir().unwrap();
    let one = done(directory.path(), OLD, &["key", "--master"]).await.out;
    let other = done(directory.path(), OLD, &["key", "--players"]).await.out;
    assert_ne!(one, other);
    assert!(done(directory.path(), one.trim(), &["check"]).await.success);
    std::fs::write(directory.path().join("relay.toml"), "[players]\nkeys = [\"file:key\"]").unwrap();
    std::fs::write(directory.path().join("key"), other).unwrap();
    assert!(done(directory.path(), OLD, &["check"]).await.success);
}

/// Settings with these master keys, and a store with a webhook that was sealed under the old one.
async fn sealed_under_old(keys: &str) -> (MemoryStore, Settings) {
    let directory = directory(FILE);
    let mut sources = Sources { directory: directory.path().to_owned(), ..Sources::default() };
    sources.environment.insert("SECRET".to_owned(), "s3cret".to_owned());
    sources.environment.insert("CUEHOOK_RELAY_MASTER_KEYS".to_owned(), OLD.to_owned());
    let store = MemoryStore::default();
    apply(&store, &load(&sources).unwrap().settings, 1).await.unwrap();
    sources.environment.insert("CUEHOOK_RELAY_MASTER_KEYS".to_owned(), keys.to_owned());
    (store, load(&sources).unwrap().settings)
}

#[tokio::test]
async fn rotation_seals_under_the_first_key_and_can_be_repeated() {
    let (store, both) = sealed_under_old(&format!("{NEW},{OLD}")).await;
    assert_eq!(rotate(&store, &both.vault).await, Ok(Rotated { sealed: 1, kept: 0 }));
    let stored = store.webhooks().await.unwrap();
    let (_, new) = sealed_under_old(NEW).await;
    let secrets = new.vault.unseal("w", &stored[0].sealed).unwrap();
    assert_eq!(secrets[0].1.expose_secret(), "s3cret");
    assert_eq!(rotate(&store, &both.vault).await, Ok(Rotated { sealed: 0, kept: 1 }));
    assert_eq!(store.webhooks().await.unwrap(), stored);
}

#[tokio::test]
async fn rotation_without_the_old_key_changes_nothing() {
    let (store, new) = sealed_under_old(NEW).await;
    let before = store.webhooks().await.unwrap();
    let fault = rotate(&store, &new.vault).await.unwrap_err();
    assert!(matches!(&fault, RotateFault::Webhook(id, _) if id == "w"), "{fault}");
    assert_eq!(store.webhooks().await.unwrap(), before);
}

#[tokio::test]
async fn a_database_is_rotated_and_copied_by_commands() {
    let directory = directory(FILE);
    let (path, both) = (directory.path(), format!("{NEW},{OLD}"));
    let database = Database::Sqlite(path.join("cuehook-relay.db"));
    let mut sources = Sources { directory: path.to_owned(), ..Sources::default() };
    sources.environment.insert("SECRET".to_owned(), "s3cret".to_owned());
    sources.environment.insert("CUEHOOK_RELAY_MASTER_KEYS".to_owned(), OLD.to_owned());
    let store = crate::serve::open(&database, now()).await.unwrap();
    apply(store.as_ref(), &load(&sources).unwrap().settings, 1).await.unwrap();
    // The relay that runs has the file to itself.
    let refused = done(path, &both, &["rotate"]).await;
    assert!(
        !refused.success && refused.said.starts_with("error: the database cannot be opened: "),
        "{}",
        refused.said
    );
    let copy = path.join("copy.db");
    let copied = done(path, OLD, &["backup", copy.to_str().unwrap()]).await;
    assert!(copied.success, "{}", copied.said);
    assert!(!done(path, OLD, &["backup", copy.to_str().unwrap()]).await.success, "nothing is overwritten");
    store.close().await;
    drop(store);
    let rotated = done(path, &both, &["rotate"]).await;
    assert!(rotated.success, "{}", rotated.said);
    assert_eq!(rotated.out, "sealed anew: 1; sealed under the first master key before: 0\n");
    let again = done(path, NEW, &["rotate"]).await;
    assert_eq!(again.out, "sealed anew: 0; sealed under the first master key before: 1\n", "{}", again.said);
    // The copy is as it was before.
    let copy = format!("sqlite:{}", copy.display());
    let old = done(path, NEW, &["rotate", "--database", &copy]).await;
    assert!(!old.success && old.said.contains("not among the configured ones"), "{}", old.said);
    for done in [&copied, &rotated, &old] {
        assert!(!done.out.contains("s3cret") && !done.said.contains("s3cret"));
    }
}

#[tokio::test]
async fn other_databases_are_not_copied() {
    let directory = directory(FILE);
    for database in ["memory", "postgres://u@h/d"] {
        let done = done(directory.path(), OLD, &["backup", "x.db", "--database", database]).await;
        assert!(!done.success && done.out.is_empty(), "{database}");
    }
}
