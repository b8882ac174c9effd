//! What is done to compiled modules, remembered by what it was made of, and laid out as `pkg/`.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Quality;
use super::module::{self, Build, Names};
use super::order;
use super::shrink::Shrinker;
use crate::{documents, workspace};

/// What stays in `pkg/` whatever is published there. `wasm-pack` writes the very same file.
const KEPT: &str = ".gitignore";

/// The module, beside its glue.
const MODULE: &str = "cuehook_bg.wasm";

/// How files are made: whoever changes one of these has them made again.
const RECIPE: [&str; 7] = [
    include_str!("factory.rs"),
    include_str!("module.rs"),
    include_str!("names.rs"),
    include_str!("order.rs"),
    include_str!("package.rs"),
    include_str!("shrink.rs"),
    include_str!("../../tools/package-lock.json"),
];

/// The files of a package, in the target folder, where builds of each quality stay until something changes.
#[derive(Debug)]
pub struct Staging {
    folder: PathBuf,
    names: Names,
    shrinker: Option<Shrinker>,
    is_new: bool,
    /// What is to be in `pkg/`: the path there, and the file to copy.
    files: Vec<(PathBuf, PathBuf)>,
}

impl Staging {
    /// The stage of a quality, with the hand-written files.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn open(quality: Quality) -> Result<Self> {
        let (names, shrinker) = match quality {
            Quality::Dev => (Names::Kept, None),
            Quality::Optimised => (Names::Stripped, None),
            Quality::Release => (Names::Short, Shrinker::find()?),
        };
        let folder = workspace::target().join("package").join(quality.folder());
        let is_new = !folder.exists();
        let mut stage = Staging { folder, names, shrinker, is_new, files: Vec::new() };
        stage.hand_written()?;
        Ok(stage)
    }

    /// The files of `js/`, without the scripts that are put together if they are; and the licences.
    fn hand_written(&mut self) -> Result<()> {
        let folder = workspace::root().join("js");
        for file in files_in(&folder)? {
            let place = file.strip_prefix(&folder)?.to_path_buf();
            if self.shrinker.is_none() || !is_bundled(&place) {
                self.files.push((place, file));
            }
        }
        for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
            self.files.push((PathBuf::from(name), workspace::root().join(name)));
        }
        Ok(())
    }

    /// Makes one script of those in `js/` and the glue of a build that pages need at once: a request less.
    fn bundle(&mut self, build: Build) -> Result<()> {
        let (Some(shrinker), Some(entry)) = (&self.shrinker, build.script()) else { return Ok(()) };
        let place = Path::new("dist").join(build.folder()).join("cuehook.js");
        let glue = self.files.iter().position(|(other, _)| *other == place);
        let glue = glue.map(|at| self.files.swap_remove(at).1);
        let glue = glue.with_context(|| format!("{} is missing", place.display()))?;
        let mut inputs = vec![(place, read(&glue)?)];
        let scripts = workspace::root().join("js");
        for file in files_in(&scripts)? {
            let place = file.strip_prefix(&scripts)?.to_path_buf();
            if is_bundled(&place) {
                inputs.push((place, read(&file)?));
            }
        }
        let folder = self.folder.join(format!("{build:?} bundle").to_lowercase());
        let bundle = folder.join("bundle.js");
        let contents: Vec<&[u8]> = inputs.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        remember(&folder, &contents, || {
            for (place, bytes) in &inputs {
                write_if_other(&folder.join("inputs").join(place), bytes)?;
            }
            write_if_other(&bundle, shrinker.bundle(&folder.join("inputs").join(entry))?.as_bytes())
        })?;
        self.files.push((PathBuf::from(entry), bundle));
        Ok(())
    }

    /// Adds the JSON Schemas: of projects, of events, and of bodies of requests.
    ///
    /// # Errors
    /// If one cannot be made, read or written.
    pub fn schema(&mut self) -> Result<()> {
        let folder = workspace::root().join("crates/protocol/schemas");
        for file in files_in(&folder)? {
            let place = Path::new("dist/schemas").join(file.strip_prefix(&folder)?);
            self.files.push((place, file));
        }
        let file = self.folder.join("project.schema.json");
        write_if_other(&file, documents::schema()?.as_bytes())?;
        self.files.push((PathBuf::from("dist/project.schema.json"), file));
        Ok(())
    }

    /// Whether nothing was built before.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Takes a compiled module, and makes what is published of it unless that is there already.
    ///
    /// # Errors
    /// If a step fails.
    pub fn module(&mut self, build: Build, module: &Path) -> Result<()> {
        let bytes = read(module)?;
        let version = workspace::locked_version("wasm-bindgen")?;
        let shrunk: &[u8] = if self.shrinker.is_some() { b"shrunk" } else { b"" };
        let folder = self.folder.join(format!("{build:?}").to_lowercase());
        let out = folder.join("files");
        remember(&folder, &[&bytes, version.as_bytes(), shrunk], || {
            module::bind(module, &out, self.names, build.glue())?;
            if let Some(shrinker) = &self.shrinker {
                let module = out.join(MODULE);
                shrinker.module(&module)?;
                write_if_other(&module, &order::by_size(&read(&module)?)?)?;
                shrinker.script(&out.join("cuehook.js"))?;
            }
            Ok(())
        })?;
        let place = Path::new("dist").join(build.folder());
        for file in files_in(&out)? {
            self.files.push((place.join(file.strip_prefix(&out)?), file));
        }
        Ok(())
    }

    /// Makes `pkg/` hold these files and no others.
    ///
    /// # Errors
    /// If a file cannot be read, written or removed.
    pub fn publish(mut self) -> Result<()> {
        for build in Build::ALL {
            self.bundle(build)?;
        }
        mirror(&self.files, &workspace::root().join("pkg"))
    }
}

