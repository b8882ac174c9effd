//! Serves: opens the store, listens, drives the core, and ends in good order.
//!
//! - [`Driver`]: does what the core's effects say; `dispatcher`: what those of deliveries say. [`Pending`]: a reply that is still to come.
//! - `open`, `late`: the store, also one that is not there yet. [`Webhooks`], [`Catalog`]: from the file into the store and from there into use.
//! - `listener`: connections. `background`: what goes on beside requests. [`Metrics`], [`logs`]: what operators see.

mod background;
mod catalog;
mod dispatcher;
mod driver;
mod late;
mod listener;
pub mod logs;
mod metrics;
mod open;
mod pending;
mod webhooks;

pub use catalog::Catalog;
pub use driver::Driver;
pub use metrics::{METRICS, Metric, Metrics};
pub use open::open;
pub use pending::Pending;
pub use webhooks::{Loaded, Webhooks};

use crate::config::{self, Settings};
use crate::core;
use crate::http::bounds::Patience;
use crate::http::{self, Origins, Shared};
use crate::outbound::Caller;
use crate::store::{Store, UnixMs};
use late::LateStore;
use listener::Connections;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{timeout, timeout_at};

/// How long the store is given to complete what it has begun.
const CLOSE: Duration = Duration::from_secs(10);
/// How long connections are given to take their last response, when everything that was begun is complete.
const FAREWELL: Duration = Duration::from_secs(5);

/// What is different in tests.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A store that is open already.
    pub store: Option<Arc<dyn Store>>,
    /// How long slow senders are waited for.
    pub patience: Patience,
    /// How patient deliveries are, instead of what the settings say.
    pub deliveries: Option<core::dispatch::Limits>,
}

/// A relay that is running.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    served: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends it in good order: what was begun is completed, the store is closed.
    ///
    /// # Errors
    /// If it had ended before, and why.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.served.await?
    }
}

/// Serves until `shutdown` is ready, and then ends in good order.
///
/// # Errors
/// If the relay cannot start: its store is not its own, its address is taken; or if nobody knows how much it is to log.
pub async fn run(settings: Settings, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
    // Of a program that logs in its own way we do not take that away.
    if let Err(error) = logs::init(logs::level()?) {
        tracing::debug!(%error, "something else logs");
    }
    let Running { stop, mut served, .. } = start(settings).await?;
    tokio::select! {
        ended = &mut served => return ended?,
        () = shutdown => {}
    }
    tracing::info!("the relay completes what it has begun, and ends");
    stop.send_replace(true);
    served.await?
}

/// Starts to serve.
///
/// # Errors
/// As [`run`].
pub async fn start(settings: Settings) -> anyhow::Result<Running> {
    start_with(settings, Options::default()).await
}

/// Starts to serve, with options.
///
/// # Errors
/// As [`run`].
pub async fn start_with(settings: Settings, options: Options) -> anyhow::Result<Running> {
    let Options { store: given, patience, deliveries } = options;
    let settings = Arc::new(settings);
    let late = Arc::new(LateStore::default());
    let store: Arc<dyn Store> = Arc::<LateStore>::clone(&late);
    let metrics = Arc::new(Metrics::new());
    let caller = Caller::new(&settings.network);
    let limits = core_limits(&settings.limits);
    let deliveries = deliveries.unwrap_or_else(|| delivery_limits(&settings));
    let driver =
        Driver::new(limits, deliveries, random()?, Arc::clone(&store), caller.clone(), Arc::clone(&metrics));
    let catalog = Catalog::new(Arc::clone(&store), settings.vault.clone(), Arc::clone(&driver));
    let mut tasks = JoinSet::new();
    let stop = watch::Sender::new(false);
    // Before anything is written into the store: where this address is taken, another relay may be using that.
    let listener = listener::listen(settings.listen)
        .map_err(|error| anyhow::anyhow!("cannot listen on {}: {error}", settings.listen))?;
    let address = listener.local_addr()?;
    let waits = match open::prepare(&settings, given.as_ref(), &late, &driver).await {
        Ok(()) => false,
        Err(fault) if open::is_waited_for(&settings, &fault) => {
            tracing::warn!(%fault, "the store cannot be opened yet; the relay starts without it and keeps trying");
            true
        }
        Err(fault) => return Err(fault.into()),
    };
    let opened = {
        let (settings, driver) = (Arc::clone(&settings), Arc::clone(&driver));
        async move { if waits { open::keep_trying(&settings, &late, &driver).await } else { Ok(()) } }
    };
    let shared = Shared::new(
        http::Parts {
            driver: Arc::clone(&driver),
            store: Arc::clone(&store),
            origins: Origins::of(&settings),
            tokens: settings.player_tokens.clone(),
            keys: settings.api_keys.clone(),
            metrics: Arc::clone(&metrics),
            limits: settings.limits,
            proxies: settings.network.proxies.clone(),
            patience,
            catalog: Arc::clone(&catalog),
            vault: settings.vault.clone(),
            caller,
            allow: settings.network.allow.clone(),
        },
        random::<4>()?.map(u64::from),
    );
    let connections = Connections {
        router: http::router(shared),
        patience,
        most: usize::try_from(settings.limits.connections).unwrap_or(usize::MAX),
        proxies: settings.network.proxies.clone().into(),
        metrics: Arc::clone(&metrics),
    };
    tasks.spawn(background::reload(catalog, Arc::clone(&driver)));
    tasks.spawn(background::retain(Arc::clone(&store), Arc::clone(&settings)));
    tasks.spawn(background::look(Arc::clone(&store), metrics));
    tracing::info!(%address, "the relay listens");
    let stopped = stop.subscribe();
    let served = tokio::spawn(async move {
        let ended = serve(connections, listener, stopped, opened, &driver, &settings.limits).await;
        tasks.shutdown().await;
        if timeout(CLOSE, store.close()).await.is_err() {
            tracing::error!("the store did not complete in time what it had begun");
        }
        ended
    });
    Ok(Running { address, stop, served })
}

