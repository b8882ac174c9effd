//! A copy of the sources, in which a command can show that it writes over nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Folders of what is built or installed, whatever folder they lie in; and what git keeps for itself.
const LEFT_OUT: [&str; 3] = ["target", "node_modules", ".git"];

/// Of the generated package only this is kept.
const PACKAGE: (&str, &str) = ("pkg", ".gitignore");

/// The files of a folder and what they hold, by their paths in it.
pub type SourceFiles = BTreeMap<PathBuf, Vec<u8>>;

/// Makes the folder `to` hold the sources of a project, and gives them. What was built there stays, and files that are
/// right already are not touched.
///
/// # Errors
/// If a file cannot be read, written or removed.
pub fn copy_sources(from: &Path, to: &Path) -> Result<SourceFiles> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let sources = snapshot(from)?;
    let present = snapshot(to)?;
    for path in present.keys().filter(|path| !sources.contains_key(*path)) {
        fs::remove_file(to.join(path)).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    for (path, bytes) in sources.iter().filter(|(path, bytes)| present.get(*path) != Some(bytes)) {
        let file = to.join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        fs::write(&file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(sources)
}

/// Fails if a source file in `folder` is not what it was, or there is a new one outside of the generated folder.
///
/// # Errors
/// Names the first such file.
pub fn expect_untouched(folder: &Path, before: &SourceFiles, generated: &Path) -> Result<()> {
    let after = snapshot(folder)?;
    for (path, bytes) in before {
        match after.get(path) {
            None => bail!("{} is gone", path.display()),
            Some(now) if now != bytes => bail!("{} was written over", path.display()),
            Some(_) => {}
        }
    }
    match after.keys().find(|path| !before.contains_key(*path) && !path.starts_with(generated)) {
        Some(path) => bail!("{} is new", path.display()),
        None => Ok(()),
    }
}

fn snapshot(root: &Path) -> Result<SourceFiles> {
    let mut files = SourceFiles::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let file = entry.path();
            let name = entry.file_name();
            let kind = entry.file_type()?;
            if LEFT_OUT.iter().any(|left_out| name == *left_out) {
                continue;
            }
            if kind.is_dir() {
                folders.push(file);
            } else if kind.is_file() && (folder != root.join(PACKAGE.0) || name == PACKAGE.1) {
                let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                files.insert(file.strip_prefix(root)?.to_path_buf(), bytes);
            }
        }
    }
    files.retain(|path, _| !path.starts_with(Path::new(PACKAGE.0).join("dist")));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_over_removed_or_new_is_noticed() {
        let root = std::env::temp_dir().join(format!("cuehook-plain-{}", std::process::id()));
        let (from, to) = (root.join("from"), root.join("to"));
        let write = |file: PathBuf, text: &str| {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        for path in
            ["Cargo.toml", "js/cuehook.js", "pkg/.gitignore", "pkg/built.js", "pkg/dist/a.wasm", "x/target/a"]
        {
            write(from.join(path), "text");
        }
        write(to.join("js/old.js"), "of an earlier copy");
        write(to.join("Cargo.toml"), "changed");
        write(to.join("target/x"), "built");
        let before = copy_sources(&from, &to).unwrap();
        assert!(!to.join("js/old.js").exists() && to.join("target/x").exists());
        let paths: Vec<_> = before.keys().map(|path| path.display().to_string()).collect();
        assert_eq!(paths, ["Cargo.toml", "js/cuehook.js", "pkg/.gitignore"]);
        let verdict = || expect_untouched(&to, &before, Path::new("pkg")).map_err(|error| error.to_string());
        assert_eq!(verdict(), Ok(()));
        write(to.join("pkg/cuehook.js"), "generated");
        write(to.join("target/debug/x"), "built");
        assert_eq!(verdict(), Ok(()));
        write(to.join("js/new.js"), "text");
        assert_eq!(verdict(), Err("js/new.js is new".to_owned()));
        fs::remove_file(to.join("js/new.js")).unwrap();
        write(to.join("pkg/.gitignore"), "other");
        assert_eq!(verdict(), Err("pkg/.gitignore was written over".to_owned()));
        fs::remove_file(to.join("pkg/.gitignore")).unwrap();
        assert_eq!(verdict(), Err("pkg/.gitignore is gone".to_owned()));
        fs::remove_dir_all(root).unwrap();
    }
}
