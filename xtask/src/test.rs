//! `cargo xtask test`: everything that can be checked, in one run with one sum at the end.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::server::Server;
use crate::setup::{self, Need};
use crate::tally::{Counts, Tally, run_tests};
use crate::webdriver::Driver;
use crate::workspace::{self, command, run};
use crate::{build, plain, size};

/// One step of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Form of the source.
    Format,
    /// Lints of the native build.
    Clippy,
    /// Lints of the browser build.
    ClippyWasm,
    /// Native unit, integration and documentation tests.
    Native,
    /// Licences, sources and advisories of dependencies.
    Deny,
    /// The shipped build.
    Build,
    /// The plain `wasm-pack build`.
    WasmPack,
    /// Type declarations of the npm package.
    Types,
    /// Sizes against the budget.
    Size,
    /// Tests inside a browser.
    Web,
    /// Tests that drive a browser over real pages.
    E2e,
}

const WASM: &str = "wasm32-unknown-unknown";

/// How long the advisory database may take to download.
const ADVISORY_PATIENCE: Duration = Duration::from_secs(60);

impl Step {
    const QUICK: [Step; 3] = [Step::Format, Step::Clippy, Step::Native];

    fn title(self) -> &'static str {
        match self {
            Step::Format => "form (rustfmt)",
            Step::Clippy => "lints (clippy, native)",
            Step::ClippyWasm => "lints (clippy, wasm32)",
            Step::Native => "native tests",
            Step::Deny => "dependencies (cargo-deny)",
            Step::Types => "type declarations (TypeScript)",
            Step::WasmPack => "plain wasm-pack build, in a copy",
            Step::Build => "build",
            Step::Size => "size",
            Step::Web => "browser tests",
            Step::E2e => "end-to-end tests",
        }
    }

    fn needs(self) -> &'static [Need] {
        match self {
            Step::Format | Step::Clippy => &[Need::RustComponents],
            Step::ClippyWasm => &[Need::RustComponents, Need::WasmTarget],
            Step::Native => &[],
            Step::Deny => &[Need::CargoDeny],
            Step::Types => &[Need::Node],
            Step::WasmPack => &[Need::WasmTarget, Need::WasmBindgen, Need::WasmPack],
            Step::Build | Step::Size => &Need::RELEASE,
            Step::Web => &[Need::WasmTarget, Need::WasmBindgen, Need::WasmPack, Need::Browser],
            Step::E2e => &Need::BENCH_PAGE,
        }
    }

    /// Whether it looks at what the build step has put into pkg/dist.
    fn looks_at_build(self) -> bool {
        matches!(self, Step::WasmPack | Step::Size | Step::Types | Step::E2e)
    }

    fn run(self) -> Result<Counts> {
        match self {
            Step::Format => one(command("cargo").args(["fmt", "--all", "--check"])),
            Step::Clippy => clippy(&["--workspace", "--all-targets"]),
            Step::ClippyWasm => clippy(&["--package", "cuehook", "--lib", "--test", "web", "--target", WASM]),
            Step::Native => run_tests(command("cargo").args(["test", "--workspace", "--no-fail-fast"])),
            Step::Deny => dependencies(),
            Step::Types => type_declarations(),
            Step::WasmPack => plain_wasm_pack(),
            Step::Build => build::run(build::Quality::Release).map(|()| Counts::ONE),
            Step::Size => size::check().map(|()| Counts::ONE),
            Step::Web => in_browser(),
            Step::E2e => end_to_end(),
        }
    }
}

/// Runs the steps named; with none named, all, or with `quick` those that need no browser and no wasm. Says whether
/// all is well.
pub fn test(quick: bool, only: &[Step]) -> bool {
    let steps = plan(quick, only);
    let mut tally = Tally::default();
    let mut needs: Vec<Need> = Vec::new();
    for need in steps.iter().flat_map(|step| step.needs()) {
        if !needs.contains(need) {
            needs.push(*need);
        }
    }
    if let Err(error) = setup::ensure(&needs) {
        tally.step("setup", || Err(error));
    }
    for step in steps {
        tally.step(step.title(), || step.run());
    }
    tally.finish()
}

fn plan(quick: bool, only: &[Step]) -> Vec<Step> {
    let all = Step::value_variants();
    let is_asked_for = |step: &Step| match (only, quick) {
        ([], true) => Step::QUICK.contains(step),
        ([], false) => true,
        (only, _) => {
            only.contains(step) || *step == Step::Build && only.iter().any(|step| step.looks_at_build())
        }
    };
    all.iter().filter(|step| is_asked_for(step)).copied().collect()
}

fn one(command: &mut Command) -> Result<Counts> {
    run(command).map(|()| Counts::ONE)
}

