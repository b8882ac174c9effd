//! Deliveries: claimed in memory, settled on disk.

use super::fault::{meaning, odd};
use super::writer::Desk;
use crate::store::{Becomes, Claimed, Counts, DeliveryId, Fence, Result, Settled, Settlement, UnixMs};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What is asked for.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) limit: usize,
    /// Of one webhook.
    pub(super) each: usize,
    pub(super) without: HashSet<String>,
    pub(super) until: UnixMs,
}

pub(super) fn claim(desk: &mut Desk<'_>, wish: &Wish, now: UnixMs) -> Result<Vec<Claimed>> {
    let mut due: Vec<(UnixMs, DeliveryId, String)> = Vec::new();
    for (id, held) in desk.claims.iter() {
        if held.until <= now && !wish.without.contains(&held.webhook) {
            due.push((held.until, id, held.webhook.clone()));
        }
    }
    let most = wish.each.min(wish.limit);
    let mut free = || -> rusqlite::Result<()> {
        each_webhook(desk.connection, |webhook| {
            if !wish.without.contains(webhook) {
                let found = free_of(desk, webhook, now, most)?;
                due.extend(found.into_iter().map(|(due_at, id)| (due_at, id, webhook.to_owned())));
            }
            Ok(())
        })
    };
    free().map_err(|error| meaning(&error))?;
    due.sort_unstable();
    let mut of: HashMap<String, usize> = HashMap::new();
    due.retain(|(_, _, webhook)| {
        let count = of.entry(webhook.clone()).or_default();
        *count += 1;
        *count <= wish.each
    });
    due.truncate(wish.limit);
    let mut claimed = Vec::with_capacity(due.len());
    for (_, id, webhook) in due {
        let found = whole(desk.connection, id).map_err(|error| meaning(&error))?;
        let (event, kind, project, body, attempts, taken_at) = found.ok_or_else(|| odd("a delivery"))?;
        let fence = desk.claims.hold(id, webhook.clone(), wish.until);
        claimed.push(Claimed {
            id,
            fence,
            event,
            kind,
            project,
            body,
            webhook,
            attempts,
            replayed_after: None,
            taken_at,
        });
    }
    Ok(claimed)
}

/// Calls that with every webhook that something waits for. One look into the index for each, however much waits: a webhook with a
/// million of them does not slow the others.
fn each_webhook(
    connection: &Connection,
    mut call: impl FnMut(&str) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let first = "SELECT webhook FROM delivery WHERE state = 0 ORDER BY webhook LIMIT 1";
    let next = "SELECT webhook FROM delivery WHERE state = 0 AND webhook > ?1 ORDER BY webhook LIMIT 1";
    let mut first = connection.prepare_cached(first)?;
    let mut next = connection.prepare_cached(next)?;
    let mut webhook: Option<String> = first.query_row([], |row| row.get(0)).optional()?;
    while let Some(current) = webhook {
        call(&current)?;
        webhook = next.query_row([&current], |row| row.get(0)).optional()?;
    }
    Ok(())
}

/// The deliveries of a webhook that nobody holds, due until then, at most so many, those due for longest first.
fn free_of(
    desk: &Desk<'_>,
    webhook: &str,
    until: UnixMs,
    most: usize,
) -> rusqlite::Result<Vec<(UnixMs, DeliveryId)>> {
    let mut select = desk.connection.prepare_cached(
        "SELECT due_at, id FROM delivery WHERE state = 0 AND webhook = ?1 AND due_at <= ?2 ORDER BY due_at, id",
    )?;
    let mut rows = select.query(params![webhook, until])?;
    let mut found = Vec::new();
    // Those that are held are passed by: not more than somebody works on.
    while found.len() < most {
        let Some(row) = rows.next()? else { break };
        let id = DeliveryId(row.get(1)?);
        if desk.claims.get(id).is_none() {
            found.push((row.get(0)?, id));
        }
    }
    Ok(found)
}

/// Event, type, project, body, attempts, when it was taken.
type Whole = (Uuid, String, String, String, u32, UnixMs);

