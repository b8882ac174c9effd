//! Drives the core: does what its effects say, and tells it how that ended.

use super::dispatcher::Dispatcher;
use super::metrics::Metrics;
use super::pending::Pending;
use super::webhooks::Webhooks;
use super::{monotonic_ms, wall_ms};
use crate::core::{
    Attempted, CallRequest, Core, Effect, EventRequest, Figures, Input, Limits, Now, Player, Reply, Sender,
    Ticket,
};
use crate::core::{Projects, dispatch};
use crate::delivery::prepare::{Prepared, prepare_call};
use crate::outbound::{Caller, Outgoing};
use crate::store::{CallFailure, NewDelivery, Store, WebhookHealth};
use std::collections::HashMap;
use std::fmt::{self, Debug, Formatter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{oneshot, watch};
use tracing::{Instrument, Span};
use uuid::Uuid;

/// What the core needs: a store, a way to webhooks, time, and those who wait for its replies.
pub struct Driver {
    hands: Mutex<Hands>,
    store: Arc<dyn Store>,
    caller: Caller,
    metrics: Arc<Metrics>,
    dispatcher: Arc<Dispatcher>,
    /// None until the store has said which there are.
    webhooks: RwLock<Option<Arc<Webhooks>>>,
    is_draining: AtomicBool,
    drained: watch::Sender<bool>,
}

/// What one input at a time is given to. Nothing waits while it is held.
struct Hands {
    core: Core,
    waiting: HashMap<Ticket, oneshot::Sender<Reply>>,
    last: u64,
}

impl Driver {
    /// A relay that has just started. `seed` is random.
    pub fn new(
        limits: Limits,
        deliveries: dispatch::Limits,
        seed: [u32; 4],
        store: Arc<dyn Store>,
        caller: Caller,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        let dispatcher =
            Dispatcher::new(deliveries, seed, Arc::clone(&store), caller.clone(), Arc::clone(&metrics));
        let hands = Hands { core: Core::new(limits, seed), waiting: HashMap::new(), last: 0 };
        Arc::new(Self {
            hands: Mutex::new(hands),
            store,
            caller,
            metrics,
            dispatcher,
            webhooks: RwLock::default(),
            is_draining: AtomicBool::new(false),
            drained: watch::Sender::new(false),
        })
    }

    /// Makes a call. Whoever drops this before it is ready has left; what was begun goes on.
    pub fn call(self: &Arc<Self>, request: CallRequest) -> Pending {
        self.wait(|ticket| Input::Call { ticket, request })
    }

    /// Asks what has become of a call.
    pub fn ask(self: &Arc<Self>, id: Uuid, player: Player) -> Pending {
        self.wait(|ticket| Input::Ask { ticket, id, player })
    }

    /// Takes events, of a request with so many bytes.
    pub fn events(self: &Arc<Self>, events: Vec<EventRequest>, sender: Sender, bytes: usize) -> Pending {
        self.wait(|ticket| Input::Events { ticket, events, sender, bytes })
    }

    /// The webhooks that are known now; none until the store has said which there are.
    pub fn webhooks(&self) -> Option<Arc<Webhooks>> {
        self.webhooks.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The deliveries that follow from an event of a project; none until it is known which webhooks there are.
    pub fn deliveries_of(&self, project: &str, kind: &str, body: &str) -> Option<Vec<NewDelivery>> {
        self.hands().core.deliveries_of(project, kind, body)
    }

    /// The same for a project whose document is about to be this one.
    pub fn deliveries_with(
        &self,
        project: &str,
        kind: &str,
        body: &str,
        document: &str,
    ) -> Option<Vec<NewDelivery>> {
        self.hands().core.deliveries_with(project, kind, body, document)
    }

    /// From now on these are the webhooks.
    pub fn set_webhooks(self: &Arc<Self>, webhooks: Webhooks) {
        self.set_known(Some(webhooks), Vec::new(), None, self.now());
    }

    /// From now on these are the webhooks, if they have changed, and this is how they are doing, if that could be read. Those that are
    /// `renewed` were written since the last time. Reading began at `since`.
    pub fn set_known(
        self: &Arc<Self>,
        webhooks: Option<Webhooks>,
        renewed: Vec<String>,
        health: Option<Vec<WebhookHealth>>,
        since: Now,
    ) {
        let webhooks = webhooks.map(|webhooks| {
            let (settings, webhooks) = (webhooks.settings(), Arc::new(webhooks));
            *self.webhooks.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&webhooks));
            self.feed(Input::Webhooks(Arc::clone(&settings)));
            (webhooks, settings)
        });
        self.dispatcher.known(webhooks, renewed, health, since);
    }

    /// From now on projects say this about webhooks.
    pub fn set_projects(self: &Arc<Self>, projects: Projects) {
        let projects = Arc::new(projects);
        self.dispatcher.set_projects(Arc::clone(&projects));
        self.feed(Input::Projects(projects));
    }

    /// What time it is.
    pub fn now(&self) -> Now {
        Now { wall_ms: wall_ms(), clock_ms: monotonic_ms() }
    }

    /// Webhooks, how they are doing, or projects were changed in the store, or deliveries replayed: that counts at once.
    pub fn changed(self: &Arc<Self>) {
        self.dispatcher.changed();
        self.dispatcher.stir();
    }

    /// Waits until something was changed.
    pub(super) async fn to_look(&self) {
        self.dispatcher.to_look().await;
    }

    /// Begins nothing new any more.
    pub fn drain(self: &Arc<Self>) {
        self.is_draining.store(true, Ordering::Relaxed);
        self.feed(Input::Drain);
        self.dispatcher.drain();
    }

    /// Whether nothing new is begun any more.
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// Waits until everything that was begun is complete, after [`drain`](Self::drain).
    pub async fn drained(&self) {
        // The sender is ours, so it is there for as long as somebody waits.
        let _ = self.drained.subscribe().wait_for(|drained| *drained).await;
        self.dispatcher.drained().await;
    }

    /// How much is in hand.
    pub fn figures(&self) -> Figures {
        self.hands().core.figures()
    }

    /// Writes down how much is in hand.
    pub fn report(&self) {
        let Figures { under_way, calls, buckets } = self.figures();
        for (sort, count) in [("requests", under_way), ("calls", calls), ("parties", buckets)] {
            self.metrics.under_way(sort, count);
        }
        let deliveries = self.dispatcher.figures();
        for (sort, count) in [("deliveries", deliveries.held), ("sends", deliveries.under_way)] {
            self.metrics.under_way(sort, count);
        }
        for (state, count) in
            [("open", deliveries.open), ("paused", deliveries.paused), ("disabled", deliveries.disabled)]
        {
            self.metrics.webhooks(state, count);
        }
    }

    fn wait(self: &Arc<Self>, input: impl FnOnce(Ticket) -> Input) -> Pending {
        let (sender, receiver) = oneshot::channel();
        let ticket = {
            let mut hands = self.hands();
            hands.last += 1;
            let ticket = Ticket(hands.last);
            hands.waiting.insert(ticket, sender);
            ticket
        };
        self.feed(input(ticket));
        Pending::new(Arc::clone(self), ticket, receiver)
    }

    /// Nobody waits for this any more.
    pub(super) fn leave(self: &Arc<Self>, ticket: Ticket) {
        let waited = self.hands().waiting.remove(&ticket).is_some();
        if waited {
            self.feed(Input::Left(ticket));
        }
    }

    /// Something has happened: tells the core, and does what follows.
    fn feed(self: &Arc<Self>, input: Input) {
        let mut effects = Vec::new();
        {
            let mut hands = self.hands();
            let now = self.now();
            hands.core.handle(now, input, &mut effects);
        }
        for effect in effects {
            self.execute(effect);
        }
    }

    fn execute(self: &Arc<Self>, effect: Effect) {
        let driver = Arc::clone(self);
        match effect {
            Effect::Reply { ticket, reply } => {
                // Whoever has left has no sender any more.
                if let Some(sender) = self.hands().waiting.remove(&ticket) {
                    let _ = sender.send(reply);
                }
            }
            Effect::Drained => {
                self.drained.send_replace(true);
            }
            Effect::Begin { ticket, call } => spawn(async move {
                let result =
                    driver.metrics.timed("call_begin", driver.store.call_begin(call, wall_ms())).await;
                driver.feed(Input::Begun { ticket, result });
            }),
            Effect::Finish { ticket, id, outcome } => spawn(async move {
                let result = driver
                    .metrics
                    .timed("call_finish", driver.store.call_finish(id, outcome, wall_ms()))
                    .await;
                driver.feed(Input::Finished { ticket, result });
            }),
            Effect::Find { ticket, id } => spawn(async move {
                let result = driver.metrics.timed("call", driver.store.call(id, wall_ms())).await;
                driver.feed(Input::Found { ticket, result });
            }),
            Effect::Accept { ticket, events } => spawn(async move {
                let has_deliveries = events.iter().any(|event| !event.deliveries.is_empty());
                let result = driver.metrics.timed("accept", driver.store.accept(events, wall_ms())).await;
                driver.feed(Input::Accepted { ticket, result });
                if has_deliveries {
                    driver.dispatcher.stir();
                }
            }),
            Effect::Timer { ticket, after_ms } => spawn(async move {
                tokio::time::sleep(Duration::from_millis(after_ms.into())).await;
                driver.feed(Input::Rang(ticket));
            }),
            Effect::Attempt { ticket, attempt, webhook, request_id, body, timeout_ms, .. } => {
                spawn(async move {
                    let timeout = Duration::from_millis(timeout_ms.into());
                    let outcome = driver.attempt(&webhook, request_id, body, timeout).await;
                    driver.feed(Input::Attempted { ticket, attempt, outcome });
                })
            }
        }
    }

    async fn attempt(&self, webhook: &str, request_id: Uuid, body: Arc<str>, timeout: Duration) -> Attempted {
        let started = Instant::now();
        let webhooks = self.webhooks();
        let outcome = match webhooks.as_ref().and_then(|webhooks| webhooks.get(webhook)) {
            Some(webhook) => {
                let to = webhook.recipient(None);
                match prepare_call(&to, request_id, body, wall_ms()) {
                    Ok(Prepared { method, url, headers, body, .. }) => {
                        let secrets = &webhook.secrets;
                        let url = &url;
                        let outgoing = Outgoing { method, url, headers, body, timeout, secrets };
                        self.caller.call(outgoing).await
                    }
                    Err(fault) => {
                        // Of no use to the viewer; it is the operator's to set right.
                        tracing::error!(webhook = webhook.settings.id, %fault, "a call could not be made");
                        Attempted::Failed(CallFailure::Forbidden)
                    }
                }
            }
            None => {
                tracing::warn!(webhook, "the webhook was removed while it was about to be called");
                Attempted::Failed(CallFailure::Network)
            }
        };
        let result = match &outcome {
            Attempted::Response(response) => super::metrics::class(response.status),
            Attempted::Failed(failure) => failure.outcome().as_str(),
        };
        self.metrics.attempt(result, started.elapsed());
        outcome
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Debug for Driver {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.debug_struct("Driver").field("figures", &self.figures()).finish_non_exhaustive()
    }
}

/// What is done for a request goes on when its client has left, and its lines of the log still name the request.
fn spawn(task: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(task.instrument(Span::current()));
}
