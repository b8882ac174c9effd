//! Installs what a machine lacks. A second run finds everything and costs a few milliseconds: presence is judged by
//! files, not by starting the tools.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, io, thread};

use anyhow::{Result, bail};
use serde_json::Value;

use crate::workspace;

/// Something that commands of this project need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// rustfmt and clippy.
    RustComponents,
    /// The standard library for wasm32-unknown-unknown.
    WasmTarget,
    /// The test runner of wasm-bindgen, at the crate's own version.
    WasmBindgen,
    /// wasm-pack.
    WasmPack,
    /// cargo-deny.
    CargoDeny,
    /// cargo-mutants, for `cargo xtask mutants` alone.
    CargoMutants,
    /// Chromium and its driver.
    Browser,
    /// node and npm.
    Node,
    /// The template engines that the bench page compares.
    Peers,
    /// What makes the published package smaller.
    Shrinkers,
    /// The players that Cuehook is tested with.
    Players,
}

/// Versions of tools that Cargo.lock does not fix.
const WASM_PACK: &str = "0.15.1";
const CARGO_DENY: &str = "0.20.2";
const CARGO_MUTANTS: &str = "27.1.0";

/// Where the peers of the bench page and their lock file are, seen from the root.
const PEERS: &str = "benches/page/peers";

/// Where the players that Cuehook is tested with and their lock file are, seen from the root.
pub const PLAYERS: &str = "tests/players";

/// Where the programs that make the package smaller and their lock file are, seen from the root.
pub const TOOLS: &str = "xtask/tools";

const TARGET: &str = "wasm32-unknown-unknown";

impl Need {
    /// All that the default test run and the bench need.
    pub const ALL: [Need; 10] = [
        Need::RustComponents,
        Need::WasmTarget,
        Need::WasmBindgen,
        Need::WasmPack,
        Need::CargoDeny,
        Need::Browser,
        Need::Node,
        Need::Peers,
        Need::Shrinkers,
        Need::Players,
    ];

    /// What `build`, `demo` and `bench --size` need.
    pub const BUILD: [Need; 1] = [Need::WasmTarget];

    /// What a build needs that is as it is published.
    pub const RELEASE: [Need; 3] = [Need::WasmTarget, Need::Node, Need::Shrinkers];

    /// What the bench page needs besides the build.
    pub const BENCH_PAGE: [Need; 3] = [Need::Browser, Need::Node, Need::Peers];

    /// What the end-to-end tests need besides the build.
    pub const END_TO_END: [Need; 5] =
        [Need::Browser, Need::Node, Need::Peers, Need::Shrinkers, Need::Players];

    fn name(self) -> &'static str {
        match self {
            Need::RustComponents => "rustfmt and clippy",
            Need::WasmTarget => "Rust's standard library for wasm32-unknown-unknown",
            Need::WasmBindgen => "wasm-bindgen's test runner",
            Need::WasmPack => "wasm-pack",
            Need::CargoDeny => "cargo-deny",
            Need::CargoMutants => "cargo-mutants",
            Need::Browser => "Chromium and chromedriver",
            Need::Node => "node and npm",
            Need::Peers => "the bench's peers",
            Need::Shrinkers => "wasm-opt and esbuild",
            Need::Players => "the players",
        }
    }

    fn purpose(self) -> &'static str {
        match self {
            Need::RustComponents => "to check form and lints",
            Need::WasmTarget => "to build for browsers",
            Need::WasmBindgen => "to run tests inside a browser; about a minute",
            Need::WasmPack => "to test in a browser, and that its plain command builds too; about a minute",
            Need::CargoDeny => "to check licences and sources of dependencies; about 2 minutes",
            Need::CargoMutants => "to change the code at random places; about 2 minutes",
            Need::Browser => "to run the browser tests",
            Need::Node => "to check the type declarations and to fetch packages",
            Need::Peers => "to compare templates with other engines",
            Need::Shrinkers => "to make the published package smaller",
            Need::Players => "to test Cuehook over players that pages have",
        }
    }

    fn is_present(self, sysroot: &Path) -> Result<bool> {
        Ok(match self {
            Need::RustComponents => {
                ["cargo-clippy", "rustfmt"].iter().all(|name| sysroot.join("bin").join(name).is_file())
            }
            Need::WasmTarget => sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir(),
            Need::WasmBindgen => {
                is_cargo_installed("wasm-bindgen-cli", &workspace::locked_version("wasm-bindgen")?)
            }
            Need::WasmPack => is_cargo_installed("wasm-pack", WASM_PACK),
            Need::CargoDeny => is_cargo_installed("cargo-deny", CARGO_DENY),
            Need::CargoMutants => is_cargo_installed("cargo-mutants", CARGO_MUTANTS),
            Need::Browser => chromedriver().is_some() && Path::new(CHROMIUM).exists(),
            Need::Node => node_is_present(),
            Need::Peers => packages_are_installed(&workspace::root().join(PEERS)),
            Need::Shrinkers => packages_are_installed(&workspace::root().join(TOOLS)),
            Need::Players => packages_are_installed(&workspace::root().join(PLAYERS)),
        })
    }

    /// The commands that install it, in order.
    fn commands(self) -> Result<Vec<Command>> {
        Ok(match self {
            Need::RustComponents => vec![words("rustup", &["component", "add", "rustfmt", "clippy"])],
            Need::WasmTarget => vec![words("rustup", &["target", "add", TARGET])],
            Need::WasmBindgen => {
                vec![cargo_install("wasm-bindgen-cli", &workspace::locked_version("wasm-bindgen")?)]
            }
            Need::WasmPack => vec![cargo_install("wasm-pack", WASM_PACK)],
            Need::CargoDeny => vec![cargo_install("cargo-deny", CARGO_DENY)],
            Need::CargoMutants => vec![cargo_install("cargo-mutants", CARGO_MUTANTS)],
            Need::Browser => apt_install(&["chromium", "chromium-driver"]),
            // Debian's npm comes with several hundred packages; NodeSource's nodejs has it inside.
            Need::Node => apt_install(&["nodejs", "npm"]),
            Need::Peers => vec![npm_install(PEERS, &["--omit=optional"])],
            // esbuild's program is an optional dependency: one for each system.
            Need::Shrinkers => vec![npm_install(TOOLS, &[])],
            Need::Players => vec![npm_install(PLAYERS, &["--omit=optional"])],
        })
    }
}

