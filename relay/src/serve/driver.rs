//! Drives the core: does what its effects say, and tells it how that ended.

use super::metrics::Metrics;
use super::pending::Pending;
use super::webhooks::Webhooks;
use super::{monotonic_ms, wall_ms};
use crate::core::{
    Attempted, CallRequest, Core, Effect, EventRequest, Figures, Input, Limits, Now, Player, Reply, Sender,
    Ticket,
};
use crate::outbound::{Caller, Outgoing, request_fields};
use crate::store::{CallFailure, NewDelivery, Store, StoreError};
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
        seed: [u32; 4],
        store: Arc<dyn Store>,
        caller: Caller,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        let hands = Hands { core: Core::new(limits, seed), waiting: HashMap::new(), last: 0 };
        Arc::new(Self {
            hands: Mutex::new(hands),
            store,
            caller,
            metrics,
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

    /// From now on these are the webhooks.
    pub fn set_webhooks(self: &Arc<Self>, webhooks: Webhooks) {
        let settings = webhooks.settings();
        *self.webhooks.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(webhooks));
        self.feed(Input::Webhooks(settings));
    }

    /// Begins nothing new any more.
    pub fn drain(self: &Arc<Self>) {
        self.is_draining.store(true, Ordering::Relaxed);
        self.feed(Input::Drain);
    }

    /// Whether nothing new is begun any more.
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// Waits until everything that was begun is complete, after [`drain`](Self::drain).
    pub async fn drained(&self) {
        // The sender is ours, so it is there for as long as somebody waits.
        let _ = self.drained.subscribe().wait_for(|drained| *drained).await;
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
            let now = Now { wall_ms: wall_ms(), clock_ms: monotonic_ms() };
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
                let result = driver.timed("call_begin", driver.store.call_begin(call, wall_ms())).await;
                driver.feed(Input::Begun { ticket, result });
            }),
            Effect::Finish { ticket, id, outcome } => spawn(async move {
                let result =
                    driver.timed("call_finish", driver.store.call_finish(id, outcome, wall_ms())).await;
                driver.feed(Input::Finished { ticket, result });
            }),
            Effect::Find { ticket, id } => spawn(async move {
                let result = driver.timed("call", driver.store.call(id, wall_ms())).await;
                driver.feed(Input::Found { ticket, result });
            }),
            Effect::Accept { ticket, events } => spawn(async move {
                let result = driver.timed("accept", driver.store.accept(events, wall_ms())).await;
                driver.feed(Input::Accepted { ticket, result });
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
                let headers = request_fields(&request_id.to_string(), wall_ms(), &webhook.headers);
                let url = &webhook.settings.url;
                self.caller.call(Outgoing { url, headers, body, timeout, secrets: &webhook.secrets }).await
            }
            None => {
                tracing::warn!(webhook, "the webhook was removed while it was about to be called");
                Attempted::Failed(CallFailure::Network)
            }
        };
        let result = match &outcome {
            Attempted::Response(response) => match response.status / 100 {
                2 => "2xx",
                3 => "3xx",
                4 => "4xx",
                5 => "5xx",
                _ => "other",
            },
            Attempted::Failed(failure) => failure.outcome().as_str(),
        };
        self.metrics.attempt(result, started.elapsed());
        outcome
    }

    /// Does what the store is asked, and counts it.
    async fn timed<T>(
        &self,
        verb: &'static str,
        asked: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let started = Instant::now();
        let result = asked.await;
        self.metrics.store(verb, result.is_ok(), started.elapsed());
        if let Err(error) = &result {
            tracing::warn!(verb, %error, "the store has failed");
        }
        result
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
