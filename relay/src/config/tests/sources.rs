//! Options before the environment before the file before the defaults; and where secrets come from.

use super::*;
use crate::secrets::VaultFault;
use crate::store::UnixMs;

const NOW: UnixMs = 1_800_000_000_000;

#[test]
fn options_count_more_than_the_environment_and_that_more_than_the_file() {
    let mut case = Case::new("listen = \"127.0.0.1:1\"\n[players]\norigins = [\"https://file.example\"]");
    assert_eq!(case.settings().listen.port(), 1);
    case = case.with("CUEHOOK_RELAY_LISTEN", "127.0.0.1:2");
    case = case.with("CUEHOOK_RELAY_PLAYERS_ORIGINS", "https://a.example, https://b.example");
    assert_eq!(case.settings().listen.port(), 2);
    assert_eq!(case.settings().origins, ["https://a.example", "https://b.example"]);
    case.sources.listen = Some("127.0.0.1:3".to_owned());
    case.sources.origins = vec!["https://flag.example".to_owned()];
    case.sources.database = Some("memory".to_owned());
    let settings = case.settings();
    assert_eq!((settings.listen.port(), settings.origins.len()), (3, 1));
    assert!(matches!(settings.database, Database::Memory));
}

#[test]
fn every_key_has_a_variable() {
    let case = Case::new("").with("CUEHOOK_RELAY_LIMITS_REQUESTS_PER_SECOND", " 7 ");
    assert_eq!(case.settings().limits.requests_per_second, 7);
    let mut names: Vec<String> = KEYS.iter().map(|key| variable(key.path)).collect();
    assert!(names.contains(&"CUEHOOK_RELAY_MASTER_KEYS".to_owned()));
    names.sort();
    names.dedup();
    assert_eq!(names.len(), KEYS.len());
}

#[test]
fn an_empty_variable_is_none() {
    assert_eq!(Case::new("").with("CUEHOOK_RELAY_LISTEN", "").settings().listen, LISTEN);
}

#[test]
fn another_file_can_be_named_and_must_be_there() {
    let case = Case::new("listen = \"127.0.0.1:1\"").file("other.toml", "listen = \"127.0.0.1:2\"");
    let case = case.with("CUEHOOK_RELAY_CONFIG", "other.toml");
    assert_eq!(case.settings().listen.port(), 2);
    let mut case = case.file("third.toml", "listen = \"127.0.0.1:3\"");
    case.sources.file = Some("third.toml".into());
    assert_eq!(case.settings().listen.port(), 3);
    case.sources.file = Some("missing.toml".into());
    let fault = case.load().unwrap_err().0.remove(0);
    assert_eq!(fault.code, FaultCode::FileUnreadable);
    assert!(fault.to_string().starts_with("missing.toml:1:1: the file cannot be read: "), "{fault}");
}

#[test]
fn a_file_that_is_not_there_unnamed_is_no_fault() {
    let case = Case::new("");
    std::fs::remove_file(case.path().join(FILE)).unwrap();
    let loaded = case.load().unwrap();
    assert!(loaded.file.is_none());
}

#[test]
fn files_that_are_too_large_or_no_text_are_refused() {
    let case = Case::new("");
    std::fs::write(case.path().join(FILE), vec![b'#'; 1024 * 1024 + 1]).unwrap();
    assert_eq!(case.refused(), ["relay.toml:1:1: the file is larger than 1 MiB [file-unreadable]"]);
    std::fs::write(case.path().join(FILE), [0xff]).unwrap();
    assert_eq!(case.refused(), ["relay.toml:1:1: the file is not UTF-8 [file-unreadable]"]);
}

#[test]
fn a_master_key_is_made_once_where_none_is_configured() {
    let case = Case::new("").without_keys();
    let first = case.load().unwrap();
    assert!(first.notices[0].0.contains("made one in"), "{:?}", first.notices);
    let second = case.load().unwrap();
    assert!(second.notices.is_empty());
    let header = ("a".to_owned(), "secret".into());
    let sealed = first.settings.vault.seal("w", &[header]).unwrap();
    assert_eq!(second.settings.vault.unseal("w", &sealed).unwrap().len(), 1);
    let token = first.settings.player_tokens.mint("p", "https://a.example", NOW, 5).unwrap();
    assert!(second.settings.player_tokens.verify(&token, Some("https://a.example"), NOW).is_ok());
}