/// Whether a file of `js/` is a script that becomes part of the loader's or of the outbox's. Adapters of players, translations and what
/// few pages need are imported by those that use them.
fn is_bundled(place: &Path) -> bool {
    let is_optional = ["players", "relay", "words"].iter().any(|folder| place.starts_with(folder));
    place.extension().is_some_and(|ending| ending == "js") && !is_optional
}

/// Fills a folder anew, unless it was filled from the same inputs.
///
/// # Errors
/// If it cannot be emptied, or `fill` fails.
pub fn remember(folder: &Path, inputs: &[&[u8]], fill: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = stamp(inputs);
    let file = folder.join("stamp");
    if fs::read_to_string(&file).is_ok_and(|present| present == stamp) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fill()?;
    write_if_other(&file, stamp.as_bytes())
}

/// Makes `folder` hold copies of `files` and nothing else; what is right already is not touched.
fn mirror(files: &[(PathBuf, PathBuf)], folder: &Path) -> Result<()> {
    for (place, file) in files {
        write_if_other(&folder.join(place), &read(file)?)?;
    }
    let wanted: BTreeSet<PathBuf> = files.iter().map(|(place, _)| folder.join(place)).collect();
    for file in files_in(folder)? {
        if !wanted.contains(&file) && file != folder.join(KEPT) {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(())
}

/// All files in a folder and its folders, in a fixed order.
///
/// # Errors
/// If one of them cannot be read.
pub fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false => files.push(entry.path()),
            }
        }
    }
    files.sort();
    Ok(files)
}

/// What is in a file.
///
/// # Errors
/// If it cannot be read; the message names it.
pub fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn write_if_other(file: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(file).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

/// Stands for these inputs and the recipe. Not a cryptographic hash: nobody is to be kept from forging one.
fn stamp(inputs: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    RECIPE.hash(&mut hasher);
    inputs.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_holds_what_it_should_and_nothing_else() {
        let root = std::env::temp_dir().join(format!("cuehook-package-{}", std::process::id()));
        let (source, package) = (root.join("source"), root.join("pkg"));
        write_if_other(&source, b"new").unwrap();
        for (name, text) in
            [(".gitignore", "*"), ("cuehook.js", "of another tool"), ("dist/paths/old.wasm", "old")]
        {
            write_if_other(&package.join(name), text.as_bytes()).unwrap();
        }
        let files = [("cuehook.js", &source), ("dist/full/a.wasm", &source)];
        let files = files.map(|(place, file)| (PathBuf::from(place), file.clone()));
        mirror(&files, &package).unwrap();
        let present: Vec<_> = files_in(&package)
            .unwrap()
            .iter()
            .map(|file| file.strip_prefix(&package).unwrap().display().to_string())
            .collect();
        assert_eq!(present, [".gitignore", "cuehook.js", "dist/full/a.wasm"]);
        assert_eq!(read(&package.join("cuehook.js")).unwrap(), b"new");
        let written = fs::metadata(package.join("cuehook.js")).unwrap().modified().unwrap();
        mirror(&files, &package).unwrap();
        assert_eq!(fs::metadata(package.join("cuehook.js")).unwrap().modified().unwrap(), written);
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_folder_is_filled_again_when_inputs_change_or_filling_has_failed() {
        let folder = std::env::temp_dir().join(format!("cuehook-remember-{}", std::process::id()));
        let mut filled = 0;
        for (input, fails, expected) in [
            ("a", false, 1),
            ("a", false, 1),
            ("b", true, 2),
            ("b", false, 3),
            ("b", false, 3),
            ("a", false, 4),
        ] {
            let result = remember(&folder, &[input.as_bytes()], || {
                filled += 1;
                write_if_other(&folder.join("file"), input.as_bytes())?;
                if fails { anyhow::bail!("fails") } else { Ok(()) }
            });
            assert_eq!(result.is_err(), fails);
            assert_eq!(filled, expected, "{input}");
        }
        assert_eq!(read(&folder.join("file")).unwrap(), b"a");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_stamp_tells_inputs_apart() {
        assert_eq!(stamp(&[b"a", b"b"]), stamp(&[b"a", b"b"]));
        assert_ne!(stamp(&[b"a", b"b"]), stamp(&[b"ab", b""]));
    }
}
