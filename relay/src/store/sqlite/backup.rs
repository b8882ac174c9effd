//! Copies of a database, while somebody writes to it.

use super::fault::meaning;
use super::lock::{about, beside, owner_only};
use super::schema::{self, Purpose};
use crate::store::{Result, StoreError};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::fs::{File, OpenOptions};
use std::path::Path;

/// Copies a database into a new file: one moment of it, whole, checked, and on disk when this returns. Whoever writes to it meanwhile,
/// in this process or another, goes on; its log grows until the copy is made.
///
/// # Errors
/// [`StoreError::Refused`] if there is something under the new name already; else whatever is wrong with one of the files or disks.
pub fn backup(database: &Path, to: &Path) -> Result<()> {
    if to.symlink_metadata().is_ok() {
        let what = "is there already: name a file that is not, or move that one away first";
        return Err(StoreError::Refused(format!("{} {what}", to.display())));
    }
    // Under another name until it is whole, so that no half copy is ever taken for one.
    let part = beside(to, ".part");
    let copied = copy(database, &part).and_then(|()| {
        std::fs::rename(&part, to).map_err(|error| about(to, &error))?;
        match beside(to, "").parent().map(File::open) {
            Some(Ok(folder)) => folder.sync_all().map_err(|error| about(to, &error)),
            _ => Ok(()),
        }
    });
    if copied.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    copied
}

fn copy(database: &Path, part: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    owner_only(&mut options);
    let file = options.open(part).map_err(|error| about(part, &error))?;
    let from = schema::connect(database, Purpose::Read)?;
    let pages = || -> rusqlite::Result<()> {
        let mut into = Connection::open(part)?;
        let backup = Backup::new(&from, &mut into)?;
        // All in one step: it reads one moment, and never has to begin anew because somebody has written.
        match backup.step(-1)? {
            StepResult::Done => Ok(()),
            _ => Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                Some("it is locked".to_owned()),
            )),
        }
    };
    pages().map_err(|error| meaning(&error))?;
    // One file, without a log beside it.
    let single = || -> rusqlite::Result<Connection> {
        let copy = Connection::open(part)?;
        copy.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
        Ok(copy)
    };
    schema::check(&single().map_err(|error| meaning(&error))?)?;
    file.sync_all().map_err(|error| about(part, &error))
}
