//! Processes that others have started for us.

use std::fs;
use std::process::{Command, Stdio};

/// The processes that this one has started, and those that they have started, and so on. Linux tells it; elsewhere
/// there is nothing to read, and so nobody is found.
pub fn descendants(of: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let process = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Some((process, parent_in(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)?))
        })
        .collect();
    let mut found = vec![of];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(process, _)| *process));
        next += 1;
    }
    found.remove(0);
    found
}

/// Whether a process is there, and not only waits for its parent to notice its end.
pub fn is_alive(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Ends processes at once. Those that are gone already do not matter.
pub fn end(processes: &[u32]) {
    if processes.is_empty() {
        return;
    }
    let mut kill = Command::new("kill");
    kill.arg("-KILL").args(processes.iter().map(u32::to_string));
    let _ = kill.stderr(Stdio::null()).status();
}

/// The parent's number stands after the state, which stands after the name in parentheses; names may have such, too.
fn parent_in(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn the_parent_is_read_whatever_the_name_is() {
        assert_eq!(parent_in("12 (sh) S 7 12 12 0 -1"), Some(7));
        assert_eq!(parent_in("12 (a) b (c) d) R 7 12 12 0 -1"), Some(7));
        assert_eq!(parent_in("nonsense"), None);
    }

    #[test]
    fn what_a_process_has_started_is_found_and_ended() {
        let mut shell =
            Command::new("sh").args(["-c", "sh -c 'sleep 60; true' & sleep 60 & wait"]).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while descendants(shell.id()).len() < 3 {
            assert!(Instant::now() < deadline, "{:?}", descendants(shell.id()));
            std::thread::sleep(Duration::from_millis(10));
        }
        let started = descendants(shell.id());
        assert!(started.iter().all(|process| is_alive(*process)));
        assert!(!started.contains(&shell.id()));
        end(&started);
        // It waits for them, and so they are all gone once it is.
        shell.wait().unwrap();
        assert!(descendants(shell.id()).is_empty());
        assert!(!is_alive(shell.id()));
    }
}
