//! One page of the origin sends at a time: it holds the lock. A page that was frozen with it does not renew its lease, and
//! the lock is taken from it. Where there are no locks, the lease is the lock.

use super::Outbox;
use super::send::AT_A_TIME;
use crate::effect::{Effect, Timer};
use crate::input::{Storage, WriteOutcome};
use crate::row::{LEASE, write_whole};

/// Milliseconds for which a page sends before it lets others.
pub(super) const FLUSH_MS: f64 = 30_000.0;
/// Milliseconds between two renewals of the lease.
const RENEW_MS: f64 = 5_000.0;
/// Who has not renewed it for so many milliseconds is frozen: it ran out after 15 s, 30 s ago.
pub(super) const STEAL_MS: f64 = 45_000.0;

/// Whether this page holds the lock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Hold {
    /// No.
    None,
    /// It was asked for; the lease has been what it is since then, on the monotonic clock.
    Asked(f64),
    /// The lease is being written, since then, on the monotonic clock.
    Claiming(f64),
    /// Since then, on the monotonic clock.
    Held(f64),
}

impl Outbox {
    /// Takes the lock if there is something to send.
    pub(super) fn flush(&mut self) {
        if self.hold != Hold::None {
            return;
        }
        if self.receivers.iter().any(|receiver| self.is_miscounted(receiver)) {
            self.scan.wants_all();
        }
        let now = self.now.wall_ms;
        let is_due = |one: &super::Receiver| one.due_ms() <= now && one.has_room(now);
        let is_wanted = self.storage == Some(Storage::Durable)
            && (self.scan.is_all() || (self.scan.is_wanted() && self.receivers.iter().any(is_due)));
        let may_send = now >= self.not_before_ms && !self.is_left && self.underway.len() < AT_A_TIME;
        if is_wanted && may_send {
            self.hold = Hold::Asked(self.now.clock_ms);
            if self.setup.locks {
                self.out.push(Effect::Lock { steal: false });
                self.start_lease_timer();
            } else {
                self.look_at_lease();
            }
        } else if !may_send || !self.is_memory_due() {
            self.flushed();
        }
    }

    /// Settles the promises of those who wait until nothing is left that can be sent now.
    pub(super) fn flushed(&mut self) {
        if self.underway.is_empty() {
            for ticket in std::mem::take(&mut self.flushes) {
                self.out.push(Effect::Settle { ticket, result: Ok(()) });
            }
        }
    }

    fn start_lease_timer(&mut self) {
        self.out.push(Effect::StartTimer { timer: Timer::Lease, after_ms: RENEW_MS });
    }

    pub(super) fn locked(&mut self) {
        if matches!(self.hold, Hold::Asked(_)) {
            self.hold();
        } else if !matches!(self.hold, Hold::Held(_)) {
            self.out.push(Effect::Unlock);
        }
    }

    fn hold(&mut self) {
        self.hold = Hold::Held(self.now.clock_ms);
        self.start_lease_timer();
        self.begin_scan();
    }

    /// Somebody else holds the lock now: what is under way is theirs to send.
    pub(super) fn lock_lost(&mut self) {
        if self.hold == Hold::None {
            return;
        }
        self.hold = Hold::None;
        self.books.lease = None;
        self.not_before_ms = self.now.wall_ms + RENEW_MS;
        self.out.push(Effect::StopTimer(Timer::Lease));
        self.drop_queue();
        let theirs = |one: &super::Underway| !one.is_memory && !one.is_left;
        while let Some(place) = self.underway.iter().position(theirs) {
            let underway = self.underway.swap_remove(place);
            self.out.push(Effect::Abort(underway.number));
            self.give_back(underway);
        }
        self.unseal();
    }

    /// The timer of the lease rang.
    pub(super) fn renew(&mut self) {
        match self.hold {
            Hold::Held(_) => {
                self.write_lease();
                self.start_lease_timer();
            }
            Hold::Asked(_) => self.look_at_lease(),
            _ => {}
        }
    }

    fn write_lease(&mut self) {
        let mut value = [&*self.first_session, " "].concat();
        write_whole(self.now.clock_ms, &mut value);
        self.books.lease = Some(Some(value));
    }

    fn look_at_lease(&mut self) {
        self.read(LEASE, String::new(), 1);
        self.start_lease_timer();
    }

    /// The lease as it is, while the lock is waited for.
    pub(super) fn found_lease(&mut self, lease: Option<String>) {
        let Hold::Asked(since) = self.hold else { return };
        let is_ours = |lease: &String| lease.split(' ').next() == Some(&self.first_session);
        let is_free = lease.as_ref().is_none_or(is_ours) && !self.setup.locks;
        let is_same = lease == self.books.seen_lease;
        self.books.seen_lease = lease;
        if is_free || (is_same && self.now.clock_ms - since >= STEAL_MS) {
            if self.setup.locks {
                self.hold = Hold::Asked(self.now.clock_ms);
                self.out.push(Effect::Lock { steal: true });
            } else {
                self.hold = Hold::Claiming(self.now.clock_ms);
                self.write_lease();
            }
        } else if !is_same {
            self.hold = Hold::Asked(self.now.clock_ms);
        }
    }

    /// The lease was written, or not.
    pub(super) fn leased(&mut self, lease: Option<String>, outcome: WriteOutcome) {
        match (outcome, self.hold) {
            (WriteOutcome::Done, hold) => {
                self.books.seen_lease = lease;
                if let Hold::Claiming(since) = hold {
                    if self.now.clock_ms - since < STEAL_MS {
                        self.hold();
                    } else {
                        // The page was frozen meanwhile, and others may have taken it.
                        self.hold = Hold::Asked(self.now.clock_ms);
                        self.look_at_lease();
                    }
                } else if hold == Hold::None && self.books.seen_lease.is_some() && !self.setup.locks {
                    // It is of no more use.
                    self.books.lease = Some(None);
                }
            }
            (_, Hold::Claiming(_)) => {
                self.hold = Hold::Asked(self.now.clock_ms);
                // It may have rung meanwhile.
                self.start_lease_timer();
            }
            (WriteOutcome::Conflict, _) => self.lock_lost(),
            _ => {}
        }
    }

    /// Whether new deliveries of what is stored may be begun.
    pub(super) fn may_send(&self) -> bool {
        let is_in_time = matches!(self.hold, Hold::Held(since) if self.now.clock_ms - since < FLUSH_MS);
        is_in_time && !self.is_left && self.now.wall_ms >= self.not_before_ms
    }

    /// Releases the lock when all is done that can be done now.
    pub(super) fn release(&mut self) {
        if !matches!(self.hold, Hold::Held(_)) {
            return;
        }
        if !self.may_send() {
            self.drop_queue();
            self.unseal();
        }
        let is_read = self.scan.is_over();
        let is_under_way = self.underway.iter().any(|one| !one.is_memory && !one.is_left);
        if is_read && self.queue.is_empty() && !is_under_way && self.books.are_closed() {
            self.let_go();
            // If its time was up and there is more, it asks again, behind the others.
            self.flush();
        }
    }

    /// Releases the lock, or asks for it no longer.
    pub(super) fn let_go(&mut self) {
        let hold = std::mem::replace(&mut self.hold, Hold::None);
        if hold == Hold::None {
            return;
        }
        self.out.push(Effect::StopTimer(Timer::Lease));
        if self.setup.locks {
            self.out.push(Effect::Unlock);
        } else if matches!(hold, Hold::Held(_)) {
            self.books.lease = Some(None);
        }
    }
}
