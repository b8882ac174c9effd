//! The same random sequence of verbs on the model and on an engine has the same results.

use super::*;
use crate::store::NewDelivery;
use crate::store::memory::MemoryStore;
use crate::store::{
    Change, DeliveryFilter, DeliveryId, DeliveryState, DocumentKind, Fence, StoredAudit, StoredDelivery,
    StoredEvent, WebhookHealth, WholeDelivery,
};
use std::collections::BTreeMap;

/// Numbers that look random and are the same each time (SplitMix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize].clone()
    }
}

/// What was claimed, once by the model and once by the engine: they name things differently.
#[derive(Clone, Debug)]
struct Pair {
    model: (DeliveryId, Fence),
    engine: (DeliveryId, Fence),
}

/// An engine beside the model.
struct Both {
    model: MemoryStore,
    engine: Arc<dyn Store>,
    random: Random,
    now: UnixMs,
    claims: Vec<Pair>,
    /// The engine's names of deliveries, by the model's, as far as they are known.
    names: BTreeMap<DeliveryId, DeliveryId>,
    /// Events that were taken until then need not be kept.
    outdated: UnixMs,
    webhooks: Vec<String>,
    /// Calls that were begun, of which some are begun again under the same name.
    begun: Vec<NewCall>,
}

/// Runs so many verbs, chosen by a seed, on the model and on an engine.
pub(crate) async fn compare(engine: Arc<dyn Store>, seed: u64, steps: usize) {
    let mut webhooks = odd_texts();
    webhooks.extend(["a", "b", "c"].map(str::to_owned));
    let model = MemoryStore::default();
    let mut both = Both {
        model,
        engine,
        random: Random(seed),
        now: T0,
        claims: Vec::new(),
        names: BTreeMap::new(),
        outdated: i64::MIN,
        webhooks,
        begun: Vec::new(),
    };
    for step in 0..steps {
        let verb = both.step().await;
        both.same_state(&format!("seed {seed}, step {step}, {verb}")).await;
    }
}

