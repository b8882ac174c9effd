//! The page is left, or may be: what waits is sent while there is time, and given to `fetchLater`.

use super::Outbox;
use super::end::OFFLINE_MS;
use super::send::TIMEOUT_MS;
use crate::effect::{Delivery, Effect, Timer, Token};
use crate::input::Storage;
use crate::row::Row;

/// `fetchLater` takes so many bytes for a page.
pub(super) const LATER_BYTES: usize = 56 * 1024;
/// And is told so often, in milliseconds.
const LATER_MS: f64 = 1_000.0;
/// Pages that come back at the same time do not send at the same time, in milliseconds.
const JITTER_MS: f64 = 2_000.0;

impl Outbox {
    /// The page is being left: this may be the last that is done.
    pub(super) fn left(&mut self) {
        if self.is_left {
            return;
        }
        self.begin_without_store();
        self.drop_queue();
        self.unseal();
        self.let_go();
        self.is_left = true;
        for underway in &mut self.underway {
            underway.is_left = true;
        }
        let mut is_unstored = false;
        let all: Vec<Row> = self.own.iter().map(|own| own.row.clone()).collect();
        for is_lead in [true, false] {
            for row in all.iter().filter(|row| row.is_lead() == is_lead) {
                is_unstored |= self.send_while_leaving(row);
            }
        }
        self.write_open();
        if is_unstored {
            self.leave_session();
        }
        self.arm_later();
    }

    /// Sends a row of this page. Says whether its number is not stored, and would be given again after a reload. The end of a
    /// view would get the same one: it is known by its record.
    fn send_while_leaving(&mut self, row: &Row) -> bool {
        let is_taken = self.underway.iter().any(|one| one.rows.iter().any(|known| known.key == row.key));
        let is_sealed = self.batches.iter().any(|batch| batch.sealed.holds(&row.key));
        let Some(index) = self.receiver_place(row.receiver()) else { return false };
        let Some(receiver) = self.receivers.get(index) else { return false };
        let is_open = receiver.is_allowed && receiver.mood == super::receiver::Mood::Open;
        if is_taken
            || is_sealed
            || !is_open
            || self.books.deletes(&row.key)
            || !self.is_carried(row.body.len())
        {
            return false;
        }
        let is_stored = self.own.iter().any(|own| own.row.key == row.key && own.is_stored);
        self.send_row(row.clone(), index, !is_stored, true);
        !is_stored && row.kind != "view.ended"
    }

    /// The page is there again: from the back/forward cache, or it was only hidden after all.
    pub(super) fn back(&mut self) {
        self.is_left = false;
        // Nothing is heard any more of what was under way.
        for underway in std::mem::take(&mut self.underway) {
            self.out.push(Effect::Abort(underway.number));
            self.give_back(underway);
        }
        self.wake();
    }

    /// Something may be possible again that was not: after a moment of one's own.
    pub(super) fn wake(&mut self) {
        self.scan.wants_all();
        self.not_before_ms = self.now.wall_ms + self.chance.unit() * JITTER_MS;
    }

    pub(super) fn online(&mut self, is_online: bool) {
        self.is_online = is_online;
        if is_online {
            self.wake();
            for receiver in self.receivers.iter_mut().filter(|one| one.network > 0) {
                receiver.not_later(self.not_before_ms);
            }
        } else if self.is_failing {
            self.not_before_ms = self.now.wall_ms + OFFLINE_MS;
        }
    }

    pub(super) fn visible(&mut self, is_visible: bool) {
        self.is_visible = is_visible;
        if is_visible {
            if self.is_left {
                self.back();
            } else {
                self.wake();
            }
        } else {
            // It may be the last that is heard of the page.
            self.hurry();
        }
    }

    /// What waits for company waits no longer.
    pub(super) fn hurry(&mut self) {
        let now = self.now.wall_ms;
        for own in &mut self.own {
            if !own.is_stored && own.row.attempts < 1.0 {
                own.row.next_ms = own.row.next_ms.min(now);
            }
        }
        for receiver in &mut self.receivers {
            receiver.hurry(now);
        }
    }

    /// Tells `fetchLater` what waits, once a second at most.
    pub(super) fn mirror(&mut self) {
        if self.is_later_due && self.setup.fetch_later && !self.is_later_timed {
            let since = self.now.clock_ms - self.later_ms;
            if since >= LATER_MS {
                self.arm_later();
            } else {
                self.is_later_timed = true;
                self.out.push(Effect::StartTimer { timer: Timer::Later, after_ms: LATER_MS - since });
            }
        }
    }

    pub(super) fn arm_later(&mut self) {
        self.is_later_due = false;
        self.is_later_timed = false;
        if !self.setup.fetch_later {
            return;
        }
        self.later_ms = self.now.clock_ms;
        let mut size = 0;
        let mut all = Vec::new();
        let mut keys = Vec::new();
        // After a crash the number of what is not stored is given once more.
        let is_volatile = self.storage == Some(Storage::Volatile);
        for is_lead in [true, false] {
            let is_of_kind =
                |own: &&super::Own| own.row.is_lead() == is_lead && (own.is_stored || is_volatile);
            for row in self.own.iter().filter(is_of_kind).map(|own| &own.row) {
                let Some(index) = self.receiver_place(row.receiver()) else { continue };
                let Some(receiver) = self.receivers.get(index) else { continue };
                let is_possible = receiver.is_allowed
                    && !receiver.is_stopped()
                    && (receiver.address.simple || receiver.address.relay || receiver.is_at_home);
                if is_possible
                    && size + row.body.len() <= LATER_BYTES
                    && !self.batches.iter().any(|batch| batch.sealed.holds(&row.key))
                    && let Some((url, headers)) = self.head(index, row.id(), false, true)
                {
                    size += row.body.len();
                    keys.push(row.key.clone());
                    let body = row.body.clone();
                    let token = if receiver.address.relay { Token::Known } else { Token::None };
                    all.push(Delivery {
                        number: 0,
                        url,
                        headers,
                        body,
                        token,
                        keepalive: true,
                        timeout_ms: TIMEOUT_MS,
                    });
                }
            }
        }
        if keys != self.later_keys {
            self.later_keys = keys;
            self.out.push(Effect::Later(all));
        }
    }

    /// Before the page is left nothing is known of the store.
    fn begin_without_store(&mut self) {
        if self.storage.is_none() {
            self.storage = Some(Storage::Volatile);
        }
        if !self.is_ready {
            self.is_ready = true;
            if self.setup.is_resumed {
                self.begin_session();
            }
            self.take_early();
        }
    }
}
