//! How things are installed, and how one sees that they are.

use std::collections::HashSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{io, thread};

use anyhow::Result;
use serde_json::Value;

use crate::workspace;

/// How long to wait before an installation that broke is tried again. Whoever was in its way may be done by then.
pub const PAUSE: Duration = Duration::from_secs(10);

/// Runs commands that download, in order. If one fails, all of them are run once more: a connection may break, and
/// `apt-get` finds its archive gone when something else updates its lists meanwhile, which `apt-get update` mends.
///
/// # Errors
/// If it fails twice, or if a program is not there, which a second try would not change.
pub fn run_downloads(commands: &mut [Command], pause: Duration) -> Result<()> {
    let mut run = || commands.iter_mut().try_for_each(workspace::run);
    let Err(error) = run() else { return Ok(()) };
    if error.downcast_ref::<io::Error>().is_some() {
        return Err(error);
    }
    eprintln!("{error:#}; trying once more in {} s.", pause.as_secs());
    thread::sleep(pause);
    run()
}

/// A command by its words.
pub fn words(program: &str, arguments: &[&str]) -> Command {
    let mut command = workspace::command(program);
    command.args(arguments);
    command
}

/// The command for what the lock file in `folder` names.
pub fn npm_install(folder: &str, options: &[&str]) -> Command {
    let mut command =
        words("npm", &["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"]);
    command.args(options);
    command
}

/// Debian's Python, whatever others there are.
pub const PYTHON: &str = "/usr/bin/python3";

/// The commands for what `requirements.txt` in `folder` names: an environment of its own, and in it those very files and no others, by
/// their hashes. Nothing is compiled.
pub fn python_install(folder: &str, environment: &str) -> Vec<Command> {
    let (program, list) = (format!("{environment}/bin/python"), format!("{folder}/requirements.txt"));
    let options = ["--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"];
    let mut install = words(&program, &["-m", "pip", "install", "--quiet"]);
    install.args(options).args(["--requirement", &list]);
    vec![words(PYTHON, &["-m", "venv", "--clear", environment]), install]
}

/// Whether each package that `requirements.txt` in `folder` names is in an environment in that version.
pub fn python_packages_are_installed(folder: &Path, environment: &Path) -> bool {
    let plain = |name: &str| name.to_lowercase().replace(['-', '.'], "_");
    let versions = std::fs::read_dir(environment.join("lib")).into_iter().flatten().flatten();
    let packages = versions.flat_map(|entry| std::fs::read_dir(entry.path().join("site-packages")));
    let names = packages.flatten().flatten().map(|entry| plain(&entry.file_name().to_string_lossy()));
    let installed: HashSet<String> = names.collect();
    let list = std::fs::read_to_string(folder.join("requirements.txt")).unwrap_or_default();
    let mut wanted = list.lines().filter_map(|line| line.strip_suffix(" \\")?.split_once("==")).peekable();
    wanted.peek().is_some()
        && wanted.all(|(name, version)| installed.contains(&plain(&format!("{name}-{version}.dist-info"))))
}

/// The command for a package of the Rust registry, without optimising: these tools wait for compilers and browsers, and so they are there in two thirds of the time.
pub fn cargo_install(package: &str, version: &str) -> Command {
    let package = format!("{package}@{version}");
    let mut command = words("cargo", &["install", "--locked", "--debug", "--root", "target/tools", &package]);
    command.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_INCREMENTAL", "0");
    command
}

/// Whether there are node and npm.
pub fn node_is_present() -> bool {
    workspace::find_program("node").is_some() && workspace::find_program("npm").is_some()
}

/// Whether `cargo install` has put this version into the project's tools, by the list that it keeps.
pub fn is_cargo_installed(package: &str, version: &str) -> bool {
    let list = std::fs::read_to_string(workspace::tools().join(".crates.toml")).unwrap_or_default();
    list.contains(&format!("\"{package} {version} ("))
}

