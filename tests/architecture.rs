//! The arrows between folders go one way: the imports of all files are read, and no folder may lie on a cycle.
//!
//! At each level of `src/` (the top, and each folder that has folders) the nodes are its folders and its files. An arrow
//! goes from the node in which an import stands to the one that defines what is imported: names that a `mod.rs` only
//! passes on are followed to where they come from, and a `mod.rs` that its own folders and files use is no node. Files of
//! one folder may know each other; a cycle that touches a folder is an error, and so is a crate that knows what lies
//! above it. Tests inside the files do not count.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// The code of a crate: its modules and what each of them imports.
#[derive(Default)]
struct Code {
    /// By the path of the module, such as `["project", "read"]`.
    modules: BTreeMap<Vec<String>, Module>,
}

#[derive(Default)]
struct Module {
    /// From the root of the crate, such as `project/read/mod.rs`.
    file: String,
    /// Whether it is a folder.
    folder: bool,
    /// Absolute paths of what its code names.
    uses: BTreeSet<Vec<String>>,
    /// Names that it passes on, and where they come from.
    passed_on: BTreeMap<String, Vec<String>>,
}

impl Code {
    /// Reads all files below `src`.
    fn read(src: &Path) -> Code {
        let mut files = Vec::new();
        collect(src, &mut files);
        let text = |file: &PathBuf| {
            let name = file.strip_prefix(src).unwrap().to_str().unwrap().replace('\\', "/");
            (name, std::fs::read_to_string(file).unwrap())
        };
        Code::of(files.iter().map(text))
    }

    fn of(files: impl Iterator<Item = (String, String)>) -> Code {
        let mut code = Code::default();
        for (file, text) in files {
            let mut path: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            let folder = matches!(path.last().unwrap().as_str(), "mod" | "lib");
            if folder {
                path.pop();
            }
            let (uses, passed_on) = imports(&plain(&text), &path);
            code.modules.insert(path, Module { file, folder, uses, passed_on });
        }
        // Tests beside a module of the same name (`tests.rs`, `simulation.rs` with `simulation/`) are no part of it.
        code.modules
            .retain(|path, _| !path.iter().any(|name| name.ends_with("tests") || name == "simulation"));
        code
    }

