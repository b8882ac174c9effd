//! `cargo xtask mutants`: changes the code at random places, and looks whether a test notices.
//!
//! It takes hours, so it is no part of the test run, goes on where it was stopped, and works in copies of the sources.

mod sample;
mod subject;

use std::collections::VecDeque;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use serde::Deserialize;

use self::sample::{Outcome, Results};
use self::subject::Subject;
use crate::setup::{self, Need};
use crate::{plain, workspace};

/// What is a test itself, or serves tests alone.
const TESTS: [&str; 5] =
    ["**/tests/**", "**/tests.rs", "**/*_tests.rs", "**/simulation/**", "crates/json/src/arbitrary.rs"];

/// Schedules of the simulation that each mutant of the engine must get through. All of them take too long.
const SEEDS: &str = "300";

/// How many of a hundred viable mutants must be noticed.
const PERCENT: usize = 90;

/// Mutants that are tried by one call of cargo-mutants; so many are lost when it is stopped.
const CHUNK: usize = 10;

/// Options of the command.
#[derive(clap::Args, Debug)]
pub struct MutantOptions {
    /// Only this part of the code; may be repeated.
    #[arg(long, value_name = "SUBJECT")]
    subject: Vec<Subject>,
    /// How many mutants are tried.
    #[arg(long, default_value_t = 300)]
    sample: usize,
    /// Which ones.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many are tried at the same time, each in a copy of its own.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Only tests have changed: believe what was caught before, and try again what was missed.
    #[arg(long)]
    again: bool,
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
    let subjects = match options.subject.as_slice() {
        [] => Subject::value_variants(),
        chosen => chosen,
    };
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
    let mut results = Results::of(format!("{:016x}", sources.finish()), kept, options.again);
    let [first, ..] = trees.as_slice() else { bail!("no tree") };
    let mut all = Vec::new();
    for subject in subjects {
        all.extend(list(first, *subject)?.into_iter().map(|name| (name, *subject)));
    }
    println!("{} mutants, of which {} are looked at.", all.len(), options.sample.min(all.len()));
    let names = all.iter().map(|(name, _)| name.clone()).collect();
    let sample = sample::sample(names, options.sample, options.seed);
    let missing: Vec<String> = results.missing(&sample).into_iter().cloned().collect();
    println!("{} of these have been tried before.", sample.len() - missing.len());
    let mut chunks = VecDeque::new();
    for subject in subjects {
        let is_of_subject = |name: &&String| all.iter().any(|(of, whose)| of == *name && whose == subject);
        let mut names: Vec<String> = missing.iter().filter(is_of_subject).cloned().collect();
        // Those of one file side by side: so few files are looked at for each chunk.
        names.sort();
        if !names.is_empty() {
            baseline(first, *subject)?;
        }
        chunks.extend(names.chunks(CHUNK).map(|chunk| (*subject, chunk.to_vec())));
    }
    let chunks = Mutex::new(chunks);
    let shared = Mutex::new(&mut results);
    std::thread::scope(|scope| {
        let work = |tree: &Path| -> Result<()> {
            loop {
                let Some((subject, chunk)) = lock(&chunks)?.pop_front() else { return Ok(()) };
                let outcomes = try_out(tree, subject, &chunk)?;
                let mut results = lock(&shared)?;
                results.outcomes.extend(outcomes);
                fs::write(&file, serde_json::to_vec_pretty(&**results)?)
                    .with_context(|| format!("cannot write {}", file.display()))?;
                println!("{} of {} tried.", sample.len() - results.missing(&sample).len(), sample.len());
            }
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

/// All mutants of a subject.
fn list(tree: &Path, subject: Subject) -> Result<Vec<String>> {
    let mut command = cargo_mutants(tree, subject, &[subject.files()]);
    let listed = workspace::output(command.args(["--list", "--json"]))?;
    let mutants: Vec<Mutant> = serde_json::from_str(&listed).context("cannot read the list of mutants")?;
    Ok(mutants.into_iter().map(|mutant| mutant.name).collect())
}

/// Without any change all tests must pass: otherwise each mutant would look caught.
fn baseline(tree: &Path, subject: Subject) -> Result<()> {
    let mut command = workspace::command("cargo");
    command.args(["test", "--package", subject.package()]).args(settings()).args(subject.suite());
    workspace::run(in_tree(&mut command, tree))
}

/// Tries mutants one after the other; the tree is as before afterwards.
fn try_out(tree: &Path, subject: Subject, names: &[String]) -> Result<Vec<(String, Outcome)>> {
    let out = tree.join("target/outcomes");
    // Only the first tree was built before.
    fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    // Only the files in question: cargo-mutants tries those that delete a field whatever the pattern says.
    let mut files: Vec<&str> = names.iter().filter_map(|name| Some(name.split_once(':')?.0)).collect();
    files.dedup();
    let mut command = cargo_mutants(tree, subject, &files);
    command.args(["--in-place", "--baseline", "skip", "--no-shuffle", "--colors", "never"]);
    command.args(["--timeout", "180", "--build-timeout", "600"]);
    command.arg("--re").arg(sample::pattern(names)).arg("--output").arg(&out);
    for setting in settings() {
        command.arg(format!("--cargo-arg={setting}"));
    }
    command.arg("--").args(subject.suite());
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

fn cargo_mutants(tree: &Path, subject: Subject, files: &[&str]) -> Command {
    let mut command = workspace::command("cargo");
    command.args(["mutants", "--package", subject.package()]);
    for file in files {
        command.args(["--file", file]);
    }
    for test in TESTS {
        command.args(["--exclude", test]);
    }
    // Of tests inside the files it knows only those that are for every target.
    command.args(["--exclude-re", r"\btests::"]);
    in_tree(&mut command, tree);
    command
}

fn in_tree<'c>(command: &'c mut Command, tree: &Path) -> &'c mut Command {
    command.current_dir(tree).env("CARGO_TARGET_DIR", tree.join("target")).env("CUEHOOK_SEEDS", SEEDS)
}

/// Compiling takes longer than the tests.
fn settings() -> Vec<String> {
    ["profile.dev.debug=false", "profile.dev.package.cuehook.opt-level=0"]
        .map(|setting| format!("--config={setting}"))
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_subject_are_in_its_package() {
        for subject in Subject::value_variants() {
            let folder = workspace::root().join(subject.files().trim_end_matches("/**/*.rs"));
            assert!(folder.is_dir(), "{}", folder.display());
            let package = folder.ancestors().find(|folder| folder.join("Cargo.toml").is_file()).unwrap();
            let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
            assert!(manifest.contains(&format!("name = \"{}\"", subject.package())), "{subject:?}");
        }
    }
}
