//! Deliveries that have ended are made due again.

use super::deliveries::Changes;
use super::fault::meaning;
use super::list::number;
use super::manage;
use super::writer::Desk;
use crate::store::{Audit, DeliveryId, DeliveryState, Result, UnixMs};
use rusqlite::{Connection, OptionalExtension, params};

/// Replays those that still stand as they were found, and says how many.
pub(super) fn replay(
    desk: &mut Desk<'_>,
    found: &[(DeliveryId, DeliveryState)],
    audit: &Audit,
    now: UnixMs,
) -> Result<u64> {
    let replay = || -> rusqlite::Result<u64> {
        let mut changes = Changes::default();
        let mut count = 0;
        for (id, state) in found {
            if one(desk.connection, id.0, *state, now)? {
                changes.add(*state, -1);
                count += 1;
            }
        }
        changes.write(desk.connection)?;
        manage::write_down(desk.connection, audit, now)?;
        Ok(count)
    };
    replay().map_err(|error| meaning(&error))
}

/// Whether it still stood like this.
fn one(connection: &Connection, id: i64, state: DeliveryState, now: UnixMs) -> rusqlite::Result<bool> {
    let mut update = connection.prepare_cached(
        "UPDATE delivery SET state = 0, behind = 0, due_at = ?3, reason = NULL, replayed_after = attempts
         WHERE id = ?1 AND state = ?2 AND state <> 0 RETURNING webhook, queue",
    )?;
    let values = params![id, number(state), now];
    let found = update.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((webhook, queue)) = found else { return Ok(false) };
    if let Some(queue) = queue {
        fall_in(connection, id, webhook, queue)?;
    }
    Ok(true)
}

/// Of its queue the earlier one is the one that is not behind.
fn fall_in(connection: &Connection, id: i64, webhook: String, queue: String) -> rusqlite::Result<()> {
    let mut select = connection.prepare_cached(
        "SELECT id FROM delivery INDEXED BY delivery_queue WHERE state = 0 AND queue IS NOT NULL
         AND webhook = ?1 AND queue = ?2 AND behind = 0 AND id <> ?3",
    )?;
    let first: Option<i64> = select.query_row(params![webhook, queue, id], |row| row.get(0)).optional()?;
    if let Some(first) = first {
        let mut update = connection.prepare_cached("UPDATE delivery SET behind = 1 WHERE id = ?1")?;
        update.execute([first.max(id)])?;
    }
    Ok(())
}