/// Where webdriver.json expects the browser.
const CHROMIUM: &str = "/usr/bin/chromium";

/// The driver: `CHROMEDRIVER`, or the one on the PATH.
pub fn chromedriver() -> Option<PathBuf> {
    match env::var_os("CHROMEDRIVER") {
        Some(file) => Some(PathBuf::from(file)),
        None => workspace::find_program("chromedriver"),
    }
}

/// Installs those of `needs` that are missing, and says so.
///
/// # Errors
/// Names everything that could not be installed, with the commands to type.
pub fn ensure(needs: &[Need]) -> Result<()> {
    let sysroot = PathBuf::from(workspace::output(workspace::command("rustc").args(["--print", "sysroot"]))?);
    let mut failures = Vec::new();
    for need in needs {
        if need.is_present(&sysroot)? {
            continue;
        }
        eprintln!("Installing {} ({}).", need.name(), need.purpose());
        let installed = install(*need).and_then(|()| match need.is_present(&sysroot)? {
            true => Ok(()),
            false => bail!("the installation went through, but it is still not there"),
        });
        if let Err(error) = installed {
            let typed: Vec<String> = need.commands()?.iter().map(workspace::as_typed).collect();
            failures.push(format!(
                "{} is missing, needed {}: {error:#}\n  install it with: {}",
                need.name(),
                need.purpose(),
                typed.join(" && ")
            ));
        }
    }
    if !failures.is_empty() {
        bail!("{}", failures.join("\n"));
    }
    Ok(())
}

fn install(need: Need) -> Result<()> {
    run_downloads(&mut need.commands()?, PAUSE)
}

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

fn words(program: &str, arguments: &[&str]) -> Command {
    let mut command = workspace::command(program);
    command.args(arguments);
    command
}

fn npm_install(folder: &str, options: &[&str]) -> Command {
    let mut command =
        words("npm", &["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"]);
    command.args(options);
    command
}

/// Without optimising: these tools wait for compilers and browsers, and so they are there in two thirds of the time.
fn cargo_install(package: &str, version: &str) -> Command {
    let package = format!("{package}@{version}");
    let mut command = words("cargo", &["install", "--locked", "--debug", "--root", "target/tools", &package]);
    command.env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_INCREMENTAL", "0");
    command
}

/// Whether there are node and npm.
pub fn node_is_present() -> bool {
    workspace::find_program("node").is_some() && workspace::find_program("npm").is_some()
}

/// Looks into the list that `cargo install` keeps.
fn is_cargo_installed(package: &str, version: &str) -> bool {
    let list = std::fs::read_to_string(workspace::tools().join(".crates.toml")).unwrap_or_default();
    list.contains(&format!("\"{package} {version} ("))
}

/// Whether each package that `folder`'s manifest names is there in that version.
fn packages_are_installed(folder: &Path) -> bool {
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
fn apt_install(packages: &[&str]) -> Vec<Command> {
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
    fn what_cannot_be_installed_is_named_with_its_command() {
        for need in Need::ALL {
            let commands = need.commands().unwrap();
            assert!(!commands.is_empty(), "{need:?}");
            assert!(!need.name().is_empty() && !need.purpose().is_empty());
        }
        let typed = workspace::as_typed(&Need::WasmPack.commands().unwrap()[0]);
        assert_eq!(typed, "cargo install --locked --debug --root target/tools wasm-pack@0.15.1");
    }

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

    #[test]
    fn the_glue_writer_has_the_version_of_the_crate() {
        let typed = workspace::as_typed(&Need::WasmBindgen.commands().unwrap()[0]);
        let version = workspace::locked_version("wasm-bindgen").unwrap();
        assert!(typed.ends_with(&format!("wasm-bindgen-cli@{version}")), "{typed}");
    }
}
