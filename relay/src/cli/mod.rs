//! `cuehook-relay`: the commands.
//!
//! What people ask for goes to the standard output; what is said about it, and what is wrong, to the standard error.

mod check;
mod make;
mod options;
mod remote;
mod rotate;
#[cfg(test)]
mod tests;

pub use options::{Command, Options};
pub use rotate::{RotateFault, Rotated, rotate};

use crate::config::{Loaded, Settings, Sources, load};
use crate::store::UnixMs;
use anyhow::Context as _;
use std::io::Write;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// The command could not be carried out.
const FAILED: u8 = 1;
/// The configuration is wrong. (2 is clap's: the command itself is.)
const MISCONFIGURED: u8 = 3;

/// Carries out a command; results go to `out`, everything else to `say`.
pub async fn run(options: Options, sources: Sources, out: &mut impl Write, say: &mut impl Write) -> ExitCode {
    let sources = options.sources(sources);
    // What needs no configuration.
    let (environment, directory) = (&sources.environment, sources.directory.as_path());
    match &options.command {
        Command::Key(wanted) => return code(make::key(wanted, out), say),
        Command::Webhooks { command, remote } => {
            return code(remote::webhooks(command, remote, environment, directory, out).await, say);
        }
        Command::Deliveries { command, remote } => {
            return code(remote::deliveries(command, remote, environment, directory, out).await, say);
        }
        _ => {}
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
        Command::Backup { path } => make::backup(&loaded.settings, path, out),
        Command::Rotate => rotate_all(&loaded.settings, out).await,
        Command::Serve { .. } => serve(loaded).await,
        Command::Key(_) | Command::Webhooks { .. } | Command::Deliveries { .. } => Ok(()),
    };
    code(result, say)
}

async fn serve(loaded: Loaded) -> anyhow::Result<()> {
    let asked = tokio::sync::watch::Sender::new(false);
    let again = async {
        interrupted().await;
        asked.send_replace(true);
        interrupted().await;
    };
    let mut wanted = asked.subscribe();
    let first = async {
        // The sender is there for as long as somebody waits.
        let _ = wanted.wait_for(|wanted| *wanted).await;
    };
    tokio::select! {
        ended = crate::serve::run(loaded.settings, first) => ended,
        () = again => anyhow::bail!("ended at once, as asked a second time: calls that were under way have no outcome"),
    }
}

async fn rotate_all(settings: &Settings, out: &mut impl Write) -> anyhow::Result<()> {
    let store =
        crate::serve::open(&settings.database, now()).await.context("the database cannot be opened")?;
    let result = rotate(store.as_ref(), &settings.vault).await;
    store.close().await;
    let Rotated { sealed, kept } = result?;
    writeln!(out, "sealed anew: {sealed}; sealed under the first master key before: {kept}")?;
    Ok(())
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

/// Until somebody wants the relay to end: Ctrl-C, or the signal that service managers send. What came before this is not heard.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        // No signal can be heard: whoever wants an end has to kill the process.
        std::future::pending::<()>().await;
    }
}

fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs::try_from(since.as_millis()).unwrap_or(UnixMs::MAX)
}