fn whole(connection: &Connection, id: DeliveryId) -> rusqlite::Result<Option<Whole>> {
    let mut select = connection.prepare_cached(
        "SELECT event.id, kind, project, body, attempts, taken_at FROM delivery JOIN event ON place = event
         WHERE delivery.id = ?1",
    )?;
    let whole = select.query_row([id.0], |row| {
        Ok((Uuid::from_bytes(row.get(0)?), row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
    });
    whole.optional()
}

pub(super) fn renew(desk: &mut Desk<'_>, held: &[(DeliveryId, Fence)], until: UnixMs) -> Vec<DeliveryId> {
    let renewed = held.iter().filter(|(id, fence)| desk.claims.renew(*id, *fence, until));
    renewed.map(|(id, _)| *id).collect()
}

/// Bytes of a settlement, about.
pub(super) fn size(settlement: &Settlement) -> usize {
    let fault = settlement.attempt.as_ref().map_or(0, |attempt| attempt.fault.len());
    let reason = match &settlement.becomes {
        Becomes::Dead(reason) | Becomes::Skipped(reason) => reason.len(),
        Becomes::Delivered | Becomes::Waiting(_) => 0,
    };
    fault + reason + 256
}

pub(super) fn settle(desk: &mut Desk<'_>, settlements: &[Settlement], now: UnixMs) -> Result<Vec<Settled>> {
    let mut settled = Vec::with_capacity(settlements.len());
    let mut changes = Changes::default();
    for settlement in settlements {
        if desk.claims.get(settlement.id).is_none_or(|held| held.fence != settlement.fence) {
            settled.push(Settled::Lost);
            continue;
        }
        desk.claims.release(settlement.id);
        let counted = one(desk.connection, settlement, now).map_err(|error| meaning(&error))?;
        if counted {
            changes.add(&settlement.becomes);
        }
        settled.push(if counted { Settled::Yes } else { Settled::Lost });
    }
    changes.write(desk.connection).map_err(|error| meaning(&error))?;
    Ok(settled)
}

/// Whether it still waited.
fn one(connection: &Connection, settlement: &Settlement, now: UnixMs) -> rusqlite::Result<bool> {
    let mut update = connection.prepare_cached(
        "UPDATE delivery SET state = ?2, due_at = ?3, attempts = attempts + ?4, reason = ?5, settled_at = ?6
         WHERE id = ?1 AND state = 0 RETURNING attempts",
    )?;
    let (state, due_at, reason) = match &settlement.becomes {
        Becomes::Waiting(due_at) => (0, *due_at, None),
        Becomes::Delivered => (1, now, None),
        Becomes::Dead(reason) => (2, now, Some(reason)),
        Becomes::Skipped(reason) => (3, now, Some(reason)),
    };
    let id = settlement.id.0;
    let values = params![id, state, due_at, settlement.attempt.is_some(), reason, now];
    let number: Option<u32> = update.query_row(values, |row| row.get(0)).optional()?;
    if let (Some(number), Some(attempt)) = (number, &settlement.attempt) {
        let mut log = connection.prepare_cached(
            "INSERT INTO attempt (delivery, number, at, took_ms, status, fault) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        log.execute(params![id, number, attempt.at, attempt.took_ms, attempt.status, attempt.fault])?;
    }
    Ok(number.is_some())
}

/// How the counts change.
#[derive(Default)]
struct Changes {
    delivered: i64,
    dead: i64,
    skipped: i64,
}

impl Changes {
    fn add(&mut self, becomes: &Becomes) {
        match becomes {
            Becomes::Waiting(_) => {}
            Becomes::Delivered => self.delivered += 1,
            Becomes::Dead(_) => self.dead += 1,
            Becomes::Skipped(_) => self.skipped += 1,
        }
    }

    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let all = self.delivered + self.dead + self.skipped;
        if all > 0 {
            let mut update = connection.prepare_cached(
                "UPDATE state SET delivered = delivered + ?1, dead = dead + ?2, skipped = skipped + ?3,
                 pending = pending - ?4",
            )?;
            update.execute([self.delivered, self.dead, self.skipped, all])?;
        }
        Ok(())
    }
}

pub(super) fn due(desk: &mut Desk<'_>, now: UnixMs) -> Result<Option<UnixMs>> {
    let run_out = desk.claims.iter().map(|(_, held)| held.until).filter(|until| *until <= now);
    let mut earliest = run_out.min();
    let free = each_webhook(desk.connection, |webhook| {
        let first = free_of(desk, webhook, i64::MAX, 1)?.first().map(|(due_at, _)| *due_at);
        earliest = [earliest, first].into_iter().flatten().min();
        Ok(())
    });
    free.map_err(|error| meaning(&error))?;
    Ok(earliest)
}

pub(super) fn counts(connection: &Connection) -> rusqlite::Result<Counts> {
    let mut select =
        connection.prepare_cached("SELECT events, accepted, delivered, pending, skipped, dead FROM state")?;
    select.query_row([], |row| {
        let count = |column| -> rusqlite::Result<u64> {
            let value: i64 = row.get(column)?;
            u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
        };
        Ok(Counts {
            events: count(0)?,
            accepted: count(1)?,
            delivered: count(2)?,
            pending: count(3)?,
            skipped: count(4)?,
            dead: count(5)?,
        })
    })
}

/// Writes something that changes nothing: whether it can be written to is known when it was.
pub(super) fn touch(desk: &mut Desk<'_>) -> Result<()> {
    // A value that stays as it is would not be written at all, and nothing be synced.
    let touch = || -> rusqlite::Result<()> {
        for change in ["UPDATE state SET epoch = epoch + 1", "UPDATE state SET epoch = epoch - 1"] {
            desk.connection.prepare_cached(change)?.execute([])?;
        }
        Ok(())
    };
    touch().map_err(|error| meaning(&error))
}
