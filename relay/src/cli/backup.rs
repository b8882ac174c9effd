//! Copies a SQLite database while a relay uses it.

use crate::config::{Database, Settings};
use anyhow::bail;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages that are copied before writers get their turn.
const PAGES: i32 = 1000;

/// Why a database could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum BackupFault {
    /// There is something at the place of the copy.
    #[error("`{0}` exists already; name a new file")]
    Exists(PathBuf),
    /// SQLite says no.
    #[error("the database cannot be copied: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The copy is damaged.
    #[error("the copy is damaged: {0}")]
    Damaged(String),
    /// The file system says no.
    #[error("the copy cannot be written: {0}")]
    Io(#[from] std::io::Error),
}

/// Copies the configured database.
pub(super) fn of(settings: &Settings, path: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    match &settings.database {
        Database::Sqlite(from) => backup(from, path)?,
        Database::Postgres(_) => bail!("PostgreSQL has tools of its own for this: pg_dump, pg_basebackup"),
        Database::Memory => bail!("there is nothing on disk that could be copied"),
    }
    writeln!(
        out,
        "copied to {}; what is sealed in it needs the master key, which is not in it",
        path.display()
    )?;
    Ok(())
}

/// Copies a database to a new file, which has its name only when it is complete, checked and on disk.
///
/// # Errors
/// If there is such a file, or the database cannot be read or the copy not be written.
pub fn backup(from: &Path, to: &Path) -> Result<(), BackupFault> {
    if to.symlink_metadata().is_ok() {
        return Err(BackupFault::Exists(to.to_owned()));
    }
    let mut unfinished = to.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    // Of an attempt that broke off. Nobody else may write there: the name is taken exclusively.
    let _ = std::fs::remove_file(&unfinished);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished)?;
    let copied = copy(from, &unfinished).and_then(|()| {
        std::fs::File::open(&unfinished)?.sync_all()?;
        // Unlike `rename` it replaces nothing.
        std::fs::hard_link(&unfinished, to).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => BackupFault::Exists(to.to_owned()),
            _ => BackupFault::Io(error),
        })?;
        let directory = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        if cfg!(unix) {
            std::fs::File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
        }
        Ok(())
    });
    let _ = std::fs::remove_file(&unfinished);
    copied
}

fn copy(from: &Path, to: &Path) -> Result<(), BackupFault> {
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.busy_timeout(Duration::from_secs(10))?;
    let mut copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    Backup::new(&source, &mut copy)?.run_to_completion(PAGES, Duration::from_millis(5), None)?;
    // One file, which can be moved: no log beside it.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    let verdict: String = copy.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(BackupFault::Damaged(verdict)) }
}
