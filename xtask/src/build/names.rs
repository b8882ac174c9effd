//! Short names for what module and glue call in each other: two hundred names with hashes in them, which do not compress.

use std::collections::{BTreeMap, BTreeSet};

/// The names on both sides of the border, as a module has them.
#[derive(Debug, Default)]
pub struct Border {
    /// What the module imports from the glue.
    pub imports: BTreeSet<String>,
    /// What the glue finds among the module's exports.
    pub exports: BTreeSet<String>,
}

/// New names by old ones.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Renaming {
    pub imports: BTreeMap<String, String>,
    pub exports: BTreeMap<String, String>,
}

/// Renames in the glue what can be renamed for certain, and says what it is in the module.
///
/// An import is renamed if its name stands in the glue once, as the key `name:` under which the module is given the
/// function. An export is renamed if it is one of wasm-bindgen's own (`__wbindgen_…`): these are found as
/// `wasm.name`, and nobody else knows them.
pub fn shorten(glue: &str, border: &Border) -> (String, Renaming) {
    let words: Vec<&str> = words(glue).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in &words {
        *counts.entry(word).or_default() += 1;
    }
    let mut renaming = Renaming::default();
    let mut shortened = String::with_capacity(glue.len());
    for (index, word) in words.iter().enumerate() {
        let before = || index.checked_sub(1).and_then(|index| words.get(index)).copied().unwrap_or_default();
        let owner = || index.checked_sub(2).and_then(|index| words.get(index)).copied().unwrap_or_default();
        let after = || words.get(index + 1).copied().unwrap_or_default();
        let new =
            if border.imports.contains(*word) && counts.get(word) == Some(&1) && after().starts_with(':') {
                new_name(&mut renaming.imports, word)
            } else if word.starts_with("__")
                && border.exports.contains(*word)
                && before() == "."
                && owner() == "wasm"
            {
                new_name(&mut renaming.exports, word)
            } else {
                (*word).to_owned()
            };
        shortened.push_str(&new);
    }
    (shortened, renaming)
}

fn new_name(names: &mut BTreeMap<String, String>, old: &str) -> String {
    let next = short(names.len());
    names.entry(old.to_owned()).or_insert(next).clone()
}

/// `a` … `z`, `A` … `Z`, `aa` …
fn short(number: usize) -> String {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    let mut rest = number + 1;
    while rest > 0 {
        rest -= 1;
        if let Some(letter) = LETTERS.get(rest % LETTERS.len()) {
            name.insert(0, char::from(*letter));
        }
        rest /= LETTERS.len();
    }
    name
}

/// The text cut into words and what stands between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_' || character == '$';
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = is_word(rest.chars().next()?);
        let end = rest.find(|character| is_word(character) != first).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn border(imports: &[&str], exports: &[&str]) -> Border {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Border { imports: owned(imports), exports: owned(exports) }
    }

    #[test]
    fn both_sides_get_the_same_short_names() {
        let glue = "const import0 = { __wbg_new_1a: function(a) { return wasm.__wbindgen_malloc(a); },\n\
                    __wbg_new_1ab: function() { wasm.__wbindgen_malloc(); wasm.attach(); wasm.memory; } };";
        let names = border(
            &["__wbg_new_1a", "__wbg_new_1ab"],
            &["__wbindgen_malloc", "__wbindgen_free", "attach", "memory"],
        );
        let (glue, renaming) = shorten(glue, &names);
        assert_eq!(
            glue,
            "const import0 = { a: function(a) { return wasm.a(a); },\nb: function() { wasm.a(); wasm.attach(); \
             wasm.memory; } };"
        );
        assert_eq!(renaming.imports.get("__wbg_new_1ab").map(String::as_str), Some("b"));
        assert_eq!(renaming.exports.len(), 1, "{renaming:?}");
    }

    #[test]
    fn what_is_not_certain_keeps_its_name() {
        let glue = "const f = __wbg_a; const import0 = { __wbg_a: f, __wbg_b }; wasm['__wbindgen_c'](); x.__wbindgen_c()";
        let names = border(&["__wbg_a", "__wbg_b"], &["__wbindgen_c"]);
        let (shortened, renaming) = shorten(glue, &names);
        assert_eq!(shortened, glue);
        assert_eq!(renaming, Renaming::default());
    }

    #[test]
    fn short_names_are_all_different() {
        let names: BTreeSet<String> = (0..5_000).map(short).collect();
        assert_eq!(names.len(), 5_000);
        assert_eq!(
            (short(0), short(51), short(52), short(53)),
            ("a".into(), "Z".into(), "aa".into(), "ab".into())
        );
    }

    #[test]
    fn words_make_up_the_text() {
        let text = "a.b_c($d) ,é=1";
        assert_eq!(words(text).collect::<Vec<_>>(), ["a", ".", "b_c", "(", "$d", ") ,é=", "1"]);
        assert_eq!(words(text).collect::<String>(), text);
    }
}
