//! Requests on their way.

use super::browser::{Browser, Flight, Life};
use super::host::Answer;
use crate::{Delivery, Input};
use cuehook_protocol::{Response, TransportFailure};

impl Browser {
    pub(super) fn send(&mut self, page: usize, delivery: Delivery) {
        let is_stored = |event: &super::host::Seen| {
            self.disk.keys().any(|key| key.starts_with("event/") && key.split('/').nth(2) == Some(&event.id))
        };
        // What is not stored is sent without lock, too, and tried once more without `keepalive`.
        let events = super::host::events(&delivery.body);
        let is_stored = events.iter().all(is_stored);
        for event in &events {
            self.seen.push(([&*delivery.url, " ", &event.id].concat(), (event.session.clone(), event.seq)));
        }
        let is_again = events.iter().any(|event| self.pages[page].unlocked.contains(&event.id));
        let is_left = self.pages[page].has_left || !is_stored || is_again;
        if is_left {
            self.pages[page].unlocked.extend(events.into_iter().map(|event| event.id));
        }
        self.check_send(page, &delivery, is_left);
        let due = self.now + self.latency(&delivery);
        self.flights.push(Flight { page, delivery, is_awaited: true, due, is_left });
    }

    fn latency(&mut self, delivery: &Delivery) -> f64 {
        let host = self.hosts.iter().find(|host| host.url == delivery.url);
        let is_slow = host.is_some_and(|host| host.is_slow);
        let is_silent = host.is_some_and(|host| host.script.front() == Some(&Answer::Silence));
        if is_slow || is_silent { delivery.timeout_ms } else { 5.0 + self.chance.unit() * self.latency_ms }
    }

    /// Two pages never send the same event at the same time, as long as the lock is respected.
    fn check_send(&self, page: usize, delivery: &Delivery, is_left: bool) {
        let mut events = super::host::events(&delivery.body);
        // A view that was taken for left has ended twice under one id.
        events.retain(|event| event.kind != "view.ended");
        for other in &self.flights {
            let theirs = &self.pages[other.page];
            let overlaps = other.delivery.url == delivery.url
                && other.page != page
                && other.is_awaited
                && theirs.life == Life::Running
                && !theirs.is_robbed
                && !other.is_left
                && !is_left
                && !self.pages[page].is_robbed;
            if overlaps {
                let both = super::host::events(&other.delivery.body);
                assert!(
                    !events.iter().any(|event| both.iter().any(|one| one.id == event.id)),
                    "pages {page} and {} send the same event",
                    other.page
                );
            }
        }
    }

    /// A request reaches its host, which answers.
    pub(super) fn arrive(&mut self, flight: &Flight, is_told: bool) -> Result<Response, TransportFailure> {
        let Some(place) = self.hosts.iter().position(|host| host.url == flight.delivery.url) else {
            return Err(TransportFailure::Network);
        };
        if !self.is_online {
            return Err(TransportFailure::Network);
        }
        let mut host = self.hosts.swap_remove(place);
        let outcome = host.answer(&flight.delivery, &mut self.chance, is_told);
        host.times.push(self.now);
        self.hosts.push(host);
        outcome
    }

    /// A request ends.
    pub(super) fn land(&mut self, place: usize) {
        let flight = self.flights.remove(place);
        let outcome = self.arrive(&flight, flight.is_awaited);
        let status = outcome.as_ref().map(|response| response.status);
        self.say(|| {
            format!("host: {status:?} to delivery {} of page {}", flight.delivery.number, flight.page)
        });
        if flight.is_awaited {
            self.input(flight.page, Input::Ended { delivery: flight.delivery.number, outcome });
        }
    }
}
