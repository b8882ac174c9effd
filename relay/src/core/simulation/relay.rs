//! A relay's process: its core, and what is under way for it. A crash ends it; what it has sent may still arrive.

use super::webhooks::{End, webhook};
use super::world::World;
use crate::config::Webhook;
use crate::core::{Core, Effect, Input, Limits, Now, Rate, Ticket};
use crate::store::StoreError;
use std::sync::Arc;

/// An effect that is being carried out.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) ticket: Ticket,
    pub(super) effect: Effect,
    /// How it has ended, and when that is known.
    pub(super) done: Option<(u64, Input, Option<End>)>,
}

#[derive(Debug)]
pub(super) struct Relay {
    pub(super) core: Core,
    /// Counts its starts.
    pub(super) life: u32,
    pub(super) jobs: Vec<Job>,
    pub(super) timers: Vec<(Ticket, u64)>,
    pub(super) webhooks: Arc<[Webhook]>,
    pub(super) limits: Limits,
    pub(super) is_draining: bool,
    pub(super) is_drained: bool,
}

pub(super) fn all_webhooks() -> Vec<Webhook> {
    vec![
        webhook("shop", 5_000, 2, &["p"], &["lead.*", "cart.added"]),
        webhook("crm", 3_000, 0, &[], &["*"]),
        webhook("log", 60_000, 5, &["p", "q"], &[]),
    ]
}

impl World {
    pub(super) fn start(&mut self, life: u32) -> Relay {
        let ample =
            Rate { requests: 10_000, requests_at_once: 10_000, bytes: 1 << 30, bytes_at_once: 1 << 30 };
        let mut limits = Limits { site: ample, address: ample, key: ample, ..Limits::default() };
        if self.chance(0.1) {
            limits.calls_at_once = 3;
            limits.others_at_once = 3;
            limits.address = Rate { requests: 1, requests_at_once: 4, bytes: 20, bytes_at_once: 60 };
            limits.parties = 2 + self.pick(5);
            limits.events_per_request = 3;
        }
        let seed = [self.pick(1 << 30) as u32, 2, 3, life];
        let mut relay = Relay {
            core: Core::new(limits, seed),
            life,
            jobs: Vec::new(),
            timers: Vec::new(),
            webhooks: all_webhooks().into(),
            limits,
            is_draining: false,
            is_drained: false,
        };
        let webhooks = Input::Webhooks(Arc::clone(&relay.webhooks));
        let now = Now { wall_ms: self.wall, clock_ms: self.clock };
        relay.core.handle(now, webhooks, &mut Vec::new());
        relay
    }

    /// The process ends at once. What it has sent may arrive, or not.
    pub(super) fn crash(&mut self, place: usize) {
        let life = self.relays[place].life;
        self.say(|| format!("relay {place} crashes"));
        let next = self.start(life + 1);
        let old = std::mem::replace(&mut self.relays[place], next);
        for job in old.jobs {
            if job.done.is_none() && self.chance(0.5) {
                self.orphans.push(job);
            }
        }
        for client in self.clients.values_mut().filter(|client| client.relay == place && client.life == life)
        {
            client.is_lost = true;
        }
        self.seen.crashes += 1;
    }

    pub(super) fn tell(&mut self, place: usize, input: Input) {
        self.say(|| format!("relay {place} is told {input:?}"));
        let mut effects = Vec::new();
        let now = Now { wall_ms: self.wall, clock_ms: self.clock };
        self.relays[place].core.handle(now, input, &mut effects);
        for effect in effects {
            self.say(|| format!("relay {place}: {effect:?}"));
            self.check_effect(place, &effect);
            let relay = &mut self.relays[place];
            match effect {
                Effect::Begin { ticket, .. }
                | Effect::Attempt { ticket, .. }
                | Effect::Finish { ticket, .. }
                | Effect::Find { ticket, .. }
                | Effect::Accept { ticket, .. } => relay.jobs.push(Job { ticket, effect, done: None }),
                Effect::Timer { ticket, after_ms } => {
                    relay.timers.push((ticket, self.clock + u64::from(after_ms)));
                }
                Effect::Reply { .. } => {}
                Effect::Drained => relay.is_drained = true,
            }
        }
    }