impl Both {
    async fn step(&mut self) -> &'static str {
        match self.random.below(52) {
            0..=9 => self.accept().await,
            10..=15 => self.begin().await,
            16..=18 => self.finish().await,
            19..=24 => self.claim().await,
            25..=31 => self.settle().await,
            32..=33 => self.renew().await,
            34 => self.put().await,
            35 => self.reseal().await,
            36 => self.retain().await,
            37 => return self.advance(DAY * 3),
            38 => return self.advance(-20),
            39..=42 => self.replay().await,
            43..=45 => self.put_health().await,
            46..=48 => self.change().await,
            _ => return self.advance(40),
        }
        "a verb"
    }

    fn advance(&mut self, by: i64) -> &'static str {
        self.now += by;
        "the clock"
    }

    fn number(&mut self) -> u128 {
        u128::from(self.random.below(60))
    }

    fn soon(&mut self) -> UnixMs {
        self.now + self.random.below(60) as i64 - 10
    }

    async fn accept(&mut self) {
        let mut events = Vec::new();
        for _ in 0..self.random.below(6) {
            let mut webhooks = self.webhooks.clone();
            let keep = self.random.below(webhooks.len() as u64 + 1) as usize / 4;
            while webhooks.len() > keep {
                let place = self.random.below(webhooks.len() as u64) as usize;
                webhooks.swap_remove(place);
            }
            let [kind, project, source, body] = [(); 4].map(|()| self.random.pick(&self.webhooks));
            let id = id(self.number());
            let deliveries = webhooks.into_iter().map(|webhook| self.delivery(webhook)).collect();
            let at = self.random.next() as i64;
            events.push(NewEvent { id, kind, project, source, at, body, deliveries });
        }
        let expected = self.model.accept(events.clone(), self.now).await;
        assert_eq!(self.engine.accept(events.clone(), self.now).await, expected, "{events:?}");
    }

    /// Every other one is kept in order.
    fn delivery(&mut self, webhook: String) -> NewDelivery {
        let order = self.random.pick(&[None, None, Some("s".to_owned()), Some(String::new())]);
        NewDelivery { webhook, order }
    }

    async fn begin(&mut self) {
        let lease_until = self.soon();
        let mut call = call(self.number(), lease_until);
        if self.random.below(3) == 0 && !self.begun.is_empty() {
            call = NewCall { lease_until, ..self.random.pick(&self.begun) };
        }
        if self.random.below(8) == 0 {
            call.origin = self.random.pick(&self.webhooks);
        }
        self.begun.push(call.clone());
        let expected = self.model.call_begin(call.clone(), self.now).await;
        assert_eq!(self.engine.call_begin(call.clone(), self.now).await, expected, "{call:?}");
    }

    async fn finish(&mut self) {
        let id = id(self.number());
        let text = self.random.pick(&self.webhooks);
        let failed = CallOutcome::Failed(CallFailure::Network);
        let outcome = self.random.pick(&[answer(&text), failed]);
        let expected = self.model.call_finish(id, outcome.clone(), self.now).await;
        assert_eq!(self.engine.call_finish(id, outcome.clone(), self.now).await, expected, "{outcome:?}");
    }

    async fn claim(&mut self) {
        let (limit, each) = (self.random.below(12) as usize, self.random.below(5) as usize);
        let without: Vec<String> =
            (0..self.random.below(4)).map(|_| self.random.pick(&self.webhooks)).collect();
        let until = self.soon();
        let model = self.model.claim(limit, each, &without, until, self.now).await.unwrap();
        let engine = self.engine.claim(limit, each, &without, until, self.now).await.unwrap();
        let unnamed = |claimed: &[Claimed]| {
            let (id, fence) = (DeliveryId(0), Fence(0));
            claimed.iter().map(|it| Claimed { id, fence, ..it.clone() }).collect::<Vec<_>>()
        };
        assert_eq!(unnamed(&engine), unnamed(&model), "claim {limit} {each} {without:?}");
        let pairs = model.iter().zip(&engine);
        let pairs = pairs.map(|(model, engine)| Pair {
            model: (model.id, model.fence),
            engine: (engine.id, engine.fence),
        });
        self.claims.extend(pairs);
        // Old ones are tried, too; but not for ever.
        let old = self.claims.len().saturating_sub(60);
        self.claims.drain(..old);
    }

    fn held(&mut self) -> Vec<Pair> {
        if self.claims.is_empty() {
            return Vec::new();
        }
        (0..self.random.below(8)).map(|_| self.random.pick(&self.claims)).collect()
    }

    async fn settle(&mut self) {
        let (mut model, mut engine) = (Vec::new(), Vec::new());
        for pair in self.held() {
            let reason = self.random.pick(&self.webhooks);
            let becomes = match self.random.below(6) {
                0..=1 => Becomes::Delivered,
                2..=3 => Becomes::Waiting(self.soon()),
                4 => Becomes::Dead(reason),
                _ => Becomes::Skipped(reason),
            };
            let response = self.random.pick(&self.webhooks);
            let attempt = attempt(self.now).map(|attempt| Attempt { response, ..attempt });
            let attempt = self.random.pick(&[attempt, None]);
            let settlement =
                |(id, fence)| Settlement { id, fence, attempt: attempt.clone(), becomes: becomes.clone() };
            model.push(settlement(pair.model));
            engine.push(settlement(pair.engine));
        }
        let expected = self.model.settle(model, self.now).await;
        assert_eq!(self.engine.settle(engine.clone(), self.now).await, expected, "{engine:?}");
    }

    async fn renew(&mut self) {
        let until = self.soon();
        // Each once: how often one is named that was given twice is nobody's promise.
        let mut held = self.held();
        held.sort_by_key(|pair| pair.model.0);
        held.dedup_by_key(|pair| pair.model.0);
        let of = |side: fn(&Pair) -> (DeliveryId, Fence)| held.iter().map(side).collect::<Vec<_>>();
        let model = self.model.renew(&of(|pair| pair.model), until, self.now).await.unwrap();
        let mut engine = self.engine.renew(&of(|pair| pair.engine), until, self.now).await.unwrap();
        let expected = held.iter().filter(|pair| model.contains(&pair.model.0));
        let mut expected: Vec<DeliveryId> = expected.map(|pair| pair.engine.0).collect();
        engine.sort();
        expected.sort();
        assert_eq!(engine, expected, "renew {held:?}");
    }

    async fn put(&mut self) {
        let [id, settings] = [(); 2].map(|()| self.random.pick(&self.webhooks));
        let put = vec![webhook(&id, &settings, settings.as_bytes())];
        let remove = vec![self.random.pick(&self.webhooks)].into_iter().filter(|other| *other != id);
        let remove: Vec<String> = remove.collect();
        let expected = self.model.put_webhooks(put.clone(), remove.clone(), self.now).await;
        assert_eq!(self.engine.put_webhooks(put, remove, self.now).await, expected);
    }

    async fn reseal(&mut self) {
        let mut sealed = Vec::new();
        for webhook in self.model.webhooks().await.unwrap() {
            let was = if self.random.below(8) == 0 { b"other".to_vec() } else { webhook.sealed };
            sealed.push((webhook.id, was, self.random.pick(&self.webhooks).into_bytes()));
        }
        let expected = self.model.reseal(sealed.clone()).await;
        assert_eq!(self.engine.reseal(sealed).await, expected);
    }

    async fn retain(&mut self) {
        let retention = Retention::default();
        super::retain(&self.model, retention, self.now).await;
        super::retain(&*self.engine, retention, self.now).await;
        self.outdated = self.outdated.max(self.now - retention.events_ms);
    }

    /// Nothing, or a filter of deliveries of events that each side keeps; for the model and for the engine.
    fn filters(&mut self) -> (DeliveryFilter, DeliveryFilter) {
        let mut filter = DeliveryFilter {
            from: Some(self.outdated.saturating_add(1 + self.random.below(2) as i64 * DAY)),
            limit: self.random.pick(&[2, 5, 1000]),
            ..DeliveryFilter::default()
        };
        let states =
            [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Skipped, DeliveryState::Dead];
        for _ in 0..self.random.below(4) {
            match self.random.below(6) {
                0 => filter.webhook = Some(self.random.pick(&self.webhooks)),
                1 => filter.kind = Some(self.random.pick(&self.webhooks)),
                2 => filter.project = Some(self.random.pick(&self.webhooks)),
                3 => filter.event = Some(id(self.number())),
                4 => filter.to = Some(self.soon()),
                _ => filter.state = Some(self.random.pick(&states)),
            }
        }
        let names: Vec<_> = self.names.iter().map(|(model, engine)| (*model, *engine)).collect();
        if names.is_empty() || self.random.below(3) > 0 {
            return (filter.clone(), filter);
        }
        let (model, engine) = self.random.pick(&names);
        let before = |name| DeliveryFilter { before: Some(name), ..filter.clone() };
        (before(model), before(engine))
    }

    async fn replay(&mut self) {
        let (model, engine) = self.filters();
        let (count, next) = self.model.replay(&model, audit("again"), self.now).await.unwrap();
        let next = next.map(|next| self.names.get(&next).copied().expect("it was listed"));
        let replayed = self.engine.replay(&engine, audit("again"), self.now).await;
        assert_eq!(replayed, Ok((count, next)), "replay {model:?}");
    }

    /// How one of few webhooks is said to be doing.
    async fn health(&mut self) -> (WebhookHealth, WebhookHealth) {
        // Few, so that they meet.
        let webhook = self.random.pick(&self.webhooks[..4]);
        let known = self.model.webhook_health().await.unwrap();
        let is = known.into_iter().find(|health| health.webhook == webhook);
        let is = is.unwrap_or_else(|| WebhookHealth::of(&webhook));
        let other = WebhookHealth {
            failing_since: self.random.pick(&[None, Some(self.now)]),
            fault: self.random.pick(&self.webhooks),
            warned: self.random.pick(&[0, 50, 70]),
            disabled_at: self.random.pick(&[None, Some(self.now)]),
            disabled_reason: self.random.pick(&self.webhooks),
            webhook: webhook.clone(),
        };
        let becomes = self.random.pick(&[other.clone(), other.clone(), WebhookHealth::of(&webhook)]);
        (self.random.pick(&[is.clone(), is, other]), becomes)
    }

    async fn put_health(&mut self) {
        let (was, becomes) = self.health().await;
        let deliveries = vec![self.delivery("a".to_owned())];
        let events = vec![NewEvent { deliveries, ..event(self.number(), &[]) }];
        let expected = self.model.put_health(was.clone(), becomes.clone(), events.clone(), self.now).await;
        let put = self.engine.put_health(was.clone(), becomes.clone(), events, self.now).await;
        assert_eq!(put, expected, "from {was:?} to {becomes:?}");
    }

    async fn change(&mut self) {
        let text = self.random.pick(&self.webhooks);
        let becomes = self.random.pick(&[Some(text.clone()), None]);
        let id = self.random.pick(&["", "a", "b", "é"]).to_owned();
        let change = match self.random.below(3) {
            0 => {
                let known = self.model.webhooks().await.unwrap();
                let was = known.into_iter().find(|webhook| webhook.id == id);
                let was = self.random.pick(&[was.clone(), was, Some(webhook(&id, &text, b""))]);
                Change::Webhook { was, becomes: becomes.map(|text| webhook(&id, &text, b"sealed")) }
            }
            1 => {
                let kind = self.random.pick(&[DocumentKind::Project, DocumentKind::Edition]);
                let was = self.model.document(kind, &id).await.unwrap().map(|document| document.body);
                let was = self.random.pick(&[was.clone(), was, Some(text)]);
                let deliveries = vec![self.delivery("b".to_owned())];
                let events = vec![NewEvent { deliveries, ..event(self.number(), &[]) }];
                Change::Document { kind, id, was, becomes, events }
            }
            _ => {
                let (was, becomes) = self.health().await;
                Change::Health { was, becomes }
            }
        };
        let line = Audit { detail: self.random.pick(&self.webhooks), ..audit("changed") };
        let expected = self.model.change(change.clone(), line.clone(), self.now).await;
        assert_eq!(self.engine.change(change.clone(), line, self.now).await, expected, "{change:?}");
    }

    /// What can be asked is the same.
    async fn same_state(&mut self, place: &str) {
        let (model, engine, now) = (&self.model, &self.engine, self.now);
        assert_eq!(engine.counts().await, model.counts().await, "{place}");
        assert_eq!(engine.due(now).await, model.due(now).await, "{place}");
        assert_eq!(engine.webhooks().await, model.webhooks().await, "{place}");
        assert_eq!(engine.webhook_health().await, model.webhook_health().await, "{place}");
        for kind in [DocumentKind::Project, DocumentKind::Edition] {
            let after = self.random.pick(&[None, Some("a")]);
            let expected = model.documents(kind, after, 2).await;
            assert_eq!(engine.documents(kind, after, 2).await, expected, "{place}");
        }
        let lines = |lines: Vec<StoredAudit>| -> Vec<StoredAudit> {
            lines.into_iter().map(|line| StoredAudit { place: 0, ..line }).collect()
        };
        let expected = lines(model.audit(None, 50).await.unwrap());
        assert_eq!(lines(engine.audit(None, 50).await.unwrap()), expected, "{place}");
        let number = id(self.random.below(60).into());
        assert_eq!(engine.call(number, now).await, model.call(number, now).await, "{place}");
        let mut filter = every();
        match self.random.below(4) {
            0 => filter.id = Some(number),
            1 => filter.kind = Some(self.random.pick(&self.webhooks)),
            2 => filter.project = Some(self.random.pick(&self.webhooks)),
            _ => {}
        }
        let mut left = unplaced(engine.events(&filter).await.unwrap()).into_iter();
        for expected in unplaced(model.events(&filter).await.unwrap()) {
            // The engine may have kept for a day longer what is outdated.
            let found = left.find(|event| *event == expected || event.taken_at > self.outdated);
            assert_eq!(found.as_ref(), Some(&expected), "{place}, {filter:?}");
        }
        let mut rest = left;
        assert_eq!(rest.find(|event| event.taken_at > self.outdated), None, "{place}, {filter:?}");
        self.same_deliveries(place).await;
    }

    async fn same_deliveries(&mut self, place: &str) {
        // First all, by which they are known by both names.
        let from = Some(self.outdated.saturating_add(1));
        let every = DeliveryFilter { from, limit: 10_000, ..DeliveryFilter::default() };
        for (model, engine) in [(every.clone(), every), self.filters()] {
            let expected = self.model.deliveries(&model).await.unwrap();
            let found = self.engine.deliveries(&engine).await.unwrap();
            let unnamed = |found: &[StoredDelivery]| -> Vec<StoredDelivery> {
                found.iter().map(|it| StoredDelivery { id: DeliveryId(0), ..it.clone() }).collect()
            };
            assert_eq!(unnamed(&found), unnamed(&expected), "{place}, {model:?}");
            for (model, engine) in expected.iter().zip(&found) {
                assert_eq!(*self.names.entry(model.id).or_insert(engine.id), engine.id, "{place}");
            }
            if !expected.is_empty() {
                let index = self.random.below(expected.len() as u64) as usize;
                let expected = self.model.delivery(expected[index].id).await.unwrap().unwrap();
                let expected = WholeDelivery { delivery: found[index].clone(), ..expected };
                assert_eq!(self.engine.delivery(found[index].id).await, Ok(Some(expected)), "{place}");
            }
        }
    }
}

/// Without the places, which are the engine's own.
fn unplaced(events: Vec<StoredEvent>) -> Vec<StoredEvent> {
    assert!(events.windows(2).all(|pair| pair[0].place > pair[1].place), "the newest first");
    events.into_iter().map(|event| StoredEvent { place: 0, ..event }).collect()
}
