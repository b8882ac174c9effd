//! What goes on beside requests: webhooks that change, what need not be kept, and how the store is doing.

use super::catalog::Catalog;
use super::driver::Driver;
use super::metrics::Metrics;
use super::wall_ms;
use crate::config::Settings;
use crate::store::{Health, Store};
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

/// Brings into use what has changed in the store: webhooks, how they are doing, and what projects say about them.
pub(super) async fn reload(catalog: Arc<Catalog>, driver: Arc<Driver>) {
    let mut interval = every(RELOAD);
    loop {
        let is_changed = tokio::select! {
            _ = interval.tick() => false,
            () = driver.to_look() => true,
        };
        // While the store is away those that are known are the best there is.
        if catalog.refresh().await.is_ok() {
            let _ = catalog.refresh_projects(is_changed).await;
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
    let mut standing = Standing { is_up: true, is_held: false };
    loop {
        interval.tick().await;
        metrics.upkeep();
        let health = store.health().await;
        metrics.health(health.as_ref().ok());
        let before = standing;
        standing = before.after(health.as_ref().ok());
        match &health {
            Ok(_) if !before.is_up => tracing::info!("the store can be used again"),
            Err(error) if before.is_up => tracing::error!(%error, "the store cannot be used"),
            _ => {}
        }
        match (before.is_held, standing.is_held) {
            (false, true) => {
                let minutes = OLD_SNAPSHOT_MS / 60_000;
                tracing::error!(
                    minutes,
                    "a transaction in PostgreSQL has held its snapshot for too long: dead rows pile up"
                );
            }
            (true, false) => tracing::info!("no transaction holds an old snapshot any more"),
            _ => {}
        }
        if let Ok(counts) = store.counts().await {
            metrics.counts(&counts);
        }
    }
}

/// How the store was doing when it was looked at last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Standing {
    /// It could be written to.
    is_up: bool,
    /// A transaction has held its snapshot for too long.
    is_held: bool,
}

impl Standing {
    /// How it is doing now; none if it does not say. Then nobody knows of its transactions.
    fn after(self, health: Option<&Health>) -> Self {
        match health {
            None => Self { is_up: false, ..self },
            Some(health) => {
                let is_held = health.oldest_snapshot_ms.is_some_and(|ms| ms > OLD_SNAPSHOT_MS);
                Self { is_up: true, is_held }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_snapshot_is_an_alarm_until_the_store_says_that_it_is_gone() {
        let minutes = |count: i64| Some(Health { bytes: 1, oldest_snapshot_ms: Some(count * 60_000) });
        let mut standing = Standing { is_up: true, is_held: false };
        for (health, is_up, is_held) in [
            (Some(Health { bytes: 1, oldest_snapshot_ms: None }), true, false),
            (minutes(10), true, false),
            (minutes(11), true, true),
            (None, false, true),
            (minutes(60), true, true),
            (minutes(0), true, false),
            (None, false, false),
        ] {
            standing = standing.after(health.as_ref());
            assert_eq!(standing, Standing { is_up, is_held }, "{health:?}");
        }
    }
}
