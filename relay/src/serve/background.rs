//! What goes on beside requests: webhooks that change, what need not be kept, and how the store is doing.

use super::driver::Driver;
use super::metrics::Metrics;
use super::wall_ms;
use super::webhooks::Webhooks;
use crate::config::Settings;
use crate::store::{Health, Store, StoredWebhook};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is looked whether webhooks have changed.
const RELOAD: Duration = Duration::from_secs(2);
/// How often it is looked how the store is doing.
const LOOK: Duration = Duration::from_secs(10);
/// How often what need not be kept is removed.
const RETAIN: Duration = Duration::from_secs(60);
/// Between two bounded removals others have their turn.
const BREATH: Duration = Duration::from_millis(50);
/// PostgreSQL: while a transaction holds a snapshot for longer than this, dead rows pile up.
const OLD_SNAPSHOT_MS: i64 = 10 * 60 * 1_000;

fn every(period: Duration) -> tokio::time::Interval {
    let mut interval = interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Tells the driver of webhooks that have changed in the store.
pub(super) async fn reload(store: Arc<dyn Store>, settings: Arc<Settings>, driver: Arc<Driver>) {
    let mut interval = every(RELOAD);
    let mut known: Option<Vec<StoredWebhook>> = None;
    loop {
        interval.tick().await;
        // While the store is away those that are known are the best there is.
        let Ok(stored) = store.webhooks().await else { continue };
        if known.as_ref() != Some(&stored) {
            driver.set_webhooks(Webhooks::open(&stored, &settings.vault));
            known = Some(stored);
        }
    }
}

/// Removes what need not be kept.
pub(super) async fn retain(store: Arc<dyn Store>, settings: Arc<Settings>) {
    let mut interval = every(RETAIN);
    loop {
        interval.tick().await;
        loop {
            match store.retain(settings.retention, wall_ms()).await {
                Ok(0) => break,
                Ok(removed) => tracing::debug!(removed, "what need not be kept was removed"),
                Err(error) => {
                    tracing::debug!(%error, "nothing could be removed");
                    break;
                }
            }
            tokio::time::sleep(BREATH).await;
        }
    }
}

/// Writes down how the store is doing, and says when that changes.
pub(super) async fn look(store: Arc<dyn Store>, metrics: Arc<Metrics>) {
    let mut interval = every(LOOK);
    let (mut was_up, mut was_held) = (true, false);
    loop {
        interval.tick().await;
        metrics.upkeep();
        let health = store.health().await;
        metrics.health(health.as_ref().ok());
        if health.is_ok() != was_up {
            was_up = health.is_ok();
            match &health {
                Ok(_) => tracing::info!("the store can be used again"),
                Err(error) => tracing::error!(%error, "the store cannot be used"),
            }
        }
        let is_held = health.as_ref().is_ok_and(is_held);
        if is_held != was_held {
            was_held = is_held;
            if is_held {
                let minutes = OLD_SNAPSHOT_MS / 60_000;
                tracing::error!(
                    minutes,
                    "a transaction in PostgreSQL has held its snapshot for too long: dead rows pile up"
                );
            } else {
                tracing::info!("no transaction holds an old snapshot any more");
            }
        }
        if let Ok(counts) = store.counts().await {
            metrics.counts(&counts);
        }
    }
}

fn is_held(health: &Health) -> bool {
    health.oldest_snapshot_ms.is_some_and(|ms| ms > OLD_SNAPSHOT_MS)
}
