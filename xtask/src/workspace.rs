//! Where things lie, and how commands are run there.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Where `cargo install` puts the project's tools. Nothing is installed outside the repository by cargo.
pub fn tools() -> PathBuf {
    root().join("target/tools")
}

/// A command that runs in the root and finds the project's tools before any others.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut folders = vec![tools().join("bin")];
    if let Some(path) = env::var_os("PATH") {
        folders.extend(env::split_paths(&path));
    }
    let mut command = Command::new(program);
    command.current_dir(root());
    if let Ok(path) = env::join_paths(folders) {
        command.env("PATH", path);
    }
    command
}

/// A command as one would type it.
pub fn as_typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Says what is run, runs it, and fails if it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let typed = as_typed(command);
    eprintln!("$ {typed}");
    let status = command.status().with_context(|| format!("cannot start `{typed}`"))?;
    if !status.success() {
        bail!("`{typed}` failed ({status})");
    }
    Ok(())
}

/// What a command prints, without the blanks around it.
pub fn output(command: &mut Command) -> Result<String> {
    let typed = as_typed(command);
    let output = command.output().with_context(|| format!("cannot start `{typed}`"))?;
    if !output.status.success() {
        bail!("`{typed}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The file that the shell would run for this name.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The version of a package in Cargo.lock; of several, the first.
pub fn locked_version(package: &str) -> Result<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    version_in_lock(&lock, package).with_context(|| format!("Cargo.lock has no package `{package}`"))
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(version_in_lock(lock, "a").as_deref(), Some("2.0.0"));
        assert_eq!(version_in_lock(lock, "b"), None);
    }
}
