//! The components in docs/frameworks.md are those that are tested in a browser.

use crate::{blocks, rows, text_of};

#[test]
fn components_are_the_tested_files() {
    let page = text_of("docs/frameworks.md");
    for language in ["tsx", "vue", "svelte"] {
        let file = format!("tests/frameworks/components/InteractiveFilm.{language}");
        let shown: Vec<String> = blocks(&page, language).into_iter().map(|(_, text)| text).collect();
        assert_eq!(shown, [text_of(&file)], "{file}");
    }
}

/// Versions in the text are those that are installed.
#[test]
fn versions_are_those_of_the_tests() {
    let manifest: serde_json::Value =
        serde_json::from_str(&text_of("tests/frameworks/package.json")).unwrap();
    let version = |name: &str| manifest["devDependencies"][name].as_str().unwrap().to_owned();
    let page = text_of("docs/frameworks.md");
    for (title, name) in [("React 19", "react"), ("Vue 3.5", "vue"), ("Svelte 5", "svelte")] {
        assert!(page.contains(&format!("\n## {title}\n")), "{title}");
        let stated = title.split(' ').nth(1).unwrap();
        assert!(version(name).starts_with(&format!("{stated}.")), "{title}: {}", version(name));
    }
    assert_eq!(rows(&page, "## The property `project`").len(), 6);
}