/// Whether each package that `folder`'s manifest names is there in that version.
pub fn packages_are_installed(folder: &Path) -> bool {
    let wanted = manifest(folder);
    let wanted = wanted.get("devDependencies").and_then(Value::as_object);
    wanted.is_some_and(|wanted| {
        wanted.iter().all(|(name, version)| {
            manifest(&folder.join("node_modules").join(name)).get("version") == Some(version)
        })
    })
}

/// The package.json of a folder; null if there is none.
fn manifest(folder: &Path) -> Value {
    let text = std::fs::read_to_string(folder.join("package.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The commands for Debian packages; with sudo for everybody but root.
pub fn apt_install(packages: &[&str]) -> Vec<Command> {
    let program = |arguments: &[&str]| match is_root() {
        true => words("apt-get", arguments),
        false => {
            let mut command = words("sudo", &["-n", "apt-get"]);
            command.args(arguments);
            command
        }
    };
    let mut install = program(&["install", "-y", "--no-install-recommends"]);
    install.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    vec![program(&["update"]), install]
}

fn is_root() -> bool {
    workspace::output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_another_version_are_not_installed() {
        let folder = std::env::temp_dir().join(format!("cuehook-peers-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let file = folder.join(path).join("package.json");
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        assert!(!packages_are_installed(&folder), "no folder");
        write("", r#"{"devDependencies":{"one":"1.0.0"}}"#);
        assert!(!packages_are_installed(&folder), "nothing installed");
        write("node_modules/one", r#"{"version":"0.9.0"}"#);
        assert!(!packages_are_installed(&folder), "another version");
        write("node_modules/one", r#"{"version":"1.0.0"}"#);
        assert!(packages_are_installed(&folder));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn packages_of_python_of_another_version_are_not_installed() {
        let folder = std::env::temp_dir().join(format!("cuehook-python-{}", std::process::id()));
        let packages = folder.join("environment/lib/python3.11/site-packages");
        std::fs::create_dir_all(&packages).unwrap();
        let are_installed = || python_packages_are_installed(&folder, &folder.join("environment"));
        assert!(!are_installed(), "no list");
        let list = "# Two.\n\none-part==1.0.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\ntwo==2.0 \\\n    --hash=sha256:02\n";
        std::fs::write(folder.join("requirements.txt"), list).unwrap();
        assert!(!are_installed(), "nothing installed");
        std::fs::create_dir(packages.join("One_Part-1.0.0.dist-info")).unwrap();
        std::fs::create_dir(packages.join("two-2.0.1.dist-info")).unwrap();
        assert!(!are_installed(), "another version");
        std::fs::create_dir(packages.join("two-2.0.dist-info")).unwrap();
        assert!(are_installed());
        std::fs::remove_dir_all(folder).unwrap();
    }

    /// A shell that notes each of its runs in `log`, and succeeds from run number `good` on.
    fn fails_before(good: u32, log: &Path) -> Command {
        let mut command = Command::new("sh");
        let script = r#"echo run >> "$0"; test "$(wc -l < "$0")" -ge "$1""#;
        command.args(["-c", script]).arg(log).arg(good.to_string());
        command
    }

    #[test]
    fn what_breaks_half_way_is_run_once_more_from_the_beginning() {
        let folder = std::env::temp_dir().join(format!("cuehook-downloads-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let runs =
            |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default().lines().count();
        let attempt = |name: &str, good| {
            let (update, install) = (folder.join(format!("{name}-update")), folder.join(name));
            let mut commands = [fails_before(1, &update), fails_before(good, &install)];
            let result = run_downloads(&mut commands, Duration::ZERO);
            (result.is_ok(), runs(&format!("{name}-update")), runs(name))
        };
        assert_eq!(attempt("good", 1), (true, 1, 1));
        assert_eq!(attempt("broken", 2), (true, 2, 2), "the lists are updated again, too");
        assert_eq!(attempt("hopeless", 9), (false, 2, 2), "once more, and no more");
        let mut absent = [fails_before(1, &folder.join("before")), Command::new(folder.join("no-program"))];
        let error = run_downloads(&mut absent, Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("cannot start"), "{error:#}");
        assert_eq!(runs("before"), 1, "what is not there will not be there a moment later");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
