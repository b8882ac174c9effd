//! Requests of players and servers: who asks, what is asked, and the reply. Nothing is decided here but whether a request can be read.
//!
//! A request goes through [`around`], which names it, refuses what is malformed, answers preflights, and writes its line of the log.
//! Then the handler of its route finds out who asks before it reads a byte of the body.

mod around;
mod body;
pub mod bounds;
mod call;
mod cors;
#[cfg(test)]
mod documents;
pub(crate) mod events;
pub(crate) mod fault;
pub(crate) mod fields;
mod manage;
mod openapi;
pub(crate) mod query;
mod reply;
mod settings;
mod status;
mod who;

pub use around::Peer;
pub use cors::Origins;

use crate::config::Limits;
use crate::outbound::Caller;
use crate::secrets::Vault;
use crate::serve::{Catalog, Driver, Metrics};
use crate::store::Store;
use crate::token::{ApiKeys, PlayerTokens};
use axum::Router;
use axum::routing::{get, post};
use bounds::Patience;
use cuehook_protocol::{EVENTS_PATH, IdSource, SETTINGS_PATH};
use fault::Fault;
use ipnet::IpNet;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// What handlers need.
#[derive(Debug)]
pub struct Shared {
    /// Takes calls and events.
    pub driver: Arc<Driver>,
    /// For what is only read.
    pub store: Arc<dyn Store>,
    /// Pages that may ask.
    pub origins: Origins,
    /// Who players are.
    pub tokens: PlayerTokens,
    /// Who servers are.
    pub keys: ApiKeys,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How much is taken.
    pub limits: Limits,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
    /// How long a slow sender is waited for.
    pub patience: Patience,
    /// Brings webhooks into use that were changed.
    pub catalog: Arc<Catalog>,
    /// Seals secrets.
    pub vault: Vault,
    /// Makes the requests of tests.
    pub caller: Caller,
    /// What may be called though it is not public.
    pub allow: Vec<IpNet>,
    /// How many projects and editions there are.
    counted: manage::Counted,
    /// Room for bodies, in KiB.
    room: Arc<Semaphore>,
    /// Names of requests that have none.
    ids: Mutex<IdSource>,
    /// What `/ready` has found out last.
    standing: status::Standing,
}

impl Shared {
    /// Everything at its beginning. `seed` is random.
    pub fn new(parts: Parts, seed: [u64; 4]) -> Arc<Self> {
        let Parts { driver, store, origins, tokens, keys, metrics, limits, proxies, patience, .. } = parts;
        let Parts { catalog, vault, caller, allow, .. } = parts;
        Arc::new(Self {
            driver,
            store,
            origins,
            tokens,
            keys,
            metrics,
            limits,
            proxies,
            patience,
            catalog,
            vault,
            caller,
            allow,
            counted: manage::Counted::default(),
            room: Arc::new(Semaphore::new(bounds::ROOM_KIB)),
            ids: Mutex::new(IdSource::new(seed)),
            standing: status::Standing::default(),
        })
    }
}

/// What [`Shared`] is made of.
#[derive(Debug)]
pub struct Parts {
    /// Takes calls and events.
    pub driver: Arc<Driver>,
    /// For what is only read.
    pub store: Arc<dyn Store>,
    /// Pages that may ask.
    pub origins: Origins,
    /// Who players are.
    pub tokens: PlayerTokens,
    /// Who servers are.
    pub keys: ApiKeys,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How much is taken.
    pub limits: Limits,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpNet>,
    /// How long a slow sender is waited for.
    pub patience: Patience,
    /// Brings webhooks into use that were changed.
    pub catalog: Arc<Catalog>,
    /// Seals secrets.
    pub vault: Vault,
    /// Makes the requests of tests.
    pub caller: Caller,
    /// What may be called though it is not public.
    pub allow: Vec<IpNet>,
}

/// All routes.
pub fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/call/{webhook}", post(call::make))
        .route("/v1/calls/{id}", get(call::ask))
        .route(EVENTS_PATH, post(events::take).get(events::list))
        .route("/v1/counts", get(events::counts))
        .route(SETTINGS_PATH, get(settings::show))
        .route("/health", get(status::health))
        .route("/ready", get(status::ready))
        .route("/metrics", get(status::metrics))
        .route("/openapi.json", get(openapi::show))
        .merge(manage::router())
        .fallback(async || Fault::not_found())
        .method_not_allowed_fallback(async || Fault::method_not_allowed())
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&shared), around::around))
        .with_state(shared)
}
