//! What a viewer downloads, and which crate is to blame for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::build::Quality;
use crate::build::module::{self, Build, Glue, Names};
use crate::setup::{self, Need};
use crate::workspace;

/// What a page downloads, in which files, and how many bytes that may be after brotli (quality 11). A kilobyte is 1,000.
struct Download {
    page: &'static str,
    /// Folders, and which of their files.
    from: [(&'static str, &'static [&'static str]); 2],
    /// In how many requests.
    requests: usize,
    budget: usize,
}

const DOWNLOADS: [Download; 3] = [
    Download {
        page: "a page",
        from: [("pkg/dist", &["wasm", "js"]), ("pkg", &["js"])],
        requests: 3,
        budget: 168_500,
    },
    Download {
        page: "a page with \"expressions\": \"full\"",
        from: [("pkg/dist/full", &["wasm", "js"]), ("pkg", &["js"])],
        requests: 3,
        budget: 270_500,
    },
    Download {
        page: "a page with events, besides",
        from: [("pkg/dist/outbox", &["wasm", "js"]), ("pkg/outbox", &["outbox.js"])],
        requests: 2,
        budget: 53_000,
    },
];

/// How many functions are listed.
const LISTED: usize = 40;

const DATA: &str = "(data: strings and tables)";

/// Bytes of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sizes {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Prints the sizes of what is in pkg now; fails if a page would download more than it may.
pub fn check() -> Result<()> {
    let mut over = Vec::new();
    for Download { page, from, requests, budget } in DOWNLOADS {
        let files = shipped(&from)?;
        if files.len() > requests {
            over.push(format!("{page} downloads {} files; {requests} are allowed", files.len()));
        }
        println!("{page:<36} {:>9} {:>9} {:>9}", "raw", "gzip 9", "brotli 11");
        let mut total = Sizes::default();
        for file in files {
            let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let sizes = measure(&file, &bytes)?;
            let name = file.strip_prefix(workspace::root()).unwrap_or(&file);
            print(&name.display().to_string(), sizes);
            total.raw += sizes.raw;
            total.gzip += sizes.gzip;
            total.brotli += sizes.brotli;
        }
        print(&format!("of {budget} bytes"), total);
        if total.brotli > budget {
            over.push(format!("{page} downloads {} bytes; the budget is {budget}", total.brotli));
        }
    }
    if !over.is_empty() {
        bail!("{}", over.join("; "));
    }
    Ok(())
}

fn print(name: &str, sizes: Sizes) {
    println!("{name:<36} {:>9} {:>9} {:>9}", sizes.raw, sizes.gzip, sizes.brotli);
}

/// The files of these folders whose names end so: a module, its glue, and scripts.
fn shipped(from: &[(&str, &[&str]); 2]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (folder, endings) in from {
        let folder = workspace::root().join(folder);
        let entries = std::fs::read_dir(&folder).with_context(|| {
            format!("cannot read {}: run `cargo xtask build --release`", folder.display())
        })?;
        for entry in entries {
            let file = entry?.path();
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if file.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                files.push(file);
            }
        }
    }
    files.sort();
    if !files.iter().any(|file| file.extension().is_some_and(|ending| ending == "wasm")) {
        bail!(
            "there is no module in {:?}: run `cargo xtask build --release`",
            from.map(|(folder, _)| folder)
        );
    }
    Ok(files)
}

fn measure(file: &Path, bytes: &[u8]) -> Result<Sizes> {
    Ok(Sizes {
        raw: bytes.len(),
        gzip: compressed("gzip", file)?.len(),
        brotli: compressed("brotli", file)?.len(),
    })
}

/// A file's bytes after `brotli` (quality 11) or `gzip` (level 9).
///
/// # Errors
/// If the file cannot be read.
pub fn compressed(method: &str, file: &Path) -> Result<Vec<u8>> {
    let mut command = workspace::command("cargo");
    command.args(["run", "--quiet", "--package", "cuehook-compress", "--", method]).arg(file);
    let output = command.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!("cannot compress {}: {}", file.display(), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

/// Builds the module once more with names, and prints what each crate's code takes in it, uncompressed.
pub fn attribute(build: Build) -> Result<()> {
    setup::ensure(&Need::BUILD)?;
    // A folder of its own: otherwise this build and the shipped one would replace each other each time.
    let target = workspace::target().join("size");
    let module = module::compile_into(&target, Quality::Optimised, build, true)?;
    let out = target.join("bound");
    module::bind(&module, &out, Names::Kept, Glue::Single)?;
    let module = std::fs::read(out.join("cuehook_bg.wasm"))?;
    let functions = functions(&module)?;
    println!("{:>9} crate, uncompressed", "bytes");
    for (name, bytes) in by_crate(&functions, &crates_in_lock()?) {
        println!("{bytes:>9} {name}");
    }
    println!("{:>9} function, uncompressed; the {LISTED} largest", "bytes");
    for (name, bytes) in functions.iter().take(LISTED) {
        println!("{bytes:>9} {name}");
    }
    Ok(())
}

/// The names of all crates that can be in the module.
fn crates_in_lock() -> Result<Vec<String>> {
    let lock =
        std::fs::read_to_string(workspace::root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let names = lock.lines().filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    Ok(names.map(|name| name.replace('-', "_")).collect())
}

/// The name and the bytes of each function, and of the data; the largest first.
fn functions(module: &[u8]) -> Result<Vec<(String, usize)>> {
    let mut imported = 0_u32;
    let mut bodies = Vec::new();
    let mut names = BTreeMap::new();
    let mut list = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_)) {
                        imported += 1;
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
            Payload::DataSection(section) => list.push((DATA.to_owned(), section.range().len())),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(reader) = section.as_known() {
                    collect_names(reader, &mut names)?;
                }
            }
            _ => {}
        }
    }
    for (index, size) in (imported..).zip(bodies) {
        list.push((names.remove(&index).unwrap_or_else(|| "(unnamed)".to_owned()), size));
    }
    list.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    Ok(list)
}

fn by_crate(functions: &[(String, usize)], crates: &[String]) -> Vec<(String, usize)> {
    let mut bytes: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, size) in functions {
        *bytes.entry(if name == DATA { DATA } else { owner(name, crates) }).or_default() += size;
    }
    let mut report: Vec<_> = bytes.into_iter().map(|(name, size)| (name.to_owned(), size)).collect();
    report.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    report
}

