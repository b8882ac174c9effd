//! The one thread that writes. Requests that wait while it is busy become one transaction, with one sync of the disk; nobody is told
//! anything before the commit has returned.

use super::claims::Claims;
use super::fault::{meaning, odd};
use super::lock::{Lock, beside, identity};
use super::schema::{self, Purpose};
use crate::store::{Result, StoreError};
use rusqlite::Connection;
use rusqlite::ErrorCode;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;
use tokio::sync::oneshot;

/// So many requests wait at most, and so many bytes of what they bring; whoever comes then is told to come back.
const QUEUE: usize = 2048;
const QUEUE_BYTES: usize = 64 << 20;

/// So many requests are one transaction at most, or those whose bytes reach this sum.
const GROUP: usize = 512;
const GROUP_BYTES: usize = 8 << 20;

/// SQLite moves its log into the file whenever it has a thousand pages, as far as readers allow. If that has not been enough and the
/// log has become as large as this, in bytes, readers are waited for.
pub(super) const LOG_LIMIT: i64 = 32 << 20;

/// For how long then.
const LOG_PATIENCE: Duration = Duration::from_millis(500);

/// What a request works with, within a transaction.
#[derive(Debug)]
pub(super) struct Desk<'a> {
    pub(super) connection: &'a Connection,
    pub(super) claims: &'a mut Claims,
    /// The number of this process among those that have had the file.
    pub(super) epoch: i64,
}

/// A request that waits for the writer.
trait Job: Send {
    fn bytes(&self) -> usize;
    /// Does it, and keeps what is to be replied.
    fn work(&mut self, desk: &mut Desk<'_>) -> Result<()>;
    /// Tells who has asked, after the commit or after what came instead of it.
    fn reply(self: Box<Self>, ended: Result<()>);
}

struct Request<T, F> {
    bytes: usize,
    work: F,
    done: Option<T>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: Fn(&mut Desk<'_>) -> Result<T> + Send> Job for Request<T, F> {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn work(&mut self, desk: &mut Desk<'_>) -> Result<()> {
        self.done = Some((self.work)(desk)?);
        Ok(())
    }

    fn reply(self: Box<Self>, ended: Result<()>) {
        let Self { done, reply, .. } = *self;
        let never = || StoreError::Unavailable("it was not written".to_owned());
        let result = ended.and_then(|()| done.ok_or_else(never));
        // Whoever has gone does not want to know; it is written all the same.
        let _ = reply.send(result);
    }
}

/// Where requests are handed in.
pub(super) struct Queue {
    sender: SyncSender<Box<dyn Job>>,
    bytes: Arc<AtomicUsize>,
}

impl Queue {
    /// Hands in a request that brings so many bytes. It is done even if nobody waits for it.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl Fn(&mut Desk<'_>) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let busy = || StoreError::Unavailable("too many requests wait for it".to_owned());
        let (reply, answer) = oneshot::channel();
        let waiting = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        // One that is larger than all that may wait is taken when nothing does.
        let sent = if waiting > 0 && waiting.saturating_add(bytes) > QUEUE_BYTES {
            Err(busy())
        } else {
            self.sender.try_send(Box::new(Request { bytes, work, done: None, reply })).map_err(|error| {
                match error {
                    TrySendError::Full(_) => busy(),
                    TrySendError::Disconnected(_) => super::closed(),
                }
            })
        };
        if sent.is_err() {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
        sent.map(|()| answer)
    }
}

/// The thread's own.
struct Writer {
    database: PathBuf,
    /// The file that was opened.
    file: Option<(u64, u64)>,
    log: PathBuf,
    /// None if the last one failed in a way that a new one may mend.
    connection: Option<Connection>,
    claims: Claims,
    epoch: i64,
    /// Released when the last thing is written.
    _lock: Lock,
}

/// Opens the file, and starts the thread.
pub(super) fn start(database: PathBuf, lock: Lock) -> Result<(Queue, std::thread::JoinHandle<()>)> {
    let connection = schema::connect(&database, Purpose::Write)?;
    let epoch = next_epoch(&connection)?;
    let (sender, receiver) = sync_channel(QUEUE);
    let bytes = Arc::new(AtomicUsize::new(0));
    let waiting = Arc::clone(&bytes);
    let log = beside(&database, "-wal");
    let mut writer = Writer {
        file: identity(&database),
        database,
        log,
        connection: Some(connection),
        claims: Claims::new(epoch),
        epoch,
        _lock: lock,
    };
    let thread = std::thread::Builder::new()
        .name("sqlite-writer".to_owned())
        .spawn(move || writer.run(&receiver, &waiting))
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    Ok((Queue { sender, bytes }, thread))
}

/// Leases and fences of earlier processes are told from ours by this number, which is on disk before it is used.
fn next_epoch(connection: &Connection) -> Result<i64> {
    let next = "UPDATE state SET epoch = epoch + 1 RETURNING epoch";
    let epoch = connection.query_row(next, [], |row| row.get(0)).map_err(|error| meaning(&error))?;
    if (1..1 << 30).contains(&epoch) { Ok(epoch) } else { Err(odd("the epoch")) }
}

impl Writer {
    /// Until nobody can ask any more, and everything that was asked is done.
    fn run(&mut self, receiver: &Receiver<Box<dyn Job>>, waiting: &AtomicUsize) {
        while let Ok(first) = receiver.recv() {
            let mut bytes = first.bytes();
            let mut group = vec![first];
            while group.len() < GROUP && bytes < GROUP_BYTES {
                let Ok(next) = receiver.try_recv() else { break };
                bytes = bytes.saturating_add(next.bytes());
                group.push(next);
            }
            let ended = self.write(&mut group);
            // Before anybody is told: whoever is told finds room.
            waiting.fetch_sub(bytes, Ordering::Relaxed);
            for (job, ended) in group.into_iter().zip(ended) {
                job.reply(ended);
            }
            self.bound_log();
        }
        // The last connection's end moves the log into the file.
        self.connection = None;
    }