#[test]
fn no_key_is_made_to_look_or_for_what_is_wrong() {
    let mut case = Case::new("").without_keys();
    case.sources.dry = true;
    assert!(case.notices()[0].contains("would make one"));
    let wrong = Case::new("listen = 1").without_keys();
    wrong.refused();
    for case in [case, wrong] {
        assert!(!case.path().join(KEY_FILE).exists());
    }
}

#[test]
fn no_other_key_is_made_for_a_database_that_is_there() {
    let mut case = Case::new("database = \"sqlite:here.db\"").without_keys().file("here.db", "");
    for dry in [false, true] {
        case.sources.dry = dry;
        let fault = case.load().unwrap_err().0.remove(0);
        assert_eq!((fault.code, &*fault.path), (FaultCode::KeyFile, "masterKeys"));
        assert!(fault.message.contains("--replace-sealed"), "{fault}");
        assert!(!case.path().join(KEY_FILE).exists());
    }
    case.sources.dry = false;
    // Its key is there.
    case.with("CUEHOOK_RELAY_MASTER_KEYS", KEY).settings();
    // It is lost.
    let mut case = Case::new("database = \"sqlite:here.db\"").without_keys().file("here.db", "");
    case.sources.replace_sealed = true;
    case.settings();
    assert!(case.path().join(KEY_FILE).exists());
    case.sources.replace_sealed = false;
    case.settings();
}

#[test]
#[cfg(unix)]
fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let case = Case::new("").without_keys();
    case.settings();
    let path = case.path().join(KEY_FILE);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let fault = case.load().unwrap_err().0.remove(0);
    assert_eq!(fault.code, FaultCode::KeyFile);
    assert!(fault.message.contains("chmod 600"), "{fault}");
}

#[test]
fn the_first_master_key_seals_and_all_open() {
    let keys = |text: &str| Case::new("").with("CUEHOOK_RELAY_MASTER_KEYS", text).settings();
    let (old, both, new) = (keys(KEY), keys(&format!("{OTHER_KEY},{KEY}")), keys(OTHER_KEY));
    let header = [("a".to_owned(), "secret".into())];
    let sealed = old.vault.seal("w", &header).unwrap();
    assert!(both.vault.unseal("w", &sealed).is_ok() && !both.vault.is_current(&sealed));
    assert!(matches!(new.vault.unseal("w", &sealed), Err(VaultFault::UnknownKey(_))));
    assert!(new.vault.unseal("w", &both.vault.seal("w", &header).unwrap()).is_ok());
    // Tokens that follow from the old key hold as long.
    let origin = "https://a.example";
    let token = old.player_tokens.mint("p", origin, NOW, 5).unwrap();
    assert!(both.player_tokens.verify(&token, Some(origin), NOW).is_ok());
    assert!(new.player_tokens.verify(&token, Some(origin), NOW).is_err());
}

#[test]
fn configured_keys_of_tokens_count_alone() {
    let case = Case::new("[players]\nkeys = [\"env:NEW\", \"env:OLD\"]")
        .with("NEW", "new-key-of-thirty-two-characters")
        .with("OLD", "old-key-of-thirty-two-characters");
    let (settings, origin) = (case.settings(), "https://a.example");
    let token = settings.player_tokens.mint("p", origin, NOW, 5).unwrap();
    let only = |name: &str| {
        let text = format!("[players]\nkeys = [\"env:{name}\"]");
        let case = Case::new(&text)
            .with("NEW", "new-key-of-thirty-two-characters")
            .with("OLD", "old-key-of-thirty-two-characters");
        case.settings().player_tokens
    };
    assert!(only("NEW").verify(&token, Some(origin), NOW).is_ok());
    assert!(only("OLD").verify(&token, Some(origin), NOW).is_err());
    let old = only("OLD").mint("p", origin, NOW, 5).unwrap();
    assert!(settings.player_tokens.verify(&old, Some(origin), NOW).is_ok());
    let derived = Case::new("").settings().player_tokens.mint("p", origin, NOW, 5).unwrap();
    assert!(settings.player_tokens.verify(&derived, Some(origin), NOW).is_err());
}
