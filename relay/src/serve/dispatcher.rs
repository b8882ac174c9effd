//! Drives deliveries: does what the effects of [`Dispatch`] say, and tells it how that ended.

use super::metrics::Metrics;
use super::webhooks::{Loaded, Webhooks};
use super::{monotonic_ms, wall_ms};
use crate::config::Webhook;
use crate::core::dispatch::{Dispatch, Effect, End, Figures, Input, Known, Limits, Sending, Sent};
use crate::core::{Now, Projects};
use crate::delivery::format::Facts;
use crate::delivery::prepare::{Prepared, prepare};
use crate::outbound::{Caller, Outgoing, Undelivered};
use crate::store::{Becomes, Claimed, Settled, Settlement, Store, StoreError, WebhookHealth};
use std::fmt::{self, Debug, Formatter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

/// Before a refused connection is tried once more: whoever listens there may be about to be replaced.
const REFUSED: Duration = Duration::from_millis(200);

/// What deliveries need: a store, a way to webhooks, and time.
pub(super) struct Dispatcher {
    hands: Mutex<Hands>,
    store: Arc<dyn Store>,
    caller: Caller,
    metrics: Arc<Metrics>,
    webhooks: RwLock<Option<Arc<Webhooks>>>,
    projects: RwLock<Arc<Projects>>,
    /// The webhooks, their health and the projects are to be read now.
    look: Notify,
    drained: watch::Sender<bool>,
}

/// What one input at a time is given to. Nothing waits while it is held.
struct Hands {
    dispatch: Dispatch,
    timer: Option<AbortHandle>,
}

impl Dispatcher {
    /// Nothing is in hand. `seed` is random.
    pub(super) fn new(
        limits: Limits,
        seed: [u32; 4],
        store: Arc<dyn Store>,
        caller: Caller,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        Arc::new(Self {
            hands: Mutex::new(Hands { dispatch: Dispatch::new(limits, seed), timer: None }),
            store,
            caller,
            metrics,
            webhooks: RwLock::default(),
            projects: RwLock::default(),
            look: Notify::new(),
            drained: watch::Sender::new(false),
        })
    }

    /// From now on these are the webhooks, as they were read, or those that are known already, of which those that are `renewed` were
    /// written since; and this is how they are doing. Reading began at `since`.
    pub(super) fn known(
        self: &Arc<Self>,
        webhooks: Option<(Arc<Webhooks>, Arc<[Webhook]>)>,
        renewed: Vec<String>,
        health: Option<Vec<WebhookHealth>>,
        since: Now,
    ) {
        let settings = webhooks.map(|(webhooks, settings)| {
            *self.webhooks.write().unwrap_or_else(PoisonError::into_inner) = Some(webhooks);
            settings
        });
        let Now { wall_ms, clock_ms } = since;
        self.feed(Input::Known(Known { webhooks: settings, renewed, health, wall_ms, clock_ms }));
    }

    /// From now on projects say this about webhooks.
    pub(super) fn set_projects(&self, projects: Arc<Projects>) {
        *self.projects.write().unwrap_or_else(PoisonError::into_inner) = projects;
    }

    /// Deliveries may have become due.
    pub(super) fn stir(self: &Arc<Self>) {
        self.feed(Input::Stirred);
    }

    /// The webhooks, their health and the projects are to be read now.
    pub(super) fn changed(&self) {
        self.look.notify_one();
    }

    /// Waits until they are to be read.
    pub(super) async fn to_look(&self) {
        self.look.notified().await;
    }

    /// Claims nothing more.
    pub(super) fn drain(self: &Arc<Self>) {
        self.feed(Input::Drain);
    }

    /// Waits until everything that was begun is complete, after [`drain`](Self::drain).
    pub(super) async fn drained(&self) {
        // The sender is ours, so it is there for as long as somebody waits.
        let _ = self.drained.subscribe().wait_for(|drained| *drained).await;
    }

    /// How much is in hand.
    pub(super) fn figures(&self) -> Figures {
        self.hands().dispatch.figures(monotonic_ms())
    }

    /// Something has happened: tells the machine, and does what follows.
    fn feed(self: &Arc<Self>, input: Input) {
        let mut effects = Vec::new();
        {
            let mut hands = self.hands();
            let now = Now { wall_ms: wall_ms(), clock_ms: monotonic_ms() };
            hands.dispatch.handle(now, input, &mut effects);
        }
        for effect in effects {
            self.execute(effect);
        }
    }

    fn execute(self: &Arc<Self>, effect: Effect) {
        let dispatcher = Arc::clone(self);
        match effect {
            Effect::Claim { op, limit, each, without, until } => spawn(async move {
                let claim = dispatcher.store.claim(limit, each, &without, until, wall_ms());
                let result = dispatcher.metrics.timed("claim", claim).await;
                dispatcher.feed(Input::Claimed { op, result });
            }),
            Effect::Due { op } => spawn(async move {
                let result = dispatcher.metrics.timed("due", dispatcher.store.due(wall_ms())).await;
                dispatcher.feed(Input::Due { op, result });
            }),
            Effect::Settle { op, settlements } => spawn(async move {
                let settle = dispatcher.store.settle(settlements.clone(), wall_ms());
                let result = dispatcher.metrics.timed("settle", settle).await;
                dispatcher.count(&settlements, &result);
                dispatcher.feed(Input::Settled { op, result });
            }),
            Effect::Renew { op, held, until } => spawn(async move {
                let renew = dispatcher.store.renew(&held, until, wall_ms());
                let result = dispatcher.metrics.timed("renew", renew).await;
                dispatcher.feed(Input::Renewed { op, result });
            }),
            Effect::PutHealth { op, was, becomes, events } => spawn(async move {
                say(&was, &becomes);
                let put = dispatcher.store.put_health(was, becomes, events, wall_ms());
                let result = dispatcher.metrics.timed("put_health", put).await;
                dispatcher.feed(Input::HealthPut { op, result });
            }),
            Effect::Send(sending) => spawn(async move {
                let op = sending.op;
                let sent = dispatcher.send(sending).await;
                dispatcher.feed(Input::Sent { op, sent });
            }),
            Effect::Look => self.look.notify_one(),
            Effect::Timer { after_ms } => {
                let ring = tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(after_ms)).await;
                    dispatcher.feed(Input::Rang);
                });
                if let Some(before) = self.hands().timer.replace(ring.abort_handle()) {
                    before.abort();
                }
            }
            Effect::Drained => {
                self.drained.send_replace(true);
            }
        }
    }

    /// Makes one attempt.
    async fn send(&self, sending: Sending) -> Sent {
        let started = Instant::now();
        let Sending { delivery, timeout_ms, .. } = sending;
        let taken_at = delivery.taken_at;
        let end = self.attempt(delivery, Duration::from_millis(timeout_ms.into())).await;
        let took = started.elapsed();
        let result = match &end {
            End::Answered(response) => {
                if response.status / 100 == 2 {
                    let ms = u64::try_from(wall_ms().saturating_sub(taken_at)).unwrap_or(0);
                    self.metrics.delivered(Duration::from_millis(ms));
                }
                super::metrics::class(response.status)
            }
            End::Failed { is_late: true, .. } => "timeout",
            End::Failed { .. } => "network",
            End::Unprepared(_) => "unprepared",
            End::Nothing(_) => "nothing",
        };
        self.metrics.delivery_attempt(result, took);
        Sent { took_ms: u32::try_from(took.as_millis()).unwrap_or(u32::MAX), end }
    }

    async fn attempt(&self, delivery: Claimed, timeout: Duration) -> End {
        let webhooks = self.webhooks.read().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(webhook) = webhooks.as_ref().and_then(|webhooks| webhooks.get(&delivery.webhook)) else {
            return End::Unprepared(
                "what is stored of this webhook cannot be opened; the log says why".into(),
            );
        };
        let projects = Arc::clone(&self.projects.read().unwrap_or_else(PoisonError::into_inner));
        let url = projects.url(&delivery.project, &delivery.webhook);
        // Whatever a template does, the other deliveries go on.
        let prepared = catch_unwind(AssertUnwindSafe(|| prepared(webhook, url, &delivery)));
        let prepared = match prepared {
            Ok(Ok(Some(prepared))) => prepared,
            Ok(Ok(None)) => {
                return End::Nothing(format!("its format has nothing to say of `{}`", delivery.kind));
            }
            Ok(Err(fault)) => return End::Unprepared(fault),
            Err(_) => {
                return End::Unprepared("the relay has made a mistake while it made the request".into());
            }
        };
        drop(delivery);
        match self.deliver(webhook, &prepared, timeout).await {
            Ok(response) => End::Answered(response),
            Err(Undelivered { is_late, fault, .. }) => {
                tracing::debug!(webhook = webhook.settings.id, fault, "an event was not delivered");
                End::Failed { is_late, fault }
            }
        }
    }

    async fn deliver(
        &self,
        webhook: &Loaded,
        prepared: &Prepared,
        timeout: Duration,
    ) -> Result<cuehook_protocol::Response, Undelivered> {
        let deadline = Instant::now() + timeout;
        let outgoing = |timeout| Outgoing {
            method: prepared.method,
            url: &prepared.url,
            headers: prepared.headers.clone(),
            body: Arc::clone(&prepared.body),
            timeout,
            secrets: &webhook.secrets,
        };
        let delivered = self.caller.deliver(outgoing(timeout)).await;
        if !delivered.as_ref().is_err_and(|undelivered| undelivered.is_refused) {
            return delivered;
        }
        // Nothing was sent.
        tokio::time::sleep(REFUSED).await;
        self.caller.deliver(outgoing(deadline.saturating_duration_since(Instant::now()))).await
    }

    fn count(&self, settlements: &[Settlement], result: &Result<Vec<Settled>, StoreError>) {
        let Ok(settled) = result else { return };
        for (settlement, settled) in settlements.iter().zip(settled) {
            let result = match (&settlement.becomes, settled) {
                (_, Settled::Lost) => "lost",
                (Becomes::Delivered, _) => "delivered",
                (Becomes::Waiting(_), _) if settlement.attempt.is_none() => continue,
                (Becomes::Waiting(_), _) => "retry",
                (Becomes::Dead(_), _) => "dead",
                (Becomes::Skipped(_), _) => "skipped",
            };
            self.metrics.delivery(result);
        }
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Debug for Dispatcher {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.debug_struct("Dispatcher").field("figures", &self.figures()).finish_non_exhaustive()
    }
}

fn prepared(webhook: &Loaded, url: Option<&str>, delivery: &Claimed) -> Result<Option<Prepared>, String> {
    let facts = Facts { delivery: delivery.id.0, request_id: delivery.event, project: &delivery.project };
    prepare(&webhook.recipient(url), delivery.event, &delivery.body, &facts, wall_ms())
        .map_err(|fault| fault.to_string())
}

/// What operators should know of an endpoint.
fn say(was: &WebhookHealth, becomes: &WebhookHealth) {
    let webhook = &becomes.webhook;
    if was.disabled_at.is_none() && becomes.disabled_at.is_some() {
        tracing::error!(webhook, reason = becomes.disabled_reason, "a webhook is disabled");
    } else if becomes.failing_since.is_some() && was != becomes {
        tracing::warn!(webhook, fault = becomes.fault, percent = becomes.warned, "a webhook fails");
    } else if was.failing_since.is_some() && becomes.failing_since.is_none() {
        tracing::info!(webhook, "a webhook that failed works");
    }
}

fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task);
}
