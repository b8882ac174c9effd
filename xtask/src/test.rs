//! `cargo xtask test`: everything that can be checked, in one run with one sum at the end.

mod api;
mod browsers;
mod engines;
mod single_file;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::setup::{self, FRAMEWORKS, Need};
use crate::tally::{Counts, Tally, run_tests};
use crate::webdriver::Engine;
use crate::workspace::{self, command, run};
use crate::{build, plain, size};

/// One step of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestStep {
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
    /// Type declarations of the npm package, also as frameworks see them; and that Node can import it.
    Types,
    /// What the relay signs, verified by published libraries and by the receivers of the documentation.
    Signatures,
    /// Receivers that were written for other systems, and what they make of what the relay makes.
    Seeds,
    /// The relay's endpoints, tried against their description by schemathesis.
    Api,
    /// Sizes against the budget.
    Size,
    /// Tests inside a browser.
    Web,
    /// Tests that drive a browser over real pages.
    E2e,
    /// A few of these in the other engines.
    Engines,
}

const WASM: &str = "wasm32-unknown-unknown";

/// What the native tests do more of in a full run: schedules of the simulation, cases of each property, kills.
const FULL: [(&str, &str); 3] =
    [("CUEHOOK_SEEDS", "120000"), ("PROPTEST_CASES", "30000"), ("CUEHOOK_KILLS", "200")];

/// How long the advisory database may take to download.
const ADVISORY_PATIENCE: Duration = Duration::from_secs(60);

impl TestStep {
    const QUICK: [TestStep; 3] = [TestStep::Format, TestStep::Clippy, TestStep::Native];

    /// What depends on the browser: everything that `--browser` asks for.
    const IN_BROWSER: [TestStep; 3] = [TestStep::Build, TestStep::Web, TestStep::E2e];

    fn title(self) -> &'static str {
        match self {
            TestStep::Format => "form (rustfmt)",
            TestStep::Clippy => "lints (clippy, native)",
            TestStep::ClippyWasm => "lints (clippy, wasm32)",
            TestStep::Native => "native tests",
            TestStep::Deny => "dependencies (cargo-deny)",
            TestStep::Types => "type declarations (TypeScript), import in Node",
            TestStep::Signatures => "signatures, by others' libraries and in other languages",
            TestStep::Seeds => "receivers of other systems, unchanged",
            TestStep::Api => "the relay's endpoints against their description",
            TestStep::WasmPack => "plain wasm-pack build, in a copy",
            TestStep::Build => "build",
            TestStep::Size => "size",
            TestStep::Web => "browser tests",
            TestStep::E2e => "end-to-end tests",
            TestStep::Engines => "end-to-end tests, a few, in other engines",
        }
    }

    fn needs(self, engine: Engine) -> Vec<Need> {
        let browsers = match self {
            TestStep::Web | TestStep::E2e => engine.needs().to_vec(),
            TestStep::Engines => Engine::OTHERS.iter().flat_map(|other| other.needs()).copied().collect(),
            _ => Vec::new(),
        };
        let others: &[Need] = match self {
            TestStep::Format | TestStep::Clippy => &[Need::RustComponents],
            TestStep::ClippyWasm => &[Need::RustComponents, Need::WasmTarget],
            TestStep::Native => &[Need::Postgres],
            TestStep::Deny => &[Need::CargoDeny],
            TestStep::Types => &[Need::Node, Need::Frameworks],
            TestStep::Signatures => &Need::SIGNATURES,
            TestStep::Seeds => &[Need::Node, Need::Languages, Need::Receivers],
            TestStep::Api => &[Need::Languages, Need::Schemathesis],
            TestStep::WasmPack => &[Need::WasmTarget, Need::WasmBindgen, Need::WasmPack],
            TestStep::Build | TestStep::Size => &Need::RELEASE,
            TestStep::Web => &[Need::WasmTarget, Need::WasmBindgen, Need::WasmPack],
            TestStep::E2e => &Need::END_TO_END,
            TestStep::Engines => &[],
        };
        [others, &browsers].concat()
    }

    /// Whether it looks at what the build step has put into pkg/dist.
    fn looks_at_build(self) -> bool {
        matches!(
            self,
            TestStep::WasmPack | TestStep::Size | TestStep::Types | TestStep::E2e | TestStep::Engines
        )
    }

    fn run(self, full: bool, engine: Engine) -> Result<Counts> {
        match self {
            TestStep::Format => one(command("cargo").args(["fmt", "--all", "--check"])),
            TestStep::Clippy => clippy(&["--workspace", "--all-targets"]),
            TestStep::ClippyWasm => {
                clippy(&["--package", "cuehook", "--lib", "--test", "web", "--target", WASM])
            }
            TestStep::Native => run_tests(
                command("cargo")
                    .args(["test", "--workspace", "--no-fail-fast"])
                    .envs(FULL.iter().copied().filter(|_| full)),
            ),
            TestStep::Deny => dependencies(),
            TestStep::Types => type_declarations(),
            TestStep::Signatures => signatures(),
            TestStep::Seeds => run_tests(command("cargo").args([
                "test",
                "--package",
                "cuehook-relay",
                "--test",
                "seeds",
                "--",
                "--ignored",
            ])),
            TestStep::Api => api::run_against_description(),
            TestStep::WasmPack => plain_wasm_pack(),
            TestStep::Build => build::run(build::Quality::Release).map(|()| Counts::ONE),
            TestStep::Size => size::check().map(|()| Counts::ONE),
            TestStep::Web => browsers::in_browser(engine),
            TestStep::E2e => browsers::end_to_end(engine, full),
            TestStep::Engines => browsers::subset_elsewhere(),
        }
    }
}

