//! What went wrong, in the store's words.

use crate::store::StoreError;
use rusqlite::{Error, ErrorCode, ffi};

/// What an error of SQLite means. Its texts name tables and columns, never values.
pub(super) fn meaning(error: &Error) -> StoreError {
    let text = error.to_string();
    let Some(failure) = error.sqlite_error() else {
        return match error {
            Error::InvalidPath(_) | Error::NulError(_) => StoreError::Unavailable(text),
            // Values that are not what was written: a row that is missing, a number out of range, a text that is no text.
            _ => StoreError::Damaged(text),
        };
    };
    match (failure.code, failure.extended_code) {
        (ErrorCode::DiskFull, _) => StoreError::Full,
        (_, ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_DATA) => StoreError::Damaged(text),
        (
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::OutOfMemory
            | ErrorCode::ReadOnly
            | ErrorCode::PermissionDenied
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::OperationInterrupted
            | ErrorCode::OperationAborted
            | ErrorCode::SchemaChanged,
            _,
        ) => StoreError::Unavailable(text),
        // A corrupt file, something that is no database, a table that is missing, a constraint that what we write cannot violate.
        _ => StoreError::Damaged(text),
    }
}

/// Why a file cannot be used.
pub(super) fn file(error: &std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Unavailable(error.to_string()),
    }
}

/// A value that cannot have been written by us.
pub(super) fn odd(what: &str) -> StoreError {
    StoreError::Damaged(format!("{what} is not what was written"))
}