    /// The module that defines what an absolute path names.
    fn defining(&self, path: &[String]) -> Option<&Vec<String>> {
        let mut path = path.to_vec();
        // Passing on may go through several modules, and would go round in circles only if the code did not compile.
        for _ in 0..16 {
            let length = (0..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
            let (module, rest) = path.split_at(length);
            let (module, found) = self.modules.get_key_value(module)?;
            match rest.first().and_then(|name| found.passed_on.get(name)) {
                Some(origin) if origin.first().is_some_and(|name| name != "extern") => {
                    path = [origin.as_slice(), &rest[1..]].concat();
                }
                // What comes from another crate is defined nowhere here.
                Some(_) => return None,
                None => return Some(module),
            }
        }
        None
    }

    /// Each cycle that touches a folder, with the imports that make it.
    fn cycles(&self, root: &str) -> Vec<String> {
        let folders = self.modules.iter().filter(|(_, module)| module.folder).map(|(path, _)| path);
        let mut found = Vec::new();
        for level in folders {
            let place = [&[root.to_owned()], level.as_slice()].concat().join("/");
            let graph = self.graph(level);
            for (from, arrows) in &graph {
                let is_folder = |name: &str| {
                    self.modules
                        .get(&[level.as_slice(), &[name.to_owned()]].concat())
                        .is_some_and(|it| it.folder)
                };
                for (to, arrow) in arrows {
                    // The shortest way back makes the cycle; each is found once, from its first folder.
                    let Some(back) = way(&graph, to, from) else { continue };
                    let nodes: Vec<&String> = std::iter::once(from).chain(back.iter()).collect();
                    let first = nodes.iter().filter(|name| is_folder(name)).min();
                    if first.is_some_and(|first| *first == from) {
                        let mut lines = vec![format!("in {place}: {from} → {to}: {arrow}")];
                        for pair in back.windows(2) {
                            lines.push(format!("{} → {}: {}", pair[0], pair[1], graph[&pair[0]][&pair[1]]));
                        }
                        found.push(lines.join("\n    "));
                    }
                }
            }
        }
        found
    }

    /// The arrows between the nodes of a level, each with one import that makes it.
    fn graph(&self, level: &[String]) -> BTreeMap<String, BTreeMap<String, String>> {
        let mut graph: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (path, module) in &self.modules {
            let Some(from) = path.strip_prefix(level).and_then(<[String]>::first) else { continue };
            for used in &module.uses {
                let Some(target) = self.defining(used) else { continue };
                let Some(to) = target.strip_prefix(level).and_then(<[String]>::first) else { continue };
                if from != to {
                    let arrow = format!("{} names {}", module.file, self.modules[target].file);
                    graph.entry(from.clone()).or_default().entry(to.clone()).or_insert(arrow);
                }
            }
        }
        graph
    }
}

/// The shortest way from one node to another, with both ends.
fn way(graph: &BTreeMap<String, BTreeMap<String, String>>, from: &str, to: &str) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            let mut way = vec![node.to_owned()];
            let mut node = node;
            while node != from {
                node = before[node];
                way.push(node.to_owned());
            }
            way.reverse();
            return Some(way);
        }
        for next in graph.get(node).into_iter().flat_map(BTreeMap::keys) {
            if next != from && !before.contains_key(next.as_str()) {
                before.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    None
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    files.sort();
}

/// The code without comments, texts and the tests at the end of a file.
fn plain(text: &str) -> String {
    let code = text.split("\nmod tests {").next().unwrap();
    let mut out = String::new();
    for line in code.lines() {
        // Texts with `//` in them, such as URLs, lose what follows: no import stands there.
        out.push_str(line.split("//").next().unwrap());
        out.push('\n');
    }
    out
}

type Imports = (BTreeSet<Vec<String>>, BTreeMap<String, Vec<String>>);

/// What a module imports or names by a path, and what of it it passes on.
fn imports(code: &str, module: &[String]) -> Imports {
    let (mut uses, mut passed_on) = (BTreeSet::new(), BTreeMap::new());
    let mut rest = code;
    let mut others = String::new();
    while let Some(start) = next_use(rest) {
        let (before, after) = rest.split_at(start);
        others.push_str(before);
        let (statement, after) = after.split_once(';').unwrap();
        let line = before.rsplit('\n').next().unwrap();
        let public = line.trim_start().starts_with("pub");
        for (path, name) in leaves(statement.trim_start_matches("use").trim()) {
            let Some(path) = absolute(&path, module) else { continue };
            if public {
                passed_on.insert(name, path);
            } else if path.first().is_none_or(|first| first != "extern") {
                uses.insert(path);
            }
        }
        rest = after;
    }
    others.push_str(rest);
    // Paths in code: `crate::geometry::picture(…)`, `super::division(…)`.
    for start in ["crate::", "super::"] {
        for (at, _) in others.match_indices(start) {
            let before = others[..at].chars().next_back();
            if before.is_some_and(|before| before.is_alphanumeric() || matches!(before, '_' | ':' | '$')) {
                continue;
            }
            let path =
                others[at..].split(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '_' | ':')));
            let path = path.into_iter().next().unwrap().trim_end_matches(':');
            uses.extend(absolute(path, module));
        }
    }
    (uses, passed_on)
}

/// Where the next `use` begins that is a statement.
fn next_use(code: &str) -> Option<usize> {
    code.match_indices("use ").map(|(at, _)| at).find(|at| {
        let line = code[..*at].rsplit('\n').next().unwrap().trim_start();
        line.is_empty() || (line.starts_with("pub") && line.ends_with([' ']) && !line.contains(['=', '"']))
    })
}

