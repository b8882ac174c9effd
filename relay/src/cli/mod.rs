//! `cuehook-relay`: the commands.
//!
//! What people ask for goes to the standard output; what is said about it, and what is wrong, to the standard error.

mod backup;
mod check;
mod make;
mod options;
mod rotate;
#[cfg(test)]
mod tests;

pub use backup::{BackupFault, backup};
pub use options::{Command, Options};
pub use rotate::{RotateFault, Rotated, rotate};

use crate::config::{Database, Settings, Sources, load};
use crate::store::memory::MemoryStore;
use crate::store::{Store, UnixMs};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// The command could not be carried out.
const FAILED: u8 = 1;
/// The configuration is wrong. (2 is clap's: the command itself is.)
const MISCONFIGURED: u8 = 3;

/// Carries out a command; results go to `out`, everything else to `say`.
pub async fn run(options: Options, sources: Sources, out: &mut impl Write, say: &mut impl Write) -> ExitCode {
    let sources = options.sources(sources);
    if let Command::Key(wanted) = &options.command {
        return code(make::key(wanted, out), say);
    }
    let loaded = match load(&sources) {
        Ok(loaded) => loaded,
        Err(faults) => {
            let many = if faults.0.len() == 1 { "one thing is" } else { "some things are" };
            // Nobody is left to be told that this failed.
            let _ = writeln!(say, "{faults}\n{many} wrong in the configuration: {}", faults.0.len());
            return ExitCode::from(MISCONFIGURED);
        }
    };
    for notice in &loaded.notices {
        let _ = writeln!(say, "note: {}", notice.0);
    }
    let result = match &options.command {
        Command::Check => check::check(&loaded, out),
        Command::Token(wanted) => make::token(wanted, &loaded.settings, now(), out, say),
        Command::Backup { path } => backup::of(&loaded.settings, path, out),
        Command::Rotate => rotate_all(&loaded.settings, out).await,
        // The configuration is read and checked; serving comes with `serve`.
        Command::Serve { .. } => check::check(&loaded, out),
        Command::Key(_) => Ok(()),
    };
    code(result, say)
}

async fn rotate_all(settings: &Settings, out: &mut impl Write) -> anyhow::Result<()> {
    let store = open(settings).await?;
    let result = rotate(store.as_ref(), &settings.vault).await;
    store.close().await;
    let Rotated { sealed, kept } = result?;
    writeln!(out, "sealed anew: {sealed}; sealed under the first master key before: {kept}")?;
    Ok(())
}

/// Opens the store that is configured.
async fn open(settings: &Settings) -> anyhow::Result<Arc<dyn Store>> {
    match &settings.database {
        Database::Memory => Ok(Arc::new(MemoryStore::default())),
        Database::Sqlite(_) | Database::Postgres(_) => anyhow::bail!("the database cannot be opened"),
    }
}

fn code(result: anyhow::Result<()>, say: &mut impl Write) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(say, "error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs::try_from(since.as_millis()).unwrap_or(UnixMs::MAX)
}
