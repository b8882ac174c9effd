//! What an error of the database means.

use crate::store::StoreError;
use deadpool_postgres::{PoolError, TimeoutType};
use std::error::Error as _;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::FromSql;

/// Why something has failed that was to be done with a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What the caller is told.
    pub error: StoreError,
    /// What is to be done about it.
    pub cause: Cause,
}

/// What is to be done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The connection is not to be used again: it has ended, or nobody knows what the database is doing on it.
    Broken,
    /// Nothing has happened: two transactions were in each other's way. To be done again.
    Conflict,
    /// Nothing has happened: a statement was prepared for a schema that is not so any more. To be done again, on another connection.
    Outdated,
    /// Nothing has happened: the partition for the day is not there. To be done again once it is.
    NoPartition,
    /// Nothing has happened: somebody else held what was to be locked.
    Locked,
    /// Nothing.
    Other,
}

impl Fault {
    pub fn damaged(what: impl Into<String>) -> Self {
        Self { error: StoreError::Damaged(what.into()), cause: Cause::Other }
    }

    pub fn refused(why: impl Into<String>) -> Self {
        Self { error: StoreError::Refused(why.into()), cause: Cause::Other }
    }

    /// The database has not answered in time: nobody knows what became of the statement, and when its answer comes.
    pub fn late() -> Self {
        Self { error: StoreError::Unavailable("it does not answer".to_owned()), cause: Cause::Broken }
    }

    /// Whether the connection is not to be used again.
    pub fn is_broken(&self) -> bool {
        matches!(self.cause, Cause::Broken | Cause::Outdated)
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(database) = error.as_db_error() else {
            return Self { error: StoreError::Unavailable(in_words(&error)), cause: Cause::Broken };
        };
        let code = database.code();
        // Only the message: details may quote what was stored.
        let words = format!("{} ({})", database.message(), code.code());
        let error = match code.code().get(..2) {
            _ if *code == SqlState::DISK_FULL => StoreError::Full,
            _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => StoreError::Unavailable(words),
            // Connections, who may connect, resources, locks, an operator, the system: all of it may pass.
            Some("08" | "28" | "3D" | "40" | "53" | "55" | "57" | "58") => StoreError::Unavailable(words),
            _ => StoreError::Damaged(words),
        };
        Self { error, cause: cause(code) }
    }
}

fn cause(code: &SqlState) -> Cause {
    match code.code().get(..2) {
        _ if *code == SqlState::T_R_DEADLOCK_DETECTED || *code == SqlState::T_R_SERIALIZATION_FAILURE => {
            Cause::Conflict
        }
        // "cached plan must not change result type": a newer relay has migrated.
        _ if *code == SqlState::FEATURE_NOT_SUPPORTED => Cause::Outdated,
        _ if *code == SqlState::CHECK_VIOLATION => Cause::NoPartition,
        _ if *code == SqlState::LOCK_NOT_AVAILABLE => Cause::Locked,
        // The primary of before a failover, which takes nothing any more, or a server that stops.
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Cause::Broken,
        _ if *code == SqlState::QUERY_CANCELED => Cause::Other,
        Some("08" | "57") => Cause::Broken,
        _ => Cause::Other,
    }
}

impl From<PoolError> for Fault {
    fn from(error: PoolError) -> Self {
        let words = match error {
            PoolError::Backend(error) => return error.into(),
            PoolError::Timeout(TimeoutType::Wait) => "all connections are in use",
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => "it does not answer",
            PoolError::Closed => "it was closed",
            PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => "no connection can be made",
        };
        Self { error: StoreError::Unavailable(words.to_owned()), cause: Cause::Other }
    }
}

/// An error and what has caused it.
fn in_words(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(source) if !error.to_string().contains(&source.to_string()) => format!("{error}: {source}"),
        _ => error.to_string(),
    }
}

/// Reads a column.
///
/// # Errors
/// If it is not what the schema says.
pub(super) fn read<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> Result<T, Fault> {
    row.try_get(column).map_err(|error| Fault::damaged(format!("column {column}: {error}")))
}