/// The single paths of a `use`, each with the name that it gives.
fn leaves(tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    let Some((path, inner)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let path = path.trim().trim_end_matches("::self");
        let last = path.rsplit("::").next().unwrap();
        return vec![(path.to_owned(), if name.is_empty() { last } else { name.trim() }.to_owned())];
    };
    let inner = inner.trim().strip_suffix('}').unwrap();
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, sign) in inner.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts
        .flat_map(|part| {
            let whole =
                if part == "self" { path.trim_end_matches("::").to_owned() } else { [path, part].concat() };
            leaves(&whole)
        })
        .collect()
}

/// A path from the root of the crate; `extern` before those of other crates of ours, nothing for strangers.
fn absolute(path: &str, module: &[String]) -> Option<Vec<String>> {
    let mut parts: VecDeque<&str> = path.split("::").collect();
    let mut base = match *parts.front()? {
        "crate" => Vec::new(),
        "self" | "super" => module.to_vec(),
        "cuehook_json" | "cuehook_protocol" => vec!["extern".to_owned()],
        // In `mod.rs`, `use layout::Layout` is a path from here.
        first if first.starts_with(|sign: char| sign.is_lowercase()) && !STRANGERS.contains(&first) => {
            parts.push_front("self");
            module.to_vec()
        }
        _ => return None,
    };
    while let Some(&first @ ("crate" | "self" | "super")) = parts.front() {
        if first == "super" {
            base.pop();
        }
        parts.pop_front();
    }
    base.extend(parts.iter().filter(|part| **part != "*").map(|part| (*part).to_owned()));
    Some(base)
}

const STRANGERS: &[&str] = &[
    "core",
    "gloo_net",
    "js_sys",
    "minijinja",
    "proptest",
    "schemars",
    "serde",
    "serde_json",
    "serde_wasm_bindgen",
    "std",
    "thiserror",
    "wasm_bindgen",
    "web_sys",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_folder_lies_on_a_cycle() {
    let code = Code::read(&root().join("src"));
    assert!(code.modules.len() > 50, "{}", code.modules.len());
    let cycles = code.cycles("src");
    assert!(cycles.is_empty(), "folders import each other:\n{}", cycles.join("\n"));
    let cycles = Code::read(&root().join("crates/outbox/src")).cycles("crates/outbox/src");
    assert!(cycles.is_empty(), "folders import each other:\n{}", cycles.join("\n"));
}

/// Which folders of `src` may import which.
#[test]
fn the_top_folders_know_only_those_below_them() {
    let code = Code::read(&root().join("src"));
    let graph = code.graph(&[]);
    let allowed: &[(&str, &[&str])] = &[
        ("browser", &["delivery", "engine", "project", "session", "template"]),
        ("engine", &["delivery", "project", "session", "template"]),
        ("project", &["session", "template"]),
        ("template", &["session"]),
        ("delivery", &[]),
        ("session", &[]),
    ];
    let folders: BTreeSet<&str> = allowed.iter().map(|(name, _)| *name).collect();
    for (from, to) in
        [("browser", "engine"), ("engine", "project"), ("project", "template"), ("template", "session")]
    {
        assert!(graph[from].contains_key(to), "{from} → {to} is there, and found");
    }
    let there = code.modules.iter().filter(|(path, module)| path.len() == 1 && module.folder);
    assert_eq!(there.map(|(path, _)| path[0].as_str()).collect::<BTreeSet<_>>(), folders);
    for (from, allowed) in allowed {
        for (to, arrow) in graph.get(*from).into_iter().flatten() {
            let fine = !folders.contains(to.as_str()) || allowed.contains(&to.as_str());
            assert!(fine, "{from} must not know {to}: {arrow}");
        }
    }
    // Loose files serve all folders and know none.
    for (from, arrows) in graph.iter().filter(|(from, _)| !folders.contains(from.as_str())) {
        for (to, arrow) in arrows {
            assert!(!folders.contains(to.as_str()), "{from} must not know {to}: {arrow}");
        }
    }
}

#[test]
fn the_crates_know_only_those_below_them() {
    let below_outbox =
        ["cuehook_json", "cuehook-json", "cuehook_protocol", "cuehook-protocol", "cuehook-outbox"];
    for (name, allowed) in [
        ("json", &[][..]),
        // Its own name turns on its features for its tests.
        ("protocol", &["cuehook_json", "cuehook-json", "cuehook-protocol"][..]),
        ("outbox", &below_outbox[..]),
    ] {
        let folder = root().join("crates").join(name);
        let mut files = vec![folder.join("Cargo.toml")];
        collect(&folder.join("src"), &mut files);
        assert!(files.len() > 5);
        for file in files {
            for line in std::fs::read_to_string(&file).unwrap().lines() {
                let code = line.split("//").next().unwrap().trim();
                if code.starts_with("name =")
                    || code.starts_with("description =")
                    || code.contains('"') && !code.contains("path =")
                {
                    continue;
                }
                for (at, _) in code.match_indices("cuehook") {
                    let word =
                        code[at..].split(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '_' | '-')));
                    let word = word.into_iter().next().unwrap();
                    assert!(allowed.contains(&word), "{} names `{word}`: {line}", file.display());
                }
            }
        }
    }
    let crates: BTreeSet<_> =
        root().join("crates").read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(crates, ["json", "outbox", "protocol"].map(Into::into).into());
}

