//! What the end of a delivery means.

use super::Outbox;
use super::receiver::{Mood, PROBE_AFTER};
use super::send::Underway;
use crate::effect::{Effect, Report, ReportState};
use crate::row::Row;
use cuehook_protocol::{
    Response, Standing, TransportFailure, Verdict, backoff_ms, retry_hint_ms, standing, verdict,
};

/// No wait of our own choosing is longer while the page can be seen, in milliseconds.
pub(super) const CAP_MS: f64 = 300_000.0;
/// And while it is hidden.
pub(super) const HIDDEN_CAP_MS: f64 = 900_000.0;
/// No receiver's hint counts for more, in milliseconds.
pub(super) const HINT_CAP_MS: f64 = 900_000.0;
/// How long to wait after the first refusal, and after the second; the third is the last.
pub(super) const REFUSED_MS: [f64; 2] = [60_000.0, 540_000.0];
/// How often a receiver that refuses us, or is blocked, is asked again, in milliseconds.
pub(super) const PROBE_MS: f64 = 600_000.0;
/// And for how long that goes on in one visit.
pub(super) const PROBED_MS: f64 = 86_400_000.0;
/// An event that was tried so often is given up.
pub(super) const MAX_ATTEMPTS: f64 = 200.0;
/// While the browser says that it is offline and nothing gets through, it is tried so often, in milliseconds.
pub(super) const OFFLINE_MS: f64 = 60_000.0;

impl Outbox {
    pub(super) fn ended(&mut self, number: u32, outcome: Result<Response, TransportFailure>) {
        let Some(place) = self.underway.iter().position(|underway| underway.number == number) else { return };
        let underway = self.underway.swap_remove(place);
        if let Some(receiver) = self.receivers.get_mut(underway.receiver) {
            receiver.under_way -= 1;
        }
        let standing = standing(&outcome);
        if underway.is_left && standing != Standing::Delivered {
            self.end_attempt(&underway);
            for row in &underway.rows {
                self.wait(row);
            }
            return;
        }
        if standing == Standing::Unreachable
            && underway.keepalive
            && outcome != Err(TransportFailure::Csp)
            && !self.is_left
        {
            // There may have been no room among the requests that go on when the page is left: browsers do not say so.
            if underway.is_memory || self.may_send() {
                self.begin(Underway { keepalive: false, ..underway });
                return;
            }
        }
        let is_relay = self.receivers.get(underway.receiver).is_some_and(|one| one.address.relay);
        if standing == Standing::Unauthorized && is_relay && !underway.is_renewed && !self.is_left {
            self.begin(Underway { is_renewed: true, ..underway });
            return;
        }
        self.end_attempt(&underway);
        match (standing, &outcome) {
            (Standing::Delivered, Ok(response)) => self.delivered(underway, response),
            (Standing::Delivered, _) => self.delivered(underway, &Response::default()),
            _ => self.failed(underway, standing, &outcome),
        }
    }

    /// A batch is not on its way any more.
    pub(super) fn end_attempt(&mut self, underway: &Underway) {
        if let Some(batch) =
            self.batches.iter_mut().find(|one| Some(&one.sealed.key) == underway.batch.as_ref())
        {
            batch.is_taken = false;
        }
    }

    fn delivered(&mut self, underway: Underway, response: &Response) {
        self.is_failing = false;
        self.has_succeeded = true;
        let hint = retry_hint_ms(response).unwrap_or(0.0).min(HINT_CAP_MS);
        let mut events = Vec::new();
        self.end_batch(&underway);
        for mut row in underway.rows {
            match verdict(response, row.id()) {
                Verdict::Taken => {
                    events.push(row.id().to_owned());
                    self.take_away(&row);
                    self.delivered += 1.0;
                }
                Verdict::Dropped => self.bury(row, underway.receiver, "drop"),
                Verdict::Again => {
                    row.attempts += 1.0;
                    if row.attempts >= MAX_ATTEMPTS {
                        self.bury(row, underway.receiver, "attempts");
                    } else {
                        row.next_ms = self.now.wall_ms + self.backoff(row.attempts).max(hint);
                        self.put_back(row);
                    }
                }
            }
        }
        if let Some(receiver) = self.receivers.get_mut(underway.receiver) {
            receiver.succeeded();
        }
        let report = self.report(ReportState::Delivered, Some(underway.receiver), events);
        let status = Some(response.status).filter(|status| *status > 0);
        self.out.push(Effect::Report(Report { status, ..report }));
    }

    fn backoff(&mut self, failures: f64) -> f64 {
        let cap = if self.is_visible { CAP_MS } else { HIDDEN_CAP_MS };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        backoff_ms(failures as u32, self.chance.unit(), cap)
    }

