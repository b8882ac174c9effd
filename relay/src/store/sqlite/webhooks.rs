//! Settings of webhooks.

use super::fault::meaning;
use super::health;
use super::writer::Desk;
use crate::store::{Result, StoredWebhook, UnixMs};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(super) fn list(connection: &Connection) -> rusqlite::Result<Vec<StoredWebhook>> {
    let mut select =
        connection.prepare_cached("SELECT id, settings, sealed, updated_at FROM webhook ORDER BY id")?;
    select.query_map([], stored)?.collect()
}

pub(super) fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<StoredWebhook>> {
    let mut select =
        connection.prepare_cached("SELECT id, settings, sealed, updated_at FROM webhook WHERE id = ?1")?;
    select.query_row([id], stored).optional()
}

fn stored(row: &Row<'_>) -> rusqlite::Result<StoredWebhook> {
    let [id, settings] = [row.get(0)?, row.get(1)?];
    Ok(StoredWebhook { id, settings, sealed: row.get(2)?, updated_at: row.get(3)? })
}

/// Bytes of settings, about.
pub(super) fn size(webhook: &StoredWebhook) -> usize {
    webhook.id.len() + webhook.settings.len() + webhook.sealed.len() + 256
}

/// Bytes of what is sealed anew, about.
pub(super) fn sealed_size((id, was, becomes): &(String, Vec<u8>, Vec<u8>)) -> usize {
    id.len() + was.len() + becomes.len() + 256
}

pub(super) fn put(desk: &mut Desk<'_>, put: &[StoredWebhook], removed: &[String], now: UnixMs) -> Result<()> {
    let write = || -> rusqlite::Result<()> {
        removed.iter().try_for_each(|id| remove(desk.connection, id))?;
        put.iter().try_for_each(|webhook| replace(desk.connection, webhook, now))
    };
    write().map_err(|error| meaning(&error))
}

pub(super) fn replace(connection: &Connection, webhook: &StoredWebhook, now: UnixMs) -> rusqlite::Result<()> {
    let mut replace = connection.prepare_cached(
        "INSERT OR REPLACE INTO webhook (id, settings, sealed, updated_at) VALUES (?1, ?2, ?3, ?4)",
    )?;
    replace.execute(params![webhook.id, webhook.settings, webhook.sealed, now])?;
    Ok(())
}

/// With what is known of how it is doing. Its deliveries stay.
pub(super) fn remove(connection: &Connection, id: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM webhook WHERE id = ?1")?.execute([id])?;
    health::forget(connection, id)
}

/// Whether all still were what they are said to have been; otherwise nothing has changed.
pub(super) fn reseal(desk: &mut Desk<'_>, sealed: &[(String, Vec<u8>, Vec<u8>)]) -> Result<bool> {
    let change = || -> rusqlite::Result<bool> {
        let mut select = desk.connection.prepare_cached("SELECT sealed FROM webhook WHERE id = ?1")?;
        for (id, was, _) in sealed {
            let is: Option<Vec<u8>> = select.query_row([id], |row| row.get(0)).optional()?;
            if is.as_ref() != Some(was) {
                return Ok(false);
            }
        }
        let mut update = desk.connection.prepare_cached("UPDATE webhook SET sealed = ?2 WHERE id = ?1")?;
        for (id, _, becomes) in sealed {
            update.execute(params![id, becomes])?;
        }
        Ok(true)
    };
    change().map_err(|error| meaning(&error))
}