    /// A job is done, by the database or a webhook; its relay is not told yet.
    pub(super) fn perform(&mut self, place: usize, job: usize) {
        let job_done = &self.relays[place].jobs[job];
        if job_done.done.is_some() {
            return;
        }
        let job_done = job_done.clone();
        let done = self.carry_out(&job_done);
        if let Some(end) = &done.2 {
            self.say(|| format!("a webhook answers {:?}", end.attempted));
        }
        self.relays[place].jobs[job].done = Some(done);
    }

    /// What the end of a job is; also of jobs whose relay has crashed.
    pub(super) fn carry_out(&mut self, job: &Job) -> (u64, Input, Option<End>) {
        let ticket = job.ticket;
        if let Effect::Attempt { attempt, timeout_ms, .. } = &job.effect {
            self.check_call(job);
            let end = self.answer(*timeout_ms);
            let input = Input::Attempted { ticket, attempt: *attempt, outcome: end.attempted.clone() };
            return (self.clock + end.after_ms, input, Some(end));
        }
        // Before it happened, or after that.
        let is_lost_before = self.database.is_away || !self.is_calm && self.chance(0.06);
        // Often of what is hard to come by otherwise: a call that was begun, and nobody has heard so.
        let often = if matches!(job.effect, Effect::Begin { .. }) { 0.2 } else { 0.06 };
        let is_lost_after = !self.is_calm && self.chance(often);
        let fault = match self.pick(4) {
            0 => StoreError::Full,
            _ => StoreError::Unavailable("postgres://relay:secret@db.example: connection reset".into()),
        };
        if is_lost_before || is_lost_after {
            self.clients.get_mut(&ticket).unwrap().had_trouble = true;
        }
        if is_lost_before {
            // It may happen yet: somewhere it is still under way.
            if !self.is_calm && self.chance(0.2) {
                self.orphans.push(job.clone());
            }
            return (self.clock, failed(job, fault), None);
        }
        let (database, now) = (&mut self.database, self.wall);
        let input = match &job.effect {
            Effect::Begin { call, .. } => {
                Input::Begun { ticket, result: Ok(database.begin(ticket, call, now)) }
            }
            Effect::Finish { id, outcome, .. } => {
                Input::Finished { ticket, result: Ok(database.finish(*id, outcome)) }
            }
            Effect::Find { id, .. } => Input::Found { ticket, result: Ok(database.find(*id, now)) },
            Effect::Accept { events, .. } => Input::Accepted { ticket, result: Ok(database.accept(events)) },
            other => panic!("nothing to carry out: {other:?}"),
        };
        (self.clock, if is_lost_after { failed(job, fault) } else { input }, None)
    }

    /// A relay is told how a job has ended, if it has; perhaps once more, later.
    pub(super) fn deliver(&mut self, place: usize, job: usize) -> bool {
        let at = self.relays[place].jobs[job].done.as_ref().map(|(at, ..)| *at);
        if at.is_none_or(|at| at > self.clock) {
            return false;
        }
        let job = self.relays[place].jobs.remove(job);
        let Some((_, input, end)) = job.done else { return false };
        if self.chance(0.2) {
            self.echoes.push((place, input.clone()));
        }
        self.heard(place, &input, end);
        self.tell(place, input);
        true
    }
}

fn failed(job: &Job, fault: StoreError) -> Input {
    let ticket = job.ticket;
    match &job.effect {
        Effect::Begin { .. } => Input::Begun { ticket, result: Err(fault) },
        Effect::Finish { .. } => Input::Finished { ticket, result: Err(fault) },
        Effect::Find { .. } => Input::Found { ticket, result: Err(fault) },
        Effect::Accept { .. } => Input::Accepted { ticket, result: Err(fault) },
        other => panic!("this does not fail so: {other:?}"),
    }
}