/// Runs the steps named; with none named, all, or with `quick` those that need no browser and no wasm; with `full` as
/// thoroughly as they can. With a browser, those that need one are run there, and with none named no others. Says whether
/// all is well.
pub fn test(quick: bool, full: bool, only: &[TestStep], browser: Option<Engine>) -> bool {
    let only = match (only, browser) {
        ([], Some(_)) => &TestStep::IN_BROWSER,
        (only, _) => only,
    };
    let engine = browser.unwrap_or(Engine::Chromium);
    let steps = plan(quick, only);
    let mut tally = Tally::default();
    let mut needs: Vec<Need> = Vec::new();
    for need in steps.iter().flat_map(|step| step.needs(engine)) {
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    if let Err(error) = setup::ensure(&needs) {
        tally.step("setup", || Err(error));
    }
    let mut is_built = true;
    for step in steps {
        let passed = tally.step(step.title(), || match step.looks_at_build() && !is_built {
            true => bail!("not run: there is no build to look at"),
            false => step.run(full, engine),
        });
        is_built &= passed || step != TestStep::Build;
    }
    tally.finish()
}

/// Minutes of viewers beside a relay and receivers that misbehave.
///
/// # Errors
/// If something is missing, or an event that was recorded does not come.
pub fn soak(minutes: f64) -> Result<()> {
    let engine = Engine::Chromium;
    setup::ensure(&[Need::RELEASE.as_slice(), &TestStep::E2e.needs(engine)].concat())?;
    build::run(build::Quality::Release)?;
    let counts = browsers::soak(minutes)?;
    if counts == Counts::ONE { Ok(()) } else { bail!("not every event has come as it should") }
}

fn plan(quick: bool, only: &[TestStep]) -> Vec<TestStep> {
    let all = TestStep::value_variants();
    let is_asked_for = |step: &TestStep| match (only, quick) {
        ([], true) => TestStep::QUICK.contains(step),
        ([], false) => true,
        (only, _) => {
            only.contains(step) || *step == TestStep::Build && only.iter().any(|step| step.looks_at_build())
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
    let mut install = command("npm");
    install.args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder);
    setup::run_downloads(&mut [install], setup::PAUSE)?;
    // Without frameworks, and with them.
    for folder in [folder, workspace::root().join(FRAMEWORKS)] {
        run(command("npx").args(["--no-install", "tsc", "--noEmit"]).current_dir(&folder))?;
    }
    one(command("node").args(["--test", "tests/node/"]))
}

/// The receiver in Rust is an example, which this does not build by itself. With the features of the whole workspace, as the native
/// tests were compiled.
fn signatures() -> Result<Counts> {
    run(command("cargo").args(["build", "--workspace", "--example", "receiver"]))?;
    run_tests(command("cargo").args(["test", "--workspace", "--test", "signing", "--", "--ignored"]))
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
    let is_said_there = |line: &&str| !line.contains("readonly __") && *line != build::factory::DECLARED;
    Ok(text.lines().filter(is_said_there).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_look_at_the_build_come_after_it() {
        let all = plan(false, &[]);
        let place = |step| all.iter().position(|other| *other == step).unwrap();
        for step in TestStep::value_variants() {
            assert!(!step.looks_at_build() || place(*step) > place(TestStep::Build), "{step:?}");
        }
        assert_eq!(plan(false, &[TestStep::Size]), [TestStep::Build, TestStep::Size]);
        assert_eq!(plan(false, &[TestStep::Native]), [TestStep::Native]);
        assert_eq!(plan(true, &[]), TestStep::QUICK);
    }

    #[test]
    fn patience_ends() {
        assert!(within(Duration::from_secs(5), &mut Command::new("true")).unwrap());
        assert!(!within(Duration::from_secs(5), &mut Command::new("false")).unwrap());
        assert!(!within(Duration::from_millis(50), Command::new("sleep").arg("60")).unwrap());
    }
}
