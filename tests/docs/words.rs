//! The translations in `js/words` say what English says, no more and no less.

use crate::{root, text_of};
use cuehook::project::{Word, Words};
use std::collections::BTreeMap;

fn translations() -> Vec<(String, BTreeMap<String, String>)> {
    let files = root().join("js/words").read_dir().unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let read = |name: &String| {
        let text = text_of(&format!("js/words/{name}"));
        let body = text.split_once("export default {\n").unwrap().1.split_once("\n};\n").unwrap();
        assert_eq!(body.1, "", "{name}");
        let entry = |line: &str| {
            let (word, text) = line.trim().split_once(": ").unwrap();
            (word.to_owned(), serde_json::from_str(text.strip_suffix(',').unwrap()).unwrap())
        };
        let entries: Vec<(String, String)> = body.0.lines().map(entry).collect();
        let words: BTreeMap<_, _> = entries.iter().cloned().collect();
        assert_eq!(words.len(), entries.len(), "{name}: a word stands twice");
        (name.clone(), words)
    };
    names.iter().map(read).collect()
}

fn placeholders(text: &str) -> Vec<&str> {
    text.split("${").skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
}

#[test]
fn every_translation_has_every_word_with_its_placeholders() {
    let english = Words::default();
    let translations = translations();
    assert_eq!(translations.len(), 5);
    for (name, words) in translations {
        for word in Word::ALL {
            let text = words.get(word.as_str()).unwrap_or_else(|| panic!("{name} lacks {}", word.as_str()));
            assert!(!text.trim().is_empty() && text.trim() == text, "{name}: {}", word.as_str());
            assert_eq!(placeholders(text), placeholders(english.get(word)), "{name}: {}", word.as_str());
        }
        assert_eq!(words.len(), Word::WORDS.len(), "{name} has a word that there is not");
    }
}

#[test]
fn the_loader_knows_every_translation() {
    let loader = text_of("js/words.js");
    for (name, _) in translations() {
        let language = name.strip_suffix(".js").unwrap();
        let known = format!("{language}: () => import(\"./words/{name}\"),");
        assert!(loader.contains(&known), "js/words.js does not have `{known}`");
    }
}