fn collect_names(reader: wasmparser::NameSectionReader<'_>, names: &mut BTreeMap<u32, String>) -> Result<()> {
    for part in reader {
        if let Name::Function(map) = part? {
            for naming in map {
                let naming = naming?;
                let name = format!("{:#}", rustc_demangle::demangle(naming.name));
                names.insert(naming.index, without_hash(&name).to_owned());
            }
        }
    }
    Ok(())
}

/// wasm-bindgen demangles names already, but leaves the hash: `::h` and 16 digits.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 => path,
        _ => name,
    }
}

/// The first crate in a symbol that is not the standard library: `drop_in_place<minijinja::Value>` is minijinja's
/// cost, not core's.
fn owner<'a>(symbol: &str, crates: &'a [String]) -> &'a str {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let mut standard = false;
    let mut rest = symbol;
    while let Some(start) = rest.find(is_part) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|character| !is_part(character)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        // Crates stand at the beginning of a path.
        if !before.ends_with("::") && (after.starts_with("::") || after.starts_with('[')) {
            if let Some(name) = crates.iter().find(|name| *name == word) {
                return name;
            }
            standard |= ["core", "alloc", "std", "dlmalloc", "compiler_builtins"].contains(&word);
        }
        rest = after;
    }
    if standard { "(standard library)" } else { "(exports and intrinsics)" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_belongs_to_the_first_crate_that_is_not_the_standard_library() {
        let crates = ["minijinja".to_owned(), "serde".to_owned()];
        for (symbol, expected) in [
            ("minijinja::vm::Vm::eval", "minijinja"),
            ("core::ptr::drop_in_place<minijinja::value::Value>", "minijinja"),
            ("<alloc::vec::Vec<T> as serde::Serialize>::serialize", "serde"),
            ("<&T as core::fmt::Debug>::fmt", "(standard library)"),
            ("core::fmt::minijinja::fake", "(standard library)"),
            ("scratch", "(exports and intrinsics)"),
        ] {
            assert_eq!(owner(symbol, &crates), expected, "{symbol}");
        }
    }

    #[test]
    fn code_is_counted_by_crate_and_imports_shift_the_index() {
        // (import "a" "b" (func)), then two functions of 2 and 3 bytes; names for both.
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend(b"\x01\x04\x01\x60\0\0");
        module.extend(b"\x02\x07\x01\x01a\x01b\0\0");
        module.extend(b"\x03\x03\x02\0\0");
        module.extend(b"\x0a\x08\x02\x02\0\x0b\x03\0\x01\x0b");
        let map = b"\x02\x01\x08serde::a\x02\x09alloc::b!";
        let mut names = b"\x04name\x01".to_vec();
        names.push(u8::try_from(map.len()).unwrap());
        names.extend(map);
        module.push(0);
        module.push(u8::try_from(names.len()).unwrap());
        module.extend(names);
        let functions = functions(&module).unwrap();
        assert_eq!(functions, [("alloc::b!".to_owned(), 3), ("serde::a".to_owned(), 2)]);
        let report = by_crate(&functions, &["serde".to_owned()]);
        assert_eq!(report, [("(standard library)".to_owned(), 3), ("serde".to_owned(), 2)]);
    }
}
