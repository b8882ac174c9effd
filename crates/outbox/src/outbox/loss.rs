//! What cannot be kept or is refused for good, and how the receiver is told: no event vanishes silently.

use super::Outbox;
use super::record::{MAX_BYTES, MAX_ROWS, RESERVED_BYTES};
use crate::effect::{Effect, Report, ReportState};
use crate::endpoint::Minted;
use crate::input::Storage;
use crate::row::{DEAD, Row, write_whole};
use cuehook_json::{View, write_string};
use cuehook_protocol::{EventType, Format};
use std::rc::Rc;

/// A report names at most so many events.
const MAX_NAMED: usize = 100;
/// So many events that were refused for good are kept, for 7 days, for whoever looks for them.
pub(super) const MAX_DEAD: usize = 200;
const MAX_DEAD_AGE_MS: f64 = 604_800_000.0;
/// So many events that cannot be stored are kept in memory.
const MAX_MEMORY: usize = 500;

/// Room that is to be made in what is stored.
#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) rows: f64,
    pub(super) bytes: f64,
}

impl Room {
    pub(super) fn is_needed(&self) -> bool {
        self.rows > 0.0 || self.bytes > 0.0
    }

    /// Whether a row has to go.
    pub(super) fn takes(&mut self, row: &Row) -> bool {
        let takes = self.is_needed() && !row.is_lead();
        if takes {
            self.rows -= 1.0;
            self.bytes -= row.size();
        }
        takes
    }
}

/// Events of one receiver and session that were lost, before it is told.
#[derive(Debug)]
pub(super) struct Loss {
    receiver: String,
    session: String,
    reason: &'static str,
    count: f64,
    seqs: Vec<f64>,
    video: String,
    view: String,
}

impl Outbox {
    /// What is stored may be too much.
    pub(super) fn look_for_room(&mut self) {
        if self.books.is_full {
            return;
        }
        let was_needed = self.room.is_needed();
        self.room = Room {
            rows: self.stored_rows - MAX_ROWS,
            bytes: self.stored_bytes - (MAX_BYTES - RESERVED_BYTES),
        };
        // If there was nothing that could go, there is nothing now.
        if self.room.is_needed() && !was_needed {
            self.scan.wants_all();
        } else {
            self.room = Room::default();
        }
    }

    /// Stored rows have to go, to make room.
    pub(super) fn lose_for_room(&mut self, rows: Vec<Row>) {
        if rows.is_empty() {
            return;
        }
        self.lose(rows, "full");
    }

    /// Events that cannot be stored fill the memory.
    pub(super) fn bound_memory(&mut self) {
        while self.own.iter().filter(|own| !own.is_stored).count() > MAX_MEMORY {
            let of_class = |sign: u8| {
                self.own.iter().position(|own| {
                    let is_taken =
                        self.underway.iter().any(|one| one.rows.iter().any(|row| row.key == own.row.key));
                    !own.is_stored && !is_taken && own.row.class() == sign
                })
            };
            let Some(place) = of_class(b'2').or_else(|| of_class(b'1')) else { return };
            let own = self.own.remove(place);
            self.lose(vec![own.row], "storage");
        }
    }

    /// Events are lost: their rows go, and the receiver is told in the same transaction.
    pub(super) fn lose(&mut self, rows: Vec<Row>, reason: &'static str) {
        for row in rows {
            self.take_away(&row);
            self.lost += 1.0;
            self.note_loss(&row, reason);
            let receiver = self.receiver_place(row.receiver());
            let report = self.report(ReportState::Lost, receiver, vec![row.id().to_owned()]);
            self.out.push(Effect::Report(Report { reason: Some(reason), ..report }));
        }
    }

    /// A row is not waiting any more.
    pub(super) fn take_away(&mut self, row: &Row) {
        if let Some(receiver) = self.receivers.iter_mut().find(|one| one.key == row.receiver()) {
            receiver.waiting = (receiver.waiting - 1.0).max(0.0);
        }
        self.uncount(row);
        self.own.retain(|own| own.row.key != row.key);
        self.stored_rows -= 1.0;
        self.stored_bytes -= row.size();
        self.books.open.delete(row.key.clone());
        self.is_later_due = true;
    }

