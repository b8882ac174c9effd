//! The threads that read. What has been committed they see at once; what is being written they do not wait for.

use super::fault::meaning;
use super::schema::{self, Purpose};
use crate::store::{Result, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A long list does not hold up who asks for an answer.
const THREADS: usize = 2;

/// How long answering a question may take: a filter that a few of very many match must not keep others waiting. It is looked at the
/// clock whenever SQLite has done so many of its steps.
const PATIENCE: Duration = Duration::from_secs(5);
const STEPS: i32 = 10_000;

/// So many questions wait at most.
const QUEUE: usize = 1024;

/// Answers a question, and says whether the connection is still good.
type Question = Box<dyn FnOnce(Result<&Connection>) -> bool + Send>;

/// Where questions are asked.
pub(super) struct Questions {
    sender: SyncSender<Question>,
}

impl Questions {
    pub(super) fn ask<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |connection| {
            let result = connection.and_then(|connection| read(connection).map_err(|error| meaning(&error)));
            let is_good = result.is_ok();
            let _ = reply.send(result);
            is_good
        });
        self.sender.try_send(question).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Unavailable("too many questions wait for it".to_owned()),
            TrySendError::Disconnected(_) => super::closed(),
        })?;
        Ok(answer)
    }
}

/// Starts the threads.
pub(super) fn start(database: &Path) -> Result<(Questions, Vec<JoinHandle<()>>)> {
    let (sender, receiver) = sync_channel::<Question>(QUEUE);
    let receiver = Arc::new(Mutex::new(receiver));
    let mut threads = Vec::new();
    for _ in 0..THREADS {
        let (database, receiver) = (database.to_owned(), Arc::clone(&receiver));
        // Opened here, so that a file that cannot be read is no surprise later.
        let connection = schema::connect(&database, Purpose::Read)?;
        let thread = std::thread::Builder::new()
            .name("sqlite-reader".to_owned())
            .spawn(move || run(&database, connection, &receiver))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        threads.push(thread);
    }
    Ok((Questions { sender }, threads))
}

fn run(database: &Path, connection: Connection, receiver: &Mutex<Receiver<Question>>) {
    let mut connection = Some(connection);
    loop {
        // Whoever waits for the next question holds the lock; the other one answers in the meantime.
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(question) = next else { return };
        let is_good = match connection.take().map_or_else(|| schema::connect(database, Purpose::Read), Ok) {
            Ok(mut open) => {
                let until = Instant::now() + PATIENCE;
                let is_good = match open.progress_handler(STEPS, Some(move || Instant::now() > until)) {
                    Ok(()) => question(Ok(&open)),
                    Err(error) => question(Err(meaning(&error))),
                };
                connection = Some(open);
                is_good
            }
            Err(error) => question(Err(error)),
        };
        // After an error the next question gets a new connection, which reads the file again.
        connection = connection.filter(|_| is_good);
    }
}