    fn failed(
        &mut self,
        underway: Underway,
        standing: Standing,
        outcome: &Result<Response, TransportFailure>,
    ) {
        let now = self.now.wall_ms;
        let index = underway.receiver;
        let response = outcome.as_ref().ok();
        let hint = response.and_then(retry_hint_ms).unwrap_or(0.0).min(HINT_CAP_MS);
        let is_network = standing == Standing::Unreachable;
        self.is_failing = is_network;
        if is_network && !self.is_online {
            self.not_before_ms = now + OFFLINE_MS;
        }
        let others_succeed = self.has_succeeded;
        let chance = self.chance.unit();
        let cap = if self.is_visible { CAP_MS } else { HIDDEN_CAP_MS };
        let Some(receiver) = self.receivers.get_mut(index) else { return };
        let mut state = ReportState::Retrying;
        let mut reason = None;
        match standing {
            Standing::Unauthorized => {
                let since = if let Mood::Paused(since) = receiver.mood { since } else { now };
                receiver.mood = Mood::Paused(since);
                receiver.until_ms = if now - since < PROBED_MS { now + PROBE_MS } else { f64::INFINITY };
                (state, reason) = (ReportState::Paused, Some("unauthorized"));
            }
            Standing::Gone => receiver.mood = Mood::Stopped,
            Standing::InProgress | Standing::TooLarge => receiver.network = 0,
            _ => {
                let is_blocked = receiver.failed(is_network, others_succeed && self.is_online);
                if is_blocked || *outcome == Err(TransportFailure::Csp) {
                    receiver.mood = Mood::Blocked;
                    receiver.until_ms = now + PROBE_MS;
                    let is_csp = *outcome == Err(TransportFailure::Csp);
                    (state, reason) = (ReportState::Paused, Some(if is_csp { "csp" } else { "blocked" }));
                } else if receiver.failures >= PROBE_AFTER {
                    receiver.until_ms = now + backoff_ms(receiver.failures, chance, cap).max(hint);
                } else if hint > 0.0 {
                    receiver.until_ms = now + hint;
                }
            }
        }
        self.give_up_or_wait(underway, standing, outcome, hint, state, reason);
    }

    /// What becomes of the events of a delivery that has failed.
    fn give_up_or_wait(
        &mut self,
        underway: Underway,
        standing: Standing,
        outcome: &Result<Response, TransportFailure>,
        hint: f64,
        state: ReportState,
        reason: Option<&'static str>,
    ) {
        let index = underway.receiver;
        let batch = self.batches.iter().find(|one| Some(&one.sealed.key) == underway.batch.as_ref());
        let (mut attempts, mut refusals) = match (batch, underway.rows.first()) {
            (Some(batch), _) => (batch.sealed.attempts, batch.sealed.refusals),
            (None, Some(row)) => (row.attempts, row.refusals),
            (None, None) => return,
        };
        attempts += 1.0;
        if standing == Standing::Refused {
            refusals += 1.0;
        }
        let is_batch = underway.batch.is_some();
        let dead = match standing {
            Standing::Gone => Some("gone"),
            Standing::TooLarge if !is_batch => Some("too-large"),
            Standing::Refused if refusals > 2.0 => Some("refused"),
            _ if attempts >= MAX_ATTEMPTS => Some("attempts"),
            _ => None,
        };
        if let Some(reason) = dead {
            self.end_batch(&underway);
            for mut row in underway.rows {
                row.attempts = attempts;
                self.bury(row, index, reason);
            }
            return;
        }
        if standing == Standing::TooLarge {
            self.split(underway);
            return;
        }
        let wait = match standing {
            Standing::Refused if refusals < 2.0 => REFUSED_MS[0],
            Standing::Refused => REFUSED_MS[1],
            // 1, 2, 4, 8, 16 s.
            Standing::InProgress if attempts <= 5.0 => backoff_ms(attempts as u32, 1.0, CAP_MS),
            Standing::Unauthorized => 0.0,
            _ => self.backoff(attempts),
        };
        let next_ms = self.now.wall_ms + wait.max(hint);
        let events = underway.rows.iter().map(|row| row.id().to_owned()).collect();
        if is_batch {
            if let Some(batch) =
                self.batches.iter_mut().find(|one| Some(&one.sealed.key) == underway.batch.as_ref())
            {
                batch.sealed.attempts = attempts;
                batch.sealed.refusals = refusals;
                batch.sealed.next_ms = next_ms;
                self.books.open.put(batch.sealed.key.clone(), batch.sealed.value());
            }
            for mut row in underway.rows {
                row.next_ms = next_ms;
                self.wait(&row);
            }
        } else {
            for mut row in underway.rows {
                (row.attempts, row.refusals, row.next_ms) = (attempts, refusals, next_ms);
                self.put_back(row);
            }
        }
        let until_ms = self.receivers.get(index).map_or(0.0, |receiver| receiver.until_ms);
        let next_ms = Some(next_ms.max(until_ms) - self.now.wall_ms).filter(|ms| ms.is_finite());
        let report = self.report(state, Some(index), events);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let attempts = attempts as u32;
        let status = outcome.as_ref().ok().map(|response| response.status);
        self.out.push(Effect::Report(Report { status, attempts, next_ms, reason, ..report }));
    }

    /// A row is tried again.
    fn put_back(&mut self, row: Row) {
        if let Some(own) = self.own.iter_mut().find(|own| own.row.key == row.key) {
            own.row = row.clone();
            if !own.is_stored && self.is_volatile() && self.books.failures == 0 {
                return self.wait(&row);
            }
        }
        self.books.open.put(row.key.clone(), row.value());
        self.wait(&row);
    }

    /// A batch is over, whatever becomes of its events.
    fn end_batch(&mut self, underway: &Underway) {
        if let Some(key) = &underway.batch {
            self.batches.retain(|one| one.sealed.key != *key);
            self.books.open.delete(key.clone());
        }
    }

    /// A batch is too large: its halves are sent, under ids of their own.
    fn split(&mut self, underway: Underway) {
        self.end_batch(&underway);
        let mut rows = underway.rows;
        let half = rows.len() / 2;
        if let Some(receiver) = self.receivers.get_mut(underway.receiver) {
            receiver.most_in_batch = half.max(1);
        }
        let second = rows.split_off(half);
        for half in [rows, second] {
            let left = if half.len() > 1 {
                self.seal(half, underway.receiver).err().unwrap_or_default()
            } else {
                half
            };
            self.queue.extend(left);
        }
    }
}
