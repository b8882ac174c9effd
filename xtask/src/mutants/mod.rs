//! `cargo xtask mutants`: changes the code at random places, and looks whether a test notices.
//!
//! It takes hours, so it is no part of the test run, goes on where it was stopped, and works in copies of the sources.

mod sample;

use std::collections::VecDeque;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use self::sample::{Outcome, Results};
use crate::setup::{self, Need};
use crate::{plain, workspace};

/// Whose mutants are tried.
const SUBJECTS: [&str; 2] = ["src/project/**/*.rs", "src/template/**/*.rs"];

/// What is a test itself.
const TESTS: [&str; 2] = ["**/tests/**", "**/tests.rs"];

/// The tests that are to notice: all of the core but the simulation, which takes longest and looks at the engine.
const SUITE: [&str; 6] = ["--lib", "--test", "documents", "--", "--skip", "simulation"];

/// How many of a hundred viable mutants must be noticed.
const PERCENT: usize = 90;

/// Mutants that are tried by one call of cargo-mutants; so many are lost when it is stopped.
const CHUNK: usize = 10;

/// MutantOptions of the command.
#[derive(clap::Args, Debug)]
pub struct MutantOptions {
    /// How many mutants are tried.
    #[arg(long, default_value_t = 300)]
    sample: usize,
    /// Which ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many are tried at the same time, each in a copy of its own.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
}

/// A mutant as cargo-mutants lists it.
#[derive(Deserialize)]
struct Mutant {
    name: String,
}

/// Tries what of the sample has not been tried yet, and prints what has come of all.
///
/// # Errors
/// If fewer than nine of ten viable mutants are noticed, or something fails.
pub fn run(options: &MutantOptions) -> Result<()> {
    setup::ensure(&[Need::CargoMutants])?;
    let folder = workspace::target().join("mutants");
    let trees: Vec<PathBuf> =
        (0..options.jobs.max(1)).map(|job| folder.join(format!("tree-{job}"))).collect();
    let mut sources = DefaultHasher::new();
    for tree in &trees {
        // Also puts back what a mutant has changed that was stopped.
        let files = plain::copy_sources(&workspace::root(), tree)?;
        sources = DefaultHasher::new();
        let relevant = |path: &Path| ["src", "crates", "tests"].iter().any(|part| path.starts_with(part));
        files.iter().filter(|(path, _)| relevant(path)).for_each(|file| file.hash(&mut sources));
    }
    let file = folder.join("results.json");
    let kept = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let mut results = Results::of(format!("{:016x}", sources.finish()), kept);
    let [first, ..] = trees.as_slice() else { bail!("no tree") };
    let all = list(first)?;
    println!("{} mutants, of which {} are looked at.", all.len(), options.sample.min(all.len()));
    let sample = sample::sample(all, options.sample, options.seed);
    let missing: Vec<String> = results.missing(&sample).into_iter().cloned().collect();
    println!("{} of these have been tried before.", sample.len() - missing.len());
    if !missing.is_empty() {
        baseline(first)?;
    }
    let chunks: Mutex<VecDeque<Vec<String>>> = Mutex::new(missing.chunks(CHUNK).map(<[_]>::to_vec).collect());
    let shared = Mutex::new(&mut results);
    std::thread::scope(|scope| {
        let work = |tree: &Path| -> Result<()> {
            while let Some(chunk) = lock(&chunks)?.pop_front() {
                let outcomes = try_out(tree, &chunk)?;
                let mut results = lock(&shared)?;
                results.outcomes.extend(outcomes);
                fs::write(&file, serde_json::to_vec_pretty(&**results)?)
                    .with_context(|| format!("cannot write {}", file.display()))?;
                println!("{} of {} tried.", sample.len() - results.missing(&sample).len(), sample.len());
            }
            Ok(())
        };
        let workers: Vec<_> = trees.iter().map(|tree| scope.spawn(move || work(tree))).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| anyhow!("a worker has failed"))?)
    })?;
    report(&results, &sample)
}

fn report(results: &Results, sample: &[String]) -> Result<()> {
    let verdict = results.verdict(sample);
    for name in &verdict.missed {
        println!("missed: {name}");
    }
    let (caught, missed) = (verdict.caught, verdict.missed.len());
    let (timeouts, unviable, untried) = (verdict.timeouts, verdict.unviable, verdict.untried);
    println!("{caught} caught, {timeouts} timed out, {missed} missed, {unviable} do not compile");
    if untried > 0 {
        bail!("cargo-mutants said nothing of {untried} mutants");
    }
    if !verdict.suffices(PERCENT) {
        bail!("fewer than {PERCENT} % of the viable mutants were noticed");
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> Result<std::sync::MutexGuard<'_, T>> {
    mutex.lock().map_err(|_| anyhow!("a worker has failed"))
}

/// All mutants of the subjects.
fn list(tree: &Path) -> Result<Vec<String>> {
    let mut command = cargo_mutants(tree);
    let listed = workspace::output(command.args(["--list", "--json"]))?;
    let mutants: Vec<Mutant> = serde_json::from_str(&listed).context("cannot read the list of mutants")?;
    Ok(mutants.into_iter().map(|mutant| mutant.name).collect())
}

/// Without any change all tests must pass: otherwise each mutant would look caught.
fn baseline(tree: &Path) -> Result<()> {
    let mut command = workspace::command("cargo");
    command.args(["test", "--package", "cuehook"]).args(settings()).args(SUITE).current_dir(tree);
    workspace::run(command.env("CARGO_TARGET_DIR", tree.join("target")))
}

/// Tries mutants one after the other; the tree is as before afterwards.
fn try_out(tree: &Path, names: &[String]) -> Result<Vec<(String, Outcome)>> {
    let out = tree.join("target/outcomes");
    let mut command = cargo_mutants(tree);
    command.args(["--in-place", "--baseline", "skip", "--no-shuffle", "--colors", "never"]);
    command.args(["--timeout", "180", "--build-timeout", "600"]);
    command.arg("--re").arg(sample::pattern(names)).arg("--output").arg(&out);
    for setting in settings() {
        command.arg(format!("--cargo-arg={setting}"));
    }
    command.arg("--").args(SUITE).env("CARGO_TARGET_DIR", tree.join("target"));
    // Its code says whether all were caught: that is seen in its lists.
    command.status().context("cannot start cargo-mutants")?;
    let mut outcomes = Vec::new();
    for (outcome, list) in Outcome::ALL {
        let file = out.join("mutants.out").join(list);
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        outcomes.extend(text.lines().filter(|line| !line.is_empty()).map(|line| (line.to_owned(), outcome)));
    }
    if outcomes.is_empty() {
        bail!("cargo-mutants tried nothing of:\n{}", names.join("\n"));
    }
    Ok(outcomes)
}

fn cargo_mutants(tree: &Path) -> Command {
    let mut command = workspace::command("cargo");
    command.args(["mutants", "--package", "cuehook"]).current_dir(tree);
    for subject in SUBJECTS {
        command.args(["--file", subject]);
    }
    for test in TESTS {
        command.args(["--exclude", test]);
    }
    command
}

/// Compiling takes longer than the tests.
fn settings() -> Vec<String> {
    ["profile.dev.debug=false", "profile.dev.package.cuehook.opt-level=0"]
        .map(|setting| format!("--config={setting}"))
        .to_vec()
}
