//! Deliveries: claimed in memory, settled on disk.

use super::fault::{meaning, odd};
use super::list::number;
use super::writer::Desk;
use crate::store::{
    Becomes, Claimed, Counts, DeliveryId, DeliveryState, Fence, Result, Settled, Settlement, UnixMs, excerpt,
};
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

/// How to go from one webhook to the next in an index.
pub(super) struct Jumps {
    pub(super) first: &'static str,
    pub(super) next: &'static str,
}

/// The webhooks that something waits for. Of those that wait for an earlier one this index knows nothing.
const WAITED_FOR: Jumps = Jumps {
    first: "SELECT webhook FROM delivery INDEXED BY delivery_due WHERE state = 0 AND behind = 0
        ORDER BY webhook LIMIT 1",
    next:
        "SELECT webhook FROM delivery INDEXED BY delivery_due WHERE state = 0 AND behind = 0 AND webhook > ?1
        ORDER BY webhook LIMIT 1",
};

pub(super) fn claim(desk: &mut Desk<'_>, wish: &Wish, now: UnixMs) -> Result<Vec<Claimed>> {
    let most = wish.each.min(wish.limit);
    let find = || -> rusqlite::Result<Vec<(UnixMs, DeliveryId, String)>> {
        let mut due = run_out(desk, now)?;
        due.retain(|(_, _, webhook)| !wish.without.contains(webhook));
        each_webhook(desk.connection, &WAITED_FOR, |webhook| {
            if !wish.without.contains(webhook) {
                let found = free_of(desk, webhook, now, most)?;
                due.extend(found.into_iter().map(|(due_at, id)| (due_at, id, webhook.to_owned())));
            }
            Ok(())
        })?;
        Ok(due)
    };
    let mut due = find().map_err(|error| meaning(&error))?;
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
        let Whole { event, kind, project, body, attempts, replayed_after, taken_at } =
            found.ok_or_else(|| odd("a delivery"))?;
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
            replayed_after,
            taken_at,
        });
    }
    Ok(claimed)
}

/// Those whose claim has run out, but for those that an earlier one has come before in the meantime.
fn run_out(desk: &Desk<'_>, now: UnixMs) -> rusqlite::Result<Vec<(UnixMs, DeliveryId, String)>> {
    let mut select = desk.connection.prepare_cached("SELECT behind FROM delivery WHERE id = ?1")?;
    let mut due = Vec::new();
    for (id, held) in desk.claims.iter().filter(|(_, held)| held.until <= now) {
        if !select.query_row([id.0], |row| row.get::<_, bool>(0))? {
            due.push((held.until, id, held.webhook.clone()));
        }
    }
    Ok(due)
}

