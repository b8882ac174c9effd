//! What a relay takes: events a second, what it adds to a call, memory, time of the processors. The real program, built as it is
//! published, with real databases; who sends and who is called are a program of their own (`xtask/load`).
//!
//! - [`rows`]: what is measured. [`site`]: the relay. [`databases`]: where it keeps things, and disks that are slow.
//! - [`ends`]: who sends, and who is called. [`deliveries`]: what becomes of events. [`usage`]: time of the processors and memory. [`outcome`]: what a row comes to.

mod databases;
mod deliveries;
mod ends;
mod outcome;
#[allow(
    dead_code,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "shared with the relay's tests; a bench without its database has nothing to say"
)]
#[path = "../../../relay/tests/support/postgres.rs"]
mod postgres;
mod rows;
mod site;
mod usage;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use cuehook_load::{Calls, Direct, Events, Order, Plan, Task};

use crate::setup::{self, Need};
use crate::workspace::{self, command, run as run_command};
use databases::{Databases, Store, Syncs};
use ends::Receiver;
use outcome::{Idle, Outcome};
use rows::{Row, Work};
use site::Site;
use usage::Usage;

/// For how long a relay does nothing before its memory is looked at.
const IDLE: Duration = Duration::from_secs(5);

/// How long things take.
#[derive(Clone, Copy, Debug)]
struct Times {
    warm_ms: u64,
    measured_ms: u64,
    /// The same of deliveries, which have to go on for as long.
    deliveries_ms: u64,
    idle: Duration,
}

impl Times {
    fn of(quick: bool) -> Self {
        match quick {
            true => Times {
                warm_ms: 300,
                measured_ms: 700,
                deliveries_ms: 2_000,
                idle: Duration::from_millis(500),
            },
            false => Times { warm_ms: 1_000, measured_ms: 4_000, deliveries_ms: 60_000, idle: IDLE },
        }
    }
}

/// The programs that are measured with.
#[derive(Debug)]
struct Programs {
    relay: PathBuf,
    load: PathBuf,
}

impl Programs {
    fn build() -> Result<Self> {
        let mut cargo = command("cargo");
        cargo.args([
            "build",
            "--profile",
            "server",
            "--package",
            "cuehook-relay",
            "--package",
            "cuehook-load",
        ]);
        run_command(&mut cargo)?;
        let program = |name: &str| {
            workspace::target().join("server").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
        };
        Ok(Programs { relay: program("cuehook-relay"), load: program("cuehook-load") })
    }
}

/// Measures the rows whose names contain `only`, or all, and prints them with the figures of the project's aims. Each is measured so many
/// times, or once if it is to be `quick`.
///
/// # Errors
/// If something cannot be built or started, or if a row was not what it says: something was refused, or what was acknowledged is not
/// in the store.
pub fn run(quick: bool, only: &str, rounds: u32) -> Result<()> {
    let (rows, idle) = rows::chosen(only);
    if rows.is_empty() && idle.is_empty() {
        bail!("no row's name contains `{only}`; they are like {}", rows::EXAMPLE);
    }
    setup::ensure(&[Need::Postgres])?;
    let programs = Programs::build()?;
    let times = Times::of(quick);
    let folder = workspace::target().join("bench-relay");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut databases = Databases::new(&folder)?;
    println!("{}", usage::machine());
    let mut idles = Vec::new();
    for store in idle {
        idles.push(measure_idle(store, &programs, &mut databases, times)?);
    }
    print!("{}", outcome::idle_table(&idles));
    let mut outcomes: Vec<Outcome> = Vec::new();
    for row in rows {
        if outcomes.last().is_none_or(|before| !before.row.is_like(&row)) {
            println!("\n{}", outcome::head(&row));
        }
        let mut best: Option<Outcome> = None;
        // What goes on for a minute is no matter of a moment.
        let is_long = matches!(row.work, Work::Deliveries { .. });
        for _ in 0..if quick || is_long { 1 } else { rounds } {
            let outcome = measure(&row, &programs, &mut databases, times)?;
            if best.as_ref().is_none_or(|best| outcome.others < best.others) {
                best = Some(outcome);
            }
        }
        let Some(outcome) = best else { continue };
        println!("{}", outcome.line());
        outcomes.push(outcome);
    }
    println!("\n{}", outcome::figures(&outcomes, &idles));
    println!("{}", usage::machine());
    Ok(())
}

