//! A relay's process, what is under way for it, and the store as it sees it.

use super::endpoints::Mode;
use super::world::{Happening, World};
use crate::config::Webhook;
use crate::core::Now;
use crate::core::dispatch::{Dispatch, Effect, Input, Known, Limits};
use crate::store::{Result, Store, StoreError};
use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[derive(Debug)]
pub(super) struct Relay {
    pub(super) dispatch: Dispatch,
    /// Counts its starts.
    pub(super) life: u32,
    /// Which timer counts.
    pub(super) timer: u64,
    /// Requests under way by number: the webhook.
    pub(super) sending: BTreeMap<u64, String>,
    /// The webhooks that it was told of.
    pub(super) looks_ms: u64,
    pub(super) knows: Option<Vec<Webhook>>,
    pub(super) is_draining: bool,
    pub(super) is_drained: bool,
    /// In this second: which it is, how much was told from outside, and what was asked for.
    pub(super) second: (u64, u32, u32),
}

/// The model never waits.
pub(super) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the model waits"),
    }
}

pub(super) fn limits() -> Limits {
    Limits {
        per_webhook: 4,
        at_once: 16,
        bytes: 4_000,
        event_bytes: 200,
        schedule_ms: vec![0, 5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000],
        disable_after_ms: 6 * 3_600_000,
        poll_ms: 60_000,
        ..Limits::default()
    }
}

impl World {
    pub(super) fn start(&mut self, life: u32) -> Relay {
        let seed = [self.pick(1 << 30) as u32, 2, 3, life];
        Relay {
            dispatch: Dispatch::new(limits(), seed),
            life,
            timer: 0,
            sending: BTreeMap::new(),
            looks_ms: 0,
            knows: None,
            is_draining: false,
            is_drained: false,
            second: (0, 0, 0),
        }
    }

    /// A relay looks at the webhooks and how they are doing.
    pub(super) fn look(&mut self, place: usize) {
        let (wall_ms, clock_ms) = (self.wall, self.clock);
        let is_away = self.is_away || !self.is_calm && self.chance(0.05);
        if is_away {
            return;
        }
        let health = Some(ready(self.store.webhook_health()).unwrap());
        let before = self.relays[place].knows.as_ref();
        let is_new = before != Some(&self.webhooks);
        let renewed =
            self.webhooks.iter().filter(|webhook| before.is_some_and(|before| !before.contains(webhook)));
        let renewed = renewed.map(|webhook| webhook.id.clone()).collect();
        let webhooks = is_new.then(|| self.webhooks.clone().into());
        self.relays[place].knows = Some(self.webhooks.clone());
        let known = Known { webhooks, renewed, health, wall_ms, clock_ms };
        let after = self.pick(30) as u64;
        self.later(place, after, Input::Known(known));
    }

    /// A relay will be told so.
    pub(super) fn later(&mut self, place: usize, after_ms: u64, input: Input) {
        let life = self.relays[place].life;
        self.plan(after_ms, Happening::Tell { place, life, input: Box::new(input) });
    }

    pub(super) fn tell(&mut self, place: usize, input: Input) {
        self.say(|| format!("relay {place} is told {input:?}"));
        let is_own = matches!(input, Input::Rang | Input::Due { .. });
        let now = Now { wall_ms: self.wall, clock_ms: self.clock };
        let mut effects = Vec::new();
        self.relays[place].dispatch.handle(now, input, &mut effects);
        self.check_spin(place, is_own, effects.len());
        for effect in effects {
            self.say(|| format!("relay {place}: {effect:?}"));
            self.check_effect(place, &effect);
            let life = self.relays[place].life;
            match effect {
                Effect::Send(sending) => {
                    let (after_ms, sent, mode) = self.answer(&sending);
                    self.heard(place, &sending, mode);
                    let (op, webhook) = (sending.op, sending.delivery.webhook.clone());
                    self.relays[place].sending.insert(op, webhook);
                    self.later(place, after_ms, Input::Sent { op, sent });
                }
                Effect::Look => self.plan(0, Happening::Look { place, life }),
                Effect::Timer { after_ms } => {
                    self.relays[place].timer += 1;
                    let timer = self.relays[place].timer;
                    self.plan(after_ms, Happening::Ring { place, life, timer });
                }
                Effect::Drained => self.relays[place].is_drained = true,
                effect => {
                    let after_ms = self.pick(20) as u64;
                    self.plan(after_ms, Happening::Perform { place, life, effect: Box::new(effect) });
                }
            }
        }
    }

    /// The store does what it was asked, whether the relay still lives or not; it may fail before, or not be heard.
    pub(super) fn perform(&mut self, place: usize, life: u32, effect: Effect) {
        let is_lost_before = self.is_away || !self.is_calm && self.chance(0.05);
        let is_lost_after = !self.is_calm && self.chance(0.05);
        let now = self.wall;
        let fault = || StoreError::Unavailable("the connection was reset".into());
        let heard = |result: &mut dyn FnMut() -> Input, failed: Input| {
            if is_lost_before {
                return failed;
            }
            let input = result();
            if is_lost_after { failed } else { input }
        };
        let store = self.store.clone();
        let input = match effect {
            Effect::Claim { op, limit, each, without, until } => heard(
                &mut || Input::Claimed { op, result: ready(store.claim(limit, each, &without, until, now)) },
                Input::Claimed { op, result: Err(fault()) },
            ),
            Effect::Due { op } => heard(
                &mut || Input::Due { op, result: ready(store.due(now)) },
                Input::Due { op, result: Err(fault()) },
            ),
            Effect::Settle { op, settlements } => heard(
                &mut || {
                    let result = ready(store.settle(settlements.clone(), now));
                    self.settled(&settlements, &result);
                    Input::Settled { op, result }
                },
                Input::Settled { op, result: Err(fault()) },
            ),
            Effect::Renew { op, held, until } => heard(
                &mut || Input::Renewed { op, result: ready(store.renew(&held, until, now)) },
                Input::Renewed { op, result: Err(fault()) },
            ),
            Effect::PutHealth { op, was, becomes, events } => heard(
                &mut || {
                    let result: Result<bool> =
                        ready(store.put_health(was.clone(), becomes.clone(), events.clone(), now));
                    Input::HealthPut { op, result }
                },
                Input::HealthPut { op, result: Err(fault()) },
            ),
            other => panic!("nothing to perform: {other:?}"),
        };
        if self.relays[place].life == life {
            let after_ms = self.pick(20) as u64;
            self.later(place, after_ms, input);
        }
    }

    /// The process ends at once. What it has sent may arrive, and what it has asked of the store may be done.
    pub(super) fn crash(&mut self, place: usize) {
        self.say(|| format!("relay {place} crashes"));
        let life = self.relays[place].life + 1;
        self.relays[place] = self.start(life);
        self.plan(1, Happening::Look { place, life });
        self.seen.crashes += 1;
    }

    pub(super) fn note_mode(&mut self, mode: Mode) {
        *self.seen.modes.entry(format!("{mode:?}")).or_default() += 1;
    }
}