    fn note_loss(&mut self, row: &Row, reason: &'static str) {
        let Some(receiver) = self.receivers.iter().find(|one| one.key == row.receiver()) else { return };
        let can_tell = matches!(receiver.address.format, Format::Cuehook | Format::CloudEvents);
        if !can_tell || receiver.is_stopped() || row.kind == EventType::EventsLost.as_str() {
            return;
        }
        let is_same = |one: &&mut Loss| {
            one.receiver == row.receiver() && one.session == row.session && one.reason == reason
        };
        if let Some(loss) = self.losses.iter_mut().find(is_same) {
            loss.count += 1.0;
            if loss.seqs.len() < MAX_NAMED {
                loss.seqs.push(row.seq);
            }
            return;
        }
        let data = View::of(&row.body).and_then(|body| body.get("data"));
        let member = |key: &str| data.and_then(|data| data.get(key)).map_or("{}", View::text).to_owned();
        self.losses.push(Loss {
            receiver: row.receiver().to_owned(),
            session: row.session.clone(),
            reason,
            count: 1.0,
            seqs: vec![row.seq],
            video: member("video"),
            view: member("view"),
        });
    }

    /// Makes events of what was lost.
    pub(super) fn tell_losses(&mut self) {
        let is_stored = self.storage == Some(Storage::Durable) && self.books.failures == 0;
        for loss in std::mem::take(&mut self.losses) {
            let is_told = |own: &super::Own| {
                own.row.kind == EventType::EventsLost.as_str() && own.row.receiver() == loss.receiver
            };
            // In memory one such event is enough: the next one follows when it has gone.
            if !is_stored && self.own.iter().any(is_told) {
                self.losses.push(loss);
                continue;
            }
            let Some(receiver) = self.receivers.iter().find(|one| one.key == loss.receiver) else { continue };
            let endpoint = receiver.endpoint(EventType::EventsLost, None);
            let mut more = String::from(",\"lost\":{\"session\":");
            write_string(&loss.session, &mut more);
            more.push_str(",\"count\":");
            write_whole(loss.count, &mut more);
            more.push_str(",\"seqs\":");
            for (place, seq) in loss.seqs.iter().enumerate() {
                more.push(if place > 0 { ',' } else { '[' });
                write_whole(*seq, &mut more);
            }
            more.push_str("],\"reason\":");
            write_string(loss.reason, &mut more);
            more.push('}');
            let event = Minted {
                kind: EventType::EventsLost.as_str().to_owned(),
                id: self.chance.uuid(self.now.wall_ms),
                at_ms: self.now.wall_ms,
                video: loss.video,
                view: loss.view,
                viewer: None,
                more,
                private: None,
                kept_view: None,
            };
            self.record(event, Rc::new(vec![endpoint]), None);
        }
    }

    /// A receiver refuses an event for good: it is kept apart.
    pub(super) fn bury(&mut self, row: Row, receiver: usize, reason: &'static str) {
        self.take_away(&row);
        self.dead += 1.0;
        let key = [DEAD, row.key.splitn(3, '/').nth(2).unwrap_or_default()].concat();
        let mut value = row.value();
        value.push('\n');
        value.push_str(reason);
        self.books.open.put(key.clone(), value);
        self.dead_keys.push(key);
        self.bound_dead();
        // One who does not want an event, or is gone, needs not be told.
        if !matches!(reason, "drop" | "gone") {
            self.note_loss(&row, "refused");
        }
        let report = self.report(ReportState::Dead, Some(receiver), vec![row.id().to_owned()]);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let attempts = row.attempts as u32;
        self.out.push(Effect::Report(Report { reason: Some(reason), attempts, ..report }));
    }

    fn bound_dead(&mut self) {
        while self.dead_keys.len() > MAX_DEAD {
            let key = self.dead_keys.remove(0);
            self.books.open.delete(key);
        }
    }

    /// What is dead already.
    pub(super) fn found_dead(&mut self, rows: Vec<(String, String)>) {
        for (key, value) in rows {
            let age = Row::read(String::from("event/1/a/b"), &value).map(|row| self.now.wall_ms - row.at_ms);
            if age.is_some_and(|age| age > MAX_DEAD_AGE_MS) {
                self.books.open.delete(key);
            } else {
                self.dead_keys.push(key);
            }
        }
        self.bound_dead();
    }
}