/// Memory of a relay that nobody asks for anything.
fn measure_idle(store: Store, programs: &Programs, databases: &mut Databases, times: Times) -> Result<Idle> {
    let place = databases.place(store, Syncs::Plain)?;
    let site = Site::new(&programs.relay, &place, "http://127.0.0.1:9/hook", "")?;
    let relay = site.start()?;
    std::thread::sleep(times.idle);
    let memory = usage::memory(relay.process())?;
    relay.end()?;
    Ok(Idle { store, memory })
}

/// One row, once, with a relay and a database of its own.
fn measure(row: &Row, programs: &Programs, databases: &mut Databases, times: Times) -> Result<Outcome> {
    let place = databases.place(row.store, row.syncs)?;
    let delay_ms = if let Work::Calls { delay_ms, .. } = row.work { delay_ms } else { 0 };
    let receiver = Receiver::start(&programs.load, delay_ms)?;
    let more = deliveries::webhooks(row, &receiver);
    let site = Site::new(&programs.relay, &place, &receiver.url(), &more)?;
    let relay = site.start()?;
    let before = place.bytes()?;
    let watched =
        usage::Watched { relay: relay.process(), receiver: receiver.process(), database: place.process() };
    let plan = plan(row, &site, &receiver, times)?;
    let mut marks = Vec::new();
    let (report, usage, memory) = ends::send(&programs.load, &plan, &watched, || {
        marks.push(receiver.received()?);
        Ok(())
    })?;
    let delivered = deliveries::look(row, &report, &marks, &site, &receiver)?;
    let stored = match row.work {
        // Whether all of them have come is looked at there.
        Work::Deliveries { .. } => report.acknowledged,
        Work::Events { .. } => site.count_events()?,
        Work::Calls { .. } => receiver.count()?,
    };
    outcome::verify(row, &report, stored)?;
    for id in &report.answered {
        site.ask_call(id)?;
    }
    relay.end()?;
    let disk = place.bytes()?.saturating_sub(before);
    let Usage { cpu, others } = usage;
    Ok(Outcome { row: row.clone(), report, delivered, cpu, others, memory, disk })
}

fn plan(row: &Row, site: &Site, receiver: &Receiver, times: Times) -> Result<Plan> {
    let (task, order) = match row.work {
        Work::Events { batch, bytes, order } => (Task::Events(events(site, batch, bytes)), order),
        Work::Deliveries { rate, hanging } => {
            let hanging_after = if hanging > 0 { deliveries::HANGING_AFTER } else { 0 };
            let task = Events { rate, hanging_after, ..events(site, rows::AIM_BATCH, rows::EVENT) };
            (Task::Events(task), Order::Time)
        }
        Work::Calls { bytes, delay_ms } => {
            let task = Calls {
                direct: if delay_ms > 0 { Direct::Beside } else { Direct::InTurn },
                relay: site.address,
                receiver: receiver.address,
                webhook: site::WEBHOOK.to_owned(),
                token: site.token()?,
                origin: site::ORIGIN.to_owned(),
                bytes,
            };
            (Task::Calls(task), Order::Time)
        }
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(Plan {
        connections: row.connections,
        warm_ms: times.warm_ms,
        measured_ms: match row.work {
            Work::Deliveries { .. } => times.deliveries_ms,
            _ => times.measured_ms,
        },
        pause_ms: row.pause_ms,
        seed: u64::try_from(now.as_nanos() & u128::from(u64::MAX))?,
        order,
        task,
    })
}

fn events(site: &Site, batch: usize, bytes: usize) -> Events {
    Events { relay: site.address, key: site.key.clone(), batch, bytes, rate: 0, hanging_after: 0 }
}

/// The size of the files in a folder, in bytes.
fn size_of(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
