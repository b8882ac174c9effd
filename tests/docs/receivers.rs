//! The receivers in docs/receivers.md are those that are tested, and its tables are those of the code.

use crate::{blocks, quoted, rows, set, text_of};

#[test]
fn receivers_are_the_tested_files() {
    let page = text_of("docs/receivers.md");
    for (language, file) in [
        ("js", "node/receiver.mjs"),
        ("python", "python/receiver.py"),
        ("php", "php/receiver.php"),
        ("go", "go/receiver.go"),
        ("rust", "rust/receiver.rs"),
    ] {
        let shown = blocks(&page, language).remove(0).1;
        assert_eq!(shown, text_of(&format!("tests/receivers/{file}")), "{file}");
    }
}

/// Versions in the text are those that are compiled.
#[test]
fn crates_of_the_receiver_in_rust_are_the_relays() {
    let page = text_of("docs/receivers.md");
    let manifest = text_of("relay/Cargo.toml");
    let named = page.lines().find_map(|line| line.strip_prefix("With axum")).unwrap();
    let named = format!("axum{}", named.trim_end_matches('.').replace(" and ", ", "));
    for part in named.split(", ") {
        let (name, version) = part.split_once(' ').unwrap();
        let stated = [format!("{name} = \"{version}\""), format!("{name} = {{ version = \"{version}\"")];
        assert!(manifest.lines().any(|line| stated.iter().any(|stated| line.starts_with(stated))), "{part}");
    }
}

#[test]
fn hashes_and_encodings_are_those_of_the_settings() {
    let code = text_of("relay/src/config/webhook.rs");
    let variants = |name: &str| {
        let body = code.split_once(&format!("pub enum {name} {{")).unwrap().1.split_once("\n}").unwrap().0;
        let lines =
            body.lines().map(str::trim).filter(|line| !line.starts_with("///") && !line.starts_with('#'));
        set(lines.map(|line| line.trim_end_matches(',').to_lowercase()).filter(|line| !line.is_empty()))
    };
    let rows = rows(&text_of("docs/receivers.md"), "## Receivers of other systems");
    assert_eq!(
        rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(),
        ["`header`", "`hash`", "`encoding`"]
    );
    assert_eq!(set(quoted(&rows[1][1])), variants("SignatureHash"));
    assert_eq!(set(quoted(&rows[2][1])), variants("SignatureEncoding"));
}