fn clippy(scope: &[&str]) -> Result<Counts> {
    one(command("cargo").arg("clippy").args(scope).args(["--", "-D", "warnings"]))
}

fn dependencies() -> Result<Counts> {
    run(command("cargo").args(["deny", "--workspace", "check", "bans", "licenses", "sources"]))?;
    // Advisories need a database from the net. No net is no fault of the dependencies.
    let fetched = within(ADVISORY_PATIENCE, command("cargo").args(["deny", "--workspace", "fetch", "db"]))?;
    if !fetched {
        println!(
            "The advisory database could not be fetched: known vulnerabilities are NOT checked in this run."
        );
        return Ok(Counts::ONE);
    }
    one(command("cargo").args(["deny", "--workspace", "check", "--disable-fetch", "advisories"]))
}

/// Whether a command succeeds in time.
fn within(limit: Duration, command: &mut Command) -> Result<bool> {
    println!("$ {}", workspace::as_typed(command));
    let mut child = command.spawn()?;
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn type_declarations() -> Result<Counts> {
    let folder = workspace::root().join("tests/types");
    run(command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    one(command("npx").args(["--no-install", "tsc", "--noEmit"]).current_dir(&folder))
}

/// Somebody who knows nothing of xtask types `wasm-pack build --target web`: it builds what xtask builds by default, with
/// the same declarations, and writes over nothing that is kept. The module is larger there, because cargo leaves out
/// link-time optimisation (see [`build::module::compile`]).
fn plain_wasm_pack() -> Result<Counts> {
    let copy = workspace::target().join("wasm-pack");
    let before = plain::copy_sources(&workspace::root(), &copy)?;
    for file in std::fs::read_dir(copy.join("pkg"))?.flatten().filter(|file| file.file_name() != ".gitignore")
    {
        drop(std::fs::remove_file(file.path()));
    }
    run(command("wasm-pack")
        .args(["build", "--target", "web"])
        .current_dir(&copy)
        .env("CARGO_TARGET_DIR", workspace::target()))?;
    plain::expect_untouched(&copy, &before, Path::new("pkg"))?;
    for file in ["cuehook.js", "cuehook.d.ts", "cuehook_bg.wasm", "cuehook_bg.wasm.d.ts"] {
        if !copy.join("pkg").join(file).is_file() {
            bail!("`wasm-pack build` wrote no {file}");
        }
    }
    let shipped = workspace::root().join(build::OUT).join("cuehook.d.ts");
    if declarations(&copy.join("pkg/cuehook.d.ts"))? != declarations(&shipped)? {
        bail!("cuehook.d.ts differs between `wasm-pack build` and `cargo xtask build`");
    }
    Ok(Counts::ONE)
}

/// What a module declares, without its inner parts.
fn declarations(file: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.lines().filter(|line| !line.contains("readonly __")).map(str::to_owned).collect())
}

/// With `--test web` alone: the other tests are native ones, which compile to nothing there, slowly.
fn in_browser() -> Result<Counts> {
    let driver = setup::chromedriver().context("chromedriver is missing: run `cargo xtask setup`")?;
    run_tests(
        command("wasm-pack")
            .args(["test", "--headless", "--chrome", "--chromedriver"])
            .arg(driver)
            .args(["--mode", "no-install", "--test", "web"])
            .env("WASM_BINDGEN_TEST_TIMEOUT", "120"),
    )
}

/// The tests are handed a running server and a running driver.
fn end_to_end() -> Result<Counts> {
    let server = Server::start_anywhere(&workspace::root())?;
    let driver = Driver::start()?;
    run_tests(
        command("cargo")
            .args(["test", "--package", "cuehook", "--test", "e2e", "--", "--ignored", "--test-threads=1"])
            .env("CUEHOOK_SERVER", server.origin())
            .env("CUEHOOK_OTHER_ORIGIN", server.other_origin())
            .env("WEBDRIVER_URL", driver.url()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_look_at_the_build_come_after_it() {
        let all = plan(false, &[]);
        let place = |step| all.iter().position(|other| *other == step).unwrap();
        for step in Step::value_variants() {
            assert!(!step.looks_at_build() || place(*step) > place(Step::Build), "{step:?}");
        }
        assert_eq!(plan(false, &[Step::Size]), [Step::Build, Step::Size]);
        assert_eq!(plan(false, &[Step::Native]), [Step::Native]);
        assert_eq!(plan(true, &[]), Step::QUICK);
    }

    #[test]
    fn patience_ends() {
        assert!(within(Duration::from_secs(5), &mut Command::new("true")).unwrap());
        assert!(!within(Duration::from_secs(5), &mut Command::new("false")).unwrap());
        assert!(!within(Duration::from_millis(50), Command::new("sleep").arg("60")).unwrap());
    }
}