/// Calls that with every webhook of an index. One look into it for each, however much there is: a webhook with a million deliveries
/// does not slow the others.
pub(super) fn each_webhook(
    connection: &Connection,
    jumps: &Jumps,
    mut call: impl FnMut(&str) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut first = connection.prepare_cached(jumps.first)?;
    let mut next = connection.prepare_cached(jumps.next)?;
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
        "SELECT due_at, id FROM delivery INDEXED BY delivery_due
         WHERE state = 0 AND behind = 0 AND webhook = ?1 AND due_at <= ?2 ORDER BY due_at, id",
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

/// What is needed to deliver.
struct Whole {
    event: Uuid,
    kind: String,
    project: String,
    body: String,
    attempts: u32,
    replayed_after: Option<u32>,
    taken_at: UnixMs,
}

fn whole(connection: &Connection, id: DeliveryId) -> rusqlite::Result<Option<Whole>> {
    let mut select = connection.prepare_cached(
        "SELECT event.id, kind, project, body, attempts, replayed_after, taken_at
         FROM delivery CROSS JOIN event ON place = event WHERE delivery.id = ?1",
    )?;
    let whole = select.query_row([id.0], |row| {
        Ok(Whole {
            event: Uuid::from_bytes(row.get(0)?),
            kind: row.get(1)?,
            project: row.get(2)?,
            body: row.get(3)?,
            attempts: row.get(4)?,
            replayed_after: row.get(5)?,
            taken_at: row.get(6)?,
        })
    });
    whole.optional()
}

pub(super) fn renew(desk: &mut Desk<'_>, held: &[(DeliveryId, Fence)], until: UnixMs) -> Vec<DeliveryId> {
    let renewed = held.iter().filter(|(id, fence)| desk.claims.renew(*id, *fence, until));
    renewed.map(|(id, _)| *id).collect()
}

/// Bytes of a settlement, about.
pub(super) fn size(settlement: &Settlement) -> usize {
    let attempt =
        settlement.attempt.as_ref().map_or(0, |attempt| attempt.fault.len() + attempt.response.len());
    let reason = match &settlement.becomes {
        Becomes::Dead(reason) | Becomes::Skipped(reason) => reason.len(),
        Becomes::Delivered | Becomes::Waiting(_) => 0,
    };
    attempt + reason + 256
}

pub(super) fn settle(desk: &mut Desk<'_>, settlements: &[Settlement], now: UnixMs) -> Result<Vec<Settled>> {
    let mut settled = Vec::with_capacity(settlements.len());
    let mut changes = Changes::default();
    for settlement in settlements {
        let held = desk.claims.get(settlement.id).filter(|held| held.fence == settlement.fence);
        let Some(webhook) = held.map(|held| held.webhook.clone()) else {
            settled.push(Settled::Lost);
            continue;
        };
        desk.claims.release(settlement.id);
        let counted = one(desk.connection, settlement, &webhook, now).map_err(|error| meaning(&error))?;
        if counted {
            changes.add(state(&settlement.becomes), 1);
        }
        settled.push(if counted { Settled::Yes } else { Settled::Lost });
    }
    changes.write(desk.connection).map_err(|error| meaning(&error))?;
    Ok(settled)
}

fn state(becomes: &Becomes) -> DeliveryState {
    match becomes {
        Becomes::Waiting(_) => DeliveryState::Pending,
        Becomes::Delivered => DeliveryState::Delivered,
        Becomes::Dead(_) => DeliveryState::Dead,
        Becomes::Skipped(_) => DeliveryState::Skipped,
    }
}

/// Whether it still waited.
fn one(
    connection: &Connection,
    settlement: &Settlement,
    webhook: &str,
    now: UnixMs,
) -> rusqlite::Result<bool> {
    let mut update = connection.prepare_cached(
        "UPDATE delivery SET state = ?2, due_at = ?3, attempts = attempts + ?4, reason = ?5, settled_at = ?6
         WHERE id = ?1 AND state = 0 RETURNING attempts, behind, queue",
    )?;
    let (due_at, reason) = match &settlement.becomes {
        Becomes::Waiting(due_at) => (*due_at, None),
        Becomes::Delivered => (now, None),
        Becomes::Dead(reason) | Becomes::Skipped(reason) => (now, Some(reason)),
    };
    let (id, state) = (settlement.id.0, state(&settlement.becomes));
    let values = params![id, number(state), due_at, settlement.attempt.is_some(), reason, now];
    let found = update.query_row(values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
    let Some((attempts, behind, queue)): Option<(u32, bool, Option<String>)> = found else {
        return Ok(false);
    };
    if let Some(attempt) = &settlement.attempt {
        let mut log = connection.prepare_cached(
            "INSERT INTO attempt (delivery, number, at, took_ms, status, fault, response)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let response = excerpt(&attempt.response);
        let (at, took_ms, status, fault) = (attempt.at, attempt.took_ms, attempt.status, &attempt.fault);
        log.execute(params![id, attempts, at, took_ms, status, fault, response])?;
    }
    if let Some(queue) = queue.filter(|_| !behind && state != DeliveryState::Pending) {
        let mut next = connection.prepare_cached(
            "UPDATE delivery SET behind = 0 WHERE id = (SELECT id FROM delivery INDEXED BY delivery_queue
             WHERE state = 0 AND queue IS NOT NULL AND webhook = ?1 AND queue = ?2 AND behind = 1
             ORDER BY id LIMIT 1)",
        )?;
        next.execute([webhook, &queue])?;
    }
    Ok(true)
}

/// How the counts of what has ended change; that of what waits changes the other way.
#[derive(Default)]
pub(super) struct Changes {
    delivered: i64,
    dead: i64,
    skipped: i64,
}

impl Changes {
    pub(super) fn add(&mut self, state: DeliveryState, by: i64) {
        match state {
            DeliveryState::Pending => {}
            DeliveryState::Delivered => self.delivered += by,
            DeliveryState::Dead => self.dead += by,
            DeliveryState::Skipped => self.skipped += by,
        }
    }

    pub(super) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        let changes = [self.delivered, self.dead, self.skipped, self.delivered + self.dead + self.skipped];
        if changes != [0; 4] {
            let mut update = connection.prepare_cached(
                "UPDATE state SET delivered = delivered + ?1, dead = dead + ?2, skipped = skipped + ?3,
                 pending = pending - ?4",
            )?;
            update.execute(changes)?;
        }
        Ok(())
    }
}

pub(super) fn due(desk: &mut Desk<'_>, now: UnixMs) -> Result<Option<UnixMs>> {
    let find = || -> rusqlite::Result<Option<UnixMs>> {
        let mut earliest = run_out(desk, now)?.into_iter().map(|(until, _, _)| until).min();
        each_webhook(desk.connection, &WAITED_FOR, |webhook| {
            let first = free_of(desk, webhook, i64::MAX, 1)?.first().map(|(due_at, _)| *due_at);
            earliest = [earliest, first].into_iter().flatten().min();
            Ok(())
        })?;
        Ok(earliest)
    };
    find().map_err(|error| meaning(&error))
}

/// When claims end; none for what nobody holds.
pub(super) fn held_until(desk: &Desk<'_>, ids: &[DeliveryId]) -> Vec<Option<UnixMs>> {
    ids.iter().map(|id| desk.claims.get(*id).map(|held| held.until)).collect()
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
