//! One relay, one file. The lock is the operating system's: it ends with the process, however that ends.

use super::fault;
use crate::store::{Result, StoreError};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held as long as it lives.
#[derive(Debug)]
pub(super) struct Lock {
    /// Closing it releases the lock.
    _file: File,
}

impl Lock {
    /// Takes the lock of a database, or says who has it.
    pub(super) fn take(database: &Path) -> Result<Self> {
        let path = beside(database, ".lock");
        let mut options = OpenOptions::new();
        // Not emptied: until we hold it, what it says is another's.
        options.read(true).write(true).create(true).truncate(false);
        owner_only(&mut options);
        let mut file = options.open(&path).map_err(|error| about(&path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(database, &mut file)),
            Err(TryLockError::Error(error)) => return Err(about(&path, &error)),
        }
        // For people and for the message above. Nothing depends on it, so a full disk does not matter.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}

fn held(database: &Path, file: &mut File) -> StoreError {
    let mut text = String::new();
    let _ = file.rewind().and_then(|()| file.take(20).read_to_string(&mut text));
    let process = text.trim().parse::<u32>().map(|number| format!(" (process {number})")).unwrap_or_default();
    StoreError::Refused(format!(
        "{} belongs to a relay that is running{process}: stop that one, or give this one another file with --database",
        database.display()
    ))
}

/// The file's name with something after it. A link is followed first: two names of one file have one lock.
pub(super) fn beside(database: &Path, ending: &str) -> PathBuf {
    let real = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut name = OsString::from(real);
    name.push(ending);
    PathBuf::from(name)
}

/// Which file a path leads to; none if it leads to none.
#[cfg(unix)]
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|file| (file.dev(), file.ino()))
}

/// Elsewhere a file that is open cannot be removed.
#[cfg(not(unix))]
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    path.exists().then_some((0, 0))
}

/// What is stored is nobody else's business.
pub(super) fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = options;
}

/// Why a file cannot be used, with its name.
pub(super) fn about(path: &Path, error: &std::io::Error) -> StoreError {
    match fault::file(error) {
        StoreError::Unavailable(text) => StoreError::Unavailable(format!("{}: {text}", path.display())),
        other => other,
    }
}