/// Serves until it is to stop, and lets what was begun be completed.
async fn serve(
    connections: Connections,
    listener: TcpListener,
    stopped: watch::Receiver<bool>,
    opened: impl Future<Output = Result<(), open::OpenFault>>,
    driver: &Arc<Driver>,
    limits: &config::Limits,
) -> anyhow::Result<()> {
    let mut asked = stopped.clone();
    let mut accepting = tokio::spawn(connections.serve(listener, stopped));
    let wait = async {
        opened.await?;
        std::future::pending::<Result<(), open::OpenFault>>().await
    };
    let ended = tokio::select! {
        // The sender is dropped when nobody can ask any more: that is no reason to end.
        Ok(_) = asked.wait_for(|stop| *stop) => Ok(()),
        Err(fault) = wait => Err(fault.into()),
    };
    driver.drain();
    let now = tokio::time::Instant::now;
    let end = now() + Duration::from_millis(limits.drain_ms.into());
    if timeout_at(end, driver.drained()).await.is_err() {
        let figures = driver.figures();
        tracing::warn!(under_way = figures.under_way, "the relay ends before everything was complete");
    }
    // Whoever is still sending a request would only hear that nothing new is begun. Nobody waits for that.
    if timeout_at(end.min(now() + FAREWELL), &mut accepting).await.is_err() {
        accepting.abort();
    }
    ended
}

/// What the core is told of the limits.
fn core_limits(limits: &config::Limits) -> core::Limits {
    let whole = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
    let address = core::limits::Rate::of(limits.requests_per_second, limits.bytes_per_second);
    core::Limits {
        address,
        site: address.of_many(),
        key: address.of_many(),
        calls_at_once: whole(limits.calls_at_once),
        budget_ms: limits.budget_ms,
        events_per_request: whole(limits.events_per_request),
        ..core::Limits::default()
    }
}

/// What deliveries are told of the settings.
fn delivery_limits(settings: &Settings) -> core::dispatch::Limits {
    let delivery = &settings.delivery;
    let whole = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
    let retries = delivery.retry_seconds.iter().map(|seconds| u64::from(*seconds) * 1_000);
    core::dispatch::Limits {
        per_webhook: whole(delivery.per_webhook),
        at_once: whole(delivery.at_once),
        timeout_ms: delivery.timeout_ms,
        schedule_ms: std::iter::once(0).chain(retries).collect(),
        disable_after_ms: u64::from(delivery.disable_after_hours) * 3_600_000,
        // With PostgreSQL other relays take events, too.
        poll_ms: match settings.database {
            config::Database::Postgres(_) => 1_000,
            config::Database::Sqlite(_) | config::Database::Memory => 10_000,
        },
        ..core::dispatch::Limits::default()
    }
}

/// Unix time in milliseconds, by the wall clock.
pub fn wall_ms() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Milliseconds by a clock that only goes on.
fn monotonic_ms() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Random numbers.
fn random<const N: usize>() -> anyhow::Result<[u32; N]> {
    let mut numbers = [0; N];
    for number in &mut numbers {
        *number =
            getrandom::u32().map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    }
    Ok(numbers)
}
