//! Installs what a machine lacks. A second run finds everything and costs a few milliseconds: presence is judged by
//! files, not by starting the tools.

mod install;

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::webdriver::Engine;
use crate::workspace;
pub use install::{PAUSE, node_is_present, run_downloads};
use install::{
    PYTHON, apt_install, cargo_install, is_cargo_installed, npm_install, packages_are_installed,
    python_install, python_packages_are_installed, words,
};

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
    /// Firefox.
    Firefox,
    /// Firefox's driver.
    Geckodriver,
    /// WebKitGTK, its driver, a screen, and what it plays films with.
    Webkit,
    /// PostgreSQL's programs.
    Postgres,
    /// node and npm.
    Node,
    /// The template engines that the bench page compares.
    Peers,
    /// The libraries that the bench of events compares.
    EventPeers,
    /// What receivers of other systems are made with.
    Receivers,
    /// What makes the published package smaller.
    Shrinkers,
    /// The frameworks that Cuehook is tested with.
    Frameworks,
    /// The players that Cuehook is tested with.
    Players,
    /// The languages of the receivers that the documentation shows, where nothing else needs them.
    Languages,
    /// The libraries of npm that verify the relay's signatures.
    NodeVerifiers,
    /// The libraries of PyPI that verify the relay's signatures.
    PythonVerifiers,
    /// schemathesis.
    Schemathesis,
}

/// Versions of tools that Cargo.lock does not fix.
const WASM_PACK: &str = "0.15.1";
const CARGO_DENY: &str = "0.20.2";
const CARGO_MUTANTS: &str = "27.1.0";
const GECKODRIVER: &str = "0.37.0";

/// Where the peers of the bench page and their lock file are, seen from the root.
const PEERS: &str = "benches/page/peers";

/// Where the peers of the bench of events and their lock file are, seen from the root.
pub const EVENT_PEERS: &str = "benches/events/peers";

/// Where receivers of other systems and the lock file of what they are made with are, seen from the root.
const RECEIVERS: &str = "tests/receivers/seeds";

/// Where the frameworks that Cuehook is tested with and their lock file are, seen from the root.
pub const FRAMEWORKS: &str = "tests/frameworks";
/// Where the players that Cuehook is tested with and their lock file are, seen from the root.
pub const PLAYERS: &str = "tests/players";

/// Where the programs that make the package smaller and their lock file are, seen from the root.
pub const TOOLS: &str = "xtask/tools";

/// Where the libraries that verify the relay's signatures and their lock files are, seen from the root.
const VERIFIERS: &str = "tests/signing";

/// Where the environment of those of PyPI is, seen from the root.
const PYTHON_VERIFIERS: &str = "target/tools/python-signing";

/// Where the list of what tries the relay's endpoints is, seen from the root.
const API: &str = "tests/api";

/// Where its environment is, seen from the root.
pub const PYTHON_API: &str = "target/tools/python-api";

const TARGET: &str = "wasm32-unknown-unknown";

impl Need {
    /// All that the default test run and the bench need.
    pub const ALL: [Need; 21] = [
        Need::RustComponents,
        Need::WasmTarget,
        Need::WasmBindgen,
        Need::WasmPack,
        Need::CargoDeny,
        Need::Browser,
        Need::Firefox,
        Need::Geckodriver,
        Need::Webkit,
        Need::Postgres,
        Need::Node,
        Need::Peers,
        Need::EventPeers,
        Need::Receivers,
        Need::Shrinkers,
        Need::Frameworks,
        Need::Players,
        Need::Languages,
        Need::NodeVerifiers,
        Need::PythonVerifiers,
        Need::Schemathesis,
    ];

    /// What `build`, `demo` and `bench --size` need.
    pub const BUILD: [Need; 1] = [Need::WasmTarget];

    /// What a build needs that is as it is published.
    pub const RELEASE: [Need; 3] = [Need::WasmTarget, Need::Node, Need::Shrinkers];

    /// What the bench page needs besides the build.
    pub const BENCH_PAGE: [Need; 3] = [Need::Browser, Need::Node, Need::Peers];

