//! Counts what passed and what failed.

use std::io::{BufRead, BufReader};
use std::ops::AddAssign;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The sum over all steps.
#[derive(Debug, Default)]
pub struct Tally {
    passed: u64,
    failed: u64,
    failed_steps: Vec<String>,
}

/// Tests that one command has run, or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    passed: u64,
    failed: u64,
}

impl Counts {
    /// Something that is one test by itself and has passed.
    pub const ONE: Counts = Counts { passed: 1, failed: 0 };
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Tally {
    /// Runs a step under a heading, counts it, and says whether nothing failed. A step that cannot say what failed counts
    /// as one failure.
    pub fn step(&mut self, title: &str, step: impl FnOnce() -> Result<Counts>) -> bool {
        println!("\n== {title} ==");
        let started = Instant::now();
        let result = step();
        let seconds = started.elapsed().as_secs_f64();
        let counts = result.unwrap_or_else(|error| {
            println!("{error:#}");
            Counts { passed: 0, failed: 1 }
        });
        self.passed += counts.passed;
        self.failed += counts.failed;
        let verdict = if counts.failed == 0 {
            "passed"
        } else {
            self.failed_steps.push(title.to_owned());
            "FAILED"
        };
        println!("-- {title}: {verdict} in {seconds:.1} s");
        counts.failed == 0
    }

    /// Prints the sum, which is the last line, and says whether all is well: nothing failed, and something was run.
    pub fn finish(self) -> bool {
        println!();
        if !self.failed_steps.is_empty() {
            println!("Failed: {}", self.failed_steps.join(", "));
        } else if self.passed == 0 {
            println!("Nothing was tested.");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        self.failed == 0 && self.passed > 0
    }
}

/// Runs a command that runs Rust tests, shows its output as it comes, and counts.
///
/// # Errors
/// If it ran no test.
pub fn run_tests(command: &mut Command) -> Result<Counts> {
    run_tests_within(command, None)
}

/// The same. A command that says nothing for longer than `patience` is ended, with all that it has started.
///
/// # Errors
/// If it ran no test.
pub fn run_tests_within(command: &mut Command, patience: Option<Duration>) -> Result<Counts> {
    let typed = workspace::as_typed(command);
    println!("$ {typed}");
    let mut in_session;
    let command = match patience {
        None => command,
        Some(_) => {
            in_session = apart(command);
            &mut in_session
        }
    };
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{typed}`"))?;
    let spoke = patience.map(|patience| watch(child.id(), patience));
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            print!("{text}");
            if let Some(spoke) = &spoke {
                // Whoever watches may have given up already.
                let _ = spoke.send(());
            }
            if let Some(result) = counts_in(&text) {
                counts += result;
            }
            line.clear();
        }
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        // It did not compile, or a test has taken its whole process along.
        println!("`{typed}` failed ({status})");
        counts.failed = 1;
    }
    if counts == Counts::default() {
        bail!("`{typed}` ran no test");
    }
    Ok(counts)
}

/// The same command in a session of its own, which can be ended as a whole. (A mere group of its own would be stopped as soon as
/// one of its processes looks at the terminal.)
fn apart(command: &Command) -> Command {
    let mut apart = Command::new("setsid");
    apart.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => apart.env(name, value),
            None => apart.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        apart.current_dir(folder);
    }
    apart
}

/// Ends a group of processes when nothing was received for longer than `patience`, until the sender is dropped.
fn watch(group: u32, patience: Duration) -> Sender<()> {
    let (spoke, heard) = mpsc::channel();
    std::thread::spawn(move || {
        loop {
            match heard.recv_timeout(patience) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    println!("It has said nothing for {} s, so it is ended.", patience.as_secs());
                    drop(Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).status());
                    return;
                }
            }
        }
    });
    spoke
}

/// Reads `test result: ok. 3 passed; 0 failed; …`, which libtest and wasm-bindgen's runner print.
fn counts_in(line: &str) -> Option<Counts> {
    let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| {
        let (number, _) =
            counts.split(';').find_map(|part| part.trim().split_once(' ').filter(|(_, w)| *w == word))?;
        number.parse().ok()
    };
    Some(Counts { passed: number("passed")?, failed: number("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_counted() {
        let native = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(counts_in(native), Some(Counts { passed: 12, failed: 3 }));
        let browser = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.02s\n";
        assert_eq!(counts_in(browser), Some(Counts { passed: 2, failed: 0 }));
        for other in [
            "running 2 tests",
            "test result: strange",
            "test a ... ok",
            "the test result: ok. 1 passed; 0 failed",
        ] {
            assert_eq!(counts_in(other), None, "{other}");
        }
    }

    #[test]
    fn a_command_that_fails_without_counting_counts_as_one_failure() {
        let shell = |script: &str| run_tests(Command::new("sh").args(["-c", script]));
        assert_eq!(shell("exit 1").unwrap(), Counts { passed: 0, failed: 1 });
        let line = "test result: ok. 2 passed; 0 failed;";
        assert_eq!(shell(&format!("echo '{line}'; echo '{line}'")).unwrap(), Counts { passed: 4, failed: 0 });
        assert_eq!(shell(&format!("echo '{line}'; exit 101")).unwrap(), Counts { passed: 2, failed: 1 });
        assert!(shell("true").is_err());
    }

    #[test]
    fn a_command_that_says_nothing_is_ended() {
        let patience = Some(Duration::from_millis(300));
        let within = |script: &str| run_tests_within(Command::new("sh").args(["-c", script]), patience);
        let started = Instant::now();
        assert_eq!(within("sleep 60; true").unwrap(), Counts { passed: 0, failed: 1 });
        assert!(started.elapsed() < Duration::from_secs(30));
        let slow = "for i in 1 2 3 4; do echo; sleep .1; done; echo 'test result: ok. 2 passed; 0 failed;'";
        assert_eq!(within(slow).unwrap(), Counts { passed: 2, failed: 0 });
    }

    #[test]
    fn all_is_well_only_if_something_ran_and_nothing_failed() {
        assert!(!Tally::default().finish());
        let mut tally = Tally::default();
        tally.step("good", || Ok(Counts::ONE));
        tally.step("bad", || bail!("broken"));
        assert_eq!((tally.passed, tally.failed, tally.failed_steps.len()), (1, 1, 1));
        assert!(!tally.finish());
        let mut tally = Tally::default();
        tally.step("good", || Ok(Counts { passed: 5, failed: 0 }));
        assert!(tally.finish());
    }
}