    /// Does a group in as few transactions as it takes: one, unless SQLite gives one up.
    fn write(&mut self, group: &mut [Box<dyn Job>]) -> Vec<Result<()>> {
        let mut ended = Vec::with_capacity(group.len());
        while let Some(rest) = group.get_mut(ended.len()..).filter(|rest| !rest.is_empty()) {
            match self.transaction(rest) {
                Ok(done) if self.is_there() => ended.extend(done),
                Ok(done) => ended.extend(done.iter().map(|_| Err(self.gone()))),
                Err((error, count)) => ended.extend(vec![Err(error); count.max(1)]),
            }
        }
        ended
    }

    /// Whether what was written is where the next process looks for it. Somebody may have removed the file, or put another in its place; the
    /// system lets us write on, and nobody would ever see it.
    fn is_there(&self) -> bool {
        identity(&self.database) == self.file && identity(&self.log).is_some()
    }

    fn gone(&self) -> StoreError {
        StoreError::Unavailable(format!(
            "{} was removed or replaced while the relay runs; put it back with its `-wal`, or start the relay again",
            self.database.display()
        ))
    }

    /// How each of the first jobs has ended, if that is on disk. Otherwise nothing of it is, and so many of them have had their try.
    fn transaction(
        &mut self,
        group: &mut [Box<dyn Job>],
    ) -> std::result::Result<Vec<Result<()>>, (StoreError, usize)> {
        let count = group.len();
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => schema::connect(&self.database, Purpose::Write).map_err(|error| (error, count))?,
        };
        let mut desk = Desk { connection: &connection, claims: &mut self.claims, epoch: self.epoch };
        let result = desk.all(group);
        match &result {
            Ok(_) => self.claims.commit(),
            Err(_) => {
                self.claims.roll_back(0);
                if !connection.is_autocommit() {
                    let _ = connection.execute_batch("ROLLBACK");
                }
            }
        }
        // After an error of the disk the connection's view of the file may be wrong; a new one reads it again.
        let is_sound = match &result {
            Ok(done) => done.iter().all(|ended| !matches!(ended, Err(error) if is_grave(error))),
            Err((error, _)) => !is_grave(error),
        };
        if is_sound {
            self.connection = Some(connection);
        }
        result
    }

    /// Keeps the log from growing for as long as somebody reads.
    fn bound_log(&self) {
        let Some(connection) = &self.connection else { return };
        let is_large = |log: &PathBuf| log.metadata().is_ok_and(|file| file.len() > LOG_LIMIT as u64);
        if !is_large(&self.log) {
            return;
        }
        let truncate = || -> rusqlite::Result<()> {
            connection.busy_timeout(LOG_PATIENCE)?;
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        };
        // If it does not succeed it is tried again after the next group. Nothing depends on it but space.
        if let Err(error) = truncate() {
            tracing::warn!(%error, "the database's log cannot be shortened");
        }
        let _ = connection.busy_timeout(schema::PATIENCE);
    }
}

/// Whether a new connection may be better than this one.
fn is_grave(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_) | StoreError::Damaged(_))
}

impl Desk<'_> {
    fn all(
        &mut self,
        group: &mut [Box<dyn Job>],
    ) -> std::result::Result<Vec<Result<()>>, (StoreError, usize)> {
        let count = group.len();
        self.run("BEGIN IMMEDIATE").map_err(|error| (error, count))?;
        let mut done = Vec::with_capacity(count);
        if let [alone] = group {
            // What it has done is taken back with the transaction: a savepoint would only copy each page that it changes.
            alone.work(self).map_err(|error| (error, count))?;
            done.push(Ok(()));
        } else {
            for job in group {
                match self.one(&mut **job) {
                    Ok(ended) => done.push(ended),
                    Err(error) => return Err((error, done.len() + 1)),
                }
            }
        }
        self.run("COMMIT").map_err(|error| (error, count))?;
        Ok(done)
    }

    /// One job, all or nothing. An error is of the whole transaction.
    fn one(&mut self, job: &mut dyn Job) -> Result<Result<()>> {
        let mark = self.claims.mark();
        self.run("SAVEPOINT job")?;
        let ended = job.work(self);
        if let Err(error) = &ended {
            // SQLite may have given up the whole transaction, if the disk is full for example.
            if self.connection.is_autocommit() {
                return Err(error.clone());
            }
            self.claims.roll_back(mark);
            self.run("ROLLBACK TO job")?;
        }
        self.run("RELEASE job")?;
        Ok(ended)
    }

    /// A statement without values.
    fn run(&self, statement: &str) -> Result<()> {
        let run = || self.connection.prepare_cached(statement)?.execute([]);
        match run() {
            Ok(_) => Ok(()),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                Err(StoreError::Unavailable("somebody else writes to it".to_owned()))
            }
            Err(error) => Err(meaning(&error)),
        }
    }
}