/// The cycles of made-up code: each line is a file and its code.
fn cycles(files: &[(&str, &str)]) -> Vec<String> {
    Code::of(files.iter().map(|(file, code)| ((*file).to_owned(), (*code).to_owned()))).cycles("x")
}

#[test]
fn cycles_are_found_and_named() {
    let direct = cycles(&[
        ("lib.rs", "mod a;\nmod b;\n"),
        ("a/mod.rs", "mod one;\n#[cfg(all(test, x))]\nmod tests;\npub use one::One;\n"),
        ("a/one.rs", "use crate::b::Two;\npub struct One;\n"),
        ("b/mod.rs", "mod two;\npub(crate) use self::two::{Two, other as another};\n"),
        ("b/two.rs", "pub struct Two;\nfn two() { let _ = crate::a::One; }\n"),
    ]);
    assert_eq!(
        direct,
        ["in x: a → b: a/one.rs names b/two.rs\n    b → a: b/two.rs names a/one.rs"],
        "names that are passed on are followed"
    );
    let long = cycles(&[
        ("lib.rs", ""),
        ("a/mod.rs", "pub struct A(crate::b::B);\n"),
        ("b/mod.rs", "use super::{c::{self, C}};\npub struct B;\n"),
        ("c/mod.rs", "mod inner;\npub struct C;\n"),
        ("c/inner.rs", "use super::super::a::A;\n"),
    ]);
    assert_eq!(long.len(), 1, "{long:?}");
    assert!(long[0].contains("c/inner.rs names a/mod.rs"), "{long:?}");
    let with_file = cycles(&[
        ("lib.rs", ""),
        ("a/mod.rs", "use b::B;\nmod b;\nmod c;\n"),
        ("a/b/mod.rs", "use super::c::C;\npub struct B;\n"),
        ("a/c.rs", "use super::b::B;\npub struct C;\n"),
    ]);
    assert_eq!(with_file.len(), 1, "{with_file:?}");
}

#[test]
fn what_is_no_cycle_is_none() {
    let none = cycles(&[
        ("lib.rs", "pub mod a;\npub mod b;\n"),
        ("a/mod.rs", "pub use crate::b::B;\npub struct A;\n"),
        ("a/x.rs", "use super::y::Y;\nuse super::A;\n// crate::b::B\npub struct X;\n"),
        ("a/y.rs", "use super::x::X;\nuse crate::b::B;\npub struct Y;\n"),
        (
            "b/mod.rs",
            "pub struct B;\n\n#[cfg(all(test, not(target_arch = \"wasm32\")))]\nmod tests {\n    use crate::a::A;\n}\n",
        ),
    ]);
    assert_eq!(none, Vec::<String>::new(), "files of one folder, and tests");
}
