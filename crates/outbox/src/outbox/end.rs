//! What the end of a delivery means.

use super::Outbox;
use crate::effect::{Effect, Report, ReportState};
use cuehook_protocol::{Response, Standing, TransportFailure, backoff_ms, retry_hint_ms, standing};

/// No wait of our own choosing is longer, in milliseconds.
const CAP_MS: f64 = 300_000.0;
/// No receiver's hint counts for more, in milliseconds.
const HINT_CAP_MS: f64 = 900_000.0;

impl Outbox {
    pub(super) fn ended(&mut self, number: u32, outcome: Result<Response, TransportFailure>) {
        let Some(place) = self.underway.iter().position(|underway| underway.number == number) else { return };
        let underway = self.underway.swap_remove(place);
        let index = underway.receiver;
        let status = outcome.as_ref().ok().map(|response| response.status);
        let chance = self.chance.unit();
        let now = self.now.wall_ms;
        let Some(receiver) = self.receivers.get_mut(index) else { return };
        receiver.under_way -= 1;
        if standing(&outcome) == Standing::Delivered {
            receiver.failures = 0;
            receiver.until_ms = 0.0;
            let mut events = Vec::new();
            for row in underway.rows {
                events.push(row.id().to_owned());
                self.own.retain(|own| own.row.key != row.key);
                self.books.open.delete(row.key);
                self.delivered += 1.0;
            }
            let report = self.report(ReportState::Delivered, index, events);
            self.out.push(Effect::Report(Report { status, attempts: 1, ..report }));
            return;
        }
        receiver.failures += 1;
        let hint = outcome.as_ref().ok().and_then(retry_hint_ms).unwrap_or(0.0).min(HINT_CAP_MS);
        let wait = backoff_ms(receiver.failures, chance, CAP_MS).max(hint);
        receiver.until_ms = now + wait;
        let mut events = Vec::new();
        for mut row in underway.rows {
            row.attempts += 1.0;
            row.next_ms = now + wait;
            events.push(row.id().to_owned());
            self.books.open.put(row.key.clone(), row.value());
            self.wait(&row);
        }
        let report = self.report(ReportState::Retrying, index, events);
        self.out.push(Effect::Report(Report { status, next_ms: Some(wait), ..report }));
    }
}