    /// What the end-to-end tests need besides the build and a browser.
    pub const END_TO_END: [Need; 5] =
        [Need::Node, Need::Peers, Need::Shrinkers, Need::Frameworks, Need::Players];

    /// What the tests of signatures need.
    pub const SIGNATURES: [Need; 4] =
        [Need::Node, Need::Languages, Need::NodeVerifiers, Need::PythonVerifiers];

    fn name(self) -> &'static str {
        match self {
            Need::RustComponents => "rustfmt and clippy",
            Need::WasmTarget => "Rust's standard library for wasm32-unknown-unknown",
            Need::WasmBindgen => "wasm-bindgen's test runner",
            Need::WasmPack => "wasm-pack",
            Need::CargoDeny => "cargo-deny",
            Need::CargoMutants => "cargo-mutants",
            Need::Browser => "Chromium and chromedriver",
            Need::Firefox => "Firefox ESR",
            Need::Geckodriver => "geckodriver",
            Need::Webkit => "WebKitGTK, WebKitWebDriver and Xvfb",
            Need::Postgres => "PostgreSQL",
            Need::Node => "node and npm",
            Need::Peers => "the bench's peers",
            Need::EventPeers => "the peers of the events bench",
            Need::Receivers => "Express",
            Need::Shrinkers => "wasm-opt and esbuild",
            Need::Frameworks => "React, Vue and Svelte",
            Need::Players => "the players",
            Need::Languages => "PHP, Go and Python's venv",
            Need::NodeVerifiers => "npm's libraries for signatures",
            Need::PythonVerifiers => "PyPI's libraries for signatures",
            Need::Schemathesis => "schemathesis",
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
            Need::Firefox | Need::Webkit => "to run the browser tests there, too",
            Need::Geckodriver => "to drive Firefox; about 3 minutes",
            Need::Postgres => "to test the relay's store in it",
            Need::Node => "to check the type declarations and to fetch packages",
            Need::Peers => "to compare templates with other engines",
            Need::EventPeers => "to compare events with other libraries",
            Need::Receivers => "to run receivers that were written for other systems",
            Need::Shrinkers => "to make the published package smaller",
            Need::Frameworks => "to test Cuehook inside frameworks",
            Need::Players => "to test Cuehook over players that pages have",
            Need::Languages => "to run the receivers that the documentation shows",
            Need::NodeVerifiers | Need::PythonVerifiers => "to verify what the relay signs",
            Need::Schemathesis => "to try the relay's endpoints against their description",
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
            Need::Browser => Engine::Chromium.driver().is_some() && Path::new(CHROMIUM).exists(),
            Need::Firefox => Path::new(FIREFOX).exists() && workspace::find_program("ffmpeg").is_some(),
            Need::Geckodriver => is_cargo_installed("geckodriver", GECKODRIVER),
            Need::Webkit => webkit_is_present(),
            Need::Postgres => postgres_is_present(),
            Need::Node => node_is_present(),
            Need::Peers => packages_are_installed(&workspace::root().join(PEERS)),
            Need::EventPeers => packages_are_installed(&workspace::root().join(EVENT_PEERS)),
            Need::Receivers => packages_are_installed(&workspace::root().join(RECEIVERS)),
            Need::Shrinkers => packages_are_installed(&workspace::root().join(TOOLS)),
            Need::Frameworks => packages_are_installed(&workspace::root().join(FRAMEWORKS)),
            Need::Players => packages_are_installed(&workspace::root().join(PLAYERS)),
            Need::Languages => languages_are_present(),
            Need::NodeVerifiers => packages_are_installed(&workspace::root().join(VERIFIERS)),
            Need::PythonVerifiers => python_packages_are_installed(
                &workspace::root().join(VERIFIERS),
                &workspace::root().join(PYTHON_VERIFIERS),
            ),
            Need::Schemathesis => python_packages_are_installed(
                &workspace::root().join(API),
                &workspace::root().join(PYTHON_API),
            ),
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
            // It plays H.264 and AAC with ffmpeg's libraries; their packages have numbers in their names, ffmpeg has not.
            Need::Firefox => apt_install(&["firefox-esr", "ffmpeg"]),
            Need::Geckodriver => vec![cargo_install("geckodriver", GECKODRIVER)],
            Need::Webkit => apt_install(&WEBKIT_PACKAGES),
            Need::Postgres => postgres_commands(),
            // Debian's npm comes with several hundred packages; NodeSource's nodejs has it inside.
            Need::Node => apt_install(&["nodejs", "npm"]),
            Need::Peers => vec![npm_install(PEERS, &["--omit=optional"])],
            Need::EventPeers => vec![npm_install(EVENT_PEERS, &["--omit=optional"])],
            Need::Receivers => vec![npm_install(RECEIVERS, &["--omit=optional"])],
            // esbuild's program is an optional dependency: one for each system.
            Need::Shrinkers => vec![npm_install(TOOLS, &[])],
            Need::Frameworks => vec![npm_install(FRAMEWORKS, &["--omit=optional"])],
            Need::Players => vec![npm_install(PLAYERS, &["--omit=optional"])],
            Need::Languages => apt_install(&["golang-go", "php-cli", "python3-venv"]),
            Need::NodeVerifiers => vec![npm_install(VERIFIERS, &["--omit=optional"])],
            Need::PythonVerifiers => python_install(VERIFIERS, PYTHON_VERIFIERS),
            Need::Schemathesis => python_install(API, PYTHON_API),
        })
    }
}

