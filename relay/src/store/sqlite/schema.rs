//! Connections, and the tables in their file.

use super::fault::{self, meaning};
use super::lock::{about, beside, owner_only};
use crate::store::{Result, StoreError};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::Duration;

/// Forward only: the first leads from an empty file to version 1. What was published is never changed.
const MIGRATIONS: &[&str] =
    &[include_str!("migrations/1.sql"), include_str!("migrations/2.sql"), include_str!("migrations/3.sql")];

/// Says that a file is ours: "CueR".
const APPLICATION: i64 = 0x4375_6552;

/// Files up to this size are checked completely when they are opened; that takes some tenths of a second.
const CHECKED_UP_TO: u64 = 64 << 20;

/// How long a statement waits for another connection's lock. Only checkpoints and backups can hold one.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Cached statements of a connection. There are fewer, but for lists: each set of conditions has its own, and the rarest are left out.
const STATEMENTS: usize = 64;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Write,
    Read,
}

/// Makes the file if there is none, for its owner alone, and brings its tables to the newest version.
pub(super) fn prepare(database: &Path) -> Result<()> {
    make(database)?;
    let mut connection = connect(database, Purpose::Write)?;
    let is_small = database.metadata().is_ok_and(|file| file.len() <= CHECKED_UP_TO);
    if is_small {
        check(&connection)?;
    }
    migrate(&mut connection, database)
}

fn make(database: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    owner_only(&mut options);
    match options.open(database) {
        // Its name, too, must survive a power cut.
        Ok(_) => match beside(database, "").parent().map(File::open) {
            Some(Ok(folder)) => folder.sync_all().map_err(|error| about(database, &error)),
            _ => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(about(database, &error)),
    }
}

/// A connection to a file that is there.
pub(super) fn connect(database: &Path, purpose: Purpose) -> Result<Connection> {
    // Readers write, too: the index of the log, in shared memory. That they write nothing else the pragma below sees to.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(database, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "temp_store", "memory")?;
        match purpose {
            Purpose::Write => {
                // A commit has returned when the log is on disk.
                connection.pragma_update(None, "synchronous", "full")?;
                connection.pragma_update(None, "cache_size", -8000)?;
            }
            Purpose::Read => {
                connection.pragma_update(None, "query_only", true)?;
                connection.pragma_update(None, "cache_size", -2000)?;
            }
        }
        Ok(connection)
    };
    let connection = open().map_err(|error| meaning(&error))?;
    if purpose == Purpose::Write {
        let mode: String = connection
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
            .map_err(|error| meaning(&error))?;
        if mode != "wal" {
            return Err(StoreError::Unavailable(format!("its file system allows no log beside it ({mode})")));
        }
        connection
            .pragma_update_and_check(None, "journal_size_limit", super::writer::LOG_LIMIT, |_| Ok(()))
            .map_err(|error| meaning(&error))?;
    }
    Ok(connection)
}

/// Whether SQLite finds the file whole.
pub(super) fn check(connection: &Connection) -> Result<()> {
    let found: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| meaning(&error))?;
    if found == "ok" { Ok(()) } else { Err(StoreError::Damaged(found)) }
}

fn migrate(connection: &mut Connection, database: &Path) -> Result<()> {
    let refused = |what: &str| StoreError::Refused(format!("{} {what}", database.display()));
    let number = |name: &str, connection: &Connection| -> Result<i64> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| meaning(&error))
    };
    let version = number("user_version", connection)?;
    let application = number("application_id", connection)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| meaning(&error))?;
    if application != APPLICATION && (application != 0 || version != 0 || tables != 0) {
        return Err(refused("is a database of something else: give the relay another file with --database"));
    }
    let done = usize::try_from(version).map_err(|_| fault::odd("the version"))?;
    if done > MIGRATIONS.len() {
        let known = MIGRATIONS.len();
        return Err(refused(&format!(
            "is of version {done}, this relay knows version {known}: a newer relay has used it, start that one"
        )));
    }
    for (version, migration) in (1_i64..).zip(MIGRATIONS).skip(done) {
        let step = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", version)?;
            transaction.commit()
        };
        step(connection).map_err(|error| meaning(&error))?;
    }
    Ok(())
}
