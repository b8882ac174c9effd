//! Strings that try to become script, for native tests and for those in a browser.

use std::path::PathBuf;

/// The project's own table: at least one of each class.
pub fn own() -> Vec<String> {
    let classes: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(include_str!("attacks.json")).unwrap();
    let lists = classes.values().map(|list| list.as_array().unwrap());
    lists.flatten().map(|attack| attack.as_str().unwrap().to_owned()).collect()
}

/// The public collections beside the project, file by file; none where they are absent, which is said.
pub fn files() -> Vec<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = ["../shared/data/xss", "../../shared/data/xss", "../../../shared/data/xss"];
    let folder = folder.iter().map(|path| root.join(path));
    let Some(folder) = folder.into_iter().find(|path| path.is_dir()) else {
        println!("skipped: ../shared/data/xss is not there, so only the project's own table is tried");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let texts = paths.iter().map(|path| std::fs::read(path).unwrap());
    texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

/// The strings of both, each once. In the collections blank lines part those that span lines.
pub fn all() -> Vec<String> {
    let mut all = own();
    for text in files() {
        all.extend(text.lines().map(str::to_owned));
        all.extend(text.replace("\r\n", "\n").split("\n\n").map(str::to_owned));
        assert!(all.len() > 100);
    }
    let mut known = std::collections::BTreeSet::new();
    all.retain(|attack| !attack.is_empty() && known.insert(attack.clone()));
    all
}