/// Where webdriver.json expects the browser.
const CHROMIUM: &str = "/usr/bin/chromium";

/// Where webdriver.firefox.json expects the browser.
const FIREFOX: &str = "/usr/bin/firefox-esr";

/// WebKitGTK has no headless mode, so it needs a screen. What it plays films with are GStreamer's plugins: VP9 and WebM
/// come along, H.264 and AAC are in libav, what takes their streams apart is in plugins-bad.
const WEBKIT_PACKAGES: [&str; 6] = [
    "webkit2gtk-driver",
    "xvfb",
    "gstreamer1.0-gl",
    "gstreamer1.0-libav",
    "gstreamer1.0-plugins-bad",
    "libgl1-mesa-dri",
];

/// Looks for a file of each package that others do not bring along.
fn webkit_is_present() -> bool {
    let libraries = PathBuf::from(format!("/usr/lib/{ARCH}-linux-gnu"));
    let files = [
        "webkit2gtk-4.1/MiniBrowser",
        "gstreamer-1.0/libgstopengl.so",
        "gstreamer-1.0/libgstlibav.so",
        "gstreamer-1.0/libgstvideoparsersbad.so",
    ];
    Engine::Webkit.driver().is_some()
        && workspace::find_program("Xvfb").is_some()
        && files.iter().all(|file| libraries.join(file).is_file())
}

/// Debian's Python makes environments only with what python3-venv brings along.
fn languages_are_present() -> bool {
    let libraries = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut venvs = libraries.map(|entry| entry.path().join("ensurepip/__init__.py"));
    ["go", "php"].iter().all(|name| workspace::find_program(name).is_some())
        && Path::new(PYTHON).exists()
        && venvs.any(|file| file.is_file())
}

/// Debian has a folder for each of PostgreSQL's versions. The tests take the newest.
fn postgres_is_present() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.map(|entry| entry.path().join("bin/initdb")).any(|program| program.is_file())
}

/// The package would make a cluster and start it, which nobody here needs: the tests have their own. In run level 1 Debian starts nothing.
fn postgres_commands() -> Vec<Command> {
    let mut commands = apt_install(&["postgresql"]);
    for command in &mut commands {
        command.env("RUNLEVEL", "1");
    }
    commands
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
    fn the_glue_writer_has_the_version_of_the_crate() {
        let typed = workspace::as_typed(&Need::WasmBindgen.commands().unwrap()[0]);
        let version = workspace::locked_version("wasm-bindgen").unwrap();
        assert!(typed.ends_with(&format!("wasm-bindgen-cli@{version}")), "{typed}");
    }
}
