//! A program that ends with this process, however that ends.

use std::fs::File;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// A shell stands between. It reads from a pipe that this process holds open, and asks the program to end when the pipe closes, which it
/// does also when this process is killed. Ctrl-C goes to the shell, too, and must not end it before that.
const KEEPER: &str = r#"
trap '' INT HUP
exec 3<&0
"$@" 3<&- </dev/null & kept=$!
( while read -r _ <&3; do :; done; kill -TERM $kept; sleep 5; kill -KILL $kept ) 2>/dev/null & keeper=$!
exec 3<&-
wait $kept; status=$?
kill $keeper
exit $status
"#;

/// How long it may take to end when it is asked to; then it has been killed.
const PATIENCE: Duration = Duration::from_secs(8);

/// A running program. Dropping this ends it.
#[derive(Debug)]
pub struct Kept(Child);

impl Kept {
    /// Starts a program, as `command` says; what it writes goes to `log`.
    pub fn start(command: &Command, log: File) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", KEEPER, "sh"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                shell.env(name, value);
            }
        }
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        shell.stdin(Stdio::piped()).stderr(log.try_clone()?).stdout(log);
        shell.spawn().map(Kept).with_context(|| format!("cannot start `{}`", command.get_program().display()))
    }

    /// Whether it has ended by itself, and how.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.0.try_wait()?)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    /// A program that writes its number into a file, and whether somebody told it to end.
    fn program(script: &str, name: &str) -> (Command, PathBuf) {
        let file = std::env::temp_dir().join(format!("cuehook-kept-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&file);
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("NOTES", &file);
        (command, file)
    }

    fn start(command: &Command, file: &Path) -> Kept {
        Kept::start(command, File::create(file.with_extension("log")).unwrap()).unwrap()
    }

    fn until(mut condition: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !condition() {
            assert!(Instant::now() < deadline, "waited in vain");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn notes(file: &Path) -> String {
        std::fs::read_to_string(file).unwrap_or_default()
    }

    fn is_running(number: &str) -> bool {
        Command::new("kill").args(["-0", number.trim()]).stderr(Stdio::null()).status().unwrap().success()
    }

    #[test]
    fn what_is_dropped_is_asked_to_end() {
        let script =
            "trap 'echo asked >> \"$NOTES\"; exit' TERM; echo $$ > \"$NOTES\"; while :; do sleep 0.05; done";
        let (command, file) = program(script, "dropped");
        let kept = start(&command, &file);
        until(|| notes(&file).contains('\n'));
        let number = notes(&file);
        assert!(is_running(&number));
        drop(kept);
        assert!(notes(&file).ends_with("asked\n"), "{}", notes(&file));
        until(|| !is_running(&number));
    }

    /// Whoever is killed drops nothing: the pipe closes by itself.
    #[test]
    fn what_does_not_listen_is_killed_and_nothing_is_left() {
        let (command, file) =
            program("trap '' TERM; echo $$ > \"$NOTES\"; while :; do sleep 0.05; done", "deaf");
        let mut kept = start(&command, &file);
        until(|| notes(&file).contains('\n'));
        let number = notes(&file);
        drop(kept.0.stdin.take());
        until(|| !is_running(&number));
        until(|| kept.ended().unwrap().is_some());
    }

    #[test]
    fn what_ends_by_itself_is_seen_to() {
        let (command, file) = program("exit 3", "ended");
        let mut kept = start(&command, &file);
        until(|| kept.ended().unwrap().is_some());
        assert_eq!(kept.ended().unwrap().unwrap().code(), Some(3));
    }
}
