//! Answers that are held back until a test lets them go, so that it need not guess how long something takes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::webhook_test::App;

/// How many keys are known before all are forgotten.
const MOST_KEYS: usize = 10_000;

/// Nobody is held longer.
const LONGEST: Duration = Duration::from_secs(600);

/// Who may go, by key.
#[derive(Debug, Default)]
pub struct Held(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Held {
    fn of(&self, key: &str) -> Arc<Semaphore> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KEYS {
            known.clear();
        }
        Arc::clone(known.entry(key.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(0))))
    }

    /// Waits until one of this key is let go; the first comes first.
    pub async fn wait(&self, key: &str) {
        let turns = self.of(key);
        if let Ok(Ok(turn)) = tokio::time::timeout(LONGEST, turns.acquire()).await {
            turn.forget();
        }
    }

    /// Lets so many of this key go, also those that are still to come.
    fn release(&self, key: &str, count: u16) {
        self.of(key).add_permits(count.into());
    }
}

/// The query of `POST /webhook-release`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    key: String,
    count: Option<u16>,
}

/// `POST /webhook-release?key=…`: lets the oldest answer with `hold=1` and this key go, or the next `count` ones.
pub async fn release(State(app): State<Arc<App>>, Query(release): Query<Release>) -> Json<()> {
    app.held.release(&release.key, release.count.unwrap_or(1));
    Json(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_go_as_are_let_go() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let held = Arc::new(Held::default());
            let waits = |key: &'static str| {
                let held = Arc::clone(&held);
                tokio::spawn(async move { held.wait(key).await })
            };
            let (first, second, other) = (waits("a"), waits("a"), waits("b"));
            tokio::task::yield_now().await;
            held.release("a", 1);
            first.await.unwrap();
            tokio::task::yield_now().await;
            assert!(!second.is_finished() && !other.is_finished());
            held.release("a", 2);
            second.await.unwrap();
            waits("a").await.unwrap();
            assert!(!other.is_finished());
            // Who gives up takes no turn.
            other.abort();
            drop(other.await);
            held.release("b", 1);
            waits("b").await.unwrap();
        });
    }
}
