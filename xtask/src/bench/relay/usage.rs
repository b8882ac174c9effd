//! What processes take, as Linux counts it: time of the processors, and memory.

use std::fmt::{self, Display, Formatter};
use std::fs;

use anyhow::{Context, Result};

/// Parts of a second in which Linux tells programs how long they ran: it is the same everywhere.
const TICKS: f64 = 100.0;

/// The processes of a row.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
    pub relay: u32,
    pub receiver: u32,
    /// The database's first one.
    pub database: Option<u32>,
}

/// Seconds of the processors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cpu {
    pub load: f64,
    pub receiver: f64,
    pub relay: f64,
    pub database: f64,
}

/// Seconds until a moment.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    cpu: Cpu,
    /// Of all programs of the machine, and the system itself.
    all: f64,
}

/// Seconds between two moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    pub cpu: Cpu,
    /// What everything else on the machine has taken.
    pub others: f64,
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// What it has in memory.
    pub rss: u64,
    /// The same, but of what it shares with others its part.
    pub pss: u64,
}

impl Sample {
    /// Now. `load` is the process of who sends.
    pub fn take(load: u32, watched: &Watched) -> Result<Self> {
        let cpu = Cpu {
            load: seconds_of(load)?,
            receiver: seconds_of(watched.receiver)?,
            relay: seconds_of(watched.relay)?,
            database: watched.database.map_or(Ok(0.0), seconds_of_family)?,
        };
        let stat = fs::read_to_string("/proc/stat")?;
        Ok(Self { cpu, all: busy(&stat).context("/proc/stat cannot be read")? })
    }
}

impl Usage {
    pub fn between(before: &Sample, after: &Sample) -> Self {
        let part = |of: fn(&Cpu) -> f64| of(&after.cpu) - of(&before.cpu);
        let cpu = Cpu {
            load: part(|cpu| cpu.load),
            receiver: part(|cpu| cpu.receiver),
            relay: part(|cpu| cpu.relay),
            database: part(|cpu| cpu.database),
        };
        let ours = cpu.load + cpu.receiver + cpu.relay + cpu.database;
        // What Linux counts for single programs and for all is not counted at the same moments.
        Self { cpu, others: (after.all - before.all - ours).max(0.0) }
    }
}

/// Memory of a process.
pub fn memory(process: u32) -> Result<Memory> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
    let of = |name: &str| field(&text, name).with_context(|| format!("process {process} has no {name}"));
    Ok(Memory { rss: of("Rss:")?, pss: of("Pss:")? })
}

/// Bytes of a line such as `Rss:   1234 kB`.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilo| kilo * 1024)
}

fn seconds_of(process: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    Ok(times(&text).with_context(|| format!("process {process} does not say how long it ran"))?.own)
}

/// Of a process and its children, also those that have ended.
fn seconds_of_family(first: u32) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{first}/stat"))?;
    let parent = times(&text).context("the database does not say how long it ran")?;
    let mut sum = parent.own + parent.ended_children;
    for entry in fs::read_dir("/proc")?.flatten() {
        // Whatever is no process, or has ended meanwhile.
        let Ok(text) = fs::read_to_string(entry.path().join("stat")) else { continue };
        if let Some(child) = times(&text).filter(|child| child.parent == first) {
            sum += child.own;
        }
    }
    Ok(sum)
}

/// What a process's `stat` says, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Times {
    parent: u32,
    own: f64,
    ended_children: f64,
}

fn times(stat: &str) -> Option<Times> {
    // The second field is a name in brackets, in which anything can stand.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_whitespace().collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some(Times {
        parent: fields.get(1)?.parse().ok()?,
        own: (ticks(11)? + ticks(12)?) / TICKS,
        ended_children: (ticks(13)? + ticks(14)?) / TICKS,
    })
}

/// How long all processors together were not idle: the first line without what is idle and waits for disks.
fn busy(stat: &str) -> Option<f64> {
    let fields: Option<Vec<f64>> = stat
        .lines()
        .next()?
        .strip_prefix("cpu ")?
        .split_whitespace()
        .map(|field| field.parse().ok())
        .collect();
    let fields = fields?;
    // user nice system idle iowait irq softirq steal; guests are part of user.
    let of = |place: usize| fields.get(place).copied();
    Some((of(0)? + of(1)? + of(2)? + of(5)? + of(6)? + of(7)?) / TICKS)
}

/// What the machine is, and how busy it is.
pub fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("?");
    format!("{processors} processors ({}), load {load}", model.trim_start_matches([' ', '\t', ':']))
}

impl Display for Cpu {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{:>6.2} {:>6.2} {:>6.2} {:>6.2}", self.load, self.receiver, self.relay, self.database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str =
        "42 (a) b (c)) S 7 42 42 0 -1 4194560 800 90 0 0 150 50 30 20 20 0 9 0 100 1000 200 1 1 1 0 0";

    #[test]
    fn a_process_may_be_called_anything() {
        assert_eq!(times(STAT), Some(Times { parent: 7, own: 2.0, ended_children: 0.5 }));
        assert_eq!(times("42 (a)"), None);
    }

    #[test]
    fn memory_is_in_bytes() {
        let text = "00400000-7fff rollup\nRss:                1234 kB\nPss:                 999 kB\nPss_Anon: 5 kB\n";
        assert_eq!(
            (field(text, "Rss:"), field(text, "Pss:"), field(text, "Swap:")),
            (Some(1_263_616), Some(1_022_976), None)
        );
    }

    #[test]
    fn waiting_is_not_being_busy() {
        assert_eq!(busy("cpu  100 20 80 5000 900 3 4 5 60 0\ncpu0 1 2 3\n"), Some(2.12));
        assert_eq!(busy("cpu0 1"), None);
    }

    #[test]
    fn what_is_left_is_others() {
        let sample =
            |load, relay, database, all| Sample { cpu: Cpu { load, receiver: 1.0, relay, database }, all };
        let usage = Usage::between(&sample(1.0, 2.0, 3.0, 100.0), &sample(2.0, 4.5, 3.0, 107.0));
        assert_eq!(
            usage,
            Usage { cpu: Cpu { load: 1.0, receiver: 0.0, relay: 2.5, database: 0.0 }, others: 3.5 }
        );
        let usage = Usage::between(&sample(1.0, 2.0, 3.0, 100.0), &sample(2.0, 4.5, 3.0, 100.5));
        assert_eq!(usage.others, 0.0);
    }

    #[test]
    fn this_process_can_be_looked_at() {
        let here = std::process::id();
        assert!(memory(here).unwrap().rss > 1_000_000);
        let watched = Watched { relay: here, receiver: here, database: Some(here) };
        let sample = Sample::take(here, &watched).unwrap();
        assert!(sample.all > sample.cpu.relay && sample.cpu.database >= sample.cpu.relay);
    }
}
