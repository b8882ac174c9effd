//! What is done to compiled modules, remembered by what it was made of, and laid out as `pkg/`.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{Build, Quality, module};
use crate::workspace;

/// What stays in `pkg/` whatever is published there. `wasm-pack` writes the very same file.
const KEPT: &str = ".gitignore";

/// How files are made: whoever changes one of these has them made again.
const RECIPE: [&str; 3] = [include_str!("mod.rs"), include_str!("module.rs"), include_str!("package.rs")];

/// The files of a package, in the target folder, where builds of each quality stay until something changes.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    quality: Quality,
    /// What is to be in `pkg/`: the path there, and the file to copy.
    files: Vec<(PathBuf, PathBuf)>,
}

impl Stage {
    /// The stage of a quality, with the hand-written files.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn open(quality: Quality) -> Result<Self> {
        let root = workspace::root();
        let folder = workspace::target().join("package").join(quality.folder());
        let mut files = Vec::new();
        for file in files_in(&root.join("js"))? {
            files.push((file.strip_prefix(root.join("js"))?.to_path_buf(), file));
        }
        for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
            files.push((PathBuf::from(name), root.join(name)));
        }
        let schema = folder.join("project.schema.json");
        let text = serde_json::to_string_pretty(&cuehook::project::schema())? + "\n";
        write_if_other(&schema, text.as_bytes())?;
        files.push((PathBuf::from("dist/project.schema.json"), schema));
        Ok(Stage { folder, quality, files })
    }

    /// Takes a compiled module, and makes what is published of it unless that is there already.
    ///
    /// # Errors
    /// If a step fails.
    pub fn module(&mut self, build: Build, module: &Path) -> Result<()> {
        let bytes = read(module)?;
        let stamp = stamp(&[&bytes, &workspace::locked_version("wasm-bindgen")?.into_bytes()]);
        let folder = self.folder.join(format!("{build:?}").to_lowercase());
        let stamp_file = folder.join("stamp");
        let out = folder.join("files");
        if fs::read_to_string(&stamp_file).ok().as_ref() != Some(&stamp) {
            if folder.exists() {
                fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
            }
            module::bind(module, &out, self.quality == Quality::Dev)?;
            write_if_other(&stamp_file, stamp.as_bytes())?;
        }
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
    pub fn publish(self) -> Result<()> {
        mirror(&self.files, &workspace::root().join("pkg"))
    }
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
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
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

fn read(file: &Path) -> Result<Vec<u8>> {
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
    fn a_stamp_tells_inputs_apart() {
        assert_eq!(stamp(&[b"a", b"b"]), stamp(&[b"a", b"b"]));
        assert_ne!(stamp(&[b"a", b"b"]), stamp(&[b"ab", b""]));
    }
}
